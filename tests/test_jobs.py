"""`run JOB` and `action`: every stage has its turn, and a CI job learns what came of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
import remotes
import samples as s
from repository import Ran, Repository

from statusledger.cli import chain
from statusledger.cli.main import main
from statusledger.cli.receive import read_by_a_probe
from statusledger.clock import parse_instant
from statusledger.config import load
from statusledger.errors import LedgerError

NOW = "2026-04-01T01:00:00Z"
configuration, remote = remotes.configuration, remotes.remote


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An hour of one component, down for its last ten minutes."""
    return Repository(tmp_path).checks().rows({"eu": s.grid(10, 11)})


def action(repository: Repository, command: str, arguments: str = "") -> tuple[Ran, dict[str, str], str]:
    """What a step of action.yml says, its outputs and its summary."""
    for name in ("outputs", "summary.md"):
        (repository.root / name).write_text("")
    environment = {
        "INPUT_COMMAND": command,
        "INPUT_ARGS": arguments,
        "INPUT_ROOT": str(repository.root),
        "STATUSLEDGER_NOW": NOW,
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(repository.root),
        "GITHUB_OUTPUT": str(repository.root / "outputs"),
        "GITHUB_STEP_SUMMARY": str(repository.root / "summary.md"),
    }
    ran = repository.run("action", environment=environment)
    pairs = (line.partition("=") for line in (repository.root / "outputs").read_text().splitlines())
    return ran, {name: value for name, _, value in pairs}, (repository.root / "summary.md").read_text()


# --- run ----------------------------------------------------------------------------------------


def test_a_page_is_built_although_an_earlier_stage_failed(repository):
    """Outside of git publishing fails with 5, a damaged rollup with 1: the first is the job's code, and all is told."""
    repository.write("history/rollup/2026-03.jsonl", "torn\n")

    ran = repository.run("run", "publish", "--now", NOW)

    assert ran.code == 1
    assert repository.document("status.json")["status"] == "major"
    last = ran.out.splitlines()[-1]
    assert last.startswith("run publish: ")
    assert "; built " in last
    assert last.endswith("; rollup ended with exit code 1; publish ended with exit code 5")


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A job whose stages crash, refuse and go well; the names of those that had their turn."""
    seen: list[str] = []

    def crash() -> int:
        raise ZeroDivisionError

    def refuse() -> int:
        raise LedgerError("the disk is full")

    for name, does in {"crashing": crash, "refusing": refuse, "well": lambda: 0, "heartbeat": lambda: 0}.items():
        stage = SimpleNamespace(run=lambda _arguments, name=name, does=does: seen.append(name) or does())
        monkeypatch.setitem(sys.modules, f"statusledger.cli.{name}", stage)
    monkeypatch.setattr(chain, "JOBS", {"publish": ("crashing", "refusing", "well")})
    monkeypatch.setattr(chain, "MEASURING", ("publish",))
    return seen


def test_a_crash_of_one_stage_stops_none_of_the_others(stages, caplog, capsys):
    """The fault is told whole; what follows only a good run does not run."""
    code = main(["run", "publish"])

    assert (code, stages) == (chain.CRASHED, ["crashing", "refusing", "well"])
    assert capsys.readouterr().out == "run publish: crashing ended with exit code 1; refusing ended with exit code 1\n"


def test_what_follows_a_good_run_runs_once_all_went_well(stages, monkeypatch):
    """That is how somebody elsewhere knows that the ledger is complete."""
    monkeypatch.setattr(chain, "JOBS", {"publish": ("well",)})

    assert (main(["run", "publish"]), stages) == (0, ["well", "heartbeat"])


# --- action -------------------------------------------------------------------------------------


def test_a_step_that_builds_passes_on_the_state_of_the_page(repository):
    """Outputs for later steps, a table of the components for people; the exit code is the command's."""
    ran, outputs, summary = action(repository, "build", f"--out '{repository.root}/the site'")

    assert ran.code == 0, ran.err
    assert outputs == {"status": "major", "incidents": "1", "changed": "true", "built": "true"}
    assert summary.splitlines()[0] == "### API: major outage"
    assert "| API | Major outage | 83.333 % | 83.333 % |" in summary


def test_a_second_build_of_the_same_instant_changed_nothing(repository):
    """`changed` says whether there is anything new to deploy."""
    action(repository, "build")

    assert action(repository, "build")[1]["changed"] == "false"


def test_what_failed_is_passed_on_as_well(repository):
    """A job whose page was built can deploy it, although its exit code says that not all went well."""
    ran, outputs, summary = action(repository, "run publish")

    assert (ran.code, outputs["built"]) == (5, "true")
    assert summary.endswith("; exit code 5\n")


def test_problems_stand_beside_their_lines(repository):
    """Each problem of checks.yml becomes an annotation at its line; what it quotes cannot become another command."""
    repository.checks(extra=', visibility: "%0A::notice::no"')

    ran, outputs, _ = action(repository, "validate")

    assert (ran.code, outputs["built"]) == (2, "false")
    (annotation,) = [line for line in ran.out.splitlines() if line.startswith("::")]
    assert annotation.startswith("::error file=checks.yml,line=10,col=")
    assert '"%250A::notice::no" is none of public, private' in annotation


def test_names_are_told_as_they_are(repository):
    """Markdown and HTML in a name stay text."""
    text = (repository.root / "checks.yml").read_text().replace("name: API", "name: 'A|<b>*'")
    repository.write("checks.yml", text)

    assert r"| A\|&lt;b&gt;\* | Major outage |" in action(repository, "build")[2]


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        pytest.param("build", "--out 'x", "close every quote", id="an open quote"),
        pytest.param("action", "", "runs other commands", id="itself"),
        pytest.param("", "", "the following arguments are required: COMMAND", id="nothing"),
    ],
)
def test_inputs_that_are_no_command_are_told(repository, command, arguments, told):
    """Exit code 2 and what to write."""
    ran, _, _ = action(repository, command, arguments)

    assert (ran.code, told in ran.err) == (2, True)


# --- the first stage ----------------------------------------------------------------------------


def test_a_probe_run_asks_for_what_it_reads(repository):
    """Files of its location and of pushed reports, of the days that count; nothing of other places and times."""
    wanted = read_by_a_probe(load(repository.root / "checks.yml"), "eu", parse_instant(NOW))
    names = [
        "raw/2026/eu-0401.jsonl",
        "raw/2026/eu.2-0331.jsonl",
        "sealed/raw/2026/eu-0401.jsonl",
        "raw/2026/push-0401.jsonl",
        "facts/eu.jsonl",
        "raw/2026/us-0401.jsonl",
        "raw/2026/eu-0330.jsonl",
        "raw/2025/eu-0401.jsonl",
        "facts/us.jsonl",
        "rollup/2026-03.jsonl",
    ]

    assert [name for name in names if wanted(PurePosixPath(name))] == names[:5]


# --- the clean-up -------------------------------------------------------------------------------


def test_raw_rows_go_once_they_are_old_and_sealed(remote, tmp_path):
    """By the first publish run after `retention.raw`, in a commit of its own; no figure changes by it."""
    page = Repository(remotes.clone(remote, "page")).checks().rows({"eu": s.grid(3, 4)})
    remotes.commit(page.root, "checks.yml", (page.root / "checks.yml").read_text())
    remotes.git(page.root, "push", "-q", "origin", "main")
    early = page.run("run", "publish", "--now", "2026-04-05T00:00Z")
    before = page.document("incidents.json")["incidents"]
    page.rows({"eu": [(s.at(day * 24 * 60), "up") for day in range(105, 110)]})

    late = page.run("run", "publish", "--now", "2026-07-20T00:00Z")

    assert (early.code, late.code) == (0, 0), late.err
    assert "removed history/raw/2026/eu-0401.jsonl" in late.out
    assert "removed history" not in early.out
    names = remotes.git(remote, "ls-tree", "-r", "--name-only", "main", "history").splitlines()
    assert [name for name in names if "/raw/" in name] == [
        f"history/raw/2026/eu-07{day}.jsonl" for day in range(15, 20)
    ]
    assert page.document("incidents.json")["incidents"] == before != []
    assert page.document("build.json")["commit"] == remotes.git(remote, "rev-parse", "main")


def test_rows_that_would_come_back_with_every_checkout_stay(remote, tmp_path):
    """Where history got a branch of its own later, the person who owns the first one is told what to do."""
    page = Repository(remotes.clone(remote, "page")).checks().rows({"eu": s.grid()})
    page.write("checks.yml", (page.root / "checks.yml").read_text() + "ledger: {branch: ledger}\n")
    for name in ("checks.yml", "history/raw/2026/eu-0401.jsonl"):
        remotes.commit(page.root, name, (page.root / name).read_text())

    ran = page.run("run", "publish", "--now", "2026-07-20T00:00Z")

    assert "tidy: history/raw is old, and on this branch too: git rm -r it here" in ran.err
    assert (page.root / "history/raw/2026/eu-0401.jsonl").exists()


# --- an installation that has less ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["validate"], "validate needs what the extra `build` brings, here numpy: install statusledger[build]"),
        (["run", "page"], "rollup needs what the extra `build` brings"),
    ],
    ids=["a command", "stages"],
)
def test_a_command_without_its_libraries_says_what_to_install(repository, command, told):
    """A base installation is enough to probe."""
    base = "import sys; sys.modules |= dict.fromkeys(['babel', 'numpy', 'pandas']); from statusledger.cli import main"
    words = [sys.executable, "-c", f"{base}; sys.exit(main())", "--root", str(repository.root)]

    ran = subprocess.run([*words, *command], capture_output=True, text=True, check=False)

    assert (ran.returncode, told in ran.stderr, "Traceback" in ran.stderr) == (2, True, False), ran.stderr
