"""Reports that change anything, and how they are laid over what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from statusledger.model import Status
from statusledger.timeline import Reported, laid_over, steps
from statusledger.timeline.reported import counting
from statusledger.timeline.steps import BEGINNING, DEGRADED, DOWN, UNKNOWN, UP


def told(start, end, state="down"):
    """A report."""
    return Reported("file", "api", start, end, Status(state))


@pytest.mark.parametrize(
    ("report", "counts"),
    [
        pytest.param(told(5, 6), True, id="down"),
        pytest.param(told(5, 6, "degraded"), True, id="degraded"),
        pytest.param(told(5, None), True, id="it lasts"),
        pytest.param(told(5, 6, "up"), False, id="up"),
        pytest.param(told(5, 6, "unknown"), False, id="unknown"),
        pytest.param(told(5, 5), False, id="no length"),
        pytest.param(told(6, 5), False, id="inverted"),
    ],
)
def test_reports_that_change_anything(report, counts):
    """Those of bad states that have a length."""
    assert counting([report]) == [report] * counts


def test_the_worse_of_both():
    """In a state each for ten milliseconds, under reports of degraded and of down."""
    measured = steps(
        np.array([BEGINNING, 0, 10, 20, 30, 40], dtype=np.int64),
        np.array([UNKNOWN, UP, DEGRADED, DOWN, UNKNOWN, UP], dtype=np.int8),
    )

    degraded = laid_over(measured, [told(0, 40, "degraded")])
    down = laid_over(measured, [told(5, 35), told(0, 40, "degraded")])

    assert list(zip(degraded.starts.tolist(), degraded.states.tolist(), strict=True)) == [
        (BEGINNING, UNKNOWN), (0, DEGRADED), (20, DOWN), (30, DEGRADED), (40, UP),
    ]  # fmt: skip
    assert list(zip(down.starts.tolist(), down.states.tolist(), strict=True)) == [
        (BEGINNING, UNKNOWN), (0, DEGRADED), (5, DOWN), (35, DEGRADED), (40, UP),
    ]  # fmt: skip
    assert laid_over(measured, [told(0, 40, "up")]) is measured
