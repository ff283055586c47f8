"""One subject at one instant: what it was, and what it was held against.

This is the only place where timelines meet promises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from statusledger.clock import Period
from statusledger.incidents import MeasuredIncident
from statusledger.model import Component, Service, State, Terms
from statusledger.report.causes import Cause, causes, downtimes, shared
from statusledger.report.spans import Downtime, Interval
from statusledger.sla import Burn, Counts, Figures, Promise, burns, count, figures
from statusledger.sla.services import combined, service_counts
from statusledger.timeline import (
    ComponentTimeline,
    Reported,
    Timeline,
    Window,
    classify,
)
from statusledger.timeline.services import weighted_intervals


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
    causes: tuple[Cause, ...]
    as_of: int

    @property
    def alive_from(self) -> int | None:
        """When it came to life; None: not yet."""
        return self.timeline.alive_from

    def figures(self, periods: Sequence[Period]) -> list[Figures]:
        """D7 to D9 for each period."""
        return _figures(periods, self.counts(periods), self.promised, self.as_of)

    def counts(self, periods: Sequence[Period]) -> list[Counts]:
        """Milliseconds of each class in each period."""
        return count(self.classified, periods, self.as_of)

    def told(self, reported: Sequence[Reported]) -> Evaluated:
        """The same component with what incident files say of it."""
        return self._classified(tuple(reported), self.promised) if reported else self

    def held_against(self, promised: Promise) -> Evaluated:
        """The same time under other terms, a contract's."""
        if promised.terms.maintenance_as == self.promised.terms.maintenance_as:
            return replace(self, promised=promised)
        return self._classified(self.reported, promised)

    def _classified(self, reported: tuple[Reported, ...], promised: Promise) -> Evaluated:
        classified = classify(self.timeline, masking(self.windows, promised.terms), reported)
        found = causes(self.incidents, reported)
        return replace(self, reported=reported, promised=promised, classified=classified, causes=found)

    def downtimes(self, period: Period) -> tuple[Downtime, ...]:
        """The counted downtime of every incident in the period, oldest first; together it is all that counts."""
        return downtimes(self.causes, self.classified, period, self.as_of)

    def intervals(self, period: Period) -> tuple[Interval, ...]:
        """Everything in the period up to as_of that was not plainly up."""
        return tuple(intervals(self.classified, period, self.as_of))

    def burns(self) -> tuple[Burn, ...]:
        """How fast its budget is being spent."""
        return burns(self.counts, self.classified, self.promised, self.as_of)


@dataclass(frozen=True, slots=True)
class EvaluatedService:
    """One service at as_of, combined from its members before anything is counted.

    `classified` is what it was at every instant, `causes` are the incidents of all its members, one for each instant.
    """

    service: Service
    members: tuple[Evaluated, ...]
    classified: Timeline
    causes: tuple[Cause, ...]
    promised: Promise
    as_of: int

    def figures(self, periods: Sequence[Period]) -> list[Figures]:
        """D7 to D9 for each period."""
        return _figures(periods, self.counts(periods), self.promised, self.as_of)

    def held_against(self, promised: Promise) -> EvaluatedService:
        """The same time under other terms, a contract's."""
        members = tuple(member.held_against(replace(member.promised, terms=promised.terms)) for member in self.members)
        return replace(self.of(members), promised=promised)

    def of(self, members: tuple[Evaluated, ...]) -> EvaluatedService:
        """The same service with other members."""
        return replace(
            self,
            members=members,
            classified=combined(self.service, [member.classified for member in members]),
            causes=shared(cause for member in members for cause in member.causes),
        )

    @property
    def _classified(self) -> list[Timeline]:
        return [member.classified for member in self.members]

    @property
    def alive_from(self) -> int | None:
        """When its first member came to life."""
        found = (member.timeline.alive_from for member in self.members)
        return min((instant for instant in found if instant is not None), default=None)

    def counts(self, periods: Sequence[Period]) -> list[Counts]:
        """Milliseconds of each class in each period, after the members are combined."""
        if self.service.mode != "weighted":
            return count(self.classified, periods, self.as_of)
        weight = self.promised.terms.degraded_weight
        return service_counts(self.service, self._classified, periods, degraded_weight=weight, as_of=self.as_of)

    def intervals(self, period: Period) -> tuple[Interval, ...]:
        """Everything in the period up to as_of that was not plainly up; of a weighted one with its share."""
        members, terms = self._classified, self.promised.terms
        return tuple(service_intervals(self.service, members, period, terms=terms, as_of=self.as_of))

    def downtimes(self, period: Period) -> tuple[Downtime, ...]:
        """The downtime of the service by the incidents of its members, oldest first; each instant has one."""
        return downtimes(self.causes, self.classified, period, self.as_of)

    def burns(self) -> tuple[Burn, ...]:
        """How fast its budget is being spent."""
        return burns(self.counts, self.classified, self.promised, self.as_of)


def masking(windows: Sequence[Window], terms: Terms) -> Sequence[Window]:
    """The windows that have an effect under the terms."""
    return () if terms.maintenance_as == "ignore" else windows


def intervals(classified: Timeline, period: Period, as_of: int) -> Iterator[Interval]:
    """Everything in the period up to as_of that was not plainly up."""
    for start, end, state in classified.intervals(period.start_ms, min(period.end_ms, as_of)):
        if state is not State.UP:
            yield Interval(start, None if end == as_of else end, state)


def service_intervals(
    service: Service, members: Sequence[Timeline], period: Period, *, terms: Terms, as_of: int
) -> Iterator[Interval]:
    """The same of a service; of a weighted one with the share that is bad."""
    if service.mode != "weighted":
        yield from intervals(combined(service, members), period, as_of)
        return
    past = Period("", period.start_ms, min(period.end_ms, as_of))
    weights = [member.weight for member in service.members]
    for start, end, state, share in weighted_intervals(members, weights, past, degraded_weight=terms.degraded_weight):
        if state is not State.UP:
            yield Interval(start, None if end == as_of else end, state, share)


def _figures(periods: Sequence[Period], counts: Sequence[Counts], promised: Promise, as_of: int) -> list[Figures]:
    return [figures(period, counted, promised, as_of) for period, counted in zip(periods, counts, strict=True)]
