"""Incidents: where a stretch begins and ends, when it was known, who saw it, how bad it was."""

from __future__ import annotations

import pytest
import samples as s

from statusledger.clock import format_instant
from statusledger.incidents import measured_incidents, severity
from statusledger.model import Severity, Tier
from statusledger.timeline import classify


def found(ledger, *, n=1, m=1, h=10, as_of=60, **settings):
    """The incidents of one component within the first hour."""
    timeline = s.measured(s.component(s.check(n=n, m=m, h=h), **settings), ledger)
    return measured_incidents(timeline, classify(timeline, []), as_of=s.at(as_of))


def minute(instant):
    """Minutes since 2026-04-01T00:00Z."""
    return None if instant is None else (instant - s.APRIL) / 60_000


def test_an_id_is_the_component_and_the_start_in_utc_seconds():
    """Permanent and readable."""
    (incident,) = found(s.grid(4, 5))

    assert incident.id == "api-20260401T002000Z"


def test_two_stretches_within_one_second_have_two_ids():
    """The second one says so."""
    rows = [(s.at(0), "up"), (s.at(5), "down"), (s.at(5) + 100, "up"), (s.at(5) + 200, "down"), (s.at(5) + 300, "up")]

    assert [incident.id for incident in found(rows)] == ["api-20260401T000500Z", "api-20260401T000500Z-2"]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        pytest.param("up 0, down 5, down 10, up 15", {"n": 2}, (5, 10, 15), id="known at the second failure"),
        pytest.param("up 0, down 5, unknown 7, down 10, up 15", {"n": 2}, (5, 10, 15), id="unknown does not confirm"),
        pytest.param("up 0, down 5, down 10", {"n": 2, "as_of": 12}, (5, 10, None), id="it lasts"),
        pytest.param("up 0, down 5", {"as_of": 59}, (5, 5, None), id="nobody saw it end"),
        pytest.param("up 0, down 5, degraded 10", {}, (5, 5, 10), id="degraded ends it"),
        pytest.param(
            "up 0, down 5, down 10, up 15, down 20, down 25, up 30", {"n": 2, "m": 2}, (5, 10, 30), id="a flap is one"
        ),
        pytest.param("down 0, up 5", {"active_until": s.at(3)}, (0, 0, 3), id="it ends with the component"),
    ],
)
def test_started_detected_ended(text, options, expected):
    """Down from the first failure, known when confirmed, over at the first known other state."""
    (incident,) = found(s.spelled(text), **options)

    assert (minute(incident.started_at), minute(incident.detected_at), minute(incident.ended_at)) == expected


@pytest.mark.parametrize(
    ("ledger", "options", "detected"),
    [
        pytest.param({"us": s.grid(4, 5, 6), "eu": s.grid(5, 6, 7)}, {"n": 2}, 30, id="both have to agree"),
        pytest.param({"us": s.grid(4, 5, 6), "eu": s.grid(5, 6, 7)}, {"n": 2, "quorum": "any"}, 25, id="one is enough"),
        pytest.param(
            {"us": s.grid(4, 5), "eu": s.grid(5, 6)}, {"n": 2}, 30, id="confirmed only after it was over at one"
        ),
        pytest.param({"us": s.grid(4, 5), "eu": s.grid(4, 5, 6), "ap": s.grid()}, {"n": 2}, 25, id="two of three"),
    ],
)
def test_detected_at_quorum(ledger, options, detected):
    """The sample that completed the confirmation at the last location that was needed."""
    (incident,) = found(ledger, **options)

    assert minute(incident.detected_at) == detected


def test_the_true_start_and_end_are_bracketed():
    """What is known is the last success before, and the last failure inside."""
    (incident,) = found(s.grid(4, 5))

    assert (minute(incident.last_ok_at), minute(incident.last_fail_at)) == (15, 25)


def test_only_locations_that_saw_it_are_named():
    """A location that was up all along is no witness."""
    (incident,) = found({"us": s.grid(4, 5), "eu": s.grid(4, 5), "ap": s.grid()})

    assert incident.locations == ("eu", "us")


def test_a_sample_after_as_of_does_not_end_it():
    """A build knows nothing that came later."""
    (incident,) = found(s.spelled("up 0, down 5, down 10, up 15"), as_of=14)

    assert (incident.ended_at, incident.down_ms) == (None, 9 * 60_000)


@pytest.mark.parametrize(
    ("tier", "several", "expected"),
    [
        pytest.param(Tier.CRITICAL, False, Severity.P1, id="critical"),
        pytest.param(Tier.HIGH, False, Severity.P2, id="high"),
        pytest.param(Tier.MEDIUM, False, Severity.P3, id="medium"),
        pytest.param(Tier.LOW, False, Severity.P3, id="low"),
        pytest.param(None, False, Severity.P4, id="no tier"),
        pytest.param(Tier.LOW, True, Severity.P1, id="two at once"),
    ],
)
def test_severity(tier, several, expected):
    """By tier, and P1 as soon as two components are down at once."""
    assert severity(tier, several_down=several) is expected


def test_instants_are_spelled_to_the_millisecond():
    """The same spelling everywhere."""
    assert format_instant(s.at(0) + 7) == "2026-04-01T00:00:00.007Z"
