"""Step functions of time: milliseconds, intervals, pieces."""

from __future__ import annotations

import numpy as np
import pytest

from statusledger.model import State
from statusledger.timeline import constant, merge, steps, within
from statusledger.timeline.steps import BEGINNING, DOWN, INACTIVE, MAINTENANCE, UNKNOWN, UP, all_starts, spliced

STEPS = steps(np.array([BEGINNING, 10, 30, 40], dtype=np.int64), np.array([UNKNOWN, UP, DOWN, UP], dtype=np.int8))


def pairs(timeline):
    """(since when, state)."""
    return list(zip(timeline.starts.tolist(), timeline.states.tolist(), strict=True))


def test_only_changes_are_steps():
    """Of several at one instant the last counts, and a step to the same state is none."""
    found = steps(np.array([BEGINNING, 5, 5, 8, 9, 9]), np.array([UNKNOWN, DOWN, UP, UP, DOWN, UP]))

    assert pairs(found) == [(BEGINNING, UNKNOWN), (5, UP)]


def test_one_state_for_ever():
    """From the beginning on."""
    assert pairs(constant(MAINTENANCE)) == [(BEGINNING, MAINTENANCE)]


def test_the_state_at_an_instant():
    """A step holds from its own instant on."""
    assert STEPS.at([BEGINNING, 9, 10, 29, 30, 40, 2**61]).tolist() == [UNKNOWN, UNKNOWN, UP, UP, DOWN, UP, UP]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 50, {UNKNOWN: 10, UP: 30, DOWN: 10}, id="all of it"),
        pytest.param(15, 35, {UP: 15, DOWN: 5}, id="cut at both ends"),
        pytest.param(10, 30, {UP: 20}, id="from step to step"),
        pytest.param(12, 13, {UP: 1}, id="inside of one"),
        pytest.param(20, 20, {}, id="empty"),
        pytest.param(30, 20, {}, id="inverted"),
        pytest.param(25, 20, {}, id="inverted inside of one"),
    ],
)
def test_milliseconds_and_intervals(start, end, expected):
    """Sums and the stretches that they are the sums of."""
    spent = STEPS.spent([start], [end])[0].tolist()
    stretches = list(STEPS.intervals(start, end))

    assert spent == [expected.get(code, 0) for code in range(6)]
    assert [STEPS.spent_in(code, start, end) for code in range(6)] == spent
    assert [last - first for first, last, _ in stretches] == [expected[code] for code in expected] or (start, end) == (
        0,
        50,
    )
    assert sum(last - first for first, last, _ in stretches) == sum(expected.values())


def test_stretches_are_cut_at_the_edges():
    """Each with its state, none empty."""
    assert list(STEPS.intervals(15, 40)) == [(15, 30, State.UP), (30, 40, State.DOWN)]
    assert list(STEPS.intervals(5, 41)) == [
        (5, 10, State.UNKNOWN), (10, 30, State.UP), (30, 40, State.DOWN), (40, 41, State.UP),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(None, None, pairs(STEPS), id="open on both sides"),
        pytest.param(20, None, [(BEGINNING, INACTIVE), (20, UP), (30, DOWN), (40, UP)], id="from"),
        pytest.param(None, 30, [(BEGINNING, UNKNOWN), (10, UP), (30, INACTIVE)], id="until"),
        pytest.param(30, 35, [(BEGINNING, INACTIVE), (30, DOWN), (35, INACTIVE)], id="both"),
        pytest.param(35, 36, [(BEGINNING, INACTIVE), (35, DOWN), (36, INACTIVE)], id="inside of one"),
        pytest.param(35, 35, [(BEGINNING, INACTIVE)], id="empty"),
        pytest.param(36, 35, [(BEGINNING, INACTIVE)], id="inverted"),
    ],
)
def test_a_part_of_a_function(start, end, expected):
    """Another state outside of it."""
    assert pairs(within(STEPS, start, end, INACTIVE)) == expected


def test_functions_one_after_the_other():
    """Each from its instant on, with the state that it has there."""
    other = steps(np.array([BEGINNING, 15, 25, 60]), np.array([DOWN, MAINTENANCE, DOWN, UP]))

    found = spliced([(BEGINNING, STEPS), (20, other), (30, STEPS)])

    assert pairs(found) == [
        (BEGINNING, UNKNOWN), (10, UP), (20, MAINTENANCE), (25, DOWN), (40, UP),
    ]  # fmt: skip
    assert spliced([(BEGINNING, STEPS)]) is STEPS


def test_several_functions_as_one():
    """Judged stretch by stretch."""
    other = steps(np.array([BEGINNING, 10, 35]), np.array([UP, DOWN, UP]))

    found = merge([STEPS, other], lambda matrix: matrix.max(axis=0))

    assert all_starts([STEPS, other]).tolist() == [BEGINNING, 10, 30, 35, 40]
    assert pairs(found) == [(BEGINNING, UNKNOWN), (10, DOWN), (40, UP)]
    assert found.states.dtype == np.int8
