"""A clone -> its commits in order, and what each made of the ledger's files, read through two processes of git.

Every parent of every commit is compared, so a merge cannot hide what it dropped, and commits that simplified logs leave
out are seen as well. Where history has a branch of its own, the commits of that one come after those of HEAD. Paths are
relative to the folder that is audited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from statusledger.audit.contents import NOTHING, Contents
from statusledger.clock import SECOND_MS
from statusledger.git import Objects, Repository

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


Differences = list[tuple[Commit, dict[str, _Change]]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where an audit begins and ends beside HEAD: the commits of an earlier one, and the tip of a ledger branch."""

    since: Sequence[Commit] = ()
    ledger: str | None = None


class Past:
    """The commits to audit, oldest first, and the contents of files at any of them."""

    def __init__(self, repository: Repository, prefix: str, objects: Objects, begin: Beginning) -> None:
        self.repository = repository
        self.prefix = prefix
        self.since = begin.since
        self.ledger = begin.ledger
        self._objects = objects
        self.contents = Contents(objects)
        on_ledger = tuple(self._commits(self.ledger, "^HEAD")) if self.ledger else ()
        self.commits = (*self._commits("HEAD"), *on_ledger)
        self._on_ledger = {commit.id: commit for commit in on_ledger}
        self._on_ledger |= {one.id: one for one in self.since if not self.is_on_head(one.id) and self.holds(one.id)}
        self._blobs: dict[tuple[bool, str], list[tuple[int, str]]] = defaultdict(list)

    def versions(self, *paths: str) -> Iterator[Version]:
        """What each commit changed below the paths, compared with each of its parents."""
        differences = self._differences(paths)
        last = {path: change.now for _, by_path in differences for path, change in by_path.items() if change.now}
        self._expect({blob for _, by_path in differences for change in by_path.values() for blob in change.blobs})
        if self.ledger:
            self._remember(differences, paths)
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
        """Whether the commit is part of the history that is audited: HEAD's, and that of the ledger branch."""
        return self._is_in(commit, *filter(None, ("HEAD", self.ledger)))

    def is_on_head(self, commit: str) -> bool:
        """Whether the commit is part of the history of HEAD."""
        return self._is_in(commit, "HEAD")

    def is_on_ledger(self, commit: str) -> bool:
        """Whether the commit is part of the history of the branch that takes history."""
        return self._is_in(commit, self.ledger or "HEAD")

    def has_own_branch(self, commit: Commit) -> bool:
        """Whether the commit lies on a ledger branch, and HEAD does not reach it."""
        return commit.id in self._on_ledger

    def configured_by(self, commit: Commit) -> str:
        """The commit whose checks.yml this one was made by: itself, or HEAD's newest one by the time of it."""
        if not self.has_own_branch(commit):
            return commit.id
        earlier = (one.id for one in self._mainline if one.time_ms <= commit.time_ms)
        return next(earlier, self._mainline[-1].id)

    def before(self, commit: Commit) -> Sequence[str]:
        """The commits that this one goes on from: its parents, or for the first of a ledger branch HEAD's by then."""
        return commit.parents or ((self.configured_by(commit),) if self.has_own_branch(commit) else ())

    def had_begun(self, commit: Commit) -> bool:
        """Whether anything had been measured before this commit of HEAD's."""
        on_ledger = any(one.time_ms <= commit.time_ms for one in self._on_ledger.values())
        return on_ledger or any(self.blobs(parent, "history/raw") for parent in commit.parents)

    def on_head(self, path: str) -> Sequence[tuple[int, str]]:
        """When a file of history became which blob on HEAD's branch, oldest first, where history has another one."""
        return self._blobs.get((False, path), ())

    def on_ledger(self, path: str) -> str | None:
        """The last blob of a file on the ledger branch, None where it never was there."""
        _, blob = next(reversed(self._blobs.get((True, path), ())), (0, None))
        return blob

    @cached_property
    def _mainline(self) -> Sequence[Commit]:
        """HEAD and its first parents, newest first."""
        return [commit_of(row) for row in self._git("rev-list", "--first-parent", "--timestamp", "HEAD").splitlines()]

    def _is_in(self, commit: str, *tips: str) -> bool:
        return self._git("rev-list", "--count", commit, *(f"^{tip}" for tip in tips)).strip() == "0"

    def _commits(self, *tips: str) -> Iterator[Commit]:
        options = ("--topo-order", "--reverse", "--parents", "--timestamp")
        without = (f"^{one.id}" for one in self.since)
        for row in self._git("rev-list", *options, *tips, *without).splitlines():
            yield commit_of(row)

    def _remember(self, differences: Differences, paths: Sequence[str]) -> None:
        """Which blobs each file has been on either branch, so that what moved can be held against what was left."""
        for since in self.since:
            for path, blob in self.blobs(since.id, *paths).items():
                self._blobs[self.has_own_branch(since), path].append((since.time_ms, blob))
        for commit, by_path in differences:
            is_apart = self.has_own_branch(commit)
            for path, change in by_path.items():
                known = change.now or (change.before if is_apart else None)
                if known:
                    self._blobs[is_apart, path].append((commit.time_ms, known))
        for path, blob in self.blobs(str(self.ledger), *paths).items():
            self._blobs[True, path].append((0, blob))

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

    def _differences(self, paths: Sequence[str]) -> Differences:
        """A mapping by path for each commit and parent, in the order of the commits; a first commit has none before."""
        pairs = [(commit, parent) for commit in self.commits for parent in commit.parents or ("",)]
        asked = "".join(f"{commit.id} {parent}".rstrip() + "\n" for commit, parent in pairs)
        options = ("--stdin", "-r", "-z", "--root", "--always", "--raw", "--no-renames", "--no-abbrev")
        told = iter(self._git("diff-tree", *options, "--", *map(self._full, paths), stdin=asked).split("\0"))
        rest = iter(pairs)
        found: Differences = []
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


def commit_of(told: str) -> Commit:
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
