"""One job, step by step: every `run:` in a shell as a runner starts it, every composite action from its own file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rehearsal import actions
from rehearsal.expressions import Context, filled, holds, spelled

SHELLS = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"], None: ["bash", "-e", "-c"]}
LONGEST_SECONDS = 100
FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")


@dataclass
class Job:
    """A job on its machine: a workspace, an environment, what its steps said and gave.

    `token` is what a push may do with the credentials of this job: write, read, or nothing once they expired.
    `saves` are the folders that go into the cache under their keys when the job went well.
    """

    forge: Any
    name: str
    folder: Path
    definition: Mapping[str, Any]
    context: Context
    token: str
    running: Callable[[Job], None] = lambda _job: None
    status: str = "success"
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    saves: dict[str, Path] = field(default_factory=dict)

    @property
    def temp(self) -> Path:
        """A folder for this job, which has the same path on every machine."""
        return self.forge.folder / "runner-temp" if self.forge.installs else self.folder / "temp"

    @property
    def workspace(self) -> Path:
        """Where the repository is checked out."""
        return self.folder / "work"

    @property
    def summary(self) -> str:
        """What the job tells people on its summary page."""
        return (self.folder / "GITHUB_STEP_SUMMARY").read_text(encoding="utf-8")

    def run(self) -> Job:
        """The job after its last step."""
        for path in (self.workspace, self.temp, self.folder / "home"):
            path.mkdir(parents=True)
        for name in FILES:
            (self.folder / name).touch()
        github = {**self.context["github"], "workspace": str(self.workspace)}
        context = {**self.context, "github": github, "steps": {}, "runner": {"os": "Linux"}}
        environment = filled(self.definition.get("env", {}), context)
        for step in self.definition["steps"]:
            self._step(step, context, environment)
        self.outputs = filled(self.definition.get("outputs", {}), {**context, "status": self.status})
        if self.status == "success":
            for key, path in self.saves.items():
                self.forge.keep(key, path)
        shutil.rmtree(self.temp)
        return self

    def cancel(self) -> None:
        """What happens when somebody presses the button: an interrupt for the step that runs."""
        self.status = "cancelled"
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)

    def _step(self, step: Mapping[str, Any], context: dict[str, Any], environment: Mapping[str, str]) -> None:
        if not holds(step.get("if"), {**context, "status": self.status}):
            return
        own = {**environment, **filled(step.get("env", {}), context)}
        given: Mapping[str, str] = {}
        before = self.status
        if "run" in step:
            code, given = self._shell(step, own)
        elif step["uses"].split("@")[0] in actions.KNOWN:
            code, given = actions.KNOWN[step["uses"].split("@")[0]](self, filled(step.get("with", {}), context))
        else:
            code, given = self._composite(step, context, own)
        if "id" in step:
            context["steps"][step["id"]] = {"outputs": dict(given)}
        if code and before == self.status == "success":
            self.status = "failure"

    def _composite(
        self, step: Mapping[str, Any], context: Context, environment: Mapping[str, str]
    ) -> tuple[int, dict[str, str]]:
        """An action of ours: its steps here, its outputs to the caller, also when a step failed."""
        home = self.workspace if step["uses"] == "./" else self.forge.engine(step["uses"])
        action = yaml.load((home / "action.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
        given = filled(step.get("with", {}), context)
        assert given.keys() <= action["inputs"].keys(), f"unknown inputs {given.keys() - action['inputs'].keys()}"
        inputs = {name: given.get(name, one.get("default", "")) for name, one in action["inputs"].items()}
        github = {**context["github"], "action_path": str(home)}
        inside: dict[str, Any] = {"github": github, "inputs": inputs, "steps": {}, "runner": context["runner"]}
        before, self.status = self.status, "success"
        for one in action["runs"]["steps"]:
            self._step(one, inside, environment)
        code, self.status = int(self.status == "failure"), self.status if self.status == "cancelled" else before
        return code, filled({name: one["value"] for name, one in action["outputs"].items()}, inside)

    def _shell(self, step: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        (output := self.folder / "GITHUB_OUTPUT").write_text("")
        self.process = subprocess.Popen(
            [*SHELLS[step.get("shell")], step["run"]],
            cwd=self.workspace,
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running(self)
        said, _ = self.process.communicate(timeout=LONGEST_SECONDS)
        self.log += f"$ {step['run']}\n{said}"
        pairs = (line.partition("=") for line in output.read_text(encoding="utf-8").splitlines())
        return self.process.returncode, {name: value for name, _, value in pairs}

    def environment(self, own: Mapping[str, Any] | None = None) -> dict[str, str]:
        """What a step sees: nothing of the machine that the rehearsal runs on."""
        github = self.context["github"]
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": github["repository"],
            "GITHUB_EVENT_NAME": github["event_name"],
            "GITHUB_EVENT_PATH": github["event_path"],
            "GITHUB_REF_NAME": github["ref_name"],
            "GITHUB_SERVER_URL": github["server_url"],
            "GITHUB_API_URL": github["api_url"],
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            **{name: str(self.folder / name) for name in FILES},
            **self.forge.clock(),
            **self.credentials,
            **{name: spelled(value) for name, value in (own or {}).items()},
        }
