"""The workflows and the action that a user gets, judged by the tools that judge such files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
HERE = ROOT / ".github" / "workflows"
STARTER = ROOT / "statusledger" / "starter"
SHIPPED = sorted((STARTER / "workflows").glob("*.yml"))
FORMS = sorted((STARTER / "forms").glob("*.yml"))
FILES = [*sorted(HERE.glob("*.yml")), ROOT / "action.yml"]
LONGEST = 45


def document(file: Path) -> dict[str, Any]:
    """The file with every value as text (`on` would be a truth value otherwise)."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only


def steps(file: Path) -> Iterator[dict[str, Any]]:
    """Every step, and every job that calls another workflow."""
    read = document(file)
    if "runs" in read:
        yield from read["runs"]["steps"]
    for job in read.get("jobs", {}).values():
        yield from job.get("steps", [job])


SCRIPTS = [
    pytest.param(step["run"], id=f"{file.stem}-{index}")
    for file in FILES
    for index, step in enumerate(one for one in steps(file) if "run" in one)
]


def tool(name: str, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """What a tool of the development environment says."""
    return subprocess.run([BIN / name, *arguments], cwd=ROOT, input=stdin, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.name)
def test_the_template_and_the_thin_repository_have_the_same_workflows(shipped):
    """What `init` writes is what this repository runs, apart from where the action is."""
    assert shipped.read_bytes() == (HERE / shipped.name).read_bytes()


def test_the_template_and_the_thin_repository_have_the_same_forms():
    """Filled here or there, they become the same file; the label that starts the job is on all of them."""
    ours = ROOT / ".github" / "ISSUE_TEMPLATE"

    assert {file.name: file.read_bytes() for file in FORMS} == {file.name: file.read_bytes() for file in ours.iterdir()}
    assert len([file for file in FORMS if "label: Affected components" in file.read_text(encoding="utf-8")]) == 2


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.name)
def test_a_workflow_is_short(file):
    """What a user has to read stays under a screen; logic lives in the command line."""
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_everything_used_is_pinned_with_its_version(file):
    """By commit, and a comment says which release that is; or it is in this repository."""
    text = file.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)$", text, re.MULTILINE)

    assert len(used) == sum("uses" in step for step in steps(file))
    pinned = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
    assert [one for one in used if not one[0].startswith("./") and not pinned.match("".join(one))] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_run_is_one_command_without_expressions(script):
    """Values come by environment variables; nothing of an event is ever read by a shell as its own."""
    assert "${{" not in script
    assert "\n" not in script.strip()
    assert not re.search(r"&&|\|\||;|python3? -m", script)


@pytest.mark.parametrize("script", SCRIPTS)
def test_shellcheck_finds_nothing(script):
    """At the strictest level that it has."""
    found = tool("shellcheck", "--shell=bash", "--severity=style", "-", stdin=script)

    assert found.returncode == 0, found.stdout


def test_shellcheck_finds_nothing_in_what_ci_runs():
    """Nor in the commands that running.md, quickstart.md and upgrading.md have readers type."""
    pages = "".join((ROOT / "docs" / f"{name}.md").read_text() for name in ("running", "quickstart", "upgrading"))
    typed = "\n".join(re.findall(r"```sh\n(.*?)```", pages, re.DOTALL))

    for script in ((ROOT / ".ci" / "run").read_text(), typed):
        found = tool("shellcheck", "--shell=bash", "--severity=style", "--exclude=SC2103,SC2164", "-", stdin=script)
        assert found.returncode == 0, found.stdout


def test_zizmor_finds_nothing(tmp_path):
    """Neither in this repository, nor in the starter's files, at its most pedantic."""
    folder = tmp_path / ".github"
    shutil.copytree(STARTER / "workflows", folder / "workflows")
    shutil.copy(ROOT / ".github" / "zizmor.yml", folder)

    for place in (str(ROOT / ".github"), str(ROOT / "action.yml"), str(tmp_path)):
        found = tool("zizmor", "--offline", "--persona", "pedantic", "--no-progress", place)
        assert (found.returncode, "No findings to report" in found.stdout) == (0, True), found.stdout


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", [*HERE.glob("*.yml"), *SHIPPED]),
        ("github-actions", [ROOT / "action.yml"]),
        ("github-issue-forms", FORMS),
        ("dependabot", [ROOT / ".github" / "dependabot.yml", STARTER / "dependabot.yml"]),
    ],
    ids=["workflows", "action", "forms", "dependabot"],
)
def test_files_have_the_shape_that_their_host_expects(schema, files):
    """By the host's own JSON Schemas."""
    found = tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))

    assert found.returncode == 0, found.stdout
