"""A component of kept days and dated policies: counts, life, membership of its checks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import samples as s

from statusledger.clock import DAY_MS, MINUTE_MS, Period
from statusledger.timeline import END, Era, KeptCheck, KeptDays, Past, component_timeline, series
from statusledger.timeline.steps import BEGINNING, DEGRADED, DOWN, UNKNOWN, UP

DAY = s.APRIL
NEXT = DAY + DAY_MS


def rows(*told):
    """Samples by check and location of (check, location, minute, status)."""
    return series(s.frame([(check, place, s.at(minute), status) for check, place, minute, status in told]))


def kept(*days, at_hand=(), counts=()):
    """Kept days that were up all day, with their counts."""
    starts = np.array([DAY + day * DAY_MS for day in days], dtype=np.int64)
    return KeptDays(
        starts,
        starts,
        np.full(len(days), UP, dtype=np.int8),
        np.array(counts, dtype=np.int64).reshape(-1, 2),
        np.array(at_hand, dtype=np.bool_),
    )


def past(kept_days, component):
    """One policy for ever, and these days."""
    return Past((Era(BEGINNING, END, component),), kept_days)


# --- counts -------------------------------------------------------------------------------------

HAND = rows(
    ("api", "eu", -10, "up"),
    ("api", "eu", 10, "up"),
    ("api", "eu", 20, "down"),
    ("api", "us", 20, "down"),
    ("api", "us", 30, "unknown"),
    ("web", "eu", 30, "down"),
    ("shown", "eu", 40, "down"),
)
BOTH = s.component(s.check("api"), s.check("web"), replace(s.check("shown"), informational=True))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 60, (4, 3), id="known and failed, of counted checks, at all locations"),
        pytest.param(-60, 60, (5, 3), id="and before"),
        pytest.param(20, 30, (2, 2), id="half-open"),
        pytest.param(21, 30, (0, 0), id="nothing"),
        pytest.param(30, 20, (0, 0), id="inverted"),
    ],
)
def test_counts_of_samples_at_hand(start, end, expected):
    """Known samples, and those that failed before confirmation."""
    one = component_timeline(BOTH, HAND)

    (found,) = one.checks_in([Period("", s.at(start), max(s.at(end), s.at(start)))])

    assert found == expected


def test_counts_by_the_policy_of_their_time():
    """Until minute 20 only the API counted, from then on only the web."""
    api, web = s.component(s.check("api")), s.component(s.check("web"))
    eras = (Era(BEGINNING, s.at(20), api), Era(s.at(20), END, web))

    one = component_timeline(web, HAND, Past(eras))

    assert one.checks_in([s.HOUR, Period("", s.at(-60), s.at(20)), Period("", s.at(15), s.at(25))]) == [
        (2, 1), (2, 0), (0, 0),
    ]  # fmt: skip
    assert one.era_at(s.at(19)).component is api
    assert one.era_at(s.at(20)).component is web
    assert [check.check.id for check in one.counted] == ["web"]


def test_a_sample_counts_once_whatever_the_policies():
    """The same check under two policies: each sample belongs to the one of its time."""
    strict, mild = s.component(s.check("api", n=1)), s.component(s.check("api", n=3))

    one = component_timeline(mild, HAND, Past((Era(BEGINNING, s.at(20), strict), Era(s.at(20), END, mild))))

    assert one.checks_in([s.HOUR, Period("", s.at(-60), s.at(20)), Period("", s.at(20), s.at(60))]) == [
        (3, 2), (2, 0), (2, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(DAY, NEXT, (288, 7), id="a kept day"),
        pytest.param(DAY, NEXT + DAY_MS, (288 + 100, 7 + 1), id="two of them"),
        pytest.param(DAY - DAY_MS, NEXT + 5 * DAY_MS, (1 + 288 + 100 + 50, 7 + 1), id="all, and one sample before"),
        pytest.param(DAY, NEXT + 1, None, id="one whole, the second cut"),
        pytest.param(DAY + 1, NEXT, None, id="cut at its beginning"),
        pytest.param(DAY, NEXT - 1, None, id="cut at its end"),
        pytest.param(DAY + 1, DAY + 2, None, id="inside of one"),
        pytest.param(DAY + 3 * DAY_MS, DAY + 4 * DAY_MS, (0, 0), id="a day that nobody kept"),
        pytest.param(DAY + 3 * DAY_MS + 5, DAY + 4 * DAY_MS, (0, 0), id="or a part of it"),
        pytest.param(DAY + 4 * DAY_MS, DAY + 4 * DAY_MS + 9, None, id="a part of the last"),
        pytest.param(DAY + 5 * DAY_MS, DAY + 5 * DAY_MS + 9, (0, 0), id="a kept day without samples may be cut"),
        pytest.param(DAY + 2 * DAY_MS, DAY + 2 * DAY_MS + 9, (0, 0), id="so may one whose samples are at hand"),
    ],
)
def test_counts_of_kept_days(start, end, expected):
    """Of whole kept days what is kept; a period that cuts one whose samples are gone has none."""
    component = s.component(s.check("api"))
    hand = rows(("api", "eu", -10, "up"), ("api", "eu", 2 * 24 * 60 + 60, "down"))
    days = kept(
        0, 1, 2, 4, 5,
        at_hand=[False, False, True, False, False],
        counts=[(288, 7), (100, 1), (99, 99), (50, 0), (0, 0)],
    )  # fmt: skip
    if expected is not None and end == NEXT + 5 * DAY_MS:
        expected = (expected[0] + 1, expected[1] + 1)  # the sample that is at hand

    one = component_timeline(component, hand, past(days, component))

    assert one.checks_in([Period("", start, end)]) == [expected]


def test_samples_at_hand_of_a_kept_day_are_not_counted_twice():
    """Where a day's samples were read only in part, what is kept stands for all of them."""
    component = s.component(s.check("api"))
    days = kept(0, at_hand=[False], counts=[(288, 7)])

    one = component_timeline(
        component, rows(("api", "eu", 10, "down"), ("api", "eu", 24 * 60, "up")), past(days, component)
    )

    assert one.checks_in([Period("", DAY, NEXT), Period("", DAY, NEXT + DAY_MS)]) == [(288, 7), (289, 7)]


# --- life and membership ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({}, (s.at(10), None), id="from its first sample, without an end"),
        pytest.param({"active_from": s.at(0)}, (s.at(0), None), id="promised from"),
        pytest.param({"active_until": s.at(50)}, (s.at(10), s.at(50)), id="promised until"),
        pytest.param({"active": False}, (s.at(10), s.at(35)), id="switched off: its last hold"),
        pytest.param({"active": False, "active_until": s.at(22)}, (s.at(10), s.at(22)), id="an end is an end"),
    ],
)
def test_life(settings, expected):
    """[active_from or first sample, active_until or last hold)."""
    one = component_timeline(
        s.component(s.check("api", h=10), s.check("web", h=5), **settings),
        rows(("api", "eu", 20, "up"), ("web", "eu", 10, "up"), ("web", "us", 30, "up")),
    )

    assert (one.alive_from, one.alive_until) == expected
    assert one.first_sample_at == s.at(10)


def test_life_of_what_was_never_measured():
    """Nothing is known of it; what was promised holds all the same."""
    never, promised = s.component(active=False), s.component(active_from=s.at(5))

    assert (component_timeline(never, {}).alive_from, component_timeline(never, {}).alive_until) == (None, None)
    assert component_timeline(promised, {}).alive_from == s.at(5)


def test_what_kept_lines_tell_of_a_check():
    """The first kept day, the newest samples: whichever is earlier or later."""
    component = s.component(s.check("api"))
    told = {"api": KeptCheck(DAY - DAY_MS, s.at(99), s.at(5))}

    (check,) = component_timeline(
        component,
        rows(("api", "eu", 10, "up"), ("api", "us", 20, "unknown")),
        Past((Era(BEGINNING, END, component),), checks=told),
    ).checks

    assert (check.first_sample_at, check.last_sample_at, check.last_known_at) == (DAY - DAY_MS, s.at(99), s.at(10))


def test_instants_of_a_check():
    """Of all locations; the newest known one is not the newest one."""
    (check,) = component_timeline(
        s.component(), rows(("api", "eu", 10, "up"), ("api", "us", 20, "unknown"), ("api", "us", 5, "down"))
    ).checks

    assert (check.first_sample_at, check.last_sample_at, check.last_known_at) == (s.at(5), s.at(20), s.at(10))


@pytest.mark.parametrize(
    ("settings", "states"),
    [
        pytest.param({}, [UNKNOWN, UP, DOWN, UNKNOWN], id="a member while it measures, unknown behind its hold"),
        pytest.param({"active": False}, [UNKNOWN, UP, DOWN, UP], id="switched off: a member until its last hold ends"),
        pytest.param({"active_until": s.at(25)}, [UNKNOWN, UP, UP, UP], id="a member until an instant"),
        pytest.param({"informational": True}, [UNKNOWN, UP, UP, UP], id="shown only: never a member"),
    ],
)
def test_when_a_check_is_a_member(settings, states):
    """The web fails at minute 25 and is silent from 30 on; the API is up from minute 10 to 60."""
    web = replace(s.check("web", h=10), **settings)
    api = [("api", "eu", minute, "up") for minute in range(10, 60, 5)]

    one = component_timeline(
        s.component(s.check("api"), web), rows(*api, ("web", "eu", 20, "up"), ("web", "eu", 25, "down"))
    )

    assert one.state.at([s.at(minute) for minute in (5, 15, 27, 40)]).tolist() == states


def test_a_heartbeat_speaks_for_itself():
    """What it reported itself stands beside the verdict of those who only say whether it came, and the worse holds."""
    beat = replace(s.check("job"), type="heartbeat")
    told = [("job", place, 0, "up") for place in ("eu", "us")]

    failed = component_timeline(s.component(beat), rows(*told, ("job", "push", 1, "down")))
    silent = component_timeline(
        s.component(beat), rows(*[(*row[:3], "down") for row in told], ("job", "push", 1, "up"))
    )
    alone = component_timeline(s.component(beat), rows(("job", "push", 1, "degraded")))
    later = component_timeline(s.component(beat), rows(*told, ("job", "push", 20, "degraded")))
    other = component_timeline(s.component(s.check("job")), rows(*told, ("job", "push", 1, "down")))

    assert [one.state.at([s.at(2)])[0] for one in (failed, silent, alone, other)] == [DOWN, DOWN, DEGRADED, UP]
    assert later.state.at([s.at(21)]).tolist() == [DEGRADED]


def test_first_samples_of_an_era():
    """Only those that counted in it make the component alive."""
    api, web = s.component(s.check("api")), s.component(s.check("web"))
    eras = (Era(BEGINNING, s.at(20), web), Era(s.at(20), END, api))
    told = rows(("api", "eu", 5, "up"), ("api", "eu", 25, "up"), ("web", "eu", 30, "up"))

    one = component_timeline(api, told, Past(eras))
    known = component_timeline(api, told, Past(eras, first_sample_at=s.at(1)))

    assert (one.first_sample_at, known.first_sample_at) == (s.at(25), s.at(1))


def test_samples_from_before_a_check_counted_hold_for_nothing():
    """It counts from minute 20 on; what it saw at 15 does not reach into that. What is only shown is seen whole."""
    web, both = s.component(s.check("web")), s.component(s.check("api"), replace(s.check("shown"), informational=True))
    told = rows(("api", "eu", 15, "up"), ("api", "eu", 25, "up"), ("shown", "eu", 5, "down"))

    one = component_timeline(both, told, Past((Era(BEGINNING, s.at(20), web), Era(s.at(20), END, both))))

    assert one.state.at([s.at(22), s.at(26)]).tolist() == [UNKNOWN, UP]
    assert [check.samples["eu"].ts.tolist() for check in one.checks] == [[s.at(25)], [s.at(5)]]


def test_unconfirmed_failures_by_check():
    """Each check by its own N."""
    one = component_timeline(
        s.component(s.check("api", n=2), s.check("web", n=1)),
        rows(("api", "eu", 0, "down"), ("web", "eu", 0, "up"), ("web", "eu", 5, "down")),
    )

    assert one.state.at([s.at(1), s.at(6)]).tolist() == [DEGRADED, DOWN]
    assert one.state.at([s.at(5) + 10 * MINUTE_MS]).tolist() == [UNKNOWN]
