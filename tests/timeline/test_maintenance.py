"""Windows: which count for whom, and what is left of time when they are cut out of it."""

from __future__ import annotations

import numpy as np
import pytest

from statusledger.model import Maintenance
from statusledger.timeline import counted_windows, merged, steps
from statusledger.timeline.maintenance import counted_state
from statusledger.timeline.steps import BEGINNING, DOWN, INACTIVE, MAINTENANCE, UNKNOWN, UP

STATE = steps(np.array([BEGINNING, 0, 50]), np.array([UNKNOWN, UP, DOWN]))


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        pytest.param([(10, 30), (20, 40), (40, 45), (12, 15)], [(10, 45)], id="overlapping, touching, inside"),
        pytest.param([(10, 20), (21, 30)], [(10, 20), (21, 30)], id="one millisecond between"),
        pytest.param([(20, 10), (5, 5)], [], id="inverted or empty"),
        pytest.param([(20, 30), (10, 11)], [(10, 11), (20, 30)], id="in rising time"),
        pytest.param([(10, 40), (20, 30), (35, 50)], [(10, 50)], id="the longest end stands"),
    ],
)
def test_a_set_of_windows(windows, expected):
    """The union of those that have a length."""
    assert merged(windows) == expected


@pytest.mark.parametrize(
    ("plan", "counts"),
    [
        pytest.param(("api", None, False), True, id="nothing known of its announcement"),
        pytest.param(("api", 76, False), True, id="announced exactly in time"),
        pytest.param(("api", 77, False), False, id="a millisecond late"),
        pytest.param(("api", 0, True), False, id="cancelled"),
        pytest.param(("*", 0, False), True, id="everything"),
        pytest.param(("core", 0, False), True, id="its group"),
        pytest.param(("web", 0, False), False, id="another one"),
    ],
)
def test_windows_that_count(plan, counts):
    """Named in any way, not cancelled, announced 24 ahead of 100."""
    name, announced, cancelled = plan
    one = Maintenance("m", "Work", (name,), 100, 110, announced, cancelled)

    assert counted_windows([one], {"api", "core"}, 24) == [(100, 110)] * counts


@pytest.mark.parametrize(
    ("life", "windows", "expected"),
    [
        pytest.param((0, None), [], [(BEGINNING, INACTIVE), (0, UP), (50, DOWN)], id="no window"),
        pytest.param((None, None), [(0, 90)], [(BEGINNING, INACTIVE)], id="never alive"),
        pytest.param(
            (10, 80), [(0, 20), (40, 60)],
            [(BEGINNING, INACTIVE), (10, MAINTENANCE), (20, UP), (40, MAINTENANCE), (60, DOWN), (80, INACTIVE)],
            id="life first, then windows, then states",
        ),
        pytest.param((10, 10), [], [(BEGINNING, INACTIVE)], id="a life without length"),
    ],
)  # fmt: skip
def test_what_is_counted(life, windows, expected):
    """Inactive outside of its life, masked in windows, as measured otherwise."""
    found = counted_state(STATE, life, windows, ())

    assert list(zip(found.starts.tolist(), found.states.tolist(), strict=True)) == expected
    assert found.states.dtype == np.int8
