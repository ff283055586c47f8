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

from statusledger.audit.lines import entry, numbered
from statusledger.audit.past import Past
from statusledger.clock import to_datetime
from statusledger.history import raw_location, read_lines
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
    """What may be pruned, commit by commit."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._commit = ""
        self._sealed: dict[str, list[SealedDay]] = {}
        self._watched: Names | None = None

    def unsealed(self, commit: str, path: str, content: bytes) -> str | None:
        """What of the file's content is not sealed in the commit's tree, in words; None when all of it is."""
        location = raw_location(Path(path))
        if location is None:
            return "it is not a ledger file by its name, so nothing seals it"
        if commit != self._commit:
            self._commit, self._sealed, self._watched = commit, {}, None
        for day, check in _measured(path, content):
            if not self._is_sealed(day, check, location):
                return f"{check} as measured by {location} on {day} is not sealed in history/rollup/{day[:7]}.jsonl"
        return None

    def _is_sealed(self, day: str, check: str, location: str) -> bool:
        lines = self._sealed_days(day)
        if any(Watched(frozenset({check})).is_in(line, location) for line in lines):
            return True
        if self._watched is None:  # asked for only where a check was renamed or is informational
            self._watched = dict(_watched(self._past, self._commit))
        return check in self._watched and any(self._watched[check].is_in(line, location) for line in lines)

    def _sealed_days(self, day: str) -> list[SealedDay]:
        """The newest line of each component for the day, where that one is sealed; a month is read at once."""
        if day not in self._sealed:
            content = self._past.content(self._commit, f"history/rollup/{day[:7]}.jsonl") or b""
            newest: dict[str, dict[str, SealedDay]] = defaultdict(dict)
            for line in filter(None, map(entry, numbered(content))):
                if isinstance(line.get("checks"), dict) and isinstance(line.get("src"), dict):
                    newest[str(line.get("d"))][str(line.get("c"))] = line
            for one, lines in newest.items():
                self._sealed[one] = [line for line in lines.values() if line.get("sealed") is True]
        return self._sealed.setdefault(day, [])


def _measured(path: str, content: bytes) -> list[tuple[str, str]]:
    """The UTC days and checks of all rows, as the ledger's own reader finds them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        rows, _ = read_lines(file, root=Path(folder) / "history")
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
