"""Drawings as text: what stands where, and what is left out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from outputs import reports
from outputs.reports import MONTH, NOW, TODAY, days

from statusledger.clock import HOUR_MS, MINUTE_MS
from statusledger.model import State
from statusledger.outputs import charts, drawings, shapes
from statusledger.outputs.times import Times
from statusledger.report.records import Hour, Interval, Lane, ResponseTimes

UTC = Times("UTC", NOW)


def back(count: int) -> date:
    """A day so many days ago."""
    return TODAY - timedelta(days=count)


def titles(drawing: str) -> list[str]:
    """The titles in the order of the drawing, narrow spaces made plain."""
    return [title.replace("\u202f", " ") for title in re.findall(r"<title>(.*?)</title>", drawing)]


def rail(drawing: str) -> str:
    """The path of the evidence rail."""
    found = re.search(r'class="rail" d="([^"]*)"', drawing)
    return found[1] if found else ""


# --- bars ----------------------------------------------------------------------------------------


def test_ninety_operational_days_are_one_path() -> None:
    """One dashed line, one title, one unbroken rail."""
    drawing = drawings.bars(days({}), TODAY, "n s")

    assert titles(drawing) == ["24 Aug \u2013 21 Nov: up"]
    assert 'd="M0 18h539"' in drawing
    assert rail(drawing) == "M0 40.5H539"


def test_an_odd_day_has_a_shape_and_a_title_of_its_own() -> None:
    """The title gives the minutes of every class, uptime floored and the rest ceiled."""
    odd = {back(2): {"down": 61, "unknown": 12}, back(1): {"degraded": 22}}

    drawing = drawings.bars(days(odd), TODAY, "n s")

    assert titles(drawing) == [
        "24 Aug \u2013 18 Nov: up",
        "19 Nov: major outage, 1,367 min up, 61 min down, 12 min not measured",
        "20 Nov: degraded, 1,418 min up, 22 min degraded",
        "21 Nov: operational, 180 min up",
    ]
    assert '<use href="#b-major" x="522">' in drawing
    assert '<use href="#b-degraded" x="528">' in drawing


def test_days_before_the_first_measurement_are_no_bars() -> None:
    """A young component has a thin line where it did not exist, and no rail under it."""
    drawing = drawings.bars(days({}, 10), TODAY, "n s")

    assert '<path class="before" d="M0 35.5h479">' in drawing
    assert titles(drawing) == ["24 Aug \u2013 11 Nov: before the first measurement", "12 Nov \u2013 21 Nov: up"]
    assert rail(drawing) == "M480 40.5H539"


def test_no_days_at_all_draw_no_rail() -> None:
    """Nothing measured, nothing claimed."""
    drawing = drawings.bars((), TODAY, "n s")

    assert titles(drawing) == ["24 Aug \u2013 21 Nov: before the first measurement"]
    assert rail(drawing) == ""


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ({back(1): {"unknown": 720}}, "M0 40.5H531M534 40.5H539"),
        ({back(1): {"unknown": 1440}}, "M0 40.5H527M534 40.5H539"),
        ({back(89): {"unknown": 1440}}, "M6 40.5H539"),
        ({TODAY: {"unknown": 180}}, "M0 40.5H533"),
        ({back(1): {"unknown": 28}}, "M0 40.5H539"),
    ],
    ids=["half a day", "a day", "the oldest day", "today", "too short to see"],
)
def test_the_rail_breaks_for_as_long_as_nothing_was_measured(odd: reports.OddDays, expected: str) -> None:
    """A green day with unmeasured hours does not look like a whole one."""
    assert rail(drawings.bars(days(odd), TODAY, "n s")) == expected


def test_a_month_has_a_row_per_week_from_monday() -> None:
    """1 Oct 2026 is a Thursday: three columns are free, and the month has five rows."""
    october = [day for day in days({date(2026, 10, 14): {"down": 90}}) if f"{day.date:%Y-%m}" == "2026-10"]

    drawing = drawings.month(october, "m")

    assert 'd="M45 6h57"' in drawing
    assert '<use href="#c-major" x="30" y="30"><title>14 Oct: major outage' in drawing
    assert 'd="M0 66h87"' in drawing


def test_the_sprite_defines_what_the_page_draws() -> None:
    """Six icons and six bars always; cells and patterns only where they are used."""
    small, whole = shapes.sprite(), shapes.sprite(cells=True, patterns=True)

    assert [small.count(f'id="{prefix}-') for prefix in "ibc"] == [6, 6, 0]
    assert whole.count('id="c-') == 6
    assert 'id="hatch"' in whole
    assert 'id="hatch"' not in small


# --- lanes ---------------------------------------------------------------------------------------


def test_a_lane_is_cut_to_its_window() -> None:
    """Bands begin and end with the window; one that lasts reaches its end."""
    begin = NOW - HOUR_MS
    turn = begin + 15 * MINUTE_MS
    seen = Lane("eu", False, (Interval(begin - HOUR_MS, turn, State.UP), Interval(turn, None, State.DOWN)))

    drawing = charts.lane(seen, begin, NOW, UTC, "l")

    assert '<rect class="operational" x="0.000%" width="25.000%"' in drawing
    assert '<rect class="major" x="25.000%" width="75.000%"' in drawing
    assert titles(drawing) == ["02:00 to 02:15: up", "02:15 to 03:00: down"]


def test_marks_that_are_near_turn_away_from_each_other() -> None:
    """Their words never lie over one another or past the edge."""
    begin = NOW - 100 * MINUTE_MS

    near = charts.marks([begin + 40 * MINUTE_MS, begin + 50 * MINUTE_MS], begin, NOW, UTC)
    far = charts.marks([begin + 20 * MINUTE_MS, begin + 80 * MINUTE_MS], begin, NOW, UTC)
    edge = charts.marks([begin], begin, NOW, UTC)

    assert re.findall(r'text-anchor="(\w+)"', near) == ["end", "start"]
    assert re.findall(r'text-anchor="(\w+)"', far) == ["middle", "middle"]
    assert re.findall(r'text-anchor="(\w+)"', edge) == ["start"]


# --- response times ------------------------------------------------------------------------------


def hours(values: list[int | None]) -> ResponseTimes:
    """Hours with these medians that end now."""
    start = NOW - len(values) * HOUR_MS
    made = tuple(
        Hour(start + i * HOUR_MS, 0 if v is None else 9, v, v and v * 2, v and v * 3) for i, v in enumerate(values)
    )
    return ResponseTimes(made, 9, 100, 200, 300, None, None)


def test_lines_break_where_nothing_was_measured() -> None:
    """A gap ends the line and begins a new one; it is marked with a hole."""
    drawing = charts.response_times(hours([100, 100, None, None, 100]), UTC, "l")

    line = re.search(r'class="p50"[^>]* d="([^"]*)"', drawing)
    assert line is not None
    assert line[1].count("M") == 2
    assert '<rect class="hole" x="40.00%" width="40.00%"' in drawing
    assert charts.gaps(hours([100, 100, None, None, 100]).hours) == [charts.Gap(2, 2)]


@pytest.mark.parametrize(
    ("median", "top"), [(1, "40"), (13, "40"), (14, "80"), (100, "400"), (200, "800"), (9_000, "40,000")]
)
def test_the_scale_ends_at_a_round_figure_above_every_value(median: int, top: str) -> None:
    """p99 is three times the median here; the axis has four steps."""
    drawing = charts.response_times(hours([median]), UTC, "l")

    assert f">{top}\u202fms</text>" in drawing


@pytest.mark.parametrize(
    ("target", "labels"),
    [
        (None, ["0", "100", "200", "300", "400 ms"]),
        (150, ["0", "100", "200", "300", "400 ms", "target"]),
        (400, ["0", "100", "200", "300 ms", "target"]),
    ],
    ids=["no target", "between two lines", "on the top line"],
)
def test_the_target_takes_the_place_of_a_label_it_would_cover(target: int | None, labels: list[str]) -> None:
    """Labels never lie over one another, and the highest one that is left names the unit."""
    drawing = charts.response_times(replace(hours([130]), target_ms=target), UTC, "l")

    assert [label.replace("\u202f", " ") for label in re.findall(r'text-anchor="end">(.*?)<', drawing)] == labels


def test_gaps_are_told_in_a_sentence() -> None:
    """One or two by their times, more by their sum."""
    one = charts.gap_words(hours([1, None, 1]), UTC)
    many = charts.gap_words(hours([None, 1, None, 1, None]), UTC)

    assert one.striptags() == "Nothing was measured from 21 Nov, 01:00 to 02:00 UTC."
    assert many.replace("\u202f", " ") == "Nothing was measured in 3 stretches, 3 h in all."
    assert charts.gap_words(hours([1]), UTC) == ""


# --- budget --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "allowed", "limit", "spent", "beyond"),
    [
        (0, 40, "100.00", "0.00", "0.00"),
        (10, 40, "100.00", "25.00", "0.00"),
        (80, 40, "50.00", "50.00", "50.00"),
        (5, 0, "0.00", "0.00", "100.00"),
        (0, 0, "0.00", "0.00", "0.00"),
    ],
    ids=["nothing used", "a part", "twice", "none allowed", "none allowed, none used"],
)
def test_what_goes_beyond_the_budget_is_drawn_apart(
    used: int, allowed: int, limit: str, spent: str, beyond: str
) -> None:
    """Percent of the width: the limit, what was spent within it, what went beyond it."""
    drawing = charts.budget(Fraction(used), Fraction(allowed), "b")

    assert f'<rect class="track" width="{limit}%"' in drawing
    assert f'<rect class="spent" width="{spent}%"' in drawing
    assert f'<rect class="major" x="{limit}%" width="{beyond}%"' in drawing


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "02:00 UTC"),
        ("Europe/Berlin", "03:00 CET"),
        ("Asia/Kolkata", "07:30 IST"),
        ("America/Sao_Paulo", "20 Nov, 23:00 UTC\u22123"),
        ("Asia/Kathmandu", "07:45 UTC+5:45"),
    ],
)
def test_a_time_names_its_zone(zone: str, expected: str) -> None:
    """By its letters where it has some, else by its offset; with the day where that is not today."""
    at = NOW - HOUR_MS

    moment = Times(zone, NOW).moment(at)

    assert moment.striptags() == expected
    assert 'datetime="2026-11-21T02:00Z"' in moment


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (MONTH.start_ms, MONTH.start_ms + HOUR_MS, "1 Nov, 00:00 to 01:00 UTC"),
        (MONTH.start_ms - HOUR_MS, MONTH.start_ms + 5_000, "31 Oct, 23:00 to 1 Nov, 00:00:05 UTC"),
        (reports.at(date(2025, 12, 31)), reports.at(date(2026, 1, 1)), "31 Dec 2025, 00:00 to 1 Jan, 00:00 UTC"),
    ],
    ids=["one day", "two days, with seconds", "another year"],
)
def test_a_span_says_what_differs(start: int, end: int, expected: str) -> None:
    """The second day, the year and the seconds appear where they are needed."""
    assert UTC.span(start, end, seconds=True).striptags() == expected
