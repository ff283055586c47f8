"""What should be told now, from what was measured: one function per rule, and the one registry of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from statusledger.rules import budget, expiry, immediate, maintenance, monitoring, news, outages, slowness
from statusledger.rules.alert import SEVERAL, Alert, ContractStanding, Situation, Watched, key
from statusledger.rules.outlook import Outlook

__all__ = ["RULES", "SEVERAL", "Alert", "ContractStanding", "Rule", "Situation", "Watched", "alerts", "episodes", "key"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what is said when it is over (`{name}` stands for what it is about), and whether it is an outage.

    Outages are reminded of as `remind_every` says, all others once a day. What has no end says nothing.
    """

    over: str = ""
    outage: bool = False


RULES: Mapping[str, Rule] = {
    "ServiceDown": Rule("{name} is up again", outage=True),
    "ServiceDegraded": Rule("{name} is no longer degraded", outage=True),
    "HighResponseTime": Rule("{name} answers in time again", outage=True),
    "MultipleServicesDown": Rule("Fewer components are down", outage=True),
    "LongOutage": Rule("{name}: the long outage is over", outage=True),
    "UptimeSLAWarning": Rule("{name} keeps its downtime budget of 24 h again"),
    "UptimeSLACritical": Rule("{name} keeps its downtime budget of 24 h again"),
    "BurnRate": Rule("{name} spends its downtime budget slowly again"),
    "SLABreach": Rule("Contract {name}: the breached period is over"),
    "CertificateExpiring": Rule("{name} has a certificate that lasts"),
    "DomainExpiring": Rule("{name} has a domain that lasts"),
    "MonitorStale": Rule("{name}: measured again"),
    "MaintenanceSoon": Rule(),
    "MaintenanceStarted": Rule(),
    "MaintenanceEnded": Rule(),
    "IncidentOpened": Rule(),
    "IncidentUpdated": Rule(),
    "IncidentResolved": Rule(),
    "PostmortemPublished": Rule(),
}

_CONFIRMED = (outages.service_down, slowness.service_degraded)
_IMMEDIATE = (immediate.changes,)
_ALWAYS: tuple[Callable[[Outlook], Iterator[Alert]], ...] = (
    outages.multiple,
    outages.long_outage,
    slowness.high_response_time,
    budget.spending,
    budget.sla_breach,
    expiry.certificates,
    expiry.domains,
    monitoring.monitor_stale,
    maintenance.maintenance,
    news.incidents,
)


def alerts(situation: Situation) -> list[Alert]:
    """Everything that holds at as_of, also what is held back or frozen, in the order of the rules."""
    outlook, alerting = Outlook(situation), situation.config.alerts
    finders = (*(_CONFIRMED if alerting.policy == "confirmed" else _IMMEDIATE), *_ALWAYS)
    found = (alert for find in finders for alert in find(outlook) if alerting.is_on(alert.rule))
    order = list(RULES)
    return sorted(found, key=lambda alert: order.index(alert.rule))


def episodes(situation: Situation) -> frozenset[str]:
    """The ids of every incident and spell that is known; one that is told and not among them has another id by now."""
    incidents = (incident.id for one in situation.subjects.values() for incident in one.incidents)
    alerting = situation.config.alerts
    if alerting.policy == "confirmed":
        return frozenset(incidents)
    checks = (check for one in situation.subjects.values() for check in one.timeline.counted)
    return frozenset(
        [*incidents, *(spell.id for check in checks for spell in immediate.spells(check, alerting, situation.as_of))]
    )
