"""Config + history -> one evaluated subject per component and service; the report and `statusledger sla` read these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from statusledger.config import Config
from statusledger.history.incidents import IncidentRecord
from statusledger.incidents import measured_incidents
from statusledger.model import Component, Maintenance
from statusledger.report.causes import causes
from statusledger.report.evaluated import Evaluated, EvaluatedService, masking
from statusledger.report.filed import NOTHING_FILED, Filed
from statusledger.rollup.reading import History
from statusledger.sla import promise
from statusledger.timeline import (
    Reported,
    Window,
    classify,
    component_timeline,
    constant,
    counted_windows,
)
from statusledger.timeline.steps import INACTIVE


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that checks.yml names, evaluated at one instant; `components` has stand-ins of private ones too."""

    as_of: int
    components: Mapping[str, Evaluated]
    services: Mapping[str, EvaluatedService]

    def told(self, reported: Sequence[Reported]) -> Evaluation:
        """The same with what incident files say."""
        of: dict[str, list[Reported]] = defaultdict(list)
        for told in reported:
            of[told.component].append(told)
        components = {identity: one.told(of.get(identity, ())) for identity, one in self.components.items()}
        services = {
            identity: one.of(tuple(components[member.component] for member in one.service.members))
            for identity, one in self.services.items()
        }
        return Evaluation(self.as_of, components, services)


def evaluate(config: Config, history: History, *, as_of: int, filed: Filed = NOTHING_FILED) -> Evaluation:
    """Every component and service of the configuration, from what is known of them at as_of."""
    components = {}
    records = _by_component(config.subjects.values(), history.incidents)
    for component in config.subjects.values():
        timeline = component_timeline(component, history.samples, history.pasts.get(component.id))
        windows = tuple(_windows(config, component, filed.plans))
        measured = classify(timeline, masking(windows, config.sla.terms))
        known = records.get(component.id, ())
        incidents = tuple(measured_incidents(timeline, measured, as_of=as_of, records=known))
        components[component.id] = Evaluated(
            component=component,
            timeline=timeline,
            windows=windows,
            reported=(),
            classified=measured,
            promised=promise(component.target, config.sla.credits, config.sla.terms),
            incidents=incidents,
            causes=causes(incidents, ()),
            as_of=as_of,
        )
    services = {
        service.id: EvaluatedService(
            service=service,
            members=(),
            classified=constant(INACTIVE),
            causes=(),
            promised=promise(service.target, config.sla.credits, config.sla.terms),
            as_of=as_of,
        )
        for service in config.services
    }
    return Evaluation(as_of, components, services).told(filed.reported)


def _by_component(
    components: Iterable[Component], records: Iterable[IncidentRecord]
) -> Mapping[str, Sequence[IncidentRecord]]:
    """The records of each component, also under its earlier ids, in the order they are in."""
    owners: dict[str, list[str]] = defaultdict(list)
    for component in components:
        for name in {component.id, *component.was}:
            owners[name].append(component.id)
    found: dict[str, list[IncidentRecord]] = defaultdict(list)
    for record in records:
        for owner in owners.get(record.component, ()):
            found[owner].append(record)
    return found


def _windows(config: Config, component: Component, plans: Sequence[Maintenance]) -> list[Window]:
    services = [s.id for s in config.services if component.id in {member.component for member in s.members}]
    return counted_windows(plans, {component.id, component.group, *services}, config.maintenance_notice_ms)
