"""Many alerts of one rule at once -> one that stands for them: a phone that rings 2,000 times tells nothing.

What lasts is folded as long as two of it hold, under a key of its own; what is told once is folded when it is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from statusledger.history.sent import Standings
from statusledger.model import Level
from statusledger.rules import Alert, key
from statusledger.rules.outlook import together

MANY = "many"
MORE_THAN = 5
STILL = 2
NAMES_TOLD = 10
GRAVITY = tuple(Level)

Keyed = Mapping[str, Alert]


def fold(alerts: Keyed, channel: str, standings: Standings, since: str) -> tuple[Keyed, Mapping[str, str]]:
    """One more alert for every rule with many that lead to the channel, and why each of the many is not told."""
    found: dict[str, Alert] = {}
    held: dict[str, str] = {}
    by_rule: dict[str, list[str]] = defaultdict(list)
    for one, alert in alerts.items():
        if alert.firing and not alert.members:
            by_rule[alert.rule].append(one)
    for rule, keys in by_rule.items():
        of_many = key(since, rule, MANY)
        known = standings.get((of_many, channel))
        new = [one for one in keys if not alerts[one].frozen and not _is_open(standings, one, channel)]
        if len(new) > MORE_THAN or (known and known.open and len(keys) >= STILL):
            found[of_many] = _many(rule, [alerts[one] for one in keys])
            held |= dict.fromkeys(keys, f"told as one of many: {rule}")
    return found, held


def _is_open(standings: Standings, one: str, channel: str) -> bool:
    standing = standings.get((one, channel))
    return standing is not None and standing.open


def _many(rule: str, alerts: Sequence[Alert]) -> Alert:
    worst = min(alerts, key=lambda alert: GRAVITY.index(alert.severity))
    return Alert(
        rule=rule,
        severity=worst.severity,
        subject=MANY,
        name=f"{len(alerts):,} components",
        since=min(alert.since for alert in alerts),
        headline=f"{rule}: {together([alert.name for alert in alerts])}",
        reason=told(alerts),
        state=worst.state,
        frozen=all(alert.frozen for alert in alerts),
        members=_distinct(alert.component for alert in alerts),
        groups=_distinct(alert.group for alert in alerts),
        tiers=_distinct(alert.tier for alert in alerts),
        private=any(alert.private for alert in alerts),
        told_with=alerts[0].told_with if len({alert.told_with for alert in alerts}) == 1 else (),
    )


def told(alerts: Sequence[Alert]) -> str:
    """What is said of each, as far as somebody would read it."""
    each = [f"{alert.name}: {alert.reason}" for alert in alerts[:NAMES_TOLD]]
    rest = [f"And {len(alerts) - NAMES_TOLD:,} more."] if len(alerts) > NAMES_TOLD else []
    return "\n".join([*each, *rest])


def _distinct(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def batches(alerts: Iterable[Alert]) -> Iterator[tuple[str, list[Alert]]]:
    """The alerts by rule."""
    by_rule: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        by_rule[alert.rule].append(alert)
    yield from by_rule.items()
