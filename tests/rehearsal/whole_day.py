"""A day on the host with everything that goes wrong on such days, each at its hour."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.day import Day
from rehearsal.forge import Run
from rehearsal.runner import Job
from statusledger.clock import DAY_MS, HOUR_MS

EXPLANATION = "incidents/2026/2026-04-01-api.md"
EXPLAINED = """\
---
title: The database was full
components: {api: down}
started: 2026-04-01T03:03:00Z
resolved: 2026-04-01T09:03:00Z
---
Requests failed.
"""
BROKEN = EXPLAINED.replace("api:", "nobody:")


def while_probing(does: Callable[[Job], None], *places: str) -> Callable[[Job], None]:
    """Calls it once for each of these places, when its probe job has begun its command."""
    left = set(places)

    def running(job: Job) -> None:
        place = job.context.get("matrix", {}).get("location")
        if place in left and job.process and "action" in job.process.args[-1]:
            left.remove(place)
            does(job)

    return running


@dataclass
class WholeDay:
    """`runs` are those at which something happened, by what it was; `down` is what the page said of the outage.

    `refs` are the branches of the remote before and after the proposal of a fork was checked; `page` is the site, and
    `auditor` a clone, of the time when history was on the branch of everything else.
    """

    day: Day
    runs: dict[str, Run] = field(default_factory=dict)
    down: Mapping[str, Any] = field(default_factory=dict)
    refs: list[str] = field(default_factory=list)
    page: Path = Path()
    auditor: Path = Path()

    def live(self) -> None:
        """24 hours of the schedule; what an hour brings comes with its first run."""
        begin, end = self.day.now, self.day.now + DAY_MS
        coming = {
            0: self._begins,
            3: self._goes_down,
            6: self._is_dropped,
            9: self._comes_back,
            12: self._is_explained_badly,
            15: self._may_not_push,
            18: self._is_protected,
            21: self._is_cancelled,
        }
        while self.day.now < end:
            hour = (self.day.now - begin) // HOUR_MS
            coming.pop(hour, self._goes_on)()
        assert not coming
        self._is_mended()

    def _goes_on(self) -> None:
        self.day.tick()

    def _begins(self) -> None:
        self.day.report()
        self.runs["begin"] = self.day.tick()

    def _goes_down(self) -> None:
        """While both places probe, two other systems report."""
        self.day.api.status = 503
        threads = [threading.Thread(target=self.day.report) for _ in range(2)]
        self.runs["down"] = self.day.tick(running=while_probing(lambda _: [one.start() for one in threads], "eu"))
        for thread in threads:
            thread.join()
        self.down = self.day.document("status.json")

    def _is_dropped(self) -> None:
        """The schedule leaves a run out."""
        self.day.now += self.day.every_ms

    def _comes_back(self) -> None:
        """The host refuses a push without a reason, and whoever is told of alerts does not answer."""
        self.day.api.status, self.day.hook.status = 200, 503
        (self.day.forge.remote / "refuse-once").touch()
        self.runs["back"] = self.day.tick()

    def _is_explained_badly(self) -> None:
        """The receiver of alerts is well again; a fork proposes an incident file that is broken, somebody pushes it."""
        self.day.hook.status = 200
        forge = self.day.forge
        forge.commit({EXPLANATION: BROKEN}, branch="proposal")
        forge.git(forge.remote, "update-ref", "refs/pull/1/merge", "proposal")
        self.refs.append(forge.git(forge.remote, "for-each-ref"))
        self.runs["proposal"] = self.day.run("pull-request.yml", "pull_request", ref="refs/pull/1/merge", fork=True)
        self.refs.append(forge.git(forge.remote, "for-each-ref"))
        forge.commit({EXPLANATION: BROKEN})
        self.runs["broken"] = self.day.tick()

    def _may_not_push(self) -> None:
        """The job's token has expired but for reading; just before, somebody takes a copy of the page."""
        self.page, self.auditor = self.day.folder / "page-at-noon", self.day.clone("auditor")
        shutil.copytree(self.day.forge.live, self.page)
        self.day.forge.token = "read"
        self.runs["expired"] = self.day.tick()
        self.day.forge.token = None

    def _is_protected(self) -> None:
        """Somebody protects the branch; by the next run history has one of its own, and the incident is told well."""
        (self.day.forge.remote / "protected").touch()
        self.runs["protected"] = self.day.tick()
        self.day.forge.commit({"checks.yml": f"{self.day.checks}ledger: {{branch: ledger}}\n", EXPLANATION: EXPLAINED})

    def _is_cancelled(self) -> None:
        """In the middle of four minutes of sampling, once there is a row."""
        threads: list[threading.Thread] = []
        pause = threading.Event()

        def cancel(job: Job) -> None:
            def once_there_is_a_row() -> None:
                while not any(t >= self.day.now for path in raw(job) for t in instants(path)):
                    pause.wait(0.05)
                job.cancel()

            threads.append(threading.Thread(target=once_there_is_a_row))
            threads[-1].start()

        self.day.forge.variables["PROBE_ARGS"] = "--for 4m"
        self.runs["cancelled"] = self.day.tick(running=while_probing(cancel, "eu", "us"))
        self.day.forge.variables["PROBE_ARGS"] = "--for 1s"
        for thread in threads:
            thread.join()

    def _is_mended(self) -> None:
        """A person publishes, from a shallow clone, what failed jobs have left; the page follows."""
        clone: Path = self.day.clone("shallow", "--depth=1")
        self.day.restore_artifacts(clone)
        self.day.publish_as_a_person(clone)
        self.runs["mended"] = self.day.run("publish.yml", "workflow_dispatch")


def raw(job: Job) -> list[Path]:
    """The files of a job's place in its workspace."""
    return list((job.workspace / "history" / "raw").rglob(f"{job.context['matrix']['location']}-*.jsonl"))


def instants(path: Path) -> list[int]:
    """When its rows were measured, also while somebody writes."""
    return [int(t) for t in re.findall(r'"t":(\d+),', path.read_text(encoding="utf-8"))]
