"""A status page on the host, five minutes at a time: events, faults, and what has to be true afterwards."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.actions import STATUSLEDGER
from rehearsal.forge import Forge, Run
from rehearsal.runner import Job
from rehearsal.services import Website
from statusledger.cli.main import main
from statusledger.clock import MINUTE_MS, format_duration, format_instant, parse_instant

ENGINE_FOLDER = Path(__file__).resolve().parents[2]
COMMIT = "1" * 40
START = parse_instant("2026-04-01T00:03:00Z")
CHECKS = """\
schema: 1
page: {{name: Acme, url: "https://status.acme.example", since: 2026-04-01}}
monitor:
  locations: [{{id: eu, schedule: {every}}}, {{id: us, schedule: {every}}}]
  allow_networks: [127.0.0.0/8]
  canaries: []
defaults: {{interval: 60s, timeout: 2s, retries: 0, confirm_down: 1, max_staleness: {hold}}}
alerts:
  channels: {{ops: {{type: webhook, url: "{{{{ ALERT_WEBHOOK }}}}"}}}}
  routes: [{{severities: [critical], channels: [ops]}}]
  rules: {{ServiceDown: {{after: 0s}}, BurnRate: off, UptimeSLACritical: off, LongOutage: off}}
groups:
  - id: web
    name: Web
    components:
      - {{id: api, name: API, url: "{api}/"}}
      - {{id: backup, name: Backup, type: heartbeat, every: 48h}}
"""
NO_CHANNEL = "env: # and every {{ NAME }} of alerts.channels\n"
CHANNEL = f"{NO_CHANNEL}          ALERT_WEBHOOK: ${{{{ secrets.ALERT_WEBHOOK }}}}\n"
ONE_PLACE = "matrix: {include: [{location: gh-us, shard: 1/1, runner: ubuntu-latest}]}"
TWO_PLACES = "matrix: {include: [{location: eu, shard: 1/1, runner: any}, {location: us, shard: 1/1, runner: any}]}"


def nothing(_job: Job) -> None:
    """Nothing happens while a step runs."""


@dataclass
class Day:
    """`measured` are the lines that any job has appended to its history, by file; `hook` is told of alerts.

    The schedule starts a run every `every_ms`, which measures once. `service` answers for the host.
    """

    folder: Path
    api: Website
    hook: Website
    every_ms: int = 5 * MINUTE_MS
    now: int = START
    measured: Counter[tuple[str, str]] = field(default_factory=Counter)
    reports: int = 0
    service: Any = None
    engines: Mapping[str, Path] = field(default_factory=lambda: {f"acme/statusledger@{COMMIT}": ENGINE_FOLDER})

    def __post_init__(self) -> None:
        """A new page: what `init` writes, with two places and a website to watch, pushed."""
        self.forge = Forge(self.folder, engines=self.engines)
        self.forge.variables["PROBE_ARGS"] = "--for 1s"
        self.forge.secrets["ALERT_WEBHOOK"] = f"{self.hook.url}/hook"
        page = self.folder / "page"
        engine = ["--engine", f"acme/statusledger@{COMMIT}", "--now", format_instant(self.now), "-q"]
        assert main(["init", str(page), *engine]) == 0
        files = {str(path.relative_to(page)): path.read_text() for path in page.rglob("*") if path.is_file()}
        for name, old, new in (("probe", ONE_PLACE, TWO_PLACES), ("publish", NO_CHANNEL, CHANNEL)):
            path = f".github/workflows/{name}.yml"
            assert old in files[path]
            files[path] = files[path].replace(old, new)
        self.forge.commit({**files, "checks.yml": self.checks})

    @property
    def checks(self) -> str:
        """checks.yml as the day began."""
        every, hold = format_duration(self.every_ms), format_duration(4 * self.every_ms)
        return CHECKS.format(api=self.api.url, every=every, hold=hold)

    def watch_from_one_place(self) -> None:
        """The page is probed from `eu` alone."""
        name = ".github/workflows/probe.yml"
        text = (self.folder / "person" / name).read_text()
        self.forge.commit({name: text.replace(", {location: us, shard: 1/1, runner: any}", "")})

    def restore_artifacts(self, clone: Path) -> None:
        """A person puts the rows of failed jobs back into history, as the quickstart says."""
        for found in sorted((self.folder / "artifacts").rglob("raw/*/*.jsonl")):
            target = clone / "history" / Path(*found.parts[-3:])
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("ab") as file:
                file.write(found.read_bytes())

    def publish_as_a_person(self, clone: Path) -> None:
        """`statusledger publish` in a person's clone."""
        done = subprocess.run(
            [STATUSLEDGER, "--root", str(clone), "publish"],
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "FORGE_TOKEN": "person"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def run(self, workflow: str, *arguments: Any, **options: Any) -> Run:
        """One event at this time."""
        self.forge.now = self.now
        done = self.forge.run(workflow, *arguments, **options)
        for jobs in done.jobs.values():
            for job in jobs:
                self._count(job)
        return done

    def _count(self, job: Job) -> None:
        for path in (job.workspace / "history" / "raw").rglob("*.jsonl"):
            for line in path.read_text().splitlines():
                self.measured[path.name, line] = 1

    def tick(self, *, running: Callable[[Job], None] = nothing) -> Run:
        """The schedule starts probe.yml; afterwards it is time for the next run."""
        done = self.run("probe.yml", running=running)
        self.now += self.every_ms
        return done

    def report(self) -> Run:
        """Another system reports by repository_dispatch."""
        self.reports += 1
        payload = {"name": "backup", "status": "up", "timestamp": self.now - self.reports * 1000}
        return self.run("ingest.yml", "repository_dispatch", {"action": "status", "client_payload": payload})

    # --- what is true afterwards ----------------------------------------------------------------

    def clone(self, name: str, *options: str) -> Path:
        """A clone by a person."""
        self.forge.git(self.folder, "clone", "--quiet", *options, f"file://{self.forge.remote}", name)
        return self.folder / name

    def published(self, branch: str = "main") -> Counter[tuple[str, str]]:
        """Every raw line on the remote, by file, with how often it is there."""
        names = self.forge.git(self.forge.remote, "ls-tree", "-r", "--name-only", branch, "history/raw").splitlines()
        return Counter(
            (Path(name).name, line)
            for name in names
            for line in self.forge.git(self.forge.remote, "show", f"{branch}:{name}").splitlines()
        )

    def document(self, name: str) -> Any:
        """A document of the page that is live."""
        return json.loads((self.forge.live / "api" / "v1" / name).read_text(encoding="utf-8"))


def samples(lines: Mapping[tuple[str, str], int], check: str) -> dict[tuple[int, str], bool]:
    """(instant, location) -> whether the check was up."""
    found = {}
    for file, line in lines:
        row = json.loads(line)
        if check in row["r"]:
            found[row["t"], file.rpartition("-")[0]] = isinstance(row["r"][check], int)
    return found
