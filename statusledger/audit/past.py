"""A clone -> its commits in order, and what each made of the ledger's files, read through two processes of git.

Every parent of every commit is compared, so a merge cannot hide what it dropped, and commits that simplified logs leave
out are seen as well. Paths are relative to the folder that is audited.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from statusledger.audit.contents import NOTHING, Contents
from statusledger.clock import SECOND_MS
from statusledger.errors import UsageError
from statusledger.git import Objects, Repository, find

# replacement objects would show other contents than the commits name
ENVIRONMENT = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_LITERAL_PATHSPECS": "1"}
TIMEOUT_SECONDS = 900.0
REGULAR = frozenset({"100644", "100755"})
SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; `time_ms` is when it was committed, by the clock of the machine that did it."""

    id: str
    time_ms: int
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A file as a commit left it, None where it is gone, and as each of the commit's parents has it."""

    commit: Commit
    path: str
    now: bytes | None
    before: tuple[bytes | None, ...]
    is_regular: bool = True


@dataclass(frozen=True, slots=True)
class _Change:
    """A difference between a commit and one of its parents, as blobs: None is no file, NOTHING a submodule."""

    is_regular: bool
    before: str | None
    now: str | None

    @property
    def blobs(self) -> Iterator[str]:
        return filter(None, (self.before, self.now))


class Past:
    """The commits to audit, oldest first, and the contents of files at any of them."""

    def __init__(self, repository: Repository, prefix: str, objects: Objects, since: Commit | None) -> None:
        self.repository = repository
        self.prefix = prefix
        self.since = since
        self.commits = tuple(self._commits())
        self._objects = objects
        self.contents = Contents(objects)

    def versions(self, *paths: str) -> Iterator[Version]:
        """What each commit changed below the paths, compared with each of its parents."""
        differences = self._differences(paths)
        last = {path: change.now for _, by_path in differences for path, change in by_path.items() if change.now}
        self._expect({blob for _, by_path in differences for change in by_path.values() for blob in change.blobs})
        for commit, by_parent in groupby(differences, key=itemgetter(0)):
            changes = [change for _, change in by_parent]
            for path in sorted({path for change in changes for path in change}):
                yield self._version(commit, path, [change.get(path) for change in changes], last.get(path, NOTHING))

    def content(self, commit: str, path: str) -> bytes | None:
        """A file as the commit has it, None where it has none."""
        return self._objects.read(f"{commit}:{self.prefix}{path}")

    def files(self, commit: str, *paths: str) -> Iterator[tuple[str, bytes]]:
        """Every regular file below the paths as the commit has it."""
        for path, blob in self.blobs(commit, *paths).items():
            yield path, self.contents.read(blob)

    def blobs(self, commit: str, *paths: str) -> Mapping[str, str]:
        """Path -> blob of every regular file below the paths."""
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *map(self._full, paths))
        found = {}
        for row in filter(None, listed.split("\0")):
            about, path = row.split("\t", 1)
            mode, _, blob = about.split()
            if mode in REGULAR:
                found[path.removeprefix(self.prefix)] = blob
        return found

    @property
    def head(self) -> str:
        """The commit that is audited, with everything before it."""
        return self._git("rev-parse", "HEAD").strip()

    def holds(self, commit: str) -> bool:
        """Whether the commit is part of the history of HEAD."""
        return self._git("rev-list", "--count", commit, "^HEAD").strip() == "0"

    def _commits(self) -> Iterator[Commit]:
        options = ("--topo-order", "--reverse", "--parents", "--timestamp")
        without = (f"^{self.since.id}",) if self.since else ()
        for row in self._git("rev-list", *options, "HEAD", *without).splitlines():
            yield _commit(row)

    def _version(self, commit: Commit, path: str, changes: Sequence[_Change | None], last: str) -> Version:
        def content(blob: str | None) -> bytes | None:
            return None if blob is None else self.contents.beginning(blob, last)

        change = next(change for change in changes if change)
        before = tuple(content(change.now if one is None else one.before) for one in changes)
        return Version(commit, path, content(change.now), before, is_regular=change.is_regular)

    def _expect(self, blobs: Iterable[str]) -> None:
        asked = "".join(f"{blob}\n" for blob in blobs)
        told = self._git("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked)
        pairs = (row.split() for row in told.splitlines() if not row.endswith(" missing"))
        self.contents.expect((blob, int(size)) for blob, size in pairs)

    def _differences(self, paths: Sequence[str]) -> list[tuple[Commit, dict[str, _Change]]]:
        """A mapping by path for each commit and parent, in the order of the commits; a first commit has none before."""
        pairs = [(commit, parent) for commit in self.commits for parent in commit.parents or ("",)]
        asked = "".join(f"{commit.id} {parent}".rstrip() + "\n" for commit, parent in pairs)
        options = ("--stdin", "-r", "-z", "--root", "--always", "--raw", "--no-renames", "--no-abbrev")
        told = iter(self._git("diff-tree", *options, "--", *map(self._full, paths), stdin=asked).split("\0"))
        rest = iter(pairs)
        found: list[tuple[Commit, dict[str, _Change]]] = []
        for token in filter(None, told):
            if token.startswith(":"):
                found[-1][1][next(told).removeprefix(self.prefix)] = _change(token)
            else:  # the name of a commit stands before its differences from one parent
                found.append((next(rest)[0], {}))
        return found

    def _full(self, path: str) -> str:
        return self.prefix + path

    def _git(self, *arguments: str, stdin: str = "") -> str:
        sent = stdin.encode()
        said = self.repository.run(*arguments, stdin=sent, environment=ENVIRONMENT, timeout_seconds=TIMEOUT_SECONDS)
        return said.decode(errors="surrogateescape")


@contextlib.contextmanager
def open_past(root: Path, since: str | None = None) -> Iterator[Past]:
    """The history of the clone that holds `root`: everything that HEAD reaches and `since`, a commit, does not.

    UsageError when there is no clone, when it is not a full one, or when it has no such commit.
    """
    repository = _full_clone(root)
    below = root.resolve().relative_to(repository.top).as_posix()
    prefix = "" if below == "." else f"{below}/"
    with repository.objects(ENVIRONMENT) as objects:
        yield Past(repository, prefix, objects, None if since is None else _since(repository, since))


def _full_clone(root: Path) -> Repository:
    repository = find(root)
    if repository is None:
        message = f"{root}: is not inside a git repository; audit reads commits, so run it in a clone of the repository"
        raise UsageError(message)
    if repository.text("rev-parse", "--is-shallow-repository") == "true":
        message = f"{root}: is a shallow clone, which lacks the past; run git fetch --unshallow, then audit again"
        raise UsageError(message)
    if repository.answer("config", "--get-regexp", r"^remote\..*\.partialclonefilter$"):
        message = f"{root}: is a partial clone, which lacks files of the past; clone it again without --filter"
        raise UsageError(message)
    if repository.commit() is None:
        message = f"{root}: the repository has no commit yet, so there is nothing to audit"
        raise UsageError(message)
    return repository


def _since(repository: Repository, name: str) -> Commit:
    commit = repository.commit(name)
    if commit is None:
        message = (
            f"--since {name}: is no commit of this clone; name one, e.g. what an earlier audit told. If it was one, "
            "history has been replaced since then"
        )
        raise UsageError(message)
    return _commit(repository.text("rev-list", "--timestamp", "--max-count=1", commit))


def _commit(told: str) -> Commit:
    """`<seconds> <id> [<parent> ...]`."""
    seconds, identity, *parents = told.split()
    return Commit(identity, int(seconds) * SECOND_MS, tuple(parents))


def _change(told: str) -> _Change:
    """`:<mode> <mode> <blob> <blob> <status>`, the parent's before the commit's."""
    mode_before, mode, before, now, _ = told.removeprefix(":").split(" ")
    return _Change(mode in REGULAR, _blob(mode_before, before), _blob(mode, now))


def _blob(mode: str, name: str) -> str | None:
    if mode == SUBMODULE:
        return NOTHING
    return name if name.strip("0") else None
