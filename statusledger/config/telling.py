"""`alerts:` as it is written -> who is told of what, with the settings of every channel checked by its own type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from statusledger.channels import CHANNELS
from statusledger.config.alerting import RULE_FIELDS, AlertsBlock, ExpiringBlock, Hours, RulesBlock
from statusledger.model import Level, Tier
from statusledger.written.faults import Faults
from statusledger.written.source import Path

if TYPE_CHECKING:
    from statusledger.channels.contract import Settings


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """A channel by its name; the settings are its type's own, still with their `{{ NAME }}`s."""

    name: str
    type: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Route:
    """Where alerts go that fit everything which is said; an empty tuple says nothing.

    `hours` are minutes of the day in the zone of the page.
    """

    channels: tuple[str, ...]
    severities: tuple[Level, ...] = ()
    components: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    locations: tuple[str, ...] = ()
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told as well when something has lasted."""

    after_ms: int
    channels: tuple[str, ...]
    severities: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Alerting:
    """Who is told of what. `remind_ms` None: nothing is said of pauses; `reminds` False: no reminders."""

    channels: Mapping[str, ChannelConfig] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    policy: Literal["confirmed", "immediate"] = "confirmed"
    remind_ms: int | None = None
    reminds: bool = True
    escalate: tuple[Escalation, ...] = ()
    rules: RulesBlock = field(default_factory=RulesBlock)

    def is_on(self, rule: str) -> bool:
        """Whether a rule, by its name, is not switched off."""
        return bool(getattr(self.rules, RULE_FIELDS[rule]) != "off")


def read_alerts(data: Mapping[str, Any], block: AlertsBlock, faults: Faults) -> Alerting:
    """What is said of alerts; `faults` has what is wrong with the settings of channels and with thresholds."""
    written = data.get("alerts")
    _check_thresholds(block.rules, faults)
    channels = dict(_channels(written.get("channels") if isinstance(written, Mapping) else None, faults))
    return Alerting(
        channels=channels,
        routes=tuple(_route(route) for route in block.routes) or _everything(channels),
        policy=block.policy,
        remind_ms=block.remind_every if isinstance(block.remind_every, int) else None,
        reminds=block.remind_every != "off",
        escalate=tuple(Escalation(one.after, one.channels, one.severities) for one in block.escalate),
        rules=block.rules,
    )


def _channels(written: object, faults: Faults) -> Iterator[tuple[str, ChannelConfig]]:
    for name, given in written.items() if isinstance(written, Mapping) else ():
        kind = given.get("type") if isinstance(given, Mapping) else None
        if not isinstance(kind, str) or kind not in CHANNELS:
            continue
        own = {key: value for key, value in given.items() if key != "type"}
        settings = faults.validated(CHANNELS[kind].settings, own, partial(_place, name), known=("type",))
        if settings is not None:
            yield str(name), ChannelConfig(str(name), kind, settings)


def _place(name: str, inner: Path) -> Path:
    return ("alerts", "channels", name, *inner)


def _route(block: Any) -> Route:
    return Route(**dict(block))


def _everything(channels: Iterable[str]) -> tuple[Route, ...]:
    """Without routes everybody is told of trouble; news go where somebody asks for them."""
    return (Route(tuple(channels), (Level.CRITICAL, Level.WARNING)),)


def _check_thresholds(rules: RulesBlock, faults: Faults) -> None:
    for name, key in (("CertificateExpiring", "certificate_expiring"), ("DomainExpiring", "domain_expiring")):
        block = getattr(rules, key)
        if isinstance(block, ExpiringBlock) and block.critical_days > block.warn_days:
            faults.add(
                ("alerts", "rules", name),
                f"critical_days is {block.critical_days} and warn_days {block.warn_days}; a warning has to come first",
            )
