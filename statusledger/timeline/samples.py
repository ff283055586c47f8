"""D1: the rows of the ledger -> one series of samples per check and location, duplicates collapsed.

Of several rows at one instant the worst known status counts (down > degraded > up > unknown), whatever order they
were read in: never in the provider's favour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from statusledger.frames import NO_CODE, Block, Ledger, Names, Piece, RawFile, pieces
from statusledger.timeline.steps import UNKNOWN, Codes, Instants

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Series:
    """What one location measured for one check, in rising time, one sample an instant.

    `status` as in `Status`; `ms` is -1 where there was no answer to time; `code` is an index into `codes`.
    """

    ts: Instants
    status: Codes
    ms: npt.NDArray[np.int32]
    code: npt.NDArray[np.integer]
    codes: tuple[str, ...]

    @cached_property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which samples say something about the target, rather than about the probe."""
        return np.not_equal(self.status, UNKNOWN)

    def within(self, start: int, end: int) -> Series:
        """Those in [start, end)."""
        first, last = np.searchsorted(self.ts, (start, end)).tolist()
        part = slice(first, last)
        return Series(self.ts[part], self.status[part], self.ms[part], self.code[part], self.codes)


SeriesByLocation = Mapping[str, Series]


def measured(ledger: Ledger) -> dict[str, dict[str, Series]]:
    """Check id -> location in alphabetical order -> its samples, duplicates collapsed to the worst known status."""
    codes = Names({NO_CODE: 0})
    numbers = {file: codes.many(file.codes) for file in ledger.files}
    joining = _Joining(tuple(codes.codes), numbers)
    found = pieces(ledger.files, ledger.aliases)
    return {
        check: {location: joining.joined(places[location]) for location in sorted(places)}
        for check, places in found.items()
    }


@dataclass
class _Joining:
    """Joins pieces of one check and location; the instants of checks that were always measured together are one array.

    `numbers` are the indices into `codes` by file and the file's own number.
    """

    codes: tuple[str, ...]
    numbers: Mapping[RawFile, npt.NDArray[np.int32]]
    instants: dict[tuple[int, ...], Instants] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ranks = _ranks(self.codes)
        self.code_type = next(t for t in (np.int8, np.int16, np.int32) if len(self.codes) <= np.iinfo(t).max)

    def joined(self, pieces: Sequence[Piece]) -> Series:
        """The series of the pieces."""
        ts = self._instants([block for _, block, _ in pieces])
        ms = np.concatenate([block.ms[:, column] for _, block, column in pieces], dtype=np.int32, casting="same_kind")
        status = np.zeros(len(ts), dtype=np.int8)
        code: npt.NDArray[np.integer] = np.zeros(len(ts), dtype=self.code_type)
        start = 0
        for file, block, column in pieces:
            own = block.odd.of(column)
            rows = block.odd.row[own] + start
            status[rows] = block.odd.status[own]
            code[rows] = self.numbers[file][block.odd.code[own]]
            start += len(block.ts)
        return Series(*_collapse(ts, status, ms, code, ranks=self.ranks), self.codes)

    def _instants(self, blocks: Sequence[Block]) -> Instants:
        key = tuple(map(id, blocks))
        if key not in self.instants:
            self.instants[key] = np.concatenate([block.ts for block in blocks])
        return self.instants[key]


def series(samples: pd.DataFrame) -> dict[str, dict[str, Series]]:
    """The same of a table with the columns of `frames.Ledger.samples`, in any order of rows."""
    check, location = samples["check"].cat, samples["location"].cat
    count = len(location.categories)
    key = check.codes.to_numpy().astype(np.int32) * max(count, 1) + location.codes.to_numpy()
    order = np.argsort(key, kind="stable")
    key = key[order]
    columns = [samples[name].to_numpy()[order] for name in ("ts", "status", "ms")]
    columns.append(samples["code"].cat.codes.to_numpy()[order])
    codes = tuple(samples["code"].cat.categories)
    ranks = _ranks(codes)
    edges = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])), len(key)) if len(key) else np.array([0])
    found: dict[str, dict[str, Series]] = {}
    for first, last in pairwise(edges.tolist()):
        which, where = divmod(int(key[first]), count)
        rows = _collapse(*(column[first:last] for column in columns), ranks=ranks)
        found.setdefault(check.categories[which], {})[location.categories[where]] = Series(*rows, codes)
    return {identity: dict(sorted(places.items())) for identity, places in found.items()}


def _ranks(codes: Sequence[str]) -> npt.NDArray[np.integer]:
    """The place of each code in the order of their names: their numbers depend on what was read first."""
    return np.argsort(np.argsort(np.array(codes, dtype=np.str_)))


def _collapse(
    ts: Instants,
    status: Codes,
    ms: npt.NDArray[np.int32],
    code: npt.NDArray[np.integer],
    *,
    ranks: npt.NDArray[np.integer],
) -> tuple[Instants, Codes, npt.NDArray[np.int32], npt.NDArray[np.integer]]:
    """Rows in rising time; of several at one instant the worst known one, whatever order they came in."""
    if np.all(ts[1:] > ts[:-1]):
        return ts, status, ms, code
    order = np.argsort(ts, kind="stable")
    sorted_ts = ts[order]
    is_last = np.append(sorted_ts[1:] != sorted_ts[:-1], True)
    shared = np.flatnonzero(~is_last | ~np.append(True, is_last[:-1]))
    rivals = order[shared]
    rank = np.where(status[rivals] == UNKNOWN, -1, status[rivals])
    order[shared] = rivals[np.lexsort((ranks[code[rivals]], ms[rivals], rank, ts[rivals]))]
    worst = order[is_last]
    return ts[worst], status[worst], ms[worst], code[worst]
