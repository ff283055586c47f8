"""Which raw files the sealed days were made from, so that a file is read again only when it has grown since.

`history/sources.jsonl` has a line for each day that raw files are named after:
{"d":"2026-11-20","at":1795226760000,"files":{"eu-fra-1120.jsonl":{"bytes":53412,"last":1795219200000}}}, where `at` is
the instant up to which the job knew history. A file's object also says what a page would tell of it: `offline` and
`damage` ([line, reason] each), and `days` if it has rows of other days than its own. A later line for a day replaces
the earlier one. A file that has another size is read, whatever this says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from statusledger.clock import DAY_MS
from statusledger.frames import RawFile, UnreadFile
from statusledger.history import Damage, raw_location
from statusledger.rollup.days import parsed, spelled

_DAY = re.compile(r"(\d\d)(\d\d)\.jsonl$")


@dataclass(frozen=True, slots=True)
class Source:
    """What a raw file was when the days in it were sealed; `days` are those of its rows beside its own."""

    size: int
    last_tick: int
    offline: bool = False
    damage: tuple[tuple[int, str], ...] = ()
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DaySources:
    """The files that are named after a day, by file name, as they were known at an instant."""

    day: int
    at: int
    files: Mapping[str, Source]


def file_day(path: Path) -> int:
    """The beginning of the day that a raw file is named after."""
    month, day = _DAY.findall(path.name)[0]
    return parsed(f"{path.parent.name}-{month}-{day}")


def source(file: RawFile) -> Source | None:
    """What to keep of a file; None for one that has rows after the instant it was read at."""
    if file.dropped_future or file.size < 0:
        return None
    own = file_day(file.path)
    return Source(
        file.size,
        file.last_tick,
        file.offline,
        tuple((one.line, one.reason) for one in file.damage),
        tuple(day for day in row_days(file) if day != own),
    )


def row_days(file: RawFile) -> list[int]:
    """The days that the file's rows lie on, oldest first."""
    days: list[int] = np.unique(file.ticks // DAY_MS * DAY_MS).tolist()
    return days


def unread(path: Path, known: Source, name: str) -> UnreadFile:
    """The file as a ledger takes it without reading it; `name` is how messages call it."""
    damage = tuple(Damage(name, line, reason) for line, reason in known.damage)
    return UnreadFile(raw_location(path) or path.name, known.last_tick, known.offline, damage)


def plain(day: DaySources) -> dict[str, Any]:
    """The line's object."""
    return {
        "d": spelled(day.day),
        "at": day.at,
        "files": {name: _plain(one) for name, one in sorted(day.files.items())},
    }


def _plain(one: Source) -> dict[str, Any]:
    line: dict[str, Any] = {"bytes": one.size, "last": one.last_tick}
    if one.offline:
        line["offline"] = True
    if one.damage:
        line["damage"] = [list(fault) for fault in one.damage]
    if one.days:
        line["days"] = [spelled(day) for day in one.days]
    return line


def read(line: Mapping[str, Any]) -> DaySources:
    """The record of a line's object; KeyError, TypeError or ValueError when it is not as it should be."""
    return DaySources(parsed(line["d"]), int(line["at"]), {name: _read(one) for name, one in line["files"].items()})


def _read(one: Mapping[str, Any]) -> Source:
    return Source(
        int(one["bytes"]),
        int(one["last"]),
        bool(one.get("offline", False)),
        tuple((int(line), str(reason)) for line, reason in one.get("damage", ())),
        tuple(parsed(day) for day in one.get("days", ())),
    )


def known_sources(days: Iterable[DaySources]) -> dict[int, Mapping[str, Source]]:
    """Day -> file name -> source, of the newest line of each day."""
    return {one.day: one.files for one in days}


def by_day(paths: Sequence[Path]) -> dict[int, list[Path]]:
    """The raw files by the day that they are named after."""
    found: dict[int, list[Path]] = {}
    for path in paths:
        found.setdefault(file_day(path), []).append(path)
    return found
