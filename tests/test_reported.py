"""What people report is laid over what was measured: the worse of the two, and each instant of downtime once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import samples as s
from rollup.histories import lay, watched, watching

from statusledger.clock import MINUTE_MS
from statusledger.model import Maintenance, Member, Service, Status, Terms
from statusledger.report import reading
from statusledger.report.evaluation import evaluate
from statusledger.report.filed import Filed
from statusledger.sla import promise
from statusledger.timeline import Reported, classify
from statusledger.timeline.maintenance import without


def told(start: float, end: float | None, state: str = "down", *, incident: str = "file") -> Reported:
    """A report over minutes of the hour."""
    return Reported(incident, "api", s.at(start), None if end is None else s.at(end), Status(state))


def counted(samples, *reported, windows=()):
    """Minutes of the hour in up, degraded, down, unknown, maintenance."""
    classified = classify(s.measured(s.component(), samples), windows, reported)
    return [ms / MINUTE_MS for ms in classified.spent([s.at(0)], [s.at(60)])[0].tolist()[:5]]


GAP = s.spelled("up 0, up 5, up 30, down 40, up 50")
# up 0-15, unknown 15-30, up 30-40, down 40-50, up 50-60


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        pytest.param([], [35, 0, 10, 15, 0], id="nothing"),
        pytest.param([told(0, 10)], [25, 0, 20, 15, 0], id="down over up"),
        pytest.param([told(10, 35)], [25, 0, 35, 0, 0], id="down over unknown"),
        pytest.param([told(10, 35, "degraded")], [25, 25, 10, 0, 0], id="degraded over up and unknown"),
        pytest.param([told(40, 50, "degraded")], [35, 0, 10, 15, 0], id="never better than measured"),
        pytest.param([told(0, 60, "up")], [35, 0, 10, 15, 0], id="nobody can report time to be up"),
        pytest.param([told(0, 60, "unknown")], [35, 0, 10, 15, 0], id="nor unknown"),
        pytest.param([told(0, 10), told(5, 20, "degraded")], [20, 10, 20, 10, 0], id="the worst of several"),
        pytest.param([told(55, None)], [30, 0, 15, 15, 0], id="it lasts"),
        pytest.param([told(20, 10), told(5, 5)], [35, 0, 10, 15, 0], id="no length"),
        pytest.param([told(-20, 70)], [0, 0, 60, 0, 0], id="longer than the period"),
    ],
)
def test_the_worse_state_counts(reported, expected):
    """Unknown counts as what was reported; nothing is ever better than it was measured."""
    assert counted(GAP, *reported) == expected


def test_maintenance_masks_reports_too():
    """What was announced ahead excuses what people report as it does what probes see."""
    assert counted(s.grid(), told(10, 40), windows=[(s.at(20), s.at(30))]) == [30, 0, 20, 0, 10]


def test_a_component_is_not_alive_because_of_a_report():
    """Before its first sample nothing is counted, whatever is reported."""
    classified = classify(s.measured(s.component(), s.spelled("up 50")), (), [told(0, 55)])

    spent = classified.spent([s.at(0)], [s.at(60)])[0].tolist()
    assert spent == [
        5 * MINUTE_MS,
        0,
        5 * MINUTE_MS,
        0,
        0,
        50 * MINUTE_MS,
    ]


@pytest.mark.parametrize(
    ("spans", "taken", "expected"),
    [
        pytest.param([(0, 10)], [], [(0, 10)], id="nothing taken"),
        pytest.param([(0, 10)], [(2, 4), (6, 8)], [(0, 2), (4, 6), (8, 10)], id="holes"),
        pytest.param([(0, 10)], [(-5, 2), (8, 20)], [(2, 8)], id="edges"),
        pytest.param([(0, 10), (5, 12), (20, 30)], [(9, 25)], [(0, 9), (25, 30)], id="over several"),
        pytest.param([(0, 10)], [(0, 10)], [], id="all"),
        pytest.param([(0, 10)], [(10, 12), (-4, 0)], [(0, 10)], id="touching"),
    ],
)
def test_spans_without_others(spans, taken, expected):
    """What is left is disjoint and in rising time."""
    assert without(spans, taken) == expected


def evaluated(tmp_path, *reported, services=(), plans=(), as_of=60, **settings):
    """The hour of G{8,9}, measured down from 00:40 to 00:50 with everything confirmed at once."""
    config = replace(watching(watched(s.check(), **settings)), services=services)
    lay(tmp_path, s.grid(8, 9))
    history = reading.read(tmp_path, config, as_of=s.at(as_of))
    return evaluate(config, history, as_of=s.at(as_of), filed=Filed(plans, reported))


def test_every_instant_of_downtime_has_one_incident(tmp_path):
    """A measured stretch has all of its span, a reported one the rest, the earlier of two reported ones first."""
    reports = [
        told(35, 45, incident="b"),
        told(20, 38, incident="a"),
        told(38, 60, "degraded", incident="a"),
        told(55, None, incident="c"),
    ]
    one = evaluated(tmp_path, *reports).components["api"]

    (figures,) = one.figures([s.HOUR])
    found = [(d.id, (d.started_at - s.APRIL) // MINUTE_MS, d.down_ms / MINUTE_MS) for d in one.downtimes(s.HOUR)]
    assert found == [("a", 20, 18), ("b", 35, 2), ("api-20260401T004000Z", 40, 10), ("c", 55, 5)]
    assert [d.ended_at and (d.ended_at - s.APRIL) // MINUTE_MS for d in one.downtimes(s.HOUR)] == [38, 45, 50, None]
    assert figures.down_ms == 35 * MINUTE_MS


def test_what_was_measured_stays_as_it_was(tmp_path):
    """A report makes no measured incident and changes none."""
    plain = evaluated(tmp_path).components["api"]
    reported = evaluated(tmp_path, told(0, 60)).components["api"]

    assert reported.incidents == plain.incidents
    assert reported.timeline.state.states.tolist() == plain.timeline.state.states.tolist()


def test_a_service_sees_reports_through_its_members(tmp_path):
    """It is down when the report says that its only member is."""
    service = Service("all", "All", (Member("api"),), "all")

    (figures,) = evaluated(tmp_path, told(0, 10), services=(service,)).services["all"].figures([s.HOUR])

    assert figures.down_ms == 20 * MINUTE_MS


@pytest.mark.parametrize(("maintenance_as", "expected"), [("excluded", (0, 20)), ("up", (0, 20)), ("ignore", (10, 0))])
@pytest.mark.parametrize("kind", ["component", "service"])
def test_a_contract_may_ignore_maintenance(tmp_path, kind, maintenance_as, expected):
    """Windows have an effect or none as the contract's own terms say, whatever the terms of the page are."""
    service = Service("all", "All", (Member("api"),), "all")
    plan = Maintenance("m", "Work", ("api",), s.at(35), s.at(55))
    evaluation = evaluated(tmp_path, services=(service,), plans=(plan,))
    one = evaluation.components["api"] if kind == "component" else evaluation.services["all"]

    promised = promise(Fraction(99, 100), None, Terms(maintenance_as=maintenance_as))
    (figures,) = one.held_against(promised).figures([s.HOUR])

    assert (figures.down_ms / MINUTE_MS, figures.maintenance_ms / MINUTE_MS) == expected
