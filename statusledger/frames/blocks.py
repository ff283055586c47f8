"""One raw file -> blocks of results in columns: a matrix for each set of checks that was measured together.

Lines on which all is up are read at once (`plain`), all others value by value (`history.read_numbered`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from statusledger.frames.levelled import Noted
from statusledger.frames.plain import PlainReader, Rows
from statusledger.history import (
    Captured,
    Damage,
    Row,
    captured,
    file_bytes,
    raw_location,
    read_numbered,
    relative_name,
    unsealed,
)
from statusledger.model import Status
from statusledger.sealed import OpenLine

STATUS_CODES = {status.value: code for code, status in enumerate(Status)}
NO_MS = -1
NO_CODE = ""
OFFLINE = "probe_offline"

Integers = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class Odd:
    """Results of a block that are not plainly up, by column: where each stands in its matrix, its status and code.

    `code` is an index into the codes of the file.
    """

    column: Integers
    row: Integers
    status: npt.NDArray[np.int8]
    code: Integers

    def of(self, column: int) -> slice:
        """Those of one column."""
        first, last = np.searchsorted(self.column, (column, column + 1)).tolist()
        return slice(first, last)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Ticks on which the same checks were measured, in rising time: `ms[i, j]` of `checks[j]` at `ts[i]`.

    `ts` in epoch milliseconds; `ms` in whole milliseconds, NO_MS where there was no answer to time.
    """

    checks: tuple[str, ...]
    ts: npt.NDArray[np.int64]
    ms: Integers
    odd: Odd


@dataclass(frozen=True, slots=True, eq=False)
class RawFile:
    """One file up to an instant. `size` is in bytes, as far as it was read at least; `last_tick` -1: no tick yet."""

    path: Path
    size: int
    location: str
    blocks: tuple[Block, ...]
    codes: Sequence[str]
    damage: tuple[Damage, ...]
    dropped_future: int
    last_tick: int
    offline: bool
    captured: Mapping[tuple[str, str], Captured]

    @property
    def ticks(self) -> npt.NDArray[np.int64]:
        """The instants of all ticks with a result, in no order."""
        return np.concatenate([np.array([], dtype=np.int64), *(block.ts for block in self.blocks if block.checks)])


_NONE = np.array([], dtype=np.int32)
_NONE_ODD = Odd(_NONE, _NONE, _NONE.astype(np.int8), _NONE)
Piece = tuple[RawFile, Block, int]
"""A column of a block of a file: some results of one check at one location."""


@dataclass(slots=True)
class Names:
    """Names and the numbers that stand for them in a column."""

    codes: dict[str, int] = field(default_factory=dict)

    def code(self, name: str) -> int:
        """The number of a name, a new one if need be."""
        return self.codes.setdefault(name, len(self.codes))

    def many(self, names: Iterable[str]) -> npt.NDArray[np.int32]:
        """The numbers of names."""
        return np.array([self.code(name) for name in names], dtype=np.int32)


def read_file(path: Path, root: Path, reader: PlainReader, *, as_of: int, open_line: OpenLine | None = None) -> RawFile:
    """The file up to and including `as_of`; `root` is the history folder. Sealed lines take `open_line`."""
    size = file_size(path)  # before it is read: a line that comes in between makes the file look grown later
    data, faults = file_bytes(path, root=root)
    plain, rest = reader.read(data)
    others, _, damage, _ = read_numbered(unsealed(rest, relative_name(path, root), open_line))
    everything = [*plain, *_grouped(others)]
    past = [rows for one in everything if len((rows := one.until(as_of)).ts)]
    codes = Names({NO_CODE: 0})
    blocks = tuple(_blocks(past, codes))
    last_tick = max((int(block.ts[-1]) for block in blocks), default=-1)
    return RawFile(
        path=path,
        size=size,
        location=raw_location(path) or path.name,
        blocks=blocks,
        codes=list(codes.codes),
        damage=(*faults, *damage),
        dropped_future=sum(rows.ms.size for rows in everything) - sum(rows.ms.size for rows in past),
        last_tick=last_tick,
        offline=any(rows.ts[place] == last_tick and _is_offline(one) for rows in past for place, one in rows.noted),
        captured=captured(row for row in others if "x" in row and row["t"] <= as_of),
    )


def file_size(path: Path) -> int:
    """Its size in bytes, -1 where that cannot be told."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _is_offline(result: Noted) -> bool:
    """Whether the probe found itself without network, so that the failure is excused as unknown."""
    return result.status == Status.UNKNOWN and (result.code or NO_CODE).startswith(OFFLINE)


def _grouped(rows: Iterable[Row]) -> Iterator[Rows]:
    """Rows that were read one by one, those of the same checks together."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row["r"]), []).append(row)
    for checks, group in groups.items():
        listed = [list(row["r"].values()) for row in group]
        noted = list(_taken_out(listed))
        ms = np.array(listed, dtype=np.int32).reshape(len(group), len(checks))
        yield Rows(checks, np.array([row["t"] for row in group], dtype=np.int64), ms, noted)


def _taken_out(listed: Sequence[list[Any]]) -> Iterator[tuple[int, Noted]]:
    """Each result that is written in a list, which leaves a 0 behind."""
    for place, values in enumerate(listed):
        for column in [column for column, value in enumerate(values) if type(value) is list]:
            yield place, Noted(column, *values[column][:3])
            values[column] = 0


def _blocks(parts: Iterable[Rows], codes: Names) -> Iterator[Block]:
    """A block for each set of checks that was measured together."""
    groups: dict[tuple[str, ...], list[Rows]] = {}
    for rows in parts:
        groups.setdefault(rows.checks, []).append(rows)
    return (_block(checks, group, codes) for checks, group in groups.items())


def _block(checks: tuple[str, ...], parts: Sequence[Rows], codes: Names) -> Block:
    ts, ms = np.concatenate([one.ts for one in parts]), np.concatenate([one.ms for one in parts])
    firsts = accumulate((len(one.ts) for one in parts), initial=0)
    noted = [
        (one.column, first + place, one)
        for first, rows in zip(firsts, parts, strict=False)
        for place, one in rows.noted
    ]
    odd = _NONE_ODD
    if noted:
        found = sorted(
            (
                column,
                row,
                STATUS_CODES[one.status],
                codes.code(one.code or NO_CODE),
                NO_MS if one.ms is None else one.ms,
            )
            for column, row, one in noted
        )
        columns = np.array(found, dtype=np.int32).T.copy()
        odd = Odd(columns[0], columns[1], columns[2].astype(np.int8), columns[3])
        ms[odd.row, odd.column] = columns[4]
    short: Integers = ms.astype(np.int16 if ms.size and ms.max() <= np.iinfo(np.int16).max else np.int32)
    if (ts[1:] >= ts[:-1]).all():
        return Block(checks, ts, short, odd)
    order = np.argsort(ts, kind="stable")
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order))
    return Block(checks, ts[order], short[order], replace(odd, row=places[odd.row]))


def pieces(files: Iterable[RawFile], aliases: Mapping[str, str]) -> dict[str, dict[str, list[Piece]]]:
    """Check -> location -> where its results stand, in the order of the files."""
    found: dict[str, dict[str, list[Piece]]] = {}
    for file in files:
        for block in file.blocks:
            for column, check in enumerate(block.checks):
                places = found.setdefault(aliases.get(check, check), {})
                places.setdefault(file.location, []).append((file, block, column))
    return found
