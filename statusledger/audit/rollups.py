"""Sealed days say what the raw rows say, wherever these still exist, and no sealed day is of rows that never were.

Rows may arrive after a day was sealed, until the publish job seals it anew. So the rows are counted again as they were
in the commit that wrote the newest rollup line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusledger.audit.checkout import checkout
from statusledger.audit.differences import first_difference
from statusledger.audit.entries import breach, entries
from statusledger.audit.findings import Breach
from statusledger.audit.lines import Line, added, opened
from statusledger.audit.past import Commit, Past, Version
from statusledger.audit.ticks import RAW, instants
from statusledger.clock import DAY_MS, to_datetime
from statusledger.history import raw_location
from statusledger.sealed import OpenLine
from statusledger.written.wording import plural

PUBLIC, PRIVATE = "history/", "history/sealed/"
ROLLUP = f"{PUBLIC}rollup/"

Key = tuple[str, str]  # component, day
SealedDays = Mapping[Key, Mapping[str, Any]]
Recount = Callable[[Path, int], SealedDays]
"""(a commit's folder, its instant) -> what its sealed days should say, as far as their raw rows are there."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The newest line of a component and day, and the commit that brought it."""

    version: Version
    line: Line
    said: Mapping[str, Any]


class Rollups:
    """The newest line of each sealed day, against its rows."""

    promise = "the same when counted again"

    def __init__(self, past: Past, folder: str = PUBLIC, open_line: OpenLine | None = None) -> None:
        self.name = "rollups" if folder == PUBLIC else "private rollups"
        self._past = past
        self._raw, self._rollup = f"{folder}raw/", f"{folder}rollup/"
        self._open_line = open_line
        self._sealed: dict[Key, _Sealed] = {}
        self._measured: set[tuple[str, str]] = set()
        self._newest: Commit | None = None
        self._recounted = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """Nothing yet: only the newest line of a day counts, so they are judged when all are known."""
        if version.path.startswith(self._raw) and (location := raw_location(Path(version.path))):
            texts = (opened(line.text, self._open_line) for line in added(version))
            days = {t // DAY_MS for text in texts for t in instants(text)}
            self._measured.update((location, _spelled(day)) for day in days)
        for line, said in entries(version, self._rollup, self._open_line):
            self._sealed[str(said.get("c")), str(said.get("d"))] = _Sealed(version, line, said)
            self._newest = version.commit
        yield from ()

    def judge(self, recount: Recount) -> Iterator[Breach]:
        """Sealed days that say something else than their rows, or are of rows that nobody ever committed."""
        if self._newest is None:
            return
        with checkout(self._past, self._past.configured_by(self._newest), self._newest.id) as tree:
            counted = recount(tree, self._newest.time_ms)
        self._recounted = len(self._sealed.keys() & counted.keys())
        for key, sealed in self._sealed.items():
            reason = self._fault(sealed, counted.get(key))
            if reason and self._raw == RAW:
                yield breach(sealed.version, sealed.line, f"sealed day {key[1]} of {key[0]}: {reason}")
            elif reason:
                yield breach(sealed.version, sealed.line, "a sealed day of a private component: not what its rows say")

    @property
    def has_looked(self) -> bool:
        """Whether there was any sealed day that could be read."""
        return bool(self._sealed)

    def looked_at(self) -> str:
        """Sealed days."""
        return f"{plural(len(self._sealed), 'sealed day')}, {self._recounted:,} of them with raw rows"

    def _fault(self, sealed: _Sealed, counted: Mapping[str, Any] | None) -> str | None:
        unmeasured = self._unmeasured(sealed.said)
        if unmeasured:
            return f"it counts rows of {unmeasured}, but no commit ever brought one of that day"
        if counted is None:
            return None
        # how often a day was sealed anew does not follow from its rows
        said = {name: value for name, value in sealed.said.items() if name != "revision"}
        return first_difference(said, {name: value for name, value in counted.items() if name != "revision"})

    def _unmeasured(self, said: Mapping[str, Any]) -> str | None:
        """A location that the day names although it has no row of it; an audit that goes on does not know them all."""
        if self._past.since or not isinstance(said.get("src"), dict):
            return None
        return next((location for location in said["src"] if (location, str(said["d"])) not in self._measured), None)


def _spelled(day: int) -> str:
    return f"{to_datetime(day * DAY_MS):%Y-%m-%d}"
