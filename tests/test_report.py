"""The report: what readers are told of a ledger, state by state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import samples as s

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS
from statusledger.config import Config, Monitor, Page, Sla
from statusledger.frames import Ledger
from statusledger.model import Group, Location, Member, Performance, Service, Severity, Shown, State, Tier, Visibility
from statusledger.report.build import report
from statusledger.report.days import day_shown, percentiles
from statusledger.report.records import BuiltFrom
from statusledger.rollup.reading import History
from statusledger.timeline import series

NOW = s.at(60)


def watched(name: str, **settings):
    """A component of one check that has its id."""
    return replace(s.component(s.check(name), **settings), id=name, name=name.title())


def configured(*components, locations=("eu",)) -> Config:
    """A configuration with these components in one group."""
    return Config(
        path=Path("checks.yml"),
        page=Page("Acme", "https://status.acme.example", "2026-01-01"),
        monitor=Monitor(tuple(Location(name, name, 5 * MINUTE_MS) for name in locations)),
        sla=Sla(),
        groups=(Group("core", "Core", tuple(components)),),
    )


def ledger(by_check, *, offline=()) -> History:
    """The history of (check -> location -> samples)."""
    rows = [
        (check, place, ts, status)
        for check, places in by_check.items()
        for place, samples in places.items()
        for ts, status in samples
    ]
    ticks: dict[str, int] = {}
    for _, place, ts, _ in rows:
        ticks[place] = max(ts, ticks.get(place, ts))
    return History(Ledger((), (), 0, ticks, frozenset(offline)), series(s.frame(rows)))


def told(config: Config, read: History, as_of: int = NOW):
    """The report at an instant."""
    return report(config, read, BuiltFrom(as_of, None, "test", 1))


def one(samples, *, as_of=NOW, locations=("eu",), **settings):
    """The report of a single component."""
    by_location = samples if isinstance(samples, dict) else {"eu": samples}
    return told(configured(watched("api", **settings), locations=locations), ledger({"api": by_location}), as_of)


@pytest.mark.parametrize(
    ("samples", "state", "shown", "headline"),
    [
        pytest.param(s.grid(), State.UP, Shown.OPERATIONAL, "All systems operational", id="up"),
        pytest.param(s.grid(11), State.DOWN, Shown.MAJOR, "Api: major outage", id="down"),
        pytest.param(s.grid(11, status="degraded"), State.DEGRADED, Shown.DEGRADED, "Api: degraded", id="degraded"),
        pytest.param(s.grid(11, status="unknown"), State.UNKNOWN, Shown.NODATA, "Api: no data", id="unknown"),
        pytest.param(
            {"eu": s.grid(11), "us": s.grid(), "ap": s.grid()},
            State.UP,
            Shown.PARTIAL,
            "Api: partial outage",
            id="partial",
        ),
    ],
)
def test_state_and_verdict(samples, state, shown, headline):
    """What is counted, what is shown, and the words of the banner."""
    got = one(samples, as_of=NOW - 1)

    component = got.components["api"]
    assert (component.state, component.shown, str(got.verdict.headline)) == (state, shown, headline)


def test_a_partial_outage_is_a_note_and_not_an_incident():
    """One location of three: named, shown, not counted."""
    got = one({"eu": s.grid(10, 11), "us": s.grid(), "ap": s.grid()}, as_of=NOW - 1)

    component = got.components["api"]
    assert (component.down_at, component.since) == (("eu",), s.at(50))
    assert (got.incidents, component.figures["24h"].down_ms) == ((), 0)


def test_private_components_are_in_nothing():
    """Not in the groups, the incidents, the severity of others or the services."""
    config = configured(
        watched("api", tier=Tier.LOW), watched("vault", visibility=Visibility.PRIVATE, tier=Tier.CRITICAL)
    )
    both = {"api": {"eu": s.grid(4, 5)}, "vault": {"eu": s.grid(4, 5)}}

    got = told(config, ledger(both))

    assert "vault" not in repr(got).lower()
    assert [incident.severity for incident in got.incidents] == [Severity.P3]


def test_two_components_down_at_once_are_the_worst_severity():
    """Two low components make a P1, unless one of them only follows the other."""
    both = {"api": {"eu": s.grid(4, 5)}, "web": {"eu": s.grid(5, 6)}}
    alone = configured(watched("api", tier=Tier.LOW), watched("web", tier=Tier.LOW))
    follows = configured(watched("api", tier=Tier.LOW), watched("web", tier=Tier.LOW, depends_on=("api",)))

    assert [i.severity for i in told(alone, ledger(both)).incidents] == [Severity.P1, Severity.P1]
    assert [i.severity for i in told(follows, ledger(both)).incidents] == [Severity.P3, Severity.P3]


def test_short_stretches_have_no_page_and_are_counted_all_the_same():
    """Under two minutes: in the figures and in the statement, not in the history."""
    got = one([(s.at(0), "up"), (s.at(5), "down"), (s.at(5) + 90_000, "up"), (s.at(10), "up")])

    component = got.components["api"]
    assert got.incidents == ()
    assert component.figures["24h"].down_ms == 90_000
    assert [downtime.down_ms for downtime in component.downtimes["24h"]] == [90_000]


def test_an_incident_tells_its_trail_and_what_every_location_saw():
    """Detected, resolved, a lane for each location and the verdict last."""
    got = one({"eu": s.grid(4, 5), "us": s.grid(4, 5, 6)}, locations=("eu", "us"))

    (incident,) = got.incidents
    assert [update.status for update in incident.updates] == ["investigating", "resolved"]
    assert [update.at for update in incident.updates] == [incident.detected_at, incident.ended_at]
    assert [(lane.name, lane.verdict) for lane in incident.lanes] == [("eu", False), ("us", False), ("Verdict", True)]
    assert "seen by 2 of 2 locations" in str(incident.updates[0].text)


def test_what_is_published_of_an_incident_does_not_change_while_it_lasts():
    """A feed entry that is read twice says the same."""
    samples = s.spelled("up 0, down 5, down 10, down 15, down 20")

    early, late = (one(samples, as_of=s.at(minute)).incidents[0] for minute in (21, 24))

    assert early.updates == late.updates
    assert early.down_ms < late.down_ms


def test_nothing_measured_yet():
    """A new page claims nothing."""
    got = told(configured(watched("api")), ledger({}))

    assert (got.verdict.shown, str(got.verdict.headline)) == (Shown.NODATA, "Nothing has been measured yet")
    assert got.components["api"].days == ()


def test_a_stale_page_says_how_old_it_is():
    """Not green, not red: old."""
    got = one(s.grid(), as_of=s.at(240))

    assert got.monitor.stale
    assert str(got.verdict.headline) == "Data is 3\u202fh 5\u202fmin old"


def test_an_offline_monitor_says_so():
    """All recent rows are excused by canaries: the monitor is at fault, not the services."""
    rows = [*s.grid(count=10), (s.at(50), "unknown"), (s.at(55), "unknown")]
    read = ledger({"api": {"eu": rows}}, offline=["eu"])

    got = told(configured(watched("api")), read)

    assert (got.monitor.offline, got.monitor.stale, str(got.verdict.headline)) == (
        True,
        False,
        "The monitor is offline",
    )


def test_one_location_of_two_offline_is_no_offline_monitor():
    """What the other one sees still counts."""
    read = ledger({"api": {"eu": s.grid(11, status="unknown"), "us": s.grid()}}, offline=["eu"])

    got = told(configured(watched("api")), read, NOW - 1)

    assert (got.monitor.offline, got.components["api"].state) == (False, State.UP)


def test_a_location_that_is_three_schedules_late_is_overdue():
    """And one that is not configured with a schedule never is."""
    got = one({"eu": s.grid(count=5), "us": s.grid()}, locations=("eu", "us"), as_of=s.at(58))

    assert [(place.location.id, place.overdue) for place in got.monitor.locations] == [("eu", True), ("us", False)]


def test_generated_rows_are_told():
    """The demo's past is marked."""
    got = one({"generated": s.grid()})

    assert got.monitor.generated_until == s.at(55)


def test_days_begin_with_the_first_one_that_has_data():
    """And each day's classes sum to its length up to now."""
    got = one(s.grid(4, 5, count=400), as_of=s.APRIL + DAY_MS + 6 * HOUR_MS)

    days = got.components["api"].days
    assert [day.date for day in days] == [date(2026, 4, 1), date(2026, 4, 2)]
    assert [day.length_ms for day in days] == [DAY_MS, 6 * HOUR_MS]
    assert days[0].down_ms == 600_000
    assert len(days[0].incidents) == 1


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param((0, 0, 0, 0), Shown.NODATA, id="nothing known"),
        pytest.param((0, 0, 0, 60), Shown.MAINTENANCE, id="only maintenance"),
        pytest.param((1439, 0, 1, 0), Shown.PARTIAL, id="any downtime"),
        pytest.param((1380, 0, 60, 0), Shown.MAJOR, id="an hour"),
        pytest.param((20, 0, 20, 0), Shown.MAJOR, id="half of what is known"),
        pytest.param((1435, 5, 0, 0), Shown.DEGRADED, id="five minutes degraded"),
        pytest.param((1436, 4, 0, 0), Shown.OPERATIONAL, id="four minutes degraded"),
        pytest.param((1, 0, 0, 1439), Shown.OPERATIONAL, id="maintenance and up"),
    ],
)
def test_what_a_bar_says(minutes, expected):
    """Major, partial, degraded, maintenance, operational, no data: by the day's own minutes."""
    assert day_shown(*(count * MINUTE_MS for count in minutes)) is expected


def test_percentiles_are_measured_values():
    """Nearest rank: never a time that nobody measured."""
    assert percentiles(range(1, 101)) == (50, 95, 99)
    assert percentiles([7]) == (7, 7, 7)
    assert percentiles([]) == (None, None, None)


def test_failures_are_not_timed():
    """A service that fails fast does not look fast."""
    got = one(s.grid(4, 5))

    assert got.components["api"].response_times.count == 10


def test_services_are_told_unless_a_member_is_private():
    """A private member would show through the figures."""
    service = Service("all", "Everything", (Member("api"), Member("web")), "all")
    both = {"api": {"eu": s.grid(4, 5)}, "web": {"eu": s.grid(5, 6)}}
    public = replace(configured(watched("api"), watched("web")), services=(service,))
    hidden = replace(configured(watched("api"), watched("web", visibility=Visibility.PRIVATE)), services=(service,))

    (got,) = told(public, ledger(both)).services
    assert (got.figures["24h"].down_ms, got.figures["24h"].ratio) == (900_000, Fraction(3, 4))
    assert told(hidden, ledger(both)).services == ()


@pytest.mark.parametrize(
    ("mode", "ratio"),
    [
        pytest.param("all", Fraction(3, 4), id="W43"),
        pytest.param("any", Fraction(11, 12), id="W44"),
        pytest.param("weighted", Fraction(5, 6), id="W45"),
    ],
)
def test_service_modes(mode, ratio):
    """Members are combined before anything is counted; weights are exact."""
    service = Service("all", "Everything", (Member("api", Fraction(3)), Member("web")), mode)
    config = replace(configured(watched("api"), watched("web")), services=(service,))
    read = ledger({"api": {"eu": s.grid(4, 5)}, "web": {"eu": s.grid(5, 6)}})

    (got,) = told(config, read).services

    assert got.figures["24h"].ratio == ratio


def test_a_target_time_is_told_with_the_response_times():
    """The chart can draw what was promised."""
    config = configured(watched("api"))
    check = replace(config.checks["api"], performance=Performance(200, 300, 500))
    config = replace(config, groups=(Group("core", "Core", (replace(watched("api"), checks=(check,)),)),))

    got = told(config, ledger({"api": {"eu": s.grid()}}))

    times = got.components["api"].response_times
    assert (times.target_ms, times.warn_ms, times.p50, len(times.hours)) == (200, 300, 100, 168)


def test_budget_is_told_at_the_end_of_each_day_of_the_month():
    """What was used up by then, the last day cut at the build; it ends with the month's own figure."""
    as_of = NOW + 2 * DAY_MS

    got = one(s.grid(3, 4), as_of=as_of)

    component = got.components["api"]
    used = component.figures[got.month.key].used_ms
    assert used > 0
    assert [(point.at, point.used_ms) for point in component.spent] == [
        (s.at(1440), used),
        (s.at(2880), used),
        (as_of, used),
    ]
