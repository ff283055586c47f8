"""A component's timeline -> the lines of its days, and whether a day may be sealed yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from statusledger.clock import DAY_MS, HOUR_MS
from statusledger.rollup.histogram import histogram
from statusledger.rollup.line import STATES, CheckDay, SealedDay, Step
from statusledger.timeline import CheckTimeline, ComponentTimeline, Era, Series, SeriesByLocation
from statusledger.timeline.steps import DOWN, UP

WAIT_MS = 48 * HOUR_MS
"""How long a day waits for the samples after it that could change what its own mean."""
SHORTENED = 16
NO_NAMES: Mapping[str, str] = MappingProxyType({})
NEWLINE = "\n"


def context(check: CheckTimeline) -> int:
    """How many known samples before and after a day bear on what its own mean: N + M - 1."""
    return check.check.counting.confirm_down + check.check.counting.confirm_up - 1


def sealable(timeline: ComponentTimeline, day: int, as_of: int) -> bool:
    """Whether nothing that is still to come in time can change the day.

    Every location that measured on it or the day before has gone on for long enough, or 48 hours have passed.
    """
    end = day + DAY_MS
    if as_of < end:
        return False
    return as_of > end + WAIT_MS or all(
        np.count_nonzero(samples.known & (samples.ts >= end)) >= context(check)
        for check in timeline.era_at(day).counted
        for samples in check.samples.values()
        if len(samples.within(day - DAY_MS, end).ts)
    )


def sealed_day(timeline: ComponentTimeline, era: Era, day: int, names: Mapping[str, str] = NO_NAMES) -> SealedDay:
    """The day's line: its states, and what each check measured, also those that count for nothing.

    `names` (id -> earlier id) are those that an earlier line of the day gives the component and its checks.
    """
    checks = [*timeline.era_at(day).counted, *(check for check in timeline.checks if check.check.informational)]
    samples = {names.get(check.check.id, check.check.id): check.samples for check in checks}
    return SealedDay(
        day=day,
        component=names.get(timeline.component.id, timeline.component.id),
        steps=tuple(_steps(timeline, day)),
        checks={name: one for name, places in samples.items() if (one := _check_day(places, day)) is not None},
        policy=era.policy,
        sources=sources(samples, day),
    )


def _steps(timeline: ComponentTimeline, day: int) -> Iterator[Step]:
    """The states since the first sample that counted."""
    first = timeline.first_sample_at
    if first is not None:
        for start, _end, state in timeline.state.intervals(max(day, first), day + DAY_MS):
            yield start - day, STATES.index(str(state))


def _check_day(samples: SeriesByLocation, day: int) -> CheckDay | None:
    """What a check measured on the day at all locations; None where it has no sample."""
    parts = [part for rows in samples.values() if len((part := rows.within(day, day + DAY_MS)).ts)]
    if not parts:
        return None
    ts, status, ms, known = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("ts", "status", "ms", "known")
    )
    timed = ms[known & (status != DOWN) & (ms >= 0)].astype(np.int64)
    last, last_known = int(ts.max()) - day, int(ts[known].max()) - day if known.any() else None
    return CheckDay(
        known=int(known.sum()),
        failed=int((status == DOWN).sum()),
        total_ms=int(timed.sum()),
        least_ms=int(timed.min()) if len(timed) else None,
        most_ms=int(timed.max()) if len(timed) else None,
        histogram=histogram(timed),
        last=last,
        last_known=None if last_known == last else last_known,
    )


def sources(samples: Mapping[str, SeriesByLocation], day: int) -> dict[str, str]:
    """Location -> `<rows>:<digest>` of the collapsed samples of the day, by the names that checks have in `samples`.

    The digest is the first 16 hexadecimal digits of SHA-256 over lines `check,t,status,ms,code` without the last
    newline, sorted by check and time; ms is empty where there was no answer to time, code where all is well.
    """
    lines: dict[str, list[str]] = {}
    for check, places in sorted(samples.items()):
        for location, rows in places.items():
            found = _spelled(check, rows.within(day, day + DAY_MS))
            if found:
                lines.setdefault(location, []).extend(found)
    return {
        location: f"{len(found)}:{hashlib.sha256(NEWLINE.join(found).encode()).hexdigest()[:SHORTENED]}"
        for location, found in sorted(lines.items())
    }


def _spelled(check: str, rows: Series) -> list[str]:
    """A line a sample: all at once as if each were plainly up, then those again that are not."""
    numbers = np.column_stack((rows.ts, rows.ms)).ravel().tolist()
    name = check.replace("%", "%%")
    lines = (f"{name},%d,{STATES[UP]},%d,\n" * len(rows.ts) % tuple(numbers)).split(NEWLINE)[:-1]
    no_code = rows.codes.index("") if "" in rows.codes else -1
    for index in np.flatnonzero((rows.status != UP) | (rows.ms < 0) | (rows.code != no_code)).tolist():
        ms = int(rows.ms[index])
        status, code = STATES[rows.status[index]], rows.codes[rows.code[index]]
        lines[index] = f"{check},{rows.ts[index]},{status},{ms if ms >= 0 else ''},{code}"
    return lines
