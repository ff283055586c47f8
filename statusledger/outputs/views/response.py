"""A week of response times: the chart, the percentiles of the week, and the table that says the same in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median_low

from markupsafe import Markup

from statusledger import words
from statusledger.language import gettext, ngettext, number
from statusledger.outputs import charts
from statusledger.outputs.times import Times, day_element
from statusledger.report.records import Hour, ResponseTimes

PERCENTILES = ("p50", "p95", "p99")


@dataclass(frozen=True, slots=True)
class DayTimes:
    """Response times of one local day: the median of its hours, and how many of them were measured."""

    day: Markup
    percentiles: tuple[str, ...]
    hours: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A week of response times: drawing, figures of the week, sentence, table."""

    drawing: Markup
    key: tuple[tuple[str, str], ...]
    target: str | None
    summary: str
    gaps: Markup
    days: tuple[DayTimes, ...]


def chart(measured: ResponseTimes, times: Times) -> Chart | None:
    """The chart of the week; None when nothing was timed in it."""
    if all(hour.p50 is None for hour in measured.hours):
        return None
    return Chart(
        drawing=charts.response_times(measured, times, "latency latency-summary"),
        key=tuple((name, words.milliseconds(getattr(measured, name))) for name in PERCENTILES),
        target=None if measured.target_ms is None else words.milliseconds(measured.target_ms),
        summary=ngettext(
            "Of %(count)s check half were answered within %(half)s, 99 of 100 within %(most)s.",
            "Of %(count)s checks half were answered within %(half)s, 99 of 100 within %(most)s.",
            measured.count,
            half=words.milliseconds(measured.p50),
            most=words.milliseconds(measured.p99),
        ),
        gaps=charts.gap_words(measured, times),
        days=tuple(
            _day_times(list(hours), times) for _, hours in groupby(measured.hours, lambda h: times.day(h.start_ms))
        ),
    )


def _day_times(hours: Sequence[Hour], times: Times) -> DayTimes:
    day = times.day(hours[0].start_ms)
    timed = [hour for hour in hours if hour.p50 is not None]
    return DayTimes(
        day=day_element(day, words.weekday_day(day)),
        percentiles=tuple(_median([getattr(hour, name) for hour in timed]) for name in PERCENTILES),
        hours=gettext("%(count)s of %(total)s", count=len(timed), total=len(hours)),
    )


def _median(values: Sequence[int | None]) -> str:
    known = [value for value in values if value is not None]
    return number(median_low(known)) if known else words.DASH
