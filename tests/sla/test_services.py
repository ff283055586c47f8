"""A service's counts: members combined first, split at as_of, weighted ones with their exact bad time."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest

from statusledger.clock import Period
from statusledger.model import Member, Service
from statusledger.sla.services import combined, service_counts
from statusledger.timeline import steps
from statusledger.timeline.steps import BEGINNING, DEGRADED, DOWN, INACTIVE, MAINTENANCE, UNKNOWN, UP

EDGES = np.array([BEGINNING, 0, 10, 20, 30, 40, 50, 60], dtype=np.int64)
API = steps(EDGES, np.array([INACTIVE, UP, DOWN, DEGRADED, UNKNOWN, MAINTENANCE, UP, MAINTENANCE], dtype=np.int8))
WEB = steps(EDGES, np.array([INACTIVE, UP, UP, DEGRADED, UNKNOWN, MAINTENANCE, DOWN, MAINTENANCE], dtype=np.int8))
PERIODS = [Period("all", -10, 100), Period("early", 5, 15), Period("ahead", 55, 65)]


def service(mode):
    """Of both, the first with three times the weight."""
    return Service("s", "S", (Member("api", F(3)), Member("web", F(1))), mode)


def classes(counts):
    """The six classes, what is ahead, and what is bad by weight."""
    return [
        (
            (one.up_ms, one.degraded_ms, one.down_ms, one.unknown_ms, one.maintenance_ms, one.inactive_ms),
            one.future_ms,
            one.weighted_bad_ms,
        )
        for one in counts
    ]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        pytest.param("all", [(10, 10, 15, 10, 10, 10), (5, 0, 5, 0, 0, 0), (0,) * 6], id="all"),
        pytest.param(2, [(10, 10, 15, 10, 10, 10), (5, 0, 5, 0, 0, 0), (0,) * 6], id="two of two"),
        pytest.param("any", [(25, 10, 0, 10, 10, 10), (10, 0, 0, 0, 0, 0), (0,) * 6], id="any"),
        pytest.param(1, [(25, 10, 0, 10, 10, 10), (10, 0, 0, 0, 0, 0), (0,) * 6], id="one of two"),
    ],
)
def test_combined_services(mode, expected):
    """As of 55: five milliseconds ahead are not in a window."""
    found = service_counts(service(mode), [API, WEB], PERIODS, degraded_weight=F(1, 2), as_of=55)

    assert classes(found) == [(one, ahead, None) for one, ahead in zip(expected, (5, 0, 5), strict=True)]


def test_a_weighted_service():
    """Three quarters down, a half of both degraded, a quarter down: in the past only."""
    found = service_counts(service("weighted"), [API, WEB], PERIODS, degraded_weight=F(1, 2), as_of=55)

    assert classes(found) == [
        ((10, 25, 0, 10, 10, 10), 5, F(3, 4) * 10 + F(1, 2) * 10 + F(1, 4) * 5),
        ((5, 5, 0, 0, 0, 0), 0, F(3, 4) * 5),
        ((0,) * 6, 5, 0),
    ]


@pytest.mark.parametrize(
    ("mode", "at_10", "at_50"),
    [("all", DOWN, DOWN), ("any", UP, UP), (1, UP, UP), (2, DOWN, DOWN), ("weighted", DEGRADED, DEGRADED)],
)
def test_what_a_service_was(mode, at_10, at_50):
    """At every instant, as one timeline."""
    found = combined(service(mode), [API, WEB])

    assert found.at([-5, 0, 10, 20, 30, 40, 50]).tolist() == [
        INACTIVE,
        UP,
        at_10,
        DEGRADED,
        UNKNOWN,
        MAINTENANCE,
        at_50,
    ]
