"""Decisions -> messages that are sent, each written down before and after: channel by channel, none waits for another.

A crash between sending and writing leaves a line that says so; the next run sends again under the same key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from statusledger.alerts.decide import Decision
from statusledger.alerts.send import Retry, send
from statusledger.channels import CHANNELS
from statusledger.channels.contract import Channel, Event, Outcome, Settings
from statusledger.config.telling import ChannelConfig
from statusledger.history.sent import ChannelState, Sent
from statusledger.secrets import MissingVariable, Secrets

AT_ONCE = 16
"""How many channels are spoken to at the same time."""

Keep = Callable[[Sequence[Sent], bool], None]
"""Writes lines of the sent log at once; the second argument says whether they are about a private component."""


@dataclass(frozen=True, slots=True)
class Line:
    """A channel that is ready, or the reason why it is not."""

    channel: Channel
    settings: Settings | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a decision; `outcome` None: it was left for the next run, because the channel does not answer."""

    decision: Decision
    outcome: Outcome | None

    @property
    def failed(self) -> bool:
        """Whether the channel did not take it."""
        return self.outcome is None or not self.outcome.taken

    def is_known(self, before: Mapping[str, ChannelState]) -> bool:
        """Whether the channel refused for good in the same way before, which was said then."""
        state = before.get(self.decision.channel, ChannelState())
        return self.outcome is not None and state.permanent and state.code == self.outcome.code


def lines(channels: Mapping[str, ChannelConfig], secrets: Secrets) -> dict[str, Line]:
    """Every channel with its variables filled in; what they hold is masked from then on."""
    return {name: _line(config, secrets) for name, config in channels.items()}


def _line(config: ChannelConfig, secrets: Secrets) -> Line:
    channel = CHANNELS[config.type]
    given = config.settings.model_dump(by_alias=True)
    try:
        settings = channel.settings.model_validate(secrets.fill_all(given))
    except MissingVariable as error:
        return Line(channel, None, str(error))
    except ValueError as error:
        return Line(channel, None, f"the value of a variable does not fit: {secrets.mask(str(error))}")
    for key in channel.settings.secret:
        for value in _texts(getattr(settings, key)):
            secrets.hide(value)
    return Line(channel, settings)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for text in value.values() if isinstance(text, str))


def deliver(
    decisions: Iterable[Decision],
    ready: Mapping[str, Line],
    event_of: Callable[[Decision], Event],
    keep: Keep,
    *,
    retry: Retry,
) -> list[Delivered]:
    """Sends what is to be sent and writes down what became of it; in the order of the decisions."""
    by_channel: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.sends:
            by_channel.setdefault(decision.channel, []).append(decision)
    posts = [_Post(ready[name], event_of, keep, retry) for name in by_channel]
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        done = pool.map(lambda post, due: post.all(due), posts, by_channel.values())
        return [one for delivered in done for one in delivered]


@dataclass(frozen=True, slots=True)
class _Post:
    """One channel, and its messages one after the other."""

    line: Line
    event_of: Callable[[Decision], Event]
    keep: Keep
    retry: Retry

    def all(self, decisions: Sequence[Decision]) -> list[Delivered]:
        found: list[Delivered] = []
        silent = False
        for decision in decisions:
            outcome = None if silent else self._one(decision)
            found.append(Delivered(decision, outcome))
            silent = silent or (outcome is not None and not outcome.taken and not outcome.permanent)
        return found

    def _one(self, decision: Decision) -> Outcome:
        event = self.event_of(decision)
        begun = _sent(decision, event, "trying")
        failure = decision.standing.failure if decision.standing else None
        if failure is None:
            self.keep([begun], decision.private)
        outcome = self._sent(event)
        written = list(_after(decision, event, outcome, failure))
        if written:
            self.keep(written, decision.private)
        return outcome

    def _sent(self, event: Event) -> Outcome:
        if self.line.settings is None:
            return Outcome("not_configured", self.line.fault, permanent=True)
        try:
            message = self.line.channel.message(event, self.line.settings)
        except Exception as error:  # a channel's own fault must not keep others from being told
            return Outcome("internal", f"{self.line.channel.name}: {type(error).__name__}: {error}", permanent=True)
        return send(self.line.channel, message, self.retry)


def _after(decision: Decision, event: Event, outcome: Outcome, failure: Sent | None) -> Iterator[Sent]:
    """The lines to write; a fault that goes on as it was written down is not written again."""
    if outcome.taken:
        yield replace(_sent(decision, event, str(decision.kind)), reference=outcome.reference)
        yield from (_sent(one, event, str(one.kind)) for one in decision.covers)
        return
    known = failure is not None and (failure.code, failure.doubtful) == (outcome.code, outcome.doubtful)
    if not known or outcome.permanent:
        yield replace(
            _sent(decision, event, "failed"),
            code=outcome.code,
            permanent=outcome.permanent,
            doubtful=outcome.doubtful,
            tries=(failure.tries if failure else 0) + 1 if outcome.permanent else 0,
        )


def _sent(decision: Decision, event: Event, kind: str) -> Sent:
    alert = decision.alert
    return Sent(
        at=event.at,
        kind=kind,
        channel=decision.channel,
        key=decision.key,
        rule=decision.rule,
        severity=decision.severity,
        since=decision.since,
        of="" if kind == str(decision.kind) else str(decision.kind),
        number=decision.number,
        about=decision.about,
        repeats=(alert.repeats or 0) if alert else 0,
        once=decision.once,
    )
