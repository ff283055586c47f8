"""The language in which words are chosen: messages of a gettext catalogue, numbers and dates by CLDR.

The language of the moment is context, as it is for gettext: English, that of the source, unless `speaking` says
otherwise. A message that a catalogue lacks is told in English. Placeholders are named: `%(count)s checks`.
"""

from __future__ import annotations

import gettext as catalogues
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from babel import Locale, localedata
from babel.dates import format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup, escape

MINUS = "\u2212"


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A language by its tag (`en`, `pt-BR`), with CLDR's data and the messages of its catalogue."""

    tag: str
    locale: Locale
    messages: catalogues.NullTranslations = field(default_factory=catalogues.NullTranslations)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction

    @property
    def name(self) -> str:
        """What the language calls itself, as a line of its own begins: `Deutsch`, `Français`."""
        name = self.locale.get_display_name() or self.tag
        return name[:1].upper() + name[1:]


ENGLISH = Language("en", Locale("en"))
# Where CLDR keeps the names behind a part of a date's pattern, and what is written where a locale has none of its own.
NAMES: Mapping[str, tuple[str, ...]] = {
    "LLLL": ("months", "stand-alone", "wide"),
    "LLL": ("months", "stand-alone", "abbreviated"),
    "MMM": ("months", "format", "abbreviated"),
    "EEE": ("days", "format", "abbreviated"),
}
OTHERWISE = {"LLLL": "MMMM", "LLL": "MMM", "MMM": "MMMM", "EEE": "EEEE"}
_SPOKEN: ContextVar[Language] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Every word within is chosen in the language."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """The language of the moment."""
    return _SPOKEN.get()


@dataclass(frozen=True, slots=True)
class Later:
    """Words that are chosen when they are printed, in the language of that moment."""

    words: Callable[..., str]
    arguments: tuple[object, ...]

    def __str__(self) -> str:
        return self.words(*self.arguments)

    def __repr__(self) -> str:
        # without the address of the function: equal reports read alike in every process
        return f"later({self.words.__name__}, {self.arguments!r})"


Text = str | Later


def later(words: Callable[..., str], *arguments: object) -> Later:
    """What `words(*arguments)` will say in whatever language it is printed in."""
    return Later(words, arguments)


# --- messages ------------------------------------------------------------------------------------


def gettext(message: str, /, **names: object) -> str:
    """The message in the language of the moment, its placeholders filled."""
    return _filled(spoken().messages.gettext(message), names)


def ngettext(one: str, many: str, count: int, /, **names: object) -> str:
    """The form of the message that goes with `count`, which is also a placeholder."""
    return _filled(spoken().messages.ngettext(one, many, count), {"count": count, **names})


def pgettext(context: str, message: str, /, **names: object) -> str:
    """The message in one of its senses."""
    return _filled(spoken().messages.pgettext(context, message), names)


def markup(message: str, /, **names: object) -> Markup:
    """The message as HTML: what fills its placeholders is escaped unless it is markup, and so is the message."""
    return _marked(str(escape(spoken().messages.gettext(message))), names)


def nmarkup(one: str, many: str, count: int, /, **names: object) -> Markup:
    """The form of the message that goes with `count`, as HTML."""
    return _marked(str(escape(spoken().messages.ngettext(one, many, count))), {"count": count, **names})


def markup_functions() -> dict[str, Callable[..., Markup]]:
    """What a template calls, by name; the message itself is HTML there."""

    def plain(message: str, /, **names: object) -> Markup:
        return _marked(spoken().messages.gettext(message), names)

    def counted(one: str, many: str, count: int, /, **names: object) -> Markup:
        return _marked(spoken().messages.ngettext(one, many, count), {"count": count, **names})

    def within(context: str, message: str, /, **names: object) -> Markup:
        return _marked(spoken().messages.pgettext(context, message), names)

    return {"_": plain, "gettext": plain, "ngettext": counted, "pgettext": within}


def _marked(html: str, names: dict[str, object]) -> Markup:
    """The message, HTML of ours or escaped, with what fills its placeholders escaped unless it is markup."""
    return Markup(html % {name: escape(value) for name, value in _told(names).items()})  # noqa: S704 - see above


def _filled(message: str, names: dict[str, object]) -> str:
    return message % _told(names)


def _told(names: dict[str, object]) -> dict[str, object]:
    """Whole numbers as the language writes them, everything else as it is."""
    return {name: number(value) if isinstance(value, int) else value for name, value in names.items()}


# --- numbers and dates ---------------------------------------------------------------------------


def number(exact: int | str) -> str:
    """Exact digits as the language groups and parts them: `43200.5` is `43.200,5` in German; nothing is rounded."""
    digits = str(exact)
    if digits.isdecimal() and len(digits) < 4:
        return digits
    return _number(digits, spoken().locale)


def day(day: date, pattern: str) -> str:
    """The day in a CLDR pattern that comes from the catalogue: `d MMM`, `LLLL y`."""
    return _day(day, pattern, spoken().locale)


@lru_cache(maxsize=10_000)
def _number(digits: str, locale: Locale) -> str:
    whole, dot, rest = digits.removeprefix("-").partition(".")
    symbols = locale.number_symbols["latn"]
    sign = symbols["minusSign"].replace("-", MINUS) if digits.startswith("-") else ""
    decimal = symbols["decimal"] if dot else ""
    return f"{sign}{format_decimal(int(whole), locale=locale)}{decimal}{rest}"


@lru_cache(maxsize=10_000)
def _day(day: date, pattern: str, locale: Locale) -> str:
    return format_datetime(day, _known(pattern, locale), locale=locale)


@lru_cache
def _known(pattern: str, locale: Locale) -> str:
    """The pattern with names that the locale has itself.

    Where it calls a month the same in a date and alone, CLDR has an alias, which Babel follows into the data of
    whatever locale was used before.
    """
    own = [_own(name) for name in dict.fromkeys((str(locale), locale.language))]

    def known(token: str) -> str:
        while token in NAMES and not any(_has(data, NAMES[token]) for data in own):
            token = OTHERWISE[token]
        return token

    return re.sub("[LME]{3,}", lambda found: known(found[0]), pattern)


@lru_cache
def _own(name: str) -> Mapping[str, Any]:
    """What CLDR has of a locale beside what it inherits; `localedata.load` would keep that as if it were everything."""
    return cast("Mapping[str, Any]", pickle.loads(Path(localedata.resolve_locale_filename(name)).read_bytes()))  # noqa: S301 - a file of Babel


def _has(data: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    return not path or (path[0] in data and _has(data[path[0]], path[1:]))
