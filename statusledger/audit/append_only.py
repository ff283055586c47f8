"""Every change to the ledger is whole lines at the end of a file; only a raw file whose days are sealed may go.

Rows of a raw file count as sealed when, in the very commit that removes the file, the newest rollup line of some
component for each of their UTC days is sealed and names both their check and their location. Of private lines an audit
without the identity sees no rows, so it sees to it that their files were old enough to go.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from statusledger.audit.findings import Breach
from statusledger.audit.lines import fault, left_behind
from statusledger.audit.past import Past, Version
from statusledger.audit.pruning import Pruning, SealedPruning
from statusledger.sealed import OpenLine
from statusledger.written.wording import plural

RAW, SEALED_RAW = "history/raw/", "history/sealed/raw/"
LEDGER = (
    RAW,
    "history/facts/",
    "history/alerts/",
    "history/rollup/",
    "history/incidents/",
    "history/notices.jsonl",
    "history/policy.jsonl",
    "history/statements/",
    "history/sealed/",
    "history/sources.jsonl",
)


class AppendOnly:
    """Old bytes are a prefix of new bytes, from commit to commit and from parent to child."""

    name = "append only"
    promise = "nothing edited, removed or inserted"

    def __init__(self, past: Past, open_line: OpenLine | None = None) -> None:
        self._past = past
        self._commits = len(past.commits)
        self._pruning = {RAW: Pruning(past), SEALED_RAW: SealedPruning(past, open_line)}
        self._files: set[str] = set()
        self._pruned = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """What was edited, inserted, removed, torn, renamed or pruned too early."""
        if not is_ledger(version.path):
            return
        self._files.add(version.path)
        if version.now is None:
            yield from self._gone(version)
        elif not version.is_regular:
            yield _breach(version, 0, "is no regular file any more")
        elif found := fault(version):
            yield _breach(version, *found)

    def looked_at(self) -> str:
        """Commits and files."""
        pruned = f", {plural(self._pruned, 'sealed file')} pruned" if self._pruned else ""
        return f"{plural(self._commits, 'commit')}, {plural(len(self._files), 'file')}{pruned}"

    def _gone(self, version: Version) -> Iterator[Breach]:
        if self._has_moved(version):
            return
        pruning = next((one for folder, one in self._pruning.items() if version.path.startswith(folder)), None)
        if pruning is None:
            yield _breach(version, 0, "was deleted or renamed; only raw files of sealed days may go")
            return
        contents = {before for before in version.before if before is not None}
        found = [pruning.unsealed(version.commit, version.path, content) for content in contents]
        reasons = list(filter(None, found))
        self._pruned += not reasons
        if reasons:
            yield _breach(version, 0, f"was deleted or renamed, but {reasons[0]}")

    def _has_moved(self, version: Version) -> bool:
        """Whether every line of it is on the ledger branch."""
        blob = None if self._past.has_own_branch(version.commit) else self._past.on_ledger(version.path)
        there = self._past.contents.read(blob) if blob else None
        return there is not None and not any(left_behind(before or b"", there) for before in version.before)


def is_ledger(path: str) -> bool:
    """Whether the file is one of the ledger's; hidden ones (`.gitkeep`) are nobody's data."""
    return path.startswith(LEDGER) and not PurePosixPath(path).name.startswith(".")


def _breach(version: Version, line: int, reason: str) -> Breach:
    return Breach(version.commit.id, version.path, line, f"line {line} {reason}" if line else reason)
