"""The periods that every report has figures of: rolling windows, and the calendar of a zone as far as history goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from statusledger.clock import Period, calendar, local_date, rolling
from statusledger.sla import Figures

Unit = Literal["month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("month", "quarter", "year")

ROLLING_DAYS = (1, 7, 30, 60, 90, 365)
"""60 days are for the bars of a middle-sized screen; the others are the windows of the SLA definition."""
HOURS_SHOWN = 168
"""The hours of response times."""


def rolling_periods(as_of: int) -> list[Period]:
    """The windows that end at as_of."""
    return [rolling(count, as_of) for count in ROLLING_DAYS]


def standing(zone: str, as_of: int) -> list[Period]:
    """The windows that end at as_of, and the month that holds it."""
    return [*rolling_periods(as_of), calendar("month", local_date(as_of, zone), zone)]


def calendars(unit: Unit, zone: str, first: int | None, as_of: int) -> list[Period]:
    """The calendar periods of the zone from an instant to as_of, newest first; none where there is no past."""
    if first is None or first >= as_of:
        return []
    found = [calendar(unit, local_date(as_of - 1, zone), zone)]
    while found[-1].start_ms > first:
        found.append(calendar(unit, local_date(found[-1].start_ms, zone) - timedelta(days=1), zone))
    return found


def by_key(periods: Sequence[Period], figures: Sequence[Figures]) -> Mapping[str, Figures]:
    """The figures by the keys of their periods."""
    return {period.key: one for period, one in zip(periods, figures, strict=True)}
