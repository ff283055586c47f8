"""Weighted services: classes, exact shares and intervals, as states of the members say."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest

from statusledger.clock import Period
from statusledger.model import State
from statusledger.timeline import steps
from statusledger.timeline.services import combine_weighted, weighted_intervals, weighted_spans
from statusledger.timeline.steps import BEGINNING, DEGRADED, DOWN, INACTIVE, MAINTENANCE, UNKNOWN, UP, constant

WEIGHTS = [F(3), F(1)]
LIGHT = F(1, 3)


def at(*changes):
    """A timeline from (since when, state) pairs, the first one from the beginning."""
    starts = [BEGINNING, *(start for start, _ in changes[1:])]
    return steps(np.array(starts, dtype=np.int64), np.array([state for _, state in changes], dtype=np.int8))


TABLE = [
    pytest.param((UP, UP), UP, F(0), id="both up"),
    pytest.param((DOWN, DOWN), DOWN, F(1), id="both down"),
    pytest.param((DOWN, UP), DEGRADED, F(3, 4), id="the heavy one down"),
    pytest.param((UP, DOWN), DEGRADED, F(1, 4), id="the light one down"),
    pytest.param((DEGRADED, DEGRADED), DEGRADED, LIGHT, id="both degraded"),
    pytest.param((DEGRADED, DOWN), DEGRADED, F(1, 2), id="degraded and down"),
    pytest.param((UP, UNKNOWN), UP, F(0), id="what is unknown does not weigh"),
    pytest.param((UNKNOWN, DOWN), DOWN, F(1), id="all that is known is down"),
    pytest.param((UNKNOWN, UNKNOWN), UNKNOWN, F(0), id="nothing is known"),
    pytest.param((UNKNOWN, MAINTENANCE), UNKNOWN, F(0), id="unknown beside maintenance"),
    pytest.param((UNKNOWN, INACTIVE), UNKNOWN, F(0), id="unknown beside what is not alive"),
    pytest.param((MAINTENANCE, MAINTENANCE), MAINTENANCE, F(0), id="all in maintenance"),
    pytest.param((MAINTENANCE, INACTIVE), MAINTENANCE, F(0), id="all that are alive in maintenance"),
    pytest.param((MAINTENANCE, DOWN), DOWN, F(1), id="nobody's maintenance excuses a failure"),
    pytest.param((INACTIVE, INACTIVE), INACTIVE, F(0), id="none alive"),
    pytest.param((INACTIVE, UP), UP, F(0), id="one not yet alive"),
]


@pytest.mark.parametrize(("states", "expected", "share"), TABLE)
def test_classes_and_shares(states, expected, share):
    """Spans, intervals and the matrix of one pair of states say the same."""
    members = [constant(state) for state in states]
    period = Period("", 100, 160)

    (span,) = weighted_spans(members, WEIGHTS, [period], degraded_weight=LIGHT)
    (interval,) = weighted_intervals(members, WEIGHTS, period, degraded_weight=LIGHT)

    spent = [0] * 6
    spent[expected] = 60
    assert (span.spent, span.bad_ms) == (spent, share * 60)
    assert interval == (100, 160, list(State)[expected], share)


def test_columns_are_judged_each_by_itself():
    """A matrix of all pairs gives the class of each column."""
    columns = [param.values[0] for param in TABLE]

    found = combine_weighted(np.array(columns, dtype=np.int8).T)

    assert found.tolist() == [param.values[1] for param in TABLE]
    assert found.dtype == np.int8


def test_spans_of_several_periods():
    """Overlapping, empty and inverted periods are each cut out of the same states."""
    members = [at((0, UP), (110, DOWN), (120, UP)), at((0, UP), (115, UNKNOWN), (130, DEGRADED))]
    periods = [Period("", *edges) for edges in ((100, 140), (112, 118), (120, 120), (130, 90), (0, 100))]

    found = weighted_spans(members, WEIGHTS, periods, degraded_weight=LIGHT)

    # up, then 3/4 down, down while the other is unknown, up while it is unknown, then a third of 1/4
    assert [one.spent for one in found] == [
        [10 + 10, 5 + 10, 5, 0, 0, 0],
        [0, 3, 3, 0, 0, 0],
        [0] * 6,
        [0] * 6,
        [100, 0, 0, 0, 0, 0],
    ]
    assert [one.bad_ms for one in found] == [F(15, 4) + 5 + F(10, 12), F(9, 4) + 3, 0, 0, 0]


def test_intervals_are_as_long_as_they_can_be():
    """A change that makes neither another class nor another share begins no interval; none is empty."""
    members = [
        at((0, UP), (100, DOWN), (110, UP), (120, DOWN)),
        at((0, UP), (105, UNKNOWN), (120, DOWN), (125, UNKNOWN)),
    ]

    found = list(weighted_intervals(members, WEIGHTS, Period("", 100, 140), degraded_weight=LIGHT))

    assert found == [
        (100, 105, State.DEGRADED, F(3, 4)),
        (105, 110, State.DOWN, F(1)),
        (110, 120, State.UP, F(0)),
        (120, 140, State.DOWN, F(1)),
    ]
    assert list(weighted_intervals(members, WEIGHTS, Period("", 140, 140), degraded_weight=LIGHT)) == []
    assert list(weighted_intervals(members, WEIGHTS, Period("", 140, 100), degraded_weight=LIGHT)) == []


def test_the_same_class_with_another_share_is_another_interval():
    """Three quarters down, then one quarter: both degraded."""
    members = [at((0, DOWN), (110, UP)), at((0, UP), (110, DOWN))]

    found = list(weighted_intervals(members, WEIGHTS, Period("", 100, 120), degraded_weight=LIGHT))

    assert found == [(100, 110, State.DEGRADED, F(3, 4)), (110, 120, State.DEGRADED, F(1, 4))]
