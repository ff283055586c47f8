"""A repository with a short past: two measured days, one of them sealed, and one line in each file of entries."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repository import Repository

from statusledger.cli import audit
from statusledger.clock import DAY_MS, MINUTE_MS, format_instant, parse_instant


def digest(text: str) -> str:
    """The first 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


DAY = parse_instant("2026-04-01T00:00:00Z")
NEXT_DAY = DAY + DAY_MS
LATER = NEXT_DAY + DAY_MS
RAW, NEXT_RAW = "history/raw/2026/eu-0401.jsonl", "history/raw/2026/eu-0402.jsonl"
ROLLUP = "history/rollup/2026-04.jsonl"
INCIDENTS = "history/incidents/2026.jsonl"
NOTICES, POLICY, STATEMENTS = "history/notices.jsonl", "history/policy.jsonl", "history/statements/2026.jsonl"
POLICY_OF_API = {
    "checks": {
        "api": {"confirm_down": 1, "confirm_up": 1, "max_staleness": "10m", "unconfirmed_as": "degraded"},
    },
    "combination": "worst",
    "min_known": 1,
    "quorum": "majority",
}
ROWS = f"api,{DAY},up,100,\napi,{DAY + 300000},down,,status:503\napi,{DAY + 600000},up,101,"
SEALED = {
    "d": "2026-04-01",
    "c": "api",
    "rle": [[0, "up"], [300000, "down"], [600000, "up"], [1200000, "unknown"]],
    # 1.02^232 <= 100 < 1.02^233 <= 101 < 1.02^234
    "checks": {"api": {"n": 3, "fail": 1, "sum": 201, "min": 100, "max": 101, "h": [233, 1, 1], "last": 600000}},
    "policy": digest(json.dumps(POLICY_OF_API, sort_keys=True, separators=(",", ":"))),
    "src": {"eu": f"3:{digest(ROWS)}"},
    "sealed": True,
}


def line(**keys: Any) -> str:
    """One line of history."""
    return json.dumps(keys, separators=(",", ":")) + "\n"


def tick(t: int, result: object = 100, check: str = "api") -> str:
    """One raw line."""
    return line(t=t, r={check: result})


@dataclass(frozen=True)
class Audited:
    """What the command printed and how it ended."""

    code: int
    out: str

    @property
    def breaches(self) -> list[str]:
        """The lines of the breaches."""
        return [told.strip() for told in self.out.splitlines() if told.startswith("  ")]


@dataclass(frozen=True)
class Ledger:
    """A work tree whose commits are made at chosen instants."""

    root: Path

    def git(self, *arguments: str, at: int = DAY) -> str:
        """What git says, with the clock of commits at an instant."""
        date = f"{at // 1000} +0000"
        who = {"GIT_AUTHOR_NAME": "Pat", "GIT_AUTHOR_EMAIL": "p@example.org", "GIT_AUTHOR_DATE": date}
        committer = {name.replace("AUTHOR", "COMMITTER"): value for name, value in who.items()}
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        environment = {**os.environ, **who, **committer, **own}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, at: int) -> str:
        """A commit of everything in the work tree."""
        self.git("add", "--all", at=at)
        self.git("commit", "--quiet", "--message", "Change", at=at)
        return self.git("rev-parse", "HEAD")

    def read(self, path: str) -> str:
        """A file of the work tree."""
        return (self.root / path).read_text()

    def write(self, path: str, text: str, at: int) -> str:
        """A commit in which the file is this."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        return self.commit(at)

    def append(self, path: str, text: str, at: int) -> str:
        """A commit in which this stands at the end of the file."""
        return self.write(path, (self.read(path) if (self.root / path).exists() else "") + text, at)

    def audit(
        self, capsys: Any, *, since: Sequence[str] = (), site: Path | None = None, as_json: bool = False
    ) -> Audited:
        """Runs the command here."""
        arguments = argparse.Namespace(root=self.root, config=None, now=None, since=since, site=site, json=as_json)
        code = audit.run(arguments)
        return Audited(code, capsys.readouterr().out)


def grown(root: Path) -> Ledger:
    """The untouched past; the last commit is made two days after the first tick, a minute before LATER."""
    ledger = Ledger(root)
    ledger.git("init", "--quiet", "--initial-branch=main")
    Repository(root).checks()
    ledger.commit(DAY)
    for index, result in enumerate((100, ["down", None, "status:503"], 101)):
        t = DAY + index * 5 * MINUTE_MS
        ledger.append(RAW, tick(t, result), t + MINUTE_MS)
    opened = {"event": "opened", "id": "api-20260401T000500Z", "started_at": DAY + 5 * MINUTE_MS}
    ledger.append(INCIDENTS, line(**opened), DAY + 12 * MINUTE_MS)
    ledger.append(NEXT_RAW, tick(NEXT_DAY), NEXT_DAY + MINUTE_MS)
    ledger.append(NOTICES, notice(NEXT_DAY + 2 * MINUTE_MS), NEXT_DAY + 3 * MINUTE_MS)
    ledger.append(POLICY, line(**{"from": DAY, "component": "api", "policy": {}}), NEXT_DAY + 4 * MINUTE_MS)
    ledger.append(STATEMENTS, statement(0), NEXT_DAY + 5 * MINUTE_MS)
    ledger.append(ROLLUP, line(**SEALED), LATER - MINUTE_MS)
    return ledger


def notice(seen_at: int) -> str:
    """An announcement, seen at an instant."""
    starts, ends = format_instant(LATER + DAY_MS), format_instant(LATER + DAY_MS + MINUTE_MS)
    return line(id="upgrade", components=["api"], starts=starts, ends=ends, cancelled=False, seen_at=seen_at)


def statement(revision: int, reason: str | None = None, **changes: Any) -> str:
    """A final statement about the month before anything was measured."""
    return line(contract="gold", period="2026-03", revision=revision, as_of=DAY, **{**IDLE, **changes}, reason=reason)


IDLE = {
    "terms": {
        "component": "api",
        "target": "999/1000",
        "credits": [{"min": "0/1", "credit": "10/1", "name": "Poor"}],
        "degraded_weight": "0/1",
        "unknown_as": "excluded",
        "maintenance_as": "excluded",
        "min_coverage": "19/20",
        "timezone": "UTC",
        "notice_ms": DAY_MS,
        "fee": "100/1",
        "currency": "EUR",
    },
    "figures": {
        "up_ms": 0,
        "degraded_ms": 0,
        "down_ms": 0,
        "unknown_ms": 0,
        "maintenance_ms": 0,
        "inactive_ms": 31 * DAY_MS,
        "ratio": None,
        "uptime_percent": None,
        "coverage": None,
        "used_ms": "0/1",
        "allowed_ms": "0/1",
        "status": "no_data",
        "credit_percent": "0/1",
        "credit_amount": "0.00",
    },
    "inputs": {
        "from": DAY - 31 * DAY_MS,
        "to": DAY,
        "components": [
            {"component": "api", "alive": None, "rle": [[0, "unknown"]], "maintenance": [], "reported": []},
        ],
    },
}
