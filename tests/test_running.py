"""The units under examples/running: judged by the tools that judge such files, and by our own command line."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from supervisor.options import ServerOptions

from statusledger.cli.options import parser

ROOT = Path(__file__).resolve().parents[1]
UNITS = ROOT / "examples" / "running"
BIN = Path(sys.executable).parent
INSTALLED = "/opt/statusledger-environment/bin/statusledger"


def judged(name: str, *arguments: str) -> None:
    """A tool has nothing to say about these files."""
    done = subprocess.run([BIN / name, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile(tmp_path):
    """By hadolint; the context that it builds from has everything that install.py reads, and no test."""
    judged("hadolint", str(UNITS / "docker" / "Dockerfile"))
    ignored = (UNITS / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}

    assert kept >= {"install.py", "pyproject.toml", "requirements-*.txt", "statusledger", "probes", "site_src"}
    assert all(list(ROOT.glob(name)) for name in kept)


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("compose-spec", "docker/compose.yml"),
        ("gitlab-ci", "gitlab/.gitlab-ci.yml"),
        ("github-workflows", "forgejo/status.yml"),
    ],
)
def test_files_that_have_a_schema(schema, file):
    """By the JSON Schema of whoever reads them."""
    judged("check-jsonschema", "--builtin-schema", f"vendor.{schema}", str(UNITS / file))


@pytest.mark.parametrize("file", sorted((UNITS / "kubernetes").glob("*.yml")), ids=lambda path: path.stem)
def test_manifests(file):
    """By the API's own schemas; a container can do as little as a container can."""
    judged("kubernetes-validate", "--strict", str(file))
    pod = yaml.safe_load(file.read_text())["spec"]
    while "containers" not in pod:
        pod = pod.get("jobTemplate", pod.get("template", {}))["spec"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in pod["initContainers"] + pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_systemd_units(tmp_path):
    """By systemd-analyze, with the program where it is here."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        told = "systemd-analyze is not installed (Debian package systemd)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    for unit in (UNITS / "systemd").iterdir():
        (tmp_path / unit.name).write_text(unit.read_text().replace(INSTALLED, str(BIN / "statusledger")))

    for unit in tmp_path.iterdir():
        done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_supervisor_program(tmp_path):
    """By supervisor's own reader, as a user that there is."""
    program = (UNITS / "supervisor" / "statusledger.conf").read_text().replace("user=statusledger", "user=root")
    (tmp_path / "supervisord.conf").write_text(f"[supervisord]\nnodaemon=true\n{program}")
    options = ServerOptions()
    options.realize(args=["-c", str(tmp_path / "supervisord.conf"), "-u", "root"])

    (group,) = options.process_group_configs
    assert group.process_configs[0].stopwaitsecs == 40


# --- every command that they run ------------------------------------------------------------------


def commands() -> Iterator[Any]:
    """The words after `statusledger`, of every file, but for comments."""
    for file in sorted(path for path in UNITS.rglob("*") if path.is_file()):
        text = re.sub(r"^\s*[#;].*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        plain = re.findall(r"(?:/|^| |\$)statusledger((?: [-\w:/.]+)+)", text, re.MULTILINE | re.IGNORECASE)
        inputs = re.findall(r"with: \{command: \"?([^,\"]+)", text)
        lists = re.findall(r"(?:CMD|args:|command:) \[([^\]$]+)\]", text)
        listed = [one.replace(",", " ").replace('"', " ").split() for one in lists]
        ours = [" ".join(words).removeprefix("statusledger ") for words in listed]
        for words in [*plain, *inputs, *(one for one in ours if not one.startswith("git "))]:
            yield pytest.param(shlex.split(words), id=f"{file.name}: {words.strip()}")


@pytest.mark.parametrize("words", list(commands()))
def test_every_command_in_them_is_one_that_there_is(words, monkeypatch):
    """With options that there are."""
    assert parser().parse_args(words).command in {"run", "watch", "watchdog", "validate"}


def test_commands_are_found_in_every_file():
    """The test above looks at something in each of them."""
    seen = {case.id.partition(":")[0] for case in commands()}

    assert seen == {path.name for path in UNITS.rglob("*") if path.is_file()} - {
        "statusledger-tick.timer", "Dockerfile.dockerignore",
    }  # fmt: skip
