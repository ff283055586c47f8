"""Raw files -> the ledger: what they say together, as one table for whoever wants to look at it with pandas."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from statusledger.frames.blocks import NO_CODE, Block, Integers, Names, RawFile, read_file
from statusledger.frames.plain import PlainReader
from statusledger.history import Captured, Damage, raw_files, together
from statusledger.sealed import OpenLine

if TYPE_CHECKING:
    import pandas as pd

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
NO_ALIASES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The raw history up to an instant: what its files say, and what is known of others.

    `aliases` (old id -> id) are to be applied to the checks of `files`. `dropped_future` counts the results after the
    instant, `last_ticks` has the newest tick of each location, `offline` the locations that had no network of their own
    in it; `captured` the newest numbers by check and name.
    """

    files: tuple[RawFile, ...]
    damage: tuple[Damage, ...]
    dropped_future: int
    last_ticks: Mapping[str, int]
    offline: frozenset[str]
    captured: Mapping[tuple[str, str], Captured] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def samples(self) -> pd.DataFrame:
        """All results with SAMPLE_COLUMNS, a row each, in no promised order; made anew. Duplicates are still in it."""
        return _table(self.files, self.aliases)


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
    files = list(read_raw(paths, root, as_of=as_of, open_line=open_line))
    return ledger(files, damage=damage, aliases=aliases)


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
        files=tuple(files),
        damage=tuple(sorted([*damage, *told])),
        dropped_future=sum(file.dropped_future for file in files),
        last_ticks={location: last for location, last in last_ticks.items() if last >= 0},
        offline=frozenset(f.location for f in everything if f.offline and f.last_tick == last_ticks[f.location]),
        captured=together(
            (file.location, {(aliases.get(check, check), name): one for (check, name), one in file.captured.items()})
            for file in files
        ),
        aliases=aliases,
    )


def read_raw(paths: Iterable[Path], root: Path, *, as_of: int, open_line: OpenLine | None = None) -> Iterator[RawFile]:
    """Each file by itself, up to `as_of`, one after the other; `root` is the history folder.

    Sealed lines are read with `open_line` only.
    """
    reader = PlainReader()
    with collector_off():
        for path in paths:
            yield read_file(path, root, reader, as_of=as_of, open_line=open_line)


@contextlib.contextmanager
def collector_off() -> Iterator[None]:
    """Millions of small objects without a cycle among them: looking for cycles would take longer than reading.

    What is there after the first time is never looked at again: most commands read once, and need it to their end. In a
    process that reads more often what is let go later still goes, unless it was in a cycle by then.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
        if was_on:
            gc.enable()


def _table(files: Iterable[RawFile], aliases: Mapping[str, str]) -> pd.DataFrame:
    """The columns of all blocks one below the other, each name once."""
    import pandas as pd  # noqa: PLC0415 - a quarter of a second that a build, which reads the blocks, need not spend

    names = {"check": Names(), "location": Names(), "code": Names({NO_CODE: 0})}
    parts: dict[str, list[Integers]] = {column: [] for column in SAMPLE_COLUMNS}
    for file in files:
        codes = names["code"].many(file.codes)
        place = names["location"].code(file.location)
        for block in file.blocks:
            checks = names["check"].many(aliases.get(check, check) for check in block.checks)
            for column, values in _columns(block, checks, place, codes).items():
                parts[column].append(values)
    columns: dict[str, object] = {}
    for column, dtype in SAMPLE_COLUMNS.items():
        empty = np.array([], dtype="int32" if dtype == "category" else dtype)
        values = np.concatenate([empty, *parts[column]])
        columns[column] = (
            pd.Categorical.from_codes(values, categories=pd.Index(list(names[column].codes), dtype="str"))
            if dtype == "category"
            else values
        )
    return pd.DataFrame(columns, copy=False)


def _columns(block: Block, checks: Integers, place: int, codes: Integers) -> dict[str, Integers]:
    """The results of a block in columns, tick by tick."""
    status = np.zeros(block.ms.shape, dtype=np.int8)
    code = np.zeros(block.ms.shape, dtype=np.int32)
    status[block.odd.row, block.odd.column] = block.odd.status
    code[block.odd.row, block.odd.column] = codes[block.odd.code]
    return {
        "check": np.tile(checks, len(block.ts)),
        "location": np.full(block.ms.size, place, dtype=np.int32),
        "ts": np.repeat(block.ts, len(block.checks)),
        "status": status.ravel(),
        "ms": block.ms.ravel().astype(np.int32),
        "code": code.ravel(),
    }
