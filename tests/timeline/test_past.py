"""Dated policies and kept days: which samples are seen, and what is kept over what is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import samples as s

from statusledger.clock import DAY_MS
from statusledger.timeline import END, Era, KeptDays, Series, no_days, steps, undated, visible
from statusledger.timeline.steps import BEGINNING, DEGRADED, DOWN, UNKNOWN, UP

ONE = s.component(s.check("api"))
OTHER = s.component(s.check("web"))
SHOWN = s.component(replace(s.check("api"), informational=True))


def rows(*instants):
    """Samples with a number of their own in every column."""
    count = np.arange(len(instants))
    ts = np.array(instants, dtype=np.int64)
    return Series(ts, count.astype(np.int8), count.astype(np.int32) + 10, count.astype(np.int8) + 20, ("", "a"))


@pytest.mark.parametrize(
    ("eras", "since", "expected"),
    [
        pytest.param([(BEGINNING, END, ONE)], BEGINNING, [0, 1, 2, 3, 4], id="always counted"),
        pytest.param([(BEGINNING, END, ONE)], 2, [2, 3, 4], id="only from an instant on"),
        pytest.param([(BEGINNING, 20, OTHER), (20, END, ONE)], BEGINNING, [2, 3, 4], id="begun later"),
        pytest.param([(BEGINNING, 20, ONE), (20, END, OTHER)], BEGINNING, [0, 1], id="until an instant"),
        pytest.param([(BEGINNING, 10, ONE), (10, 30, OTHER), (30, END, ONE)], BEGINNING, [0, 3, 4], id="with a pause"),
        pytest.param([(BEGINNING, 20, SHOWN), (20, END, ONE)], BEGINNING, [2, 3, 4], id="informational before"),
        pytest.param([(BEGINNING, 20, ONE), (20, END, OTHER)], 10, [1], id="both bounds"),
    ],
)
def test_samples_that_are_seen(eras, since, expected):
    """Those of the eras that count the check, from an instant on; every column of the same rows."""
    samples = rows(0, 10, 20, 30, 40)
    since = since if since == BEGINNING else since * 10 if since < 10 else since

    found = visible("api", {"eu": samples}, [Era(*era) for era in eras], since)["eu"]

    assert found.ts.tolist() == [index * 10 for index in expected]
    assert found.status.tolist() == expected
    assert found.ms.tolist() == [index + 10 for index in expected]
    assert found.code.tolist() == [index + 20 for index in expected]
    assert found.codes == ("", "a")


def test_a_location_of_which_nothing_is_seen_is_none():
    """Its vote is not that of one who knows nothing."""
    assert visible("api", {"eu": rows(0, 10)}, [Era(BEGINNING, END, ONE)], 20) == {}
    assert visible("api", {"eu": rows(0)}, [Era(BEGINNING, 20, ONE), Era(20, END, OTHER)], BEGINNING).keys() == {"eu"}


def kept(*days, starts=(), states=()):
    """Days by their numbers, with steps at (day, offset)."""
    return KeptDays(
        np.array([day * DAY_MS for day in days], dtype=np.int64),
        np.array(starts, dtype=np.int64),
        np.array(states, dtype=np.int8),
        np.zeros((len(days), 2), dtype=np.int64),
        np.zeros(len(days), dtype=np.bool_),
    )


def test_kept_days_lie_over_what_is_measured():
    """On them what is kept; between and behind them what is measured, from its state at their end on."""
    measured = steps(np.array([BEGINNING, DAY_MS // 2, 3 * DAY_MS, 5 * DAY_MS + 5]), np.array([UNKNOWN, UP, DOWN, UP]))
    kept_steps = {0: DEGRADED, DAY_MS: UP, DAY_MS + 9: DEGRADED, 4 * DAY_MS: UP, 4 * DAY_MS + 7: DEGRADED}
    days = kept(0, 1, 4, starts=[*kept_steps], states=[*kept_steps.values()])

    found = days.over(measured)

    assert list(zip(found.starts.tolist(), found.states.tolist(), strict=True)) == [
        (BEGINNING, UNKNOWN), (0, DEGRADED), (DAY_MS, UP), (DAY_MS + 9, DEGRADED), (2 * DAY_MS, UP), (3 * DAY_MS, DOWN),
        (4 * DAY_MS, UP), (4 * DAY_MS + 7, DEGRADED), (5 * DAY_MS, DOWN), (5 * DAY_MS + 5, UP),
    ]  # fmt: skip


def test_nothing_kept_changes_nothing():
    """The function itself."""
    measured = steps(np.array([BEGINNING, 5]), np.array([UNKNOWN, UP]))

    assert no_days().over(measured) is measured
    assert undated(ONE).kept.counts.shape == (0, 2)
    nothing = no_days()
    assert [len(part) for part in (nothing.days, nothing.starts, nothing.states, nothing.at_hand)] == [0] * 4


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        pytest.param(-1, False, id="before the first"),
        pytest.param(0, True, id="its beginning"),
        pytest.param(DAY_MS - 1, True, id="its last millisecond"),
        pytest.param(DAY_MS, False, id="a day that is not kept"),
        pytest.param(2 * DAY_MS, True, id="the second kept one"),
        pytest.param(3 * DAY_MS, False, id="behind the last"),
    ],
)
def test_instants_on_kept_days(instant, expected):
    """Days are half-open."""
    days = kept(0, 2)

    assert days.hold(np.array([instant], dtype=np.int64)).tolist() == [expected]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(-5, 0, False, id="up to its beginning"),
        pytest.param(-5, 1, True, id="one millisecond of it"),
        pytest.param(DAY_MS, 2 * DAY_MS, False, id="between two"),
        pytest.param(DAY_MS - 1, DAY_MS, True, id="the last millisecond of one"),
        pytest.param(5, 6, True, id="inside"),
        pytest.param(-5, 9 * DAY_MS, True, id="around"),
        pytest.param(3 * DAY_MS, 4 * DAY_MS, False, id="behind"),
    ],
)
def test_spans_that_touch_kept_days(start, end, expected):
    """Whether a kept day has a part in the span."""
    assert kept(0, 2).touched(start, end) is expected
