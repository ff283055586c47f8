"""Measured downtime -> incidents: when it began, when that was known, when it ended, how bad it was.

An incident is a maximal stretch of unmasked down; unknown time inside does not close it, because nobody saw it end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import numpy as np

from statusledger.clock import HOUR_MS, MINUTE_MS, day_start, local_date, to_datetime, to_ms, zone_info
from statusledger.history.incidents import ClosedIncident, IncidentRecord
from statusledger.model import Component, Severity, State, Tier
from statusledger.timeline import CheckTimeline, ComponentTimeline, Timeline, combine_checks, confirmed_at, quorum
from statusledger.timeline.steps import DEGRADED, DOWN, INACTIVE, UNKNOWN, Codes

RESPONSE_MS = {Severity.P1: 15 * MINUTE_MS, Severity.P2: HOUR_MS, Severity.P3: 4 * HOUR_MS}
TIER_SEVERITY = {Tier.CRITICAL: Severity.P1, Tier.HIGH: Severity.P2, Tier.MEDIUM: Severity.P3, Tier.LOW: Severity.P3}
SATURDAY = 5
LANE_MARGIN_MS = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Findings:
    """What raw rows say of a stretch of downtime.

    The true start lies in (`last_ok_at`, start], the true end in (`last_fail_at`, end]. Of `asked` locations that
    reported around its start `locations` saw it. `codes` are the error codes of its failed samples, most frequent
    first.
    """

    detected_at: int
    last_ok_at: int | None
    last_fail_at: int | None
    locations: tuple[str, ...]
    asked: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasuredIncident:
    """One stretch of downtime of one component.

    `ended_at` None: nobody has seen it end by as_of. `down_ms` is what counts against the target (maintenance and
    unknown time left out). `record` is what is kept of it; `kept`: the findings are the record's, because raw rows are
    not at hand. `shown` is the span that is drawn, `span` the one that the findings come from.
    """

    id: str
    component: str
    started_at: int
    ended_at: int | None
    down_ms: int
    findings: Findings
    shown: tuple[int, int]
    span: tuple[int, int]
    record: IncidentRecord | None = None
    kept: bool = False

    @property
    def detected_at(self) -> int:
        """The instant of the sample that completed the confirmation at quorum."""
        return self.findings.detected_at

    @property
    def last_ok_at(self) -> int | None:
        """The newest good sample before it."""
        return self.findings.last_ok_at

    @property
    def last_fail_at(self) -> int | None:
        """The newest failed sample in it."""
        return self.findings.last_fail_at

    @property
    def locations(self) -> tuple[str, ...]:
        """The locations that saw it."""
        return self.findings.locations


Stretch = tuple[int, int | None]


def measured_incidents(
    component: ComponentTimeline, classified: Timeline, *, as_of: int, records: Sequence[IncidentRecord] = ()
) -> list[MeasuredIncident]:
    """Every stretch of a component up to as_of, oldest first, whatever its length and whether it counts or not.

    `records` of this component, oldest first: a stretch that one of them is about has its id.
    """
    stretches = list(_stretches(component, as_of))
    told = _recorded(stretches, records)
    taken = {record.id for record in records}
    found: list[MeasuredIncident] = []
    for stretch, record in zip(stretches, told, strict=True):
        identity = record.id if record else _new_id(component.component.id, stretch[0], taken)
        taken.add(identity)
        found.append(_incident(component, classified, (identity, record, stretch), as_of))
    return found


def _new_id(component: str, started_at: int, taken: Collection[str]) -> str:
    """The component and the start in UTC seconds, with a number where that is taken."""
    name = f"{component}-{to_datetime(started_at):%Y%m%dT%H%M%SZ}"
    numbered = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _recorded(stretches: Sequence[Stretch], records: Sequence[IncidentRecord]) -> list[IncidentRecord | None]:
    """For each stretch the first record that is about it: one of downtime that it shares an instant with."""
    free = list(records)
    found: list[IncidentRecord | None] = []
    for start, end in stretches:
        about = [one for one in free if one.detected_at >= start and (end is None or one.started_at < end)]
        found.append(about[0] if about else None)
        free = [one for one in free if one not in about[:1]]
    return found


def _stretches(component: ComponentTimeline, as_of: int) -> Iterator[Stretch]:
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
    component: ComponentTimeline, classified: Timeline, told: tuple[str, IncidentRecord | None, Stretch], as_of: int
) -> MeasuredIncident:
    identity, record, (started_at, ended_at) = told
    until = as_of if ended_at is None else ended_at
    counted = component.era_at(started_at).counted
    shown, reach = (
        _shown(started_at, until, as_of),
        max((c.check.counting.max_staleness_ms for c in counted), default=0),
    )
    span = min(shown[0], started_at - reach), max(shown[1], min(started_at + reach, as_of))
    closed = record.closed if record and (record.started_at, _end_of(record)) == (started_at, ended_at) else None
    kept = closed is not None and component.kept.touched(*span)
    return MeasuredIncident(
        id=identity,
        component=component.component.id,
        started_at=started_at,
        ended_at=ended_at,
        down_ms=int(classified.spent([started_at], [until])[0, DOWN]),
        findings=_kept(closed) if closed and kept else _found(component, counted, (started_at, until)),
        shown=shown,
        span=span,
        record=record,
        kept=kept,
    )


def _end_of(record: IncidentRecord) -> int | None:
    return record.closed.ended_at if record.closed else None


def _shown(started_at: int, until: int, as_of: int) -> tuple[int, int]:
    """The incident with a tenth of its length (at least five minutes) on either side."""
    margin = max(LANE_MARGIN_MS, (until - started_at) // 10)
    return started_at - margin, min(until + margin, as_of)


def _kept(closed: ClosedIncident) -> Findings:
    return Findings(
        closed.detected_at, closed.last_ok_at, closed.last_fail_at, closed.locations, closed.asked, closed.codes
    )


def _found(component: ComponentTimeline, counted: Sequence[CheckTimeline], span: tuple[int, int]) -> Findings:
    """What the samples say."""
    started_at, until = span
    locations, codes, oks, fails = set[str](), Counter[str](), [], []
    for check in counted:
        for location, samples in check.samples.items():
            first, last = np.searchsorted(samples.ts, (started_at, until)).tolist()
            failed = np.flatnonzero(samples.status[first:last] == DOWN) + first
            good = np.flatnonzero(samples.known[:first] & (samples.status[:first] != DOWN))
            oks.extend(samples.ts[good[-1:]].tolist())
            fails.extend(samples.ts[failed[-1:]].tolist())
            locations.update([location] * bool(len(failed)))
            codes.update(samples.codes[index] for index in samples.code[failed].tolist())
    return Findings(
        detected_at=_detected_at(component, counted, started_at),
        last_ok_at=max(oks, default=None),
        last_fail_at=max(fails, default=None),
        locations=tuple(sorted(locations)),
        asked=len(set(_asked(counted, started_at))),
        codes=tuple(code for code, _ in sorted(codes.items(), key=lambda item: (-item[1], item[0])) if code),
    )


def _asked(counted: Sequence[CheckTimeline], started_at: int) -> Iterator[str]:
    """The locations that reported in a hold's reach of its start."""
    for check in counted:
        for location, samples in check.samples.items():
            reach = check.check.counting.max_staleness_ms
            first, last = np.searchsorted(samples.ts, (started_at - reach, started_at + reach))
            if last > first:
                yield location


# --- when it was known --------------------------------------------------------------------------


def _detected_at(component: ComponentTimeline, counted: Sequence[CheckTimeline], started_at: int) -> int:
    """The instant of the sample that completed the confirmation at quorum.

    That is the earliest instant by which the samples known then already made the component down at `started_at`.
    """
    moments = [_moments(check, started_at) for check in counted]
    subject = component.era_at(started_at).component
    for candidate in sorted({moment for seen in moments for _, moment in seen if moment is not None}):
        if _decided(subject, moments, candidate):
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


def _decided(subject: Component, moments: Iterable[Sequence[tuple[int, int | None]]], candidate: int) -> bool:
    """Whether the component counts as down if only what was confirmed by `candidate` is."""
    states = []
    for seen in moments:
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
