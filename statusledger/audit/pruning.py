"""A raw file that a commit removes -> the first of its rows that the rollups of that commit do not keep.

Every check of a component is covered by the component's sealed day, also one that is informational and counts in none.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from statusledger.audit.lines import entry, numbered
from statusledger.audit.past import Commit, Past
from statusledger.clock import DAY_MS, format_duration, to_datetime
from statusledger.config.blocks import RetentionBlock
from statusledger.history import raw_location, read_lines
from statusledger.rollup.sources import file_day
from statusledger.sealed import OpenLine, is_sealed
from statusledger.written import source

CONFIGURATION = ("checks.yml", "checks")

SealedDay = Mapping[str, Any]  # a rollup line's object
Names = Mapping[str, "Watched"]  # id of a check, also an earlier one -> what the configuration says of it


@dataclass(frozen=True, slots=True)
class Watched:
    """A check as far as pruning goes: all ids that it and its component had."""

    checks: frozenset[str]
    components: frozenset[str] = field(default_factory=frozenset)
    informational: bool = False

    def is_in(self, line: SealedDay, location: str) -> bool:
        """Whether a sealed day of a component keeps what the check measured at the location."""
        if self.informational:
            return line["c"] in self.components
        return location in line["src"] and not self.checks.isdisjoint(line["checks"])


class Pruning:
    """What may be pruned below the history folder, commit by commit."""

    folder = "history"

    def __init__(self, past: Past, open_line: OpenLine | None = None) -> None:
        self._past = past
        self._open_line = open_line
        self._commit = ""
        self._configured_by = ""
        self._sealed: dict[str, list[SealedDay]] = {}
        self._watched: Names | None = None

    def unsealed(self, commit: Commit, path: str, content: bytes) -> str | None:
        """What of the file's content is not sealed in the commit's tree, in words; None when all of it is."""
        location = raw_location(Path(path))
        if location is None:
            return "it is not a ledger file by its name, so nothing seals it"
        if commit.id != self._commit:
            self._commit, self._sealed, self._watched = commit.id, {}, None
            self._configured_by = self._past.configured_by(commit)
        for day, check in _measured(path, content, self._open_line):
            if not self._is_sealed(day, check, location):
                return self._told(day, check, location)
        return None

    def _told(self, day: str, check: str, location: str) -> str:
        return f"{check} as measured by {location} on {day} is not sealed in {self._rollup(day)}"

    def _rollup(self, day: str) -> str:
        return f"{self.folder}/rollup/{day[:7]}.jsonl"

    def _is_sealed(self, day: str, check: str, location: str) -> bool:
        lines = self._sealed_days(day)
        if any(Watched(frozenset({check})).is_in(line, location) for line in lines):
            return True
        if self._watched is None:  # asked for only where a check was renamed or is informational
            self._watched = dict(_watched(self._past, self._configured_by))
        return check in self._watched and any(self._watched[check].is_in(line, location) for line in lines)

    def _sealed_days(self, day: str) -> list[SealedDay]:
        """The newest line of each component for the day, where that one is sealed; a month is read at once."""
        if day not in self._sealed:
            content = self._past.content(self._commit, self._rollup(day)) or b""
            newest: dict[str, dict[str, SealedDay]] = defaultdict(dict)
            for line in filter(None, (entry(line, self._open_line) for line in numbered(content))):
                if isinstance(line.get("checks"), dict) and isinstance(line.get("src"), dict):
                    newest[str(line.get("d"))][str(line.get("c"))] = line
            for one, lines in newest.items():
                self._sealed[one] = [line for line in lines.values() if line.get("sealed") is True]
        return self._sealed.setdefault(day, [])


class SealedPruning(Pruning):
    """What may be pruned below history/sealed: a file older than rows and evidence are kept, as checks.yml says there.

    Rows that can be read are held against the sealed days that can be read; what is wrong is told without their names.
    """

    folder = "history/sealed"

    def unsealed(self, commit: Commit, path: str, content: bytes) -> str | None:
        """Why the file might not go yet, in words; None when nothing speaks against it."""
        if raw_location(Path(path)) is None:
            return "it is not a ledger file by its name, so nothing seals it"
        kept_ms = self._kept_ms(commit)
        if file_day(Path(path)) + DAY_MS + kept_ms > commit.time_ms:
            return f"private rows and evidence are kept for {format_duration(kept_ms)} (retention in checks.yml)"
        return super().unsealed(commit, path, content)

    def _told(self, day: str, check: str, location: str) -> str:
        return f"what {location} measured on {day} is not sealed in {self._rollup(day)}"

    def _is_sealed(self, day: str, check: str, location: str) -> bool:
        content = self._past.content(self._commit, self._rollup(day)) or b""
        closed = self._open_line is None and any(is_sealed(line.text) for line in numbered(content))
        return closed or super()._is_sealed(day, check, location)

    def _kept_ms(self, commit: Commit) -> int:
        """How long the commit's configuration has private raw files kept."""
        written_by = self._past.configured_by(commit)
        data = source.read(self._past.content(written_by, CONFIGURATION[0]) or b"", CONFIGURATION[0]).data
        written = data.get("retention") if isinstance(data, dict) else None
        try:
            keeping = RetentionBlock.model_validate(written or {})
        except ValidationError:
            keeping = RetentionBlock()
        return max(keeping.raw, keeping.evidence)


def _measured(path: str, content: bytes, open_line: OpenLine | None) -> list[tuple[str, str]]:
    """The UTC days and checks of all rows, as the ledger's own reader finds them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        rows, _ = read_lines(file, root=Path(folder) / "history", open_line=open_line)
    return sorted({(f"{to_datetime(row['t']):%Y-%m-%d}", check) for row in rows for check in row["r"]})


def _watched(past: Past, commit: str) -> Iterator[tuple[str, Watched]]:
    """Every check of the commit's configuration under each of its ids; a file that is no YAML has none."""
    for path, content in past.files(commit, *CONFIGURATION):
        data = source.read(content, path).data
        for group in _blocks(data, "groups"):
            for component in _blocks(group, "components"):
                # a component without a list of checks is its own check
                for check in _blocks(component, "checks") or [component]:
                    watched = Watched(_ids(check), _ids(component), check.get("informational") is True)
                    yield from ((identity, watched) for identity in watched.checks)


def _blocks(data: object, key: str) -> list[dict[str, Any]]:
    found = data.get(key) if isinstance(data, dict) else None
    return [block for block in found if isinstance(block, dict)] if isinstance(found, list) else []


def _ids(block: Mapping[str, Any]) -> frozenset[str]:
    was = block.get("was")
    return frozenset(map(str, [block.get("id"), *(was if isinstance(was, list) else [])]))
