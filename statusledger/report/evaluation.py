"""Config + history -> one evaluated subject per component and service; the report and `statusledger sla` read these."""

from __future__ import annotations

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
        components = {
            identity: one.told([told for told in reported if told.component == identity])
            for identity, one in self.components.items()
        }
        services = {
            identity: one.of(tuple(components[member.component] for member in one.service.members))
            for identity, one in self.services.items()
        }
        return Evaluation(self.as_of, components, services)


def evaluate(config: Config, history: History, *, as_of: int, filed: Filed = NOTHING_FILED) -> Evaluation:
    """Every component and service of the configuration, from what is known of them at as_of."""
    components = {}
    for component in config.subjects.values():
        timeline = component_timeline(component, history.samples, history.pasts.get(component.id))
        windows = tuple(_windows(config, component, filed.plans))
        measured = classify(timeline, masking(windows, config.sla.terms))
        records = _about(component, history.incidents)
        incidents = tuple(measured_incidents(timeline, measured, as_of=as_of, records=records))
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


def _about(component: Component, records: Iterable[IncidentRecord]) -> list[IncidentRecord]:
    names = {component.id, *component.was}
    return [record for record in records if record.component in names]


def _windows(config: Config, component: Component, plans: Sequence[Maintenance]) -> list[Window]:
    services = [s.id for s in config.services if component.id in {member.component for member in s.members}]
    return counted_windows(plans, {component.id, component.group, *services}, config.maintenance_notice_ms)
