"""History on the remote -> history on this machine, without a line that was measured here being lost.

Where history has a branch of its own, where a CI job checked out no history at all, or where a clone runs for months,
the files here are not what the remote has. Each wanted file becomes what the remote has of it, followed by the lines
that are only here. Nothing is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from statusledger.errors import PublishError
from statusledger.git import GitError, find
from statusledger.history import catch_up, complete_lines
from statusledger.remote import Clone, clone

Wanted = Callable[[PurePosixPath], bool]
"""Whether a file is needed here; its path is relative to the history folder."""


@dataclass(frozen=True, slots=True)
class Received:
    """How many files changed here, and why the branch that is checked out could not follow, if it could not."""

    files: int = 0
    behind: str | None = None


def everything(_path: PurePosixPath) -> bool:
    """All of history is wanted."""
    return True


def receive(
    root: Path, *, branch: str | None = None, wanted: Wanted = everything, pull: bool = False, remote: str = "origin"
) -> Received:
    """Brings history below `root` up to the remote, and with `pull` everything else on the branch that is checked out.

    Outside a repository, and without a remote, there is nothing to receive. PublishError when the remote cannot be
    reached; what is here stays as it is.
    """
    repository = find(root)
    if repository is None or remote not in repository.text("remote").splitlines():
        return Received()
    try:
        here = clone(repository, root, branch, remote)
        tip = here.tip(fetch=True)
        news = _news(here, tip, wanted)
        changed = sum(_caught_up(here, path, news) for path in news.blobs)
        return Received(changed, _followed(here, tip, news.blobs, pull=pull))
    except (GitError, OSError) as error:
        msg = f"{root}: the remote's history could not be brought here; what is here stays as it is. {error}"
        raise PublishError(msg) from error


@dataclass(frozen=True, slots=True)
class _News:
    """Path -> blob of wanted files that the remote has otherwise, and path -> blob as the last common commit had it."""

    blobs: Mapping[str, str]
    before: Mapping[str, str]


def _news(here: Clone, tip: str | None, wanted: Wanted) -> _News:
    base = here.git.answer("merge-base", "HEAD", tip) if tip else None
    before, ours = here.blobs(base), here.blobs_here()
    # rows from before history got a branch of its own lie in the commit that is checked out, until a job moves them
    earlier = {path: blob for path, blob in here.blobs(here.git.commit()).items() if path not in ours}
    blobs = {
        path: blob
        for path, blob in (earlier | here.blobs(tip)).items()
        if wanted(PurePosixPath(path).relative_to(here.prefix))
        and ours.get(path) != blob
        and (path not in ours or blob != before.get(path))
    }
    return _News(blobs, {path: blob for path, blob in before.items() if path in ours})


def _caught_up(here: Clone, path: str, news: _News) -> bool:
    """Whether the file had to be changed to hold what the remote has of it."""
    target = here.git.top / path
    target.parent.mkdir(parents=True, exist_ok=True)
    known = complete_lines(here.content(news.before.get(path)))
    return catch_up(target, here.content(news.blobs[path]), known=set(known))


def _followed(here: Clone, tip: str | None, changed: Mapping[str, str], *, pull: bool) -> str | None:
    """None when the branch that is checked out is where it should be, otherwise what stands in its way."""
    current = here.git.branch()
    if current == here.branch:
        return _forwarded(here, tip, changed, pull=pull)
    if current is None or not pull:
        return None
    checked_out = replace(here, branch=current)
    return _forwarded(checked_out, checked_out.tip(fetch=True), {}, pull=True)


def _forwarded(here: Clone, tip: str | None, changed: Mapping[str, str], *, pull: bool) -> str | None:
    if tip is None or here.git.commit() == tip:
        return None
    try:
        here.stage(changed)
        here.fast_forward(tip, history_only=not pull)
    except GitError as error:
        return error.said
    return None
