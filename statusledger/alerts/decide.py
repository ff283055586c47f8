"""What holds, what was told, and who is to be told what -> what to tell whom now, and why not the rest.

Pure: the same alerts, log and instant give the same decisions. The difference between what should be open and what was
told is sent; everything else is a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from statusledger.alerts.folding import MANY, MORE_THAN, batches, told
from statusledger.channels.contract import Kind
from statusledger.config.telling import Alerting
from statusledger.history.sent import About, Sent, Standing, Standings, standings
from statusledger.model import Level
from statusledger.rules import Alert, key

# their keys name an incident, which may get another id as long as nobody has recorded it
OF_INCIDENTS = frozenset({"ServiceDown", "LongOutage"})


@dataclass(frozen=True, slots=True)
class Decision:
    """One message to one channel, or why there is none.

    `alert` is None where nothing is left of it but what was told. `number` counts the messages before it, `since` is
    what the channel was told first, `told` the severity that it knows. `covers`: one message for all of these.
    """

    key: str
    channel: str
    kind: Kind
    rule: str
    severity: Level
    since: int
    reason: str
    sends: bool
    about: About
    alert: Alert | None = None
    standing: Standing | None = None
    once: bool = False
    private: bool = False
    covers: tuple[Decision, ...] = ()

    @property
    def number(self) -> int:
        """How many messages of it the channel took before."""
        return self.standing.number if self.standing else 0

    @property
    def told(self) -> Level | None:
        """The severity that the channel knows."""
        return self.standing.told.severity if self.standing and self.standing.told else None


@dataclass(frozen=True, slots=True)
class Memory:
    """What was told before: the standing of every key with every channel, and since when each channel is known."""

    standings: Standings
    joined: Mapping[str, int]

    def first_tried(self, one: str) -> int | None:
        """When anybody was first to be told under a key."""
        return min((found.first.at for (known, _), found in self.standings.items() if known == one), default=None)


def memory(records: Sequence[Sent]) -> Memory:
    """What follows from the sent log."""
    joined: dict[str, int] = {}
    for sent in records:
        joined[sent.channel] = min(sent.at, joined.get(sent.channel, sent.at))
    return Memory(standings(records), joined)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is told of what on a page: its first day (part of every key), its zone, the block `alerts`."""

    since: str
    zone: str
    alerting: Alerting


def keyed(alerts: Iterable[Alert], known: Memory, since: str, episodes: Collection[str]) -> dict[str, Alert]:
    """The alerts by the key that they are told by: an earlier one where their incident has another id by now.

    `episodes` are the ids of all incidents that there are.
    """
    told_keys = {one for one, _ in known.standings}
    open_keys = {one for (one, _), standing in known.standings.items() if standing.open}
    return {_known_key(alert, alert.key(since), (told_keys, open_keys), episodes): alert for alert in alerts}


def _known_key(alert: Alert, one: str, keys: tuple[Collection[str], Collection[str]], episodes: Collection[str]) -> str:
    told_keys, open_keys = keys
    if alert.also and one not in told_keys:
        return next((other for other in alert.also if other in told_keys), one)
    if alert.rule not in OF_INCIDENTS or alert.episode is None:
        return one
    stem = one.removesuffix(alert.episode)
    orphans = (known for known in open_keys if known.startswith(stem) and known.removeprefix(stem) not in episodes)
    return min(orphans, default=one)


def about(alert: Alert) -> About:
    """What is remembered of an alert."""
    return About(alert.name, alert.component, alert.group, alert.tier, alert.locations)


@dataclass(frozen=True, slots=True)
class Told:
    """An alert under its key, and how it stands with a channel."""

    key: str
    channel: str
    alert: Alert
    standing: Standing | None = None


def decision(told: Told, kind: Kind, reason: str, *, sends: bool) -> Decision:
    """What is decided of an alert that holds; what the channel was told first stays as it was."""
    alert, standing = told.alert, told.standing
    first = standing.first if standing and standing.open else None
    return Decision(
        key=told.key,
        channel=told.channel,
        kind=kind,
        rule=alert.rule,
        severity=alert.severity,
        since=first.since if first else alert.since,
        reason=reason,
        sends=sends,
        about=(first.about if first else None) or about(alert),
        alert=alert,
        standing=standing,
        once=not alert.lasting,
        private=alert.private,
    )


def said_once(decisions: Sequence[Decision]) -> list[Decision]:
    """The same, where what another message says as well is told by that one alone."""
    within: dict[str, list[Decision]] = {one.key: [] for one in decisions if one.sends}
    waiting = {one.key for one in decisions if not one.sends and one.standing and _is_untold(one.standing)}
    rest: list[Decision] = []
    for one in decisions:
        with_it = one.alert.told_with if one.alert and one.sends and one.kind is Kind.TRIGGER else ()
        teller = next((key for key in with_it if key in within), None)
        if waiting.intersection(with_it):
            rest.append(replace(one, sends=False, reason="it waits for what comes before it"))
        elif teller is None:
            rest.append(one)
        else:
            within[teller].append(one)
            rest.append(replace(one, sends=False, reason=f"told with {teller.split('/')[2]}"))
    return [replace(one, covers=tuple(within[one.key])) if one.sends and within[one.key] else one for one in rest]


def _is_untold(standing: Standing) -> bool:
    """Whether a first message is still to be taken."""
    return standing.told is None and standing.failure is not None


def in_batches(decisions: Sequence[Decision], since: str) -> list[Decision]:
    """The same, where many messages of one rule that are told once become one."""
    rest = [one for one in decisions if not (one.sends and one.once)]
    for rule, alerts in batches(one.alert for one in decisions if one.sends and one.once and one.alert):
        several = [one for one in decisions if one.sends and one.once and one.rule == rule]
        rest += [_batch(several, alerts, since)] if len(several) > MORE_THAN else several
    return rest


def _batch(several: Sequence[Decision], alerts: Sequence[Alert], since: str) -> Decision:
    first = several[0]
    digest = sha256("\n".join(sorted(one.key for one in several)).encode()).hexdigest()[:16]
    alert = Alert(
        rule=first.rule,
        severity=first.severity,
        subject=MANY,
        name=f"{len(alerts):,} components",
        since=min(one.since for one in alerts),
        headline=f"{first.rule}: {len(alerts):,} at once",
        reason=told(alerts),
        episode=digest,
        lasting=False,
        private=any(one.private for one in alerts),
    )
    return Decision(
        key=key(since, first.rule, MANY, digest),
        channel=first.channel,
        kind=Kind.TRIGGER,
        rule=first.rule,
        severity=first.severity,
        since=alert.since,
        reason=f"{len(several):,} at once",
        sends=True,
        about=about(alert),
        alert=alert,
        once=True,
        private=alert.private,
        covers=tuple(one for each in several for one in (each, *each.covers)),
    )
