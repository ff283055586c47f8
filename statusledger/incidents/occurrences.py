"""A planned window, and the rule by which it comes again -> every window there is, up to a horizon.

A rule is applied to the wall clock of a zone, so that a window at 02:00 stays at 02:00 when clocks change; each lasts
exactly as long as the first. The first one always takes place, also where the rule would not name its day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from dateutil.rrule import rrulestr

from statusledger.clock import DAY_MS, to_datetime, to_ms, zone_info
from statusledger.timeline import Window

HORIZON_MS = 400 * DAY_MS
"""How far ahead windows that come again are looked at: past the end of any period that a report looks ahead in."""

_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?")


def occurrences(starts_at: int, ends_at: int, repeats: str | None, zone: str, *, until: int) -> list[Window]:
    """The windows that begin before `until`, in rising time; the first one whenever it begins."""
    length = ends_at - starts_at
    if repeats is None:
        return [(starts_at, ends_at)]
    starts = {starts_at, *_starts(starts_at, repeats, zone, until)}
    return [(start, start + length) for start in sorted(starts)]


def _starts(first: int, repeats: str, zone: str, until: int) -> Iterator[int]:
    # rules count in whole seconds
    local = to_datetime(first, zone).replace(tzinfo=None, microsecond=0)
    rule = rrulestr(_UNTIL.sub(lambda found: _local_until(found, zone), repeats), dtstart=local)
    for occurrence in rule:
        at = first if occurrence == local else to_ms(occurrence.replace(tzinfo=zone_info(zone))) + first % 1000
        if at >= until:
            return
        yield at


def _local_until(found: re.Match[str], zone: str) -> str:
    """The bound on the wall clock: a bare date includes its day, an instant in UTC is told in the zone."""
    day, clock, utc = found.groups()
    if utc:
        bound = datetime.strptime(f"{day}{clock}+0000", "%Y%m%d%H%M%S%z").astimezone(zone_info(zone))
        return f"UNTIL={bound:%Y%m%dT%H%M%S}"
    return f"UNTIL={day}T{clock or '235959'}"


def next_after(windows: list[Window], instant: int) -> Window | None:
    """The first window that is not over at the instant."""
    return next((window for window in windows if window[1] > instant), None)
