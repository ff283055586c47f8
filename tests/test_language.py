"""Figures and dates in the way of each language, and words that are chosen when they are printed."""

from __future__ import annotations

from datetime import date

import pytest
from babel import Locale
from markupsafe import Markup

from statusledger.language import ENGLISH, Language, day, gettext, later, markup, ngettext, number, speaking


def speaker(tag: str) -> Language:
    """A language without a catalogue: English words, figures and names of its own."""
    return Language(tag, Locale.parse(tag, sep="-"))


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", ["999", "5,760", "99.982", "\u221243,200.123"]),
        ("de", ["999", "5.760", "99,982", "\u221243.200,123"]),
        ("fr", ["999", "5\u202f760", "99,982", "\u221243\u202f200,123"]),
        ("pt-BR", ["999", "5.760", "99,982", "\u221243.200,123"]),
        ("ja", ["999", "5,760", "99.982", "\u221243,200.123"]),
        ("ru", ["999", "5\u00a0760", "99,982", "\u221243\u00a0200,123"]),
        ("ar", ["999", "5,760", "99.982", "\u200e\u221243,200.123"]),
    ],
)
def test_digits_stay_exact_whatever_parts_them(tag: str, expected: list[str]) -> None:
    """Only the signs between the digits differ, and the minus sign is a real one."""
    with speaking(speaker(tag)):
        assert [number(999), number(5760), number("99.982"), number("-43200.123")] == expected


def test_digits_beyond_a_float_are_kept() -> None:
    """What has more digits than a float could hold loses none."""
    with speaking(speaker("de")):
        assert number("12345678901234567890.123") == "12.345.678.901.234.567.890,123"


ORDERS = (("ja", "ar", "de", "ru"), ("ru", "de", "ar", "ja"))


@pytest.mark.parametrize("tags", ORDERS, ids=["ja first", "ru first"])
def test_names_of_months_do_not_depend_on_who_spoke_before(tags: tuple[str, ...]) -> None:
    """CLDR's aliases are not followed into another locale."""
    told = {}
    for tag in tags:
        with speaking(speaker(tag)):
            told[tag] = [day(date(2026, 9, 2), pattern) for pattern in ("LLL", "LLLL y", "EEE d MMM")]

    assert told == {
        "ar": ["سبتمبر", "سبتمبر 2026", "الأربعاء 2 سبتمبر"],
        "de": ["Sep", "September 2026", "Mi. 2 Sept."],
        "ja": ["9月", "9月 2026", "水 2 9月"],
        "ru": ["сент.", "сентябрь 2026", "ср 2 сент."],  # noqa: RUF001 - Cyrillic
    }


def test_words_for_later_are_chosen_when_they_are_printed() -> None:
    """A report is made once and printed in every language."""
    count = later(number, 5760)

    with speaking(speaker("de")):
        german = f"{count}"
    assert (str(count), german) == ("5,760", "5.760")


def test_placeholders_are_named_and_whole_numbers_grouped() -> None:
    """What a message does not translate is told in English."""
    with speaking(ENGLISH):
        assert gettext("100 %%") == "100 %"
        assert gettext("%(name)s: %(count)s checks", name="API", count=5760) == "API: 5,760 checks"
        assert ngettext("%(count)s day", "%(count)s days", 1) == "1 day"


def test_markup_in_a_sentence_stays_and_everything_else_is_escaped() -> None:
    """Names come from people, times from us."""
    told = markup("%(name)s & more since %(time)s", name="<b>", time=Markup("<time>3</time>"))

    assert told == "&lt;b&gt; &amp; more since <time>3</time>"
