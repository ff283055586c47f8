"""A page, its samples minute by minute, and alerts run over it tick by tick: real rules, decisions, sending and log.

Samples are spelled as runs of minutes (`up 0-19, down 20-41, up 42`), one sample a minute from 2026-04-01T00:00Z unless
a scene begins elsewhere. What holds at each tick is worked out once; then runs with and without a crash go over it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from receivers import Receiver

from statusledger.alerts.decide import Decision, Policy, memory
from statusledger.alerts.delivery import deliver, lines
from statusledger.alerts.judging import decide
from statusledger.alerts.send import Retry
from statusledger.alerts.telling import Teller
from statusledger.clock import MINUTE_MS, format_instant, parse_instant
from statusledger.config import Config, load
from statusledger.config.alerting import RULE_FIELDS
from statusledger.frames import SAMPLE_COLUMNS, Ledger
from statusledger.history.facts import CertificateFacts
from statusledger.history.records import record_line
from statusledger.history.sent import Sent, plain, read
from statusledger.incident_files import IncidentFile, MaintenanceFile, Names, Reading
from statusledger.incident_files.reading import read_incident, read_maintenance
from statusledger.incidents.announced import Announced
from statusledger.model import Status
from statusledger.report.alerting import Known, with_files
from statusledger.report.evaluation import evaluate
from statusledger.report.filed import Filed
from statusledger.report.filed import filed as filed_by
from statusledger.rollup.reading import History
from statusledger.rules import Alert, Situation, alerts, episodes
from statusledger.rules.outlook import Outlook
from statusledger.secrets import Secrets
from statusledger.timeline import Series, series
from statusledger.timeline.steps import STATUS_CODES

START = "2026-04-01T00:00Z"
LATER_MS = 5_000
AT_ONCE = Retry(attempts=1, sleep=lambda seconds: None)
CODES = {"down": "status:503", "degraded": "slow", "unknown": "probe_offline"}


class Crash(BaseException):
    """The process is gone; nothing catches it."""


@dataclass(frozen=True)
class Scene:
    """A page and what happened to it; `rules` are those that are on, with their settings.

    `plans` are windows (from minute, to minute, what they name), announced long ago. `files` are (from minute, name,
    text): what a file says from then on; `@20` in a text stands for the instant of minute 20.
    """

    samples: Mapping[str, str]
    until: int
    rules: str = "ServiceDown"
    every: int = 1
    start: str = START
    components: str = ""
    extra: str = ""
    channels: Sequence[str] = ("ops",)
    alerts: str = ""
    page: str = "timezone: UTC"
    locations: str = "{id: eu}"
    defaults: str = "confirm_down: 2, max_staleness: 5m"
    plans: Sequence[tuple[int, int, str]] = ()
    files: Sequence[tuple[int, str, str]] = ()
    certificates: Mapping[str, int] = field(default_factory=dict)
    renewed: int | None = None
    days_left: Mapping[str, tuple[int, float]] = field(default_factory=dict)

    @cached_property
    def began(self) -> int:
        """Minute 0."""
        return parse_instant(self.start)

    def at(self, minute: float) -> int:
        """The instant of a minute."""
        return self.began + round(minute * MINUTE_MS)

    def text(self, hook: str) -> str:
        """checks.yml."""
        names = dict.fromkeys(name.partition("@")[0] for name in self.samples)
        listed = self.components or "\n".join(
            f"      - {{id: {name}, name: {name.title()}, url: 'https://{name}.example/'}}" for name in names
        )
        on = dict(part.strip().partition(":")[::2] for part in self.rules.split(";"))
        off = {name: "off" for name in RULE_FIELDS if name not in on}
        rules = ", ".join(
            [*(f"{name}: {how}" for name, how in on.items() if how), *(f"{n}: {h}" for n, h in off.items())]
        )
        channels = ", ".join(f"{name}: {{type: webhook, url: '{hook}{name}'}}" for name in self.channels)
        routes = "" if "routes:" in self.alerts else f"  routes: [{{channels: [{self.channels[0]}]}}]\n"
        return (
            f"page: {{name: Acme, url: https://acme.example, since: 2026-01-01, {self.page}}}\n"
            f"monitor: {{locations: [{self.locations}]}}\n"
            f"defaults: {{interval: 60s, retries: 0, {self.defaults}}}\n"
            f"private: {{plain: true}}\n"
            f"groups:\n  - id: core\n    components:\n{listed}\n{self.extra}"
            f"alerts:\n  channels: {{{channels}}}\n{routes}  rules: {{{rules}}}\n{self.alerts}"
        )

    def config(self, folder: Path, hook: str) -> Config:
        """The page's configuration."""
        return _config(self.text(hook), folder)

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, Series]]:
        """Every sample by check and location."""
        found = []
        for name, spelled in self.samples.items():
            check, _, location = name.partition("@")
            found += [(check, location or "eu", *sample) for sample in _samples(spelled, self)]
        return series(_frame(found))

    def situation(self, config: Config, minute: int) -> Situation:
        """What rules see a few seconds after a minute, when its samples are there."""
        as_of = self.at(minute) + LATER_MS
        past = {
            check: {place: _until(rows, as_of) for place, rows in places.items()} for check, places in self.rows.items()
        }
        ticks: dict[str, int] = {}
        for place, rows in (pair for places in past.values() for pair in places.items()):
            ticks[place] = max([ticks.get(place, -1), *rows.ts[-1:].tolist()])
        known = {place: tick for place, tick in ticks.items() if tick >= 0}
        ledger = Ledger(NO_ROWS, (), 0, known, frozenset())
        filed = self.filed(config, minute)
        certificates = {
            check: CertificateFacts(self.at(end), "CN=Example CA", "TLSv1.3")
            for check, end in self.certificates.items()
            if self.renewed is None or minute < self.renewed
        }
        left = {
            check: (self.at(read_at), days) for check, (read_at, days) in self.days_left.items() if read_at <= minute
        }
        history = History(ledger, past, certificates=certificates)
        evaluation = evaluate(config, history, as_of=as_of, filed=filed)
        return replace(with_files([Known(config, evaluation, history)], filed), days_left=left)

    def filed(self, config: Config, minute: int) -> Filed:
        """What the files say at a minute."""
        texts = {name: text for since, name, text in self.files if since <= minute}
        names = Names(tuple(config.components), tuple(group.id for group in config.groups), (), {}, frozenset())
        records = [self._record(name, text, names) for name, text in texts.items() if text]
        maintenance = [
            MaintenanceFile(f"m{number}", f"m{number}.md", "Work", tuple(named.split()), self.at(start), self.at(end))
            for number, (start, end, named) in enumerate(self.plans)
        ]
        maintenance += [one for one in records if isinstance(one, MaintenanceFile)]
        incidents = tuple(one for one in records if isinstance(one, IncidentFile))
        announced = Announced(None, config.maintenance_notice_ms, config.page.timezone, self.at(minute) + LATER_MS)
        return filed_by(Reading(incidents, tuple(maintenance)), config, announced)

    def _record(self, name: str, text: str, names: Names) -> IncidentFile | MaintenanceFile:
        """What a file says; `@20` is minute 20."""
        spelled = re.sub(
            r"@(-?\d+)", lambda minute: format_instant(self.at(int(minute[1]))), f"---\ntitle: Trouble\n{text}"
        ).encode()
        reads = read_incident if name.startswith("incidents/") else read_maintenance
        outcome = reads(spelled, name, names)
        assert outcome.record is not None, outcome.problems
        return outcome.record


CONFIGS: dict[str, Config] = {}


def _config(text: str, folder: Path) -> Config:
    """What this text says; many scenes have the same."""
    if text not in CONFIGS:
        (folder / "checks.yml").write_text(text)
        CONFIGS[text] = load(folder / "checks.yml")
    return CONFIGS[text]


def _frame(rows: Sequence[tuple[str, str, int, int, int, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS))
    return frame.astype(dict(SAMPLE_COLUMNS))


NO_ROWS = _frame([])


def _until(rows: Series, as_of: int) -> Series:
    """The samples up to an instant."""
    end = int(np.searchsorted(rows.ts, as_of, side="right"))
    return Series(rows.ts[:end], rows.status[:end], rows.ms[:end], rows.code[:end], rows.codes)


def _samples(spelled: str, scene: Scene) -> Iterator[tuple[int, int, int, str]]:
    """`up 0-19, down 20, up@250 21-30`: status and, after an @, the response time of one sample a minute."""
    for part in filter(None, (part.strip() for part in spelled.split(","))):
        word, _, span = part.partition(" ")
        status, _, ms = word.partition("@")
        first, _, last = span.partition("-")
        for minute in range(int(first), int(last or first) + 1):
            default = 100 if status in {"up", "degraded"} else -1
            yield scene.at(minute), STATUS_CODES[Status(status)], int(ms or default), CODES.get(status, "")


@dataclass(frozen=True)
class Tick:
    """What holds at one minute."""

    minute: int
    situation: Situation
    alerts: Sequence[Alert]
    episodes: frozenset[str]


@dataclass(frozen=True)
class Got:
    """One message as the receiver has it."""

    minute: int
    channel: str
    content: Mapping[str, Any]

    def __str__(self) -> str:
        told = self.content
        key = str(told["dedup_key"]).split("/")
        severity = "" if told["severity"] == "critical" else f" {told['severity']}"
        channel = "" if self.channel == "ops" else f" to {self.channel}"
        return f"{self.minute} {told['kind']} {told['rule']} {key[3]}{severity}{channel}"

    @property
    def identity(self) -> tuple[str, str]:
        """Which message it is, however often it comes."""
        return self.channel, str(self.content["message_id"])


class Run:
    """A scene played to a receiver, with the sent log as lines of text."""

    def __init__(self, scene: Scene, receiver: Receiver, folder: Path) -> None:
        self.scene, self.receiver = scene, receiver
        self.config = scene.config(folder, receiver.url("/"))
        self.policy = Policy(self.config.page.since, self.config.page.timezone, self.config.alerts)
        self.ready = lines(self.config.alerts.channels, Secrets({}))
        self.log: list[bytes] = []
        self.keeps = 0
        self.crash_at: tuple[int, str] | None = None
        self.dead = False
        self.before_ticks: dict[int, tuple[int, int]] = {}

    @cached_property
    def ticks(self) -> list[Tick]:
        """Every tick of the scene with what holds then."""
        found = []
        for minute in range(0, self.scene.until + 1, self.scene.every):
            situation = self.scene.situation(self.config, minute)
            found.append(Tick(minute, situation, alerts(situation), episodes(situation)))
        return found

    def begin(self) -> None:
        """Forgets everything that was told."""
        self.log, self.keeps, self.crash_at = [], 0, None

    def play(self, first: int = 0, *, down: Callable[[int], None] = lambda minute: None) -> list[Got]:
        """Every message from the tick with this number on; `down` is told each minute before its tick."""
        got: list[Got] = []
        for number, tick in enumerate(self.ticks[first:], first):
            down(tick.minute)
            self.before_ticks[number] = (len(self.log), self.keeps)
            got += self._tick(tick)
        return got

    def _tick(self, tick: Tick) -> list[Got]:
        heard = len(self.receiver.asked)
        try:
            self.tell(tick)
        except Crash:
            self.crash_at, self.dead = None, False
        heard_now = [Got(tick.minute, posted.path.strip("/"), posted.json) for posted in self.receiver.asked[heard:]]
        # channels do not wait for each other
        return sorted(heard_now, key=lambda got: self.scene.channels.index(got.channel))

    def tell(self, tick: Tick) -> list[Decision]:
        """One run of the alert stage."""
        known = memory([read(json.loads(line)) for line in self.log])
        for name in self.config.alerts.channels:
            if name not in known.joined:
                self.log.append(record_line(plain(Sent(tick.situation.as_of, "joined", name))))
        decisions = decide(tick.alerts, known, self.policy, tick.situation.as_of, episodes=tick.episodes)
        teller = Teller(Outlook(tick.situation), str)
        deliver(decisions, self.ready, teller.event, self._keep, retry=AT_ONCE)
        return decisions

    def _keep(self, sent: Sequence[Sent], private: bool) -> None:
        del private
        self.keeps += 1
        if self.dead or self.crash_at == (self.keeps, "before"):
            self.dead = True
            raise Crash
        self.log += [record_line(plain(one)) for one in sent]
        if self.crash_at == (self.keeps, "after"):
            self.dead = True
            raise Crash

    def crashed(self) -> Iterator[tuple[str, list[Got]]]:
        """The scene again and again with one run killed, each time elsewhere: before or after one message is sent.

        A run begins with the log as it was before the tick that is killed; what was heard until then comes first. At
        the end there is one more run, because the last one may be the one that is killed.
        """
        self.begin()
        heard = self.play()
        log, before, total = list(self.log), dict(self.before_ticks), self.keeps
        for keep in range(1, total + 1):
            number = max(tick for tick, (_, keeps) in before.items() if keeps < keep)
            length, keeps = before[number]
            # lines come in pairs, one before a message is sent and one after it
            when = "after" if (keep - keeps) % 2 else "before"
            self.log, self.keeps, self.crash_at = log[:length], keeps, (keep, when)
            past = [got for got in heard if got.minute < self.ticks[number].minute]
            yield f"{when} line {keep}", [*past, *self.play(number), *self._tick(self.ticks[-1])]

    def lost(self) -> Iterator[tuple[str, list[Got]]]:
        """The same scene with everything lost, once, that one tick wrote: the machine was gone before it was pushed."""
        self.begin()
        heard = self.play()
        log, before = list(self.log), dict(self.before_ticks)
        for number, tick in enumerate(self.ticks[:-1]):
            length, keeps = before[number]
            if before[number + 1][1] > keeps:
                self.log, self.keeps, self.crash_at = log[:length], keeps, None
                past = [got for got in heard if got.minute <= tick.minute]
                yield f"lost {tick.minute}", [*past, *self.play(number + 1)]


def spelled(got: Iterable[Got]) -> list[str]:
    """Messages as tables of scenes write them."""
    return [str(one) for one in got]
