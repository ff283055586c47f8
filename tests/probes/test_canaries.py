"""The probe suspects itself: what passes as a canary, and what follows for a whole run."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme
from one_check import free_port
from probing import LOOPBACK, check, ticks
from web_server import answer, listening, server_context, web, written

from probes import canaries
from probes.network import Network

PATIENT_SECONDS = 20.0
SHORT_SECONDS = 0.4


def passed(*asked: str, allow=LOOPBACK, lookup=None) -> int:
    """How many of these canaries pass."""
    network = Network(allow, lookup=lookup) if lookup else Network(allow)
    return asyncio.run(canaries.passed(asked, network))


@pytest.fixture
def patient(monkeypatch):
    """A busy machine does not fail a canary."""
    monkeypatch.setattr("probes.canaries.TIMEOUT_SECONDS", PATIENT_SECONDS)


@pytest.fixture
def brief(monkeypatch):
    """A canary that says nothing fails soon."""
    monkeypatch.setattr("probes.canaries.TIMEOUT_SECONDS", SHORT_SECONDS)


def canary_of(serving, scheme: str) -> int:
    """How many of one canary at this server pass."""

    async def ask():
        async with serving as server:
            return await canaries.passed([f"{scheme}://127.0.0.1:{server.port}/"], Network(LOOPBACK))

    return asyncio.run(ask())


def says(raw: bytes):
    """A server that says this to the first words and closes."""

    async def deed(told, reader, writer):
        await reader.read(65_536)
        writer.write(raw)
        await writer.drain()

    return listening(deed)


async def _silent(told, reader, writer):
    while await reader.read(65_536):
        pass


# --- one canary ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(answer("", "500 Internal Server Error"), 1, id="a server error"),
        pytest.param(answer("", "302 Found", Location="http://10.0.0.1/"), 1, id="a redirect"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", 1, id="the first line is enough"),
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK", 0, id="half a line"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", 0, id="another protocol"),
        pytest.param(b"x" * 200_000, 0, id="a line that never ends"),
        pytest.param(b"\xff\xfe\r\n", 0, id="garbage"),
    ],
)
@pytest.mark.usefixtures("patient")
def test_a_web_server_is_a_canary(raw, expected):
    """Whatever it answers proves that the network carries; what is not HTTP proves nothing."""
    assert canary_of(says(raw), "http") == expected


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize(("scheme", "expected"), [("http", 0), ("https", 0), ("tcp", 1), ("ws", 1)])
def test_a_silent_server(scheme, expected):
    """A web server must answer, of all others a connection is enough."""
    assert canary_of(listening(_silent), scheme) == expected


@pytest.mark.usefixtures("patient")
def test_a_refused_canary():
    """Nothing listens; the others count all the same."""

    async def ask():
        async with web(lambda _: answer("hello")) as server:
            asked = [f"tcp://127.0.0.1:{free_port()}", server.url(), f"http://127.0.0.1:{free_port()}/"]
            return await canaries.passed(asked, Network(LOOPBACK))

    assert asyncio.run(ask()) == 1


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("names", "trusted", "expected"),
    [
        pytest.param(["127.0.0.1"], True, 1, id="trusted"),
        pytest.param(["127.0.0.1"], False, 0, id="from an unknown authority"),
        pytest.param(["other.test"], True, 0, id="for another name"),
    ],
)
def test_a_certificate_proves_who_answers(names, trusted, expected, tmp_path, monkeypatch):
    """A portal that answers in place of every host excuses nothing, or it would."""
    authority = trustme.CA()
    ca_file = str(written(tmp_path, "ca.pem", authority.cert_pem)) if trusted else None
    context = ssl.create_default_context(cafile=ca_file)
    monkeypatch.setattr("probes.canaries.tls_context", lambda: context)

    assert canary_of(web(lambda _: answer(""), tls=server_context(authority, *names)), "https") == expected


@pytest.mark.usefixtures("patient")
def test_a_private_canary_is_not_asked():
    """The guard stands before canaries as well."""

    async def ask():
        async with web(lambda _: answer("")) as server:
            return await canaries.passed([server.url()], Network()), server.connections

    assert asyncio.run(ask()) == (0, 0)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    "canary",
    ["http://127.0.0.1:99999/", "http://[::1/", "tcp://127.0.0.1:x", f"dns://127.0.0.1/{'a' * 64}.test", "nonsense"],
)
def test_a_canary_that_is_none(canary):
    """A variable may hold anything: it does not pass, and it stops nobody."""
    assert passed(canary) == 0


# --- resolvers ----------------------------------------------------------------------------------


class Resolver(asyncio.DatagramProtocol):
    """Answers every question with what `reply` makes of it."""

    def __init__(self, reply):
        self.reply = reply
        self.questions = []

    def connection_made(self, transport):
        """Remembers where to answer."""
        self.transport = transport

    def datagram_received(self, data, address):
        """One question."""
        self.questions.append(data)
        said = self.reply(data)
        if said is not None:
            self.transport.sendto(said, address)


@asynccontextmanager
async def resolver(reply):
    """(the resolver, its port)."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: Resolver(reply), local_addr=("127.0.0.1", 0))
    try:
        yield protocol, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def asked_of(reply) -> tuple[int, list[bytes]]:
    """(how many pass, the questions) of one canary that is a resolver."""

    async def ask():
        async with resolver(reply) as (told, port):
            number = await canaries.passed([f"dns://127.0.0.1:{port}/www.example.com"], Network(LOOPBACK))
            return number, told.questions

    return asyncio.run(ask())


@pytest.mark.usefixtures("patient")
def test_the_question():
    """One question for the address of the name, recursion desired (RFC 1035 section 4.1)."""
    number, (question,) = asked_of(lambda data: data[:2] + b"\x81\x80" + data[4:])

    assert number == 1
    assert question[2:] == b"\x01\0\0\x01\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(lambda data: data[:2] + b"\x81\x83" + data[4:], 1, id="no such name"),
        pytest.param(lambda data: data[:2] + b"\x81\x82" + data[4:], 1, id="server failure"),
        pytest.param(lambda data: None, 0, id="silence"),
        pytest.param(lambda data: data, 0, id="an echo"),
        pytest.param(lambda data: b"\0\0" + b"\x81\x80" + data[4:], 0, id="an answer to another question"),
        pytest.param(lambda data: data[:2], 0, id="half an answer"),
        pytest.param(lambda data: b"", 0, id="an empty datagram"),
    ],
)
def test_a_resolver_is_a_canary(reply, expected):
    """Any answer to its own question will do, and nothing else."""
    assert asked_of(reply)[0] == expected


@pytest.mark.usefixtures("patient")
def test_a_resolver_that_is_not_there():
    """ICMP says so at once."""

    async def ask():
        async with resolver(lambda data: None) as (_, port):
            pass
        return await canaries.passed([f"dns://127.0.0.1:{port}/example.com"], Network(LOOPBACK))

    assert asyncio.run(ask()) == 0


# --- a whole run --------------------------------------------------------------------------------


def run_of(targets: list[str], *, canaries_up: int, canaries_down: int):
    """One tick of a check for each target (`up`, `refused`, `503`) with canaries of which some answer."""

    async def ask():
        async with web(lambda asked: answer("", "503 Busy" if asked.target == "/503" else "200 OK")) as server:
            urls = {"up": server.url(), "503": server.url("/503"), "refused": f"http://127.0.0.1:{free_port()}/"}
            checks = [check("http", {"url": urls[one]}, id=f"c{index}") for index, one in enumerate(targets)]
            asked = [server.url("/canary")] * canaries_up + [f"tcp://127.0.0.1:{free_port()}"] * canaries_down
            (tick,) = await ticks(*checks, canaries=tuple(asked))
            return tick, server

    return asyncio.run(ask())


@pytest.mark.usefixtures("patient")
def test_everything_is_refused():
    """All targets and all canaries: nothing is known, and the line says why."""
    tick, _ = run_of(["refused"] * 5, canaries_up=0, canaries_down=3)

    assert {(one.status, one.code) for one in tick.observations} == {("unknown", "probe_offline:refused")}
    assert tick.canaries == (0, 3)


@pytest.mark.usefixtures("patient")
def test_everything_is_refused_and_the_network_is_fine():
    """A real outage of everything."""
    tick, _ = run_of(["refused"] * 5, canaries_up=3, canaries_down=0)

    assert {(one.status, one.code) for one in tick.observations} == {("down", "refused")}


@pytest.mark.usefixtures("patient")
def test_passes_stay_as_they_are():
    """What was reached was reached, whatever the canaries say; a status is excused as well."""
    tick, _ = run_of(["up", "503", "refused"], canaries_up=0, canaries_down=2)

    assert [(one.status, one.code) for one in tick.observations] == [
        ("up", None), ("unknown", "probe_offline:status"), ("unknown", "probe_offline:refused"),
    ]  # fmt: skip
    assert tick.canaries == (0, 2)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("targets", "asked"),
    [(["up", "up"], 0), (["up", "refused"], 1)],
    ids=["nothing failed", "one target failed"],
)
def test_how_often_canaries_are_asked(targets, asked):
    """Not at all while all is well, and once when all of them pass."""
    _, server = run_of(targets, canaries_up=1, canaries_down=0)

    assert [one.target for one in server.asked].count("/canary") == asked


@pytest.mark.usefixtures("patient")
def test_all_canaries_are_asked_again_when_one_fails():
    """One that is flaky does not count twice."""
    tick, server = run_of(["refused"], canaries_up=2, canaries_down=1)

    assert [one.target for one in server.asked] == ["/canary"] * 4
    assert (tick.canaries, tick.observations[0].status) == ((2, 3), "down")
