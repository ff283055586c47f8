"""Figures and units as pages spell them: uptime floors, trouble ceils, a thin space before every unit."""

from __future__ import annotations

from fractions import Fraction

import pytest

from statusledger import words
from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS


def plain(text: str) -> str:
    """The text with plain spaces."""
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (0, "0 min"),
        (1, "1 s"),
        (59_999, "60 s"),
        (MINUTE_MS, "1 min"),
        (MINUTE_MS + 1, "2 min"),
        (74 * MINUTE_MS, "1 h 14 min"),
        (2 * HOUR_MS, "2 h"),
        (78 * HOUR_MS + 42 * MINUTE_MS, "78 h 42 min"),
        (4 * DAY_MS + 5 * HOUR_MS, "4 d 5 h"),
        (5 * DAY_MS + 1, "5 d 1 h"),
    ],
)
def test_durations_ceil_to_the_unit_they_show(milliseconds: int, expected: str) -> None:
    """No stretch of trouble looks shorter than it was."""
    assert plain(words.duration(milliseconds)) == expected


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (59_999, "less than a minute"),
        (4 * MINUTE_MS + 59_999, "4 min"),
        (3 * HOUR_MS, "3 h"),
        (4 * DAY_MS + HOUR_MS - 1, "4 d"),
    ],
)
def test_ages_floor(milliseconds: int, expected: str) -> None:
    """What was measured four minutes and 59 seconds ago is four minutes old."""
    assert plain(words.age(milliseconds)) == expected


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [(500, "0.5 s"), (30_000, "30 s"), (90_000, "1 min 30 s"), (300_000, "5 min"), (HOUR_MS, "1 h")],
)
def test_intervals_are_exact(milliseconds: int, expected: str) -> None:
    """How often a check runs is told without rounding."""
    assert plain(words.interval(milliseconds)) == expected


def test_percentages_floor_and_a_hundred_is_whole() -> None:
    """One millisecond down in a month is not 100.000 %."""
    assert plain(words.percentage(Fraction(2_591_999_999, 2_592_000_000))) == "99.999 %"
    assert plain(words.percentage(Fraction(1))) == "100.000 %"
    assert words.percentage(None) == "\u2013"
    assert plain(words.exact_percentage(Fraction(1, 1000))) == "0.1 %"
    assert plain(words.exact_percentage(Fraction(10, 100))) == "10 %"
    assert plain(words.exact_percentage(Fraction(0))) == "0 %"


def test_budgets_that_are_overdrawn_have_a_minus_sign() -> None:
    """A real one, U+2212."""
    assert plain(words.counted_minutes(-27_420 * 60)) == "\u221227.420 min"
