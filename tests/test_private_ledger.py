"""The private part of a ledger: rolled up, pruned and audited by who can read it, and left alone by everybody else."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage  # type: ignore[import-untyped]
import pytest
from operators import OPEN, PUBLISH_JOB, RECIPIENT, lay, opaque, opened, public_repository
from repository import Repository, tree

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, format_instant, parse_instant
from statusledger.sealed import is_sealed, seal

START = parse_instant("2026-04-01T00:00:00Z")
END = START + 3 * DAY_MS
ROLLED = END + 10 * DAY_MS
STEP = 30 * MINUTE_MS
OUTAGE = (START + 2 * HOUR_MS, START + 2 * HOUR_MS + STEP)
BLIP = (START + DAY_MS + HOUR_MS,)
VAULT = opaque("zanzibar")
RETENTION = "retention: {raw: 2d, evidence: 20d%s}\nincidents: {after: 45m}\n"
DAYS = ["eu-0401.jsonl", "eu-0402.jsonl", "eu-0403.jsonl"]
RAW = "history/sealed/raw/2026"


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days; on the first one a critical incident with evidence, on the second a failure too short for one."""
    root = tmp_path_factory.mktemp("laid")
    public_repository(root, more=RETENTION % "")
    lay(root, START, END, down=(*OUTAGE, *BLIP), step=STEP)
    git(root, "init", "-q", "-b", "main")
    commit(root, END, "Begin")
    return root


@pytest.fixture(scope="module")
def rolled(laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, rolled up by the publish job ten days later."""
    root = tmp_path_factory.mktemp("rolled") / "repository"
    shutil.copytree(laid, root)
    ran = Repository(root).run("rollup", "--now", at(ROLLED), environment=PUBLISH_JOB)
    assert ran.code == 0, ran.err
    commit(root, ROLLED, "Seal")
    return root


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Repository]:
    """A copy to change."""

    def made(root: Path) -> Repository:
        shutil.copytree(root, tmp_path / "copy")
        return Repository(tmp_path / "copy")

    return made


def at(instant: int) -> str:
    """As --now takes it."""
    return format_instant(instant)


def git(root: Path, *arguments: str, when: int = END) -> None:
    """Runs git there, at an instant."""
    dates = {"GIT_COMMITTER_DATE": at(when), "GIT_AUTHOR_DATE": at(when)}
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@acme.example")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), **dates}
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, env=environment)


def commit(root: Path, when: int, message: str) -> None:
    """Everything that there is."""
    git(root, "add", "-A", when=when)
    git(root, "commit", "-q", "-m", message, when=when)


# --- rollups ------------------------------------------------------------------------------------


def test_sealed_days_of_private_components_are_sealed_lines(rolled: Path) -> None:
    """Rollups, policies, sources and incidents: encrypted, under the opaque id."""
    sealed = rolled / "history" / "sealed"
    lines = [line for path in sealed.rglob("*.jsonl") for line in path.read_bytes().splitlines()]

    assert all(map(is_sealed, lines))
    days = opened(sealed / "rollup" / "2026-04.jsonl")
    assert [(day["d"], day["c"]) for day in days[:3]] == [(f"2026-04-0{number}", VAULT) for number in (1, 2, 3)]
    incidents = opened(sealed / "incidents" / "2026.jsonl")
    assert [(one["event"], one["id"]) for one in incidents] == [
        ("opened", f"{VAULT}-20260401T020000Z"),
        ("closed", f"{VAULT}-20260401T020000Z"),
    ]
    assert (sealed / "policy.jsonl").exists() and (sealed / "sources.jsonl").exists()
    assert b"zanzibar" not in b"".join(OPEN(line) for line in lines)


def test_without_the_identity_they_are_left_alone(laid: Path, copied: Callable[[Path], Repository]) -> None:
    """The public part is rolled up all the same; a second run with the identity adds the rest once."""
    repository = copied(laid)
    sealed = repository.root / "history" / "sealed"
    before = tree(sealed)

    ran = repository.run("rollup", "--now", at(ROLLED))
    assert (ran.code, tree(sealed)) == (0, before)
    assert (repository.root / "history" / "rollup" / "2026-04.jsonl").exists()

    repository.run("rollup", "--now", at(ROLLED), environment=PUBLISH_JOB)
    once = tree(sealed)
    repository.run("rollup", "--now", at(ROLLED), environment=PUBLISH_JOB)
    assert len(once) > len(before)
    assert tree(sealed) == once


def figures(repository: Repository, now: int) -> dict[str, object]:
    """What operators see of the private component."""
    ran = repository.run("build", "--now", at(now), environment=PUBLISH_JOB)
    assert ran.code == 0, ran.err
    path = repository.root / "_private" / "api" / "v1" / "components" / f"{VAULT}.json"
    return dict(json.loads(path.read_bytes()))


def test_operators_see_the_same_from_rows_and_from_sealed_days(laid: Path, rolled: Path, tmp_path: Path) -> None:
    """Also when the rows are gone."""
    for name, root in {"rows": laid, "days": rolled, "gone": rolled}.items():
        shutil.copytree(root, tmp_path / name)
    shutil.rmtree(tmp_path / "gone" / RAW)
    now = END + 12 * DAY_MS

    told = {name: figures(Repository(tmp_path / name), now) for name in ("rows", "days", "gone")}
    assert told["rows"] == told["days"]
    differing = {key for key, value in told["gone"].items() if value != told["days"][key]}
    assert differing <= {"windows", "checks"}, differing


# --- figures ------------------------------------------------------------------------------------


def test_figures_of_private_components_are_given_to_who_asks(laid: Path) -> None:
    """By either id; without --private nobody sees that there are any."""
    repository = Repository(laid)
    interval = ("--from", at(START), "--to", at(END), "--now", at(END))

    public = repository.run("sla", *interval, environment=PUBLISH_JOB)
    private = repository.run("sla", *interval, "--private", environment=PUBLISH_JOB)
    one = repository.run("sla", *interval, "--private", "--component", "zanzibar", "--json", environment=PUBLISH_JOB)
    closed = repository.run("sla", *interval, "--private")

    assert [word in public.out for word in ("zanzibar", VAULT)] == [False, False]
    assert [line.split()[0] for line in private.out.splitlines()[2:]] == ["api", "zanzibar"]
    assert one.json["components"][VAULT]["down_ms"] == (len(OUTAGE) + len(BLIP)) * STEP
    assert (closed.code, "STATUSLEDGER_IDENTITY is not set" in closed.err) == (2, True)


# --- pruning ------------------------------------------------------------------------------------


def kept(repository: Repository) -> list[str]:
    """The sealed raw files that are there."""
    return sorted(path.name for path in (repository.root / RAW).glob("*.jsonl"))


PRUNED = {
    "without the identity": (12, "", {}, DAYS),
    "as long as evidence is kept": (12, "", PUBLISH_JOB, DAYS),
    "but for critical incidents": (30, "", PUBLISH_JOB, DAYS[:1]),
    "all of it": (30, ", keep_critical: false", PUBLISH_JOB, []),
}


@pytest.mark.parametrize(("days", "more", "environment", "staying"), PRUNED.values(), ids=PRUNED)
def test_private_rows_and_evidence_stay_for_as_long_as_either_is_kept(
    rolled: Path,
    copied: Callable[[Path], Repository],
    days: int,
    more: str,
    environment: dict[str, str],
    staying: list[str],
) -> None:
    """Here rows for two days and evidence for twenty; public rows go in any case. An audit has nothing against it."""
    repository = copied(rolled)
    text = (repository.root / "checks.yml").read_text()
    repository.write("checks.yml", text.replace(RETENTION % "", RETENTION % more))
    commit(repository.root, ROLLED, "Keep for another time") if more else None
    now = END + days * DAY_MS

    ran = repository.run("prune", "--now", at(now), environment=environment)

    assert (ran.code, kept(repository)) == (0, staying), ran.err
    assert not list((repository.root / "history" / "raw").rglob("*.jsonl"))
    assert ("1 kept for their evidence of critical incidents" in ran.out) == (staying == DAYS[:1])
    for held in ({}, PUBLISH_JOB):
        audited = repository.run("audit", environment=held)
        assert audited.code == 0, audited.out


def test_a_file_that_holds_lines_for_others_stays(rolled: Path, copied: Callable[[Path], Repository]) -> None:
    """Nobody here knows what they say."""
    repository = copied(rolled)
    other = str(pyrage.x25519.Identity.generate().to_public())
    with (repository.root / RAW / DAYS[1]).open("ab") as file:
        file.write(seal(b'{"t":%d,"r":{"x12345678":1}}\n' % (START + DAY_MS), [other]))
    commit(repository.root, ROLLED, "Change hands")

    ran = repository.run("prune", "--now", at(END + 30 * DAY_MS), environment=PUBLISH_JOB)

    assert (ran.code, kept(repository)) == (1, DAYS[:2])
    assert f"{RAW}/{DAYS[1]}: kept: lines in it are sealed for somebody else" in ran.err


def test_evidence_goes_where_there_is_no_private_component(tmp_path: Path) -> None:
    """A public repository with recipients only keeps the evidence of its public components."""
    repository = Repository(tmp_path).checks()
    text = (tmp_path / "checks.yml").read_text()
    repository.write("checks.yml", text + f"private: {{recipients: [{RECIPIENT}]}}\n" + RETENTION % "")
    path = tmp_path / RAW / DAYS[0]
    path.parent.mkdir(parents=True)
    path.write_bytes(seal(b'{"t":%d,"e":{"api":{"status":"down"}}}\n' % START, [RECIPIENT]))

    early = repository.run("prune", "--now", at(START + 20 * DAY_MS), environment=PUBLISH_JOB)
    assert (early.code, path.exists()) == (0, True)

    late = repository.run("prune", "--now", at(START + 22 * DAY_MS), environment=PUBLISH_JOB)
    assert (late.code, path.exists()) == (0, False)


# --- audit --------------------------------------------------------------------------------------


def test_an_audit_with_the_identity_counts_private_days_again(rolled: Path) -> None:
    """Without it they are not looked into."""
    closed, open_ = (Repository(rolled).run("audit", environment=held) for held in ({}, PUBLISH_JOB))

    assert (closed.code, "private rollups" in closed.out) == (0, False)
    assert open_.code == 0, open_.out
    assert "private rollups: 13 sealed days, 13 of them with raw rows, the same when counted again" in open_.out


def test_a_private_day_that_says_something_else_is_found(rolled: Path, copied: Callable[[Path], Repository]) -> None:
    """By who can read it, and told by its line alone."""
    repository = copied(rolled)
    path = repository.root / "history" / "sealed" / "rollup" / "2026-04.jsonl"
    day = {**opened(path)[0], "rle": [[0, "up"]], "revision": 1}
    with path.open("ab") as file:
        file.write(seal(json.dumps(day).encode(), [RECIPIENT]))
    commit(repository.root, ROLLED, "Flatter")

    ran = repository.run("audit", environment=PUBLISH_JOB)

    assert ran.code == 1
    assert "history/sealed/rollup/2026-04.jsonl:14: a sealed day of a private component" in ran.out
    assert VAULT not in ran.out


def test_a_sealed_file_that_goes_too_early_is_found(rolled: Path, copied: Callable[[Path], Repository]) -> None:
    """Without any key: checks.yml says how long it has to stay."""
    repository = copied(rolled)
    (repository.root / RAW / DAYS[0]).unlink()
    commit(repository.root, ROLLED, "Forget")

    ran = repository.run("audit")

    assert ran.code == 1
    assert f"{RAW}/{DAYS[0]}: was deleted or renamed, but private rows and evidence are kept for 20d" in ran.out


@pytest.mark.parametrize("file", ["rollup/2026-04.jsonl", "incidents/2026.jsonl"])
def test_other_sealed_files_never_go(rolled: Path, copied: Callable[[Path], Repository], file: str) -> None:
    """However old they are."""
    repository = copied(rolled)
    (repository.root / "history" / "sealed" / file).unlink()
    commit(repository.root, END + 900 * DAY_MS, "Forget")

    ran = repository.run("audit")

    assert (ran.code, "only raw files of sealed days may go" in ran.out) == (1, True)
