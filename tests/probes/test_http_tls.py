"""HTTPS: versions of HTTP and TLS, who the server is and who we are, and what is kept of a certificate."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import hpack
import pytest
import trustme
from probing import check, limit_ms, observed, seen
from web_server import answer, certificate, listening, nginx, paths, redirect, server_context, web, written

HELLO = 'location / { return 200 "hello world"; }'


@pytest.fixture(scope="module")
def authority():
    """Whoever issues the certificates."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    """The file that makes a check trust it."""
    return str(written(tmp_path_factory.mktemp("authority"), "ca.pem", authority.cert_pem))


@pytest.fixture
def client(authority, tmp_path):
    """The certificate and key of a client, as options."""
    made = authority.issue_cert("client.test")
    return {
        "client_certificate": str(written(tmp_path, "client.pem", *made.cert_chain_pems)),
        "client_key": str(written(tmp_path, "client.key", made.private_key_pem)),
    }


async def _loopback(host, port):
    return [(socket.AF_INET, ("127.0.0.1", port))]


# --- nginx --------------------------------------------------------------------------------------


@pytest.mark.service
@pytest.mark.parametrize(
    ("flags", "options", "version", "alpn"),
    [
        pytest.param("ssl http2", {"http2": True}, "2", "h2", id="HTTP/2"),
        pytest.param("ssl http2", {}, "1.1", "http/1.1", id="HTTP/2 that nobody asked for"),
        pytest.param("ssl", {"http2": True}, "1.1", "http/1.1", id="HTTP/2 that the server does not have"),
    ],
)
def test_version_of_http(flags, options, version, alpn, authority, ca_file, tmp_path):
    """What was agreed on is asserted, and its ALPN name is among the facts of the certificate."""
    wanted = {"http_version": version, "certificate": {"minimum_version": "TLSv1.3"}}

    with nginx(tmp_path, (flags, certificate(tmp_path, authority, "127.0.0.1") + HELLO)) as (port,):
        url = f"https://127.0.0.1:{port}/"
        good = seen(check("http", {"url": url, "ca_file": ca_file, "validation": wanted, **options}))
        mild = {"http_version": {"equals": "1.0", "severity": "degraded"}}
        bad = seen(check("http", {"url": url, "ca_file": ca_file, "validation": mild, **options}))

    assert (good.status, good.certificate.alpn, good.body_size, good.reused) == ("up", alpn, 11, False)
    assert (bad.status, bad.detail) == ("degraded", f"http_version: expected 1.0, found {version}")


@pytest.mark.service
def test_http2_features(authority, ca_file, tmp_path):
    """Headers, bodies, redirects and refusals over HTTP/2."""
    site = """
        client_body_buffer_size 1m;
        location /upload { proxy_pass https://127.0.0.1:$server_port/echo; }
        location /echo { add_header X-Key $http_x_key; return 200 "$request_method $host"; }
        location /moved { return 302 /echo; }
        location /busy { return 503; }
    """

    with nginx(tmp_path, ("ssl http2", certificate(tmp_path, authority, "127.0.0.1") + site)) as (port,):
        asked = {"http2": True, "ca_file": ca_file, "headers": {"X-Key": "abc"}, "max_redirects": 1}

        def got(path, **options):
            return seen(check("http", {"url": f"https://127.0.0.1:{port}{path}", **asked, **options}))

        key = {"headers": {"x-key": {"equals": "abc"}}, "http_version": "2"}
        echo = got("/upload", method="PUT", body="x" * 200_000, validation={**key, "body": {"contains_all": ["PUT"]}})
        moved = got("/moved", validation={**key, "redirects": {"count": {"equals": 1}}})
        busy = got("/busy", headers={"Host": "virtual.test"})

    assert (echo.status, echo.detail) == ("up", None)
    assert (moved.status, moved.detail) == ("up", None)
    assert busy.code == "status:503"


@pytest.mark.service
@pytest.mark.parametrize(
    ("protocols", "options", "code"),
    [
        pytest.param("TLSv1.2", {}, None, id="1.2 is spoken"),
        pytest.param("TLSv1.2", {"minimum_version": "TLSv1.2"}, None, id="1.2 is enough"),
        pytest.param("TLSv1.2", {"minimum_version": "TLSv1.3"}, "assertion", id="1.2 is not enough"),
        pytest.param("TLSv1.3", {"minimum_version": "TLSv1.2"}, None, id="1.3 is more than enough"),
    ],
)
def test_version_of_tls(protocols, options, code, authority, ca_file, tmp_path):
    """As nginx speaks it."""
    directives = certificate(tmp_path, authority, "127.0.0.1") + f"ssl_protocols {protocols};" + HELLO
    wanted = {"certificate": {**options, "severity": "degraded"}} if options else {}

    with nginx(tmp_path, ("ssl", directives)) as (port,):
        asked = {"url": f"https://127.0.0.1:{port}/", "ca_file": ca_file, "validation": wanted}
        got = seen(check("http", asked))

    assert (got.status, got.code, got.certificate.tls_version) == ("degraded" if code else "up", code, protocols)


@pytest.mark.service
@pytest.mark.parametrize("protocols", ["TLSv1.2", "TLSv1.3"])
def test_a_client_certificate_that_is_required(protocols, authority, ca_file, client, tmp_path):
    """With it the page, without it what nginx says to strangers."""
    directives = f"""{certificate(tmp_path, authority, "127.0.0.1")} ssl_protocols {protocols};
        ssl_client_certificate {ca_file}; ssl_verify_client on;
        location / {{ return 200 "$ssl_client_s_dn"; }}"""

    with nginx(tmp_path, ("ssl", directives)) as (port,):
        asked = {"url": f"https://127.0.0.1:{port}/", "ca_file": ca_file}
        shown = seen(check("http", {**asked, **client, "validation": {"size": {"min": 5}}}))
        hidden = seen(check("http", asked))

    assert (shown.status, shown.detail) == ("up", None)
    assert (hidden.status, hidden.code) == ("down", "status:400")


@contextmanager
def strict(context):
    """The port of a server that breaks off the handshake with the alert of TLS, which asyncio's own does not send."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve():
            connection, _ = door.accept()
            with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as secure:
                try:
                    secure.do_handshake()
                    secure.recv(65_536)
                    secure.sendall(answer("hello"))
                except ssl.SSLError:
                    # past TLS, until the client has gone: what is left unread would break the connection
                    while socket.socket.recv(secure, 65_536):
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1]
        thread.join()


def test_a_client_certificate_that_is_required_in_the_handshake(authority, ca_file, client):
    """A server that breaks off instead: no TLS could be agreed on."""
    context = server_context(authority, "127.0.0.1")
    context.load_verify_locations(ca_file)
    context.verify_mode = ssl.CERT_REQUIRED

    def got(options):
        with strict(context) as port:
            return seen(check("http", {"url": f"https://127.0.0.1:{port}/", "ca_file": ca_file, **options}))

    assert got(client).status == "up"
    assert got({}).code == "tls_protocol"


def test_a_client_certificate_that_is_not_there():
    """Our own fault, and unknown."""
    options = {"url": "https://127.0.0.1:1/", "client_certificate": "/no/such/file"}

    assert seen(check("http", options)).status == "unknown"


# --- names --------------------------------------------------------------------------------------


@pytest.mark.service
def test_server_name_is_asked_for_and_verified(authority, ca_file, tmp_path):
    """Nginx shows the certificate of the name that was asked for, and the check wants that name in it."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    directives = "".join(
        (certificate(folders[0], authority, "one.test"), 'server_name one.test; location / { return 200 "one"; }')
    )
    other = certificate(folders[1], authority, "two.test") + 'server_name two.test; location / { return 200 "two"; }'

    with nginx(tmp_path, ("ssl", directives)) as (port,):
        url = f"https://127.0.0.1:{port}/"
        named = seen(check("http", {"url": url, "ca_file": ca_file, "server_name": "one.test"}))
        unnamed = seen(check("http", {"url": url, "ca_file": ca_file}))
        wrong = seen(check("http", {"url": url, "ca_file": ca_file, "server_name": "two.test"}))
    with nginx(tmp_path, ("ssl", other)) as (port,):
        by_name = seen(check("http", {"url": f"https://two.test:{port}/", "ca_file": ca_file}), lookup=_loopback)

    assert (named.status, named.certificate.san_match) == ("up", True)
    assert (unnamed.code, unnamed.certificate.san_match, unnamed.certificate.verify_code) == ("tls_hostname", False, 64)
    assert (wrong.code, wrong.certificate.verify_code) == ("tls_hostname", 62)
    assert by_name.status == "up"


def test_the_name_that_is_asked_for(authority, ca_file):
    """SNI (RFC 6066) holds `server_name`, else the host; never an address."""
    names = []
    context = server_context(authority, "one.test", "host.test", "127.0.0.1")
    context.sni_callback = lambda _, name, __: names.append(name)

    async def ask():
        async with web(paths({"/": answer("hello")}), tls=context) as server:
            for host, options in (
                ("127.0.0.1", {"server_name": "one.test"}), ("host.test", {}), ("127.0.0.1", {}),
            ):  # fmt: skip
                asked = {"url": f"https://{host}:{server.port}/", "ca_file": ca_file, **options}
                got = await observed(check("http", asked), lookup=_loopback)
                assert got.status == "up", got

    asyncio.run(ask())

    assert names == ["one.test", "host.test", None]


def test_another_origin_is_not_told_who_we_are(authority, ca_file, client):
    """Neither the client certificate nor `server_name` follows a redirect to another port."""
    shown = []
    context = server_context(authority, "one.test", "127.0.0.1")
    context.load_verify_locations(ca_file)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.sni_callback = lambda _, name, __: shown.append(name)

    async def peer_certificate(told, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        shown.append(bool(writer.get_extra_info("peercert")))
        writer.write(answer("hello"))
        await writer.drain()

    async def ask():
        first_context = server_context(authority, "one.test")
        async with (
            listening(peer_certificate, tls=context) as second,
            web(lambda _: redirect(second.url()), tls=first_context) as first,
        ):
            options = {"url": first.url(), "ca_file": ca_file, "server_name": "one.test", "max_redirects": 1}
            return await observed(check("http", {**options, **client}))

    got = asyncio.run(ask())

    assert (got.status, shown) == ("up", [None, False])


def test_nothing_is_verified_where_that_is_switched_off(authority):
    """The facts are kept, and say that nobody asked."""

    async def ask():
        async with web(paths({"/": answer("hello")}), tls=server_context(authority, "other.test")) as server:
            return await observed(check("http", {"url": server.url(), "verify": False}))

    got = asyncio.run(ask())

    assert (got.status, got.certificate.verify_code, got.certificate.san_match) == ("up", None, False)
    assert got.certificate.issuer.startswith("trustme")


# --- assertions on the certificate --------------------------------------------------------------


def asserted(authority, ca_file, wanted, **settings):
    """What a check says of a certificate, asserted as mild."""

    async def ask():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", **settings).configure_cert(context)
        async with web(paths({"/": answer("hello")}), tls=context) as server:
            options = {"url": server.url(), "ca_file": ca_file, "validation": {"certificate": wanted}}
            return await observed(check("http", options))

    return asyncio.run(ask())


TEN_DAYS = {"not_after": datetime.now(UTC) + timedelta(days=10, hours=12)}


@pytest.mark.parametrize(
    ("wanted", "detail"),
    [
        pytest.param({"days_left": {"greater": 9}}, None, id="days enough"),
        pytest.param({"issuer": {"contains": "trustme"}}, None, id="issuer"),
        pytest.param(
            {"days_left": {"greater": 14, "severity": "degraded"}},
            "certificate.days_left: expected more than 14 days, found 10 days",
            id="days left",
        ),
        pytest.param(
            {"issuer": {"equals": "Example Trust", "severity": "degraded"}},
            'certificate.issuer: expected equals "Example Trust", found "trustme',
            id="another issuer",
        ),
        pytest.param(
            {"chain_days_left": {"greater": 1, "severity": "degraded"}},
            "certificate.chain_days_left: expected more than 1 days, found nothing was measured",
            id="no chain was sent",
        ),
    ],
)
def test_assertions_on_the_certificate(wanted, detail, authority, ca_file):
    """With a severity of their own; what is not there does not pass."""
    got = asserted(authority, ca_file, wanted, **TEN_DAYS)

    assert (got.status, got.code) == (("degraded", "assertion") if detail else ("up", None))
    assert (got.detail or "").startswith(detail or "")


def test_plain_http_has_no_certificate():
    """An assertion on it fails."""

    async def ask():
        async with web(paths({"/": answer("hello")})) as server:
            wanted = {"certificate": {"days_left": {"greater": 0}, "minimum_version": "TLSv1.2"}}
            return await observed(check("http", {"url": server.url(), "validation": wanted}))

    got = asyncio.run(ask())

    assert [failure.actual for failure in got.failures] == ["nothing was measured", "no TLS"]


# --- hostile HTTP/2 -----------------------------------------------------------------------------


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame (RFC 9113 section 4.1)."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def heading(status: str, *, ends: bool = False) -> bytes:
    """The headers of the answer on the first stream."""
    return frame(1, 5 if ends else 4, 1, hpack.Encoder().encode([(":status", status)]))


SETTINGS = frame(4, 0, 0)
GOOD = heading("200")


@pytest.mark.parametrize(
    ("first", "later", "status", "code"),
    [
        pytest.param(GOOD, frame(0, 1, 1, b"hello"), "up", None, id="a good one"),
        pytest.param(heading("103") + GOOD, frame(0, 1, 1, b"hello"), "up", None, id="early hints"),
        pytest.param(heading("abc", ends=True), b"", "down", "protocol", id="a status that is no number"),
        pytest.param(heading("-1", ends=True), b"", "down", "protocol", id="a negative status"),
        pytest.param(heading("99999999", ends=True), b"", "down", "protocol", id="an endless status"),
        pytest.param(frame(0, 1, 1, b"x"), b"", "down", "protocol", id="data before headers"),
        pytest.param(frame(7, 0, 0, bytes(8)), b"", "down", "protocol", id="goaway"),
        pytest.param(frame(3, 0, 1, bytes(4)), b"", "down", "protocol", id="stream reset"),
        pytest.param(GOOD, frame(3, 0, 1, bytes(4)), "down", "protocol", id="stream reset in the body"),
        pytest.param(GOOD, frame(5, 4, 1, bytes(4)), "down", "protocol", id="pushed"),
        pytest.param(GOOD, frame(1, 5, 1, b"\xff" * 20), "down", "protocol", id="headers that cannot be decoded"),
        pytest.param(GOOD, frame(0, 1, 3, b"x"), "down", "protocol", id="a stream that nobody opened"),
        pytest.param(GOOD, frame(8, 0, 0, b"\x7f\xff\xff\xff"), "down", "protocol", id="flow control overflow"),
        pytest.param(GOOD, frame(0, 8, 1, b"\xffx"), "down", "protocol", id="bad padding"),
        pytest.param(GOOD, frame(4, 0, 0, b"abc"), "down", "protocol", id="bad settings"),
        pytest.param(GOOD, frame(9, 4, 1), "down", "protocol", id="continuation of nothing"),
        pytest.param(GOOD, frame(0, 0, 1, b"he"), "down", "body_timeout", id="half a body"),
        pytest.param(b"", b"", "down", "ttfb_timeout", id="settings and no more"),
        pytest.param(frame(9, 0, 1) * 1000, b"", "down", "protocol", id="a flood of continuations"),
    ],
)
def test_http2_as_it_should_not_be(first, later, status, code, authority, ca_file):
    """A fault is the target's, before its headers and after them; never unknown."""
    context = server_context(authority, "127.0.0.1")
    context.set_alpn_protocols(["h2"])

    async def deed(told, reader, writer):
        await reader.readuntil(b"SM\r\n\r\n")
        writer.write(SETTINGS + first)
        await writer.drain()
        # the acknowledged settings: the first part was read on its own
        await reader.readuntil(frame(4, 1, 0))
        writer.write(later)
        await writer.drain()
        while await reader.read(65_536):
            pass

    async def ask():
        async with listening(deed, tls=context) as server:
            options = {"url": server.url(), "ca_file": ca_file, "http2": True}
            return await observed(check("http", options, timeout_ms=limit_ms(code)))

    got = asyncio.run(ask())

    assert (got.status, got.code) == (status, code)
