"""The samples around a stretch of downtime -> who saw it, what failed, and when that was known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from statusledger.model import Component
from statusledger.timeline import CheckTimeline, ComponentTimeline, combine_checks, confirmed_at, quorum
from statusledger.timeline.steps import DEGRADED, DOWN, INACTIVE, UNKNOWN, Codes


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


def findings_of(component: ComponentTimeline, counted: Sequence[CheckTimeline], span: tuple[int, int]) -> Findings:
    """What the samples say."""
    started_at, until = span
    locations, codes, oks, fails = set[str](), Counter[str](), [], []
    for check in counted:
        for location, samples in check.samples.items():
            first, last = samples.ts.searchsorted((started_at, until)).tolist()
            failed = (samples.status[first:last] == DOWN).nonzero()[0] + first
            good = (samples.known[:first] & (samples.status[:first] != DOWN)).nonzero()[0]
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
        found.append((state, confirmed_at(samples, check.check.counting, index)))
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
