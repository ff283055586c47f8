"""Raw history -> one table of samples in columns, with a report of everything that could not be read.

Each file is read by itself into columns (`RawFile`), and columns of files are joined, so files may be read in any
order and by any number of processes. What is plainly up in lines with the same checks becomes one matrix.
"""

from __future__ import annotations

import contextlib
import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from statusledger.history import Captured, Damage, Row, captured, raw_files, raw_location, read_lines, together
from statusledger.model import Status
from statusledger.sealed import OpenLine

SAMPLE_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "check": "category",
        "location": "category",
        "ts": "int64",  # epoch milliseconds
        "status": "int8",  # STATUS_CODES
        "ms": "int32",  # whole milliseconds, NO_MS where there was no answer to time
        "code": "category",  # NO_CODE where all is well
    }
)
STATUS_CODES = {status.value: code for code, status in enumerate(Status)}
NO_MS = -1
NO_CODE = ""
NO_ALIASES: Mapping[str, str] = MappingProxyType({})
OFFLINE = "probe_offline"

_Integers = npt.NDArray[np.integer]
_PlainRow = tuple[int, Mapping[str, int]]
_Other = tuple[int, str, Sequence[Any]]  # t, check, [status, ms, code]


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The raw history up to an instant: `samples` has SAMPLE_COLUMNS, a row a result, in no promised order.

    Duplicates are still in it. `dropped_future` counts the samples after the instant, `last_ticks` has the newest tick
    of each location, `offline` the locations that had no network of their own in it; `captured` the newest numbers by
    check and name.
    """

    samples: pd.DataFrame
    damage: tuple[Damage, ...]
    dropped_future: int
    last_ticks: Mapping[str, int]
    offline: frozenset[str]
    captured: Mapping[tuple[str, str], Captured] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A raw file that need not be read again, because this is known of it; -1: no tick in it."""

    location: str
    last_tick: int
    offline: bool
    damage: tuple[Damage, ...]


def load(
    root: Path, *, as_of: int, aliases: Mapping[str, str] = NO_ALIASES, open_line: OpenLine | None = None
) -> Ledger:
    """Everything measured up to and including `as_of`; `root` is the history folder, which need not exist yet.

    `aliases` (old id -> id) says under which id the rows of a renamed check are read. Nothing that lies in history is
    fatal: what cannot be read is in `damage`.
    """
    paths, damage = raw_files(root)
    return ledger(read_raw(paths, root, as_of=as_of, open_line=open_line), damage=damage, aliases=aliases)


def ledger(
    files: Sequence[RawFile],
    *,
    unread: Sequence[UnreadFile] = (),
    damage: Sequence[Damage] = (),
    aliases: Mapping[str, str] = NO_ALIASES,
) -> Ledger:
    """The ledger of files that were read, and of others as far as they are known; `damage` is what is no raw file."""
    last_ticks: dict[str, int] = {}
    everything: list[RawFile | UnreadFile] = [*files, *unread]
    for one in everything:
        last_ticks[one.location] = max(last_ticks.get(one.location, -1), one.last_tick)
    told = [fault for one in everything for fault in one.damage]
    return Ledger(
        samples=_joined(files, aliases),
        damage=tuple(sorted([*damage, *told])),
        dropped_future=sum(file.dropped_future for file in files),
        last_ticks={location: last for location, last in last_ticks.items() if last >= 0},
        offline=frozenset(f.location for f in everything if f.offline and f.last_tick == last_ticks[f.location]),
        captured=together(
            (file.location, {(aliases.get(check, check), name): one for (check, name), one in file.captured.items()})
            for file in files
        ),
    )


def read_raw(paths: Iterable[Path], root: Path, *, as_of: int, open_line: OpenLine | None = None) -> list[RawFile]:
    """Each file by itself, up to `as_of`; `root` is the history folder. Sealed lines are read with `open_line` only."""
    with collector_off():
        return [_columns(path, root, as_of, open_line) for path in paths]


@contextlib.contextmanager
def collector_off() -> Iterator[None]:
    """Millions of small objects without a cycle among them: looking for cycles would take longer than reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(slots=True)
class _Names:
    """Names and the numbers that stand for them in a column."""

    codes: dict[str, int] = field(default_factory=dict)

    def code(self, name: str) -> int:
        return self.codes.setdefault(name, len(self.codes))

    def many(self, names: Iterable[str]) -> _Integers:
        return np.array([self.code(name) for name in names], dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class RawFile:
    """One file: equally long columns, `check` and `code` as numbers of `checks` and `codes`; -1: no tick yet.

    `size` is in bytes, as far as it was read at least.
    """

    path: Path
    size: int
    location: str
    columns: Mapping[str, _Integers]
    checks: Sequence[str]
    codes: Sequence[str]
    damage: tuple[Damage, ...]
    dropped_future: int
    last_tick: int
    offline: bool
    captured: Mapping[tuple[str, str], Captured]


def _columns(path: Path, root: Path, as_of: int, open_line: OpenLine | None) -> RawFile:
    size = file_size(path)  # before it is read: a line that comes in between makes the file look grown later
    rows, damage = read_lines(path, root=root, open_line=open_line)
    past = [row for row in rows if row["t"] <= as_of]
    checks, codes = _Names(), _Names({NO_CODE: 0})
    plain, other = _parted(past)
    blocks = [*_matrices(plain, checks), _listed(other, checks, codes)]
    last_tick = max((row["t"] for row in past), default=-1)
    return RawFile(
        path=path,
        size=size,
        location=raw_location(path) or path.name,
        columns={name: np.concatenate([block[name] for block in blocks]) for name in blocks[-1]},
        checks=list(checks.codes),
        codes=list(codes.codes),
        damage=tuple(damage),
        dropped_future=sum(len(row["r"]) for row in rows) - sum(len(row["r"]) for row in past),
        last_tick=last_tick,
        offline=any(t == last_tick and _is_offline(result) for t, _, result in other),
        captured=captured(row for row in past if "x" in row),
    )


def file_size(path: Path) -> int:
    """Its size in bytes, -1 where that cannot be told."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _parted(rows: Iterable[Row]) -> tuple[list[_PlainRow], list[_Other]]:
    """Bare response times, still row by row, and everything else, result by result."""
    plain: list[_PlainRow] = []
    other: list[_Other] = []
    for row in rows:
        t, results = row["t"], row["r"]
        if list(map(type, results.values())).count(int) < len(results):
            other += [(t, check, value) for check, value in results.items() if type(value) is list]
            results = {check: value for check, value in results.items() if type(value) is int}
        plain.append((t, results))
    return plain, other


def _matrices(rows: Iterable[_PlainRow], checks: _Names) -> Iterator[Mapping[str, _Integers]]:
    """A block for each set of checks that was measured together: all columns of its rows at once."""
    groups: dict[tuple[str, ...], list[_PlainRow]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[1])].append(row)
    for names, group in groups.items():
        count = len(group) * len(names)
        values = chain.from_iterable(results.values() for _, results in group)
        yield {
            "check": np.tile(checks.many(names), len(group)),
            "ts": np.repeat(np.array([t for t, _ in group], dtype=np.int64), len(names)),
            "status": np.zeros(count, dtype=np.int8),
            "ms": np.fromiter(values, dtype=np.int32, count=count),
            "code": np.zeros(count, dtype=np.int32),
        }


def _listed(results: Sequence[_Other], checks: _Names, codes: _Names) -> Mapping[str, _Integers]:
    """The columns of results that are written out as [status, ms, code]."""
    return {
        "check": checks.many(check for _, check, _ in results),
        "ts": np.array([t for t, _, _ in results], dtype=np.int64),
        "status": np.array([STATUS_CODES[result[0]] for _, _, result in results], dtype=np.int8),
        "ms": np.array([NO_MS if result[1] is None else result[1] for _, _, result in results], dtype=np.int32),
        "code": codes.many(result[2] or NO_CODE for _, _, result in results),
    }


def _is_offline(result: Sequence[Any]) -> bool:
    """Whether the probe found itself without network, so that the failure is excused as unknown."""
    return result[0] == Status.UNKNOWN and (result[2] or NO_CODE).startswith(OFFLINE)


def _joined(files: Sequence[RawFile], aliases: Mapping[str, str]) -> pd.DataFrame:
    """The columns of all files one below the other, each name once."""
    checks, locations, codes = _Names(), _Names(), _Names({NO_CODE: 0})
    blocks = [
        {
            "check": checks.many(aliases.get(check, check) for check in file.checks)[file.columns["check"]],
            "location": np.full(len(file.columns["ts"]), locations.code(file.location), dtype=np.int32),
            "ts": file.columns["ts"],
            "status": file.columns["status"],
            "ms": file.columns["ms"],
            "code": codes.many(file.codes)[file.columns["code"]],
        }
        for file in files
    ]
    names = {"check": checks, "location": locations, "code": codes}
    columns: dict[str, object] = {}
    for column, dtype in SAMPLE_COLUMNS.items():
        parts = [block[column] for block in blocks]
        values = np.concatenate(parts) if parts else np.array([], dtype="int32" if dtype == "category" else dtype)
        columns[column] = (
            pd.Categorical.from_codes(values, categories=pd.Index(list(names[column].codes), dtype="str"))
            if dtype == "category"
            else values
        )
    return pd.DataFrame(columns, copy=False)
