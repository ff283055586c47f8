"""Every worked example of the SLA definition that needs no file of its own: exact, or wrong."""

from __future__ import annotations

from datetime import date
from fractions import Fraction as F

import numpy as np
import pytest
import samples as s

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, Period, calendar, day_start, format_instant, parse_instant
from statusledger.incidents import measured_incidents, response_due
from statusledger.model import Severity, Terms
from statusledger.sla import SlaStatus, burns, count, minutes, percent, promise
from statusledger.timeline import classify, combine_members, component_timeline, merge, series

MONTH = Period("2026-04", s.APRIL, s.MAY)


def month_with(down_ms: int):
    """April, up held all month, with one outage of the given length."""
    rows = [(s.APRIL, "up"), (s.at(60), "down"), (s.at(60) + down_ms, "up")] if down_ms else [(s.APRIL, "up")]
    return s.measured(s.component(s.check(h=40 * 24 * 60)), rows)


@pytest.mark.parametrize(
    ("down_ms", "ratio", "shown", "credit", "downtime", "status"),
    [
        pytest.param(0, F(1), "100.000", 0, "0.000", "compliant", id="W01"),
        pytest.param(2_592_000, F(999, 1000), "99.900", 0, "43.200", "warning", id="W02"),
        pytest.param(2_592_001, F(2589407999, 2592000000), "99.899", 10, "43.201", "breached", id="W03"),
        pytest.param(2_721_600, F(19979, 20000), "99.895", 10, "45.360", "breached", id="W04"),
        pytest.param(2_594_592, F(998999, 1000000), "99.899", 10, "43.244", "breached", id="W05"),
        pytest.param(25_920_000, F(99, 100), "99.000", 10, "432.000", "breached", id="W06"),
        pytest.param(25_920_001, F(2566079999, 2592000000), "98.999", 50, "432.001", "breached", id="W07"),
        pytest.param(129_600_000, F(95, 100), "95.000", 50, "2160.000", "breached", id="W08"),
        pytest.param(129_600_001, F(2462399999, 2592000000), "94.999", 100, "2160.001", "breached", id="W09"),
        pytest.param(12_960_000, F(995, 1000), "99.500", 10, "216.000", "breached", id="W10"),
    ],
)
def test_month_with_one_outage(down_ms, ratio, shown, credit, downtime, status):
    """Ratio, display, credit and status turn at the exact millisecond."""
    got = s.figures_of(month_with(down_ms), MONTH)

    assert (got.ratio, percent(got.ratio), got.credit) == (ratio, shown, credit)
    assert (minutes(got.used_ms), got.status, got.down_ms) == (downtime, status, down_ms)


@pytest.mark.parametrize(
    ("unit", "day", "zone", "expected"),
    [
        pytest.param("month", date(2026, 2, 1), "UTC", "40.320", id="W11 Feb 2026"),
        pytest.param("month", date(2024, 2, 1), "UTC", "41.760", id="W11 Feb 2024"),
        pytest.param("month", date(2026, 4, 30), "UTC", "43.200", id="W11 Apr 2026"),
        pytest.param("month", date(2025, 12, 9), "UTC", "44.640", id="W11 Dec 2025"),
        pytest.param("month", date(2026, 3, 1), "Europe/Berlin", "44.580", id="W11 Berlin Mar 2026"),
        pytest.param("month", date(2026, 10, 1), "Europe/Berlin", "44.700", id="W11 Berlin Oct 2026"),
        pytest.param("quarter", date(2026, 2, 1), "Europe/Berlin", "129.540", id="W11 Berlin Q1 2026"),
        pytest.param("year", date(2026, 2, 1), "UTC", "525.600", id="W11 2026"),
        pytest.param("year", date(2024, 2, 1), "UTC", "527.040", id="W11 2024"),
    ],
)
def test_allowed_minutes_follow_the_real_length_of_the_period(unit, day, zone, expected):
    """The budget of a period that was up all along is its own length times (1 - T)."""
    period = calendar(unit, day, zone)
    timeline = s.measured(s.component(s.check(h=400 * 24 * 60)), [(period.start_ms, "up")])

    assert minutes(s.figures_of(timeline, period).allowed_ms) == expected


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        pytest.param(date(2023, 10, 1), "America/Asuncion", "2023-10-01T04:00:00.000Z", id="W12 no midnight"),
        pytest.param(date(2026, 11, 1), "America/Havana", "2026-11-01T04:00:00.000Z", id="W13 double midnight"),
    ],
)
def test_a_day_starts_at_its_first_instant(day, zone, expected):
    """A missing midnight maps to the jump, a double one to the first."""
    assert format_instant(day_start(day, zone)) == expected


def hour(samples, *, n=1, m=1, h=10, as_of=None, terms=None, plans=(), end=60, **settings):
    """Figures, incidents and check counts of 2026-04-01 00:00 to 01:00 (or `end`)."""
    timeline = s.measured(s.component(s.check(n=n, m=m, h=h), **settings), samples)
    period = Period("hour", s.at(0), s.at(end))
    got = s.figures_of(timeline, period, as_of=as_of, terms=terms, plans=plans)
    now = period.end_ms if as_of is None else as_of
    windows = s.counted_windows(plans, {"api"}, DAY_MS)
    found = measured_incidents(timeline, classify(timeline, windows), as_of=now)
    return got, [
        ((i.started_at - s.APRIL) // 60_000, i.ended_at and (i.ended_at - s.APRIL) / 60_000, i.down_ms) for i in found
    ]


def test_w14_two_failed_samples():
    """Ten minutes down in an hour, and the checks are counted."""
    timeline = s.measured(s.component(), s.grid(4, 5))

    got, incidents = hour(s.grid(4, 5))

    assert (got.up_ms, got.down_ms, got.ratio) == (3_000_000, 600_000, F(5, 6))
    assert (percent(got.ratio), minutes(got.used_ms)) == ("83.333", "10.000")
    assert timeline.checks_in([s.HOUR]) == [(12, 2)]
    assert incidents == [(20, 30, 600_000)]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        pytest.param(
            "up 0, down 20, down 21, down 22, down 23, up 24, up 40",
            {"h": 20},
            {"down_ms": 240_000, "up_ms": 3_360_000, "percent": "93.333"},
            id="W15",
        ),
        pytest.param(
            "up 0, up 5, up 45, up 50, up 55",
            {},
            {
                "up_ms": 1_800_000,
                "unknown_ms": 1_800_000,
                "ratio": F(1),
                "coverage": F(1, 2),
                "ratio_low": F(1, 2),
                "ratio_high": F(1),
                "insufficient_data": True,
            },
            id="W16",
        ),
        pytest.param(
            "up 0, up 5, up 45, up 50, up 55",
            {"terms": Terms(unknown_as="down")},
            {"ratio": F(1, 2), "minutes": "30.000", "credit": 100, "down_ms": 0},
            id="W17",
        ),
        pytest.param(
            "up 0, down 5, down 40, up 45, up 50, up 55",
            {},
            {"down_ms": 900_000, "unknown_ms": 1_500_000, "up_ms": 1_200_000, "incidents": [(5, 45, 900_000)]},
            id="W18",
        ),
        pytest.param(
            "up 0, down 5, unknown 10, down 15, up 20, up 25",
            {"n": 2, "end": 30},
            {"down_ms": 600_000, "unknown_ms": 300_000, "up_ms": 900_000, "incidents": [(5, 20, 600_000)]},
            id="W51",
        ),
        pytest.param("up 0", {"end": 10}, {"up_ms": 600_000, "unknown_ms": 0}, id="a sample holds for H"),
    ],
)
def test_spelled_hours(text, options, expected):
    """Hold, gaps, explicit unknown and confirmation across them."""
    got, incidents = hour(s.spelled(text), **options)

    derived = {"percent": percent(got.ratio), "minutes": minutes(got.used_ms), "incidents": incidents}
    assert {key: derived[key] if key in derived else getattr(got, key) for key in expected} == expected


def test_w57_a_neighbour_one_millisecond_late():
    """A sample at :10 + 1 ms leaves the hold of the one at :00 whole."""
    got, _ = hour([(s.at(0), "up"), (s.at(10) + 1, "up")], end=10)

    assert (got.up_ms, got.unknown_ms) == (600_000, 0)


@pytest.mark.parametrize(
    ("samples", "n", "m", "expected"),
    [
        pytest.param(s.grid(4), 2, 1, (300_000, 0, F(1), []), id="W19"),
        pytest.param(s.grid(4, 5), 2, 1, (0, 600_000, F(5, 6), [(20, 30, 600_000)]), id="W20"),
        pytest.param(s.grid(2, 3, 5, 6), 2, 2, (0, 1_500_000, F(7, 12), [(10, 35, 1_500_000)]), id="W21"),
        pytest.param(
            s.grid(2, 3, 5, 6), 2, 1, (0, 1_200_000, F(2, 3), [(10, 20, 600_000), (25, 35, 600_000)]), id="W22"
        ),
    ],
)
def test_confirmation(samples, n, m, expected):
    """Down counts from the first of N failures; M joins a flap."""
    got, incidents = hour(samples, n=n, m=m)

    assert (got.degraded_ms, got.down_ms, got.ratio, incidents) == expected


W23_WINDOW = (s.window(30, 50),)


@pytest.mark.parametrize(
    ("samples", "plans", "terms", "expected"),
    [
        pytest.param(
            s.grid(4, 5, 6, 7),
            W23_WINDOW,
            None,
            (1_800_000, 600_000, 1_200_000, F(3, 4), [(20, 40, 600_000)]),
            id="W23",
        ),
        pytest.param(s.grid(7, 8), W23_WINDOW, None, (2_400_000, 0, 1_200_000, F(1), []), id="W24"),
        pytest.param(
            s.grid(),
            (s.window(10, 30), s.window(20, 40), s.window(40, 45), s.window(12, 15)),
            None,
            (1_500_000, 0, 2_100_000, F(1), []),
            id="W25",
        ),
        pytest.param(
            s.grid(4),
            (s.window(15, 30, announced=s.at(15) - DAY_MS + 1000),),
            None,
            (3_300_000, 300_000, 0, F(11, 12), [(20, 25, 300_000)]),
            id="W26",
        ),
        pytest.param(
            s.grid(4),
            (s.window(15, 30, announced=s.at(15) - DAY_MS),),
            None,
            (2_700_000, 0, 900_000, F(1), []),
            id="W27",
        ),
        pytest.param(
            s.grid(0, 1),
            (s.window(30, 60),),
            Terms(maintenance_as="up"),
            (1_200_000, 600_000, 1_800_000, F(5, 6), [(0, 10, 600_000)]),
            id="W28",
        ),
        pytest.param(
            s.grid(0, 1),
            (s.window(30, 60),),
            None,
            (1_200_000, 600_000, 1_800_000, F(2, 3), [(0, 10, 600_000)]),
            id="W29",
        ),
        pytest.param(
            s.grid(4),
            (s.window(15, 30, cancelled=True),),
            None,
            (3_300_000, 300_000, 0, F(11, 12), [(20, 25, 300_000)]),
            id="a cancelled window excuses nothing",
        ),
    ],
)
def test_maintenance(samples, plans, terms, expected):
    """Announced windows are merged, masked and never excuse what lies outside them."""
    got, incidents = hour(samples, plans=plans, terms=terms)

    counted = [incident for incident in incidents if incident[2]]
    assert (got.up_ms, got.down_ms, got.maintenance_ms, got.ratio, counted) == expected


def test_w30_the_whole_hour_in_maintenance():
    """Nothing to divide: no data, no credit."""
    got, _ = hour(s.grid(), plans=(s.window(0, 60),))

    assert (got.ratio, got.status, got.credit) == (None, SlaStatus.NO_DATA, 0)


@pytest.mark.parametrize(
    ("samples", "active_from", "expected"),
    [
        pytest.param(s.grid(2, count=6), None, (1_800_000, 0, 1_500_000, F(5, 6)), id="W31"),
        pytest.param(s.grid(count=6), 0, (0, 1_800_000, 1_800_000, F(1)), id="W32"),
    ],
)
def test_alive(samples, active_from, expected):
    """Before its first sample a component is inactive, unless it is said to be alive: then it is unknown."""
    late = [(ts + 30 * MINUTE_MS, status) for ts, status in samples]

    got, _ = hour(late, active_from=None if active_from is None else s.at(active_from))

    assert (got.inactive_ms, got.unknown_ms, got.up_ms, got.ratio) == expected
    assert got.coverage == (F(1) if active_from is None else F(1, 2))


def test_w33_a_duplicate_counts_as_the_worse_one_in_any_order():
    """An up and a down row at one instant are one failed check."""
    rows = [*s.grid(4), (s.at(20), "up"), (s.at(20), "down")][::-1]
    timeline = s.measured(s.component(), rows)

    got, _ = hour(rows)

    assert (got.down_ms, timeline.checks_in([s.HOUR])) == (300_000, [(12, 1)])


def test_w35_an_outage_from_the_day_before_is_counted_where_it_lies():
    """The figure is clipped to the hour, the incident is not."""
    got, incidents = hour([(s.at(-5), "down"), *s.grid()[1:]])

    assert (got.down_ms, incidents) == (300_000, [(-5, 5, 600_000)])


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param(s.at(120), (300_000, 0), id="W36"),
        pytest.param(s.at(60) - 1, (0, 299_999), id="W37"),
    ],
)
def test_confirmation_may_come_after_the_period(as_of, expected):
    """A failure at the edge counts as soon as the sample after it confirms it."""
    rows = [row for row in [*s.grid(11), (s.at(60), "down"), (s.at(65), "up")] if row[0] <= as_of]

    got, _ = hour(rows, n=2, as_of=as_of)

    assert (got.down_ms, got.degraded_ms) == expected


def test_w38_degraded_time_counts_by_its_weight():
    """Ten degraded minutes at 0.3 are three."""
    got, _ = hour(s.grid(4, 5, status="degraded"), terms=Terms(degraded_weight=F(3, 10)))

    assert (got.ratio, minutes(got.used_ms)) == (F(19, 20), "3.000")


THREE = {"us": s.grid(4, 5), "eu": s.grid(5, 6), "ap": s.grid()}


@pytest.mark.parametrize(
    ("locations", "rule", "down_ms"),
    [
        pytest.param(THREE, "majority", 300_000, id="W39"),
        pytest.param(THREE, "any", 900_000, id="W40"),
        pytest.param(THREE, "all", 0, id="W41"),
        pytest.param({**THREE, "ap": s.grid(count=3)}, "majority", 300_000, id="W42"),
        pytest.param(THREE, 2, 300_000, id="two of three is the majority"),
    ],
)
def test_quorum(locations, rule, down_ms):
    """Locations vote; a silent one leaves the vote."""
    got, _ = hour(locations, quorum=rule)

    assert (got.down_ms, got.unknown_ms) == (down_ms, 0)


@pytest.mark.parametrize(
    ("required", "plans", "expected"),
    [
        pytest.param(None, (), (900_000, 0, F(3, 4)), id="W43"),
        pytest.param(1, (), (300_000, 0, F(11, 12)), id="W44"),
        pytest.param(None, (s.window(25, 45),), (600_000, 900_000, F(7, 9)), id="W46"),
    ],
)
def test_services(required, plans, expected):
    """Members are combined before they are counted; nobody's maintenance excuses another's failure."""
    rows = [
        (name, "eu", ts, status) for name, grid in (("api", s.grid(4, 5)), ("db", s.grid(5, 6))) for ts, status in grid
    ]
    found = series(s.frame(rows))
    windows = s.counted_windows(plans, {"api"}, DAY_MS)
    api = classify(component_timeline(s.component(s.check("api")), found), [])
    db = classify(component_timeline(s.component(s.check("db")), found), windows)

    service = merge([api, db], lambda matrix: combine_members(matrix, required))
    (counts,) = count(service, [s.HOUR], s.HOUR.end_ms)

    assert (counts.down_ms, counts.maintenance_ms, F(counts.up_ms, counts.known_ms)) == expected


def test_w47_a_running_month():
    """The budget is that of the whole month, the credit provisional."""
    got = s.figures_of(s.measured(s.component(), s.grid(4, 5, count=288)), MONTH, as_of=s.APRIL + DAY_MS)

    assert (got.ratio, percent(got.ratio), got.status) == (F(143, 144), "99.305", SlaStatus.WARNING)
    assert (got.credit, got.credit_locked, got.running) == (10, 0, True)
    assert (minutes(got.allowed_ms), minutes(got.remaining_ms), got.consumed) == ("43.200", "33.200", F(25, 108))


@pytest.mark.parametrize(
    ("failed", "hour_burn", "alerts"),
    [
        pytest.param((10, 11), F(500, 3), [True, True, True, True], id="W48"),
        pytest.param((4, 5), F(500, 3), [False, False, True, True], id="W49"),
    ],
)
def test_burn(failed, hour_burn, alerts):
    """A window pair fires when the long and the short one both burn."""
    timeline = classify(s.measured(s.component(), s.grid(*failed)), [])
    promised = promise(F(999, 1000), None, Terms())

    found = burns(lambda periods: count(timeline, periods, s.at(60)), timeline, promised, s.at(60))

    assert found[0].long == hour_burn
    assert [burn.firing for burn in found] == alerts


@pytest.mark.parametrize(
    ("opened", "severity", "zone", "due"),
    [
        pytest.param("2026-03-06T16:00Z", "P1", "UTC", "2026-03-06T16:15Z", id="W52 P1"),
        pytest.param("2026-03-06T16:00Z", "P2", "UTC", "2026-03-06T17:00Z", id="W52 P2"),
        pytest.param("2026-03-06T16:00Z", "P3", "UTC", "2026-03-06T20:00Z", id="W52 P3"),
        pytest.param("2026-03-06T16:00Z", "P4", "UTC", "2026-03-09T16:00Z", id="W52 P4"),
        pytest.param("2026-03-07T10:00Z", "P4", "UTC", "2026-03-10T00:00Z", id="W53"),
        pytest.param("2026-03-27T15:00Z", "P4", "Europe/Berlin", "2026-03-30T14:00Z", id="W54 over a clock change"),
    ],
)
def test_response_due(opened, severity, zone, due):
    """Minutes and hours pass; a business day keeps its wall clock."""
    assert response_due(parse_instant(opened), Severity(severity), zone) == parse_instant(due)


def test_w58_nothing_was_ever_measured():
    """Alive without a sample is unknown, not up."""
    timeline = component_timeline(s.component(active_from=s.APRIL), {})

    got = s.figures_of(timeline)

    assert (got.unknown_ms, got.ratio, got.status, got.credit) == (3_600_000, None, SlaStatus.NO_DATA, 0)


def test_w60_one_failed_minute():
    """59 of 60."""
    got, _ = hour(s.grid(30, count=60, step=1), h=10)

    assert percent(got.ratio) == "98.333"


def test_classes_always_sum_to_the_window():
    """Every millisecond is in exactly one class."""
    got, _ = hour(s.grid(4, 5, count=7), plans=(s.window(28, 33),))

    classes = [got.up_ms, got.degraded_ms, got.down_ms, got.unknown_ms, got.maintenance_ms, got.inactive_ms]
    assert int(np.sum(classes)) == HOUR_MS
