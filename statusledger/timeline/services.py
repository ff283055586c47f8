"""Weighted services: every member's downtime counts in proportion to its weight, as an exact fraction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np

from statusledger.clock import Period
from statusledger.model import State
from statusledger.timeline.past import END
from statusledger.timeline.steps import (
    DEGRADED,
    DOWN,
    INACTIVE,
    MAINTENANCE,
    STATES,
    UNKNOWN,
    UP,
    Codes,
    Instants,
    Matrix,
    Timeline,
    all_starts,
)


@dataclass(slots=True)
class WeightedSpan:
    """Milliseconds of each class over a span, and of downtime by weight; the classes sum to the span.

    `spent` in the order of `State`: up while all known members are up, down while all are down, degraded otherwise.
    """

    spent: list[int] = field(default_factory=lambda: [0] * 6)
    bad_ms: Fraction = Fraction(0)


def weighted_spans(
    members: Sequence[Timeline], weights: Sequence[Fraction], periods: Sequence[Period], *, degraded_weight: Fraction
) -> list[WeightedSpan]:
    """The members' states over each [start, end), weighed; members in maintenance or unknown do not weigh."""
    starts = all_starts(members)
    columns = np.stack([member.at(starts) for member in members])
    patterns, which = np.unique(columns, axis=1, return_inverse=True)
    weighed = [_weigh(pattern, weights, degraded_weight) for pattern in patterns.T.tolist()]
    edges = np.append(starts, END)
    found = []
    for period in periods:
        inside = np.clip(edges, period.start_ms, max(period.start_ms, period.end_ms))
        lengths = np.zeros(len(weighed), dtype=np.int64)
        np.add.at(lengths, which.ravel(), np.diff(inside))
        found.append(_total(weighed, lengths.tolist()))
    return found


def _total(weighed: Sequence[tuple[int, Fraction]], lengths: Sequence[int]) -> WeightedSpan:
    total = WeightedSpan()
    for (state, share), length in zip(weighed, lengths, strict=True):
        if length:
            total.spent[state] += length
            total.bad_ms += share * length
    return total


def weighted_intervals(
    members: Sequence[Timeline], weights: Sequence[Fraction], period: Period, *, degraded_weight: Fraction
) -> Iterator[tuple[int, int, State, Fraction]]:
    """(start, end, class, share that is bad) of every stretch of the period, longest possible."""
    if period.end_ms <= period.start_ms:
        return
    edges, columns = _columns(members, period)
    known: dict[tuple[int, ...], tuple[int, Fraction]] = {}
    weighed = []
    for pattern, start in zip(map(tuple, columns.T.tolist()), edges[:-1].tolist(), strict=True):
        if pattern not in known:
            known[pattern] = _weigh(pattern, weights, degraded_weight)
        weighed.append((*known[pattern], start))
    starts = [weighed[0], *(now for before, now in pairwise(weighed) if now[:2] != before[:2])]
    ends = [start for *_, start in starts[1:]] + [period.end_ms]
    for (state, share, start), end in zip(starts, ends, strict=True):
        yield start, end, STATES[state], share


def combine_weighted(matrix: Matrix) -> Codes:
    """The class of each column: up or down while all known members are, degraded otherwise."""
    known, alive = matrix < UNKNOWN, matrix != INACTIVE
    missing = np.select(
        [~alive.any(axis=0), ((matrix == MAINTENANCE) | ~alive).all(axis=0)], [INACTIVE, MAINTENANCE], UNKNOWN
    )
    same = [((matrix == state) | ~known).all(axis=0) for state in (UP, DOWN)]
    return np.where(known.any(axis=0), np.select(same, [UP, DOWN], DEGRADED), missing).astype(np.int8)


def _columns(members: Sequence[Timeline], period: Period) -> tuple[Instants, Matrix]:
    """The edges of the stretches inside of a period, and a column of the members' states for each stretch."""
    starts = all_starts(members)
    inside = starts[(starts > period.start_ms) & (starts < period.end_ms)]
    edges = np.concatenate(([period.start_ms], inside, [period.end_ms])).astype(np.int64)
    return edges, np.stack([member.at(edges[:-1]) for member in members])


def _weigh(states: Sequence[int], weights: Sequence[Fraction], degraded_weight: Fraction) -> tuple[int, Fraction]:
    """(class, share that is bad) of one instant."""
    alive = [state for state in states if state != INACTIVE]
    known = [(state, weight) for state, weight in zip(states, weights, strict=True) if state < UNKNOWN]
    if not known:
        nothing = INACTIVE if not alive else MAINTENANCE if all(state == MAINTENANCE for state in alive) else UNKNOWN
        return nothing, Fraction(0)
    badness = {UP: Fraction(0), DOWN: Fraction(1)}
    bad = sum((weight * badness.get(state, degraded_weight) for state, weight in known), Fraction(0))
    share = bad / sum(weight for _, weight in known)
    states_seen = {state for state, _ in known}
    return states_seen.pop() if len(states_seen) == 1 else DEGRADED, share
