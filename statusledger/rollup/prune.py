"""Which raw files may go: old enough, all rows in sealed lines that say so, and needed for nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from statusledger.clock import DAY_MS
from statusledger.frames import ledger as joined
from statusledger.rollup.days import spelled
from statusledger.rollup.line import SealedDay
from statusledger.rollup.reading import Reader
from statusledger.rollup.sealing import sources
from statusledger.rollup.sources import file_day, row_days
from statusledger.timeline import SeriesByLocation, measured

Samples = Mapping[str, SeriesByLocation]


@dataclass(frozen=True, slots=True)
class OldFile:
    """A raw file that is old enough to go, as it was read; it stays for a `reason`."""

    path: Path
    size: int
    days: frozenset[int]
    reason: str | None


def old_files(reader: Reader, *, before: int) -> list[OldFile]:
    """What becomes of each raw file that is named for a day before `before`, oldest first.

    `reader` has read what figures take from raw rows, and nothing more. The files that hold rows of one day go
    together or not at all.
    """
    found = {
        file.path: file
        for day, paths in sorted(reader.shelf.named.items())
        if day + DAY_MS <= before
        for file in _judged(reader, paths)
    }
    while True:
        going = {path for path, file in found.items() if file.reason is None}
        tied = {path for path in going if not reader.shelf.paths(found[path].days) <= going}
        if not tied:
            return list(found.values())
        found |= {path: replace(found[path], reason="another file has rows of the same day and stays") for path in tied}


def _judged(reader: Reader, paths: list[Path]) -> Iterator[OldFile]:
    """The files of one day, each for itself."""
    files = reader.shelf.read(paths)
    days = {file_day(paths[0]), *(one for file in files for one in row_days(file))}
    reason = None
    if days & reader.shelf.loaded:
        reason = "it is not sealed, or its rows still count for what is not"
    elif any(file.dropped_future or file.size < 0 for file in files):
        reason = "a row lies after now, or a file cannot be read"
    else:
        others = reader.shelf.read(sorted(reader.shelf.paths(days) - set(paths)))
        reason = _unsealed(reader, measured(joined([*files, *others], aliases=reader.aliases)), days)
    return (OldFile(file.path, file.size, frozenset(days), reason) for file in files)


def _unsealed(reader: Reader, samples: Samples, days: Iterable[int]) -> str | None:
    """Why the rows of the days may not go; None when sealed lines hold all of them, and what they hold is there."""
    for day in sorted(days):
        lines = [sealed[day] for sealed in reader.sealed.values() if day in sealed]
        for line in lines:
            if line.sources != _sources(line, samples, reader.aliases):
                return f"the sealed line of {line.component} for {spelled(day)} was made from other rows"
        loose = _measured(samples, day) - {pair for line in lines for pair in _held(line, reader.aliases)}
        if loose:
            check, location = min(loose)
            return f"{check} as measured by {location} on {spelled(day)} is in no sealed line"
    return None


def _sources(line: SealedDay, samples: Samples, aliases: Mapping[str, str]) -> dict[str, str]:
    return sources({name: samples.get(aliases.get(name, name), {}) for name in line.checks}, line.day)


def _measured(samples: Samples, day: int) -> set[tuple[str, str]]:
    """The checks and locations that have samples of the day."""
    return {
        (check, location)
        for check, places in samples.items()
        for location, rows in places.items()
        if np.searchsorted(rows.ts, day + DAY_MS) > np.searchsorted(rows.ts, day)
    }


def _held(line: SealedDay, aliases: Mapping[str, str]) -> set[tuple[str, str]]:
    return {(aliases.get(name, name), location) for name in line.checks for location in line.sources}
