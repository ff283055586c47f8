"""The house itself: what may be imported where, what is locked, what is packaged, what no file may say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from statusledger.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ["statusledger", "probes", "site_src"]
EXTRA_LOCKS = [
    f"requirements-{name}.txt" for name in ("apprise", "dns", "json-schema", "postgres", "redis", "s3", "sealed")
]
LOCKS = [
    "requirements.txt", "requirements-backend.txt", "requirements-probe.txt", "requirements-build.txt", *EXTRA_LOCKS,
]  # fmt: skip
OWN_LOCKS = ["requirements-bench.txt", "requirements-mutants.txt"]  # have packages of their own
HEAVY = {"pandas", "numpy", "jinja2", "feedgen"}
PINNED = re.compile(r"^([a-z0-9.-]+)==([^ ]+?)(?: ;[^\\]*)? \\$", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def repository_files() -> list[Path]:
    """Every file that is, or would be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def pins(lock: str) -> dict[str, str]:
    """The version of every package in a lock file."""
    return dict(PINNED.findall((ROOT / lock).read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", [*LOCKS, *OWN_LOCKS])
def test_lock_holds_hashes_and_no_address(lock: str) -> None:
    """Every package is pinned by hash, and nothing says from where it came: no registry, no folder."""
    text = (ROOT / lock).read_text(encoding="utf-8")

    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(lines) == len(pins(lock)) > 0
    assert all(f"{line}\n    --hash=sha256:" in text for line in lines)
    assert "/" not in text
    assert "http" not in re.sub(r"\bhttp(x|core)\b", "", text)


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_locks_agree(lock: str) -> None:
    """A package has one version, whichever lock it is installed from."""
    assert pins(lock).items() <= pins("requirements.txt").items()


@pytest.mark.parametrize(
    ("lock", "has_build"),
    [("requirements.txt", True), ("requirements-probe.txt", False), ("requirements-build.txt", True)],
)
def test_lock_covers_what_the_project_declares(lock: str, has_build: bool, project: dict[str, Any]) -> None:
    """Every declared dependency is locked; a probe's lock has none of the build's."""
    base = {normal(text) for text in project["project"]["dependencies"]}
    build = {normal(text) for text in project["project"]["optional-dependencies"]["build"]}

    assert base <= pins(lock).keys()
    assert build & pins(lock).keys() == (build if has_build else set())


def test_development_tools_are_locked(project: dict[str, Any]) -> None:
    """`make test` needs nothing that is not in the lock."""
    groups = project["dependency-groups"]

    assert {normal(text) for text in groups["dev"] + groups["backend"]} <= pins("requirements.txt").keys()


def normal(requirement: str) -> str:
    """The name of a requirement as locks spell it."""
    name = NAME.match(requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_no_lock_with_addresses_is_kept() -> None:
    """The lock formats that hold registry addresses are not in the repository."""
    assert not {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock"} & {path.name for path in repository_files()}


def test_imports_go_leftward_only() -> None:
    """The layer contracts of pyproject.toml hold."""
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


def test_every_module_has_its_layer(project: dict[str, Any]) -> None:
    """No module of the package stands outside the contract."""
    contract = next(one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    layered = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    modules = {
        f"statusledger.{path.stem}"
        for path in (ROOT / "statusledger").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }

    assert modules <= layered


def test_a_probe_run_imports_nothing_of_the_build() -> None:
    """Measuring and writing history load no data frame, template or feed library."""
    program = "import sys, statusledger.history, probes; print(*{name.partition('.')[0] for name in sys.modules})"

    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not (HEAVY | {"httpx"}) & set(loaded.stdout.split())


def test_every_module_says_what_it_is() -> None:
    """Each Python file has a docstring; only an empty package marker needs none."""
    modules = [path for path in repository_files() if path.suffix == ".py" and path.read_bytes().strip()]

    assert [path for path in modules if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_no_file_names_a_place_on_somebody_s_machine() -> None:
    """No path of the machine that this checkout lies on, and nobody's home folder, stands in a file."""
    private = re.compile(rb"%s\b|/home/\w+/|/Users/\w+/" % re.escape(str(ROOT).encode()))

    assert [path for path in repository_files() if private.search(path.read_bytes())] == []


def test_wheel_holds_the_packages_and_nothing_else(tmp_path: Path, project: dict[str, Any]) -> None:
    """The installed application is three packages with their templates; build.py and the tests stay behind."""
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))

    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == PACKAGES
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert {"site_src/templates/base.html", "site_src/static/page.css"} <= set(names)
    assert {"statusledger/starter/checks.yml", "statusledger/starter/workflows/probe.yml"} <= set(names)


def test_readme_lists_the_commands_there_are() -> None:
    """The table of commands names every command of the command line and no other."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    rows = [line.split("|")[1] for line in readme.splitlines() if line.startswith("| `statusledger ")]
    assert {word for row in rows for word in re.findall(r"statusledger (\w+)", row)} == set(COMMANDS)


def test_documentation_lists_every_page() -> None:
    """The index of the documentation links to each page beside it, and to none that is not there."""
    linked = re.findall(r"\]\(([a-z-]+\.md)\)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8"))

    assert sorted(linked) == sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_workflow_starts_with_nothing_and_pins_what_it_uses(workflow: Path) -> None:
    """No permission by default, a time limit on each job, every action pinned by commit."""
    document = yaml.load(workflow.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only

    used = [step["uses"] for job in document["jobs"].values() for step in job.get("steps", []) if "uses" in step]
    assert document["permissions"] == {}
    assert all("timeout-minutes" in job or "uses" in job for job in document["jobs"].values())
    assert [action for action in used if not action.startswith("./") and not re.search(r"@[0-9a-f]{40}$", action)] == []
