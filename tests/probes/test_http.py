"""HTTP answers as servers give them and as they should not: bodies, encodings, framing, numbers, many at once."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import tracemalloc
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import trustme
from one_check import free_port
from probing import TIMEOUT_MS, check, observed, seen, ticks
from web_server import answer, listening, paths, request, web, written

from probes.contract import ERROR_CODES, base_code
from statusledger.config import load
from statusledger.errors import UsageError
from statusledger.model import Performance

HELLO = b"hello world"
MEBIBYTE = 1_048_576


def said(raw: bytes, options: dict | None = None, **settings):
    """What a check says of a server that says this to every request and then closes the connection."""

    async def deed(told, reader, writer):
        told.asked.append(await request(reader))
        writer.write(raw)
        await writer.drain()

    return told(deed, options, **settings)


def told(deed, options: dict | None = None, **settings):
    """What a check says of a server that does this with every connection."""

    async def ask():
        async with listening(deed) as server:
            return await observed(check("http", {"url": server.url(), **(options or {})}, **settings))

    return asyncio.run(ask())


def head(*lines: str, version: str = "1.1", status: str = "200 OK") -> bytes:
    """The head of an answer."""
    return "\r\n".join([f"HTTP/{version} {status}", *lines, "", ""]).encode("latin-1")


def chunked(*chunks: bytes) -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def raw_deflate(data: bytes) -> bytes:
    """`deflate` as some servers send it, without the zlib header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


HAS_HELLO = {"validation": {"body": {"contains_all": ["hello world"]}, "size": {"min": 11, "max": 11}}}
NO_BODY = {"validation": {"status_code": "200-399", "size": {"max": 0}}}
TWO_MEMBERS = gzip.compress(b"hello ") + gzip.compress(b"world")
EARLY_HINTS = head("Link: </style.css>; rel=preload", status="103 Early Hints")


@pytest.mark.parametrize(
    ("raw", "options"),
    [
        pytest.param(answer(HELLO), HAS_HELLO, id="length"),
        pytest.param(head("Transfer-Encoding: chunked") + chunked(b"hello", b" ", b"world"), HAS_HELLO, id="chunks"),
        pytest.param(
            head("Transfer-Encoding: chunked", "Trailer: Sum") + b"b;name=value\r\nhello world\r\n0\r\nSum: 1\r\n\r\n",
            HAS_HELLO,
            id="chunk extension and trailer",
        ),
        pytest.param(head() + HELLO, HAS_HELLO, id="until the end of the connection"),
        pytest.param(head(version="1.0") + HELLO, HAS_HELLO, id="HTTP 1.0"),
        pytest.param(head("Content-Length: 11", "Content-Length: 11") + HELLO, HAS_HELLO, id="the same length twice"),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: 11\r\n\r\n" + HELLO, HAS_HELLO, id="no reason phrase"),
        pytest.param(EARLY_HINTS + answer(HELLO), HAS_HELLO, id="early hints"),
        pytest.param(EARLY_HINTS * 50 + answer(HELLO), HAS_HELLO, id="many early hints"),
        pytest.param(answer(gzip.compress(HELLO), Content_Encoding="gzip"), HAS_HELLO, id="gzip"),
        pytest.param(answer(gzip.compress(HELLO), Content_Encoding="X-GZip"), HAS_HELLO, id="x-gzip"),
        pytest.param(answer(TWO_MEMBERS, Content_Encoding="gzip"), HAS_HELLO, id="gzip of two members"),
        pytest.param(answer(zlib.compress(HELLO), Content_Encoding="deflate"), HAS_HELLO, id="deflate"),
        pytest.param(answer(raw_deflate(HELLO), Content_Encoding="deflate"), HAS_HELLO, id="deflate without header"),
        pytest.param(answer(HELLO, Content_Encoding="identity"), HAS_HELLO, id="identity"),
        pytest.param(
            head("Transfer-Encoding: chunked", "Content-Encoding: gzip")
            + chunked(*[bytes([octet]) for octet in gzip.compress(HELLO)]),
            HAS_HELLO,
            id="gzip in chunks of one byte",
        ),
        pytest.param(answer(b"", Content_Encoding="gzip"), NO_BODY, id="an empty body is not inflated"),
        pytest.param(head(status="204 No Content"), NO_BODY, id="204"),
        pytest.param(head("Content-Encoding: br", status="204 No Content"), NO_BODY, id="204 with an encoding"),
        pytest.param(head("Content-Length: 99", status="304 Not Modified"), NO_BODY, id="304 with a length"),
        pytest.param(head("Content-Encoding: br", status="304 Not Modified"), NO_BODY, id="304 with an encoding"),
        pytest.param(head("Content-Length: 99"), {"method": "HEAD", **NO_BODY}, id="HEAD"),
        pytest.param(
            head("Content-Length: 99", "Content-Encoding: br"), {"method": "HEAD", **NO_BODY}, id="HEAD of what is br"
        ),
        pytest.param(answer(b"\xff\xfe"), {"validation": {"body": {"contains_any": ["�"]}}}, id="not UTF-8"),
        pytest.param(answer(HELLO, X=f"{'y' * 60_000}"), HAS_HELLO, id="a header of 60 kB"),
    ],
)
def test_an_answer_that_is_right(raw, options):
    """Every way to frame and to encode a body that RFC 9110 and RFC 9112 know, and those that all clients bear."""
    got = said(raw, options)

    assert (got.status, got.code, got.detail) == ("up", None, None)


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        pytest.param(answer(b"\x1b", Content_Encoding="br"), "protocol", '"br", which was not asked for', id="br"),
        pytest.param(
            answer(gzip.compress(HELLO)[:-4], Content_Encoding="gzip"), "protocol", "ends too early", id="cut"
        ),
        pytest.param(answer(HELLO, Content_Encoding="gzip"), "protocol", "cannot be decoded", id="gzip that is none"),
        pytest.param(answer(gzip.compress(HELLO) + b"x", Content_Encoding="gzip"), "protocol", "gzip", id="a rest"),
        pytest.param(head("Content-Length: 12") + HELLO, "reset", "before the answer was complete", id="too short"),
        pytest.param(head("Transfer-Encoding: chunked") + b"b\r\nhello", "reset", "complete", id="chunk cut"),
        pytest.param(head("Transfer-Encoding: chunked") + b"zz\r\n", "protocol", "not HTTP", id="chunk without length"),
        pytest.param(head("Content-Length: -1") + HELLO, "protocol", "not HTTP", id="negative length"),
        pytest.param(head("Content-Length: 1", "Content-Length: 2"), "protocol", "not HTTP", id="two lengths"),
        pytest.param(head("no colon here"), "protocol", "not HTTP", id="header without colon"),
        pytest.param(head("X-Nul: a\0b"), "protocol", "not HTTP", id="NUL in a header"),
        pytest.param(head(": nameless"), "protocol", "not HTTP", id="header without name"),
        pytest.param(head(status="99 Low"), "protocol", "not HTTP", id="status of two digits"),
        pytest.param(head(status="000 Zero"), "protocol", "not HTTP", id="status 000"),
        pytest.param(b"ICY 200 OK\r\n\r\n", "protocol", "not HTTP", id="another protocol"),
        pytest.param(head(f"X: {'y' * 200_000}") + HELLO, "protocol", "not HTTP", id="a header of 200 kB"),
        pytest.param(b"HTTP/1.1 " + b"2" * 200_000, "protocol", "not HTTP", id="an endless status line"),
        pytest.param(b"", "reset", "before the answer was complete", id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Half: y", "reset", "before the answer was complete", id="half a head"),
        pytest.param(
            head("Upgrade: h2c", "Connection: upgrade", status="101 Switching Protocols"),
            "protocol",
            "not HTTP",
            id="101 that nobody asked for",
        ),
        pytest.param(EARLY_HINTS, "reset", "before the answer was complete", id="early hints and no more"),
    ],
)
def test_an_answer_that_is_wrong(raw, code, words):
    """It is down with the code of its fault and words that say so; never unknown."""
    got = said(raw)

    assert (got.status, got.code) == ("down", code)
    assert words in got.detail


@pytest.mark.parametrize("status", [200, 204, 299, 300, 304, 404, 418, 500, 503, 599])
def test_every_group_of_statuses(status):
    """2xx is good by default, everything else is told by its number."""
    got = said(head("Content-Length: 0", status=f"{status} Status"))

    assert (got.status, got.code, got.http_status) == (
        ("up", None, status) if status < 300 else ("down", f"status:{status}", status)
    )


async def _endless(told, reader, writer):
    await request(reader)
    while True:
        writer.write(head(status="100 Continue") * 1_000)
        await writer.drain()


def test_an_infinite_100_continue():
    """It is no answer, however much of it comes: the deadline ends it."""
    got = told(_endless, timeout_ms=TIMEOUT_MS)

    assert (got.status, got.code) == ("down", "ttfb_timeout")


async def _gigabyte(told, reader, writer):
    await request(reader)
    writer.write(head(f"Content-Length: {2**30}"))
    for _ in range(2**30 // 65_536):
        writer.write(bytes(65_536))
        await writer.drain()


async def _bomb(told, reader, writer):
    """1 GB of zeros in 1 MB of gzip, all of it sent at once."""
    await request(reader)
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(64)) + packer.flush()
    writer.write(head("Content-Encoding: gzip", f"Content-Length: {len(packed)}") + packed)
    await writer.drain()


@pytest.mark.parametrize("deed", [_gigabyte, _bomb], ids=["1 GB of zeros", "gzip bomb"])
def test_a_body_past_the_cap_costs_little(deed):
    """It ends at the cap, and only about that much of it was ever in memory."""
    tracemalloc.start()
    try:
        got = told(deed)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (got.status, got.code, got.http_status) == ("down", "too_large", 200)
    assert peak < 24 * MEBIBYTE


@pytest.mark.parametrize(("size", "status"), [(100, "up"), (101, "down")], ids=["at the cap", "one byte more"])
def test_the_cap_is_of_the_decoded_body(size, status):
    """`max_bytes` counts what comes out of the gzip."""
    got = said(answer(gzip.compress(bytes(size)), Content_Encoding="gzip"), {"max_bytes": 100})

    assert (got.status, got.body_size) == (status, 100 if status == "up" else None)


# --- what is sent -------------------------------------------------------------------------------


def asked_with(options: dict, **settings):
    """The one request that a check sends, and what it says."""

    async def ask():
        async with web(paths({"/": answer(HELLO)})) as server:
            got = await observed(check("http", {"url": server.url(), **options}), **settings)
            return server.asked, got

    requests, got = asyncio.run(ask())
    assert len(requests) <= 1
    return (requests or [None])[0], got


def test_what_is_sent():
    """Method, headers (names have no case) and body as configured; and no encoding that could not be decoded."""
    options = {"method": "PUT", "headers": {"USER-AGENT": "me", "X-Trace": "ü".encode().hex()}, "body": "größer"}

    asked, got = asked_with(options)

    assert (asked.method, asked.body.decode(), got.status) == ("PUT", "größer", "up")
    assert (asked.headers["user-agent"], asked.headers["x-trace"]) == ("me", "c3bc")
    assert asked.headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("value", ["s3cret-value\r\nX-Other: 1", "s3cret-value\n", "s3cret-välue"])
def test_a_secret_that_no_header_can_hold(value):
    """It is told before anything is asked, without the secret."""
    with pytest.raises(UsageError, match="X-Key: no header can hold this value") as error:
        asked_with({"headers": {"X-Key": "{{ KEY }}"}}, environ={"KEY": value})

    assert "s3cret" not in str(error.value)


async def _refuses_early(told, reader, writer):
    """An answer before the request is complete; what comes then is read and thrown away."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(answer("too much", "413 Content Too Large"))
    await _silent(told, reader, writer)


def test_an_answer_before_the_body_was_read():
    """The answer counts, not the end of the upload."""
    assert told(_refuses_early, {"method": "POST", "body": "x" * 10 * MEBIBYTE}).code == "status:413"


def test_netrc_is_ignored(tmp_path, monkeypatch):
    """A password that lies about on the machine is told to nobody."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    assert "authorization" not in asked_with({})[0].headers


# --- several at once ----------------------------------------------------------------------------


def concurrent(reply, options: dict, **settings):
    """The server and what a check says that sends several requests at once."""

    async def ask():
        async with web(reply) as server:
            return server, await observed(check("http", {"url": server.url(), **options}, **settings))

    return asyncio.run(ask())


def test_ten_at_once_are_ten_connections():
    """Counted at a server that would keep them open; the slowest and the 95th percentile are kept."""
    server, got = concurrent(paths({"/": answer(HELLO)}), {"concurrency": 10})

    assert (got.status, got.reused, server.connections, len(server.asked)) == ("up", False, 10, 10)
    assert got.captured.keys() == {"slowest_ms", "p95_ms"}
    assert got.ms == got.captured["slowest_ms"] >= got.captured["p95_ms"]


def test_one_of_ten_fails():
    """All must pass; how many did not is told."""
    left = iter([answer(b"", "503 Busy")])

    _, got = concurrent(lambda _: next(left, answer(HELLO)), {"concurrency": 10})

    assert (got.status, got.code, got.http_status) == ("down", "status:503", 503)
    assert got.detail.startswith("1 of 10 requests failed: status_code: expected 2xx, found 503")


def test_every_attempt_of_ten_has_ten_new_connections():
    """Two attempts, twenty connections; no request is sent over one that is open already."""
    server, got = concurrent(lambda _: answer(b"", "503 Busy"), {"concurrency": 10}, retries=1)

    assert (server.connections, len(server.asked), len(got.attempts)) == (20, 20, 2)


async def _only_first(told, reader, writer):
    await request(reader)
    if told.connections > 1:
        await reader.read()
    writer.write(answer(HELLO))
    await writer.drain()


def test_one_of_several_that_hangs():
    """The deadline names the phase in which it hangs."""
    got = told(_only_first, {"concurrency": 3}, timeout_ms=TIMEOUT_MS)

    assert (got.status, got.code) == ("down", "ttfb_timeout")


def test_a_long_detail_of_several_is_cut():
    """It is never longer than the detail of one request."""
    wanted = {"body": {"contains_any": ["x" * 300]}, "headers": {"x-none": {"equals": "y" * 300}}}

    _, got = concurrent(paths({"/": answer("z" * 500)}), {"concurrency": 2, "validation": wanted})

    assert len(got.detail) <= 200


# --- addresses ----------------------------------------------------------------------------------


def test_ipv6():
    """A server on ::1, by its address; the family can be wanted, and asserted."""

    async def ask(options):
        async with web(paths({"/": answer(HELLO)}), host="::1") as server:
            return await observed(check("http", {"url": server.url(), **options}))

    wanted = asyncio.run(ask({"ip_family": "ipv6", "validation": {"ip_family": "ipv6"}}))
    mild = asyncio.run(ask({"validation": {"ip_family": {"equals": "ipv4", "severity": "degraded"}}}))
    other = asyncio.run(ask({"ip_family": "ipv4"}))

    assert (wanted.status, wanted.address) == ("up", "::1")
    assert (mild.status, mild.detail) == ("degraded", "ip_family: expected ipv4, found ipv6")
    assert (other.code, other.detail) == ("dns_nxdomain", "::1 has no IPv4 address")


@pytest.mark.parametrize(("family", "address"), [("ipv4", "127.0.0.1"), ("ipv6", "::1")])
def test_a_name_with_both_families(family, address):
    """Only the wanted one is asked, whatever comes first in the answer."""

    async def lookup(host, port):
        both = [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port, 0, 0))]
        return both if family == "ipv6" else both[::-1]

    async def ask():
        async with web(paths({"/": answer(HELLO)}), host=address) as server:
            options = {"url": f"http://both.test:{server.port}/", "ip_family": family}
            return await observed(check("http", options), lookup=lookup)

    got = asyncio.run(ask())

    assert (got.status, got.address) == ("up", address)


def test_both_families_are_two_checks(tmp_path):
    """Two series with ids of their own, in one component."""
    (tmp_path / "checks.yml").write_text(
        """
page: {name: Example, url: "https://status.example.com", since: 2026-01-01}
monitor: {locations: [here]}
groups:
  - id: all
    name: All
    components:
      - {id: site, name: Site, url: "https://example.com/", ip_family: both}
""",
        encoding="utf-8",
    )

    (component,) = load(tmp_path / "checks.yml").groups[0].components

    families = {one.id: one.options.ip_family for one in component.checks}
    assert families == {"site-ipv4": "ipv4", "site-ipv6": "ipv6"}


TWO_ADDRESSES = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "::1"])


async def _two(host, port):
    return [(socket.AF_INET, (address, port)) for address in ("127.0.0.2", "127.0.0.1", "127.0.0.2")]


def at_two(first_port_only: bool):
    """What `all_addresses` says of a name with two addresses, of which both or one have a server."""

    async def ask():
        host = "127.0.0.1" if first_port_only else "0.0.0.0"
        async with web(paths({"/": answer(HELLO)}), host=host) as server:
            options = {"url": f"http://two.test:{server.port}/", "all_addresses": True}
            return server, await observed(check("http", options), lookup=_two)

    return asyncio.run(ask())


@TWO_ADDRESSES
def test_all_addresses():
    """Each is asked once, under the name; the time of each is kept."""
    server, got = at_two(first_port_only=False)

    assert (got.status, server.connections) == ("up", 2)
    assert {asked.headers["host"] for asked in server.asked} == {f"two.test:{server.port}"}
    assert got.captured.keys() == {"addresses", "address_1_ms", "address_2_ms"}
    assert got.captured["addresses"] == 2


@TWO_ADDRESSES
def test_one_dead_address_of_two():
    """Down, although the other one is fine; the detail names it, and only the good one has a time."""
    _, got = at_two(first_port_only=True)

    assert (got.status, got.code, got.address) == ("down", "refused", "127.0.0.2")
    assert got.detail.startswith("127.0.0.2: ")
    assert got.captured.keys() == {"addresses", "address_1_ms"}


def test_a_private_address_among_all():
    """What may not be asked is not asked, and the others are."""

    async def lookup(host, port):
        return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET, ("10.0.0.1", port))]

    async def ask():
        async with web(paths({"/": answer(HELLO)})) as server:
            options = {"url": f"http://two.test:{server.port}/", "all_addresses": True}
            return await observed(check("http", options), lookup=lookup)

    assert asyncio.run(ask()).captured["addresses"] == 1


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "captured"),
    [
        pytest.param('{"n": 7}', {"n": 7}, id="whole number"),
        pytest.param('{"n": -0.5}', {"n": -0.5}, id="fraction"),
        pytest.param("{}", {}, id="missing"),
        pytest.param('{"n": null}', {}, id="null"),
        pytest.param('{"n": "7"}', {}, id="text"),
        pytest.param('{"n": true}', {}, id="bool"),
        pytest.param('{"n": [1, 2]}', {}, id="list"),
        pytest.param('{"n": NaN}', {}, id="NaN"),
        pytest.param('{"n": Infinity}', {}, id="Infinity"),
        pytest.param('{"n": 1e999}', {}, id="too large for a float"),
        pytest.param('{"n": 1' + "0" * 400 + "}", {}, id="a whole number of 400 digits"),
        pytest.param("hello", {}, id="no JSON"),
        pytest.param("", {}, id="no body"),
    ],
)
def test_capture(body, captured):
    """A finite number is kept, anything else is not known; the check is up all the same."""
    got = said(answer(body), {"capture": {"n": "$.n"}})

    assert (got.status, got.captured) == ("up", captured)


def test_capture_of_one_value_only():
    """A path that selects several is no number; the rate form takes the same path."""
    options = {"capture": {"all": "$.n[*]", "second": "$.n[1]", "count": {"path": "$.n[0]", "rate": True}}}

    assert said(answer('{"n": [3, 4]}'), options).captured == {"second": 4, "count": 3}


# --- time and TLS -------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["total", "connect", "ttfb", "body"])
def test_time_of_each_phase(phase):
    """Whole milliseconds, so nothing is less than 0."""
    got = said(answer(HELLO), {"validation": {"time": {phase: {"less": 0}}}})

    assert (got.status, got.code) == ("down", "assertion")
    assert got.detail.startswith(f"time.{phase}: expected less than 0 ms, found ")


@pytest.mark.parametrize("phase", ["dns", "tls"])
def test_time_of_a_phase_that_did_not_happen(phase):
    """What was not measured does not pass."""
    got = said(answer(HELLO), {"validation": {"time": {phase: {"greater_equal": 0}}}})

    assert got.detail == f"time.{phase}: expected at least 0 ms, found nothing was measured"


# --- every code ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority and its file."""
    made = trustme.CA()
    return made, str(written(tmp_path_factory.mktemp("ca"), "ca.pem", made.cert_pem))


@contextmanager
def full_backlog():
    """The port of a server that takes no more connections and refuses none."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(door.getsockname())
        yield door.getsockname()[1]
        for one in waiting:
            one.close()


def resolved(error: BaseException | None):
    """What a check says of a name whose lookup ends with this error, or never."""

    async def lookup(host, port):
        if error is None:
            await asyncio.Event().wait()
        raise error

    return seen(check("http", {"url": "http://name.test/"}, timeout_ms=TIMEOUT_MS), lookup=lookup)


def over_tls(authority, *names, trusted=True, **settings):
    """What an HTTPS check says of a certificate."""

    async def ask():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority[0].issue_cert(*names, **settings).configure_cert(context)
        async with web(paths({"/": answer(HELLO)}), tls=context) as server:
            options = {"url": server.url(), **({"ca_file": authority[1]} if trusted else {})}
            return await observed(check("http", options))

    return asyncio.run(ask())


async def _silent(told, reader, writer):
    while await reader.read(65_536):
        pass


async def _half(told, reader, writer):
    writer.write(head("Content-Length: 100") + b"half")
    await _silent(told, reader, writer)


def silent_tls():
    """A server that listens to the handshake and says nothing."""

    async def ask():
        async with listening(_silent) as server:
            url = f"https://127.0.0.1:{server.port}/"
            return await observed(check("http", {"url": url}, timeout_ms=TIMEOUT_MS))

    return asyncio.run(ask())


def plain_behind_https():
    """A server that answers the handshake in plain text."""

    async def deed(told, reader, writer):
        await reader.read(1)
        writer.write(head(status="400 Bad Request"))
        await writer.drain()

    async def ask():
        async with listening(deed) as server:
            return await observed(check("http", {"url": f"https://127.0.0.1:{server.port}/"}))

    return asyncio.run(ask())


def connecting_in_vain():
    """A server whose queue of connections is full."""
    with full_backlog() as port:
        return seen(check("http", {"url": f"http://127.0.0.1:{port}/"}, timeout_ms=TIMEOUT_MS))


def slow():
    """Right, and later than critical."""

    async def deed(told, reader, writer):
        await request(reader)
        await asyncio.sleep(0.02)
        writer.write(answer(HELLO))
        await writer.drain()

    return told(deed, performance=Performance(None, 1, 1))


def retried():
    """A server that breaks the first connection."""

    async def deed(told, reader, writer):
        await request(reader)
        if told.connections > 1:
            writer.write(answer(HELLO))
            await writer.drain()

    return told(deed, retries=1)


EXPIRED = {"not_before": datetime(2020, 1, 1, tzinfo=UTC), "not_after": datetime(2020, 2, 1, tzinfo=UTC)}
CODES = {
    "dns_nxdomain": lambda _: resolved(socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
    "dns_timeout": lambda _: resolved(None),
    "dns_error": lambda _: resolved(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")),
    "refused": lambda _: seen(check("http", {"url": f"http://127.0.0.1:{free_port()}/"})),
    # no TCP to a broadcast address
    "unreachable": lambda _: seen(check("http", {"url": "http://127.255.255.255/"})),
    "connect_timeout": lambda _: connecting_in_vain(),
    "tls_expired": lambda authority: over_tls(authority, "127.0.0.1", **EXPIRED),
    "tls_hostname": lambda authority: over_tls(authority, "127.0.0.9"),
    "tls_untrusted": lambda authority: over_tls(authority, "127.0.0.1", trusted=False),
    "tls_protocol": lambda _: plain_behind_https(),
    "tls_timeout": lambda _: silent_tls(),
    "reset": lambda _: said(b""),
    "ttfb_timeout": lambda _: told(_silent, timeout_ms=TIMEOUT_MS),
    "body_timeout": lambda _: told(_half, timeout_ms=TIMEOUT_MS),
    "too_large": lambda _: said(answer(HELLO), {"max_bytes": 5}),
    "redirect_loop": lambda _: said(answer(b"", "302 Found", Location="/"), {"max_redirects": 3}),
    "status": lambda _: said(answer(b"", "503 Busy")),
    "assertion": lambda _: said(answer(HELLO), {"validation": {"size": {"max": 5}}}),
    "slow": lambda _: slow(),
    "retried": lambda _: retried(),
    "protocol": lambda _: said(b"hello\r\n\r\n"),
    "blocked_address": lambda _: seen(check("http", {"url": "http://10.0.0.1/"})),
    "internal": lambda _: seen(check("http", {"url": "https://127.0.0.1/", "ca_file": "/no/such/file"})),
}
OF_OTHERS = {
    "missing_heartbeat",  # of heartbeats alone
    "not_permitted",  # of ICMP alone
    "probe_offline",  # of a whole run, see the canaries
    "deadline",  # every wait of an HTTP check is in a phase
}


def test_every_code_is_in_the_table():
    """The closed list, but for what an HTTP check cannot meet."""
    assert set(CODES) == set(ERROR_CODES) - OF_OTHERS


@pytest.mark.allow_hosts(["127.0.0.1", "127.255.255.255"])
@pytest.mark.parametrize("code", CODES)
def test_every_code(code, authority):
    """Provoked on loopback."""
    got = CODES[code](authority)

    assert base_code(got.code) == code
    assert got.status == {"retried": "up", "slow": "degraded", "internal": "unknown"}.get(code, "down")


# --- what is kept of an answer that is wrong ------------------------------------------------------


SESSION = "Set-Cookie: session=4711; HttpOnly"
UNAVAILABLE = head("Content-Type: text/plain", "X-Trace: s3cr3t-token", SESSION, status="503 Busy")


def test_headers_and_the_beginning_of_the_body_are_kept_of_a_failure():
    """Without secrets and without what a session's cookie is worth."""

    async def deed(told, reader, writer):
        await request(reader)
        writer.write(UNAVAILABLE + b"no backend for s3cr3t-token\0")
        await writer.drain()

    async def ask():
        async with listening(deed) as server:
            one = check("http", {"url": server.url(), "headers": {"X-Key": "{{ KEY }}"}})
            return (await ticks(one, environ={"KEY": "s3cr3t-token"}))[0].observations[0]

    seen = asyncio.run(ask())

    assert seen.excerpt == "no backend for ***\ufffd"
    assert seen.headers == (("Content-Type", "text/plain"), ("X-Trace", "***"), ("Set-Cookie", "session=***"))


def test_nothing_is_kept_of_an_answer_that_is_good():
    """Evidence is of what went wrong."""
    seen = said(head("Content-Length: 2") + b"ok")

    assert (seen.headers, seen.excerpt) == ((), None)


def test_a_body_that_ends_too_early_is_kept_as_far_as_it_came():
    """Which is what tells where it broke."""
    seen = said(head("Content-Length: 99") + b"half of")

    assert (seen.code, seen.excerpt) == ("reset", "half of")
