"""One channel at one instant -> a decision on everything that holds, and on everything that it was told and is over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from statusledger.alerts.decide import Decision, Memory, Policy, Told, decision, in_batches, keyed, said_once
from statusledger.alerts.folding import Keyed, fold
from statusledger.alerts.routes import escalations, leads, minute_of_day
from statusledger.channels.contract import Kind
from statusledger.clock import DAY_MS, HOUR_MS, format_duration, format_instant
from statusledger.config.telling import Escalation
from statusledger.history.sent import About, Standing
from statusledger.model import Level
from statusledger.rules import RULES, Alert

FIRST_PAUSE_MS = HOUR_MS
LONGEST_PAUSE_MS = DAY_MS
SAMPLES_A_REMINDER = 5
REFUSED_PAUSE_MS = HOUR_MS
GRAVITY = tuple(Level)
OUTAGES = frozenset({"ServiceDown", "MultipleServicesDown"})
NOBODY = ""
"""The channel of decisions about alerts that no route leads anywhere."""


def decide(
    alerts: Iterable[Alert], known: Memory, policy: Policy, now: int, *, episodes: Collection[str] = frozenset()
) -> list[Decision]:
    """Every message that is due at `now`, channel by channel, and why others are not.

    `episodes` are the ids of all incidents that there are.
    """
    holding = keyed(alerts, known, policy.since, episodes)
    minute = minute_of_day(now, policy.zone)
    found: list[Decision] = []
    for channel in policy.alerting.channels:
        judge = Judge(channel, known, policy, now, minute)
        concerned = {one: alert for one, alert in holding.items() if judge.concerns(one, alert)}
        many, held = fold(concerned, channel, known.standings, policy.since)
        judge = replace(judge, alerts={**concerned, **many}, held=held)
        found += in_batches(said_once([*judge.of_all(), *judge.ends(holding)]), policy.since)
    told = {one.alert.key(policy.since) for one in found if one.alert}
    nobody = "no route leads anywhere"
    for one, alert in holding.items():
        if alert.key(policy.since) not in told:
            reason = alert.held or nobody
            found.append(decision(Told(one, NOBODY, alert), Kind.TRIGGER, reason, sends=False))
    return found


@dataclass(frozen=True, slots=True)
class Judge:
    """What one channel is told `now`, at a `minute` of the local day, of the alerts that concern it, by key.

    `held`: why some of them are not told by themselves.
    """

    channel: str
    known: Memory
    policy: Policy
    now: int
    minute: int
    alerts: Keyed = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)

    def concerns(self, one: str, alert: Alert) -> bool:
        """Whether the channel is told of an alert, was told of it, or would be if it lasts."""
        return self._leads(alert) or bool(self._steps(alert)) or self._standing(one) is not None or self._answers(alert)

    def of_all(self) -> Iterator[Decision]:
        """A decision on each alert that holds."""
        alerts = self.alerts
        for one, alert in alerts.items():
            standing = self._standing(one)
            if not alert.lasting:
                yield self._news(one, alert, standing)
            elif alert.ended_at is not None:
                yield from self._missed(one, alert, standing)
            elif standing is not None and standing.open:
                yield self._follow_up(one, alert, standing)
            else:
                yield self._first(one, alert, standing)

    def ends(self, holding: Keyed) -> Iterator[Decision]:
        """A recovery for everything that the channel knows of and that does not hold any more, here or elsewhere."""
        lasting = {one for one, alert in {**holding, **self.alerts}.items() if alert.lasting and alert.ended_at is None}
        for (one, channel), standing in self.known.standings.items():
            if channel != self.channel or not standing.open or one in lasting:
                continue
            first = standing.first
            waiting = self._refused(standing)
            yield Decision(
                key=one,
                channel=channel,
                kind=Kind.RECOVERY,
                rule=(standing.told or first).rule,
                severity=(standing.told or first).severity,
                since=first.since,
                reason=waiting or "over, and the channel was told of it",
                sends=waiting is None,
                about=first.about or About(one),
                standing=standing,
                private=first.private,
            )

    # --- what has no end ------------------------------------------------------------------------

    def _news(self, one: str, alert: Alert, standing: Standing | None) -> Decision:
        reason = self._old_news(alert, standing)
        sends = reason is None
        return self._decided(one, Kind.TRIGGER, alert, standing, (reason or "news", sends))

    def _old_news(self, alert: Alert, standing: Standing | None) -> str | None:
        """Why it is not told, if so."""
        if standing is not None and standing.told is not None:
            return f"told at {format_instant(standing.told.at)}"
        if alert.held:
            return alert.held
        if not self._answers(alert):
            if not self._leads(alert):
                return "no route leads here now"
            if alert.until is not None and self.now >= alert.until:
                return "no news any more"
            if alert.ended_at is not None and alert.ended_at < self._joined:
                return "it was over before this channel was set up"
        return self._refused(standing)

    def _answers(self, alert: Alert) -> bool:
        """Whether the channel was told the beginning of what this is the end of."""
        openers = (self._standing(one) for one in alert.answers)
        return any(opener is not None and opener.told is not None for opener in openers)

    def _missed(self, one: str, alert: Alert, standing: Standing | None) -> Iterator[Decision]:
        """Both messages of something that began and ended since the channel was last told anything."""
        if standing is None and alert.held is None and self._leads(alert) and alert.since >= self._joined:
            begun = self._decided(one, Kind.TRIGGER, alert, None, ("over already, and never told", True))
            yield begun
            yield replace(begun, kind=Kind.RECOVERY, reason="over already")

    # --- what lasts -----------------------------------------------------------------------------

    def _first(self, one: str, alert: Alert, standing: Standing | None) -> Decision:
        """Whether the channel is told for the first time."""
        kind, reason = Kind.TRIGGER, self._held(one, alert) or ("nothing is known now" if alert.frozen else None)
        if reason is None and not self._leads(alert):
            kind, reason = Kind.ESCALATION, self._not_escalated(one, alert)
        reason = reason or self._refused(standing)
        told = "firing, and not told yet" if kind is Kind.TRIGGER else "it lasts"
        return self._decided(one, kind, alert, standing, (reason or told, reason is None))

    def _not_escalated(self, one: str, alert: Alert) -> str | None:
        steps = self._steps(alert)
        began = alert.since if alert.rule == "LongOutage" else self.known.first_tried(one)
        after = min((step.after_ms for step in steps), default=None)
        if after is None:
            return "no route leads here now"
        if began is None or self.now - began < after:
            return f"escalates {format_duration(after)} after it was first told"
        return None

    def _follow_up(self, one: str, alert: Alert, standing: Standing) -> Decision:
        """What the channel is told of something that it knows."""
        kind, reason, due = Kind(standing.first.of or Kind.TRIGGER), "nobody knows whether it was taken", True
        if alert.frozen:
            reason, due = "nothing is known now, so nothing changes", False
        elif standing.told is not None:
            kind, reason, due = self._change(one, alert, standing)
        waiting = self._refused(standing) if due else None
        return self._decided(one, kind, alert, standing, (waiting or reason, due and waiting is None))

    def _change(self, one: str, alert: Alert, standing: Standing) -> tuple[Kind, str, bool]:
        before = (standing.told or standing.first).severity
        worse = GRAVITY.index(alert.severity) < GRAVITY.index(before)
        if worse or (alert.repeats is not None and alert.severity is not before):
            return Kind.TRIGGER, f"{before} before, {alert.severity} now", True
        if not (self._leads(alert) or self._steps(alert)):
            return Kind.REMINDER, "told, and no route leads here now", False
        reason = self._not_reminded(one, alert, standing)
        return Kind.REMINDER, reason or "it lasts", reason is None

    def _not_reminded(self, one: str, alert: Alert, standing: Standing) -> str | None:
        """Why no reminder is due, if so."""
        alerting, told = self.policy.alerting, standing.told or standing.first
        if not alerting.reminds:
            return f"told at {format_instant(told.at)}; remind_every is off"
        longer = one.replace(f"/{alert.rule}/", "/LongOutage/", 1)
        if alert.rule in OUTAGES and longer in self.alerts and self._held(longer, self.alerts[longer]) is None:
            return "LongOutage reminds of it"
        if alert.repeats is not None and alerting.remind_ms is None:
            return None if alert.repeats > told.repeats else "told; again at the next fifth failure"
        pause = self._pause(alert, standing)
        if self.now - told.at < pause:
            return f"told at {format_instant(told.at)}; again after {format_duration(pause)}"
        failed = sum(at > told.at for at in alert.failed_at)
        by_samples = RULES[alert.rule].outage and alerting.remind_ms is None and len(alert.failed_at) > 0
        if by_samples and failed < SAMPLES_A_REMINDER:
            return (
                f"told at {format_instant(told.at)}; again after {SAMPLES_A_REMINDER} failed samples, {failed} so far"
            )
        return None

    def _pause(self, alert: Alert, standing: Standing) -> int:
        """Milliseconds between this reminder and what was told before it."""
        if not RULES[alert.rule].outage:
            return LONGEST_PAUSE_MS
        first = self.policy.alerting.remind_ms or FIRST_PAUSE_MS
        return int(min(first * 2 ** min(standing.number - 1, 32), max(LONGEST_PAUSE_MS, first)))

    # --- what all of them ask -------------------------------------------------------------------

    def _held(self, one: str, alert: Alert) -> str | None:
        return self.held.get(one) or alert.held

    def _standing(self, one: str) -> Standing | None:
        return self.known.standings.get((one, self.channel))

    def _leads(self, alert: Alert) -> bool:
        return leads(alert, self.channel, self.policy.alerting, self.minute)

    def _steps(self, alert: Alert) -> list[Escalation]:
        return escalations(alert, self.channel, self.policy.alerting)

    @property
    def _joined(self) -> int:
        return self.known.joined.get(self.channel, self.now)

    def _refused(self, standing: Standing | None) -> str | None:
        """Why it is not tried again yet: what is refused for good is tried ever more seldom."""
        failure = standing.failure if standing else None
        if failure is None or not failure.permanent:
            return None
        pause = min(REFUSED_PAUSE_MS * 2 ** min(failure.tries - 1, 32), LONGEST_PAUSE_MS)
        if self.now - failure.at >= pause:
            return None
        told = f"refused for good at {format_instant(failure.at)} ({failure.code})"
        return f"{told}; tried again after {format_duration(pause)}"

    def _decided(
        self, one: str, kind: Kind, alert: Alert, standing: Standing | None, told: tuple[str, bool]
    ) -> Decision:
        reason, sends = told
        return decision(Told(one, self.channel, alert, standing), kind, reason, sends=sends)
