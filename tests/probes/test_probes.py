"""Probes against real servers on loopback that refuse, hang, drip, lie and overflow."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import Mapping
from typing import Any

import pytest
import trustme
import websockets.asyncio.server
from fault_server import FaultServer, fault_server

from probes import PROBES
from probes.run import Settings, run
from statusledger.clock import now_ms
from statusledger.model import Check, Observation, Performance, Status, Tick
from statusledger.secrets import Secrets

LOOPBACK = ("127.0.0.0/8", "::1/128")
TIMEOUT_MS = 400


def check(kind: str, options: Mapping[str, Any], **settings: Any) -> Check:
    """A check with a short time limit and no retry, unless said otherwise."""
    made = {"timeout_ms": TIMEOUT_MS, "retries": 0, "interval_ms": 30_000, **settings}
    identity = made.pop("id", "target")
    return Check(identity, identity, kind, PROBES[kind].options.model_validate(options), **made)


async def ticks(*checks: Check, secrets: Secrets | None = None, **settings: Any) -> list[Tick]:
    """One run of these checks."""
    return await run(
        [(one, 0) for one in checks],
        location="here",
        secrets=secrets or Secrets({}),
        settings=Settings(**{"allow_networks": LOOPBACK, **settings}),
        now=now_ms,
    )


async def observed(one: Check, **settings: Any) -> Observation:
    """What one check says."""
    (tick,) = await ticks(one, **settings)
    return tick.observations[0]


def asked(path: str, options: Mapping[str, Any] | None = None, **settings: Any) -> Observation:
    """What an HTTP check of the fault server says."""

    async def ask() -> Observation:
        async with fault_server() as server:
            return await observed(check("http", {"url": server.url(path), **(options or {})}), **settings)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "options", "status", "code"),
    [
        pytest.param("/ok", {}, "up", None, id="ok"),
        pytest.param("/gzip", {"validation": {"body": {"contains_any": ["hello"]}}}, "up", None, id="gzip"),
        pytest.param("/503", {}, "down", "status:503", id="another status"),
        pytest.param("/503", {"validation": {"status_code": 503}}, "up", None, id="the status that was wanted"),
        pytest.param("/loop", {}, "down", "status:302", id="redirects are not followed by themselves"),
        pytest.param("/moved", {"max_redirects": 1}, "up", None, id="one redirect"),
        pytest.param("/loop", {"max_redirects": 5}, "down", "redirect_loop", id="redirected to itself"),
        pytest.param("/a", {"max_redirects": 5}, "down", "redirect_loop", id="redirected in a circle"),
        pytest.param("/moved", {"max_redirects": 0}, "down", "status:302", id="none allowed"),
        pytest.param(
            "/metadata", {"max_redirects": 5}, "down", "blocked_address", id="redirected to the metadata service"
        ),
        pytest.param("/mailto", {"max_redirects": 5}, "down", "protocol", id="redirected to no web address"),
        pytest.param("/garbage", {}, "down", "protocol", id="garbage"),
        pytest.param("/bad-gzip", {}, "down", "protocol", id="a body that cannot be decoded"),
        pytest.param("/reset", {}, "down", "reset", id="closed without a word"),
        pytest.param("/cut", {}, "down", "reset", id="closed in the middle of the body"),
        pytest.param("/hang", {}, "down", "ttfb_timeout", id="silence"),
        pytest.param("/header-drip", {}, "down", "ttfb_timeout", id="headers that never end"),
        pytest.param("/body-drip", {}, "down", "body_timeout", id="a body that never ends"),
        pytest.param("/huge", {}, "down", "too_large", id="100 MB"),
        pytest.param("/bomb", {}, "down", "too_large", id="a gzip bomb"),
    ],
)
def test_every_fault_has_its_code(path, options, status, code):
    """The same fault, the same word; a failing target is a value and never an exception."""
    got = asked(path, options)

    assert (got.status, got.code) == (status, code)


@pytest.mark.parametrize("path", ["/hang", "/header-drip", "/body-drip"])
def test_one_hard_deadline(path):
    """However slowly a server talks, the attempt ends; generous here, measured in the benchmarks."""
    got = asked(path)

    assert TIMEOUT_MS <= got.ms < 5 * TIMEOUT_MS


@pytest.mark.parametrize(
    ("path", "validation", "told"),
    [
        pytest.param(
            "/ok",
            {"headers": {"x-cache": {"equals": "MISS"}}},
            'headers.x-cache: expected equals "MISS", found "HIT"',
            id="header",
        ),
        pytest.param("/ok", {"headers": {"x-none": {"contains": "a"}}}, "found no such header", id="absent header"),
        pytest.param(
            "/ok", {"headers": {"x-cache": {"exists": False}}}, "expected not to be there", id="unwanted header"
        ),
        pytest.param(
            "/ok", {"body": {"contains_any": ["moon"]}}, 'expected one of "moon", found "hello world"', id="body"
        ),
        pytest.param("/ok", {"body": {"contains_all": ["hello", "moon"]}}, 'expected "moon"', id="contains_all"),
        pytest.param("/ok", {"body": {"not_contains": ["hello"]}}, 'expected no "hello"', id="not_contains"),
        pytest.param("/ok", {"body": {"matches": "^moon"}}, "body.matches", id="matches"),
        pytest.param("/ok", {"body": {"type": "json"}}, "expected JSON", id="not JSON"),
        pytest.param(
            "/health",
            {"json": [{"path": "$.database.latency_ms", "less": 10}]},
            "expected less 10.0, found 12",
            id="less",
        ),
        pytest.param(
            "/health", {"json": [{"path": "$.missing", "less": 10}]}, "found nothing at that path", id="missing path"
        ),
        pytest.param(
            "/health",
            {"json": [{"path": "$.connections", "less": 10}]},
            '"7", which is not a number',
            id="text is no number",
        ),
        pytest.param(
            "/health",
            {"json": [{"path": "$.nothing", "less": 10}]},
            "nothing, which is not a number",
            id="null is no number",
        ),
        pytest.param("/health", {"json": [{"path": "$.tags", "length": 3}]}, "found length 2", id="length"),
        pytest.param("/health", {"json": [{"path": "$.status", "equals": True}]}, 'found "ok"', id="equals is strict"),
        pytest.param(
            "/ok", {"json": [{"path": "$.a", "exists": True}]}, "expected a JSON body", id="JSON path on text"
        ),
        pytest.param("/ok", {"size": {"min": 100_000}}, "expected at least 100000 bytes, found 11", id="too small"),
        pytest.param("/ok", {"size": {"max": 5}}, "expected at most 5 bytes, found 11", id="too long"),
    ],
)
def test_a_failed_assertion_says_what_was_expected_and_found(path, validation, told):
    """Nothing is coerced: what is missing or of another kind fails, with that as the reason."""
    got = asked(path, {"validation": validation})

    assert (got.status, got.code) == ("down", "assertion")
    assert told in got.detail


@pytest.mark.parametrize(
    ("path", "validation"),
    [
        pytest.param("/ok", {"status_code": [201, "2xx"]}, id="status list"),
        pytest.param("/503", {"status_code": "500-599"}, id="status range"),
        pytest.param("/ok", {"headers": {"X-CACHE": {"matches": "^H"}}}, id="header names have no case"),
        pytest.param("/health", {"body": {"type": "json", "contains_any": ["id", "status"]}}, id="seed example"),
        pytest.param(
            "/health", {"json": [{"path": "$.database.latency_ms", "less": 100, "greater_equal": 12}]}, id="numbers"
        ),
        pytest.param("/health", {"json": [{"path": "$.tags", "equals": ["a", "b"]}]}, id="lists"),
        pytest.param("/health", {"json": [{"path": "$.missing", "exists": False}]}, id="absence"),
        pytest.param("/health", {"json": [{"path": "$.tags[*]", "matches": "^[ab]$"}]}, id="every selected value"),
    ],
)
def test_assertions_that_hold(path, validation):
    """And the check is up."""
    assert asked(path, {"validation": validation}).status == "up"


def test_severity_degraded():
    """A failure that was declared mild only degrades."""
    got = asked("/health", {"validation": {"json": [{"path": "$.missing", "exists": True, "severity": "degraded"}]}})

    assert (got.status, got.code) == ("degraded", "assertion")


def test_past_the_critical_time_it_is_degraded():
    """The answer was right, and too late."""

    async def ask() -> Observation:
        async with fault_server() as server:
            slow = Performance(None, 0, 0)
            return await observed(
                check(
                    "http", {"url": server.url("/huge"), "max_bytes": 200_000_000}, performance=slow, timeout_ms=20_000
                )
            )

    got = asyncio.run(ask())

    assert (got.status, got.code) == ("degraded", "slow")


def test_every_attempt_has_a_connection_of_its_own():
    """Cold, counted at the server and proved by the trace."""

    async def ask() -> tuple[list[Observation], FaultServer]:
        async with fault_server() as server:
            checks = [check("http", {"url": server.url("/ok")}, id=f"c{index}") for index in range(12)]
            (tick,) = await ticks(*checks)
            return list(tick.observations), server

    seen, server = asyncio.run(ask())

    assert [one.check for one in seen] == [f"c{index}" for index in range(12)]
    assert (server.connections, any(one.reused for one in seen)) == (12, False)
    assert all(one.phases.connect is not None and one.phases.ttfb is not None for one in seen)


def test_secrets_do_not_cross_an_origin_and_are_masked():
    """A planted token is sent to the first host only, and shows in nothing that is kept."""
    planted = "s3cr3t-t0ken-value"

    async def ask() -> tuple[Observation, FaultServer, FaultServer]:
        async with fault_server() as first, fault_server() as second:
            first.other = second.url("/ok")
            headers = {"Authorization": "Bearer {{ TOKEN }}", "X-Api-Key": "{{ TOKEN }}"}
            options = {
                "url": first.url("/elsewhere"), "headers": headers, "max_redirects": 3,
                "validation": {"body": {"contains_any": ["{{ TOKEN }}"]}},
            }  # fmt: skip
            got = await observed(check("http", options), secrets=Secrets({"TOKEN": planted}))
            return got, first, second

    got, first, second = asyncio.run(ask())

    assert planted in first.requests[0][1]["x-api-key"]
    assert planted not in str(second.requests)
    assert (got.status, planted in repr(got), "***" in got.detail) == ("down", False, True)


@pytest.mark.parametrize("length", range(60, 84))
def test_no_part_of_a_secret_is_left_where_a_text_is_cut(length):
    """Masked first, cut afterwards: wherever the cut falls, no half of a secret shows."""
    planted = "hunter2-hunter2-hunter2"
    validation = {"body": {"contains_any": ["x" * length + "{{ TOKEN }}"]}}

    got = asked("/ok", {"validation": validation}, secrets=Secrets({"TOKEN": planted}))

    assert got.code == "assertion"
    assert "hunter" not in repr(got)


def test_a_secret_with_quotes_is_masked_where_it_is_shown_as_json():
    """Escaping does not hide it from the mask."""
    planted = 'he said "open sesame" \\ twice'
    validation = {"body": {"contains_any": ["{{ TOKEN }}"]}}

    got = asked("/ok", {"validation": validation}, secrets=Secrets({"TOKEN": planted}))

    assert "sesame" not in repr(got)


@pytest.mark.parametrize(
    ("path", "validation"),
    [
        pytest.param("/nested", {"json": [{"path": "$..x", "exists": False}]}, id="nested to break the search"),
        pytest.param("/nan", {"body": {"type": "json"}}, id="NaN is no JSON"),
    ],
)
def test_a_hostile_answer_fails_and_is_not_excused(path, validation):
    """A target cannot turn its own failure into unknown, nor nonsense into JSON."""
    got = asked(path, {"validation": validation})

    assert (got.status, got.code) == ("down", "assertion")


def test_an_expression_that_never_ends_does_not_hold_up_the_run():
    """It is not found, and the check beside it is fine."""

    async def ask() -> list[Observation]:
        async with fault_server() as server:
            endless = {"body": {"matches": "^(a|aa)+$"}}
            options = {"url": server.url("/many-a"), "validation": endless}
            (tick,) = await ticks(
                check("http", options, id="endless"), check("http", {"url": server.url("/ok")}, id="fine")
            )
            return list(tick.observations)

    endless, fine = asyncio.run(ask())

    assert (endless.code, fine.status) == ("assertion", "up")


def test_a_missing_variable_is_told_before_anything_is_asked():
    """Exit code 2, with every check that lacks one."""
    both = [
        check("http", {"url": "http://127.0.0.1/", "headers": {"a": f"{{{{ {name} }}}}"}}, id=name.lower())
        for name in ("ONE", "TWO")
    ]

    with pytest.raises(
        Exception, match=r"check one: the variable ONE is not set(.|\n)*check two: the variable TWO"
    ) as told:
        asyncio.run(ticks(*both))

    assert told.value.exit_code == 2


def test_addresses_that_are_not_public_are_refused():
    """Anyone can propose a check: loopback needs to be allowed by name."""
    got = asked("/ok", allow_networks=())

    assert (got.code, got.ms) == ("blocked_address", None)


class Flaky:
    """A TCP server that resets the first connections and greets the later ones."""

    def __init__(self, bad: int) -> None:
        self.left = bad

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.left -= 1
        if self.left < 0:
            writer.write(b"220 ready\r\n")
            await writer.drain()
            await reader.read()
        writer.close()


def flaky(bad: int, **settings: Any) -> Observation:
    """What a TCP check that expects the greeting says."""

    async def ask() -> Observation:
        server = await asyncio.start_server(Flaky(bad).serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await observed(check("tcp", {"url": f"tcp://127.0.0.1:{port}", "expect": "220"}, **settings))

    return asyncio.run(ask())


def test_passed_on_retry_is_told():
    """Up, with what the first attempt said; every attempt is kept."""
    got = flaky(1, retries=2)

    assert (got.status, got.code) == ("up", "retried:assertion")
    assert [attempt.status for attempt in got.attempts] == [Status.DOWN, Status.UP]


def test_tcp_dialogue():
    """A greeting that is there, and one that is not."""
    assert flaky(0).status == "up"
    assert flaky(5).code == "assertion"


def test_tcp_refused():
    """Nothing listens."""
    got = asyncio.run(observed(check("tcp", {"url": "tcp://127.0.0.1:1"})))

    assert (got.status, got.code) == ("down", "refused")


# --- TLS ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> tuple[trustme.CA, str]:
    """A certificate authority and its file."""
    made = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, str(path)


def served(authority: trustme.CA, *names: str, **settings: Any) -> ssl.SSLContext:
    """A server's TLS context with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **settings).configure_cert(context)
    return context


def over_tls(context: ssl.SSLContext, ca_file: str | None) -> Observation:
    """What an HTTPS check says."""

    async def ask() -> Observation:
        async with fault_server(context) as server:
            options = {"url": server.url("/ok", "https")} | ({"ca_file": ca_file} if ca_file else {})
            return await observed(check("http", options, timeout_ms=3000))

    return asyncio.run(ask())


def test_a_good_certificate(authority):
    """Its facts are kept."""
    got = over_tls(served(authority[0], "127.0.0.1"), authority[1])

    assert (got.status, got.certificate.verify_code, got.certificate.san_match) == ("up", 0, True)
    assert got.certificate.not_after > now_ms()
    assert got.phases.tls is not None


EXPIRED = {
    "not_before": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    "not_after": datetime.datetime(2020, 2, 1, tzinfo=datetime.UTC),
}


@pytest.mark.parametrize(
    ("names", "settings", "trusted", "code"),
    [
        pytest.param(["127.0.0.1"], EXPIRED, True, "tls_expired", id="expired"),
        pytest.param(["example.org"], {}, True, "tls_hostname", id="for another name"),
        pytest.param(["127.0.0.1"], {}, False, "tls_untrusted", id="from an unknown authority"),
    ],
)
def test_a_certificate_that_is_refused_still_tells_its_facts(authority, names, settings, trusted, code):
    """One code per reason, and the expiry all the same."""
    got = over_tls(served(authority[0], *names, **settings), authority[1] if trusted else None)

    assert (got.status, got.code) == ("down", code)
    assert got.certificate.not_after > 0
    assert got.certificate.verify_code > 0


def test_plain_http_behind_https():
    """No TLS could be agreed on."""

    async def ask() -> Observation:
        async with fault_server() as server:
            return await observed(check("http", {"url": server.url("/ok", "https")}))

    assert asyncio.run(ask()).code in {"tls_protocol", "tls_timeout"}


def test_a_server_that_says_nothing_in_the_handshake():
    """Silence has the code of its phase."""

    async def ask() -> Observation:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await observed(check("http", {"url": f"https://127.0.0.1:{port}/"}))

    assert asyncio.run(ask()).code == "tls_timeout"


# --- WebSocket ----------------------------------------------------------------------------------


async def _echo(connection: Any) -> None:
    async for message in connection:
        await connection.send(f"echo {message}")


def spoken(options: Mapping[str, Any], handler: Any = _echo) -> Observation:
    """What a WebSocket check says."""

    async def ask() -> Observation:
        async with websockets.asyncio.server.serve(handler, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await observed(check("websocket", {"url": f"ws://127.0.0.1:{port}/", **options}))

    return asyncio.run(ask())


async def _leaves(connection: Any) -> None:
    await connection.close(1013)


@pytest.mark.parametrize(
    ("options", "handler", "expected"),
    [
        pytest.param({}, _echo, ("up", None), id="ping"),
        pytest.param({"send": "hi", "expect": "echo hi"}, _echo, ("up", None), id="dialogue"),
        pytest.param({"send": "hi", "expect": "moon"}, _echo, ("down", "assertion"), id="another message"),
        pytest.param({"expect": "news"}, _echo, ("down", "body_timeout"), id="silence after the upgrade"),
        pytest.param({"expect": "news"}, _leaves, ("down", "protocol"), id="closed at once"),
    ],
)
def test_websocket(options, handler, expected):
    """Upgrade, ping, and a message that must come."""
    got = spoken(options, handler)

    assert (got.status, got.code) == expected


@pytest.mark.parametrize(
    ("path", "code"),
    [("/503", "status:503"), ("/garbage", "protocol"), ("/hang", "ttfb_timeout"), ("/reset", "reset")],
)
def test_no_upgrade(path, code):
    """A web server that is no WebSocket server."""

    async def ask() -> Observation:
        async with fault_server() as server:
            return await observed(check("websocket", {"url": server.url(path, "ws")}))

    assert asyncio.run(ask()).code == code


# --- the runner ---------------------------------------------------------------------------------


def doubted(*, canaries_up: int, canaries_down: int, target_up: bool = False) -> Tick:
    """A run whose target is up or refused, with canaries that are reachable and some that are not."""

    async def ask() -> Tick:
        async with fault_server() as server:
            good = [f"tcp://127.0.0.1:{server.port}"] * canaries_up
            bad = ["tcp://127.0.0.1:1"] * canaries_down
            port = server.port if target_up else 1
            (tick,) = await ticks(check("tcp", {"url": f"tcp://127.0.0.1:{port}"}), canaries=(*good, *bad))
            return tick

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("up", "down", "status", "code", "evidence"),
    [
        pytest.param(3, 0, "down", "refused", None, id="the network is fine: the target is down"),
        pytest.param(0, 3, "unknown", "probe_offline:refused", (0, 3), id="no canary answers: the probe is offline"),
        pytest.param(1, 2, "unknown", "probe_offline:refused", (1, 3), id="more than half fail"),
        pytest.param(2, 1, "down", "refused", (2, 3), id="one canary fails: told, and nothing excused"),
        pytest.param(1, 1, "down", "refused", (1, 2), id="half is not more than half"),
        pytest.param(0, 0, "down", "refused", None, id="without canaries nothing is excused"),
    ],
)
def test_only_canaries_excuse(up, down, status, code, evidence):
    """The probe suspects itself before it accuses a service."""
    tick = doubted(canaries_up=up, canaries_down=down)

    assert (tick.observations[0].status, tick.observations[0].code, tick.canaries) == (status, code, evidence)


def test_a_pass_needs_no_excuse():
    """Nothing failed, nobody is asked."""
    tick = doubted(canaries_up=0, canaries_down=3, target_up=True)

    assert (tick.observations[0].status, tick.canaries) == ("up", None)


def test_our_own_fault_is_unknown_for_that_check_alone(monkeypatch, caplog):
    """A probe that raises accuses nobody and stops nobody; its secret is masked in the log."""

    async def raises(*_: object) -> Observation:
        message = "cannot read hunter2-hunter2"
        raise RuntimeError(message)

    async def ask() -> Tick:
        async with fault_server() as server:
            broken = check("tcp", {"url": "tcp://127.0.0.1:{{ PORT }}"}, id="broken")
            (tick,) = await ticks(
                broken, check("http", {"url": server.url("/ok")}, id="fine"), secrets=Secrets({"PORT": "8080"})
            )
            return tick

    kind = PROBES["tcp"]
    monkeypatch.setitem(PROBES, "tcp", type(kind)(kind.name, kind.schemes, kind.options, raises, kind.summary))

    tick = asyncio.run(ask())

    assert [(one.status, one.code) for one in tick.observations] == [("unknown", "internal"), ("up", None)]
    assert "broken" in caplog.text


def test_what_starts_late_is_a_tick_of_its_own():
    """With one place at a time, a check that waits longer than two seconds gets its own instant."""

    async def ask() -> list[Tick]:
        async with fault_server() as server:
            slow = check("http", {"url": server.url("/hang")}, id="slow", timeout_ms=2_100)
            return await ticks(slow, check("http", {"url": server.url("/ok")}, id="late"), concurrency=1)

    first, second = asyncio.run(ask())

    assert [one.check for tick in (first, second) for one in tick.observations] == ["slow", "late"]
    assert second.t - first.t > 2_000
    assert second.t == second.observations[0].started_at


@pytest.mark.parametrize(("answers", "status"), [(True, "down"), (False, "unknown")], ids=["answers", "silent"])
def test_a_resolver_is_a_canary(answers, status, monkeypatch):
    """dns:// passes when an answer to its own question comes back; silence does not excuse itself into a pass."""
    monkeypatch.setattr("probes.canaries.TIMEOUT_SECONDS", 0.3)

    class Resolver(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, address):
            if answers:
                self.transport.sendto(data[:2] + b"\x81\x80" + data[4:], address)

    async def ask() -> Tick:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Resolver, local_addr=("127.0.0.1", 0))
        try:
            canary = f"dns://127.0.0.1:{transport.get_extra_info('sockname')[1]}/example.com"
            (tick,) = await ticks(check("tcp", {"url": "tcp://127.0.0.1:1"}), canaries=(canary,))
            return tick
        finally:
            transport.close()

    assert asyncio.run(ask()).observations[0].status == status
