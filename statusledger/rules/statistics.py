"""What a component did in the last 24 hours, as the classic webhook tells it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from statusledger.clock import rolling
from statusledger.rules.alert import Watched
from statusledger.sla import count, figures, percent
from statusledger.timeline.steps import DOWN


@dataclass(frozen=True, slots=True)
class LastDay:
    """Known samples of all counted checks and locations, those that failed, the failures in a row up to now.

    `uptime_percent` is the exact ratio of time, floored to three decimals; `average_ms` the mean answer, floored; both
    None without data. The first two are None where the raw rows at the edge are gone.
    """

    total: int | None
    failed: int | None
    in_a_row: int
    uptime_percent: str | None
    average_ms: int | None


def last_day(one: Watched, as_of: int) -> LastDay:
    """The figures of one component."""
    day = rolling(1, as_of)
    (checks,) = one.timeline.checks_in([day])
    (counts,) = count(one.classified, [day], as_of)
    ratio = figures(day, counts, one.promised, as_of).ratio
    series = [samples for check in one.timeline.counted for samples in check.samples.values()]
    times = [samples.ms[(samples.ts >= day.start_ms) & (samples.ms >= 0) & samples.known] for samples in series]
    answers = np.concatenate(times) if times else np.array([], dtype=np.int64)
    return LastDay(
        total=checks and checks[0],
        failed=checks and checks[1],
        in_a_row=_in_a_row(one),
        uptime_percent=None if ratio is None else percent(ratio),
        average_ms=int(answers.sum(dtype=np.int64) // len(answers)) if len(answers) else None,
    )


def _in_a_row(one: Watched) -> int:
    """How many of the newest known samples failed, over all locations in the order of time; the worst check counts."""
    found = [0]
    for check in one.timeline.counted:
        known = [(samples.ts[samples.known], samples.status[samples.known]) for samples in check.samples.values()]
        if known:
            ts, status = (np.concatenate(part) for part in zip(*known, strict=True))
            good = np.flatnonzero(status[np.argsort(ts, kind="stable")] != DOWN)
            found.append(len(ts) - 1 - int(good[-1]) if len(good) else len(ts))
    return max(found)
