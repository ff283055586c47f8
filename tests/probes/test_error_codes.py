"""Every error code of the closed list, provoked on loopback and told by the real runner, across the types of check."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import trustme
from datagram_server import datagram_server
from one_check import Deed, free_port, peer, reset, says, silence
from probing import TIMEOUT_MS, check, observed
from starttls_servers import secured
from web_server import answer, redirect, written

from probes import PROBES
from probes.contract import ERROR_CODES, Context, Options, ProbeType, base_code
from probes.network import Address
from statusledger.model import Check, Observation, Performance

LONG_AGO: Mapping[str, Any] = {
    "not_before": datetime(2020, 1, 1, tzinfo=UTC),
    "not_after": datetime(2020, 2, 1, tzinfo=UTC),
}
# More than the buffers of both ends of a connection take.
MORE_THAN_FITS = 16_777_216
STATUSES = {
    "slow": "degraded", "retried": "up", "not_permitted": "unknown", "probe_offline": "unknown", "internal": "unknown",
}  # fmt: skip


@dataclass(frozen=True)
class Authority:
    """Who vouches for the servers of the tests, and the file that makes a check trust it."""

    made: trustme.CA
    file: str

    def context(self, *names: str, **validity: Any) -> ssl.SSLContext:
        """A server's TLS context with a certificate for these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.made.issue_cert(*names, **validity).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One for all tests."""
    made = trustme.CA()
    file: Path = written(tmp_path_factory.mktemp("authority"), "ca.pem", made.cert_pem)
    return Authority(made, str(file))


# --- ways to provoke ----------------------------------------------------------------------------


async def told_by(deed: Deed, url: str, options: Mapping[str, Any] | None = None, **settings: Any) -> Observation:
    """What a check says of a server that does this; `{}` in its address is the port, its scheme names the type."""
    async with peer(deed) as port:
        return await told_of(url.format(port), options, **settings)


async def told_of(url: str, options: Mapping[str, Any] | None = None, **settings: Any) -> Observation:
    """What a check says of an address; only where its time is to be up is that short."""
    kind = PROBES.of_scheme(url.partition(":")[0]) or ""
    run = {key: settings.pop(key) for key in ("lookup", "canaries") if key in settings}
    return await observed(check(kind, {"url": url, **(options or {})}, **settings), **run)


async def over_tls(authority: Authority, name: str, *, trusted: bool = True, **validity: Any) -> Observation:
    """What a check says of a certificate for this name, at 127.0.0.1."""
    deed = secured([], authority.context(name, **validity))
    return await told_by(deed, "tls://127.0.0.1:{}", {"ca_file": authority.file} if trusted else {})


async def resolved(error: OSError) -> Observation:
    """What a check says of a name whose lookup ends like this."""

    async def lookup(host: str, port: int) -> Sequence[Address]:
        raise error

    return await told_of("smtp://name.test:25", lookup=lookup)


async def resolver_that_hangs() -> Observation:
    """A lookup that never ends."""

    async def lookup(host: str, port: int) -> Sequence[Address]:
        await asyncio.Event().wait()
        return []

    return await told_of("postgres://status@name.test/shop", timeout_ms=TIMEOUT_MS, lookup=lookup)


async def name_server_that_says(rcode: int) -> Observation:
    """A name server that answers every question with this response code (RFC 1035 section 4.1.1)."""

    def answers(asked: bytes) -> Sequence[bytes]:
        return [asked[:2] + bytes([asked[2] | 0x80, asked[3] & 0xF0 | rcode]) + asked[4:]]

    async with datagram_server(answers) as port:
        return await told_of(f"dns://127.0.0.1:{port}/example.test")


async def full_queue() -> Observation:
    """A server whose queue of connections is full: the next one is neither taken nor refused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(door.getsockname())
        try:
            return await told_of(f"ssh://127.0.0.1:{door.getsockname()[1]}", timeout_ms=TIMEOUT_MS)
        finally:
            for one in waiting:
                one.close()


async def peer_that_takes_nothing() -> Observation:
    """Something large to say to a server that does not read: the time is up before any answer is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        options = {"send": "x" * MORE_THAN_FITS, "expect": "thanks"}
        return await told_of(f"tcp://127.0.0.1:{door.getsockname()[1]}", options, timeout_ms=TIMEOUT_MS)


async def late() -> Observation:
    """A server that says the right thing later than critical."""

    async def deed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    return await told_by(deed, "ssh://127.0.0.1:{}", performance=Performance(None, 1, 5))


async def second_time_right() -> Observation:
    """A server that breaks its first connection."""
    connections = 0

    async def deed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections > 1:
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    return await told_by(deed, "ssh://127.0.0.1:{}", retries=1)


async def forbidden_ping() -> Observation:
    """A machine that forbids pings; by hand, because whoever runs this may be allowed to."""

    class Forbidding(socket.socket):
        def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
            if proto == socket.IPPROTO_ICMP:
                raise PermissionError(1, "Operation not permitted")
            super().__init__(family, type, proto, fileno)

    with mock.patch("socket.socket", Forbidding):
        return await told_of("icmp://127.0.0.1")


async def nobody_at_home() -> Observation:
    """A target and a canary that are both refused."""
    here = f"tcp://127.0.0.1:{free_port()}"
    return await told_of(here, canaries=(here,))


async def faulty_type() -> Observation:
    """A type of check that raises what no probe may raise."""

    async def probe(one: Check, options: Options, context: Context) -> Observation:
        message = "a fault of our own"
        raise RuntimeError(message)

    kind = ProbeType(name="faulty", schemes=(), options=Options, probe=probe, summary="Fails by itself.")
    with mock.patch.dict(PROBES, {"faulty": kind}):
        return await observed(check("faulty", {}))


# --- the table ----------------------------------------------------------------------------------

Provocation = Callable[[Authority], Awaitable[Observation]]
PROVOCATIONS: Mapping[str, Provocation] = {
    "dns_nxdomain": lambda _: name_server_that_says(3),
    "dns_timeout": lambda _: resolver_that_hangs(),
    "dns_error": lambda _: resolved(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")),
    "refused": lambda _: told_of(f"redis://127.0.0.1:{free_port()}"),
    # no TCP to a broadcast address
    "unreachable": lambda _: told_of("tcp://127.255.255.255:9"),
    "connect_timeout": lambda _: full_queue(),
    "tls_expired": lambda authority: over_tls(authority, "127.0.0.1", **LONG_AGO),
    "tls_hostname": lambda authority: over_tls(authority, "127.0.0.9"),
    "tls_untrusted": lambda authority: over_tls(authority, "127.0.0.1", trusted=False),
    "tls_protocol": lambda _: told_by(says(b"220 in plain text\r\n"), "smtps://127.0.0.1:{}"),
    "tls_timeout": lambda _: told_by(silence, "wss://127.0.0.1:{}", timeout_ms=TIMEOUT_MS),
    "reset": lambda _: told_by(reset, "ws://127.0.0.1:{}"),
    "ttfb_timeout": lambda _: told_by(silence, "ssh://127.0.0.1:{}", timeout_ms=TIMEOUT_MS),
    "body_timeout": lambda _: told_by(says(b"+PO"), "tcp://127.0.0.1:{}", {"send": "PING\r\n", "expect": "+PONG"},
                                      timeout_ms=TIMEOUT_MS),
    "deadline": lambda _: peer_that_takes_nothing(),
    "too_large": lambda _: told_by(says(b"$9999999\r\n" + b"x" * 2_000_000), "redis://127.0.0.1:{}"),
    "redirect_loop": lambda _: told_by(says(redirect("/")), "http://127.0.0.1:{}/", {"max_redirects": 3}),
    "status": lambda _: told_by(says(answer(b"", "503 Busy")), "ws://127.0.0.1:{}"),
    "assertion": lambda _: told_by(says(b"-LOADING wait\r\n"), "redis://127.0.0.1:{}"),
    "slow": lambda _: late(),
    "retried": lambda _: second_time_right(),
    "protocol": lambda _: told_by(says(answer(b"hello")), "grpc://127.0.0.1:{}"),
    "blocked_address": lambda _: told_of("http://169.254.169.254/latest/meta-data/"),
    "not_permitted": lambda _: forbidden_ping(),
    "missing_heartbeat": lambda _: observed(check("heartbeat", {"every": "1h"})),
    "probe_offline": lambda _: nobody_at_home(),
    "internal": lambda _: faulty_type(),
}  # fmt: skip


def test_the_table_is_the_closed_list() -> None:
    """No code that nothing leads to, and none that the list does not have."""
    assert set(PROVOCATIONS) == set(ERROR_CODES)


@pytest.mark.allow_hosts(["127.0.0.1", "127.255.255.255"])
@pytest.mark.parametrize("code", PROVOCATIONS)
def test_a_code_can_be_provoked(code: str, authority: Authority) -> None:
    """Each by the fault that it is named after; only faults of the target make it down."""

    async def ask() -> Observation:
        return await PROVOCATIONS[code](authority)

    got = asyncio.run(ask())

    assert (base_code(got.code or ""), got.status) == (code, STATUSES.get(code, "down"))
