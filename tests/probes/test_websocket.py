"""WebSocket servers as they should be (a real one) and as they should not be (frame by frame)."""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha1

import pytest
import trustme
from one_check import free_port
from probing import PATIENT_MS, TIMEOUT_MS, check, limit_ms, observed, seen
from pydantic import ValidationError
from web_server import listening, request, server_context, written
from websockets.asyncio.server import serve

from probes import PROBES
from probes.contract import ERROR_CODES, base_code
from probes.websocket import LONGEST_MESSAGE_BYTES, PING
from statusledger.errors import UsageError
from statusledger.model import Performance

TEXT, BINARY, CLOSE, PONG = 1, 2, 8, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


# --- a real server ------------------------------------------------------------------------------


async def _echo(connection):
    async for message in connection:
        await connection.send(f"echo {message}" if isinstance(message, str) else message)


def spoken(options: dict, handler=_echo, *, tls=None, **settings):
    """What a check says of a real server with this handler."""

    async def ask():
        async with serve(handler, "127.0.0.1", 0, ssl=tls, **settings) as server:
            url = f"{'wss' if tls else 'ws'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/live?a=b"
            return await observed(check("websocket", {"url": url, **options}))

    return asyncio.run(ask())


async def _closes(connection):
    await connection.close(1013)


async def _says_json(connection):
    await connection.send('{"status": "ok", "queue": 7}')
    await connection.wait_closed()


async def _says_bytes(connection):
    await connection.send("grüße".encode() + b"\xff")
    await connection.wait_closed()


async def _in_pieces(connection):
    await connection.send(["one ", "two ", "", "three"])
    await connection.wait_closed()


def message(**conditions):
    """A validation of the first message."""
    return {"validation": {"message": conditions}}


def value(**conditions):
    """A validation of one value of the first message."""
    return {"validation": {"json": [conditions]}}


@pytest.mark.parametrize(
    ("options", "handler", "detail"),
    [
        pytest.param({}, _echo, None, id="a pong"),
        pytest.param({"ping": False}, _echo, None, id="an upgrade alone"),
        pytest.param({"send": "hi", "expect": "echo hi"}, _echo, None, id="expected"),
        pytest.param({"send": "hi", "ping": False, **message(equals="echo hi")}, _echo, None, id="equals"),
        pytest.param({"send": "hi", **message(matches="^echo h.$")}, _echo, None, id="matches"),
        pytest.param({"send": "hü", **message(contains="hü")}, _echo, None, id="not ASCII"),
        pytest.param({"send": "", **message(equals="echo ")}, _echo, None, id="an empty message"),
        pytest.param(message(equals="one two three"), _in_pieces, None, id="in pieces"),
        pytest.param(message(contains="grüße"), _says_bytes, None, id="binary"),
        pytest.param(value(path="$.queue", less=10), _says_json, None, id="JSON"),
        pytest.param({"validation": {"ping_ms": {"less": 1000}}}, _echo, None, id="ping in time"),
        pytest.param({"validation": {"close_code": 1000}}, _echo, None, id="close code"),
        pytest.param({"subprotocols": ["v2", "v1"]}, _echo, None, id="subprotocol"),
        pytest.param({"validation": {"ip_family": "ipv4", "time": {"total": {"less": 5000}}}}, _echo, None, id="time"),
        pytest.param(
            {"send": "hi", "expect": "moon"}, _echo, 'expect: expected "moon", found "echo hi"', id="not expected"
        ),
        pytest.param(
            {"send": "hi", **message(not_contains="echo")},
            _echo,
            'message: expected not_contains "echo", found "echo hi"',
            id="unwanted",
        ),
        pytest.param(
            value(path="$.queue", less=5), _says_json, "json $.queue: expected less 5.0, found 7", id="number"
        ),
        pytest.param(value(path="$.no", less=5), _says_json, "found nothing at that path", id="missing path"),
        pytest.param(
            {"send": "hi", **value(path="$.queue", less=5)},
            _echo,
            'expected a JSON body, found "echo hi"',
            id="no JSON",
        ),
        pytest.param({"validation": {"ping_ms": {"less": 0}}}, _echo, "ping_ms: expected less than 0 ms", id="late"),
        pytest.param(
            {"ping": False, "validation": {"ping_ms": {"less": 1000}}},
            _echo,
            "ping_ms: expected less than 1000 ms, found nothing was measured",
            id="a ping that was not sent",
        ),
        pytest.param(
            {"validation": {"close_code": 1001}},
            _echo,
            "close_code: expected 1001, found 1000",
            id="another close code",
        ),
    ],
)
def test_a_conversation(options, handler, detail):
    """Up, or down with what was expected and what was heard."""
    got = spoken(options, handler, subprotocols=["v1"] if "subprotocols" in options else None)

    assert (got.status, got.code, got.http_status) == (("down", "assertion", 101) if detail else ("up", None, 101))
    assert (detail or "") in (got.detail or "")


def test_the_ping_is_kept():
    """Milliseconds, beside the total."""
    assert spoken({}).captured.keys() == {"ping_ms"}
    assert spoken({"ping": False}).captured == {}


@pytest.mark.parametrize(
    ("offered", "known", "code"),
    [(["v1"], ["v1"], None), (["v3"], ["v1"], "status:400"), (["v3"], None, "protocol")],
    ids=["chosen", "refused by the server", "none chosen"],
)
def test_subprotocols(offered, known, code):
    """One of those that are offered must be chosen."""
    assert spoken({"subprotocols": offered}, subprotocols=known).code == code


def test_a_subprotocol_that_was_not_offered():
    """The server does not listen."""
    assert framed(b"", headers=["Sec-WebSocket-Protocol: v9"], options={"subprotocols": ["v1"]}).code == "protocol"


def test_closed_at_once():
    """The code is told."""
    got = spoken({}, _closes)

    assert (got.status, got.code) == ("down", "protocol")
    assert "1013" in got.detail


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority and its file."""
    made = trustme.CA()
    return made, str(written(tmp_path_factory.mktemp("authority"), "ca.pem", made.cert_pem))


def test_over_tls(authority):
    """With the facts of the certificate, and assertions on it."""
    wanted = {"certificate": {"days_left": {"greater": 1}, "minimum_version": "TLSv1.2"}}
    tls = server_context(authority[0], "127.0.0.1")

    got = spoken({"ca_file": authority[1], "validation": wanted}, tls=tls)

    assert (got.status, got.certificate.verify_code) == ("up", 0)
    assert got.phases.tls is not None


def test_server_name(authority):
    """The name that the certificate must be for."""
    tls = server_context(authority[0], "live.test")

    assert spoken({"ca_file": authority[1], "server_name": "live.test"}, tls=tls).status == "up"
    assert spoken({"ca_file": authority[1]}, tls=tls).code == "tls_hostname"
    assert spoken({"verify": False}, tls=tls).certificate.verify_code is None


# --- frame by frame -----------------------------------------------------------------------------


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, reserved: int = 0) -> bytes:
    """A frame of a server (RFC 6455 section 5.2)."""
    first = bytes([0x80 * fin + reserved + opcode])
    if len(data) < 126:
        return first + bytes([len(data)]) + data
    return first + b"\x7f" + len(data).to_bytes(8) + data


def agreed(asked, *headers: str) -> bytes:
    """The upgrade."""
    key = b64encode(
        sha1(f"{asked.headers['sec-websocket-key']}{GUID}".encode(), usedforsecurity=False).digest()
    ).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    return "\r\n".join([*lines, f"Sec-WebSocket-Accept: {key}", *headers, "", ""]).encode()


def framed(*said: bytes, headers: list[str] | None = None, ends: bool = False, options=None, **settings):
    """What a check says of a server that upgrades, says these frames and then listens, or ends the connection."""

    async def deed(told, reader, writer):
        told.asked.append(await request(reader))
        writer.write(agreed(told.asked[-1], *(headers or [])))
        for part in said:
            writer.write(part)
            await writer.drain()
        while not ends and await reader.read(65_536):
            pass

    return against(deed, options, **settings)


def against(deed, options=None, *, tls=None, **settings):
    """What a check says of a server that does this with every connection."""

    async def ask():
        async with listening(deed, tls=tls) as server:
            url = f"{'wss' if tls else 'ws'}://127.0.0.1:{server.port}/"
            return await observed(check("websocket", {"url": url, **(options or {})}, **settings))

    return asyncio.run(ask())


ANY = {"ping": False, "validation": {"message": {"contains": ""}}}
HALF = frame(TEXT, b"half", fin=False)


@pytest.mark.parametrize(
    ("said", "options", "code"),
    [
        pytest.param([frame(TEXT, b"a"), frame(PONG, PING)], {}, None, id="a message before the pong"),
        pytest.param([HALF, frame(9, b"x"), frame(0, b"!")], ANY, None, id="a ping between two pieces"),
        pytest.param([frame(9, b"x") * 1000 + frame(PONG, PING)], {}, None, id="a thousand pings"),
        pytest.param([frame(PONG, b"unasked")], {}, "body_timeout", id="a pong that nobody asked for"),
        pytest.param([frame(TEXT, b"a")], {}, "body_timeout", id="no pong"),
        pytest.param([HALF], ANY, "body_timeout", id="half a message"),
        pytest.param([frame(TEXT, b"x" * LONGEST_MESSAGE_BYTES)], ANY, None, id="the longest message"),
        pytest.param([frame(TEXT, b"x" * (LONGEST_MESSAGE_BYTES + 1))], ANY, "too_large", id="one byte too long"),
        pytest.param([HALF, *[frame(0, b"x" * 100_000, fin=False)] * 11], ANY, "too_large", id="too long in pieces"),
        pytest.param([b"\x82\x7f" + b"\xff" * 8], ANY, "too_large", id="a length that no memory has"),
        pytest.param([b"HTTP/1.1 200 OK\r\n" * 10], ANY, "protocol", id="HTTP again"),
        pytest.param([frame(TEXT, b"a", reserved=0x40)], ANY, "protocol", id="compressed, which nobody offered"),
        pytest.param([frame(3)], ANY, "protocol", id="an unknown opcode"),
        pytest.param([frame(0, b"a")], ANY, "protocol", id="a piece of nothing"),
        pytest.param([b"\x81\x81\x00\x00\x00\x00a"], ANY, "protocol", id="a masked frame"),
        pytest.param([frame(9, b"x" * 126)], ANY, "protocol", id="a ping that is too long"),
        pytest.param([frame(CLOSE, b"\x03")], {}, "protocol", id="a close code of one byte"),
        pytest.param([frame(CLOSE)], {}, "protocol", id="closed without a code"),
        pytest.param([frame(CLOSE)], {"ping": False, "send": "a"}, None, id="closed when nothing was waited for"),
    ],
)
def test_frames(said, options, code):
    """As strict as RFC 6455; what is not the protocol is down and never unknown."""
    got = framed(*said, options=options, timeout_ms=limit_ms(code))

    assert (got.status, got.code) == ("down" if code else "up", code)


@pytest.mark.parametrize("said", [b"", b"\x81", HALF], ids=["nothing", "half a frame", "half a message"])
def test_closed_without_a_farewell(said):
    """The connection ended before the answer was complete."""
    assert framed(said, ends=True).code == "reset"


def test_gone_once_all_was_said():
    """The pong came; that the server did not wait for our farewell is its own affair."""
    assert framed(frame(PONG, PING), ends=True).status == "up"


@pytest.mark.parametrize(
    ("said", "ends", "code"),
    [
        pytest.param(frame(PONG, PING), False, "deadline", id="never"),
        pytest.param(frame(PONG, PING), True, "assertion", id="gone without one"),
        pytest.param(frame(PONG, PING) + frame(CLOSE, b"\x03\xe8"), False, None, id="at once"),
        pytest.param(frame(PONG, PING) + frame(CLOSE, b"\x03\xf5"), False, "assertion", id="another one"),
    ],
)
def test_the_close_code(said, ends, code):
    """It is waited for only when it is asserted."""
    options = {"validation": {"close_code": 1000}}

    assert framed(said, ends=ends, options=options, timeout_ms=limit_ms(code)).code == code
    assert framed(said, ends=ends).status == "up"


# --- the upgrade --------------------------------------------------------------------------------


def answered(raw: bytes, *, ends: bool = True, **settings):
    """What a check says of a server that answers the upgrade with this."""

    async def deed(told, reader, writer):
        await request(reader)
        writer.write(raw)
        await writer.drain()
        while not ends and await reader.read(65_536):
            pass

    return against(deed, **settings)


LATER = b"HTTP/1.1 503 Busy\r\nContent-Length: 99999999\r\n\r\nwait"


@pytest.mark.parametrize(
    ("raw", "ends", "code"),
    [
        pytest.param(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", True, "status:404", id="404"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: ws://10.0.0.1/\r\n\r\n", True, "status:302", id="redirected"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True, "status:200", id="a web page"),
        pytest.param(b"HTTP/1.0 503 Busy\r\n\r\n", True, "status:503", id="HTTP 1.0"),
        pytest.param(LATER, False, "status:503", id="a body that never ends"),
        pytest.param(LATER, True, "status:503", id="a body that is cut"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\n\r\n", False, "status:103", id="early hints"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", False, "protocol", id="SSH"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", True, "protocol", id="101 and no more"),
        pytest.param(b"HTTP/1.1 503 B", True, "reset", id="half a status line"),
        pytest.param(b"HTTP/1.1 101 Go\r\n" + b"A: b\r\n" * 1000, True, "protocol", id="a thousand headers"),
        pytest.param(b"HTTP/1.1 101 Go\r\nA: " + b"b" * 100_000, True, "protocol", id="a long header"),
        pytest.param(b"", True, "reset", id="nothing"),
        pytest.param(b"", False, "ttfb_timeout", id="silence"),
    ],
)
def test_no_upgrade(raw, ends, code):
    """The status where there is one, however the body goes on."""
    got = answered(raw, ends=ends, timeout_ms=limit_ms(code))

    assert (got.status, got.code) == ("down", code)
    assert got.http_status == (int(code.partition(":")[2]) if code.startswith("status") else None)


def test_a_key_that_was_not_answered():
    """101 from somebody who did not read the request."""
    raw = "HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"

    assert answered(raw.encode(), ends=False).code == "protocol"


def test_headers_of_the_upgrade():
    """Configured ones stand in place of ours, each once; secrets in them are masked."""
    lines = []

    async def deed(told, reader, writer):
        lines.extend((await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n"))
        writer.write(b"HTTP/1.1 403 No\r\n\r\n")
        await writer.drain()

    headers = {"Host": "virtual.test", "Origin": "https://app.test", "X-Api-Key": "{{ KEY }}"}

    async def ask():
        async with listening(deed) as server:
            options = {"url": f"ws://127.0.0.1:{server.port}/a?b=c", "headers": headers}
            return await observed(check("websocket", options), environ={"KEY": "s3cr3t-value"})

    got = asyncio.run(ask())

    assert lines[0] == "GET /a?b=c HTTP/1.1"
    assert [line for line in lines if line.lower().startswith("host")] == ["Host: virtual.test"]
    assert {"Origin: https://app.test", "X-Api-Key: s3cr3t-value"} <= set(lines)
    assert (got.code, "s3cr3t" in repr(got)) == ("status:403", False)


def test_a_header_that_cannot_be_sent():
    """Told before anything is asked."""
    with pytest.raises(ValidationError, match="no header can hold"):
        PROBES["websocket"].options.model_validate({"url": "ws://a/", "headers": {"X": "a\r\nb"}})
    with pytest.raises(UsageError, match="no header can hold"):
        seen(
            check("websocket", {"url": "ws://127.0.0.1:1/", "headers": {"X-Key": "{{ KEY }}"}}),
            environ={"KEY": "abc\n"},
        )


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/#part", "ws://me@127.0.0.1:1/"], ids=["fragment", "no password"])
def test_an_address_that_cannot_be_asked(url):
    """With a reason."""
    got = seen(check("websocket", {"url": url}))

    assert (got.code, got.detail.startswith("the request cannot be sent: ")) == ("protocol", True)


def test_ipv6():
    """A server on ::1."""

    async def ask():
        async with serve(_echo, "::1", 0) as server:
            url = f"ws://[::1]:{server.sockets[0].getsockname()[1]}/"
            return await observed(check("websocket", {"url": url, "ip_family": "ipv6"}))

    got = asyncio.run(ask())

    assert (got.status, got.address) == ("up", "::1")


def test_every_attempt_has_a_connection_of_its_own():
    """Counted at the server."""
    connections = []

    async def deed(told, reader, writer):
        connections.append(told.connections)
        await request(reader)
        writer.write(b"HTTP/1.1 503 Busy\r\n\r\n")
        await writer.drain()
        await reader.read()

    got = against(deed, retries=1)

    assert (connections, len(got.attempts), got.reused) == ([1, 2], 2, False)


# --- every code ---------------------------------------------------------------------------------


async def _silent(told, reader, writer):
    while await reader.read(65_536):
        pass


def resolved(error):
    """What a check says of a name whose lookup ends with this error, or never."""

    async def lookup(host, port):
        if error is None:
            await asyncio.Event().wait()
        raise error

    return seen(check("websocket", {"url": "ws://name.test/"}, timeout_ms=TIMEOUT_MS), lookup=lookup)


def in_vain():
    """A server whose queue of connections is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(door.getsockname())
        url = f"ws://127.0.0.1:{door.getsockname()[1]}/"
        got = seen(check("websocket", {"url": url}, timeout_ms=TIMEOUT_MS))
        for one in waiting:
            one.close()
        return got


def over_tls(authority, *names, trusted=True, **settings):
    """What a check says of a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert(*names, **settings).configure_cert(context)
    return spoken({"ca_file": authority[1]} if trusted else {}, tls=context)


def behind_wss(deed, timeout_ms=PATIENT_MS, **options):
    """What a check says that begins with TLS of a server that does not."""

    async def ask():
        async with listening(deed) as server:
            url = f"wss://127.0.0.1:{server.port}/"
            return await observed(check("websocket", {"url": url, **options}, timeout_ms=timeout_ms))

    return asyncio.run(ask())


async def _plain(told, reader, writer):
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


def slow():
    """Right, and later than critical."""

    async def handler(connection):
        await asyncio.sleep(0.02)
        await connection.send("late")
        await connection.wait_closed()

    async def ask():
        async with serve(handler, "127.0.0.1", 0) as server:
            options = {"url": f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", "expect": "late"}
            return await observed(check("websocket", options, performance=Performance(None, 1, 1)))

    return asyncio.run(ask())


def retried():
    """A server that breaks the first connection."""

    async def deed(told, reader, writer):
        asked = await request(reader)
        if told.connections > 1:
            writer.write(agreed(asked) + frame(PONG, PING))
            await writer.drain()
            await reader.read()

    return against(deed, retries=1)


EXPIRED = {"not_before": datetime(2020, 1, 1, tzinfo=UTC), "not_after": datetime(2020, 2, 1, tzinfo=UTC)}
CODES = {
    "dns_nxdomain": lambda _: resolved(socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
    "dns_timeout": lambda _: resolved(None),
    "dns_error": lambda _: resolved(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")),
    "refused": lambda _: seen(check("websocket", {"url": f"ws://127.0.0.1:{free_port()}/"})),
    # no TCP to a broadcast address
    "unreachable": lambda _: seen(check("websocket", {"url": "ws://127.255.255.255/"})),
    "connect_timeout": lambda _: in_vain(),
    "tls_expired": lambda authority: over_tls(authority, "127.0.0.1", **EXPIRED),
    "tls_hostname": lambda authority: over_tls(authority, "127.0.0.9"),
    "tls_untrusted": lambda authority: over_tls(authority, "127.0.0.1", trusted=False),
    "tls_protocol": lambda _: behind_wss(_plain),
    "tls_timeout": lambda _: behind_wss(_silent, TIMEOUT_MS),
    "reset": lambda _: answered(b""),
    "ttfb_timeout": lambda _: against(_silent, timeout_ms=TIMEOUT_MS),
    "body_timeout": lambda _: framed(timeout_ms=TIMEOUT_MS),
    "deadline": lambda _: framed(
        frame(PONG, PING), options={"validation": {"close_code": 1000}}, timeout_ms=TIMEOUT_MS
    ),
    "too_large": lambda _: framed(frame(TEXT, b"x" * (LONGEST_MESSAGE_BYTES + 1))),
    "status": lambda _: answered(b"HTTP/1.1 503 Busy\r\n\r\n"),
    "assertion": lambda _: spoken({"send": "a", "expect": "b"}),
    "slow": lambda _: slow(),
    "retried": lambda _: retried(),
    "protocol": lambda _: framed(b"\xff\xff"),
    "blocked_address": lambda _: seen(check("websocket", {"url": "ws://10.0.0.1/"})),
    "internal": lambda _: behind_wss(_silent, ca_file="/no/such/file"),
}
OF_OTHERS = {
    "missing_heartbeat",  # of heartbeats alone
    "not_permitted",  # of ICMP alone
    "probe_offline",  # of a whole run, see the canaries
    "redirect_loop",  # no redirect is followed
}


def test_every_code_is_in_the_table():
    """The closed list, but for what a WebSocket check cannot meet."""
    assert set(CODES) == set(ERROR_CODES) - OF_OTHERS


@pytest.mark.allow_hosts(["127.0.0.1", "127.255.255.255"])
@pytest.mark.parametrize("code", CODES)
def test_every_code(code, authority):
    """Provoked on loopback."""
    got = CODES[code](authority)

    assert base_code(got.code) == code
    assert got.status == {"retried": "up", "slow": "degraded", "internal": "unknown"}.get(code, "down")
