"""Throw-away repositories: a checks.yml, raw lines, and the command line run on them as a user would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warm_start

from statusledger.clock import to_datetime

STATUSLEDGER = Path(sys.executable).with_name("statusledger")
CHECKS = """\
schema: 1
page: {{name: Acme Status, url: "https://status.acme.example", timezone: UTC, since: 2026-01-01}}
monitor: {{locations: [{locations}], quorum: {quorum}}}
defaults: {{interval: 5m, timeout: 5s, retries: 0, confirm_down: {n}, confirm_up: {m}, max_staleness: {h}}}
sla: {{degraded_weight: "{weight}", unknown_as: {unknown_as}}}
groups:
  - id: core
    name: Core
    components:
      - {{id: api, name: API, tier: critical, url: "{url}"{extra}}}
"""


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Repository:
    """A folder with everything that a command needs."""

    root: Path

    def checks(
        self,
        *,
        n: int = 1,
        m: int = 1,
        h: str = "10m",
        locations: Sequence[str] = ("eu",),
        quorum: str = "majority",
        weight: str = "0",
        unknown_as: str = "excluded",
        url: str = "https://api.acme.example/",
        extra: str = "",
    ) -> Repository:
        """Writes a checks.yml with one component."""
        text = CHECKS.format(
            n=n,
            m=m,
            h=h,
            locations=", ".join(locations),
            quorum=quorum,
            weight=weight,
            unknown_as=unknown_as,
            url=url,
            extra=extra,
        )
        return self.write("checks.yml", text)

    def write(self, path: str, text: str) -> Repository:
        """Writes any file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return self

    def read(self, path: str) -> str:
        """The text of a file."""
        return (self.root / path).read_text(encoding="utf-8")

    def rows(self, by_location: Mapping[str, Sequence[tuple[int, str]]], check: str = "api") -> Repository:
        """Appends raw lines, one sample a line, in the order given."""
        for location, samples in by_location.items():
            for ts, status in samples:
                result: object = 100 if status == "up" else [status, None, "status:503"]
                line = json.dumps({"t": ts, "r": {check: result}}, separators=(",", ":"))
                self.append(location, ts, line + "\n")
        return self

    def append(self, location: str, ts: int, text: str) -> Repository:
        """Appends text to the raw file of the day."""
        day = to_datetime(ts)
        path = self.root / "history" / "raw" / f"{day:%Y}" / f"{location}-{day:%m%d}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
        return self

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None, fresh: bool = False) -> Ran:
        """Runs `statusledger` here, in a process of its own; a `fresh` one also starts as a user's does."""
        command = ["--root", str(self.root), *arguments]
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(self.root), **(environment or {})}
        if not fresh:
            return Ran(*warm_start.run(command, variables))
        done = subprocess.run(
            [str(STATUSLEDGER), *command], capture_output=True, text=True, check=False, env=variables, timeout=60
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def build(self, now: str, *arguments: str) -> dict[str, Any]:
        """Builds the site and reads api/v1/sla.json."""
        ran = self.run("build", "--now", now, *arguments)
        assert ran.code == 0, ran.err
        return self.document("sla.json")

    def document(self, name: str) -> Any:
        """A document of api/v1 of the site that was built."""
        return json.loads((self.root / "_site" / "api" / "v1" / name).read_text(encoding="utf-8"))


def git(folder: Path, *arguments: str) -> str:
    """What git says there, asked by somebody."""
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
