"""What fires at an instant, and how the channels do, as readers of the page may know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from statusledger.config.telling import Alerting
from statusledger.history.sent import ChannelState, Sent, channel_states
from statusledger.model import Level
from statusledger.rules import Alert, Situation, alerts


@dataclass(frozen=True, slots=True)
class AlertReport:
    """One alert that holds; `key` is its deduplication key, `incident` the one that it is news of.

    `suppressed`: why nobody new is told of it, None where it fires. `frozen`: nothing is known now, so it stays as it
    was. Texts are plain.
    """

    key: str
    rule: str
    severity: Level
    name: str
    components: tuple[str, ...]
    since: int
    headline: str
    reason: str
    locations: tuple[str, ...]
    codes: tuple[str, ...]
    suppressed: str | None
    frozen: bool
    incident: str | None


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """One configured channel: its name and type, when it last took a message, and what goes wrong since when."""

    name: str
    type: str
    state: ChannelState


def firing(situation: Situation) -> tuple[AlertReport, ...]:
    """Everything that holds at as_of, in the order of the rules; what is told once and is over is no alert."""
    since = situation.config.page.since
    return tuple(_report(one, since) for one in alerts(situation) if one.ended_at is None and not one.told_with)


def _report(one: Alert, since: str) -> AlertReport:
    return AlertReport(
        key=one.key(since),
        rule=one.rule,
        severity=one.severity,
        name=one.name,
        components=one.members or ((one.component,) if one.component else ()),
        since=one.since,
        headline=str(one.headline),
        reason=str(one.reason),
        locations=one.locations,
        codes=one.codes,
        suppressed=one.held,
        frozen=one.frozen,
        incident=one.story,
    )


def firing_by_severity(told: Iterable[AlertReport]) -> Mapping[Level, int]:
    """How many alerts fire of each severity."""
    severities = [one.severity for one in told if one.suppressed is None]
    return {level: severities.count(level) for level in Level}


def channels(alerting: Alerting, told: Iterable[Sent]) -> tuple[ChannelReport, ...]:
    """How every configured channel does, as the sent log has it."""
    states = channel_states(told)
    return tuple(
        ChannelReport(name, one.type, states.get(name, ChannelState())) for name, one in alerting.channels.items()
    )
