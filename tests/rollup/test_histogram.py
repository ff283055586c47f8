"""Histograms of response times: what a bucket holds, how it is written, that merging loses nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusledger.rollup.histogram import decoded, histogram, merged, percentile

TIMES = st.lists(st.integers(0, 86_400_000), max_size=60)


def of(values: list[int]) -> list[int]:
    """The written histogram of these milliseconds."""
    return histogram(np.array(values, dtype=np.int64))


@pytest.mark.parametrize(
    ("values", "written"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([0, 0], [0, 2], id="no time at all"),
        pytest.param([1], [1, 1], id="the first bucket of 2 %"),
        pytest.param([2, 3], [36, 1, -19, 1], id="a gap between"),
        pytest.param([100, 101, 102, 103, 104, 106], [233, 1, 2, 2, 1], id="buckets of 2 %"),
    ],
)
def test_written_form(values, written):
    """First bucket, counts, and a negative number for empty buckets."""
    assert of(values) == written


@given(TIMES, TIMES)
def test_merging_is_counting_at_once(some, others):
    """Two days together are exactly the histogram of both."""
    assert merged([of(some), of(others)]) == of(some + others)


@given(TIMES)
def test_nothing_is_lost(values):
    """Every value is in one bucket."""
    assert sum(decoded(of(values)).values()) == len(values)


@given(st.lists(st.integers(0, 86_400_000), min_size=1, max_size=60), st.sampled_from([50, 95, 99]))
def test_a_percentile_is_within_2_percent(values, percent):
    """Never above the measured nearest rank, and at most 2 % below it."""
    exact = sorted(values)[-(-len(values) * percent // 100) - 1]

    got = percentile(of(values), percent)

    assert got is not None
    assert got <= exact <= got * 1.02 + 1


def test_no_value_has_no_percentile():
    """Not zero."""
    assert percentile([], 95) is None
