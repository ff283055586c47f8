"""A statement's line: what stands in it is what comes out of it, key by key, and nothing that does not fit is taken."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction as F

import pytest

from statusledger.clock import Period
from statusledger.model import CreditTier, Member, Service, State, Status, Terms
from statusledger.sla import promise, statement_line
from statusledger.sla.statement import Agreed, MemberInput, Statement
from statusledger.timeline import Reported

BEGIN, END = 1_000_000, 1_000_000 + 600_000
SCHEDULE = (CreditTier(F(9, 10), F(0), "Kept"), CreditTier(F(0), F(25, 2), "Broken"))
TERMS = Terms(F(1, 3), "down", "up", F(1, 2), "Europe/Berlin")
API = MemberInput(
    "api",
    (BEGIN + 60_000, END),
    ((BEGIN, State.UNKNOWN), (BEGIN + 60_000, State.UP), (BEGIN + 120_000, State.DOWN), (BEGIN + 180_000, State.UP)),
    ((BEGIN + 300_000, BEGIN + 360_000),),
    (Reported("2026-mail", "api", BEGIN + 420_000, BEGIN + 480_000, Status.DEGRADED),),
    was=("front",),
)
WEB = MemberInput("web", (BEGIN, END), ((BEGIN, State.UP), (BEGIN + 150_000, State.DOWN)), (), ())
GONE = MemberInput("web", None, ((BEGIN, State.UP),), (), ())
FEE = {"fee": F(100), "currency": "EUR"}


def stated(*members, mode=None, fee=FEE, credits=SCHEDULE):
    """A statement about one component, or about a service of several."""
    service = None
    if mode is not None:
        weights = [F(3), F(1, 2)]
        told = tuple(Member(one.component, weight) for one, weight in zip(members, weights, strict=True))
        service = Service("shop", "shop", told, mode)
    agreed = Agreed(
        component=members[0].component if service is None else None,
        service=service,
        promised=promise(F(9, 10), credits, TERMS),
        notice_ms=7,
        fee=fee.get("fee"),
        currency=fee.get("currency"),
    )
    return Statement(Period("2026-04", BEGIN, END), agreed, members)


STATEMENTS = [
    pytest.param(stated(API), id="a component"),
    pytest.param(stated(GONE), id="a component that was not alive"),
    pytest.param(stated(API, fee={}), id="without a fee"),
    pytest.param(stated(API, credits=None), id="no credits agreed"),
    *(pytest.param(stated(API, WEB, mode=mode), id=f"a service: {mode}") for mode in ("all", "any", 1, "weighted")),
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_is_written_is_read(statement):
    """Terms, inputs and figures."""
    terms = statement_line.plain_terms(statement.agreed)
    inputs = statement_line.plain_inputs(statement)

    again = statement_line.read("2026-04", terms, inputs)

    assert again == statement
    assert statement_line.plain_figures(again) == statement_line.plain_figures(statement)


def test_the_terms_of_a_component():
    """Fractions in lowest terms, names of checks.yml."""
    assert statement_line.plain_terms(stated(API).agreed) == {
        "component": "api",
        "target": "9/10",
        "credits": [
            {"min": "9/10", "credit": "0/1", "name": "Kept"},
            {"min": "0/1", "credit": "25/2", "name": "Broken"},
        ],
        "degraded_weight": "1/3",
        "unknown_as": "down",
        "maintenance_as": "up",
        "min_coverage": "1/2",
        "timezone": "Europe/Berlin",
        "notice_ms": 7,
        "fee": "100/1",
        "currency": "EUR",
    }


def test_the_terms_of_a_service():
    """Its members with their weights stand in the place of the component."""
    terms = statement_line.plain_terms(stated(API, WEB, mode="weighted", fee={}, credits=None).agreed)

    assert terms["service"] == {
        "id": "shop",
        "mode": "weighted",
        "members": [{"component": "api", "weight": "3/1"}, {"component": "web", "weight": "1/2"}],
    }
    assert "component" not in terms
    assert (terms["fee"], terms["currency"], terms["credits"]) == (None, None, [])


def test_the_inputs():
    """Offsets count from the beginning of the period."""
    inputs = statement_line.plain_inputs(stated(API, GONE, mode="all"))

    assert (inputs["from"], inputs["to"]) == (BEGIN, END)
    assert inputs["components"] == [
        {
            "component": "api",
            "was": ["front"],
            "alive": [60_000, 600_000],
            "rle": [[0, "unknown"], [60_000, "up"], [120_000, "down"], [180_000, "up"]],
            "maintenance": [[300_000, 360_000]],
            "reported": [["2026-mail", 420_000, 480_000, "degraded"]],
        },
        {"component": "web", "alive": None, "rle": [[0, "up"]], "maintenance": [], "reported": []},
    ]


def test_the_figures():
    """One minute down, one degraded by a third, maintenance as up, of nine minutes alive."""
    assert statement_line.plain_figures(stated(API)) == {
        "up_ms": 360_000,
        "degraded_ms": 60_000,
        "down_ms": 60_000,
        "unknown_ms": 0,
        "maintenance_ms": 60_000,
        "inactive_ms": 60_000,
        "ratio": "23/27",
        "uptime_percent": "85.185",
        "coverage": "1/1",
        "used_ms": "80000/1",
        "allowed_ms": "54000/1",
        "status": "breached",
        "credit_percent": "25/2",
        "credit_amount": "12.50",
    }


def test_the_figures_of_nothing():
    """No ratio and no coverage, and nothing owed."""
    figures = statement_line.plain_figures(stated(GONE))

    assert (figures["ratio"], figures["uptime_percent"], figures["coverage"]) == (None, None, None)
    assert (figures["status"], figures["credit_percent"], figures["credit_amount"]) == ("no_data", "0/1", "0.00")


@pytest.mark.parametrize(
    ("statement", "credit", "amount"),
    [
        pytest.param(stated(API, fee={}), "25/2", None, id="no fee"),
        pytest.param(stated(API, fee={"fee": F(1)}), "25/2", None, id="a fee in no currency"),
        pytest.param(stated(API, fee={"currency": "EUR"}), "25/2", None, id="a currency of no fee"),
        pytest.param(stated(API, credits=None), None, None, id="no credits agreed"),
        pytest.param(stated(API, fee={"fee": F(101), "currency": "JPY"}), "25/2", "13", id="whole yen, half-up"),
    ],
)
def test_money(statement, credit, amount):
    """What is owed, where a fee and credits were agreed."""
    figures = statement_line.plain_figures(statement)

    assert (figures["credit_percent"], figures["credit_amount"]) == (credit, amount)


@pytest.mark.parametrize(
    ("mode", "up", "degraded", "down", "used"),
    [
        pytest.param("all", 120, 0, 480, 480, id="all"),
        pytest.param("any", 450, 60, 90, 110, id="any"),
        pytest.param("weighted", 120, 390, 90, 90 + F(660, 7), id="weighted"),
    ],
)
def test_a_service_is_counted_by_its_members(mode, up, degraded, down, used):
    """Each classified by its own inputs, then combined; nobody's maintenance excuses the other's failure."""
    figures = stated(API, WEB, mode=mode).figures()

    assert (figures.up_ms, figures.degraded_ms, figures.down_ms) == (up * 1000, degraded * 1000, down * 1000)
    assert (figures.used_ms, figures.inactive_ms) == (used * 1000, 0)


@pytest.mark.parametrize("members", [0, 2])
def test_a_line_with_too_few_or_too_many_components(members):
    """It says how many it has."""
    terms, inputs = statement_line.plain_terms(stated(API).agreed), statement_line.plain_inputs(stated(API))
    inputs = {**inputs, "components": inputs["components"] * members}

    with pytest.raises(ValueError, match=rf"^{members} components$"):
        statement_line.read("2026-04", terms, inputs)


@pytest.mark.parametrize("key", ["target", "credits", "unknown_as", "timezone", "notice_ms", "fee", "currency"])
def test_a_line_that_lacks_a_term(key):
    """Nothing is guessed."""
    terms, inputs = statement_line.plain_terms(stated(API).agreed), statement_line.plain_inputs(stated(API))
    lacking = deepcopy(terms)
    del lacking[key]

    with pytest.raises(KeyError, match=key):
        statement_line.read("2026-04", lacking, inputs)


def test_ignored_maintenance_masks_nothing():
    """As the statement's own terms say, whatever windows stand in its inputs."""
    ignoring = stated(API)
    terms = {**statement_line.plain_terms(ignoring.agreed), "maintenance_as": "ignore"}

    again = statement_line.read("2026-04", terms, statement_line.plain_inputs(ignoring))

    assert (again.figures().maintenance_ms, again.figures().up_ms) == (0, 420_000)
    assert [state for *_, state in again.counted().intervals(BEGIN, END)] == [
        "inactive", "up", "down", "up", "degraded", "up",
    ]  # fmt: skip
    assert len(again.members_counted()) == 1
