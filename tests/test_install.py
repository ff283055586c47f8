"""install.py: what an environment depends on, and that nothing gets into it that is not pinned by hash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def installer(engine: Path, *arguments: str, folder: Path, extras: str = "", path: str = "/usr/bin:/bin") -> str:
    """What install.py of an engine says; it must end well."""
    done = subprocess.run(
        [sys.executable, str(engine / "install.py"), *arguments],
        env={"RUNNER_TEMP": str(folder), "EXTRAS": extras, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else done.stdout


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A small engine with the real locks."""
    folder = tmp_path / "engine"
    for package in ("statusledger", "probes", "site_src"):
        (folder / package).mkdir(parents=True)
    (folder / "statusledger" / "clock.py").write_text("now = 1\n")
    for file in [ROOT / "install.py", ROOT / "pyproject.toml", *ROOT.glob("requirements*.txt")]:
        shutil.copy(file, folder)
    return folder


def test_the_key_changes_with_whatever_the_environment_depends_on(engine, tmp_path):
    """Engine, locks, extras and place; not with their order, nor with what Python leaves behind."""

    def key(extras: str = "", folder: str = "temp") -> str:
        return installer(engine, "describe", folder=tmp_path / folder, extras=extras).splitlines()[1]

    first = key()
    (engine / "statusledger" / "clock.pyc").write_bytes(b"compiled")
    same = {key(), key()}
    others = {key("build"), key("build sealed"), key(folder="elsewhere")}
    assert key("sealed, build") == key("build sealed")
    (engine / "statusledger" / "clock.py").write_text("now = 2\n")

    assert same == {first}
    assert len(others | {first, key()}) == 5


def test_only_what_is_pinned_by_hash_is_installed(engine, tmp_path):
    """Backends, base and extras from locks with hashes; the engine itself without looking for anything else."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "uv").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    (programs / "uv").chmod(0o755)

    installer(engine, "install", folder=tmp_path, extras="build", path=f"{programs}:/usr/bin:/bin")

    *locked, own = (tmp_path / "asked").read_text().splitlines()
    assert [line.rpartition("/")[2] for line in locked] == [
        "requirements-backend.txt", "requirements-probe.txt", "requirements-build.txt",
    ]  # fmt: skip
    assert all("--require-hashes" in line and "--no-build-isolation" in line for line in locked)
    assert own.endswith(f"--no-build-isolation --no-deps {engine}")
    assert os.access(tmp_path / "statusledger-environment" / "bin" / "python", os.X_OK)


@pytest.mark.parametrize(
    ("arguments", "extras", "told"),
    [
        pytest.param(["describe"], "page", "there is no extra page; known: apprise, build, dns", id="extra"),
        pytest.param(["remove"], "", "write install.py describe, or install.py install", id="argument"),
    ],
)
def test_what_cannot_be_is_told(engine, tmp_path, arguments, extras, told):
    """With what to write instead."""
    assert told in installer(engine, *arguments, folder=tmp_path, extras=extras)


def test_every_extra_has_its_lock():
    """An extra that pyproject.toml declares can be asked of the action."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

    assert {name for name in extras if not (ROOT / f"requirements-{name}.txt").is_file()} == set()
