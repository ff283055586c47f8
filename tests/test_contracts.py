"""Contracts: their own terms, calendar and money; final statements, and revisions that say why."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction as F

import pytest
import samples as s
from rollup.histories import START, Growing, configured, kept_lines, lay, watched, watching, with_component

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, format_instant, parse_instant
from statusledger.model import DEFAULT_CREDITS, Contract, Maintenance, Member, Service, Status, Terms, Visibility
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.filed import NOTHING_FILED, Filed
from statusledger.report.keeping import keep
from statusledger.report.records import BuiltFrom
from statusledger.sla import SlaStatus, statement_line
from statusledger.timeline import Reported

HOLD = 40 * 24 * 60
MID_MAY = s.at(40 * 24 * 60)
OUTAGE = [(s.APRIL, "up"), (s.at(60), "down"), (s.at(120), "up"), (MID_MAY - HOUR_MS, "up")]
GOLD = Contract("gold", "api", F(999, 1000), DEFAULT_CREDITS, Terms(), F(1200), "EUR")


def promising(*contracts, services=(), **settings):
    """A configuration of one component, whose samples hold for forty days, and these contracts."""
    config = watching(watched(s.check(h=HOLD), **settings))
    return replace(config, sla=replace(config.sla, contracts=contracts), services=services)


def told(root, config, as_of=MID_MAY, filed=NOTHING_FILED):
    """The first contract as the report has it."""
    made = report(config, reading.read(root, config, as_of=as_of), BuiltFrom(as_of, None, "test", 1), filed=filed)
    return made.contracts[0]


def statements(root):
    """(period, revision, reason) of every line."""
    return [(line["period"], line["revision"], line["reason"]) for line in kept_lines(root, "statements/*.jsonl")]


@pytest.mark.parametrize(
    ("target", "fee", "status", "credit", "amount"),
    [
        pytest.param("99.9", 1200, "breached", 10, 120, id="default schedule"),
        pytest.param("99.8", F("99.95"), "compliant", 10, F("10.00"), id="the credit follows the schedule"),
        pytest.param("99.0", None, "compliant", 10, None, id="no fee, no money"),
    ],
)
def test_a_month_has_the_terms_of_the_contract(tmp_path, target, fee, status, credit, amount):
    """An hour of April is 99.861 percent, whatever the component itself was promised."""
    lay(tmp_path, OUTAGE)
    contract = replace(GOLD, target=F(target) / 100, fee=None if fee is None else F(fee))

    april = told(tmp_path, promising(contract, target=F(1, 2))).months["2026-04"]

    assert (april.figures.ratio, april.figures.status) == (F(719, 720), SlaStatus(status))
    assert (april.figures.credit, april.credit_amount) == (credit, amount)


def test_a_contract_has_its_own_calendar(tmp_path):
    """A month begins at midnight of the contract's zone, and none before the first sample."""
    lay(tmp_path, [(parse_instant("2026-03-31T22:30Z"), "up"), *OUTAGE])
    berlin = replace(GOLD, terms=Terms(zone="Europe/Berlin"))

    one = told(tmp_path, promising(berlin))

    assert list(one.months) == ["2026-05", "2026-04"]
    assert (list(one.quarters), list(one.years)) == (["2026-Q2"], ["2026"])
    assert format_instant(one.months["2026-04"].figures.period.start_ms) == "2026-03-31T22:00:00.000Z"
    assert one.months["2026-05"].figures.running
    assert [period.credit_amount for period in one.quarters.values()] == [None]


def test_time_outside_the_contract_is_in_none_of_its_figures(tmp_path):
    """It began at half past one and ends with the tenth of May: half an hour of the outage counts."""
    lay(tmp_path, OUTAGE)
    dated = replace(GOLD, active_from=s.at(90), active_until=s.at(39 * 24 * 60))

    one = told(tmp_path, promising(dated))

    april, may = one.months["2026-04"].figures, one.months["2026-05"].figures
    assert april.down_ms == 30 * MINUTE_MS
    assert april.period.start_ms == s.at(90)
    assert (may.running, may.period.end_ms) == (False, s.at(39 * 24 * 60))
    assert told(tmp_path, promising(replace(GOLD, active_from=MID_MAY + 1))).months == {}


def test_a_contract_about_something_private_is_not_told(tmp_path):
    """Neither about a private component nor about a service that has one."""
    lay(tmp_path, OUTAGE)
    service = Service("all", "All", (Member("api"),), "all")
    contracts = (GOLD, replace(GOLD, id="blue", subject="all"))
    config = promising(*contracts, services=(service,), visibility=Visibility.PRIVATE)

    made = report(config, reading.read(tmp_path, config, as_of=MID_MAY), BuiltFrom(MID_MAY, None, "test", 1))

    assert made.contracts == ()


# --- statements ---------------------------------------------------------------------------------


def test_a_month_is_stated_once_it_is_over_and_sealed(tmp_path):
    """Not on its last day, not before its days are sealed, and never twice."""
    lay(tmp_path, [*OUTAGE[:3], (s.MAY - HOUR_MS, "up")])
    config = promising(GOLD)

    counts = []
    for as_of in (s.MAY - 1, s.MAY + DAY_MS, s.MAY + 2 * DAY_MS + 1, s.MAY + 3 * DAY_MS):
        keep(tmp_path, config, as_of=as_of)
        counts.append(len(statements(tmp_path)))

    assert counts == [0, 0, 1, 1]
    assert statements(tmp_path) == [("2026-04", 0, None)]


def test_a_statement_holds_all_that_it_follows_from(tmp_path):
    """Terms, inputs and figures are in the line, and the figures follow from the other two."""
    lay(tmp_path, OUTAGE)
    keep(tmp_path, promising(GOLD), as_of=MID_MAY)
    (line,) = kept_lines(tmp_path, "statements/*.jsonl")

    again = statement_line.read(line["period"], line["terms"], line["inputs"])

    assert line["contract"] == "gold"
    assert line["terms"]["credits"][1] == {"min": "99/100", "credit": "10/1", "name": "Good"}
    assert line["inputs"]["components"][0]["rle"] == [[0, "up"], [3_600_000, "down"], [7_200_000, "up"]]
    assert line["figures"]["ratio"] == "719/720"
    assert line["figures"]["credit_amount"] == "120.00"
    assert statement_line.plain_figures(again) == line["figures"]
    assert statement_line.plain_inputs(again) == line["inputs"]
    assert statement_line.plain_terms(again.agreed) == line["terms"]


def test_a_final_month_shows_what_was_stated(tmp_path):
    """The page has the figures, the terms and the number of the statement."""
    lay(tmp_path, OUTAGE)
    keep(tmp_path, promising(GOLD), as_of=MID_MAY)

    april = told(tmp_path, promising(replace(GOLD, target=F(1, 2), fee=F(1)))).months["2026-04"]

    assert (april.final, april.revision, april.inputs_changed) == (True, 0, False)
    assert (april.figures.target, april.credit_amount, april.figures.status) == (F(999, 1000), 120, SlaStatus.BREACHED)
    assert [(i.start_ms, i.end_ms, str(i.state)) for i in april.intervals] == [(s.at(60), s.at(120), "down")]
    assert [(d.id, d.down_ms) for d in april.downtimes] == [("api-20260401T010000Z", HOUR_MS)]


def test_a_look_back_does_not_know_later_statements(tmp_path):
    """Built as of a day before it was written down, the month is not final."""
    lay(tmp_path, OUTAGE)
    keep(tmp_path, promising(GOLD), as_of=MID_MAY)

    assert not told(tmp_path, promising(GOLD), MID_MAY - 1).months["2026-04"].final


def test_a_row_that_comes_in_late_makes_a_revision(tmp_path):
    """The first statement stays; the page says that one is due until it is there, and then why."""
    config = promising(GOLD)
    lay(tmp_path, OUTAGE)
    keep(tmp_path, config, as_of=MID_MAY)

    lay(tmp_path, [(s.at(90), "up")])
    due = told(tmp_path, config).months["2026-04"]
    for later in (1, 2):
        keep(tmp_path, config, as_of=MID_MAY + later)
    revised = told(tmp_path, config, MID_MAY + 2).months["2026-04"]

    assert (due.revision, due.inputs_changed, due.figures.down_ms) == (0, True, HOUR_MS)
    assert statements(tmp_path) == [("2026-04", 0, None), ("2026-04", 1, "api: measured otherwise on 2026-04-01")]
    assert (revised.revision, revised.inputs_changed, revised.figures.down_ms) == (1, False, 30 * MINUTE_MS)
    assert [one.credit_amount for one in revised.revisions] == ["120.00", "0.00"]


PLAN = Maintenance("work", "Work", ("api",), s.at(60), s.at(90))
REPORT = Reported("2026-04-02-mail", "api", s.at(1500), s.at(1560), Status.DOWN)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param(Filed(), Filed((PLAN,)), "api: other announced maintenance", id="a window"),
        pytest.param(Filed((PLAN,)), Filed(), "api: other announced maintenance", id="a window less"),
        pytest.param(
            Filed(), Filed((), (REPORT,)), "api: other reported incidents (2026-04-02-mail)", id="a reported incident"
        ),
        pytest.param(
            Filed((), (REPORT,)),
            Filed((), (replace(REPORT, state=Status.DEGRADED),)),
            "api: other reported incidents (2026-04-02-mail)",
            id="a weaker report",
        ),
        pytest.param(Filed(), Filed((), (replace(REPORT, state=Status.UP),)), None, id="a report that says nothing"),
        pytest.param(
            Filed(), Filed((), (replace(REPORT, start_ms=s.MAY, end_ms=None),)), None, id="a report of another month"
        ),
        pytest.param(
            Filed((), (replace(REPORT, start_ms=s.MAY - 1, end_ms=None),)),
            Filed((), (replace(REPORT, start_ms=s.MAY - 1, end_ms=s.MAY + 9),)),
            None,
            id="a report that ended after the month",
        ),
    ],
)
def test_what_people_file_later_makes_a_revision(tmp_path, before, after, reason):
    """Of the months that it touches, with its reason."""
    config = promising(GOLD)
    lay(tmp_path, OUTAGE)
    keep(tmp_path, config, as_of=MID_MAY, filed=before)

    keep(tmp_path, config, as_of=MID_MAY + 1, filed=after)

    assert [line[2] for line in statements(tmp_path)] == ([None, reason] if reason else [None])


def test_a_renamed_component_makes_no_revision(tmp_path):
    """Its history goes on under the new name, and so does what was stated."""
    lay(tmp_path, OUTAGE)
    keep(tmp_path, promising(GOLD), as_of=MID_MAY)
    renamed = watched(replace(s.check(h=HOLD), id="front", was=("api",)))
    config = with_component(promising(replace(GOLD, subject="front")), replace(renamed, id="front", was=("api",)))
    (group,) = config.groups
    config = replace(config, groups=(replace(group, components=group.components[1:]),))

    keep(tmp_path, config, as_of=MID_MAY + 1)

    april = told(tmp_path, config, MID_MAY + 1).months["2026-04"]
    assert statements(tmp_path) == [("2026-04", 0, None)]
    assert (april.final, april.inputs_changed) == (True, False)


@pytest.mark.parametrize(
    ("mode", "down", "used"),
    [
        pytest.param("all", 120, 120, id="all"),
        pytest.param("any", 20, 20, id="any"),
        pytest.param(1, 20, 20, id="one of two"),
        pytest.param("weighted", 20, 20 + F(40 * 3, 1) / F(7, 2) + F(60, 2) / F(7, 2), id="weighted"),
    ],
)
def test_a_service_is_stated_with_its_members(tmp_path, mode, down, used):
    """Members, mode and weights are in the terms; removing a member later changes no statement."""
    lay(tmp_path, OUTAGE)
    lay(tmp_path, [(s.APRIL, "up"), (s.at(100), "down"), (s.at(180), "up")], check="db")
    db = replace(watched(s.check("db", h=HOLD)), id="db")
    service = Service("all", "All", (Member("api", F(3)), Member("db", F(1, 2))), mode)
    contract = replace(GOLD, subject="all")
    config = with_component(promising(contract, services=(service,)), db)

    keep(tmp_path, config, as_of=MID_MAY)
    live = told(tmp_path, config, MID_MAY - 1).months["2026-04"]
    stated = told(tmp_path, config).months["2026-04"]
    smaller = replace(config, services=(replace(service, members=service.members[:1], mode="all"),))
    later = told(tmp_path, smaller).months["2026-04"]

    assert (live.figures.down_ms, live.figures.used_ms) == (down * MINUTE_MS, used * MINUTE_MS)
    assert replace(stated, revisions=()) == live
    assert later == stated


@pytest.mark.parametrize("seed", range(3))
def test_statements_say_what_live_figures_say(tmp_path, seed):
    """Whatever happens to the ledger, a statement that is not out of date equals the figures of that month."""
    chance = random.Random(seed)
    config = configured(chance)
    terms = Terms(
        degraded_weight=F(chance.randint(0, 4), 4),
        unknown_as=chance.choice(["excluded", "up", "down"]),
        zone=chance.choice(["UTC", "Europe/Berlin", "America/New_York"]),
    )
    contracts = tuple(replace(GOLD, id=f"about_{one}", subject=one, terms=terms) for one in ("c1", "all"))
    config = replace(config, sla=replace(config.sla, contracts=contracts))
    ledger = Growing(tmp_path, chance)
    for day in (9, 20, 31, 34, 40, 45):
        ledger.until(config, START + day * DAY_MS)
        if chance.random() < 0.5:
            ledger.late(config)
        keep(tmp_path, config, as_of=START + day * DAY_MS)
    as_of = START + 45 * DAY_MS

    history = reading.read(tmp_path, config, as_of=as_of)
    stated = report(config, history, BuiltFrom(as_of, None, "test", 1)).contracts
    live = report(config, replace(history, statements={}), BuiltFrom(as_of, None, "test", 1)).contracts

    final = [(one, key) for one in range(2) for key, month in stated[one].months.items() if month.final]
    assert len(final) >= 2
    for one, key in final:
        month = stated[one].months[key]
        assert not month.inputs_changed
        assert replace(month, revisions=()) == live[one].months[key]
