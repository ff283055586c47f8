"""ICMP on loopback, where this machine lets us; loss and arithmetic with a peer that loses on purpose."""

from __future__ import annotations

import asyncio
import socket

import pytest
from datagram_server import datagram_server
from name_server import free_port
from one_check import observation
from pydantic import ValidationError

from probes.contract import TargetError
from probes.icmp import ICMP, Echoes, IcmpOptions, pinged
from probes.trace import Trace

MS = 1_000_000
QUICK = {"packets": 3, "pause_ms": 10}


def permitted(family: socket.AddressFamily, protocol: int) -> bool:
    """Whether this machine lets us ping over this family."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind, protocol).close()
        except OSError:
            continue
        return True
    return False


needs_icmp = pytest.mark.skipif(not permitted(socket.AF_INET, socket.IPPROTO_ICMP), reason="this machine forbids ICMP")
needs_icmp6 = pytest.mark.skipif(
    not permitted(socket.AF_INET6, socket.IPPROTO_ICMPV6), reason="this machine forbids ICMPv6"
)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        pytest.param("icmp://127.0.0.1", "127.0.0.1", id="ipv4", marks=needs_icmp),
        pytest.param("icmp://[::1]", "::1", id="ipv6", marks=needs_icmp6),
    ],
)
def test_a_host_that_replies_is_up(url, address):
    """All packets come back; the numbers are kept."""
    got = observation(ICMP, {"url": url, **QUICK})

    assert (got.status, got.code, got.address) == ("up", None, address)
    assert got.captured["loss_percent"] == 0
    assert got.captured["rtt_ms"] > 0
    assert got.captured["jitter_ms"] >= 0
    assert got.phases.ttfb is not None


@needs_icmp
@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        pytest.param({"loss_percent": {"equals": 0}, "rtt_ms": {"less": 5000}}, "up", None, id="they hold"),
        pytest.param(
            {"loss_percent": {"greater": 10}}, "down", "loss_percent: expected more than 10 %, found 0 %", id="loss"
        ),
        pytest.param(
            {"rtt_ms": {"less": 0, "severity": "degraded"}}, "degraded", "rtt_ms: expected less than 0 ms", id="time"
        ),
        pytest.param({"jitter_ms": {"less": 0}}, "down", "jitter_ms: expected less than 0 ms", id="jitter"),
    ],
)
def test_conditions(options, status, told):
    """Each says what was expected and what was measured."""
    got = observation(ICMP, {"url": "icmp://127.0.0.1", "validation": options, **QUICK})

    assert got.status == status
    assert (told or "") in (got.detail or "")


@needs_icmp
def test_one_packet_has_no_jitter():
    """A condition on what was not measured fails with that as its reason."""
    got = observation(ICMP, {"url": "icmp://127.0.0.1", "packets": 1, "validation": {"jitter_ms": {"less": 1000}}})

    assert (got.status, got.code) == ("down", "assertion")
    assert "found nothing was measured" in got.detail


def test_a_machine_that_forbids_it_makes_it_unknown(monkeypatch):
    """Nothing is said of the target, and what to do is. Forbidden here by hand: whoever runs this may be allowed."""

    class Forbidding(socket.socket):
        def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
            if proto == socket.IPPROTO_ICMP:
                raise PermissionError(1, "Operation not permitted")
            super().__init__(family, type, proto, fileno)

    monkeypatch.setattr(socket, "socket", Forbidding)

    got = observation(ICMP, {"url": "icmp://127.0.0.1"})

    assert (got.status, got.code, got.ms) == ("unknown", "not_permitted", None)
    assert "CAP_NET_RAW" in got.detail


@needs_icmp6
@pytest.mark.allow_hosts(["fe80::1"])
def test_an_address_without_a_way_to_it_is_unreachable():
    """A link-local address that does not say on which link."""
    got = observation(ICMP, {"url": "icmp://[fe80::1]"}, allow=("fe80::/10",))

    assert (got.status, got.code) == ("down", "unreachable")


def test_a_private_address_is_not_asked():
    """The guard stands before this type too."""
    assert observation(ICMP, {"url": "icmp://169.254.169.254"}).code == "blocked_address"


# --- a peer that loses packets: it speaks ICMP in datagrams, which no privilege is needed for -----------


def reply(request: bytes) -> bytes:
    """The echo reply to this request."""
    return b"\0" + request[1:]


def sequence_of(request: bytes) -> int:
    """The number of the packet."""
    return int.from_bytes(request[6:8])


def pings(answers, *, seconds=10.0, **options) -> Echoes:
    """What comes back from a peer that answers so."""

    async def ping():
        loop = asyncio.get_running_loop()
        async with datagram_server(answers) as port:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
                door.setblocking(False)
                door.connect(("127.0.0.1", port))
                chosen = IcmpOptions(url="icmp://127.0.0.1", pause_ms=10, wait_ms=100, **options)
                return await pinged(door, chosen, Trace(address="127.0.0.1"), loop.time() + seconds)

    return asyncio.run(ping())


@pytest.mark.parametrize(
    ("answers", "loss"),
    [
        pytest.param(lambda data: [reply(data)], 0, id="none is lost"),
        pytest.param(lambda data: [reply(data)] * 2, 0, id="duplicates count once"),
        pytest.param(lambda data: [reply(data)] if sequence_of(data) != 1 else [], 25, id="one is lost"),
        pytest.param(lambda data: [reply(data)] if sequence_of(data) == 3 else [], 75, id="all but the last"),
        pytest.param(
            lambda data: [b"\0", data, b"\3" + data[1:], reply(data[:-1] + b"?"), reply(data)],
            0,
            id="other messages are not replies",
        ),
    ],
)
def test_loss(answers, loss):
    """What did not come back, in per cent of what was sent."""
    assert pings(answers, packets=4).numbers["loss_percent"] == loss


@pytest.mark.parametrize(
    ("answers", "seconds"),
    [
        pytest.param(lambda data: [], 10.0, id="silence"),
        pytest.param(lambda data: [data], 10.0, id="nothing but echoes of the request"),
        pytest.param(lambda data: [], 0.05, id="silence, and no time left to wait"),
    ],
)
def test_all_lost_is_an_error(answers, seconds):
    """No reply at all has the code of silence, like on every other type."""
    with pytest.raises(TargetError, match=r"ttfb_timeout: 127\.0\.0\.1: no reply to 2 packets"):
        pings(answers, seconds=seconds, packets=2)


def test_a_way_that_breaks_later_is_a_loss():
    """Once a packet came back, one that cannot be sent is lost like any other; before that there is no way."""

    async def ping(first: bool):
        async def run(port):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
                door.setblocking(False)
                door.connect(("127.0.0.1", port))
                options = IcmpOptions(url="icmp://127.0.0.1", packets=2, pause_ms=100, wait_ms=100)
                return await pinged(door, options, Trace(address="127.0.0.1"), asyncio.get_running_loop().time() + 10)

        if first:
            return await run(free_port())
        answered = asyncio.Event()

        def answers(data):
            answered.set()
            return [reply(data)]

        async with datagram_server(answers) as port:
            running = asyncio.create_task(run(port))
            await answered.wait()
        return await running

    with pytest.raises(TargetError, match="unreachable: 127"):
        asyncio.run(ping(first=True))
    assert asyncio.run(ping(first=False)).numbers["loss_percent"] == 50


def test_arithmetic_by_hand():
    """Round trips of 10, 14 and 12 ms and one packet lost: mean 12, differences 4 and 2, mean 3."""
    echoes = Echoes(sent={0: 0, 1: 100 * MS, 2: 200 * MS, 3: 300 * MS}, returned={3: 312 * MS, 0: 10 * MS, 1: 114 * MS})

    assert echoes.round_trips == [10, 14, 12]
    assert echoes.numbers == {"loss_percent": 25, "rtt_ms": 12, "jitter_ms": 3}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"packets": 0}, "greater than or equal to 1", id="no packet"),
        pytest.param({"packets": 21}, "less than or equal to 20", id="a flood"),
        pytest.param({"url": "127.0.0.1"}, "write e.g. icmp://example.com", id="no scheme"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    """With the configuration."""
    with pytest.raises(ValidationError, match=message):
        IcmpOptions.model_validate({"url": "icmp://127.0.0.1", **options})
