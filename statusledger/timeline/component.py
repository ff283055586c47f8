"""D5: the checks of a component -> its state at every instant, and when it was alive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from statusledger.clock import Period
from statusledger.model import Check, Component
from statusledger.timeline.confirmation import effective
from statusledger.timeline.samples import SeriesByLocation
from statusledger.timeline.steps import DOWN, INACTIVE, UNKNOWN, Codes, Matrix, Timeline, constant, merge, steps, within
from statusledger.timeline.votes import combine_checks, quorum

REPORTED = ("heartbeat", "push")
"""The type of a check and the location of the rows in which it speaks for itself."""


@dataclass(frozen=True, slots=True)
class CheckTimeline:
    """One check: what each location saw (`seen`), and what was decided at quorum."""

    check: Check
    samples: SeriesByLocation
    seen: Mapping[str, Timeline]
    state: Timeline
    first_sample_at: int | None
    last_sample_at: int | None


@dataclass(frozen=True, slots=True)
class ComponentTimeline:
    """One component: `state` is unmasked and defined for ever; it is counted on [alive_from, alive_until).

    `alive_from` None: nothing is known of it and nothing promised yet. `alive_until` None: no end in sight.
    """

    component: Component
    checks: tuple[CheckTimeline, ...]
    state: Timeline
    alive_from: int | None
    alive_until: int | None

    @property
    def counted(self) -> tuple[CheckTimeline, ...]:
        """The checks that enter state, coverage, counts and incidents."""
        return tuple(check for check in self.checks if not check.check.informational)

    @property
    def first_sample_at(self) -> int | None:
        """The instant of the first sample that counts."""
        return min((c.first_sample_at for c in self.counted if c.first_sample_at is not None), default=None)

    def checks_in(self, periods: Sequence[Period]) -> list[tuple[int, int]]:
        """(known samples, failed samples before confirmation) of all counted checks and locations, per period."""
        edges = np.array([(period.start_ms, period.end_ms) for period in periods], dtype=np.int64).reshape(-1, 2)
        totals = np.zeros((len(periods), 2), dtype=np.int64)
        for samples in (samples for check in self.counted for samples in check.samples.values()):
            for column, chosen in enumerate((samples.known, samples.status == DOWN)):
                totals[:, column] += np.diff(np.searchsorted(samples.ts[chosen], edges), axis=1)[:, 0]
        return [(total, failed) for total, failed in totals.tolist()]


def check_timeline(check: Check, samples: SeriesByLocation, component: Component) -> CheckTimeline:
    """D2 to D4 for one check of a component."""
    seen = {location: effective(rows, check.counting) for location, rows in sorted(samples.items())}
    times = [rows.ts for rows in samples.values() if len(rows.ts)]
    first = min((int(ts[0]) for ts in times), default=None)
    last = max((int(ts[-1]) for ts in times), default=None)
    if not seen:
        return CheckTimeline(check, samples, seen, constant(UNKNOWN), None, None)
    return CheckTimeline(check, samples, seen, _decided(check, seen, component), first, last)


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


def component_timeline(component: Component, samples: Mapping[str, SeriesByLocation]) -> ComponentTimeline:
    """D2 to D5 for one component; `samples` is what `series` gives."""
    checks = tuple(check_timeline(check, samples.get(check.id, {}), component) for check in component.checks)
    counted = [check for check in checks if not check.check.informational]
    members = [
        within(check.state, check.first_sample_at, _end(check), INACTIVE)
        for check in counted
        if check.first_sample_at is not None
    ]
    state = merge(members, lambda matrix: combine_checks(matrix, component.combination)) if members else None
    first = min((check.first_sample_at for check in counted if check.first_sample_at is not None), default=None)
    alive_from = component.active_from if component.active_from is not None else first
    return ComponentTimeline(
        component,
        checks,
        constant(UNKNOWN) if state is None else _absent_is_unknown(state),
        alive_from,
        _component_end(component, counted),
    )


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
