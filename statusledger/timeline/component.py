"""D5: the checks of a component -> its state at every instant, and when it was alive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from statusledger.clock import DAY_MS, Period
from statusledger.model import Check, Component
from statusledger.timeline.confirmation import effective
from statusledger.timeline.past import KeptCheck, KeptDays, Past, undated, visible
from statusledger.timeline.samples import SeriesByLocation
from statusledger.timeline.steps import (
    DOWN,
    INACTIVE,
    UNKNOWN,
    Codes,
    Instants,
    Matrix,
    Timeline,
    constant,
    merge,
    spliced,
    steps,
    within,
)
from statusledger.timeline.votes import combine_checks, quorum

HEARTBEAT = "heartbeat"
REPORTED = (HEARTBEAT, "push")
"""The type of a check and the location of the rows in which it speaks for itself."""


@dataclass(frozen=True, slots=True)
class CheckTimeline:
    """One check: what each location saw (`seen`), and what was decided at quorum.

    `last_known_at` is the newest sample that says something about the target.
    """

    check: Check
    samples: SeriesByLocation
    seen: Mapping[str, Timeline]
    state: Timeline
    first_sample_at: int | None
    last_sample_at: int | None
    last_known_at: int | None


@dataclass(frozen=True, slots=True)
class EraTimeline:
    """The checks that counted in [start, end), when the component was counted as `component` says."""

    start: int
    end: int
    component: Component
    counted: tuple[CheckTimeline, ...]


@dataclass(frozen=True, slots=True)
class ComponentTimeline:
    """One component: `state` is unmasked and defined for ever; it is counted on [alive_from, alive_until).

    `checks` are those of the component as it is now, `eras` those that were counted at each time. `alive_from` None:
    nothing is known of it and nothing promised yet. `alive_until` None: no end in sight.
    """

    component: Component
    checks: tuple[CheckTimeline, ...]
    eras: tuple[EraTimeline, ...]
    kept: KeptDays
    state: Timeline
    first_sample_at: int | None
    alive_from: int | None
    alive_until: int | None

    @property
    def counted(self) -> tuple[CheckTimeline, ...]:
        """The checks that enter state, coverage, counts and incidents now."""
        return _counted(self.checks)

    def era_at(self, instant: int) -> EraTimeline:
        """How it was counted at an instant."""
        return next(era for era in self.eras if instant < era.end)

    def checks_in(self, periods: Sequence[Period]) -> list[tuple[int, int] | None]:
        """(known samples, failed samples before confirmation) of all counted checks and locations, per period.

        None where a period cuts a kept day whose samples are not at hand.
        """
        edges = np.array([(period.start_ms, period.end_ms) for period in periods], dtype=np.int64).reshape(-1, 2)
        totals = self._counts(edges)
        kept = self.kept
        missing = np.where(kept.at_hand[:, None], 0, kept.counts - self._counts(_bounds(kept.days)))
        whole = np.concatenate((np.zeros((1, 2), dtype=np.int64), np.cumsum(missing, axis=0)))
        first = np.searchsorted(kept.days, edges[:, 0])
        last = np.maximum(np.searchsorted(kept.days + DAY_MS, edges[:, 1], side="right"), first)
        totals += whole[last] - whole[first]
        return [
            None if any(self._cuts_unread(edge) for edge in pair) else (total, failed)
            for pair, (total, failed) in zip(edges.tolist(), totals.tolist(), strict=True)
        ]

    def _counts(self, bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """(known, failed) of the samples at hand, a row for each [start, end)."""
        totals = np.zeros((len(bounds), 2), dtype=np.int64)
        for era in self.eras:
            clipped = np.clip(bounds, era.start, era.end)
            for samples in (samples for check in era.counted for samples in check.samples.values()):
                for column, chosen in enumerate((samples.known, samples.status == DOWN)):
                    totals[:, column] += np.diff(np.searchsorted(samples.ts[chosen], clipped), axis=1)[:, 0]
        return totals

    def _cuts_unread(self, instant: int) -> bool:
        """Whether the instant lies inside of a kept day that has samples which are not at hand."""
        kept = self.kept
        index = int(np.searchsorted(kept.days, instant, side="left")) - 1
        inside = index >= 0 and instant < kept.days[index] + DAY_MS
        return bool(inside and not kept.at_hand[index] and kept.counts[index, 0])


def _bounds(days: Instants) -> npt.NDArray[np.int64]:
    return np.stack((days, days + DAY_MS), axis=1)


def check_timeline(check: Check, samples: SeriesByLocation, component: Component, past: Past) -> CheckTimeline:
    """D2 to D4 for one check of a component."""
    seen = {location: effective(rows, check.counting) for location, rows in sorted(samples.items())}
    kept = past.checks.get(check.id, KeptCheck(None, None, None))
    known = (rows.ts[rows.known] for rows in samples.values())
    return CheckTimeline(
        check,
        samples,
        seen,
        _decided(check, seen, component) if seen else constant(UNKNOWN),
        first_sample_at=_least([kept.first_day, *(int(rows.ts[0]) for rows in samples.values() if len(rows.ts))]),
        last_sample_at=_most([kept.last_sample_at, *(int(rows.ts[-1]) for rows in samples.values() if len(rows.ts))]),
        last_known_at=_most([kept.last_known_at, *(int(ts[-1]) for ts in known if len(ts))]),
    )


def _least(instants: Iterable[int | None]) -> int | None:
    return min((instant for instant in instants if instant is not None), default=None)


def _most(instants: Iterable[int | None]) -> int | None:
    return max((instant for instant in instants if instant is not None), default=None)


def _decided(check: Check, seen: Mapping[str, Timeline], component: Component) -> Timeline:
    """D4, where a heartbeat's own reports are no opinion among others.

    The locations only say whether a report came in time; what it said stands beside their verdict, and the worse holds.
    """
    observers = [timeline for location, timeline in seen.items() if (check.type, location) != REPORTED]
    verdicts = [merge(observers, partial(_quorum, component))] if observers else []
    verdicts += [timeline for location, timeline in seen.items() if (check.type, location) == REPORTED]
    return verdicts[0] if len(verdicts) == 1 else merge(verdicts, lambda matrix: quorum(matrix, "any", 1))


def _quorum(component: Component, matrix: Matrix) -> Codes:
    return quorum(matrix, component.quorum, component.min_known)


def component_timeline(
    component: Component, samples: Mapping[str, SeriesByLocation], past: Past | None = None
) -> ComponentTimeline:
    """D2 to D5 for one component; `samples` is what `series` gives, `past` what is kept beside them."""
    past = past or undated(component)
    checks = _checks(component, samples, past)
    eras = tuple(
        EraTimeline(
            era.start,
            era.end,
            era.component,
            _counted(checks if era.component is component else _checks(era.component, samples, past)),
        )
        for era in past.eras
    )
    state = spliced([(era.start, _state(era.component, era.counted)) for era in eras])
    first = _least([past.first_sample_at, *(_first_sample(era) for era in eras)])
    return ComponentTimeline(
        component,
        checks,
        eras,
        past.kept,
        past.kept.over(state),
        first,
        component.active_from if component.active_from is not None else first,
        _component_end(component, _counted(checks)),
    )


def _checks(component: Component, samples: Mapping[str, SeriesByLocation], past: Past) -> tuple[CheckTimeline, ...]:
    found = []
    for check in component.checks:
        rows = samples.get(check.id, {})
        seen = rows if check.informational else visible(check.id, rows, past.eras, past.since)
        found.append(check_timeline(check, seen, component, past))
    return tuple(found)


def _counted(checks: Iterable[CheckTimeline]) -> tuple[CheckTimeline, ...]:
    return tuple(check for check in checks if not check.check.informational)


def _state(component: Component, counted: Sequence[CheckTimeline]) -> Timeline:
    """The combination of the checks while they are members."""
    members = [
        within(check.state, check.first_sample_at, _end(check), INACTIVE)
        for check in counted
        if check.first_sample_at is not None
    ]
    if not members:
        return constant(UNKNOWN)
    return _absent_is_unknown(merge(members, lambda matrix: combine_checks(matrix, component.combination)))


def _first_sample(era: EraTimeline) -> int | None:
    """The first sample at hand that counted in the era."""
    found: list[int] = []
    for samples in (samples for check in era.counted for samples in check.samples.values()):
        inside = samples.ts[np.searchsorted(samples.ts, era.start) :][:1]
        found += [int(ts) for ts in inside if ts < era.end]
    return min(found, default=None)


def _absent_is_unknown(state: Timeline) -> Timeline:
    """Alive without any member check means that nothing was measured."""
    return steps(state.starts, np.where(state.states == INACTIVE, UNKNOWN, state.states).astype(np.int8))


def _end(check: CheckTimeline) -> int | None:
    """When a check stops being a member: active_until, or its last hold if it was switched off."""
    if check.check.active_until is not None:
        return check.check.active_until
    if check.check.active or check.last_sample_at is None:
        return None
    return check.last_sample_at + check.check.counting.max_staleness_ms


def _component_end(component: Component, counted: Sequence[CheckTimeline]) -> int | None:
    if component.active_until is not None:
        return component.active_until
    if component.active:
        return None
    ends = [c.last_sample_at + c.check.counting.max_staleness_ms for c in counted if c.last_sample_at is not None]
    return max(ends, default=None)
