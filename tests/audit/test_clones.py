"""What can be audited: a full clone, from its beginning or from an earlier audit on; and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audit.ledgers import LATER, NEXT_RAW, RAW, STATEMENTS, Ledger, statement, tick

from statusledger.clock import MINUTE_MS
from statusledger.errors import LedgerError, UsageError


def clone(ledger: Ledger, *options: str) -> Ledger:
    """A clone beside the ledger."""
    folder = ledger.root.with_name("clone")
    ledger.git("-c", "uploadpack.allowFilter=true", "clone", "--quiet", *options, f"file://{ledger.root}", str(folder))
    return Ledger(folder)


def test_a_clone_is_audited_like_the_original(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing outside of the commits counts: neither the work tree nor what is staged."""
    copy = clone(ledger)
    (copy.root / RAW).write_text("not committed")
    copy.git("add", "--all")

    assert copy.audit(capsys) == ledger.audit(capsys)


def test_a_folder_of_a_repository_is_audited_by_itself(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Files are named from the folder on, and the history of another folder is not its own."""
    inner = Ledger(ledger.root / "pages" / "one")
    commit = ledger.append("pages/one/" + RAW, tick(LATER + 5 * MINUTE_MS), LATER)
    (ledger.root / NEXT_RAW).unlink()
    ledger.commit(LATER)

    breaches = inner.audit(capsys).breaches

    assert [breach.partition(": ")[0] for breach in breaches] == [f"{commit[:12]} {RAW}:1"]


def test_an_audit_goes_on_from_an_earlier_one(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Only new commits are looked at; what was written down before them is known."""
    ledger.write(RAW, ledger.read(RAW).replace("down", "up"), LATER)
    since = ledger.git("rev-parse", "HEAD")
    commit = ledger.append(STATEMENTS, statement(0, "other terms"), LATER)

    ran = ledger.audit(capsys, since=[since])

    assert ran.out.splitlines()[:2] == [
        f"since: commit {since[:12]}, part of the history of HEAD",
        "append only: 1 commit, 1 file, nothing edited, removed or inserted",
    ]
    assert ran.breaches == [
        f"{commit[:12]} {STATEMENTS}:2: statement of gold for 2026-03 has revision 0 after revision 0, expected 1"
    ]


def test_nothing_new_is_a_short_audit(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """No commit since then, no breach."""
    ran = ledger.audit(capsys, since=["HEAD"])

    assert (ran.code, "append only: 0 commits, 0 files" in ran.out) == (0, True)


def test_a_replaced_history_shows_against_an_earlier_audit_only(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """An amended and force-pushed commit is whole in itself; the commit of the earlier audit is missing from it."""
    audited = ledger.append(NEXT_RAW, tick(LATER, ["down", None, "timeout"]), LATER)
    ledger.git("reset", "--quiet", "--hard", "HEAD~")
    ledger.append(NEXT_RAW, tick(LATER), LATER)

    alone, since = ledger.audit(capsys), ledger.audit(capsys, since=[audited])

    assert (alone.code, since.code) == (0, 1)
    assert since.breaches == [
        f"{audited[:12]} history: is no longer part of the history of HEAD: history was replaced since it was audited"
    ]


def test_json_names_every_breach(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """One document with the commit that was audited, the checks and their breaches."""
    commit = ledger.write(RAW, ledger.read(RAW).replace("down", "up"), LATER)

    ran = ledger.audit(capsys, as_json=True)

    told = json.loads(ran.out)
    assert (told["commit"], told["since"], told["schema"], ran.code) == (commit, [], 1, 1)
    assert [check["check"] for check in told["checks"]][:2] == ["append only", "ticks"]
    assert told["checks"][0]["breaches"] == [{"commit": commit, "file": RAW, "line": 2, "reason": "line 2 was edited"}]


def test_replacement_objects_do_not_hide_an_edit(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """A mirrored clone brings `refs/replace` along; commits are read as they are."""
    before = ledger.git("rev-parse", f"HEAD:{RAW}")
    commit = ledger.write(RAW, ledger.read(RAW).replace("down", "up"), LATER)
    ledger.git("replace", ledger.git("rev-parse", f"HEAD:{RAW}"), before)

    assert ledger.audit(capsys).breaches == [f"{commit[:12]} {RAW}:2: line 2 was edited"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param(
            ["--depth=2"], "is a shallow clone, which lacks the past; run git fetch --unshallow", id="shallow"
        ),
        pytest.param(["--filter=blob:none"], "is a partial clone.* without --filter", id="partial"),
    ],
)
def test_a_clone_without_the_past_is_refused(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    """The message says how to get the rest."""
    copy = clone(ledger, *options)

    with pytest.raises(UsageError, match=told):
        copy.audit(capsys)


def test_an_unshallowed_clone_is_a_full_one(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """What the message says to do helps."""
    copy = clone(ledger, "--depth=2")
    copy.git("fetch", "--quiet", "--unshallow")

    assert copy.audit(capsys) == ledger.audit(capsys)


def test_what_is_no_repository_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plain folder, and a repository without a commit."""
    with pytest.raises(UsageError, match="is not inside a git repository; audit reads commits"):
        Ledger(tmp_path).audit(capsys)
    Ledger(tmp_path).git("init", "--quiet")
    with pytest.raises(UsageError, match="has no commit yet"):
        Ledger(tmp_path).audit(capsys)


def test_an_unknown_commit_is_refused(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """A commit that no clone has any more may be the trace of a replaced history, and the message says so."""
    with pytest.raises(UsageError, match=r"--since 0123456: is no commit of this clone.*history has been replaced"):
        ledger.audit(capsys, since=["0123456"])


def test_damaged_objects_are_told(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """A blob that is gone is an error with its name, not a promise kept."""
    blob = ledger.git("rev-parse", f"HEAD:{NEXT_RAW}")
    (ledger.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(LedgerError, match=f"blob {blob} is not in this clone"):
        ledger.audit(capsys)
