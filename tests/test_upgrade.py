"""The engine goes up by a version: nothing of the user changes, nothing conflicts, and the page goes on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsal.day import COMMIT, ENGINE_FOLDER, Day
from rehearsal.services import website

NEXT = "2" * 40
WELL = {"probe": "success", "build": "success", "deploy": "success", "publish": "success"}
ENGINE = ("install.py", "pyproject.toml", "action.yml", "README.md", "LICENSE", "statusledger", "probes", "site_src")
YOURS = {
    "checks/more.yml": "groups: []\n",
    "private/checks.yml.age": "sealed\n",
    "incidents/2026/2026-04-01-ours.md": "ours\n",
    "maintenance/README.md": "what we do at night\n",
    "probes/local/ours.py": '"""Ours."""\n',
    "site_src/overrides/page.css": "body { color: red }\n",
    "history/raw/2026/eu-0401.jsonl": '{"t":1775001780000,"r":{"api":100}}\n',
    ".github/workflows/probe.yml": "name: with our secrets\n",
}


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """A page that uses version 0.1.0, and is probed from one place."""
    monkeypatch.setenv("PATH", f"{installer(tmp_path / 'programs')}:{os.environ['PATH']}")
    engines = {
        f"acme/statusledger@{COMMIT}": engine(tmp_path / "v1", "0.1.0"),
        f"acme/statusledger@{NEXT}": engine(tmp_path / "v2", "0.2.0"),
    }
    with website() as api, website() as hook:
        lived = Day(tmp_path, api, hook, engines=engines)
        lived.watch_from_one_place()
        yield lived


def engine(folder: Path, version: str) -> Path:
    """The engine as it is here, as another version."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in (*ENGINE, *(path.name for path in ENGINE_FOLDER.glob("requirements-*.txt"))):
        source = ENGINE_FOLDER / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(source, folder)
    project = folder / "pyproject.toml"
    project.write_text(re.sub(r'^version = ".*"$', f'version = "{version}"', project.read_text(), flags=re.MULTILINE))
    return folder


def installer(folder: Path) -> Path:
    """A folder with a `uv` that takes dependencies from the tests and really builds and installs the engine."""
    folder.mkdir()
    libraries, uv = sysconfig.get_path("purelib"), shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    inside = Path(libraries).relative_to(sys.prefix)
    (folder / "uv").write_text(
        f"""#!/bin/sh
case "$*" in
*--require-hashes*) echo {libraries} > "$(dirname "$(dirname "$5")")/{inside}/tests.pth" ;;
*) exec {uv} "$@" --offline ;;
esac
"""
    )
    (folder / "uv").chmod(0o755)
    return folder


def test_an_upgrade_of_a_thin_repository_changes_pins_alone(day):
    """By a commit as Dependabot makes it; jobs install the next version once, and go on where the former one was."""
    first = day.tick()
    versions = [day.document("build.json")["engine"]]
    before = day.clone("before")
    person = day.folder / "person" / ".github" / "workflows"
    day.forge.commit(
        {
            f".github/workflows/{path.name}": path.read_text().replace(f"@{COMMIT} # v0.1.0", f"@{NEXT} # v0.2.0")
            for path in person.iterdir()
        }
    )
    day.forge.installs = True

    second = day.tick()
    reported = day.report()

    versions.append(day.document("build.json")["engine"])
    assert first.results == second.results == WELL, first.log + second.log
    assert versions == ["statusledger 0.1.0", "statusledger 0.2.0"]
    jobs = {"probe": second, "build": second, "ingest": reported}
    installs = {name: 'install.py" install' in run.jobs[name][0].log for name, run in jobs.items()}
    assert installs == {"probe": True, "build": True, "ingest": False}
    assert list(day.published().values()) == [1, 1, 1]
    day.forge.git(before, "pull", "--quiet")
    changes = day.forge.git(before, "diff", "--unified=0", "ORIG_HEAD", "--", ".", ":!history").splitlines()
    assert {line.split("@")[0].strip("+- ") for line in changes if re.match(r"[+-][^+-]", line)} == {
        "uses: acme/statusledger"
    }


def test_an_upgrade_of_a_copy_leaves_everything_of_its_owner(tmp_path):
    """By the commands of docs/upgrading.md: files of the engine are those of the version, and others as they were."""
    upstream, copy = tmp_path / "engine", tmp_path / "copy"
    releases(upstream)
    shutil.copytree(upstream, copy, ignore=shutil.ignore_patterns(".git"))
    shutil.copy(ENGINE_FOLDER / "checks.yml", copy)
    for name, text in YOURS.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    git(copy, "init", "--quiet")
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "-m", "A page")
    (commands,) = re.findall(r"```sh\n(.*?)```", (ENGINE_FOLDER / "docs" / "upgrading.md").read_text(), re.DOTALL)
    address = "https://github.com/OWNER/statusledger"
    assert address in commands

    shell(copy, commands.replace(address, str(upstream)))

    mine = {"checks.yml": (ENGINE_FOLDER / "checks.yml").read_text(), **YOURS}
    assert {name: (copy / name).read_text() for name in mine} == mine
    assert (copy / "statusledger" / "clock.py").read_text() == "now = 2\n"
    assert not (copy / "statusledger" / "old.py").exists()
    assert (copy / "statusledger" / "new.py").exists()
    assert git(copy, "status", "--porcelain") == ""


def releases(folder: Path) -> None:
    """A small engine with two versions."""
    files = {"checks.yml": "example\n", "README.md": "one\n", ".github/workflows/probe.yml": "one\n"}
    engine_files = {"statusledger/clock.py": "now = 1\n", "statusledger/old.py": "", "probes/tcp.py": "", **files}
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for version, written in (("v0.1.0", engine_files), ("v0.2.0", {"statusledger/clock.py": "now = 2\n"})):
        for name, text in written.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        if version == "v0.2.0":
            (folder / "statusledger" / "old.py").rename(folder / "statusledger" / "new.py")
            (folder / "checks.yml").write_text("another example\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", version)
        git(folder, "tag", version)
    git(folder, "checkout", "--quiet", "v0.1.0")


def git(folder: Path, *arguments: str) -> str:
    """What git says to a person."""
    return shell(folder, subprocess.list2cmdline(["git", *arguments]))


def shell(folder: Path, commands: str) -> str:
    """What commands say in a shell there; all of them must go well."""
    person = {f"GIT_{who}_{what}": "pat@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["bash", "-e", "-c", commands],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder.parent), "GIT_CONFIG_NOSYSTEM": "1", **person},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
