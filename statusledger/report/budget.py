"""How the downtime budget of the running month was spent, day by day."""

from __future__ import annotations

from collections.abc import Iterator

from statusledger.clock import Period, calendar, local_date
from statusledger.report.evaluated import Evaluated
from statusledger.report.records import Spent


def spent_by_day(one: Evaluated, month: Period, zone: str) -> tuple[Spent, ...]:
    """What was used up at the end of each local day of the month, the last one cut at as_of."""
    periods = list(_from_the_first(month, one.as_of, zone))
    return tuple(
        Spent(period.end_ms, figures.used_ms) for period, figures in zip(periods, one.figures(periods), strict=True)
    )


def _from_the_first(month: Period, as_of: int, zone: str) -> Iterator[Period]:
    end = month.start_ms
    while end < min(as_of, month.end_ms):
        end = min(as_of, calendar("day", local_date(end, zone), zone).end_ms)
        yield Period("", month.start_ms, end)
