"""Opinions in columns: quorum of locations, combination of checks and of members."""

from __future__ import annotations

import numpy as np
import pytest

from statusledger.timeline import combine_checks, combine_members, quorum
from statusledger.timeline.steps import DEGRADED, DOWN, INACTIVE, MAINTENANCE, UNKNOWN, UP


def one(judge, *states):
    """What a column of states comes to."""
    found = judge(np.array([[state] for state in states], dtype=np.int8))
    assert found.dtype == np.int8
    return int(found[0])


@pytest.mark.parametrize(
    ("states", "every", "any_", "two"),
    [
        pytest.param((UP, UP), UP, UP, UP, id="both up"),
        pytest.param((UP, DOWN), DOWN, UP, DOWN, id="one down"),
        pytest.param((UP, DEGRADED), DEGRADED, UP, DEGRADED, id="one degraded"),
        pytest.param((UP, UNKNOWN), UNKNOWN, UP, UNKNOWN, id="one unknown"),
        pytest.param((DEGRADED, UNKNOWN), UNKNOWN, DEGRADED, UNKNOWN, id="the worse of two that are not down"),
        pytest.param((UP, MAINTENANCE), MAINTENANCE, UP, MAINTENANCE, id="one in maintenance"),
        pytest.param((DOWN, MAINTENANCE), DOWN, DOWN, DOWN, id="the other down in spite of maintenance"),
        pytest.param((UNKNOWN, MAINTENANCE), MAINTENANCE, UNKNOWN, MAINTENANCE, id="the other unknown"),
        pytest.param((MAINTENANCE, MAINTENANCE), MAINTENANCE, MAINTENANCE, MAINTENANCE, id="both in maintenance"),
        pytest.param((MAINTENANCE, INACTIVE), MAINTENANCE, MAINTENANCE, MAINTENANCE, id="all that are alive"),
        pytest.param((UP, INACTIVE), UP, UP, UP, id="one not alive: fewer than required are all there are"),
        pytest.param((DOWN, INACTIVE), DOWN, DOWN, DOWN, id="the only one alive is down"),
        pytest.param((INACTIVE, INACTIVE), INACTIVE, INACTIVE, INACTIVE, id="none alive"),
    ],
)
def test_members(states, every, any_, two):
    """All, any and two of two."""
    found = [one(lambda matrix, k=k: combine_members(matrix, k), *states) for k in (None, 1, 2)]

    assert found == [every, any_, two]


@pytest.mark.parametrize(
    ("states", "worst", "best", "two"),
    [
        pytest.param((UP, UP, UP), UP, UP, UP, id="all up"),
        pytest.param((UP, UP, DOWN), DOWN, UP, UP, id="two of three good"),
        pytest.param((UP, DOWN, DOWN), DOWN, UP, DOWN, id="one of three good"),
        pytest.param((UP, UNKNOWN, DOWN), DOWN, UP, UNKNOWN, id="the unknown one decides"),
        pytest.param((UP, DEGRADED, UNKNOWN), UNKNOWN, UP, DEGRADED, id="unknown as up or down: degraded is the worse"),
        pytest.param((DOWN, INACTIVE, INACTIVE), DOWN, DOWN, DOWN, id="one member so far"),
        pytest.param((INACTIVE, INACTIVE, INACTIVE), INACTIVE, INACTIVE, INACTIVE, id="no member yet"),
    ],
)
def test_checks(states, worst, best, two):
    """Worst, best, and two must be good."""
    found = [one(lambda matrix, rule=rule: combine_checks(matrix, rule), *states) for rule in ("worst", "best", 2)]

    assert found == [worst, best, two]


@pytest.mark.parametrize(
    ("states", "by_rule"),
    [
        pytest.param((UP, UP, DOWN), [DOWN, UP, UP, UP], id="one of three down"),
        pytest.param((UP, DOWN, DOWN), [DOWN, DOWN, UP, DOWN], id="two of three down"),
        pytest.param((UP, DEGRADED, DOWN), [DOWN, DEGRADED, UP, DEGRADED], id="one of each"),
        pytest.param((DOWN, UNKNOWN, UNKNOWN), [DOWN, DOWN, DOWN, DOWN], id="only one knows"),
        pytest.param((UP, DOWN, UNKNOWN), [DOWN, UP, UP, UP], id="half of two is no majority"),
        pytest.param((UNKNOWN, UNKNOWN, UNKNOWN), [UNKNOWN] * 4, id="nobody knows"),
    ],
)
def test_locations(states, by_rule):
    """Any, majority, all, and two of them."""
    rules = ("any", "majority", "all", 2)

    assert [one(lambda matrix, rule=rule: quorum(matrix, rule, 1), *states) for rule in rules] == by_rule


@pytest.mark.parametrize(("least", "expected"), [(0, DOWN), (1, DOWN), (2, DOWN), (3, UNKNOWN)])
def test_how_many_must_know(least, expected):
    """Fewer known states than `min_known` are none."""
    assert one(lambda matrix: quorum(matrix, "any", least), DOWN, UP, UNKNOWN) == expected


def test_how_many_must_know_is_at_least_one():
    """With nobody who knows there is no vote, whatever is configured."""
    assert one(lambda matrix: quorum(matrix, "all", 0), UNKNOWN, UNKNOWN) == UNKNOWN


def test_columns_are_judged_each_by_itself():
    """What is degraded in one column is no vote in another."""
    columns = [
        (UP, UP, UP),
        (DEGRADED, DEGRADED, UP),
        (DOWN, DOWN, UP),
        (UNKNOWN, UNKNOWN, UNKNOWN),
        (UP, DEGRADED, UP),
    ]

    found = quorum(np.array(columns, dtype=np.int8).T, "majority", 1)

    assert found.tolist() == [UP, DEGRADED, DOWN, UNKNOWN, UP]
