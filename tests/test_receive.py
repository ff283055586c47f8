"""Receiving from a real bare remote: the files here hold what the remote has, and what was measured here."""

from __future__ import annotations

from pathlib import Path

import pytest
import remotes
from remotes import FILE, clone, commit, git, line, measure, published

from statusledger.errors import PublishError
from statusledger.publish import publish
from statusledger.receive import Received, receive

configuration, remote = remotes.configuration, remotes.remote


def here_is(folder: Path, name: str = FILE) -> list[bytes]:
    """The lines of a file in the work tree."""
    return (folder / name).read_bytes().splitlines(keepends=True)


@pytest.fixture
def there(remote: Path) -> Path:
    """Another clone, which has published a row."""
    folder = clone(remote, "there")
    measure(folder, 1)
    publish(folder, "first")
    return folder


def test_rows_of_others_arrive_and_own_ones_stay(remote: Path, there: Path) -> None:
    """The file has both, the branch has followed, and what was not published yet still can be."""
    here = clone(remote, "here")
    measure(there, 2)
    publish(there, "second")
    measure(here, 3)

    received = receive(here)

    assert received == Received(files=1)
    assert here_is(here) == [line(1), line(2), line(3)]
    assert git(here, "rev-parse", "HEAD") == git(remote, "rev-parse", "main")
    publish(here, "third")
    assert published(remote) == [line(1), line(2), line(3)]


def test_nothing_new_changes_nothing(remote: Path, there: Path) -> None:
    """A level clone stays as it is, and so does a folder without a remote or without git."""
    here = clone(remote, "here")
    (lonely := here.parent / "lonely").mkdir()

    assert receive(here) == receive(lonely) == Received()


def test_a_ledger_branch_is_read_beside_the_one_that_is_checked_out(remote: Path) -> None:
    """History arrives in the work tree, and the branch that is checked out holds nothing of it."""
    there, here = clone(remote, "there"), clone(remote, "here")
    measure(there, 1)
    publish(there, "first", branch="ledger")

    receive(here, branch="ledger")

    assert here_is(here) == [line(1)]
    assert git(here, "log", "--format=%s") == "Write checks.yml"
    measure(here, 2)
    publish(here, "second", branch="ledger")
    assert published(remote, branch="ledger") == [line(1), line(2)]


@pytest.mark.parametrize("has_begun", [False, True], ids=["not begun", "begun by another job"])
def test_rows_from_before_the_ledger_had_a_branch_are_still_read(remote: Path, there: Path, has_begun: bool) -> None:
    """Until a job has moved them, a sparse clone gets what it reads from the commit that it has checked out."""
    here, other = clone(remote, "here", "--sparse"), clone(remote, "other", "--sparse")
    if has_begun:
        measure(other, 2, location="us")
        publish(other, "second", branch="ledger")

    received = receive(here, branch="ledger", wanted=lambda path: path.name == Path(FILE).name)

    assert received == Received(files=1)
    assert here_is(here) == [line(1)]


def test_a_shallow_clone_receives_the_newest_commit_alone(remote: Path) -> None:
    """Years of a ledger branch stay where they are."""
    there = clone(remote, "there")
    for minute in range(4):
        measure(there, minute)
        publish(there, "more", branch="ledger")
    here = clone(remote, "here", "--depth", "1", "--no-tags")

    receive(here, branch="ledger")

    assert here_is(here) == [line(minute) for minute in range(4)]
    assert git(here, "rev-list", "--count", "origin/ledger") == "1"
    measure(here, 9)
    publish(here, "mine", branch="ledger")
    assert len(published(remote, branch="ledger")) == 5


def test_only_wanted_files_arrive_in_a_sparse_clone(remote: Path, there: Path) -> None:
    """What a probe run does not read is not fetched, and not taken away by what it publishes."""
    measure(there, 1, location="us")
    publish(there, "elsewhere")
    here = clone(remote, "here", "--depth", "1", "--filter=blob:none", "--sparse")

    received = receive(here, wanted=lambda path: path.name.startswith("eu"))

    assert received == Received(files=1)
    assert [path.name for path in (here / "history").rglob("*.jsonl")] == ["eu-1121.jsonl"]
    measure(here, 2)
    publish(here, "mine")
    assert published(remote) == [line(1), line(2)]
    assert published(remote, "history/raw/2026/us-1121.jsonl") == [line(1)]


def test_a_mended_line_is_mended_here_as_well(remote: Path, there: Path) -> None:
    """The line that the last common commit had, and the remote has no more, goes."""
    here = clone(remote, "here")
    measure(here, 2)
    commit(there, FILE, "{}\n")
    git(there, "push", "--quiet", "origin", "main")

    receive(here)

    assert here_is(here) == [b"{}\n", line(2)]


def test_pull_brings_everything_else_as_well(remote: Path, there: Path) -> None:
    """A changed checks.yml arrives with `pull` and waits without it; rows arrive in any case."""
    here = clone(remote, "here")
    measure(here, 2)
    measure(there, 3)
    publish(there, "third")
    commit(there, "checks.yml", "schema: 1 # changed\n")
    git(there, "push", "--quiet", "origin", "main")

    assert receive(here) == Received(files=1)
    without = (here / "checks.yml").read_text()
    assert receive(here, pull=True) == Received()

    assert (without, (here / "checks.yml").read_text()) == ("schema: 1\n", "schema: 1 # changed\n")
    assert here_is(here) == [line(1), line(3), line(2)]
    assert git(here, "rev-parse", "HEAD") == git(remote, "rev-parse", "main")


def test_pull_of_a_clone_whose_history_lies_elsewhere(remote: Path, there: Path) -> None:
    """The branch that is checked out follows its own remote branch, and history comes from the other one."""
    here = clone(remote, "here")
    publish(there, "rows", branch="ledger")
    commit(there, "checks.yml", "schema: 1 # changed\n")
    git(there, "push", "--quiet", "origin", "main")

    receive(here, branch="ledger", pull=True)

    assert (here / "checks.yml").read_text() == "schema: 1 # changed\n"


def test_what_a_person_edited_is_never_overwritten(remote: Path, there: Path) -> None:
    """The branch stays where it is, the reason is told, and rows arrive all the same."""
    here = clone(remote, "here")
    (here / "checks.yml").write_text("mine\n")
    measure(there, 2)
    publish(there, "second")
    commit(there, "checks.yml", "theirs\n")
    git(there, "push", "--quiet", "origin", "main")

    received = receive(here, pull=True)

    assert received.files == 1
    assert "checks.yml" in str(received.behind)
    assert (here / "checks.yml").read_text() == "mine\n"
    assert here_is(here) == [line(1), line(2)]


def test_an_unreachable_remote_is_told(remote: Path) -> None:
    """Nothing here changes."""
    here = clone(remote, "here")
    measure(here, 1)
    remote.rename(remote.with_name("gone.git"))

    with pytest.raises(PublishError, match="what is here stays as it is"):
        receive(here)
    assert here_is(here) == [line(1)]
