"""The raw files of a history folder: which days they hold, which have grown since they were summed up, and their rows.

Files are read a day at a time and once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from statusledger.frames import Ledger, RawFile, UnreadFile, file_size, ledger, read_raw
from statusledger.history import raw_files, raw_location
from statusledger.rollup.sources import Source, by_day, row_days, unread
from statusledger.sealed import OpenLine


class Shelf:
    """The raw files under the history folder `root`, of which those that `sources` knows are read only on demand."""

    def __init__(
        self, root: Path, sources: Mapping[int, Mapping[str, Source]], *, as_of: int, open_line: OpenLine | None = None
    ) -> None:
        self._root = root
        self._open_line = open_line
        self._as_of = as_of
        paths, self._damage = raw_files(root)
        self.named = by_day(paths)
        self.files: dict[Path, RawFile] = {}
        self.loaded: set[int] = set()
        self._known = {
            path: source
            for day, named in self.named.items()
            for path in named
            if (source := sources.get(day, {}).get(path.name)) is not None and source.size == file_size(path)
        }
        self._holding: dict[int, list[Path]] = {}
        for path, source in self._known.items():
            for day in source.days:
                self._holding.setdefault(day, []).append(path)
        self.grown: frozenset[int] = frozenset()
        self._read_grown()

    def _read_grown(self) -> None:
        """Reads every file that is not known; the days of their rows are `grown`."""
        days = {day for day, named in self.named.items() if any(path not in self._known for path in named)}
        self.load(days)
        for path in [path for path in self.files if path not in self._known]:
            rows = row_days(self.files[path])
            days.update(rows)
            for day in rows:
                self._holding.setdefault(day, []).append(path)
        self.load(days)
        self.grown = frozenset(days)

    @property
    def days(self) -> set[int]:
        """The days of which there may be rows."""
        return {*self.named, *self._holding}

    @cached_property
    def locations(self) -> dict[int, set[str]]:
        """Day -> the locations that may have rows of it."""
        found: dict[int, set[str]] = {}
        for held in (self.named, self._holding):
            for day, paths in held.items():
                found.setdefault(day, set()).update(name for path in paths if (name := raw_location(path)) is not None)
        return found

    def paths(self, days: Iterable[int]) -> set[Path]:
        """The files that have rows of these days."""
        return {path for day in days for path in (*self.named.get(day, ()), *self._holding.get(day, ()))}

    def load(self, days: Iterable[int]) -> bool:
        """Reads the files that have rows of these days; False when all of them had been read."""
        wanted = set(days) - self.loaded
        new = sorted(self.paths(wanted) - self.files.keys())
        self.files |= {file.path: file for file in self.read(new)}
        self.loaded |= wanted
        return bool(new)

    def read(self, paths: Iterable[Path]) -> list[RawFile]:
        """These files as they are now."""
        return list(read_raw(paths, self._root, as_of=self._as_of, open_line=self._open_line))

    def ledger(self, aliases: Mapping[str, str]) -> Ledger:
        """The rows that were read, and what is known of the other files."""
        read = [self.files[path] for path in sorted(self.files)]
        return ledger(read, unread=self._unread(), damage=self._damage, aliases=aliases)

    def _unread(self) -> list[UnreadFile]:
        folder = self._root.parent
        return [
            unread(path, source, path.relative_to(folder).as_posix())
            for path, source in self._known.items()
            if path not in self.files
        ]
