"""D1: the rows of the ledger -> one series of samples per check and location, duplicates collapsed.

Of several rows at one instant the worst known status counts (down > degraded > up > unknown), whatever order they
were read in: never in the provider's favour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from statusledger.timeline.steps import UNKNOWN, Codes, Instants


@dataclass(frozen=True, slots=True)
class Series:
    """What one location measured for one check, in rising time, one sample an instant.

    `status` as in `Status`; `ms` is -1 where there was no answer to time; `code` is an index into `codes`.
    """

    ts: Instants
    status: Codes
    ms: npt.NDArray[np.int32]
    code: npt.NDArray[np.integer]
    codes: tuple[str, ...]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which samples say something about the target, rather than about the probe."""
        return np.not_equal(self.status, UNKNOWN)


SeriesByLocation = Mapping[str, Series]


def series(samples: pd.DataFrame) -> dict[str, dict[str, Series]]:
    """Check id -> location in alphabetical order -> its samples, duplicates collapsed to the worst known status.

    `samples` has the columns of `frames.Ledger.samples`, in any order of rows.
    """
    check, location = samples["check"].cat, samples["location"].cat
    count = len(location.categories)
    key = check.codes.to_numpy().astype(np.int32) * max(count, 1) + location.codes.to_numpy()
    order = np.argsort(key, kind="stable")
    key = key[order]
    columns = [samples[name].to_numpy()[order] for name in ("ts", "status", "ms")]
    columns.append(samples["code"].cat.codes.to_numpy()[order])
    codes = tuple(samples["code"].cat.categories)
    ranks = np.argsort(np.argsort(np.array(codes, dtype=np.str_)))
    edges = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])), len(key)) if len(key) else np.array([0])
    found: dict[str, dict[str, Series]] = {}
    for first, last in pairwise(edges.tolist()):
        which, where = divmod(int(key[first]), count)
        rows = _collapse(*(column[first:last] for column in columns), ranks=ranks)
        found.setdefault(check.categories[which], {})[location.categories[where]] = Series(*rows, codes)
    return {identity: dict(sorted(places.items())) for identity, places in found.items()}


def _collapse(
    ts: Instants,
    status: Codes,
    ms: npt.NDArray[np.int32],
    code: npt.NDArray[np.integer],
    *,
    ranks: npt.NDArray[np.integer],
) -> tuple[Instants, Codes, npt.NDArray[np.int32], npt.NDArray[np.integer]]:
    """Rows in rising time; of several at one instant the worst known one, whatever order they came in.

    `ranks` orders the codes by their names: their numbers depend on what was read first.
    """
    if np.all(ts[1:] > ts[:-1]):
        return ts, status, ms, code
    rank = np.where(status == UNKNOWN, -1, status)
    order = np.lexsort((ranks[code], ms, rank, ts))
    sorted_ts = ts[order]
    worst = order[np.append(sorted_ts[1:] != sorted_ts[:-1], True)]
    return ts[worst], status[worst], ms[worst], code[worst]
