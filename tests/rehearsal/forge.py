"""The host: a bare remote with its rules for pushes, and events that run the workflows that are on its branch."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from rehearsal.expressions import filled, holds
from rehearsal.runner import Job
from statusledger.clock import format_instant

HOOK = """\
#!/bin/sh
# What a host says to a push: who may, which branches are protected, and now and then no for no reason.
[ "$FORGE_TOKEN" = person ] && exit 0
if [ "$FORGE_TOKEN" != write ]; then
  echo "remote: Permission to acme/status.git denied to github-actions[bot]." >&2
  exit 1
fi
if [ -e refuse-once ]; then rm refuse-once; echo "remote: Internal Server Error" >&2; exit 1; fi
while read -r _ _ ref; do
  if [ -e protected ] && [ "$ref" = refs/heads/main ]; then
    echo "error: GH006: Protected branch update failed for refs/heads/main." >&2
    exit 1
  fi
done
exit 0
"""
RANK = {"skipped": 0, "success": 1, "cancelled": 2, "failure": 3}


@dataclass
class Run:
    """What an event set off: its jobs by name, those of a matrix one after the other."""

    jobs: dict[str, list[Job]] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """Everything that was said."""
        return "\n".join(job.log for jobs in self.jobs.values() for job in jobs)


@dataclass
class Forge:
    """`engines` are repositories whose action is used from elsewhere: `OWNER/name@commit` -> a folder.

    `installs`: environments are really installed, by install.py, and kept in the cache. `now` is what every job takes
    for the time.
    """

    folder: Path
    engines: Mapping[str, Path] = field(default_factory=dict)
    installs: bool = False
    now: int | None = None
    began: float = 0.0
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    api_url: str = "http://127.0.0.1:9"
    site: Path = Path()

    def __post_init__(self) -> None:
        self.numbers = count(1)
        self.lock = threading.Lock()
        self.git(self.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            self.git(self.remote, "config", key, "true")
        hook = self.remote / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(HOOK)
        hook.chmod(0o755)

    @property
    def remote(self) -> Path:
        """The bare repository."""
        return self.folder / "remote.git"

    @property
    def live(self) -> Path:
        """What Pages serves."""
        return self.folder / "live"

    def git(self, folder: Path, *arguments: str) -> str:
        """What git says to a person, who may push."""
        environment = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "FORGE_TOKEN": "person"}
        person = ["-c", "user.name=Pat", "-c", "user.email=pat@example.org"]
        done = subprocess.run(
            ["git", *person, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def commit(self, files: Mapping[str, str | None], branch: str = "main") -> None:
        """A person's commit on a branch, pushed; None removes a file."""
        with self.lock:
            person = self.folder / "person"
            if not person.exists():
                self.git(self.folder, "clone", "--quiet", f"file://{self.remote}", str(person))
            if self.git(person, "ls-remote", "origin", branch):
                self.git(person, "fetch", "--quiet", "origin", branch)
                self.git(person, "checkout", "--quiet", "-B", branch, "FETCH_HEAD")
            else:
                self.git(person, "checkout", "--quiet", "-B", branch)
            for name, text in files.items():
                (person / name).parent.mkdir(parents=True, exist_ok=True)
                (person / name).write_text(text) if text is not None else (person / name).unlink()
            self.git(person, "add", "--all")
            self.git(person, "commit", "--quiet", "-m", "Change by a person")
            self.git(person, "push", "--quiet", "origin", branch)

    def merge(self, branch: str) -> None:
        """A person merges a branch."""
        person = self.folder / "person"
        self.git(person, "fetch", "--quiet", "origin", "main", branch)
        self.git(person, "checkout", "--quiet", "-B", "main", "origin/main")
        self.git(person, "merge", "--quiet", "--no-edit", f"origin/{branch}")
        self.git(person, "push", "--quiet", "origin", "main")

    def engine(self, uses: str) -> Path:
        """The folder of an action that is used from another repository."""
        return self.engines[uses]

    def clock(self) -> Mapping[str, str]:
        """The time, for those who ask by environment; it goes on while a run takes its time."""
        if self.now is None:
            return {}
        now = self.now + round((time.monotonic() - self.began) * 1000)
        return {"STATUSLEDGER_NOW": format_instant(now)}

    def cached(self, key: str, folder: Path) -> bool:
        """Whether there was something in the cache, which is now in the folder."""
        kept = self.folder / "cache" / key
        if kept.exists():
            shutil.copytree(kept, folder, symlinks=True)
        return kept.exists()

    def keep(self, key: str, folder: Path) -> None:
        """Puts a folder into the cache."""
        shutil.copytree(folder, self.folder / "cache" / key, symlinks=True)

    # --- events ---------------------------------------------------------------------------------

    def run(
        self,
        workflow: str,
        event_name: str = "schedule",
        event: Mapping[str, Any] | None = None,
        *,
        ref: str = "refs/heads/main",
        fork: bool = False,
        running: Callable[[Job], None] = lambda _job: None,
    ) -> Run:
        """Runs a workflow as it is on the branch (of a pull request: with the proposal merged)."""
        self.began = time.monotonic()
        number = next(self.numbers)
        path = self.folder / f"event-{number}.json"
        path.write_text(json.dumps(event or {}))
        github = {
            "event_name": event_name,
            "event": event or {},
            "event_path": str(path),
            "ref": ref,
            "ref_name": ref.removeprefix("refs/heads/"),
            "repository": "acme/status",
            "server_url": "https://github.example",
            "api_url": self.api_url,
            "token": "job-token",
        }
        context = {"github": github, "vars": self.variables, "secrets": {} if fork else self.secrets}
        done = Run()
        self._workflow(self._document(ref, workflow), context, done, allowed=None if not fork else {}, running=running)
        return done

    def _document(self, ref: str, workflow: str) -> dict[str, Any]:
        text = self.git(self.remote, "show", f"{ref}:.github/workflows/{workflow}")
        document: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - `on` stays text
        return document

    def _workflow(
        self,
        document: Mapping[str, Any],
        context: Mapping[str, Any],
        done: Run,
        *,
        allowed: Mapping[str, str] | None,
        running: Callable[[Job], None],
    ) -> dict[str, str]:
        """Runs its jobs in the order of the file, which is that of their needs; the worst result of each."""
        assert document["permissions"] == {}
        results: dict[str, dict[str, Any]] = {}
        for name, job in document["jobs"].items():
            wanted = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            needs = {one: results[one] for one in wanted}
            worst = max((one["result"] for one in needs.values()), key=RANK.__getitem__, default="success")
            # a job that was cancelled by itself fails those that need it; the run as a whole was not cancelled
            status = "success" if worst == "success" else "failure"
            here = {**context, "needs": needs, "status": status}
            if not holds(job.get("if"), here):
                results[name] = {"result": "skipped", "outputs": {}}
            elif "uses" in job:
                results[name] = self._called(job, here, done, allowed=allowed, running=running)
            else:
                results[name] = self._job(name, job, here, done, allowed=allowed, running=running)
            done.results[name] = results[name]["result"]
        return {name: one["result"] for name, one in results.items()}

    def _called(self, job: Any, context: Any, done: Run, *, allowed: Any, running: Any) -> dict[str, Any]:
        """A workflow of the same repository and commit; it may ask for what the calling job has, and no more."""
        document = self._document(context["github"]["ref"], Path(job["uses"]).name)
        inside = {**context, "secrets": context["secrets"] if job.get("secrets") == "inherit" else {}}
        results = self._workflow(document, inside, done, allowed=_limited(job["permissions"], allowed), running=running)
        return {"result": max(results.values(), key=RANK.__getitem__), "outputs": {}}

    def _job(self, name: str, job: Any, context: Any, done: Run, *, allowed: Any, running: Any) -> dict[str, Any]:
        """The job, or those of its matrix at once."""
        permissions = _limited(job.get("permissions", {}), allowed)
        places = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
        jobs = []
        for index, matrix in enumerate(places):
            here = {**context, "matrix": matrix, "strategy": {"job-index": index}}
            filled(job.get("concurrency", {}), here)  # its names must be there
            folder = self.folder / "jobs" / f"{next(self.numbers)}-{name}"
            token = self.token if self.token is not None else permissions.get("contents", "none")
            jobs.append(Job(self, folder.name, folder, job, here, token, running))
        with ThreadPoolExecutor(max(len(jobs), 1)) as pool:
            done.jobs.setdefault(name, []).extend(pool.map(partial(Job.run), jobs))
        result = max((one.status for one in jobs), key=RANK.__getitem__)
        return {"result": result, "outputs": jobs[-1].outputs}


def _limited(wanted: Mapping[str, str], allowed: Mapping[str, str] | None) -> Mapping[str, str]:
    """What a job may: what it asks for; a called one that asks for more than its caller has does not start.

    A pull request of a fork reads, whatever the file says.
    """
    if allowed == {}:
        return dict.fromkeys(wanted, "read")
    assert allowed is None or wanted.items() <= allowed.items(), f"{wanted} asks for more than {allowed}"
    return wanted
