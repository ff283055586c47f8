"""Measured downtime -> incidents: when it began, when that was known, when it ended, how bad it was.

An incident is a maximal stretch of unmasked down; unknown time inside does not close it, because nobody saw it end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from statusledger.clock import HOUR_MS, MINUTE_MS, day_start, local_date, to_datetime, to_ms, zone_info
from statusledger.model import Severity, State, Tier
from statusledger.timeline import CheckTimeline, ComponentTimeline, Timeline, combine_checks, confirmed_at, quorum
from statusledger.timeline.steps import DEGRADED, DOWN, INACTIVE, UNKNOWN, Codes

RESPONSE_MS = {Severity.P1: 15 * MINUTE_MS, Severity.P2: HOUR_MS, Severity.P3: 4 * HOUR_MS}
TIER_SEVERITY = {Tier.CRITICAL: Severity.P1, Tier.HIGH: Severity.P2, Tier.MEDIUM: Severity.P3, Tier.LOW: Severity.P3}
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class MeasuredIncident:
    """One stretch of downtime of one component.

    `ended_at` None: nobody has seen it end by as_of. `down_ms` is what counts against the target (maintenance and
    unknown time left out). The true start lies in (`last_ok_at`, `started_at`], the true end in (`last_fail_at`,
    `ended_at`]. `codes` are the error codes of its failed samples, most frequent first.
    """

    id: str
    component: str
    started_at: int
    detected_at: int
    ended_at: int | None
    down_ms: int
    last_ok_at: int | None
    last_fail_at: int | None
    locations: tuple[str, ...]
    codes: tuple[str, ...]


def measured_incidents(component: ComponentTimeline, classified: Timeline, *, as_of: int) -> list[MeasuredIncident]:
    """Every stretch of a component up to as_of, oldest first, whatever its length and whether it counts or not."""
    found: list[MeasuredIncident] = []
    taken: Counter[str] = Counter()
    for started_at, ended_at in _stretches(component, as_of):
        name = f"{component.component.id}-{to_datetime(started_at):%Y%m%dT%H%M%SZ}"
        taken[name] += 1
        identity = name if taken[name] == 1 else f"{name}-{taken[name]}"
        found.append(_incident(component, classified, identity, (started_at, ended_at, as_of)))
    return found


def _stretches(component: ComponentTimeline, as_of: int) -> Iterator[tuple[int, int | None]]:
    """(start, end) of each maximal stretch of down; end None where no known other state followed by as_of."""
    if component.alive_from is None:
        return
    until = as_of if component.alive_until is None else min(as_of, component.alive_until)
    started: int | None = None
    for start, _end, state in component.state.intervals(component.alive_from, until):
        if state is State.DOWN and started is None:
            started = start
        elif started is not None and state in {State.UP, State.DEGRADED}:
            yield started, start
            started = None
    if started is not None:
        yield started, until if until < as_of else None


def _incident(
    component: ComponentTimeline, classified: Timeline, identity: str, span: tuple[int, int | None, int]
) -> MeasuredIncident:
    started_at, ended_at, as_of = span
    until = as_of if ended_at is None else ended_at
    locations, codes, oks, fails = [], Counter[str](), [], []
    for check in component.counted:
        for location, samples in check.samples.items():
            first, last = np.searchsorted(samples.ts, (started_at, until)).tolist()
            failed = np.flatnonzero(samples.status[first:last] == DOWN) + first
            good = np.flatnonzero(samples.known[:first] & (samples.status[:first] != DOWN))
            oks.extend(samples.ts[good[-1:]].tolist())
            fails.extend(samples.ts[failed[-1:]].tolist())
            locations.extend([location] * bool(len(failed)))
            codes.update(samples.codes[index] for index in samples.code[failed].tolist())
    return MeasuredIncident(
        id=identity,
        component=component.component.id,
        started_at=started_at,
        detected_at=_detected_at(component, started_at),
        ended_at=ended_at,
        down_ms=int(classified.spent([started_at], [until])[0, DOWN]),
        last_ok_at=max(oks, default=None),
        last_fail_at=max(fails, default=None),
        locations=tuple(sorted(set(locations))),
        codes=tuple(code for code, _ in sorted(codes.items(), key=lambda item: (-item[1], item[0])) if code),
    )


# --- when it was known --------------------------------------------------------------------------


def _detected_at(component: ComponentTimeline, started_at: int) -> int:
    """The instant of the sample that completed the confirmation at quorum.

    That is the earliest instant by which the samples known then already made the component down at `started_at`.
    """
    moments = {check.check.id: _moments(check, started_at) for check in component.counted}
    for candidate in sorted({moment for seen in moments.values() for _, moment in seen if moment is not None}):
        if _decided(component, moments, candidate):
            return max(candidate, started_at)
    return started_at


def _moments(check: CheckTimeline, instant: int) -> list[tuple[int, int | None]]:
    """(state at the instant, from when it was known to be down) of each location of a check."""
    found: list[tuple[int, int | None]] = []
    for location, timeline in check.seen.items():
        state = int(timeline.at([instant])[0])
        if state != DOWN:
            found.append((state, None))
            continue
        samples = check.samples[location]
        index = int(np.searchsorted(samples.ts, instant, side="right")) - 1
        found.append((state, int(confirmed_at(samples, check.check.counting)[index])))
    return found


def _decided(
    component: ComponentTimeline, moments: Mapping[str, Sequence[tuple[int, int | None]]], candidate: int
) -> bool:
    """Whether the component counts as down if only what was confirmed by `candidate` is."""
    subject = component.component
    states = []
    for check in component.counted:
        seen = moments[check.check.id]
        if not seen:
            states.append(INACTIVE)
            continue
        known = [DEGRADED if moment is not None and moment > candidate else state for state, moment in seen]
        votes: Codes = np.array([known], dtype=np.int8).T
        states.append(int(quorum(votes, subject.quorum, subject.min_known)[0]))
    rows = np.array([states], dtype=np.int8).T
    rows = rows if (rows != INACTIVE).any() else np.full_like(rows, UNKNOWN)
    return bool(combine_checks(rows, subject.combination)[0] == DOWN)


# --- severity and the response clock ------------------------------------------------------------


def severity(tier: Tier | None, *, several_down: bool) -> Severity:
    """How bad measured downtime is: P1 for a critical component or two down at once, else by tier, P4 without one."""
    if several_down:
        return Severity.P1
    return Severity.P4 if tier is None else TIER_SEVERITY[tier]


def response_due(detected_at: int, level: Severity, zone: str) -> int:
    """The instant by which an answer is due: P1 15 min, P2 1 h, P3 4 h, P4 the same wall clock a business day later.

    Detected on a Saturday or Sunday, P4 counts from 00:00 of the next business day.
    """
    if level is not Severity.P4:
        return detected_at + RESPONSE_MS[level]
    day = local_date(detected_at, zone)
    opened = to_datetime(detected_at, zone)
    if day.weekday() >= SATURDAY:
        day += timedelta(days=7 - day.weekday())
        return day_start(day + timedelta(days=1), zone)
    due = day + timedelta(days=1 if day.weekday() < SATURDAY - 1 else 3)
    return to_ms(datetime.combine(due, opened.time(), tzinfo=zone_info(zone)))
