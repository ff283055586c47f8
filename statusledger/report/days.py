"""Days of the page's zone and hours of response time: what bars, calendars and charts are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from statusledger.clock import HOUR_MS, MINUTE_MS, day_start, local_date
from statusledger.incidents import MeasuredIncident
from statusledger.model import Shown
from statusledger.report.calendars import HOURS_SHOWN
from statusledger.report.records import Day, Hour, ResponseTimes
from statusledger.timeline import ComponentTimeline, Timeline
from statusledger.timeline.steps import DOWN

DAYS_SHOWN = 366
MAJOR_MS = HOUR_MS
DEGRADED_MS = 5 * MINUTE_MS


def days(
    timeline: ComponentTimeline, classified: Timeline, incidents: Sequence[MeasuredIncident], *, zone: str, as_of: int
) -> tuple[Day, ...]:
    """The local days up to as_of, oldest first, from the first one on which the component was alive."""
    if timeline.alive_from is None or timeline.alive_from >= as_of:
        return ()
    today = local_date(as_of - 1, zone)
    first = local_date(timeline.alive_from, zone)
    dates, starts = _local_days(first, today, zone)
    ends = np.minimum(starts[1:], as_of)
    spent = classified.spent(starts[:-1], ends).tolist()
    touching = _incidents_by_day(incidents, dates, zone, as_of)
    return tuple(_day(day, milliseconds, touching.get(day, ())) for day, milliseconds in zip(dates, spent, strict=True))


@lru_cache(maxsize=256)
def _local_days(first: date, last: date, zone: str) -> tuple[tuple[date, ...], npt.NDArray[np.int64]]:
    """The local days from first to last, and when each begins, with the end of the last one; components share them."""
    dates = tuple(first + timedelta(days=index) for index in range((last - first).days + 1))
    starts = [day_start(day, zone) for day in (*dates, last + timedelta(days=1))]
    return dates, np.array(starts, dtype=np.int64)


def _day(day: date, spent: Sequence[int], incidents: tuple[str, ...]) -> Day:
    up, degraded, down, unknown, maintenance, inactive = spent
    return Day(
        date=day,
        shown=day_shown(up, degraded, down, maintenance),
        length_ms=sum(spent),
        up_ms=up,
        degraded_ms=degraded,
        down_ms=down,
        unknown_ms=unknown,
        maintenance_ms=maintenance,
        inactive_ms=inactive,
        incidents=incidents,
    )


def day_shown(up_ms: int, degraded_ms: int, down_ms: int, maintenance_ms: int) -> Shown:
    """What a day's bar says; unknown time makes it look neither better nor worse than what was measured."""
    known = up_ms + degraded_ms + down_ms
    if not known:
        return Shown.MAINTENANCE if maintenance_ms else Shown.NODATA
    if down_ms:
        return Shown.MAJOR if down_ms >= MAJOR_MS or 2 * down_ms >= known else Shown.PARTIAL
    return Shown.DEGRADED if degraded_ms >= DEGRADED_MS else Shown.OPERATIONAL


def _incidents_by_day(
    incidents: Sequence[MeasuredIncident], dates: Sequence[date], zone: str, as_of: int
) -> Mapping[date, tuple[str, ...]]:
    found: dict[date, tuple[str, ...]] = {}
    for incident in incidents:
        day = max(local_date(incident.started_at, zone), dates[0])
        last = local_date((incident.ended_at or as_of) - 1, zone)
        while day <= last:
            found[day] = (*found.get(day, ()), incident.id)
            day += timedelta(days=1)
    return found


def response_times(timeline: ComponentTimeline, *, as_of: int) -> ResponseTimes:
    """Response times of the last 168 UTC hours over all counted checks and locations.

    Only answers that were not down are timed: a service that fails fast must not look fast. Percentiles are nearest
    rank, so every figure was really measured.
    """
    first = (as_of - 1) // HOUR_MS * HOUR_MS - (HOURS_SHOWN - 1) * HOUR_MS
    ts, ms = _timed(timeline, first, as_of)
    hour = (ts - first) // HOUR_MS
    order = np.lexsort((ms, hour))
    edges = np.searchsorted(hour[order], np.arange(HOURS_SHOWN + 1)).tolist()
    ranked = ms[order].tolist()
    hours = tuple(
        Hour(first + index * HOUR_MS, b - a, *percentiles(ranked[a:b])) for index, (a, b) in enumerate(pairwise(edges))
    )
    performance = [check.check.performance for check in timeline.counted if check.check.performance is not None]
    targets = [p.target_ms for p in performance if p.target_ms is not None]
    return ResponseTimes(
        hours,
        len(ms),
        *percentiles(np.sort(ms).tolist()),
        target_ms=max(targets, default=None),
        warn_ms=max((p.warn_ms for p in performance), default=None),
    )


def percentiles(ranked: Sequence[int]) -> tuple[int | None, int | None, int | None]:
    """p50, p95 and p99 by nearest rank of values in rising order; None where there is no value."""
    count = len(ranked)
    if not count:
        return None, None, None
    return ranked[-(-count * 50 // 100) - 1], ranked[-(-count * 95 // 100) - 1], ranked[-(-count * 99 // 100) - 1]


def _timed(timeline: ComponentTimeline, start: int, end: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    ts, ms = [np.array([], dtype=np.int64)], [np.array([], dtype=np.int32)]
    for samples in (samples for check in timeline.counted for samples in check.samples.values()):
        chosen = (
            (samples.ts >= start) & (samples.ts < end) & samples.known & (samples.status != DOWN) & (samples.ms >= 0)
        )
        ts.append(samples.ts[chosen])
        ms.append(samples.ms[chosen])
    return np.concatenate(ts), np.concatenate(ms)
