"""D2 and D3: samples of one check at one location -> its effective state over time.

A failure counts once N samples in a row have failed, and then from the first of them; a sample holds for at most H.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from statusledger.model import Counting
from statusledger.timeline.samples import Series
from statusledger.timeline.steps import (
    BEGINNING,
    DOWN,
    STATUS_CODES,
    UNKNOWN,
    Codes,
    Timeline,
    constant,
    steps,
)


def confirm(status: Codes, counting: Counting) -> Codes:
    """Effective states of known samples in rising time.

    (1) A run of down shorter than N becomes `unconfirmed_as`. (2) Then a run of anything else that is shorter than M
    and lies between two down runs becomes down.
    """
    effective = status.copy()
    if counting.confirm_down > 1 and (effective == DOWN).any():
        lengths, down = _runs(effective == DOWN)
        effective[np.repeat(down & (lengths < counting.confirm_down), lengths)] = STATUS_CODES[counting.unconfirmed_as]
    if counting.confirm_up > 1 and (effective == DOWN).any():
        lengths, down = _runs(effective == DOWN)
        joined = ~down & (lengths < counting.confirm_up)
        joined[:1] = joined[-1:] = False
        effective[np.repeat(joined, lengths)] = DOWN
    return effective


def confirmed_at(samples: Series, counting: Counting, index: int) -> int | None:
    """The instant from which a sample was known to be down; None where it is not down.

    That is the N-th failed sample of its run; for a sample that was joined between two runs, of the later one.
    """
    if not samples.known[index]:
        return None
    status, sample = samples.status[samples.known], np.count_nonzero(samples.known[:index])
    lengths, down = _runs(status == DOWN)
    firsts = lengths.cumsum() - lengths
    run = firsts.searchsorted(sample, side="right") - 1
    confirmed = down & (lengths >= counting.confirm_down)
    if not confirmed[run] and confirm(status, counting)[sample] != DOWN:
        return None
    first = firsts[run:][confirmed[run:]][0]
    return int(samples.ts[samples.known][first + counting.confirm_down - 1])


def effective(samples: Series, counting: Counting) -> Timeline:
    """What one location saw of one check: each sample from its own time to the next one, at most for H."""
    if not len(samples.ts):
        return constant(UNKNOWN)
    status = samples.status.copy()
    status[samples.known] = confirm(status[samples.known], counting)
    following = np.append(samples.ts[1:], np.iinfo(np.int64).max)
    ends = np.minimum(following, samples.ts + counting.max_staleness_ms)
    # where the next sample follows at once it has the same instant as the end of the hold, and `steps` keeps the later
    starts = np.concatenate(([BEGINNING], np.column_stack((samples.ts, ends)).ravel()))
    states = np.full(len(starts), UNKNOWN, dtype=np.int8)
    states[1::2] = status
    return steps(starts, states)


def _runs(flags: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """(length, flag) of every maximal run."""
    edges = np.flatnonzero(np.concatenate(([True], flags[1:] != flags[:-1], [True])))
    if not len(flags):
        return np.array([], dtype=np.intp), flags
    return np.diff(edges), flags[edges[:-1]]
