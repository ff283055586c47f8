"""D7 to D9: from milliseconds of each class to ratio, budget, status and credit, at every edge."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest

from statusledger.clock import Period
from statusledger.model import CreditTier, Terms
from statusledger.sla import Counts, SlaStatus, count, counted, figures, promise
from statusledger.sla.credit import credit_of, tier_of
from statusledger.timeline import steps
from statusledger.timeline.steps import BEGINNING, DOWN, INACTIVE, MAINTENANCE, UNKNOWN, UP

PERIOD = Period("2026-04", 0, 1000)
COUNTS = Counts(up_ms=500, degraded_ms=60, down_ms=40, unknown_ms=200, maintenance_ms=100, inactive_ms=50, future_ms=50)
SCHEDULE = (CreditTier(F(9, 10), F(0), "Kept"), CreditTier(F(1, 2), F(25), "Half"), CreditTier(F(0), F(100), "Broken"))


def judged(counts=COUNTS, *, target=F(9, 10), credits=SCHEDULE, as_of=950, **terms):
    """The figures of a period."""
    return figures(PERIOD, counts, promise(target, credits, Terms(**terms)), as_of)


@pytest.mark.parametrize(
    ("terms", "bad", "whole"),
    [
        pytest.param({}, 40, 600, id="unknown and maintenance excluded"),
        pytest.param({"degraded_weight": F(1, 3)}, 60, 600, id="degraded by a third"),
        pytest.param({"unknown_as": "up"}, 40, 800, id="unknown as up"),
        pytest.param({"unknown_as": "down"}, 240, 800, id="unknown as down"),
        pytest.param({"maintenance_as": "up"}, 40, 700, id="maintenance as up"),
        pytest.param({"maintenance_as": "up", "unknown_as": "down"}, 240, 900, id="both"),
        pytest.param({"maintenance_as": "ignore"}, 40, 600, id="ignored windows have masked nothing"),
    ],
)
def test_what_counts(terms, bad, whole):
    """Bad time and all that counts, and what follows from the two."""
    got = judged(**terms)

    assert counted(COUNTS, Terms(**terms)) == (bad, whole)
    assert (got.ratio, got.used_ms) == (F(whole - bad, whole), bad)
    assert got.allowed_ms == F(whole + 50, 10)
    assert got.remaining_ms == F(whole + 50, 10) - bad
    assert got.consumed == F(bad) / got.allowed_ms


def test_every_figure_of_a_running_period():
    """All fields at once."""
    got = judged(degraded_weight=F(1, 2))

    assert got.period is PERIOD
    assert (got.up_ms, got.degraded_ms, got.down_ms) == (500, 60, 40)
    assert (got.unknown_ms, got.maintenance_ms, got.inactive_ms) == (200, 100, 50)
    assert (got.ratio, got.ratio_low, got.ratio_high) == (F(530, 600), F(530, 800), F(730, 800))
    assert (got.coverage, got.insufficient_data) == (F(3, 4), True)
    assert (got.target, got.status) == (F(9, 10), SlaStatus.BREACHED)
    assert (got.credit, got.credit_name, got.credit_locked, got.running) == (25, "Half", 25, True)


def test_bounds_of_what_weighs():
    """A weighted service has its own bad time, in place of downtime and weighted degradation."""
    got = judged(replace(COUNTS, weighted_bad_ms=F(70)), degraded_weight=F(1, 2))

    assert (got.used_ms, got.ratio) == (70, F(530, 600))
    assert (got.ratio_low, got.ratio_high) == (F(530, 800), F(730, 800))


@pytest.mark.parametrize(("as_of", "running", "locked"), [(999, True, 25), (1000, False, None), (1001, False, None)])
def test_a_period_runs_until_its_end(as_of, running, locked):
    """At its end it is over, and nothing is locked in any more."""
    got = judged(replace(COUNTS, down_ms=100), as_of=as_of)

    assert (got.running, got.credit_locked) == (running, locked)


@pytest.mark.parametrize(
    ("least", "insufficient"), [(F(74, 100), False), (F(3, 4), False), (F(76, 100), True)], ids=["more", "just", "less"]
)
def test_coverage(least, insufficient):
    """Exactly what must be measured is enough."""
    assert judged(min_coverage=least).insufficient_data is insufficient


def test_nothing_measured():
    """No ratio, no coverage, no credit owed, no budget."""
    nothing = judged(Counts(0, 0, 0, 0, 1000, 0))

    assert (nothing.ratio, nothing.ratio_low, nothing.ratio_high, nothing.coverage) == (None,) * 4
    assert (nothing.status, nothing.credit, nothing.credit_name) == (SlaStatus.NO_DATA, 0, None)
    assert (nothing.consumed, nothing.insufficient_data) == (None, False)


@pytest.mark.parametrize(
    ("down", "target", "status"),
    [
        pytest.param(0, F(9, 10), "compliant", id="nothing down"),
        pytest.param(74, F(9, 10), "compliant", id="less than three quarters of the budget"),
        pytest.param(75, F(9, 10), "warning", id="exactly three quarters"),
        pytest.param(100, F(9, 10), "warning", id="all of it"),
        pytest.param(101, F(9, 10), "breached", id="more than all of it"),
        pytest.param(1, F(999, 1000), "warning", id="a budget of one millisecond, used"),
        pytest.param(0, F(1), "compliant", id="no budget, nothing used"),
        pytest.param(1, F(1), "breached", id="no budget, one millisecond used"),
        pytest.param(1000, F(0), "warning", id="a target of 0 cannot be breached"),
    ],
)
def test_status(down, target, status):
    """Of a period that is over."""
    got = judged(Counts(1000 - down, 0, down, 0, 0, 0), target=target, as_of=1000)

    assert got.status == SlaStatus(status)


def test_less_than_the_target_so_far_is_a_warning():
    """While what is left of the period can still make it good."""
    got = judged(Counts(80, 0, 20, 0, 0, 0, future_ms=900), as_of=100)

    assert (got.ratio, got.status, got.consumed) == (F(4, 5), SlaStatus.WARNING, F(1, 5))
    assert (got.credit, got.credit_locked) == (25, 0)


@pytest.mark.parametrize(
    ("credits", "ratio", "name", "credit"),
    [
        pytest.param(SCHEDULE, F(1), "Kept", 0, id="kept"),
        pytest.param(SCHEDULE, F(9, 10), "Kept", 0, id="exactly the minimum"),
        pytest.param(SCHEDULE, F(9, 10) - F(1, 10**9), "Half", 25, id="a little less"),
        pytest.param(SCHEDULE, F(0), "Broken", 100, id="nothing"),
        pytest.param(SCHEDULE[:2], F(1, 10), "Half", 25, id="below every minimum: the lowest"),
        pytest.param(SCHEDULE[:1], F(1, 10), "Kept", 0, id="below the only one"),
        pytest.param(SCHEDULE, None, None, 0, id="no data"),
        pytest.param(None, F(1, 2), None, None, id="no credits agreed"),
    ],
)
def test_tiers(credits, ratio, name, credit):
    """Half-open on the exact ratio, highest minimum first."""
    found = tier_of(credits, ratio)

    assert (found.name if found else None, credit_of(credits, ratio)) == (name, credit)


def test_a_schedule_may_be_written_in_any_order():
    """It is sorted by its minimum."""
    assert promise(F(1, 2), SCHEDULE[::-1], Terms()).credits == SCHEDULE


def test_the_default_schedule_belongs_to_the_default_target():
    """To no other, and never instead of one that is written."""
    defaults = promise(F(999, 1000), None, Terms()).credits

    assert [tier.name for tier in defaults or ()] == ["Excellent", "Good", "Acceptable", "Poor"]
    assert promise(F(99, 100), None, Terms()).credits is None
    assert promise(F(999, 1000), SCHEDULE, Terms()).credits == SCHEDULE


TIMELINE = steps(
    np.array([BEGINNING, 0, 100, 200, 300, 900], dtype=np.int64),
    np.array([INACTIVE, UP, DOWN, UNKNOWN, MAINTENANCE, INACTIVE], dtype=np.int8),
)


@pytest.mark.parametrize(
    ("start", "end", "as_of", "expected"),
    [
        pytest.param(0, 1000, 1000, Counts(100, 0, 100, 100, 600, 100, 0), id="over"),
        pytest.param(0, 1000, 150, Counts(100, 0, 50, 0, 0, 0, 150), id="running: what is ahead and in no window"),
        pytest.param(-50, 50, 400, Counts(50, 0, 0, 0, 0, 50, 0), id="before it was alive"),
        pytest.param(100, 300, 50, Counts(0, 0, 0, 0, 0, 0, 200), id="not yet begun"),
    ],
)
def test_counts_of_a_period(start, end, as_of, expected):
    """Each class up to as_of, and alive time outside of maintenance behind it."""
    assert count(TIMELINE, [Period("", start, end)], as_of) == [expected]
