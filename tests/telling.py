"""A repository with three components that is built in this process: what its report tells of incidents."""

from __future__ import annotations

import json
from pathlib import Path

from repository import Ran, Repository

from statusledger.cli.build import make
from statusledger.cli.place import Place
from statusledger.clock import MINUTE_MS, parse_instant, to_datetime
from statusledger.report.records import IncidentReport, Report

DAY = "2026-11-21"
CHECKS = """\
page: {name: Acme Status, url: "https://status.acme.example", since: 2026-01-01%(page)s}
monitor: {locations: [eu]}
defaults: {interval: 5m, retries: 0, confirm_down: 1, max_staleness: 15m}
groups:
  - id: core
    components:
      - {id: api, name: API, tier: high, url: "https://api.acme.example/"}
      - {id: web, name: Web, tier: medium, url: "https://web.acme.example/", depends_on: [api]}
      - {id: db, name: Database, url: "https://db.acme.example/"%(db)s}
services: [{id: shop, members: [api, web]}]
%(more)s
"""


class Acme:
    """Samples every five minutes from midnight to `until` (minutes), all up except where `down` says otherwise."""

    def __init__(self, root: Path, *, page: str = "", db: str = "", more: str = "") -> None:
        self.root = root
        self.write("checks.yml", CHECKS % {"page": page, "db": db, "more": more})

    def write(self, path: str, text: str) -> Acme:
        """Writes any file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return self

    def measured(self, until: int, **down: str) -> Acme:
        """Lays the day's rows; `api="10-25 50-60"` is down from 00:10 until before 00:25, and again."""
        start = parse_instant(f"{DAY}T00:00Z")
        spans = {name: [tuple(map(int, part.split("-"))) for part in text.split()] for name, text in down.items()}
        lines = []
        for minute in range(0, until + 1, 5):
            bad = {name for name, parts in spans.items() if any(first <= minute < last for first, last in parts)}
            row = {name: ["down", None, "timeout"] if name in bad else 100 for name in ("api", "web", "db")}
            lines.append(json.dumps({"t": start + minute * MINUTE_MS, "r": row}, separators=(",", ":")))
        day = to_datetime(start)
        return self.write(f"history/raw/{day:%Y}/eu-{day:%m%d}.jsonl", "\n".join(lines) + "\n")

    def incident(self, slug: str, front: str, body: str = "") -> Acme:
        """Writes an incident file of the day; `front` are the keys behind the title."""
        return self.write(f"incidents/2026/{DAY}-{slug}.md", f"---\ntitle: {slug.capitalize()}\n{front}\n---\n{body}")

    def place(self, now: str) -> Place:
        """Where commands work, at a time of the day."""
        return Place(self.root, self.root / "checks.yml", parse_instant(now if "T" in now else f"{DAY}T{now}Z"))

    def report(self, now: str = "03:00") -> Report:
        """What a build at that time of the day tells."""
        where = self.place(now)
        return make(where, where.config())

    def told(self, now: str = "03:00") -> list[IncidentReport]:
        """The incidents, newest first."""
        return list(self.report(now).incidents)


def at(clock: str) -> int:
    """The instant of a time of the day."""
    return parse_instant(f"{DAY}T{clock}Z")


def clock(instant: int | None) -> str | None:
    """The time of the day of an instant."""
    return None if instant is None else f"{to_datetime(instant):%H:%M}"


def run(acme: Acme, *arguments: str, now: str) -> Ran:
    """Runs `statusledger` there, at a time of the day."""
    instant = now if "T" in now else f"{DAY}T{now}Z"
    return Repository(acme.root).run(*arguments, "--now", instant)
