"""D4: several opinions -> one state: locations by quorum, checks and members by how many must be good.

Each function takes a matrix (a row per opinion, a column per stretch of time) and gives one state per column.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from statusledger.model import Combination, Quorum
from statusledger.timeline.steps import DEGRADED, DOWN, INACTIVE, MAINTENANCE, UNKNOWN, UP, Codes, Matrix


def quorum(matrix: Matrix, rule: Quorum, min_known: int) -> Codes:
    """The q-th worst of the known states in each column; unknown where fewer than min_known are known."""
    if len(matrix) == 1 and min_known <= 1:
        return np.where(matrix[0] <= DOWN, matrix[0], UNKNOWN).astype(np.int8)
    down = (matrix == DOWN).sum(axis=0)
    degraded = (matrix == DEGRADED).sum(axis=0)
    known = down + degraded + (matrix == UP).sum(axis=0)
    needed = _votes(rule, known)
    state = UP + (down + degraded >= needed) + (down >= needed)
    return np.where(known < max(1, min_known), UNKNOWN, state).astype(np.int8)


def _votes(rule: Quorum, known: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if rule == "all":
        return known
    if rule == "majority":
        return known // 2 + 1
    return np.minimum(np.maximum(known, 1), 1 if rule == "any" else rule)


def best_of(matrix: Matrix, required: npt.NDArray[np.integer]) -> Codes:
    """The `required`-th best state of each column, three-valued: unknown only where it would decide.

    Evaluated once with unknown as down and once as up; equal is that, different without down is the worse.
    Maintenance and inactive members are not counted.
    """
    up, degraded = (matrix == UP).sum(axis=0), (matrix == DEGRADED).sum(axis=0)
    unknown = (matrix == UNKNOWN).sum(axis=0)
    low = DOWN - (up + degraded >= required) - (up >= required)
    high = DOWN - (up + unknown + degraded >= required) - (up + unknown >= required)
    return np.where((low == DOWN) & (high != DOWN), UNKNOWN, np.maximum(low, high)).astype(np.int8)


def combine_checks(matrix: Matrix, combination: Combination) -> Codes:
    """A component's state from its checks'; inactive where none of them is a member yet."""
    if len(matrix) == 1:
        return np.asarray(matrix[0], dtype=np.int8)
    members = (matrix != INACTIVE).sum(axis=0)
    if combination == "worst":
        required = members
    elif combination == "best":
        required = np.ones_like(members)
    else:
        required = np.minimum(combination, members)
    return np.where(members == 0, INACTIVE, best_of(matrix, required)).astype(np.int8)


def combine_members(matrix: Matrix, required: int | None) -> Codes:
    """A service's state from its members'; `required` None means all that are alive.

    Members in maintenance are left out; if too few remain, the service is in maintenance unless what remains is
    down: nobody's maintenance excuses an unplanned failure.
    """
    alive = (matrix != INACTIVE).sum(axis=0)
    rest = alive - (matrix == MAINTENANCE).sum(axis=0)
    wanted = alive if required is None else required
    state = best_of(matrix, np.minimum(wanted, rest))
    masked = (rest < wanted) & (state != DOWN) & (alive > rest)
    state = np.where(masked, MAINTENANCE, state)
    return np.where(alive == 0, INACTIVE, state).astype(np.int8)
