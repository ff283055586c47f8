"""History on this machine -> history on the remote: no row is lost or repeated, and nothing else is touched.

A commit is the remote's newest tree plus the lines that are new here: never a rebase, never a merge. When somebody else
was faster, the same lines are put on top of what they pushed, and the push is tried again. The commit is made beside
the work tree (a temporary index), so whatever a person has staged or edited stays as it is.

New is a line that the last commit which is both here and on the remote does not hold: a line that was mended on the
remote meanwhile does not come back. Lines are never taken away, whatever has become of the file here.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from statusledger.errors import LedgerError, PublishError
from statusledger.git import GitError, find
from statusledger.history import catch_up, complete_lines, extended
from statusledger.history.removal import remove
from statusledger.remote import Clone, clone

# What a host says that no repetition changes -> what to do about it. Hosts reword these now and then; then the push is
# only tried oftener than it need be.
REFUSALS = {
    ("GH006", "GH013"): """\
The branch is protected and refuses pushes. Either
  - give history a branch of its own: `ledger: {branch: ledger}` in checks.yml, or
  - push with a deploy key that may bypass the protection.""",
    (
        "Permission to ",
        "Permission denied",
        "Access denied",
        "returned error: 403",
        "Authentication failed",
        "could not read Username",
        "not allowed to push",
        "marked as read only",
    ): """\
These credentials may not push. A token that has expired is to be renewed; a job of GitHub Actions needs
`permissions: {contents: write}`, and credentials that its checkout has kept.""",
}


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a push is tried: `attempts` at most, and no new one `within_seconds` after the first.

    The pause before the n-th retry is random, up to first x 2^n, at most `longest_seconds`.
    """

    attempts: int = 10
    first_seconds: float = 0.25
    longest_seconds: float = 8.0
    within_seconds: float = 240.0

    def pauses(self) -> Iterator[float]:
        """Seconds to wait before each attempt; none before the first."""
        began = time.monotonic()
        yield 0.0
        for attempt in range(self.attempts - 1):
            if time.monotonic() - began >= self.within_seconds:
                return
            ceiling = min(self.first_seconds * 2**attempt, self.longest_seconds)
            yield random.uniform(0, ceiling)  # noqa: S311 - it parts writers, it guards nothing


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What became of the new lines.

    `commit` holds them, None when there were none; `remote` is None when the repository has none. `behind`: the branch
    here was left where it is, because the remote has more than new history; `git pull` brings it up.
    """

    branch: str
    remote: str | None
    commit: str | None = None
    lines: int = 0
    files: int = 0
    behind: bool = False

    def __str__(self) -> str:
        if self.commit is None:
            return "publish: history holds nothing new, so nothing was committed"
        place = f"pushed to {self.remote}/{self.branch}" if self.remote else f"committed on {self.branch} (no remote)"
        text = f"publish: {self.lines} new line(s) in {self.files} file(s) {place} as {self.commit[:12]}"
        return f"{text}; the branch here is behind, run git pull" if self.behind else text


def publish(
    root: Path, message: str, *, branch: str | None = None, remote: str = "origin", retry: Retry | None = None
) -> PublishResult:
    """Commits what is new under `root`/history on the branch (default: the one that is checked out) and pushes it.

    Afterwards each published file here holds at least what the remote has of it. PublishError when the remote does not
    take the lines; they then stay in their files, and the next call tries them again.
    """
    try:
        repository = find(root)
        if repository is None:
            msg = f"{root}: is not inside a git repository; run git init there, or publish from a clone"
            raise PublishError(msg)
        ledger = clone(repository, root, branch, remote)
        change = partial(_change, ledger)
        return _push(ledger, change, message, retry or Retry()) if ledger.remote else _keep(ledger, change, message)
    except (GitError, OSError) as error:  # git said no, or this machine has no room for what git needs
        msg = f"{root}: history could not be committed; its lines stay in their files. {error}"
        raise PublishError(msg) from error


def withdraw(
    root: Path, files: Mapping[Path, bytes], message: str, *, branch: str | None = None, retry: Retry | None = None
) -> PublishResult:
    """Takes whole files out of history, here and on the remote, in a commit of its own; older commits keep them.

    A file goes only as it is given here: one that has grown meanwhile, here or there, stays. PublishError as for
    `publish`.
    """
    try:
        repository = find(root)
        if repository is None:
            return PublishResult("", None)
        ledger = clone(repository, root, branch)
        names = {path.resolve().relative_to(repository.top).as_posix(): text for path, text in files.items()}
        change = partial(_removal, ledger, names)
        return _push(ledger, change, message, retry or Retry()) if ledger.remote else _keep(ledger, change, message)
    except (GitError, OSError) as error:
        msg = f"{root}: nothing was taken out of history. {error}"
        raise PublishError(msg) from error


def _removal(ledger: Clone, files: Mapping[str, bytes], tip: str | None) -> _Change | None:
    """The files that are to go, as far as the tip has them so; None when there is none."""
    there = ledger.blobs(tip)
    blobs = {path: ledger.git.text("hash-object", "--stdin", stdin=text) for path, text in files.items()}
    gone = {path: len(text) for path, text in files.items() if there.get(path) == blobs[path]}
    return _Change({}, {}, 0, (), gone) if gone else None


@dataclass(frozen=True, slots=True)
class _Change:
    """New lines: path -> what the file becomes, path -> the lines that the remote has or had; `lines` counts them.

    `arrived` are the paths that are here what they are there, but not in the last common commit: a run published them
    and was killed before it could say so; `gone` are those that are to go whole, with their sizes.
    """

    contents: Mapping[str, bytes]
    known: Mapping[str, Collection[bytes]]
    lines: int
    arrived: Collection[str]
    gone: Mapping[str, int] = field(default_factory=dict)


Changed = Callable[[str | None], _Change | None]
"""What is to change on top of a commit."""


def _change(ledger: Clone, tip: str | None) -> _Change | None:
    """What is new here, on top of the tip's files; None when nothing is."""
    shared = tip and ledger.git.answer("merge-base", "HEAD", tip)
    here, before, there = ledger.blobs_here(), ledger.blobs(shared), ledger.blobs(tip)
    contents, known, count = {}, {}, 0
    arrived = [path for path, blob in here.items() if before.get(path) != blob == there.get(path)]
    for path, blob in here.items():
        if blob in {before.get(path), there.get(path)}:
            continue
        known[path] = set(complete_lines(ledger.content(before.get(path))))
        published = ledger.content(there.get(path))
        own = complete_lines((ledger.git.top / path).read_bytes())
        merged = extended(published, [line for line in own if line not in known[path]])
        if merged != published:
            contents[path] = merged
            count += len(complete_lines(merged)) - len(complete_lines(published))
    return _Change(contents, known, count, arrived) if contents else None


def _commit(ledger: Clone, tip: str | None, change: _Change, message: str) -> str:
    """A commit of the tip's tree with the changed files, on no branch yet."""
    files = {**change.contents, **dict.fromkeys(change.gone)}
    return ledger.git.commit_files([tip] if tip else [], files, message)


def _keep(ledger: Clone, changed: Changed, message: str) -> PublishResult:
    """The commit on the branch here: there is no remote."""
    tip = ledger.git.commit(ledger.local_ref)
    change = changed(tip)
    if change is None:
        return PublishResult(ledger.branch, None)
    commit = _commit(ledger, tip, change, message)
    if ledger.git.branch() != ledger.branch:
        ledger.git.run("update-ref", ledger.local_ref, commit)
    elif not _follows(ledger, commit, change):
        raise GitError(
            "update-index", "the index or a history file could not be written; run statusledger publish again"
        )
    return PublishResult(ledger.branch, None, commit, change.lines, len(change.contents) + len(change.gone))


def _push(ledger: Clone, changed: Changed, message: str, retry: Retry) -> PublishResult:
    """The commit on the remote's newest one, made anew as often as somebody else was faster."""
    sent, refusal = None, GitError("push", "was never tried")
    for attempt, pause in enumerate(retry.pauses()):
        time.sleep(pause)
        try:
            commit = ledger.tip(fetch=attempt > 0)
            # nothing new after a refusal: the earlier push had arrived, only its answer had not
            if change := changed(commit):
                sent, commit = change, _commit(ledger, commit, change, message)
                ledger.push(commit)
        except GitError as error:
            refusal = error
            if _way_out(error):
                break
            continue
        if sent is None or commit is None:
            return PublishResult(ledger.branch, ledger.remote)
        behind = not _follows(ledger, commit, sent)
        return PublishResult(
            ledger.branch, ledger.remote, commit, sent.lines, len(sent.contents) + len(sent.gone), behind
        )
    raise PublishError(_refused(ledger, sent, refusal)) from refusal


def _way_out(refusal: GitError) -> str | None:
    """What to do where trying again is of no use."""
    return next((way for marks, way in REFUSALS.items() if any(mark in refusal.said for mark in marks)), None)


def _refused(ledger: Clone, sent: _Change | None, refusal: GitError) -> str:
    kept = sent or _change(ledger, ledger.git.commit())
    places = "".join(f"\n  {path}" for path in kept.contents) if kept else ""
    way_out = _way_out(refusal)
    advice = f"{way_out}\n" if way_out else ""
    return (
        f"{ledger.remote} did not take the history for {ledger.branch}. {refusal}\n{advice}"
        f"Nothing is lost: {kept.lines if kept else 0} new line(s) stay in the files below {ledger.folder};"
        f" run statusledger publish again, or keep these files:{places}"
    )


def _follows(ledger: Clone, commit: str, change: _Change) -> bool:
    """Whether nothing is left to pull here.

    The published files become those of the commit. On the branch that is checked out their index entries do as well, so
    that `git pull` finds nothing to overwrite, and the branch moves there if history is all that this changes.
    """
    git = ledger.git
    try:
        ours = {*change.contents, *change.arrived}
        blobs = {path: blob for path, blob in ledger.blobs(commit).items() if path in ours}
        for path in change.contents:
            catch_up(git.top / path, ledger.content(blobs[path]), known=change.known[path])
        for path, size in change.gone.items():
            remove(git.top / path, size=size)
        if git.branch() != ledger.branch:
            return True
        ledger.stage({**blobs, **dict.fromkeys(change.gone)})
        return ledger.fast_forward(commit, history_only=True)
    except (LedgerError, OSError):  # what is published stays published, whatever stands in the way here
        return False
