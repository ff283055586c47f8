"""The block `alerts` of checks.yml: who is told of what, as it is written.

Every field's description is its documentation; the reference page and the JSON Schema are made from them.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from statusledger.config.values import Duration, Id, LocationId, Percent, Positive, Text, Whole
from statusledger.config.watched import written
from statusledger.model import Level, Tier
from statusledger.written.block import Block, keys_of
from statusledger.written.values import text
from statusledger.written.wording import found

Off = Literal["off"]
Switch = Literal["on", "off"]
Hours = tuple[int, int]
"""The minutes of a day from and until which; until <= from goes past midnight."""


def _minute(word: str) -> int:
    if word == "24:00":
        return 24 * 60
    moment = time.fromisoformat(word)
    return moment.hour * 60 + moment.minute


def _hours(value: object) -> Hours:
    word = text(value)
    first, dash, last = word.partition("-")
    try:
        if not dash or len(first.strip()) != 5 or len(last.strip()) != 5:
            raise ValueError
        return _minute(first.strip()), _minute(last.strip())
    except ValueError:
        msg = f"{found(word)} is no span of a day; write e.g. 08:00-18:00, or 22:00-06:00 past midnight"
        raise ValueError(msg) from None


TimeOfDay = Annotated[
    Hours, PlainValidator(_hours), WithJsonSchema({"title": "hours", "type": "string", "pattern": r"^\d\d:\d\d-"})
]


class ChannelBlock(Block):
    """A way to tell somebody; its other keys belong to its type."""

    model_config = ConfigDict(extra="allow")

    type: Literal[
        "slack", "pagerduty", "email", "webhook", "alertmanager", "telegram", "discord", "teams", "apprise"
    ] = Field(description="What kind of channel it is.", examples=["slack"])


class RouteBlock(Block):
    """Which alerts go where: all that is written must fit. An alert goes to the channels of every route that fits."""

    severities: tuple[Level, ...] = Field((), description="Only these severities. Default: all.")
    components: tuple[Id, ...] = Field((), description="Only what is about these components. Default: all.")
    groups: tuple[Id, ...] = Field((), description="Only what is about components of these groups. Default: all.")
    tiers: tuple[Tier, ...] = Field((), description="Only what is about components of these tiers. Default: all.")
    locations: tuple[LocationId, ...] = Field((), description="Only what was seen at one of these. Default: all.")
    hours: TimeOfDay | None = Field(
        None, description="Only at this time of day, in `page.timezone`. Default: always.", examples=["08:00-18:00"]
    )
    channels: tuple[Text, ...] = Field(min_length=1, description="Names from `alerts.channels`.", examples=[["ops"]])


class EscalationBlock(Block):
    """Who is told as well when something lasts."""

    after: Duration = Field(description="How long after it was first told.", examples=["15m"])
    channels: tuple[Text, ...] = Field(min_length=1, description="Names from `alerts.channels`.", examples=[["boss"]])
    severities: tuple[Level, ...] = Field((Level.CRITICAL,), description="Only these severities.")


# --- rules --------------------------------------------------------------------------------------


class RuleBlock(Block):
    """The settings of one rule."""


class ServiceDownBlock(RuleBlock):
    """A component is confirmed down."""

    after: Duration = written("2m", "How much counted downtime it takes.")


class ServiceDegradedBlock(RuleBlock):
    """A component is degraded."""

    after: Duration = written("5m", "How long it must last.")


class HighResponseTimeBlock(RuleBlock):
    """Answers take longer than the thresholds of `performance`."""

    samples: Whole = Field(2, ge=1, le=100, description="How many answers in a row must be past a threshold.")


class MultipleServicesDownBlock(RuleBlock):
    """Several components are down at once; told instead of each of them."""

    at_least: Whole = Field(2, ge=2, description="How many components; one whose dependency is down does not count.")
    after: Duration = written("0s", "How long it must last.")


class LongOutageBlock(RuleBlock):
    """An outage goes on and on."""

    after: Duration = written("1h", "More counted downtime than this.")


class UptimeSLAWarningBlock(RuleBlock):
    """The budget of 24 hours is spent too fast."""

    burn: Positive = written("5", "The burn rate past which the rule fires.")


class UptimeSLACriticalBlock(RuleBlock):
    """The budget of 24 hours is spent far too fast."""

    burn: Positive = written("10", "The burn rate past which the rule fires.")


class ExpiringBlock(RuleBlock):
    """Something is about to expire."""

    warn_days: Whole = Field(21, ge=0, description="A warning with fewer days left than these.")
    critical_days: Whole = Field(7, ge=0, description="Critical with fewer days left than these.")


class MonitorStaleBlock(RuleBlock):
    """A location does not report, or too little is measured."""

    schedules: Whole = Field(3, ge=1, description="How many schedules of a location may pass without a tick.")
    coverage: Percent = written("95", "The coverage of 24 hours, in percent, under which the rule fires.")


class MaintenanceSoonBlock(RuleBlock):
    """Maintenance is coming."""

    before: Duration = written("24h", "How long before its start.")


def _rule(name: str, kind: type[RuleBlock], told: str) -> Any:
    return Field(default_factory=kind, alias=name, description=f"{told} `off` switches it off.")


def _switch(name: str, told: str) -> Any:
    return Field("on", alias=name, description=told)


class RulesBlock(Block):
    """The settings of the rules."""

    service_down: ServiceDownBlock | Off = _rule("ServiceDown", ServiceDownBlock, "Critical: confirmed down.")
    service_degraded: ServiceDegradedBlock | Off = _rule("ServiceDegraded", ServiceDegradedBlock, "Warning: degraded.")
    high_response_time: HighResponseTimeBlock | Off = _rule(
        "HighResponseTime", HighResponseTimeBlock, "Warning or critical: slow answers."
    )
    multiple_services_down: MultipleServicesDownBlock | Off = _rule(
        "MultipleServicesDown", MultipleServicesDownBlock, "Critical: several components at once."
    )
    long_outage: LongOutageBlock | Off = _rule("LongOutage", LongOutageBlock, "Critical: down for long.")
    uptime_sla_warning: UptimeSLAWarningBlock | Off = _rule(
        "UptimeSLAWarning", UptimeSLAWarningBlock, "Warning: burn rate of 24 hours."
    )
    uptime_sla_critical: UptimeSLACriticalBlock | Off = _rule(
        "UptimeSLACritical", UptimeSLACriticalBlock, "Critical: burn rate of 24 hours."
    )
    burn_rate: Switch = _switch("BurnRate", "Critical or warning: the four pairs of windows.")
    sla_breach: Switch = _switch("SLABreach", "Critical: a contract's budget is spent for good.")
    certificate_expiring: ExpiringBlock | Off = _rule(
        "CertificateExpiring", ExpiringBlock, "Warning or critical: days left of a certificate."
    )
    domain_expiring: ExpiringBlock | Off = _rule(
        "DomainExpiring", ExpiringBlock, "Warning or critical: days left of a domain."
    )
    monitor_stale: MonitorStaleBlock | Off = _rule("MonitorStale", MonitorStaleBlock, "Warning: nobody measures.")
    maintenance_soon: MaintenanceSoonBlock | Off = _rule(
        "MaintenanceSoon", MaintenanceSoonBlock, "Info: maintenance is coming."
    )
    maintenance_started: Switch = _switch("MaintenanceStarted", "Info: maintenance has begun.")
    maintenance_ended: Switch = _switch("MaintenanceEnded", "Info: maintenance is over.")
    incident_opened: Switch = _switch("IncidentOpened", "Info: an incident was opened.")
    incident_updated: Switch = _switch("IncidentUpdated", "Info: an incident has news.")
    incident_resolved: Switch = _switch("IncidentResolved", "Info: an incident is over.")
    postmortem_published: Switch = _switch("PostmortemPublished", "Info: what was learned from it.")


RULE_FIELDS = keys_of(RulesBlock)
"""The field behind the name of every rule, in the order of the documentation."""


class AlertsBlock(Block):
    """Who is told of what."""

    channels: dict[Text, ChannelBlock] = Field({}, description="Ways to tell somebody, by a name of your own.")
    routes: tuple[RouteBlock, ...] = Field(
        (), description="Which alerts go to which channels. Default: everything critical and every warning to all."
    )
    policy: Literal["confirmed", "immediate"] = Field(
        "confirmed",
        description="`confirmed`: as the rules say. `immediate`: down and degraded are told at the first failed sample "
        "of a check, at every fifth failure and at every change.",
    )
    remind_every: Duration | Off | None = Field(
        None,
        description="The first pause between reminders; each is twice as long as the one before, at most 24h. Default: "
        "every fifth failed sample or 1h, whichever is later; with `immediate` every fifth failure.",
        examples=["30m"],
    )
    escalate: tuple[EscalationBlock, ...] = Field((), description="Who is told as well when something lasts.")
    rules: RulesBlock = Field(default_factory=RulesBlock, description="Settings by rule; `off` silences one.")
