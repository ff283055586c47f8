"""Translations: `<language>.po` files of the package and of a fork's overrides -> languages that pages can speak.

A fork's catalogue of the same name holds only what it words otherwise; one of another name adds a language. What
no catalogue translates stays English.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from statusledger.errors import OutputError
from statusledger.language import Language

SOURCE = "en"


def load(tags: Iterable[str], folders: Sequence[Path]) -> tuple[Language, ...]:
    """The languages of these tags; folders that come first win.

    OutputError tells of all that is wrong: no such language, no catalogue, or a catalogue that cannot be used.
    """
    problems: list[str] = []
    found = [language for tag in tags if (language := _language(tag, folders, problems)) is not None]
    if problems:
        raise OutputError("\n".join(problems))
    return tuple(found)


def _language(tag: str, folders: Sequence[Path], problems: list[str]) -> Language | None:
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        problems.append(f"page.languages: {tag} is not a language of CLDR; write e.g. de or pt-BR")
        return None
    names = dict.fromkeys((tag, tag.partition("-")[0]))
    paths = [path for name in names for folder in folders if (path := folder / f"{name}.po").is_file()]
    if not paths and SOURCE not in names:
        known = sorted({SOURCE, *(path.stem for folder in folders for path in folder.glob("*.po"))})
        problems.append(
            f"page.languages: there is no translation to {tag} (there is {', '.join(known)}); choose one of them, or "
            f"write site_src/overrides/translations/{tag}.po (docs/languages.md says how)"
        )
        return None
    messages = NullTranslations()
    for path in reversed(paths):
        compiled = _compiled(path, locale, problems)
        compiled.add_fallback(messages)
        messages = compiled
    return Language(tag, locale, messages)


def _compiled(path: Path, locale: Locale, problems: list[str]) -> NullTranslations:
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=locale, abort_invalid=True)
    except PoFileError as error:
        problems.append(f"{path}:{(error.lineno or 0) + 1}: {error}; mend the catalogue")
        return NullTranslations()
    except UnicodeDecodeError as error:
        problems.append(f"{path}: {error}; save it as UTF-8")
        return NullTranslations()
    problems += _faults(path, catalogue)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _faults(path: Path, catalogue: Catalog) -> list[str]:
    """What would break a page: placeholders that the message does not have, forms of a plural that are missing."""
    faults = [(message, str(error)) for message, errors in catalogue.check() for error in errors]
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple | list) else ()
        missing = sum(not form for form in forms)
        if 0 < missing < len(forms):
            faults.append((message, f"{missing} of {catalogue.num_plurals} plural forms are missing"))
    return [f"{path}:{message.lineno}: {error}; mend the translation of {message.id!r}" for message, error in faults]
