"""Instants, durations and calendars: what is read is what was written, and days begin when they begin."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusledger.clock import (
    calendar,
    day_start,
    format_duration,
    format_instant,
    parse_duration,
    parse_instant,
    rolling,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("4m30s", 270_000), ("24h", 86_400_000), ("90d", 7_776_000_000)],
)
def test_durations(text, expected):
    """Every unit, alone and together."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "5", "5x", "m5", "-5m", "5 m", "1.5h", "5M"])
def test_anything_else_is_not_a_duration(text):
    """The message says what to write."""
    with pytest.raises(ValueError, match=r"is not a duration; write e\.g\. 500ms, 30s"):
        parse_duration(text)


@given(st.integers(0, 10**12))
def test_a_duration_is_read_back(duration_ms):
    """Formatting loses nothing."""
    assert parse_duration(format_duration(duration_ms)) == duration_ms


@given(st.integers(0, 4 * 10**12))
def test_an_instant_is_read_back(instant_ms):
    """Formatting loses nothing."""
    assert parse_instant(format_instant(instant_ms)) == instant_ms


@pytest.mark.parametrize("text", ["2026-11-21", "2026-11-21T02:06", "yesterday", "2026-13-01T00:00Z"])
def test_an_instant_needs_an_offset(text):
    """A bare date and a naive time mean different instants in different zones."""
    with pytest.raises(ValueError, match="instant"):
        parse_instant(text)


def test_an_offset_is_honoured():
    """The same instant in two spellings."""
    assert parse_instant("2026-11-21T03:06:00+01:00") == parse_instant("2026-11-21T02:06Z")


@pytest.mark.parametrize(
    ("unit", "day", "key", "first", "following"),
    [
        ("day", date(2026, 3, 29), "2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"),
        ("month", date(2026, 10, 25), "2026-10", "2026-09-30T22:00:00.000Z", "2026-10-31T23:00:00.000Z"),
        ("quarter", date(2026, 12, 31), "2026-Q4", "2026-09-30T22:00:00.000Z", "2026-12-31T23:00:00.000Z"),
        ("year", date(2026, 7, 1), "2026", "2025-12-31T23:00:00.000Z", "2026-12-31T23:00:00.000Z"),
    ],
)
def test_calendar_periods_in_a_zone(unit, day, key, first, following):
    """Local midnights, over clock changes."""
    period = calendar(unit, day, "Europe/Berlin")

    assert (period.key, format_instant(period.start_ms), format_instant(period.end_ms)) == (key, first, following)


def test_rolling_windows_end_at_as_of():
    """A day is called 24h."""
    assert [(p.key, p.length_ms) for p in (rolling(1, 10**12), rolling(30, 10**12))] == [
        ("24h", 86_400_000),
        ("30d", 2_592_000_000),
    ]


def test_an_unknown_zone_is_named():
    """The message says what a zone looks like."""
    with pytest.raises(ValueError, match="Europe/Berlin"):
        day_start(date(2026, 1, 1), "Middle/Earth")
