"""The block `alerts` of checks.yml: who is told of what, as it is written.

Every field's description is its documentation; the reference page and the JSON Schema are made from them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from statusledger.config.values import Duration, Positive, Text
from statusledger.written.block import Block

Level = Literal["critical", "warning", "info"]
RuleName = Literal[
    "ServiceDown",
    "ServiceDegraded",
    "HighResponseTime",
    "MultipleServicesDown",
    "LongOutage",
    "UptimeSLAWarning",
    "UptimeSLACritical",
    "BurnRate",
    "SLABreach",
    "CertificateExpiring",
    "DomainExpiring",
    "MonitorStale",
    "MaintenanceSoon",
    "MaintenanceStarted",
    "MaintenanceEnded",
    "IncidentOpened",
    "IncidentUpdated",
    "IncidentResolved",
    "PostmortemPublished",
]


class ChannelBlock(Block):
    """A way to tell somebody; its other keys belong to its type."""

    model_config = ConfigDict(extra="allow")

    type: Literal[
        "slack", "pagerduty", "email", "webhook", "alertmanager", "telegram", "discord", "teams", "apprise"
    ] = Field(description="What kind of channel it is.")


class RouteBlock(Block):
    """Which alerts go where."""

    severities: tuple[Level, ...] = Field((), description="Only these severities. Default: all.")
    channels: tuple[Text, ...] = Field(min_length=1, description="Names from `alerts.channels`.", examples=[["ops"]])


class RuleBlock(Block):
    """The setting of one rule."""

    after: Duration | None = Field(None, description="How long it must last before the rule fires.", examples=["2m"])
    burn: Positive | None = Field(None, description="The burn rate at which the rule fires.", examples=[5])


class AlertsBlock(Block):
    """Who is told of what."""

    channels: dict[str, ChannelBlock] = Field({}, description="Ways to tell somebody, by a name of your own.")
    routes: tuple[RouteBlock, ...] = Field((), description="Which alerts go to which channels.")
    rules: dict[RuleName, RuleBlock | Literal["off"]] = Field({}, description="Settings by rule; `off` silences one.")
