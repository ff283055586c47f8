"""Publishing against a real bare remote: nothing lost, nothing repeated, nothing else touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import remotes
from remotes import FILE, T, clone, commit, files, git, hook, line, measure, published

from statusledger.errors import PublishError
from statusledger.history import append, read_lines
from statusledger.publish import PublishResult, Retry, publish, withdraw

AT_ONCE = Retry(attempts=10, first_seconds=0.0)
configuration, remote = remotes.configuration, remotes.remote


# --- the plain way ------------------------------------------------------------------------------


def test_new_lines_are_committed_and_pushed(remote: Path) -> None:
    """One commit, with history alone in it; afterwards the clone is clean and level with the remote."""
    here = clone(remote, "here")
    measure(here, 1)
    measure(here, 1, location="us")

    result = publish(here, "Record measurements")

    head = git(remote, "rev-parse", "main")
    assert result == PublishResult("main", "origin", head, lines=2, files=2)
    assert str(result) == f"publish: 2 new line(s) in 2 file(s) pushed to origin/main as {head[:12]}"
    assert files(remote, "main") == {FILE, "history/raw/2026/us-1121.jsonl"}
    assert git(remote, "log", "-1", "--format=%s|%an|%ae", "main") == "Record measurements|Pat|pat@example.org"
    assert (git(here, "rev-parse", "HEAD"), git(here, "status", "--porcelain")) == (head, "")


def test_each_publication_adds_to_the_one_before(remote: Path) -> None:
    """Rows of several runs follow each other, one commit a run."""
    here = clone(remote, "here")
    for minute in range(3):
        measure(here, minute)
        publish(here, "more")

    assert published(remote) == [line(0), line(1), line(2)]
    assert git(remote, "rev-list", "--count", "main") == "4"


def test_nothing_new_makes_no_commit(remote: Path) -> None:
    """The second call says so and changes nothing."""
    here = clone(remote, "here")
    measure(here, 1)
    publish(here, "first")
    before = git(remote, "rev-parse", "main")

    result = publish(here, "second")

    assert result.commit is None
    assert str(result) == "publish: history holds nothing new, so nothing was committed"
    assert git(remote, "rev-parse", "main") == before


def test_only_lines_are_published(remote: Path) -> None:
    """A line that is still being written, and files that are not lines, wait or stay."""
    here = clone(remote, "here")
    measure(here, 1)
    append(here / FILE, [line(2)[:10]])
    (here / "history" / "notes.txt").write_text("mine")

    publish(here, "whole lines")
    first = published(remote)
    measure(here, 3)
    publish(here, "and the rest")

    assert first == [line(1)]
    assert published(remote) == [line(1), line(2)[:10] + b"\n", line(3)]
    assert git(here, "status", "--porcelain") == "?? history/notes.txt"


def test_lines_that_are_gone_here_stay_published(remote: Path) -> None:
    """A file that was cut, emptied or removed by accident takes nothing away from the ledger."""
    here = clone(remote, "here")
    for location in ("eu", "us"):
        measure(here, 1, location=location)
        measure(here, 2, location=location)
    publish(here, "all of it")
    (here / FILE).write_bytes(line(3))
    (here / "history/raw/2026/us-1121.jsonl").unlink()

    publish(here, "what is new")

    assert published(remote) == [line(1), line(2), line(3)]
    assert published(remote, "history/raw/2026/us-1121.jsonl") == [line(1), line(2)]
    assert (here / FILE).read_bytes() == line(1) + line(2) + line(3)


def test_without_a_remote_the_commit_stays_here(tmp_path: Path) -> None:
    """A repository of one's own is committed to, from its very first commit on."""
    here = tmp_path / "here"
    git(tmp_path, "init", "--quiet", str(here))
    (here / "checks.yml").write_text("schema: 1\n")
    measure(here, 1)

    result = publish(here, "first")
    measure(here, 2)
    publish(here, "second")

    assert str(result).startswith("publish: 1 new line(s) in 1 file(s) committed on main (no remote) as ")
    assert git(here, "log", "--format=%s") == "second\nfirst"
    assert git(here, "ls-files") == FILE
    assert git(here, "status", "--porcelain") == "?? checks.yml"


def test_a_locked_index_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """While another git command runs here, the branch does not move away from the index."""
    here = tmp_path / "here"
    git(tmp_path, "init", "--quiet", str(here))
    commit(here, "checks.yml", "schema: 1\n")
    head = git(here, "rev-parse", "HEAD")
    measure(here, 1)
    (here / ".git" / "index.lock").touch()

    with pytest.raises(PublishError, match="run statusledger publish again"):
        publish(here, "locked")

    assert (git(here, "rev-parse", "HEAD"), (here / FILE).read_bytes()) == (head, line(1))


def test_the_first_push_makes_the_branch(tmp_path: Path) -> None:
    """An empty remote takes what is here."""
    bare, here = tmp_path / "remote.git", tmp_path / "here"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    git(tmp_path, "clone", "--quiet", str(bare), str(here))
    measure(here, 1)

    publish(here, "first")

    assert published(bare) == [line(1)]
    assert git(here, "status", "--porcelain") == ""


def test_outside_of_a_repository_there_is_nothing_to_publish_to(tmp_path: Path) -> None:
    """The message says what to do."""
    with pytest.raises(PublishError, match="is not inside a git repository; run git init there"):
        publish(tmp_path, "nowhere")


def test_an_author_is_named_where_git_knows_none(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CI machine without any identity commits all the same."""
    here = clone(remote, "here")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    measure(here, 1)

    publish(here, "first")

    assert git(remote, "log", "-1", "--format=%an <%ae>|%cn", "main") == (
        "statusledger <statusledger@localhost>|statusledger"
    )


# --- when somebody else was faster ----------------------------------------------------------------


def test_a_refused_push_puts_the_same_lines_on_top(remote: Path) -> None:
    """Two clones race for one file: both lines stand, in the order of arrival, and both clones are level."""
    slow, fast = clone(remote, "slow"), clone(remote, "fast")
    measure(fast, 1, "fast")
    measure(slow, 2, "slow")
    publish(fast, "fast")

    result = publish(slow, "slow", retry=AT_ONCE)

    assert published(remote) == [line(1, "fast"), line(2, "slow")]
    assert (result.lines, result.behind) == (1, False)
    assert (slow / FILE).read_bytes() == line(1, "fast") + line(2, "slow")
    assert git(slow, "status", "--porcelain") == ""
    assert git(slow, "rev-parse", "HEAD") == git(remote, "rev-parse", "main")
    assert git(remote, "rev-list", "--merges", "--count", "main") == "0"


def test_a_line_that_arrived_although_the_answer_was_lost_is_not_repeated(remote: Path) -> None:
    """The same line, pushed from elsewhere in the meantime, is found there."""
    here, other = clone(remote, "here"), clone(remote, "other")
    for folder in (here, other):
        measure(folder, 1)
    publish(other, "first")

    result = publish(here, "second", retry=AT_ONCE)

    assert published(remote) == [line(1)]
    assert git(remote, "rev-list", "--count", "main") == "2"
    assert result.commit == git(remote, "rev-parse", "main")


def test_a_line_that_was_mended_on_the_remote_does_not_come_back(remote: Path) -> None:
    """What an operator repaired in a commit of its own stays repaired."""
    here, operator = clone(remote, "here"), clone(remote, "operator")
    append(here / FILE, [b'{"t":12\n', line(1)])
    publish(here, "torn")
    git(operator, "pull", "--quiet")
    commit(operator, FILE, line(1).decode())
    git(operator, "push", "--quiet")
    for minute in (2, 3):
        measure(here, minute)
        publish(here, "more", retry=AT_ONCE)

    assert published(remote) == [line(1), line(2), line(3)]
    assert (here / FILE).read_bytes() == line(1) + line(2) + line(3)


WRITER = """
import sys
from pathlib import Path
from statusledger.history import append, raw_path
from statusledger.publish import Retry, publish

here, writer, t = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for run in range(5):
    for location in ("shared", writer):
        append(raw_path(here / "history", location, t), [b'{"t":%d,"r":{"%s":%d}}\\n' % (t, writer.encode(), run)])
    publish(here, f"{writer} {run}", retry=Retry(attempts=200, first_seconds=0.05, longest_seconds=1.0))
"""


@pytest.mark.timeout(400)
def test_four_writers_at_once_lose_and_repeat_nothing(remote: Path) -> None:
    """Four clones publish five runs each, to a file of their own and to one that all share."""
    names = [f"writer{number}" for number in range(4)]
    clones = [clone(remote, name, "--depth=1") for name in names]

    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(here), name, str(T)])
        for here, name in zip(clones, names, strict=True)
    ]
    codes = [writer.wait(timeout=360) for writer in writers]

    expected = {(name, run) for name in names for run in range(5)}
    check = clone(remote, "check")
    rows, damage = read_lines(check / "history/raw/2026/shared-1121.jsonl", root=check / "history")
    shared = [(name, run) for row in rows for name, run in row["r"].items()]
    assert codes == [0, 0, 0, 0]
    assert damage == []
    assert (len(shared), set(shared)) == (20, expected)
    assert [len(published(remote, f"history/raw/2026/{name}-1121.jsonl")) for name in names] == [5, 5, 5, 5]
    assert git(remote, "rev-list", "--count", "main") == "21"


# --- what belongs to people -----------------------------------------------------------------------


def test_what_a_person_has_staged_or_edited_is_not_touched(remote: Path) -> None:
    """Staged, edited, deleted and new files are afterwards exactly as they were, and none is committed."""
    here = clone(remote, "here")
    for name in ("edited.md", "deleted.md"):
        commit(here, name, "old\n")
    git(here, "push", "--quiet")
    (here / "staged.md").write_text("staged\n")
    git(here, "add", "staged.md")
    (here / "staged.md").write_text("staged, then edited\n")
    (here / "edited.md").write_text("edited\n")
    (here / "deleted.md").unlink()
    (here / "new.md").write_text("new\n")
    before = (git(here, "status", "--porcelain"), git(here, "diff"), git(here, "diff", "--cached"))
    measure(here, 1)

    publish(here, "history only")

    assert files(remote, "main") == {FILE}
    assert (git(here, "status", "--porcelain"), git(here, "diff"), git(here, "diff", "--cached")) == before
    assert (here / "staged.md").read_text() == "staged, then edited\n"


def test_commits_that_a_person_has_not_pushed_stay_unpushed(remote: Path) -> None:
    """History goes to the remote without the work that is not ready, which keeps its place on the branch."""
    here = clone(remote, "here")
    commit(here, "draft.md", "not ready\n")
    mine = git(here, "rev-parse", "HEAD")
    measure(here, 1)

    result = publish(here, "history only")

    assert git(remote, "ls-tree", "-r", "--name-only", "main") == f"checks.yml\n{FILE}"
    assert (git(here, "rev-parse", "HEAD"), result.behind) == (mine, True)
    assert str(result).endswith("; the branch here is behind, run git pull")


def test_history_that_a_person_committed_is_published_and_stays_on_the_branch(remote: Path) -> None:
    """Lines in a commit that was not pushed are new to the remote; the commit itself is not taken away."""
    here = clone(remote, "here")
    measure(here, 1)
    git(here, "add", "history")
    git(here, "commit", "--quiet", "-m", "By hand")
    mine = git(here, "rev-parse", "HEAD")

    result = publish(here, "by command")

    assert published(remote) == [line(1)]
    assert (git(here, "rev-parse", "HEAD"), result.behind) == (mine, True)


def test_a_change_of_other_files_on_the_remote_is_left_to_git_pull(remote: Path) -> None:
    """The work tree gets no file but history; a pull then finds nothing in its way, and later rows arrive as well."""
    here, other = clone(remote, "here"), clone(remote, "other")
    commit(other, "checks.yml", "schema: 1 # changed\n")
    git(other, "push", "--quiet")
    measure(here, 1)

    behind = publish(here, "first", retry=AT_ONCE).behind
    kept = (here / "checks.yml").read_text()
    git(here, "pull", "--quiet", "--ff-only")
    measure(here, 2)
    level = not publish(here, "second").behind

    assert (behind, kept, level) == (True, "schema: 1\n", True)
    assert published(remote) == [line(1), line(2)]
    assert (here / "checks.yml").read_text() == "schema: 1 # changed\n"
    assert git(here, "status", "--porcelain") == ""


def test_lines_that_arrive_while_publishing_are_kept_for_the_next_time(remote: Path) -> None:
    """A hook of the remote appends a row here in the middle of the push."""
    here = clone(remote, "here")
    measure(here, 1)
    hook(remote, "pre-receive", f"printf '%s' '{line(2).decode()}' >> '{here / FILE}'")

    publish(here, "first")
    first = published(remote)
    (remote / "hooks" / "pre-receive").unlink()
    publish(here, "second")

    assert first == [line(1)]
    assert published(remote) == [line(1), line(2)]


# --- where CI checks out --------------------------------------------------------------------------


def test_a_detached_checkout_of_depth_one_publishes_to_the_default_branch(remote: Path) -> None:
    """Several times in a row, and with somebody else in between."""
    here, other = clone(remote, "here", "--depth=1"), clone(remote, "other")
    git(here, "checkout", "--quiet", "--detach")
    git(here, "branch", "--quiet", "--delete", "--force", "main")
    measure(here, 1)
    publish(here, "first")
    measure(other, 2)
    publish(other, "other", retry=AT_ONCE)
    measure(here, 3)

    result = publish(here, "second", retry=AT_ONCE)

    assert published(remote) == [line(1), line(2), line(3)]
    assert (result.branch, result.behind) == ("main", False)
    assert (here / FILE).read_bytes() == line(1) + line(2) + line(3)
    assert git(here, "branch", "--show-current") == ""


def test_a_detached_commit_that_is_not_the_branch_takes_nothing_along(remote: Path) -> None:
    """The merge commit of a pull request is where the run started, not what it publishes."""
    here = clone(remote, "here")
    git(here, "checkout", "--quiet", "--detach")
    commit(here, "proposal.md", "not merged\n")
    measure(here, 1)

    publish(here, "history only", branch="main")

    assert git(remote, "ls-tree", "-r", "--name-only", "main") == f"checks.yml\n{FILE}"


def test_a_sparse_clone_without_blobs_removes_nothing(remote: Path) -> None:
    """Files that a probe job did not check out stay as they are on the remote."""
    git(remote, "config", "uploadpack.allowFilter", "true")
    full = clone(remote, "full")
    measure(full, 1, location="us")
    measure(full, 1)
    publish(full, "both")
    here = clone(remote, "here", "--depth=1", "--filter=blob:none", "--sparse")
    git(here, "sparse-checkout", "set", "--no-cone", f"/{FILE}")
    measure(here, 2)

    publish(here, "mine")

    assert published(remote) == [line(1), line(2)]
    assert published(remote, "history/raw/2026/us-1121.jsonl") == [line(1)]
    assert files(remote, "main") == {FILE}
    assert not (here / "history/raw/2026/us-1121.jsonl").exists()


def test_a_ledger_branch_holds_history_alone(remote: Path) -> None:
    """`ledger.branch` starts with no parent and takes the rows of every run; the branch checked out does not move."""
    here = clone(remote, "here")
    head = git(here, "rev-parse", "HEAD")
    measure(here, 1)
    publish(here, "first", branch="ledger")
    measure(here, 2)

    result = publish(here, "second", branch="ledger")

    assert git(remote, "ls-tree", "-r", "--name-only", "ledger") == FILE
    assert published(remote, branch="ledger") == [line(1), line(2)]
    assert git(remote, "rev-list", "--count", "ledger") == "2"
    assert (git(here, "rev-parse", "HEAD"), result.behind) == (head, False)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["GH006: Protected branch update failed", "GH013: Repository rule violations found"])
def test_a_protected_branch_is_recognised_and_the_ways_out_are_told(remote: Path, code: str) -> None:
    """It is tried once: no later attempt would end differently."""
    tried = remote / "tried"
    hook(remote, "pre-receive", f"echo x >> {tried}\necho 'error: {code} for refs/heads/main.' >&2\nexit 1")
    here = clone(remote, "here")
    measure(here, 1)

    with pytest.raises(PublishError) as caught:
        publish(here, "refused")

    assert code in str(caught.value)
    assert "ledger: {branch: ledger}" in str(caught.value)
    assert "deploy key" in str(caught.value)
    assert f"1 new line(s) stay in the files below {here / 'history'}" in str(caught.value)
    assert tried.read_text() == "x\n"
    assert (here / FILE).read_bytes() == line(1)


def test_an_unreachable_remote_keeps_the_lines_for_the_next_time(remote: Path) -> None:
    """PublishError ends with exit code 5 and names the files; nothing here has changed, and the next call succeeds."""
    here = clone(remote, "here")
    head = git(here, "rev-parse", "HEAD")
    measure(here, 1)
    away = remote.rename(remote.with_name("away.git"))

    with pytest.raises(PublishError) as caught:
        publish(here, "nobody there", retry=Retry(attempts=3, first_seconds=0.0))
    after = (git(here, "rev-parse", "HEAD"), git(here, "status", "--porcelain"))
    away.rename(remote)
    publish(here, "here again")

    assert caught.value.exit_code == 5
    assert "origin did not take the history for main. git " in str(caught.value)
    assert f"Nothing is lost: 1 new line(s) stay in the files below {here / 'history'}" in str(caught.value)
    assert str(caught.value).endswith(f"\n  {FILE}")
    assert after == (head, "?? history/")
    assert published(remote) == [line(1)]


def test_a_remote_that_always_refuses_is_given_up(remote: Path) -> None:
    """The attempts are bounded and the remote's own words are told."""
    tried = remote / "tried"
    hook(remote, "pre-receive", f"echo x >> {tried}\necho 'closed for today' >&2\nexit 1")
    here = clone(remote, "here")
    measure(here, 1)

    with pytest.raises(PublishError, match="closed for today"):
        publish(here, "refused", retry=Retry(attempts=4, first_seconds=0.0))

    assert tried.read_text() == "x\n" * 4


@pytest.mark.parametrize(
    "words",
    [
        "remote: Permission to acme/status.git denied to github-actions[bot].",
        "fatal: unable to access 'https://host.example/': The requested URL returned error: 403",
        "fatal: could not read Username for 'https://host.example': terminal prompts disabled",
    ],
    ids=["no right", "forbidden", "nobody"],
)
def test_credentials_that_may_not_push_are_tried_once(remote: Path, words: str) -> None:
    """No patience makes an expired token valid; what to do about it is told."""
    tried = remote / "tried"
    hook(remote, "pre-receive", f'echo x >> {tried}\necho "{words}" >&2\nexit 1')
    here = clone(remote, "here")
    measure(here, 1)

    with pytest.raises(PublishError, match="These credentials may not push"):
        publish(here, "refused", retry=AT_ONCE)

    assert tried.read_text() == "x\n"


def test_a_detached_head_without_a_remote_needs_a_branch(tmp_path: Path) -> None:
    """There is no branch to guess."""
    git(tmp_path, "init", "--quiet", str(tmp_path / "here"))
    commit(tmp_path / "here", "checks.yml", "schema: 1\n")
    git(tmp_path / "here", "checkout", "--quiet", "--detach")

    with pytest.raises(PublishError, match=r"HEAD is detached .* set ledger\.branch in checks\.yml"):
        publish(tmp_path / "here", "where to")


@pytest.mark.parametrize("attempts", [1, 2, 10])
def test_pauses_grow_at_random_and_stay_bounded(attempts: int) -> None:
    """The first attempt comes at once; the ceiling of the others doubles up to the longest pause."""
    pauses = list(Retry(attempts, first_seconds=0.25, longest_seconds=8.0).pauses())

    assert len(pauses) == attempts
    assert pauses[0] == 0
    assert all(0 <= pause <= min(0.25 * 2**n, 8.0) for n, pause in enumerate(pauses[1:]))


def test_no_attempt_is_made_once_the_time_is_up() -> None:
    """A remote that hangs costs a job its minutes only once."""
    assert list(Retry(attempts=10, within_seconds=0).pauses()) == [0.0]


# --- taking sealed files out --------------------------------------------------------------------


def test_a_file_is_taken_out_in_a_commit_of_its_own(remote: Path) -> None:
    """It goes on the remote and from the index; the other files and older commits keep what they have."""
    here = clone(remote, "here")
    measure(here, 1)
    measure(here, 1, location="us")
    publish(here, "Record measurements")
    path = here / FILE

    result = withdraw(here, {path: path.read_bytes()}, "Prune sealed days")

    assert (result.files, result.lines) == (1, 0)
    assert git(remote, "diff-tree", "--no-commit-id", "--name-status", "-r", "main") == f"D\t{FILE}"
    assert git(remote, "show", f"main~1:{FILE}").encode() + b"\n" == line(1)
    assert not path.exists()
    assert (git(here, "status", "--porcelain"), git(here, "rev-parse", "HEAD")) == ("", result.commit)


def test_a_file_that_has_grown_meanwhile_stays(remote: Path) -> None:
    """Somebody else published a row of that day: what was looked at is not what is there."""
    here, other = clone(remote, "here"), clone(remote, "other")
    measure(here, 1)
    publish(here, "Record measurements")
    seen = (here / FILE).read_bytes()
    git(other, "pull", "--quiet")
    measure(other, 2)
    publish(other, "Record a late one")
    git(here, "pull", "--quiet")

    result = withdraw(here, {here / FILE: seen}, "Prune sealed days")

    assert result.commit is None
    assert published(remote) == [line(1), line(2)]


def test_a_refused_removal_is_made_anew_on_top(remote: Path) -> None:
    """Another writer was faster: its rows stay, and the file goes all the same."""
    here, other = clone(remote, "here"), clone(remote, "other")
    measure(here, 1)
    publish(here, "Record measurements")
    git(other, "pull", "--quiet")
    measure(other, 1, location="us")
    publish(other, "Record elsewhere")

    withdraw(here, {here / FILE: (here / FILE).read_bytes()}, "Prune sealed days", retry=AT_ONCE)

    assert git(remote, "ls-tree", "-r", "--name-only", "main").splitlines() == [
        "checks.yml",
        "history/raw/2026/us-1121.jsonl",
    ]
