"""A clone's history folder, and the branch of the remote that takes it; what `publish` and `receive` have in common.

Nothing here decides which lines are new: it reads and writes commits, the index and branches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from statusledger.errors import PublishError
from statusledger.git import Repository, index_entries

FOLDER = "history"


@dataclass(frozen=True, slots=True)
class Clone:
    """One repository's history folder, and where it is published; `remote` is None when the repository has none."""

    git: Repository
    folder: Path
    branch: str
    remote: str | None

    @property
    def prefix(self) -> str:
        """The history folder as git spells it."""
        return self.folder.relative_to(self.git.top).as_posix()

    @property
    def local_ref(self) -> str:
        """The branch here."""
        return f"refs/heads/{self.branch}"

    @property
    def tracking_ref(self) -> str:
        """The branch there, as far as it is known here."""
        return f"refs/remotes/{self.remote}/{self.branch}"

    def tip(self, *, fetch: bool) -> str | None:
        """The commit to build on; where the remote lacks the branch, that is our own, and None for a first one."""
        known = self.git.commit(self.tracking_ref)
        if fetch or known is None:
            known = self._fetched(known)
        return known or self.git.commit(self.local_ref)

    def _fetched(self, known: str | None) -> str | None:
        if known is None and not self.git.text("ls-remote", str(self.remote), self.local_ref):
            return None
        return self.git.fetch_branch(str(self.remote), self.branch)

    def blobs(self, commit: str | None) -> dict[str, str]:
        """Path -> blob of the history files in a commit."""
        if commit is None:
            return {}
        listing = self.git.text("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{self.prefix}/")
        rows = (entry.split("\t", 1) for entry in listing.split("\0") if entry)
        return {path: meta.split()[2] for meta, path in rows if path.endswith(".jsonl")}

    def blobs_here(self) -> dict[str, str]:
        """Path -> blob that the history file in the work tree would be."""
        files = sorted(path for path in self.folder.rglob("*.jsonl") if path.is_file() and path.name[0] != ".")
        paths = [f"{self.prefix}/{path.relative_to(self.folder).as_posix()}" for path in files]
        names = self.git.text("hash-object", "--no-filters", "--stdin-paths", stdin="\n".join(paths).encode())
        return dict(zip(paths, names.split(), strict=True))

    def content(self, blob: str | None) -> bytes:
        """The bytes of a blob, nothing where there is none."""
        return self.git.run("cat-file", "blob", blob) if blob else b""

    def push(self, commit: str) -> None:
        """Makes the commit the remote's; GitError when it has moved on, or refuses."""
        self.git.run("push", "--quiet", "--no-follow-tags", str(self.remote), f"{commit}:{self.local_ref}")
        self.git.run("update-ref", self.tracking_ref, commit)

    def stage(self, blobs: Mapping[str, str | None]) -> None:
        """Makes index entries of these blobs, and takes those of None out."""
        self.git.run("update-index", "--add", "-z", "--index-info", stdin=index_entries(blobs))

    def fast_forward(self, commit: str, *, history_only: bool) -> bool:
        """Whether the branch that is checked out is now at the commit; not if that would change more than history.

        GitError when the branch here has commits of its own, or a file that would change was edited.
        """
        head = self.git.commit()
        old = head or self.git.text("hash-object", "-t", "tree", "--stdin")
        if history_only and not all(path.startswith(f"{self.prefix}/") for path in self._changed(old, commit)):
            return False
        if head:
            self.git.run("merge-base", "--is-ancestor", head, commit)
        self.git.run("update-index", "-q", "--refresh")
        self.git.run("read-tree", "-m", "-u", old, commit)
        self.git.run("update-ref", "-m", "statusledger publish", self.local_ref, commit, head or "")
        return True

    def _changed(self, old: str, new: str) -> Iterator[str]:
        return filter(None, self.git.text("diff-tree", "-r", "-z", "--name-only", old, new).split("\0"))


def clone(repository: Repository, root: Path, branch: str | None, remote: str = "origin") -> Clone:
    """The clone that holds the folder `root`, with the branch that takes history.

    That is the one that is asked for, or that is checked out, or that the remote begins with. PublishError when there
    is none.
    """
    known = remote if remote in repository.text("remote").splitlines() else None
    chosen = branch or repository.branch() or (known and repository.default_branch(known))
    if not chosen:
        msg = (
            f"{repository.top}: HEAD is detached and {remote} names no default branch; set ledger.branch in checks.yml"
        )
        raise PublishError(msg)
    return Clone(repository, root.resolve() / FOLDER, chosen, known)
