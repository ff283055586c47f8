"""ServiceDegraded and HighResponseTime: components that work, but badly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from statusledger.clock import DAY_MS
from statusledger.config.alerting import HighResponseTimeBlock, ServiceDegradedBlock
from statusledger.model import Level, Performance, State
from statusledger.rules.alert import Alert, Watched
from statusledger.rules.outlook import Outlook, failed_at, seen, together
from statusledger.timeline import CheckTimeline, Series
from statusledger.timeline.steps import DEGRADED, DOWN

LOOK_BACK_MS = 7 * DAY_MS
UNCONFIRMED = "a failure that is not confirmed yet"


def service_degraded(outlook: Outlook) -> Iterator[Alert]:
    """One for every component that is degraded now, or was when it was last known."""
    rule = outlook.rules.service_degraded
    if not isinstance(rule, ServiceDegradedBlock):
        return
    for one in outlook.situation.subjects.values():
        found = _degraded(outlook, one)
        if found is None:
            continue
        since, degraded_ms, frozen = found
        early = "degraded for less than it takes" if degraded_ms < rule.after else None
        locations, codes = _witnesses(one, since)
        told = f"Degraded since {outlook.moment(since)} ({outlook.lasted(since)})"
        yield Alert(
            rule="ServiceDegraded",
            severity=Level.WARNING,
            subject=one.component.id,
            name=one.component.name,
            since=since,
            headline=f"{one.component.name} is degraded",
            reason=f"{told}{seen(locations, codes)}.",
            locations=locations,
            codes=codes,
            held=outlook.held(one) or early or _unconfirmed(one, outlook.as_of),
            frozen=frozen,
            failed_at=_bad_at(one, since),
            **outlook.about(one),
        )


def _degraded(outlook: Outlook, one: Watched) -> tuple[int, int, bool] | None:
    """(since when, for how many ms, whether that is frozen) of a component that was degraded when last known.

    While it is down the alert is frozen as well: it has not recovered, and what is worse is told by another one.
    """
    as_of, timeline = outlook.as_of, one.timeline
    alive = timeline.alive_from
    if alive is None or (timeline.alive_until is not None and timeline.alive_until <= as_of):
        return None
    stretches = list(timeline.state.intervals(max(alive, as_of - LOOK_BACK_MS), as_of))
    frozen, since, lasted = False, as_of, 0
    for start, end, state in reversed(stretches):
        if state in {State.UNKNOWN, State.DOWN} and not lasted:
            frozen = True
        elif state is State.DEGRADED:
            since, lasted = start, lasted + end - start
        elif state is not State.UNKNOWN:
            break
    return (since, lasted, frozen) if lasted else None


def _unconfirmed(one: Watched, as_of: int) -> str | None:
    """Whether all that degrades it are failures of which nobody knows yet whether they are confirmed."""
    newest = [
        samples.status[index]
        for check in one.timeline.counted
        for location, samples in check.samples.items()
        if check.seen[location].at([as_of])[0] == DEGRADED
        and (index := int(np.searchsorted(samples.ts, as_of, side="right")) - 1) >= 0
    ]
    return UNCONFIRMED if newest and all(status == DOWN for status in newest) else None


def _witnesses(one: Watched, since: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(locations, error codes) of the samples that were not up since then."""
    locations, codes = set[str](), list[str]()
    for check in one.timeline.counted:
        for location, samples in check.samples.items():
            bad = np.flatnonzero(((samples.status == DEGRADED) | (samples.status == DOWN)) & (samples.ts >= since))
            locations |= {location} if len(bad) else set()
            codes += [code for index in samples.code[bad].tolist() if (code := samples.codes[index])]
    return tuple(sorted(locations)), tuple(sorted(set(codes), key=lambda code: (-codes.count(code), code)))


def _bad_at(one: Watched, since: int) -> Sequence[int]:
    degraded = [
        samples.ts[(samples.status == DEGRADED) & (samples.ts >= since)].tolist()
        for check in one.timeline.counted
        for samples in check.samples.values()
    ]
    return sorted([*failed_at(one.timeline.counted, since), *(ts for found in degraded for ts in found)])


# --- response times -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slow:
    """The newest answers of one check at one location, all past a threshold (ms)."""

    location: str
    since: int
    times: tuple[int, ...]
    severity: Level
    frozen: bool


def high_response_time(outlook: Outlook) -> Iterator[Alert]:
    """One for every check whose newest answers were all slow, at one location at least."""
    rule = outlook.rules.high_response_time
    if not isinstance(rule, HighResponseTimeBlock):
        return
    for one in outlook.situation.subjects.values():
        for check in one.timeline.checks:
            if check.check.performance is not None and outlook.state(one) is not State.INACTIVE:
                found = list(_slow(check, check.check.performance, rule.samples, outlook.as_of))
                if found:
                    yield _slow_alert(outlook, one, check, found)


def _slow(check: CheckTimeline, performance: Performance, count: int, as_of: int) -> Iterator[Slow]:
    for location, samples in check.samples.items():
        known = np.flatnonzero(samples.known)
        answered = known[samples.ms[known] >= 0]
        if len(answered) < count or (samples.ms[answered[-count:]] <= performance.warn_ms).any():
            continue
        times = samples.ms[answered[-count:]]
        stale = as_of - int(samples.ts[known[-1]]) > check.check.counting.max_staleness_ms
        yield Slow(
            location,
            _since(samples, performance.warn_ms),
            tuple(times.tolist()),
            Level.CRITICAL if (times > performance.critical_ms).all() else Level.WARNING,
            # no answer says nothing of how long answers take
            frozen=bool(stale or answered[-1] != known[-1]),
        )


def _since(samples: Series, warn_ms: int) -> int:
    """The first of the newest answers that were all slow."""
    answered = samples.known & (samples.ms >= 0)
    ts, ms = samples.ts[answered], samples.ms[answered]
    quick = np.flatnonzero(ms <= warn_ms)
    return int(ts[quick[-1] + 1 if len(quick) else 0])


def _slow_alert(outlook: Outlook, one: Watched, check: CheckTimeline, found: Sequence[Slow]) -> Alert:
    limits = check.check.performance
    assert limits is not None  # noqa: S101 - nothing without thresholds comes here
    several = len(one.component.checks) > 1
    name = f"{one.component.name} ({check.check.name})" if several else one.component.name
    fresh = [slow for slow in found if not slow.frozen] or found
    each = [f"{', '.join(f'{ms:,} ms' for ms in slow.times)} at {slow.location}" for slow in fresh]
    since = min(slow.since for slow in fresh)
    worst = Level.CRITICAL if any(slow.severity is Level.CRITICAL for slow in fresh) else Level.WARNING
    limit = f"warning past {limits.warn_ms:,} ms, critical past {limits.critical_ms:,} ms"
    return Alert(
        rule="HighResponseTime",
        severity=worst,
        subject=check.check.id,
        name=name,
        since=since,
        headline=f"{name} answers slowly",
        reason=f"The newest answers took {together(each)} ({limit}), since {outlook.moment(since)}.",
        locations=tuple(slow.location for slow in fresh),
        held=outlook.held(one),
        frozen=all(slow.frozen for slow in found),
        failed_at=[],
        **outlook.about(one),
    )
