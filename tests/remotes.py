"""Bare remotes and clones of them, with rows of history: what publishing and receiving are tested against.

The fixtures are taken by importing them.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from statusledger.clock import parse_instant
from statusledger.history import append, raw_path

T = parse_instant("2026-11-21T02:06:00Z")
FILE = "history/raw/2026/eu-1121.jsonl"


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git reads nobody's own configuration; commits of the tests are a person's."""
    settings = tmp_path / "gitconfig"
    settings.write_text("[user]\n\tname = Pat\n\temail = pat@example.org\n[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def git(folder: Path, *arguments: str) -> str:
    """What git says, without the newline at its end."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository whose main branch has a checks.yml."""
    bare, seed = tmp_path / "remote.git", tmp_path / "seed"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    git(tmp_path, "clone", "--quiet", str(bare), str(seed))
    commit(seed, "checks.yml", "schema: 1\n")
    git(seed, "push", "--quiet", "origin", "main")
    return bare


def clone(remote: Path, name: str, *options: str) -> Path:
    """A clone beside the remote."""
    folder = remote.parent / name
    git(remote.parent, "clone", "--quiet", *options, f"file://{remote}", str(folder))
    return folder


def commit(folder: Path, name: str, text: str) -> None:
    """A person's commit."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "-m", f"Write {name}")


def line(minute: int, writer: str = "api") -> bytes:
    """A row of history."""
    return json.dumps({"t": T + minute * 60_000, "r": {writer: minute}}, separators=(",", ":")).encode() + b"\n"


def measure(folder: Path, minute: int, writer: str = "api", location: str = "eu") -> None:
    """Appends a row, as a probe does."""
    append(raw_path(folder / "history", location, T), [line(minute, writer)])


def published(remote: Path, name: str = FILE, branch: str = "main") -> list[bytes]:
    """The lines of a file on the remote."""
    return [one.encode() + b"\n" for one in git(remote, "show", f"{branch}:{name}").splitlines()]


def files(remote: Path, commit: str) -> set[str]:
    """The paths that a commit changes."""
    return set(git(remote, "diff-tree", "--no-commit-id", "--name-only", "-r", "--root", commit).splitlines())


def hook(remote: Path, name: str, script: str) -> None:
    """A hook of the remote."""
    path = remote / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
