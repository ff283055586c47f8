"""One file on a branch of the remote: a commit on top of what is there, pushed as a fast-forward or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from statusledger.errors import PublishError
from statusledger.git import GitError, Repository, find
from statusledger.publish import Retry

REMOTE = "origin"


@dataclass(frozen=True, slots=True)
class Offered:
    """The branch as it is now; `commit` None: it needed no new one. `text` is the file's, None where there is none."""

    commit: str | None
    text: str | None
    is_there: bool


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest commit of a branch: its subject, and the files below a folder that the base does not have."""

    subject: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch `name` of the remote, made from the newest `base` where it is not there yet."""

    repository: Repository
    name: str
    base: str

    def offer(
        self, path: str, change: Callable[[str | None], str | None], message: str, retry: Retry | None = None
    ) -> Offered:
        """Puts what `change` makes of the file's text on the branch; `path` is below the repository's top folder.

        GitError when the remote does not take it.
        """
        refusal = GitError("push", "was never tried")
        for pause in (retry or Retry(attempts=4)).pauses():
            time.sleep(pause)
            try:
                return self._offer(path, change, message)
            except GitError as error:
                refusal = error
        raise refusal

    def tip(self, folder: str) -> Tip | None:
        """How the remote has it, None where it has no such branch; `folder` is below the repository's top folder."""
        base, tip = self._fetched(self.base), self._fetched(self.name)
        if base is None or tip is None:
            return None
        listed = ("ls-tree", "-r", "-z", "--name-only", "--full-tree")
        there, before = ((self.repository.answer(*listed, one, "--", folder) or "").split("\0") for one in (tip, base))
        subject = self.repository.text("log", "-1", "--format=%s", tip)
        return Tip(subject, tuple(sorted(set(filter(None, there)) - set(before))))

    def _offer(self, path: str, change: Callable[[str | None], str | None], message: str) -> Offered:
        base, tip = self._fetched(self.base), self._fetched(self.name)
        if base is None:
            raise GitError("fetch", f"{REMOTE} has no branch {self.base}")
        parents = self._parents(base, tip, path)
        text = self._text(parents[-1], path)
        changed = change(text)
        if changed is None or changed == text:
            return Offered(None, text, tip is not None)
        commit = self.repository.commit_files(parents, {path: changed.encode()}, message)
        self.repository.run("push", "--quiet", "--no-follow-tags", REMOTE, f"{commit}:refs/heads/{self.name}")
        return Offered(commit, changed, is_there=True)

    def _parents(self, base: str, tip: str | None, path: str) -> list[str]:
        """What the commit is made on; the last one gives the files.

        A branch that was merged goes on from the base; where that was done by one new commit, both are its parents, so
        that the branch is never wound back.
        """
        git = self.repository
        if tip is None or tip == base or git.succeeds("merge-base", "--is-ancestor", tip, base):
            return [base]
        return [tip] if self._text(base, path) is None else [tip, base]

    def _text(self, commit: str, path: str) -> str | None:
        if self.repository.answer("ls-tree", "--name-only", "--full-tree", commit, "--", path) is None:
            return None
        return self.repository.run("cat-file", "blob", f"{commit}:{path}").decode(errors="replace")

    def _fetched(self, name: str) -> str | None:
        """The remote's newest commit of a branch, None where it has none."""
        if self.repository.answer("ls-remote", REMOTE, f"refs/heads/{name}") is None:
            return None
        return self.repository.fetch_branch(REMOTE, name)


def checkout(root: Path) -> tuple[Repository, str]:
    """The repository of the folder, and the branch that people work on; PublishError where there is no remote."""
    repository = find(root)
    if repository is None or REMOTE not in repository.text("remote").splitlines():
        message = f"{root}: drafts are offered on the remote {REMOTE}, and there is none; clone the repository"
        raise PublishError(message)
    base = repository.default_branch(REMOTE) or repository.branch()
    if base is None:
        message = f"{repository.top}: HEAD is detached and {REMOTE} names no default branch"
        raise PublishError(message)
    return repository, base
