"""Insights: eight charts whose figures agree with the days, intervals and incidents they were drawn from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from outputs import reports

from statusledger import words
from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS
from statusledger.model import Severity, Shown
from statusledger.outputs import plots
from statusledger.outputs.times import Times
from statusledger.outputs.views import insights, outages
from statusledger.outputs.views.span import Span
from statusledger.report.records import Report

TIMES = Times("UTC", reports.NOW)


def view(report: Report, days: int = 90) -> insights.Insights:
    """The insights of a report."""
    return insights.insights(report, TIMES, days)


def test_default_window_lies_at_the_root_of_insights() -> None:
    """90 days need no folder of their own; the other windows are named after their days."""
    paths = [insights.path(days).as_posix() for days in insights.WINDOWS]

    assert paths == [
        "insights/7d/index.html",
        "insights/30d/index.html",
        "insights/index.html",
        "insights/365d/index.html",
    ]


def test_states_share_all_time_of_all_components() -> None:
    """Two components over 90 days: the shares add up, time that was up is cut, other time rounded up."""
    api = reports.component("api", "API", {reports.OUTAGE_DAY: {"down": 61}, reports.RELEASE_DAY: {"degraded": 11}})
    web = reports.component("web", "Web", {reports.TODAY: {"unknown": 30}})

    found = view(reports.report({"Core": (api, web)})).distribution

    whole = 2 * (89 * 1440 + 180)
    assert found is not None
    assert [(share.word, share.share) for share in found.shares] == [
        ("Up", words.percentage(Fraction(whole - 102, whole))),
        ("Degraded", words.ceiled_percentage(Fraction(11, whole))),
        ("Down", words.ceiled_percentage(Fraction(61, whole))),
        ("Maintenance", "0.000\u202f%"),
        ("Not measured", words.ceiled_percentage(Fraction(30, whole))),
    ]
    assert found.rest_lasted == words.duration(102 * MINUTE_MS)


def test_nothing_alive_has_no_distribution() -> None:
    """Without a day there is nothing to share."""
    assert view(reports.empty()).distribution is None
    assert view(reports.bare()).components == 0


def test_history_has_a_lane_for_each_component_that_was_not_operational_throughout() -> None:
    """The others are counted, not drawn; the table counts days by state."""
    report = reports.operational()

    lanes = view(report).history

    assert [row.id for row in lanes.rows] == ["api", "web", "mail"]
    assert lanes.others == 1
    counts = dict(zip(Shown, lanes.rows[0].counts, strict=True))
    assert counts == {
        Shown.OPERATIONAL: 87,
        Shown.DEGRADED: 1,
        Shown.PARTIAL: 1,
        Shown.MAJOR: 1,
        Shown.MAINTENANCE: 0,
        Shown.NODATA: 0,
    }


def test_window_leaves_out_what_lies_before_it() -> None:
    """The outages of October are in 90 days, not in 30; an outage that reached into the window is."""
    report = reports.operational()
    long_one = replace(report.incidents[0], ended_at=reports.NOW - 6 * DAY_MS)

    assert view(report, 90).outage_count == 2
    assert view(report, 30).outage_count == 0
    assert view(replace(report, incidents=(long_one,)), 7).outage_count == 1


def test_active_outages_are_told_up_to_the_build() -> None:
    """One lasts for 29 minutes; none where nothing is down."""
    lasting = view(reports.major()).active

    assert [(one.title, one.lasted, one.severity) for one in lasting] == [("API: outage", "29\u202fmin", "P1")]
    assert view(reports.operational()).active == ()


def test_components_with_outages_stand_in_the_order_of_their_downtime() -> None:
    """Downtime first, then the number of outages; the bar of the worst is the longest."""
    api, web = reports.component("api", "API"), reports.component("web", "Web")
    start = reports.at(date(2026, 11, 10))
    found = (
        reports.incident("a", api, start, start + 5 * MINUTE_MS),
        reports.incident("b", api, start + HOUR_MS, start + HOUR_MS + 5 * MINUTE_MS),
        reports.incident("c", web, start, start + 40 * MINUTE_MS),
    )

    hits = view(reports.report({"Core": (api, web)}, incidents=found)).by_component

    assert [(hit.name, hit.count, hit.lasted) for hit in hits] == [
        ("Web", 1, "40\u202fmin"),
        ("API", 2, "10\u202fmin"),
    ]
    assert ['width="100.00%"' in hit.bar for hit in hits] == [True, False]


@pytest.mark.parametrize(
    ("days", "each", "names"),
    [
        (7, "Each day from", ["19 Nov"]),
        (30, "Each day from", ["10 Nov", "19 Nov"]),
        (90, "Each week from", ["9 Nov", "16 Nov"]),
        (365, "Each month from", ["Mar", "Nov"]),
    ],
)
def test_outages_over_time_are_counted_where_they_began(days: int, each: str, names: list[str]) -> None:
    """By day, by week from Monday, by month."""
    api = reports.component("api", "API")
    starts = (date(2026, 3, 2), date(2026, 11, 10), date(2026, 11, 19))
    found = tuple(
        reports.incident(str(i), api, reports.at(when), reports.at(when) + MINUTE_MS) for i, when in enumerate(starts)
    )

    severities = outages.by_severity(found[::-1], Span(days, TIMES))

    assert severities is not None
    assert severities.each == each
    assert [bucket.name for bucket in severities.buckets] == names
    assert [count for _, _, count in severities.totals] == [sum(b.counts[0] for b in severities.buckets), 0, 0, 0]


def test_severities_are_stacked_with_the_worst_at_the_foot() -> None:
    """One column with a P1 and a P3: the P1 begins lower."""
    drawing = plots.columns([{Severity.P3: 1, Severity.P1: 1}], [], "x")

    assert drawing.index('class="p1"') < drawing.index("url(#stripes)")


def test_maintenance_is_listed_newest_first_with_its_length() -> None:
    """Every stretch that was counted as maintenance, whoever announced it."""
    found = view(reports.operational()).maintenance

    assert [(row.name, row.lasted) for row in found.rows] == [("API", "1\u202fh"), ("Dashboard", "24\u202fh")]
    assert [row.id for row in found.lanes.rows] == ["api", "web"]


def test_slowest_component_comes_first_on_a_common_scale() -> None:
    """Percentiles are those of the component's own page; what was not timed is left out."""
    slow = replace(reports.response_times(), p50=900, p95=1800, p99=4000)
    report = reports.report(
        {
            "Core": (
                reports.component("a", "A"),
                reports.component("b", "B", response_times=slow),
                reports.component("c", "C", response_times=reports.NO_RESPONSE_TIMES),
            )
        }
    )

    found = view(report)

    assert [(row.name, row.percentiles[0]) for row in found.responses] == [("B", "900\u202fms"), ("A", "118\u202fms")]
    assert found.scale == ("100\u202fms", "1,000\u202fms", "10,000\u202fms")


@pytest.mark.parametrize(("value", "place"), [(10, 0.0), (100, 50.0), (1000, 100.0)])
def test_scale_is_logarithmic(value: int, place: float) -> None:
    """Ten times as long is always as far along."""
    assert plots.scale([10, 1000]).place(value) == pytest.approx(place)


def test_every_share_can_be_seen_and_all_fit() -> None:
    """A state of one minute in a year is drawn, and the drawing is not wider than its place."""
    parts = [(Shown.OPERATIONAL, 525_599), (Shown.MAJOR, 1)]

    drawing = plots.shares(parts, "x")

    widths = [float(piece.split('%"')[0]) for piece in drawing.split(' width="')[1:]]
    assert widths[1] >= plots.THINNEST / 2
    assert sum(widths) == pytest.approx(100)


def test_axis_of_a_year_names_its_months() -> None:
    """The first of each month, none so late that its name would leave the drawing."""
    ticks = Span(365, TIMES).ticks

    assert [tick.word for tick in ticks] == [
        "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
    ]  # fmt: skip
    assert [tick.minor for tick in ticks[:3]] == [False, True, False]
    assert ticks[0].place == pytest.approx(9 / 364, abs=0.001)


def test_ticks_follow_the_clock_changes_of_the_zone() -> None:
    """A day that is an hour short moves the ticks after it."""
    span = Span(365, Times("Europe/Berlin", reports.NOW))

    assert span.first == reports.TODAY - timedelta(days=364)
    assert span.place(span.start_ms) == 0.0
    assert span.place(reports.NOW) == 1.0
