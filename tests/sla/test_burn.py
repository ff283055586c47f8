"""How fast a budget burns, and what an alert says while nothing is measured."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
import samples as s

from statusledger.clock import MINUTE_MS
from statusledger.model import Terms
from statusledger.sla import BURN_RULES, burns, count, promise
from statusledger.timeline import classify, constant
from statusledger.timeline.steps import UNKNOWN


def burning(samples, minute, *, target="99.9", windows=(), **terms):
    """The four rules at a minute, of a component whose samples hold for ten."""
    timeline = classify(s.measured(s.component(), samples), windows)
    promised = promise(F(target) / 100, None, Terms(**terms))
    return burns(lambda periods: count(timeline, periods, s.at(minute)), timeline, promised, s.at(minute))


def test_a_rate_is_the_share_of_bad_time_over_the_share_allowed():
    """Ten minutes down of sixty, where 0.1 percent is allowed; nothing of it in the last five minutes."""
    page, *_ = burning(s.grid(4, 5), 60)

    assert (page.long, page.short, page.firing, page.frozen_at) == (F(500, 3), 0, False, None)


def test_a_rate_equal_to_the_factor_does_not_fire():
    """864 ms of an hour are 0.24 permille: 14.4 times what 99.998333 percent allow is reached, not exceeded."""
    samples = s.spelled("up 0, up 9, up 18, up 27, up 36, up 45, up 54, down 59.9856, up 60")
    allowed = F(864, 3_600_000) / F(144, 10)
    at_factor = burning(samples, 60, target=str((1 - allowed) * 100))
    tighter = burning(samples, 60, target=str((1 - allowed * F(999, 1000)) * 100))

    assert (at_factor[0].long, at_factor[0].firing) == (F(144, 10), False)
    assert tighter[0].firing


@pytest.mark.parametrize(
    ("samples", "minute", "expected"),
    [
        pytest.param("up 0, down 5", 15, [None, None, None, None], id="still known"),
        pytest.param("up 0, down 5", 19, [None, None, None, None], id="the short window reaches back"),
        pytest.param("up 0, down 5", 20, [19.99998333, None, None, None], id="nothing in five minutes"),
        pytest.param("up 0, down 5", 60, [19.99998333, 44.99998333, None, None], id="nothing in half an hour"),
        pytest.param(
            "up 0, down 5", 1000, [19.99998333, 44.99998333, 134.99998333, 374.99998333], id="nothing in any window"
        ),
    ],
)
def test_an_alert_stands_while_nothing_is_measured(samples, minute, expected):
    """A rule whose short window has nothing to divide says what held when it had something last."""
    found = burning(s.spelled(samples), minute)

    frozen = [burn.frozen_at and round((burn.frozen_at - s.APRIL) / MINUTE_MS, 8) for burn in found]
    assert frozen == expected
    assert [burn.short for burn in found if burn.frozen_at] == [None] * sum(at is not None for at in expected)
    assert all(burn.firing for burn in found)


def test_an_alert_does_not_start_while_nothing_is_measured():
    """It was quiet when the last measurement ended."""
    found = burning(s.spelled("up 0"), 60)

    assert [burn.firing for burn in found] == [False] * 4
    assert found[0].frozen_at == s.at(15) - 1


@pytest.mark.parametrize(
    ("terms", "frozen"),
    [
        pytest.param({}, True, id="maintenance and unknown excluded"),
        pytest.param({"unknown_as": "down"}, False, id="unknown counts as down"),
        pytest.param({"maintenance_as": "up"}, False, id="maintenance counts as up"),
    ],
)
def test_what_counts_by_the_terms_is_no_silence(terms, frozen):
    """Time that the terms count is something to divide."""
    windows = [(s.at(5), s.at(60))] if "maintenance_as" in terms else []

    page, *_ = burning(s.spelled("up 0"), 60, windows=windows, **terms)

    assert (page.frozen_at is not None) == frozen
    assert page.firing == ("unknown_as" in terms)


def test_no_downtime_allowed():
    """With a target of 100 there is no rate, and any downtime in both windows fires."""
    recent, past = burning(s.grid(11), 60, target="100"), burning(s.grid(2), 60, target="100")

    assert [burn.long for burn in recent] == [None] * 4
    assert [burn.firing for burn in recent] == [True] * 4
    assert [burn.firing for burn in past] == [False, False, True, True]


def test_nothing_was_ever_measured():
    """No rate, no alert, nothing to stand."""
    timeline = constant(UNKNOWN)

    found = burns(
        lambda periods: count(timeline, periods, s.at(0)), timeline, promise(F(999, 1000), None, Terms()), s.at(0)
    )

    assert [(burn.long, burn.short, burn.firing, burn.frozen_at) for burn in found] == [(None, None, False, None)] * 4
    assert tuple(burn.rule for burn in found) == BURN_RULES


@pytest.mark.parametrize(
    ("samples", "windows", "terms"),
    [
        pytest.param("up 0, up 50", [], {"unknown_as": "down"}, id="known at the end, unknown before"),
        pytest.param("up 0, up 50", [(10, 45)], {"maintenance_as": "up"}, id="known at the end, maintenance before"),
        pytest.param(
            "up 0, up 10, up 20, up 30, up 40", [(45, 99)], {"maintenance_as": "up"}, id="maintenance at the end"
        ),
        pytest.param("up 0, up 50", [], {}, id="known at the end"),
    ],
)
def test_the_newest_time_that_counts(samples, windows, terms):
    """Whatever counts by the terms keeps every rule awake."""
    found = burning(s.spelled(samples), 60, windows=[(s.at(a), s.at(b)) for a, b in windows], **terms)

    assert [burn.frozen_at for burn in found] == [None] * 4
    assert None not in [burn.short for burn in found]
    assert tuple(burn.rule for burn in found) == BURN_RULES


def test_what_begins_at_the_instant_of_the_build_is_ahead_of_it():
    """A sample at that very millisecond has measured nothing yet."""
    found = burning(s.spelled("up 0, down 5, down 60"), 60)

    assert [burn.frozen_at and burn.frozen_at - s.at(15) for burn in found[:2]] == [
        5 * MINUTE_MS - 1,
        30 * MINUTE_MS - 1,
    ]
    assert [burn.short for burn in found[:2]] == [None, None]


def test_each_rule_has_its_own_windows():
    """Three minutes after a good day: 50 times what is allowed in an hour, 8 times in six, twice in a day."""
    samples = [(s.at(minute), "up") for minute in range(0, 1437, 9)] + [(s.at(1437), "down")]

    assert [burn.firing for burn in burning(samples, 1440)] == [True, True, False, True]


def test_a_share_of_degraded_time_may_be_no_whole_millisecond():
    """A seventh of three minutes is 7 times what is allowed in an hour, not 14."""
    samples = [*s.grid(), (s.at(57), "degraded")]

    page, *_ = burning(samples, 60, degraded_weight=F(1, 7))

    assert (page.long, page.firing) == (F(50, 7), False)
