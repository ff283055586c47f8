"""Growth by whole lines, over every commit and every merge; only sealed raw files may go."""

from __future__ import annotations

import pytest
from audit.ledgers import (
    DAY,
    INCIDENTS,
    LATER,
    NEXT_DAY,
    NEXT_RAW,
    NOTICES,
    POLICY,
    RAW,
    ROLLUP,
    SEALED,
    STATEMENTS,
    Ledger,
    line,
    statement,
    tick,
)

from statusledger.clock import MINUTE_MS

SECOND = tick(DAY + 5 * MINUTE_MS, ["down", None, "status:503"])


def test_an_untouched_ledger_keeps_every_promise(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, and a line for each check says what it looked at."""
    ran = ledger.audit(capsys)

    assert (ran.code, ran.breaches) == (0, [])
    assert ran.out.splitlines()[:-1] == [
        "append only: 10 commits, 7 files, nothing edited, removed or inserted",
        "ticks: 4 raw lines, none later than its commit",
        "notices: 1 notice, none back-dated",
        "incidents: 1 id, none with a second start",
        "policy: 1 change, none reaches back",
        "statements: 1 statement, numbered, with reasons, and the same when computed again",
        "page.since: 1 version of checks.yml, the same in all of them",
        "rollups: 1 sealed day, 1 of them with raw rows, the same when counted again",
    ]


@pytest.mark.parametrize(
    ("path", "old", "new", "breach"),
    [
        pytest.param(RAW, "down", "up", f"{RAW}:2: line 2 was edited", id="an old row edited"),
        pytest.param(RAW, SECOND, "", f"{RAW}:2: line 2 was removed", id="an old row removed"),
        pytest.param(
            RAW,
            SECOND,
            tick(DAY + MINUTE_MS) + SECOND,
            f"{RAW}:2: line 2 was inserted before lines that stood there already",
            id="a row inserted",
        ),
        pytest.param(RAW, '503"]}}\n', "503", f"{RAW}:2: line 2 was edited", id="a line torn and glued to the next"),
        pytest.param(
            NEXT_RAW, "\n", "", f"{NEXT_RAW}:1: line 1 has no newline at its end, so it is torn", id="torn end"
        ),
        pytest.param(ROLLUP, "600000", "600001", f"{ROLLUP}:1: line 1 was edited", id="a rollup changed by 1 ms"),
        pytest.param(STATEMENTS, "[0,", "[ 0,", f"{STATEMENTS}:1: line 1 was edited", id="a statement edited"),
        pytest.param(POLICY, "api", "web", f"{POLICY}:1: line 1 was edited", id="a policy edited"),
        pytest.param(INCIDENTS, "opened", "closed", f"{INCIDENTS}:1: line 1 was edited", id="an incident edited"),
    ],
)
def test_a_change_of_what_stood_there_is_found(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], path: str, old: str, new: str, breach: str
) -> None:
    """The commit that did it is named, with file and line, although a later commit goes on as if nothing had been."""
    text = ledger.read(path)
    commit = ledger.write(path, text.replace(old, new, 1), LATER)
    ledger.write(path, text, LATER + MINUTE_MS)

    ran = ledger.audit(capsys)

    assert ran.code == 1
    assert ran.breaches[0] == f"{commit[:12]} {breach}"


@pytest.mark.parametrize("path", [NOTICES, ROLLUP, STATEMENTS, POLICY, INCIDENTS])
def test_no_file_of_entries_may_go(ledger: Ledger, capsys: pytest.CaptureFixture[str], path: str) -> None:
    """Nothing seals what the publish job wrote down."""
    (ledger.root / path).unlink()
    commit = ledger.commit(LATER)

    assert ledger.audit(capsys).breaches == [
        f"{commit[:12]} {path}: was deleted or renamed; only raw files of sealed days may go"
    ]


def test_a_sealed_raw_file_may_be_pruned(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """The rollup of that commit keeps what the file said."""
    (ledger.root / RAW).unlink()
    ledger.commit(LATER)

    ran = ledger.audit(capsys)

    assert (ran.code, ran.breaches) == (0, [])
    assert "append only: 11 commits, 7 files, 1 sealed file pruned, nothing edited" in ran.out


def test_a_raw_file_of_a_renamed_check_may_be_pruned(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Its rollup has the new id, and the configuration of that commit says so."""
    ledger.append("history/raw/2026/us-0401.jsonl", tick(DAY, check="old_api"), LATER)
    ledger.append(ROLLUP, line(**SEALED | {"src": {"eu": "3:0", "us": "1:0"}}), LATER)
    (ledger.root / "history/raw/2026/us-0401.jsonl").unlink()
    without = ledger.commit(LATER)
    ledger.git("reset", "--quiet", "--hard", "HEAD~")
    ledger.write("checks.yml", ledger.read("checks.yml").replace("{id: api,", "{id: api, was: [old_api],"), LATER)
    (ledger.root / "history/raw/2026/us-0401.jsonl").unlink()
    ledger.commit(LATER)

    renamed = ledger.audit(capsys).out
    ledger.git("checkout", "--quiet", without)

    assert "1 sealed file pruned, nothing edited, removed or inserted" in renamed
    assert "old_api as measured by us on 2026-04-01 is not sealed" in ledger.audit(capsys).breaches[0]


def test_informational_checks_go_with_their_component(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """They stand in no rollup line, because they count in no figure."""
    informational = "{id: web, name: Web, checks: [{id: shop, url: x}, {id: speed, url: x, informational: true}]}"
    ledger.write("checks/web.yml", f"groups: [{{id: web, components: [{informational}]}}]", LATER)
    ledger.append("history/raw/2026/us-0401.jsonl", tick(DAY, check="speed"), LATER)
    (ledger.root / "history/raw/2026/us-0401.jsonl").unlink()
    early = ledger.commit(LATER)
    ledger.git("revert", "--no-edit", "HEAD", at=LATER)
    ledger.append(ROLLUP, line(**SEALED | {"c": "web", "checks": {"shop": {}}}), LATER)
    (ledger.root / "history/raw/2026/us-0401.jsonl").unlink()
    ledger.commit(LATER)

    breaches = [breach for breach in ledger.audit(capsys).breaches if ROLLUP + ":" not in breach]

    assert len(breaches) == 1
    assert breaches[0].startswith(f"{early[:12]} history/raw/2026/us-0401.jsonl: was deleted or renamed, but speed as")


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param(SEALED | {"sealed": False}, id="the newest line unseals it"),
        pytest.param(SEALED | {"src": {"us": "3:0"}}, id="another location"),
        pytest.param(SEALED | {"checks": {"web": {}}}, id="another check"),
    ],
)
def test_a_raw_file_that_is_not_sealed_may_not_go(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], sealed: dict[str, object]
) -> None:
    """What the file measured has to stand in a sealed line of its day, by check and location."""
    ledger.append(ROLLUP, line(**sealed), LATER)
    (ledger.root / RAW).unlink()
    commit = ledger.commit(LATER)

    ran = ledger.audit(capsys)

    told = f"was deleted or renamed, but api as measured by eu on 2026-04-01 is not sealed in {ROLLUP}"
    assert (ran.code, ran.breaches[0]) == (1, f"{commit[:12]} {RAW}: {told}")


def test_a_row_of_another_day_keeps_its_file(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Days are those of the rows, not that of the file's name."""
    ledger.append(RAW, tick(NEXT_DAY), LATER)
    (ledger.root / RAW).unlink()
    ledger.commit(LATER)

    assert "api as measured by eu on 2026-04-02 is not sealed" in ledger.audit(capsys).breaches[0]


def test_a_renamed_file_is_a_deleted_one(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Another name is another location or another day."""
    ledger.git("mv", NEXT_RAW, "history/raw/2026/us-0402.jsonl")
    commit = ledger.commit(LATER)

    breaches = ledger.audit(capsys).breaches

    assert len(breaches) == 1
    assert breaches[0].startswith(f"{commit[:12]} {NEXT_RAW}: was deleted or renamed, but api as measured by eu")


def test_a_link_is_no_ledger_file(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """What it leads to is in no commit."""
    (ledger.root / NEXT_RAW).unlink()
    (ledger.root / NEXT_RAW).symlink_to("/etc/hostname")
    commit = ledger.commit(LATER)

    assert ledger.audit(capsys).breaches == [f"{commit[:12]} {NEXT_RAW}: is no regular file any more"]


def test_a_torn_line_that_is_closed_later_is_no_second_breach(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line cut by a killed process is closed with a newline and stays."""
    torn = ledger.append(NEXT_RAW, '{"t":17', LATER)
    ledger.append(NEXT_RAW, "\n" + tick(NEXT_DAY + MINUTE_MS), LATER)

    assert ledger.audit(capsys).breaches == [
        f"{torn[:12]} {NEXT_RAW}:2: line 2 has no newline at its end, so it is torn"
    ]


OURS, THEIRS = tick(NEXT_DAY + 5 * MINUTE_MS, 105), tick(NEXT_DAY + 10 * MINUTE_MS, 110)


def merged(ledger: Ledger, content: str) -> tuple[str, str]:
    """A merge of two branches that each appended a line, which leaves this content; the second parent and the merge."""
    first = ledger.read(NEXT_RAW)
    ledger.git("checkout", "--quiet", "-b", "theirs")
    theirs = ledger.append(NEXT_RAW, THEIRS, LATER)
    ledger.git("checkout", "--quiet", "main")
    ledger.append(NEXT_RAW, OURS, LATER)
    ledger.git("merge", "--quiet", "--strategy=ours", "--no-commit", "theirs")
    return theirs, ledger.write(NEXT_RAW, first + content, LATER)


@pytest.mark.parametrize("content", [OURS + THEIRS, THEIRS + OURS, THEIRS + OURS + tick(LATER)])
def test_a_merge_may_lay_lines_into_each_other(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    """In any order of the branches, and with lines of its own behind them."""
    merged(ledger, content)

    assert ledger.audit(capsys).breaches == []


@pytest.mark.parametrize(
    ("content", "line_number", "reason"),
    [
        pytest.param(OURS, 2, "of parent {theirs} was dropped by the merge, or moved", id="one branch dropped"),
        pytest.param(OURS + OURS, 2, "of parent {theirs} was dropped by the merge, or moved", id="replaced"),
        pytest.param(
            OURS + tick(NEXT_DAY + 7 * MINUTE_MS) + THEIRS,
            3,
            "was inserted by the merge; no parent has it",
            id="a row of its own between them",
        ),
        pytest.param(OURS + THEIRS + "{", 4, "has no newline at its end, so it is torn", id="torn"),
    ],
)
def test_a_merge_that_drops_or_inserts_is_found(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], content: str, line_number: int, reason: str
) -> None:
    """Also where the result is that of one parent, so that simplified logs do not show the merge."""
    theirs, merge = merged(ledger, content)

    reason = reason.format(theirs=theirs[:12])
    assert ledger.audit(capsys).breaches == [f"{merge[:12]} {NEXT_RAW}:{line_number}: line {line_number} {reason}"]


def test_lines_of_a_branch_are_judged_once(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """A merge brings what was looked at on the branch: two rows, and one statement with the next revision."""
    ledger.git("checkout", "--quiet", "-b", "theirs")
    ledger.append(STATEMENTS, statement(1, "a late row"), LATER)
    ledger.git("checkout", "--quiet", "main")
    ledger.append(NEXT_RAW, OURS, LATER)
    ledger.git("merge", "--quiet", "theirs", at=LATER)

    ran = ledger.audit(capsys)

    assert ran.code == 0
    assert "ticks: 5 raw lines" in ran.out
    assert "statements: 2 statements" in ran.out


def test_what_is_not_the_ledger_may_change(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """People's files, and hidden ones that only keep a folder, belong to nobody's figures."""
    ledger.write("incidents/a.md", "a", LATER)
    ledger.write("history/raw/.gitkeep", "a", LATER)
    ledger.write("incidents/a.md", "b", LATER)
    (ledger.root / "history/raw/.gitkeep").unlink()
    ledger.commit(LATER)

    assert ledger.audit(capsys).code == 0
