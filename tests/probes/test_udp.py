"""UDP against servers that answer, lie, say nothing or are not there."""

from __future__ import annotations

import asyncio

import pytest
from datagram_server import datagram_server
from name_server import free_port
from one_check import TIMEOUT_MS, observation, observed
from pydantic import ValidationError

from probes.udp import UDP, UdpOptions


def ask(answers, timeout_ms=20_000, **options):
    """What a check says of a server that answers so; it sends "hello" unless said otherwise."""

    async def asked():
        async with datagram_server(answers) as port:
            sent = {} if "send_hex" in options else {"send": "hello"}
            return await observed(UDP, {"url": f"udp://127.0.0.1:{port}", **sent, **options}, timeout_ms=timeout_ms)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="any answer at all"),
        pytest.param({"send": "{{ GREETING | default('hi') }}"}, id="a variable"),
        pytest.param({"send": ""}, id="an empty datagram"),
        pytest.param({"validation": {"answer": {"equals": "echo hello"}}}, id="equals"),
        pytest.param({"validation": {"answer": {"matches": "^echo"}, "ip_family": "ipv4"}}, id="matches, family"),
        pytest.param({"send_hex": "1B 00ff", "validation": {"answer_hex": {"contains": "1b00ff"}}}, id="hexadecimal"),
    ],
)
def test_an_answer_that_holds(options):
    """And the check is up, with its address and the time until the answer."""
    got = ask(lambda data: [b"echo " + data], **options)

    assert (got.status, got.code, got.address, got.reused) == ("up", None, "127.0.0.1", False)
    assert got.phases.ttfb is not None


@pytest.mark.parametrize(
    ("validation", "status", "told"),
    [
        pytest.param(
            {"answer": {"contains": "pong"}}, "down", 'answer: expected contains "pong", found "no"', id="down"
        ),
        pytest.param(
            {"answer": {"contains": "pong", "severity": "degraded"}}, "degraded", 'contains "pong"', id="degraded"
        ),
        pytest.param({"answer_hex": {"equals": "00"}}, "down", 'equals "00", found "6e6f"', id="hexadecimal"),
        pytest.param({"time": {"connect": {"less": 5}}}, "down", "found nothing was measured", id="no such phase"),
    ],
)
def test_an_answer_that_does_not_hold(validation, status, told):
    """It says what was expected and what came."""
    got = ask(lambda data: [b"no"], validation=validation)

    assert (got.status, got.code) == (status, "assertion")
    assert told in got.detail


def test_silence_is_down():
    """A server that takes datagrams and says nothing is never up."""
    got = ask(lambda data: [], timeout_ms=TIMEOUT_MS)

    assert (got.status, got.code) == ("down", "ttfb_timeout")
    assert got.ms >= TIMEOUT_MS


def test_a_closed_port_is_refused():
    """The machine answers that nothing listens there; nobody waits for the deadline."""
    got = observation(UDP, {"url": f"udp://127.0.0.1:{free_port()}", "send": "hello"})

    assert (got.status, got.code) == ("down", "refused")


def test_a_private_address_is_not_asked():
    """The guard stands before this type too."""
    got = observation(UDP, {"url": "udp://169.254.169.254:53", "send": "hello"})

    assert got.code == "blocked_address"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({}, "write either send or send_hex", id="nothing to send"),
        pytest.param({"send": "a", "send_hex": "00"}, "write either send or send_hex", id="two things to send"),
        pytest.param({"send_hex": "0"}, '"0" is not hexadecimal', id="half a byte"),
        pytest.param({"send": "a", "url": "udp://127.0.0.1"}, "write e.g. udp://example.com:514", id="no port"),
        pytest.param({"send": "a", "validation": {"answer": {}}}, "asserts nothing", id="empty assertion"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    """With the configuration, and with what to write instead."""
    with pytest.raises(ValidationError, match=message):
        UdpOptions.model_validate({"url": "udp://127.0.0.1:53", **options})
