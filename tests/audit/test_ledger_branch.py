"""`ledger.branch`: history has a branch of its own, from the start or from some day on; both are audited together."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audit.ledgers import DAY, INCIDENTS, LATER, NOTICES, RAW, ROLLUP, SEALED, STATEMENTS, Ledger, line, tick
from rehearsal.services import website
from repository import Ran, Repository, git

from statusledger.clock import DAY_MS, MINUTE_MS, format_instant, parse_instant
from statusledger.errors import UsageError
from statusledger.outputs.api.document import document

BRANCH = "ledger: {branch: ledger}\n"
ONE_DAY = parse_instant("2099-01-01T00:00:00Z")  # after every commit of a job


# --- as a user has it: a remote, jobs, and somebody who doubts ------------------------------------


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bare remote, two ticks on its branch `ledger`, and the site of the job that came after them."""
    folder = tmp_path_factory.mktemp("lived")
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    person = Repository(folder / "person")
    git(folder, "clone", "--quiet", "remote.git", "person")
    with website() as api:
        checks = person.checks(url=api.url).read("checks.yml").replace("quorum:", "canaries: [], quorum:")
        person.write("checks.yml", f"{checks}{BRANCH}".replace("canaries", "allow_networks: [127.0.0.0/8], canaries"))
        commit(person.root, "Watch it")
        git(person.root, "push", "--quiet", "origin", "main")
        for minute, api.status in ((0, 503), (5, 200)):
            job(folder, f"probe-{minute}", "run probe", DAY + minute * MINUTE_MS, "--sparse")
    job(folder, "publish", "run publish", DAY + 11 * MINUTE_MS)
    return folder


def commit(folder: Path, message: str) -> str:
    """A person's commit of everything there."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def job(folder: Path, name: str, command: str, now: int, *options: str) -> None:
    """A job as CI gives it: of the default branch its newest commit, and nothing else."""
    git(folder, "clone", "--quiet", "--depth=1", *options, f"file://{folder / 'remote.git'}", name)
    ran = Repository(folder / name).run(*command.split(), "--now", format_instant(now))
    assert ran.code == 0, ran.err


@pytest.fixture
def auditor(lived: Path, tmp_path: Path) -> Repository:
    """A full clone by somebody who doubts, and beside it a copy of the site."""
    shutil.copytree(lived / "publish" / "_site", tmp_path / "site")
    git(tmp_path, "clone", "--quiet", str(lived / "remote.git"), "clone")
    return Repository(tmp_path / "clone")


def audit(clone: Repository, *options: str) -> Ran:
    """An audit of the site beside the clone."""
    return clone.run("audit", "--site", str(clone.root.with_name("site")), *options)


def test_the_site_of_a_ledger_branch_is_rebuilt_to_the_byte(lived: Path, auditor: Repository) -> None:
    """It names the commit of either branch, and ticks that were measured are in it."""
    ran = audit(auditor)

    built = json.loads((auditor.root.with_name("site") / "api/v1/build.json").read_text())
    tips = {name: git(lived / "remote.git", "rev-parse", name) for name in ("main", "ledger")}
    assert (built["commit"], built["ledger_commit"]) == (tips["main"], tips["ledger"])
    assert (ran.code, "rebuilt to the byte" in ran.out) == (0, True), ran.out + ran.err
    assert "ticks: 2 raw lines, none later than its commit" in ran.out
    assert f"--since {tips['main'][:12]} --since {tips['ledger'][:12]}" in ran.out
    footer = (auditor.root.with_name("site") / "index.html").read_text()
    assert f"<code>{tips['ledger'][:12]}</code>" in footer


def test_a_figure_that_was_changed_is_found(auditor: Repository) -> None:
    """By its file, line and key."""
    path = auditor.root.with_name("site") / "api/v1/components/api.json"
    path.write_text(re.sub('"down_ms": [1-9][0-9]*', '"down_ms": 0', path.read_text(), count=1))

    ran = audit(auditor)

    assert ran.code == 1
    assert re.search(r"  \w{12} api/v1/components/api.json:\d+: .*down_ms is 0, rebuilt it is [1-9]", ran.out)


def test_a_row_that_was_edited_on_the_branch_is_found(auditor: Repository) -> None:
    """By its commit, file and line; the site, which was built before, is still what its commits give."""
    git(auditor.root, "worktree", "add", "--quiet", "../ledger", "origin/ledger")
    path = auditor.root.with_name("ledger") / RAW
    path.write_text(path.read_text().replace("down", "degraded"))
    edited = commit(path.parents[3], "Change a row")
    git(auditor.root, "update-ref", "refs/remotes/origin/ledger", edited)

    ran = audit(auditor)

    assert (ran.code, f"  {edited[:12]} {RAW}:1: line 1 was edited\n" in ran.out) == (1, True)
    assert "rebuilt to the byte" in ran.out


def test_a_clone_that_lacks_something_says_how_to_get_it(lived: Path, auditor: Repository) -> None:
    """What each message says to run is what helps."""
    clone = Repository(auditor.root.with_name("less"))
    git(clone.root.parent, "clone", "--quiet", "--depth=1", f"file://{lived / 'remote.git'}", "less")

    for reason in ("is a shallow clone", "this clone has no such branch"):
        ran = audit(clone)
        assert (ran.code, reason in ran.err) == (2, True), ran.err
        (advice,) = re.findall(r"run git (fetch [^,]+), then audit again", ran.err)
        git(clone.root, *advice.split())

    assert audit(clone).code == 0


@pytest.mark.parametrize(
    ("change", "commit_known", "ledger_known"),
    [
        pytest.param({"checks.yml": "\n# a word\n"}, False, True, id="the configuration"),
        pytest.param({RAW: tick(DAY + 60 * MINUTE_MS)}, True, False, id="a row that was not published"),
        pytest.param({"history/raw/2026/notes.txt": "x"}, True, False, id="a file that never is"),
        pytest.param({"incidents/x.md": "x", ".git/info/exclude": "incidents/\n"}, False, True, id="an ignored file"),
    ],
)
def test_a_work_tree_that_no_commit_holds_is_not_claimed_to_be_one(
    lived: Path, tmp_path: Path, change: dict[str, str], commit_known: bool, ledger_known: bool
) -> None:
    """Each of the two is null by itself."""
    job_there = Repository(Path(shutil.copytree(lived / "publish", tmp_path / "job")))
    for name, text in change.items():
        path = job_there.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text((path.read_text() if path.exists() else "") + text)

    job_there.run("build", "--now", format_instant(DAY + 61 * MINUTE_MS))

    built = job_there.document("build.json")
    assert [built[key] is not None for key in ("commit", "ledger_commit")] == [commit_known, ledger_known]
    assert "ledger commit" not in (job_there.root / "_site/index.html").read_text()


# --- history that moved to a branch of its own -----------------------------------------------------


@pytest.fixture(scope="session")
def settled(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The past of two days, which was on `main`, moved to `ledger` by the first job after that was set."""
    ledger = Ledger(Path(shutil.copytree(original, tmp_path_factory.mktemp("moved") / "ledger")))
    ledger.append("checks.yml", BRANCH, LATER)
    publish(ledger)
    site = ledger.root.with_name("site")
    ran = Repository(ledger.root).run("build", "--now", format_instant(LATER), "--out", str(site))
    assert ran.code == 0, ran.err
    return ledger.root


@pytest.fixture
def moved(settled: Path, tmp_path: Path) -> Ledger:
    """The same and the site of it, to be changed."""
    shutil.copytree(settled.with_name("site"), tmp_path / "site")
    return Ledger(Path(shutil.copytree(settled, tmp_path / "ledger")))


def publish(ledger: Ledger) -> str:
    """What a job does with new lines; the tip of the branch."""
    ran = Repository(ledger.root).run("publish")
    assert ran.code == 0, ran.err
    return ledger.git("rev-parse", "ledger")


def on_branch(ledger: Ledger, path: str, text: str | None, *, amend: bool = False) -> str:
    """A commit on the ledger branch in which a file is this, or gone, or the last one made anew."""
    with_options = ["--amend"] if amend else []
    ledger.git("checkout", "--quiet", "--force", "ledger")
    (ledger.root / path).unlink() if text is None else (ledger.root / path).write_text(text)
    ledger.git("add", "--all")
    ledger.git("commit", "--quiet", "--message", "Change", *with_options, at=LATER + DAY_MS)
    made = ledger.git("rev-parse", "HEAD")
    ledger.git("checkout", "--quiet", "main")
    return made


def test_history_is_audited_on_both_branches(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line counts once, and nothing was lost between them."""
    before = len(moved.git("rev-list", "main").splitlines())
    moved.append(RAW, tick(DAY + 20 * MINUTE_MS), LATER)
    publish(moved)

    ran = moved.audit(capsys)

    assert (ran.code, ran.breaches) == (0, [])
    assert ran.out.startswith(f"append only: {before + 3} commits, 7 files, nothing edited")
    assert "\nstatements: 1 statement, " in ran.out
    assert "\nrollups: 1 sealed day, 1 of them with raw rows, the same when counted again\n" in ran.out
    assert "\nledger branch: 7 files of HEAD, every line moved\n" in ran.out


def test_a_branch_that_began_as_a_copy_is_audited_too(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody made it from the former branch before the first job: it holds checks.yml of that day as well."""
    ledger.append("checks.yml", BRANCH, LATER)
    ledger.git("branch", "ledger")
    ledger.append(RAW, tick(DAY + 20 * MINUTE_MS), LATER)
    publish(ledger)
    ledger.git("rm", "-r", "--quiet", "history")
    ledger.commit(LATER)

    assert ledger.audit(capsys).breaches == []


def test_files_that_have_moved_may_go(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """What was removed from the branch that is checked out is all on the other one; a line that is not is missed."""
    moved.append(NOTICES, line(id="never", seen_at=LATER - MINUTE_MS), ONE_DAY)
    moved.git("rm", "-r", "--quiet", "history")
    gone = moved.commit(ONE_DAY)

    assert moved.audit(capsys).breaches == [
        f"{gone[:12]} {NOTICES}: was deleted or renamed; only raw files of sealed days may go",
    ]


def test_a_line_that_waits_to_be_moved_is_told(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """A job that was still running pushed it to the former branch; the next one moves it, also behind newer ones."""
    late = moved.append(RAW, tick(DAY + 15 * MINUTE_MS), ONE_DAY)
    waiting = moved.audit(capsys)
    on_branch(moved, RAW, moved.git("show", f"ledger:{RAW}") + "\n" + tick(DAY + 20 * MINUTE_MS))
    publish(moved)

    assert waiting.breaches == [
        f"{late[:12]} {RAW}:4: line 4 is not on the ledger branch; if no job has published there since, "
        "run statusledger publish"
    ]
    assert moved.audit(capsys).breaches == []


@pytest.mark.parametrize(
    ("path", "change", "reason"),
    [
        pytest.param(RAW, lambda text: text.replace("down", "degraded"), "line 2 was edited", id="a row edited"),
        pytest.param(RAW, lambda text: text.split("\n", 1)[1], "line 1 was removed", id="a row removed"),
        pytest.param(ROLLUP, lambda text: text.replace("600000,", "600001,", 1), "line 1 was edited", id="a rollup"),
        pytest.param(INCIDENTS, lambda text: text.replace("T000500Z", "T000600Z"), "line 1 was edited", id="an id"),
    ],
)
def test_nothing_is_changed_on_the_way(
    moved: Ledger, capsys: pytest.CaptureFixture[str], path: str, change: Callable[[str], str], reason: str
) -> None:
    """The first commit of the branch has no parent; it is held against what the former branch had."""
    first = on_branch(moved, path, change(moved.read(path)), amend=True)

    ran = moved.audit(capsys)

    assert ran.code == 1
    assert f"{first[:12]} {path}:{reason.split()[1]}: {reason}" in ran.breaches


def test_a_notice_is_not_back_dated_on_the_way(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """The first commit of the branch comes after everything that had been measured by then."""
    early = line(id="late", components=["api"], starts=DAY + DAY_MS, ends=DAY + 2 * DAY_MS, seen_at=DAY)
    first = on_branch(moved, NOTICES, moved.read(NOTICES) + early, amend=True)

    (breach,) = moved.audit(capsys).breaches

    assert breach.startswith(f"{first[:12]} {NOTICES}:2: notice late is back-dated")


def test_page_since_stays_once_the_branch_has_rows(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Although the branch with checks.yml may have none."""
    moved.git("rm", "-r", "--quiet", "history")
    moved.commit(LATER)
    changed = moved.write(
        "checks.yml", moved.read("checks.yml").replace("2026-01-01", "2026-01-02"), LATER + 300 * DAY_MS
    )

    (breach,) = moved.audit(capsys).breaches

    assert breach.startswith(f"{changed[:12]} checks.yml:2: page.since was 2026-01-01, now it is 2026-01-02")


def test_a_raw_file_is_pruned_as_the_other_branch_has_it(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """The configuration that was in force says which check a row was of; the ledger branch has none."""
    path = RAW.replace("eu", "us")
    moved.write("checks.yml", moved.read("checks.yml").replace("{id: api,", "{id: api, was: [old_api],"), LATER)
    on_branch(moved, path, tick(DAY, check="old_api"))
    on_branch(moved, ROLLUP, moved.read(ROLLUP) + line(**SEALED | {"src": {"eu": "3:0", "us": "1:0"}}))
    on_branch(moved, path, None)

    breaches = [breach for breach in moved.audit(capsys).breaches if ROLLUP not in breach]

    assert breaches == []


def test_the_ledger_branch_alone_is_no_place_to_audit(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Its days cannot be counted again there; the message says where they can."""
    moved.git("checkout", "--quiet", "ledger")

    with pytest.raises(UsageError, match=r"checks\.yml: is in no commit here; check out the branch that has it"):
        moved.audit(capsys)


def test_an_audit_goes_on_from_both_tips(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """New commits alone are looked at; a branch that was replaced shows against its earlier tip."""
    tips = [moved.git("rev-parse", name) for name in ("main", "ledger")]
    nothing = moved.audit(capsys, since=tips)
    added = on_branch(moved, STATEMENTS, moved.read(STATEMENTS) * 2)
    more = moved.audit(capsys, since=tips)
    moved.git("branch", "--force", "ledger", tips[1])
    on_branch(moved, RAW, moved.read(RAW) + tick(DAY), amend=True)
    replaced = moved.audit(capsys, since=tips)

    assert (nothing.code, "append only: 0 commits, 0 files" in nothing.out) == (0, True)
    assert [one.partition(": ")[0] for one in more.breaches] == [f"{added[:12]} {STATEMENTS}:2"]
    assert replaced.breaches == [
        f"{tips[1][:12]} history: is no longer part of the history of HEAD or the ledger branch: "
        "history was replaced since it was audited"
    ]


def test_json_names_both_tips(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """What was audited, and from where on."""
    tips = [moved.git("rev-parse", name) for name in ("main", "ledger")]

    told = json.loads(moved.audit(capsys, since=tips, as_json=True).out)

    assert (told["commit"], told["ledger_commit"], told["since"]) == (*tips, tips)


# --- which two commits go together -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commit", "ledger_commit", "told"),
    [
        pytest.param("main", "ledger", None, id="those that it was built from"),
        pytest.param("main", "main", "is not on its ledger.branch ledger", id="rows of the former branch"),
        pytest.param(
            "ledger",
            "ledger",
            "the commit that the site was built from is not in the history of HEAD",
            id="no configuration",
        ),
        pytest.param("main~1", "ledger", "is not that commit or a later one", id="before there was a branch"),
        pytest.param("main~1", "main~2", "is not that commit or a later one", id="rows before the configuration"),
        pytest.param("main", None, "ledger_commit is null: the site was built from files", id="rows not committed"),
        pytest.param("main", "0" * 40, "the ledger_commit that the site was built from is not in", id="unknown here"),
    ],
)
def test_commits_that_no_build_reads_together_prove_nothing(
    moved: Ledger, capsys: pytest.CaptureFixture[str], commit: str, ledger_commit: str | None, told: str | None
) -> None:
    """Older rows under a newer configuration would hide what was measured in between."""
    site = moved.root.with_name("site")
    named = {"commit": commit, "ledger_commit": ledger_commit}
    built = {key: moved.git("rev-parse", name) if name else None for key, name in named.items()}
    edit(site, lambda said: said | built)

    breaches = moved.audit(capsys, site=site).breaches

    assert [told in one for one in breaches] == [True] if told else breaches == []


def edit(site: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Writes build.json as a build does, with other content."""
    path = site / "api/v1/build.json"
    path.write_bytes(document(change(json.loads(path.read_text()))))


def test_a_row_that_the_site_leaves_out_is_found(moved: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """It is on the branch of the configuration, and was in the work tree of every honest build."""
    site = moved.root.with_name("site")
    late = moved.append(RAW, tick(DAY + 15 * MINUTE_MS), ONE_DAY)
    edit(site, lambda said: said | {"commit": late})

    (_, breach) = moved.audit(capsys, site=site).breaches

    assert breach.startswith(f"{late[:12]} {RAW}:4: line 4 is not in ledger_commit ")


def test_a_site_that_names_one_commit_is_understood(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Earlier engines wrote no ledger_commit: it is rebuilt, and what differs is what they did not write."""
    site = ledger.root.with_name("site")
    Repository(ledger.root).run("build", "--now", format_instant(LATER), "--out", str(site))
    edit(site, lambda said: {key: value for key, value in said.items() if key != "ledger_commit"})

    breaches = ledger.audit(capsys, site=site).breaches

    assert "names no ledger_commit, so an earlier engine built it" in breaches[0]
    assert [one.partition(" ")[2].partition(":")[0] for one in breaches[1:]] == ["api/v1/build.json"]


# --- one branch, which has gone on -------------------------------------------------------------------


@pytest.mark.parametrize("detached", [False, True], ids=["a person was faster", "HEAD is detached"])
def test_rows_on_a_later_commit_of_the_same_branch_are_named(tmp_path: Path, detached: bool) -> None:
    """The branch here stays where it is; the commit that was pushed has the rows, and the site can be proved."""
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    for name in ("here", "there"):
        git(tmp_path, "clone", "--quiet", "remote.git", name)
    here, there = Repository(tmp_path / "here"), Repository(tmp_path / "there").checks()
    commit(there.root, "Watch it")
    git(there.root, "push", "--quiet", "origin", "HEAD:main")
    git(here.root, "pull", "--quiet", "origin", "main")
    read = git(here.root, "rev-parse", "HEAD")
    if detached:
        git(here.root, "checkout", "--quiet", "--detach", "origin/main")
    else:
        there.write("notes.md", "x")
        commit(there.root, "Write notes")
        git(there.root, "push", "--quiet", "origin", "HEAD:main")
    here.rows({"eu": [(DAY, "up")]}).run("run", "publish", "--now", format_instant(DAY + MINUTE_MS))
    git(there.root, "pull", "--quiet", "origin", "main")

    ran = there.run("audit", "--site", str(here.root / "_site"))

    built = here.document("build.json")
    assert (built["commit"], built["ledger_commit"]) == (read, git(there.root, "rev-parse", "HEAD"))
    assert (ran.code, "rebuilt to the byte" in ran.out) == (0, True), ran.out + ran.err
