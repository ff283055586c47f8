"""`statusledger alert`: what should be firing, what was told, and the difference: sent, and then recorded."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from statusledger.alerts.decide import Decision, Policy, memory
from statusledger.alerts.delivery import Delivered, deliver, lines
from statusledger.alerts.judging import NOBODY, decide
from statusledger.alerts.send import Retry, send
from statusledger.alerts.telling import Teller, test_event
from statusledger.channels.contract import Event
from statusledger.channels.wording import title
from statusledger.cli.ledgers import parts
from statusledger.cli.outcome import outcome
from statusledger.cli.outlook import SentLog, situation
from statusledger.cli.place import place, secrets
from statusledger.clock import format_instant
from statusledger.config import Config
from statusledger.errors import UsageError
from statusledger.history.sent import ChannelState, Sent, channel_states
from statusledger.rules import Situation, alerts, episodes
from statusledger.rules.outlook import Outlook
from statusledger.secrets import Secrets
from statusledger.written.wording import plural

LOG = logging.getLogger("statusledger")
CHANNEL_FAILED = 4


def run(arguments: argparse.Namespace) -> int:
    """0; 4 when a channel did not take something, the first time that it refuses it for good or whenever it is down."""
    where = place(arguments)
    ledgers = parts(where)
    config = ledgers[0].config
    known, log = secrets(config), SentLog(ledgers)
    now = situation(where, ledgers)
    if arguments.test:
        return _test(arguments.test, config, known, now)
    records = log.read()
    decisions = decided(config, now, records)
    teller = Teller(Outlook(now), known.shown)
    if arguments.dry_run:
        _print_plan(decisions, teller, as_json=arguments.json)
        return 0
    _join(config, records, log, where.started_at)
    done = deliver(decisions, lines(config.alerts.channels, known), teller.event, log.keep, retry=Retry())
    if arguments.json:
        print(_json([one.decision for one in done]))
    else:
        _print_sent(done, teller)
    before = channel_states(records)
    _warn(done, before, known)
    outcome(arguments).did.append(f"{plural(sum(not one.failed for one in done), 'alert message')} sent")
    return CHANNEL_FAILED if any(one.failed and not one.is_known(before) for one in done) else 0


def decided(config: Config, now: Situation, records: Sequence[Sent]) -> list[Decision]:
    """What is to be told to whom, and why the rest is not."""
    policy = Policy(config.page.since, config.page.timezone, config.alerts)
    return decide(alerts(now), memory(records), policy, now.as_of, episodes=episodes(now))


def _join(config: Config, records: Sequence[Sent], log: SentLog, at: int) -> None:
    """Writes down since when a channel is known: what was over before that is no news to it."""
    joined = memory(records).joined
    new = [Sent(at, "joined", name) for name in config.alerts.channels if name not in joined]
    if new:
        log.keep(new, private=False)


def _test(name: str, config: Config, known: Secrets, now: Situation) -> int:
    channels = config.alerts.channels
    if name not in channels:
        message = f'--test: there is no channel "{name}"; known: {", ".join(channels) or "there is none"}'
        raise UsageError(message)
    line = lines({name: channels[name]}, known)[name]
    if line.settings is None:
        LOG.error("%s: %s", name, line.fault)
        return CHANNEL_FAILED
    outcome = send(line.channel, line.channel.message(test_event(now), line.settings), Retry())
    if outcome.taken:
        print(f"{name}: it took a message that is marked as a test")
        return 0
    LOG.error("%s", known.mask(f"{name}: {outcome.code} {outcome.detail}".rstrip()))
    return CHANNEL_FAILED


# --- what is said of it -------------------------------------------------------------------------


def _json(decisions: Iterable[Decision]) -> str:
    found = [_plain(decision) for decision in decisions if decision.sends and not decision.private]
    return json.dumps(found, indent=2, ensure_ascii=False)


def _plain(decision: Decision) -> dict[str, Any]:
    return {
        "rule": decision.rule,
        "severity": str(decision.severity),
        "kind": str(decision.kind),
        "component": decision.about.component,
        "channel": decision.channel,
        "dedup_key": decision.key,
        "since": format_instant(decision.since),
        "reason": decision.reason,
    }


def _print_plan(decisions: Sequence[Decision], teller: Teller, *, as_json: bool) -> None:
    """What would be sent and why, then what would not and why not."""
    if as_json:
        print(_json(decisions))
        return
    shown = [decision for decision in decisions if not decision.private]
    for decision in (one for one in shown if one.sends):
        event = teller.event(decision)
        print(f"{decision.channel}: {decision.kind}: {title(event)}")
        print(*(f"    {line}" for line in _told(event)), sep="\n")
        print(f"    why: {decision.reason}\n    key: {decision.key}")
    for decision in (one for one in shown if not one.sends):
        to = "nobody" if decision.channel == NOBODY else f"not to {decision.channel}"
        print(f"{to}: {decision.rule} of {decision.about.name}: {decision.reason}")
    _print_counts(decisions, "would be sent")


def _told(event: Event) -> list[str]:
    return [*event.sentence.splitlines(), *(f"{label}: {text}" for label, text in event.facts)]


def _print_sent(done: Sequence[Delivered], teller: Teller) -> None:
    for one in done:
        if not one.decision.private:
            what = "not taken" if one.failed else "sent"
            print(f"{one.decision.channel}: {what}: {one.decision.kind}: {title(teller.event(one.decision))}")
    _print_counts([one.decision for one in done if not one.failed], "sent")


def _print_counts(decisions: Sequence[Decision], what: str) -> None:
    sends = [decision for decision in decisions if decision.sends]
    private = sum(decision.private for decision in sends)
    added = f", {private} of them private" if private else ""
    print(f"alert: {plural(len(sends), 'message')} {what}{added}")


def _warn(done: Sequence[Delivered], before: Mapping[str, ChannelState], known: Secrets) -> None:
    """A line for every fault of a channel; one that was said before is only for whoever asks for more."""
    told: dict[tuple[str, str | None], Delivered] = {}
    for one in done:
        if one.outcome is not None and one.failed:
            told.setdefault((one.decision.channel, one.outcome.code), one)
    for (channel, code), one in told.items():
        detail, again = "", "the next run tries again"
        if one.outcome is not None:
            # what a receiver says of a private message may quote it
            detail = "" if one.decision.private else f" {one.outcome.detail}".rstrip()
            again = "refused for good; tried again ever more seldom" if one.outcome.permanent else again
        level = logging.DEBUG if one.is_known(before) else logging.WARNING
        LOG.log(level, "%s", known.mask(f"{channel}: {code}{detail}; {again}"))
