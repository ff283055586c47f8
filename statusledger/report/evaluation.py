"""Config + history -> one evaluated subject per component and service: what it was, and what it was held against.

This is the only place where timelines meet promises; the report and `statusledger sla` both read from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from statusledger.clock import Period
from statusledger.config import Config
from statusledger.history.incidents import IncidentRecord
from statusledger.incidents import MeasuredIncident, measured_incidents
from statusledger.model import Component, Maintenance, Service, Terms
from statusledger.report.causes import causes, downtimes
from statusledger.report.records import Downtime
from statusledger.rollup.reading import History
from statusledger.sla import Counts, Figures, Promise, count, figures, promise
from statusledger.timeline import (
    ComponentTimeline,
    Reported,
    Timeline,
    Window,
    classify,
    combine_members,
    component_timeline,
    constant,
    counted_windows,
    merge,
)
from statusledger.timeline.services import weighted_span
from statusledger.timeline.steps import DOWN, MAINTENANCE, UP, Codes, Matrix


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One component at as_of: its timeline, how every instant is counted, and every stretch of measured downtime.

    `windows` is the maintenance that was announced in time, `reported` what incident files say; `classified` puts both
    over what was measured, as the terms have it. `incidents` are what was measured, whatever files say.
    """

    component: Component
    timeline: ComponentTimeline
    windows: tuple[Window, ...]
    reported: tuple[Reported, ...]
    classified: Timeline
    promised: Promise
    incidents: tuple[MeasuredIncident, ...]
    as_of: int

    def figures(self, periods: Sequence[Period]) -> list[Figures]:
        """D7 to D9 for each period."""
        return _figures(periods, count(self.classified, periods, self.as_of), self.promised, self.as_of)

    def told(self, reported: Sequence[Reported]) -> Evaluated:
        """The same component with what incident files say of it."""
        return self._classified(tuple(reported), self.promised) if reported else self

    def held_against(self, promised: Promise) -> Evaluated:
        """The same time under other terms, a contract's."""
        if promised.terms.maintenance_as == self.promised.terms.maintenance_as:
            return replace(self, promised=promised)
        return self._classified(self.reported, promised)

    def _classified(self, reported: tuple[Reported, ...], promised: Promise) -> Evaluated:
        classified = classify(self.timeline, _masking(self.windows, promised.terms), reported)
        return replace(self, reported=reported, promised=promised, classified=classified)

    def downtimes(self, period: Period) -> tuple[Downtime, ...]:
        """The counted downtime of every incident in the period, oldest first; together it is all that counts."""
        return downtimes(causes(self.incidents, self.reported), self.classified, period, self.as_of)


@dataclass(frozen=True, slots=True)
class EvaluatedService:
    """One service at as_of, combined from its members before anything is counted."""

    service: Service
    members: tuple[Evaluated, ...]
    promised: Promise
    as_of: int

    def figures(self, periods: Sequence[Period]) -> list[Figures]:
        """D7 to D9 for each period."""
        return _figures(periods, self.counts(periods), self.promised, self.as_of)

    def held_against(self, promised: Promise) -> EvaluatedService:
        """The same time under other terms, a contract's."""
        members = tuple(member.held_against(replace(member.promised, terms=promised.terms)) for member in self.members)
        return replace(self, promised=promised, members=members)

    def counts(self, periods: Sequence[Period]) -> list[Counts]:
        """Milliseconds of each class in each period, after the members are combined."""
        members = [member.classified for member in self.members]
        mode = self.service.mode
        if mode == "weighted":
            return [self._weighted(members, period) for period in periods]
        required = {"all": None, "any": 1}[mode] if isinstance(mode, str) else mode
        combined = merge(members, lambda matrix: combine_members(matrix, required))
        return count(combined, periods, self.as_of)

    def _weighted(self, members: Sequence[Timeline], period: Period) -> Counts:
        weights = [member.weight for member in self.service.members]
        cut = min(max(period.start_ms, self.as_of), period.end_ms)
        past, future = (
            weighted_span(members, weights, span, degraded_weight=self.promised.terms.degraded_weight)
            for span in (Period("", period.start_ms, cut), Period("", cut, period.end_ms))
        )
        up, degraded, down, unknown, maintenance, inactive = past.spent
        ahead = sum(future.spent[:MAINTENANCE])
        return Counts(up, degraded, down, unknown, maintenance, inactive, ahead, past.bad_ms)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that checks.yml names, evaluated at one instant."""

    as_of: int
    components: Mapping[str, Evaluated]
    services: Mapping[str, EvaluatedService]


def evaluate(
    config: Config,
    history: History,
    *,
    as_of: int,
    plans: Sequence[Maintenance] = (),
    reported: Sequence[Reported] = (),
) -> Evaluation:
    """Every component and service of the configuration, from what is known of them at as_of.

    `plans` are the announced windows, `reported` the incidents from files that count.
    """
    components = {}
    for component in config.components.values():
        timeline = component_timeline(component, history.samples, history.pasts.get(component.id))
        windows = tuple(_windows(config, component, plans))
        measured = classify(timeline, _masking(windows, config.sla.terms))
        records = _about(component, history.incidents)
        one = Evaluated(
            component=component,
            timeline=timeline,
            windows=windows,
            reported=(),
            classified=measured,
            promised=promise(component.target, config.sla.credits, config.sla.terms),
            incidents=tuple(measured_incidents(timeline, measured, as_of=as_of, records=records)),
            as_of=as_of,
        )
        components[component.id] = one.told([told for told in reported if told.component == component.id])
    services = {
        service.id: EvaluatedService(
            service=service,
            members=tuple(components[member.component] for member in service.members),
            promised=promise(service.target, config.sla.credits, config.sla.terms),
            as_of=as_of,
        )
        for service in config.services
    }
    return Evaluation(as_of, components, services)


def _masking(windows: Sequence[Window], terms: Terms) -> Sequence[Window]:
    """The windows that have an effect under the terms."""
    return () if terms.maintenance_as == "ignore" else windows


def _about(component: Component, records: Iterable[IncidentRecord]) -> list[IncidentRecord]:
    names = {component.id, *component.was}
    return [record for record in records if record.component in names]


def several_down(evaluated: Iterable[Evaluated]) -> Timeline:
    """DOWN at every instant at which two or more components are counted down, UP elsewhere.

    A component whose dependency is down at that instant does not count: it is the same failure seen twice.
    """
    subjects = {one.component.id: one for one in evaluated}
    independent = [merge([one.classified, *_dependencies(one, subjects)], _down_by_itself) for one in subjects.values()]
    if not independent:
        return constant(UP)
    return merge(independent, lambda matrix: np.where((matrix == DOWN).sum(axis=0) >= 2, DOWN, UP).astype(np.int8))


def _down_by_itself(matrix: Matrix) -> Codes:
    """DOWN where the first row is down and none of the others is."""
    excused = (matrix[1:] == DOWN).any(axis=0)
    return np.where((matrix[0] == DOWN) & ~excused, DOWN, UP).astype(np.int8)


def _dependencies(one: Evaluated, subjects: Mapping[str, Evaluated]) -> list[Timeline]:
    """The classified timelines of everything it depends on, directly or not."""
    seen: set[str] = set()
    ahead = list(one.component.depends_on)
    while ahead:
        identity = ahead.pop()
        if identity in seen or identity not in subjects:
            continue
        seen.add(identity)
        ahead.extend(subjects[identity].component.depends_on)
    return [subjects[identity].classified for identity in sorted(seen)]


def _windows(config: Config, component: Component, plans: Sequence[Maintenance]) -> list[Window]:
    services = [s.id for s in config.services if component.id in {member.component for member in s.members}]
    return counted_windows(plans, {component.id, component.group, *services}, config.maintenance_notice_ms)


def _figures(periods: Sequence[Period], counts: Sequence[Counts], promised: Promise, as_of: int) -> list[Figures]:
    return [figures(period, counted, promised, as_of) for period, counted in zip(periods, counts, strict=True)]
