"""TLS: certificates of every kind, from a real nginx and from servers on loopback that break off."""

from __future__ import annotations

import asyncio
import datetime
import ssl

import pytest
import trustme
from fault_proxy import fault_proxy
from one_check import against, observation, observed, patience, peer, says, silence
from pydantic import ValidationError
from starttls_servers import GRANTED, REFUSED, plain, secured
from web_server import nginx, server_context, written

from probes.tls import TLS, TlsOptions

URL = "tls://127.0.0.1:{}"
HALF_A_DAY = 0.5


@pytest.fixture(scope="module")
def authority():
    """Who vouches for the servers."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    """The file of the authority."""
    return str(written(tmp_path_factory.mktemp("ca"), "ca.pem", authority.cert_pem))


def issued(authority, *names, days: float = 100):
    """A certificate that is good for so many days and a half."""
    now = datetime.datetime.now(datetime.UTC)
    # long before any expiry that a test asks for
    begun = now - datetime.timedelta(days=500)
    ends = now + datetime.timedelta(days=days + HALF_A_DAY)
    return authority.issue_cert(*(names or ("127.0.0.1",)), not_before=begun, not_after=ends)


def served(certificate) -> ssl.SSLContext:
    """A server's context with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def seen(context: ssl.SSLContext, **options):
    """What a check says of a server with this context, which says nothing once TLS stands."""
    deed = secured([], context)
    return against(TLS, deed, URL, timeout_ms=patience(None), options=options)


# --- nginx --------------------------------------------------------------------------------------

UNTRUSTED = {"ca_file": None}
KINDS = ["good", "expired", "elsewhere", "old", "older", "soon"]
VERSIONS = {
    "old": "ssl_protocols TLSv1.2;",
    "older": "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;",
}


@pytest.fixture(scope="module")
def ports(authority, tmp_path_factory):
    """The port of an nginx server of each kind."""
    certificates = {
        "good": issued(authority),
        "expired": issued(authority, days=-10),
        "elsewhere": issued(authority, "example.org", "*.example.net"),
        "old": issued(authority),
        "older": issued(authority),
        "soon": issued(authority, days=10),
    }
    servers = []
    for kind in KINDS:
        folder = tmp_path_factory.mktemp(kind)
        pem = written(folder, "server.pem", certificates[kind].private_key_and_cert_chain_pem)
        servers.append(("ssl", f"ssl_certificate {pem}; ssl_certificate_key {pem}; {VERSIONS.get(kind, '')}"))
    with nginx(tmp_path_factory.mktemp("nginx"), *servers) as listening:
        yield dict(zip(KINDS, listening, strict=True))


TLS_1_3 = {"validation": {"certificate": {"minimum_version": "TLSv1.3"}}}
ISSUER = {"validation": {"certificate": {"issuer": {"contains": "trustme"}}}}
OTHER_ISSUER = {"validation": {"certificate": {"issuer": {"equals": "Let's Encrypt"}}}}


@pytest.mark.service
@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        pytest.param("good", {}, ("up", None, 100, 0), id="good"),
        pytest.param("good", TLS_1_3, ("up", None, 100, 0), id="TLS 1.3"),
        pytest.param("old", TLS_1_3, ("down", "assertion", 100, 0), id="TLS 1.2 is too old"),
        pytest.param("old", {}, ("up", None, 100, 0), id="TLS 1.2"),
        pytest.param("good", ISSUER, ("up", None, 100, 0), id="issuer"),
        pytest.param("good", OTHER_ISSUER, ("down", "assertion", 100, 0), id="another issuer"),
        pytest.param("good", UNTRUSTED, ("down", "tls_untrusted", 100, 20), id="unknown authority"),
        pytest.param("soon", {}, ("degraded", "assertion", 10, 0), id="expires soon"),
        pytest.param("expired", {}, ("down", "tls_expired", -10, 10), id="expired"),
        pytest.param("elsewhere", {}, ("down", "tls_hostname", 100, 64), id="for another host"),
        pytest.param("elsewhere", {"server_name": "example.org"}, ("up", None, 100, 0), id="under its own name"),
        pytest.param("elsewhere", {"server_name": "www.example.net"}, ("up", None, 100, 0), id="wildcard"),
        pytest.param(
            "elsewhere",
            {"server_name": "a.b.example.net"},
            ("down", "tls_hostname", 100, 62),
            id="wildcard is one label",
        ),
        pytest.param("expired", {"verify": False}, ("down", "assertion", -10, None), id="expired and unverified"),
        pytest.param("elsewhere", {"verify": False}, ("up", None, 100, None), id="unverified"),
    ],
)
def test_certificates_of_nginx(kind, options, expected, ports, ca_file):
    """The verdict, and the facts also of what was refused."""
    got = observation(TLS, {"url": URL.format(ports[kind]), "ca_file": ca_file, **options})

    assert (got.status, got.code, got.captured["days_left"], got.certificate.verify_code) == expected
    assert got.certificate.tls_version == ("TLSv1.2" if kind == "old" else "TLSv1.3")


@pytest.mark.service
def test_no_version_in_common(ports, ca_file):
    """A server that speaks only what is forbidden by now."""
    got = observation(TLS, {"url": URL.format(ports["older"]), "ca_file": ca_file})

    assert (got.status, got.code, got.captured) == ("down", "tls_protocol", {})


def test_a_certificate_that_signs_itself(tmp_path):
    """Nobody else vouches for it."""
    alone = trustme.CA()
    pem = written(tmp_path, "alone.pem", alone.cert_pem, alone.private_key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    got = seen(context)

    assert (got.code, got.certificate.verify_code) == ("tls_untrusted", 18)


# --- days left ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expiry", "status", "told"),
    [
        pytest.param(14, {}, "up", None, id="enough"),
        pytest.param(13, {}, "degraded", "expiry: expected at least 14 days left, found 13 days", id="by default"),
        pytest.param(30, {"warn_days": 30}, "up", None, id="just enough"),
        pytest.param(29, {"warn_days": 30}, "degraded", "expected at least 30 days left, found 29", id="warn"),
        pytest.param(3, {"fail_days": 3}, "degraded", "expected at least 14 days left", id="not yet failing"),
        pytest.param(2, {"fail_days": 3}, "down", "expected at least 3 days left, found 2 days", id="fail"),
        pytest.param(0, {"warn_days": 0}, "up", None, id="the last day without any warning"),
    ],
)
def test_days_left_to_warn_and_to_fail(days, expiry, status, told, authority, ca_file):
    """Whole days, rounded down, against two numbers."""
    context = served(issued(authority, days=days))

    got = seen(context, ca_file=ca_file, validation={"expiry": expiry})

    assert (got.status, got.captured) == (status, {"days_left": days})
    assert told is None or told in got.detail


def test_a_warning_has_to_come_first():
    """Fewer days to warn than to fail is a slip; a longer time to fail alone is not."""
    with pytest.raises(ValidationError, match="write warn_days > fail_days"):
        TlsOptions.model_validate({"url": "tls://a", "validation": {"expiry": {"warn_days": 3, "fail_days": 14}}})

    TlsOptions.model_validate({"url": "tls://a", "validation": {"expiry": {"fail_days": 30}}})


# --- STARTTLS -----------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", GRANTED)
@pytest.mark.parametrize(
    ("days", "name", "trusted", "status", "code"),
    [
        pytest.param(100, "127.0.0.1", True, "up", None, id="good"),
        pytest.param(-10, "127.0.0.1", True, "down", "tls_expired", id="expired"),
        pytest.param(100, "example.org", True, "down", "tls_hostname", id="for another host"),
        pytest.param(100, "127.0.0.1", False, "down", "tls_untrusted", id="unknown authority"),
    ],
)
def test_certificates_after_starttls(protocol, days, name, trusted, status, code, authority, ca_file):
    """The same verdicts; the whole dialogue is held again to look at a certificate that was refused."""
    deed = secured(GRANTED[protocol], served(issued(authority, name, days=days)))
    options = {"starttls": protocol, "ca_file": ca_file if trusted else None}

    got = against(TLS, deed, URL, timeout_ms=patience(None), options=options)

    assert (got.status, got.code, got.captured) == (status, code, {"days_left": days})


def test_no_certificate_no_days():
    """A peer that grants no TLS has nothing to measure."""
    protocol, turns, code = REFUSED["smtp offers nothing"]

    got = against(TLS, plain(turns), URL, timeout_ms=patience(code), options={"starttls": protocol})

    assert (got.code, got.captured, got.certificate) == (code, {}, None)


@pytest.mark.parametrize(
    ("url", "starttls", "port"),
    [
        ("tls://a", None, 443),
        ("tls://a:8443", None, 8443),
        ("tls://a", "smtp", 25),
        ("tls://a", "xmpp", 5222),
        ("tls://a:587", "smtp", 587),
    ],
)
def test_the_port(url, starttls, port):
    """The one that is written, or the usual one."""
    assert TlsOptions.model_validate({"url": url, "starttls": starttls}).place == ("a", port)


# --- bad networks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "after", "code"),
    [
        pytest.param("reset", 0, "reset", id="reset at once"),
        pytest.param("reset", 100, "reset", id="reset in the middle"),
        pytest.param("cut", 0, "reset", id="closed at once"),
        pytest.param("cut", 100, "reset", id="closed in the middle"),
        pytest.param("half-close", 100, "reset", id="half closed"),
        pytest.param("silence", 0, "tls_timeout", id="silence"),
        pytest.param("silence", 100, "tls_timeout", id="silence in the middle"),
        pytest.param("drip", 0, "tls_timeout", id="drip"),
    ],
)
@pytest.mark.parametrize("starttls", [None, "pop3"])
def test_a_handshake_through_a_bad_network(fault, after, code, starttls, authority, ca_file):
    """Every fault has its code."""
    turns = GRANTED[starttls] if starttls else []
    greeted = sum(len(answer) for _, answer in turns)

    async def ask():
        deed = secured(turns, server_context(authority, "127.0.0.1"))
        async with peer(deed) as port, fault_proxy(port, fault, after=greeted + after) as proxy:
            options = {"url": URL.format(proxy), "ca_file": ca_file, "starttls": starttls}
            return await observed(TLS, options, timeout_ms=patience(code))

    assert asyncio.run(ask()).code == code


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls_protocol", id="HTTP"),
        pytest.param(silence, "tls_timeout", id="silence"),
    ],
)
def test_a_server_that_speaks_no_tls(deed, code):
    """No TLS could be agreed on, or not in time."""
    assert against(TLS, deed, URL, timeout_ms=patience(code)).code == code
