"""The sent log, `alerts/<YYYY-MM>.jsonl`: what was told, to which channel, under which deduplication key.

A line before a message is sent (`trying`), one after it (`trigger`, `reminder`, `escalation`, `recovery`), one where it
was not taken (`failed`); `joined` says since when a channel is known. Instants are epoch milliseconds. Private
components have theirs under the folder `sealed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from statusledger.clock import to_datetime
from statusledger.history.files import Damage
from statusledger.history.records import Record, read_records
from statusledger.model import Level
from statusledger.sealed import OpenLine

TOLD = frozenset({"trigger", "reminder", "escalation", "recovery"})
KINDS = TOLD | {"trying", "failed", "joined"}


@dataclass(frozen=True, slots=True)
class About:
    """What a first message was about, so that its end can be told when nothing else is left of it."""

    name: str
    component: str | None = None
    group: str | None = None
    tier: str | None = None
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """One line.

    `of` is the kind that was tried or failed; `tries` counts refusals for good, `number` what was told before,
    `repeats` the fifth failures that it tells of (`immediate`). `doubtful`: it may have been taken. `once`: no recovery
    follows. `reference` is what the channel answered. `private` is where the line lies, and not in it.
    """

    at: int
    kind: str
    channel: str
    key: str = ""
    rule: str = ""
    severity: Level = Level.INFO
    since: int = 0
    of: str = ""
    number: int = 0
    about: About | None = None
    reference: str | None = None
    code: str | None = None
    permanent: bool = False
    doubtful: bool = False
    tries: int = 0
    repeats: int = 0
    once: bool = False
    private: bool = False


def sent_path(root: Path, at: int) -> Path:
    """The file below the history folder `root` that takes what is told at an instant."""
    return root / "alerts" / f"{to_datetime(at):%Y-%m}.jsonl"


def sent_files(root: Path) -> list[Path]:
    """The files of the sent log, oldest first."""
    return sorted((root / "alerts").glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))


def read_sent(root: Path, *, open_line: OpenLine | None = None) -> tuple[list[Sent], list[Damage]]:
    """Every record, in the order in which they were written, and what could not be read."""
    found: list[Sent] = []
    damage: list[Damage] = []
    for path in sent_files(root):
        records, faults = read_records(path, read, root=root, open_line=open_line)
        found += records
        damage += faults
    return found, damage


def plain(sent: Sent) -> dict[str, Any]:
    """The line's object, without what says nothing."""
    line: dict[str, Any] = {"at": sent.at, "kind": sent.kind, "channel": sent.channel}
    if sent.key:
        line |= {"key": sent.key, "rule": sent.rule, "severity": str(sent.severity), "since": sent.since}
    for name in ("of", "number", "reference", "code", "permanent", "doubtful", "tries", "repeats", "once"):
        if value := getattr(sent, name):
            line[name] = value
    if sent.about is not None:
        about = sent.about
        named = {"component": about.component, "group": about.group, "tier": about.tier}
        line["about"] = {"name": about.name} | {name: value for name, value in named.items() if value}
        line["about"] |= {"locations": list(about.locations)} if about.locations else {}
    return line


def read(line: Record) -> Sent:
    """The record of a line's object; KeyError, TypeError or ValueError when it is not as it should be."""
    kind = line["kind"]
    if kind not in KINDS:
        msg = f"kind {kind!r}"
        raise ValueError(msg)
    joined = kind == "joined"
    return Sent(
        at=_integer(line["at"]),
        kind=kind,
        channel=str(line["channel"]),
        key="" if joined else str(line["key"]),
        rule="" if joined else str(line["rule"]),
        severity=Level(line.get("severity", "info")),
        since=_integer(line.get("since", 0)),
        of=str(line.get("of", "")),
        number=_integer(line.get("number", 0)),
        about=_about(line["about"]) if "about" in line else None,
        reference=line.get("reference"),
        code=line.get("code"),
        permanent=bool(line.get("permanent")),
        doubtful=bool(line.get("doubtful")),
        tries=_integer(line.get("tries", 0)),
        repeats=_integer(line.get("repeats", 0)),
        once=bool(line.get("once")),
    )


def _integer(value: object) -> int:
    if type(value) is not int:
        msg = f"{value!r} is no whole number"
        raise ValueError(msg)
    return value


def _about(line: Mapping[str, Any]) -> About:
    return About(
        str(line["name"]), line.get("component"), line.get("group"), line.get("tier"), tuple(line.get("locations", ()))
    )


# --- what is open -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands between one key and one channel since the key was last opened.

    `first` is the first line about it, `told` the newest message that was taken, `number` how many were. `pending`: one
    was begun and nobody knows what became of it; `doubt`: one may have been taken although it was not said so.
    `failure` is what went wrong since; `over`: its end was told, or it has none.
    """

    first: Sent
    told: Sent | None = None
    number: int = 0
    pending: bool = False
    doubt: bool = False
    failure: Sent | None = None
    over: bool = False
    reference: str | None = None

    @property
    def open(self) -> bool:
        """Whether the channel knows of it, or may, and its end is still to be told."""
        return not (self.over or self.first.once) and (self.told is not None or self.pending or self.doubt)


Standings = dict[tuple[str, str], Standing]
"""(key, channel) -> how it stands."""


def standings(records: Iterable[Sent]) -> Standings:
    """What follows from the records, in the order in which they were written."""
    found: Standings = {}
    for sent in records:
        if sent.kind == "joined":
            continue
        before = found.get((sent.key, sent.channel))
        found[sent.key, sent.channel] = _after(Standing(sent) if before is None or before.over else before, sent)
    return found


def _after(before: Standing, sent: Sent) -> Standing:
    if sent.kind == "trying":
        return replace(before, pending=True, doubt=before.doubt or before.pending)
    if sent.kind == "failed":
        return replace(before, pending=False, doubt=before.doubt or sent.doubtful, failure=sent)
    return Standing(
        first=before.first,
        told=sent,
        number=before.number + 1,
        over=sent.kind == "recovery" or sent.once,
        reference=sent.reference or before.reference,
    )


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel does: when it last took a message, and since when and why it does not (`code` None: it does)."""

    told_at: int | None = None
    failing_since: int | None = None
    code: str | None = None
    permanent: bool = False


def channel_states(records: Iterable[Sent]) -> dict[str, ChannelState]:
    """The state of every channel that the records name, in the order in which they were written."""
    found: dict[str, ChannelState] = {}
    for sent in records:
        before = found.get(sent.channel, ChannelState())
        if sent.kind in TOLD:
            found[sent.channel] = ChannelState(told_at=sent.at)
        elif sent.kind == "failed":
            since = sent.at if before.failing_since is None else before.failing_since
            found[sent.channel] = ChannelState(before.told_at, since, sent.code, sent.permanent)
        else:
            found.setdefault(sent.channel, before)
    return found
