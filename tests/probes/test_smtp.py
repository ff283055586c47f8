"""SMTP against aiosmtpd, and against servers on loopback that are rude or none."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
import trustme
from aiosmtpd import smtp as aiosmtpd
from fault_proxy import fault_proxy
from one_check import PATIENT_MS, against, observed, patience, peer
from pydantic import ValidationError
from starttls_servers import GRANTED, REFUSED, plain
from web_server import server_context, written

from probes.smtp import SMTP, SmtpOptions

URL = "smtp://127.0.0.1:{}"
GREETING = (b"", b"220 mail.example.org ESMTP\r\n")
EHLO = b"EHLO statusledger.invalid\r\n"
HELLO = (EHLO, b"250-mail.example.org\r\n250-SIZE 1000\r\n250 8BITMIME\r\n")


@pytest.fixture(scope="module")
def authority():
    """Who vouches for the servers."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    """The file of the authority."""
    return str(written(tmp_path_factory.mktemp("ca"), "ca.pem", authority.cert_pem))


@asynccontextmanager
async def mail_server(starttls=None, tls=None):
    """The port of an aiosmtpd that offers STARTTLS, or speaks TLS from the start."""
    loop = asyncio.get_running_loop()

    def session():
        return aiosmtpd.SMTP(
            object(), hostname="mail.example.org", ident="Post Office", tls_context=starttls, loop=loop
        )

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def asked(options, url=URL, **server):
    """What a check of aiosmtpd says."""

    async def ask():
        async with mail_server(**server) as port:
            return await observed(SMTP, {"url": url.format(port), **options})

    return asyncio.run(ask())


def said(turns, timeout_ms=PATIENT_MS, **options):
    """What a check says of a server that holds this dialogue and no other."""
    return against(SMTP, plain(turns), URL, timeout_ms=timeout_ms, options=options)


# --- aiosmtpd -----------------------------------------------------------------------------------


def test_plain():
    """Greeted and told what is offered, without TLS."""
    got = asked({"validation": {"banner": {"equals": "mail.example.org Post Office"}, "extensions": ["size", "HELP"]}})

    assert (got.status, got.code, got.certificate) == ("up", None, None)
    assert None not in (got.phases.connect, got.phases.ttfb)


def test_starttls(authority, ca_file):
    """TLS is agreed on, its certificate verified, and EHLO said again inside."""
    options = {"starttls": True, "ca_file": ca_file, "validation": {"extensions": ["SIZE"]}}

    got = asked(options, starttls=server_context(authority, "127.0.0.1"))

    assert (got.status, got.code, got.detail) == ("up", None, None)
    assert (got.certificate.verify_code, got.phases.tls is not None) == (0, True)


def test_starttls_with_a_certificate_that_is_refused(authority):
    """Its facts are kept all the same."""
    got = asked({"starttls": True}, starttls=server_context(authority, "127.0.0.1"))

    assert (got.status, got.code, got.certificate.verify_code) == ("down", "tls_untrusted", 20)


def test_starttls_that_is_not_offered():
    """Then no TLS could be agreed on."""
    assert asked({"starttls": True}).code == "tls_protocol"


def test_tls_from_the_start(authority, ca_file):
    """smtps://."""
    context = server_context(authority, "127.0.0.1")

    got = asked({"ca_file": ca_file}, "smtps://127.0.0.1:{}", tls=context)

    assert (got.status, got.certificate.verify_code) == ("up", 0)


def test_tls_with_a_server_that_speaks_plainly():
    """Its greeting is no handshake."""
    assert asked({}, "smtps://127.0.0.1:{}").code == "tls_protocol"


@pytest.mark.parametrize(
    ("validation", "status", "told"),
    [
        pytest.param({"banner": {"contains": "Exim"}}, "down", 'banner: expected contains "Exim"', id="banner"),
        pytest.param({"extensions": ["SIZE", "DSN"]}, "down", 'expected "DSN", found not in "SIZE"', id="list"),
        pytest.param({"extensions": {"all_of": ["DSN"], "severity": "degraded"}}, "degraded", '"DSN"', id="mild"),
        pytest.param({"certificate": {"days_left": {"greater": 1}}}, "down", "nothing was measured", id="no TLS"),
        pytest.param({"time": {"total": {"less": 0}}}, "down", "time.total", id="time"),
    ],
)
def test_a_failed_assertion_says_what_was_found(validation, status, told):
    """With its severity."""
    got = asked({"validation": validation})

    assert (got.status, got.code) == (status, "assertion")
    assert told in got.detail


# --- rude servers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "code"),
    [
        pytest.param([(b"", b"421 too busy\r\n")], "status:421", id="turned away for now"),
        pytest.param([(b"", b"554-no\r\n554 never\r\n")], "status:554", id="turned away for good"),
        pytest.param([GREETING, (EHLO, b"502 what?\r\n")], "status:502", id="EHLO is not known"),
        pytest.param([(b"", b"+OK POP3 ready\r\n")], "protocol", id="POP3"),
        pytest.param([(b"", b"\r\n")], "protocol", id="an empty line"),
        pytest.param([(b"", b"220 " + b"x" * 100_000)], "too_large", id="a line without end"),
        pytest.param([], "ttfb_timeout", id="silence"),
        pytest.param([GREETING], "ttfb_timeout", id="silence after the greeting"),
        pytest.param([GREETING, (EHLO, b"250-mail\r\n")], "body_timeout", id="silence within the reply"),
    ],
)
def test_other_answers(turns, code):
    """Each has its code."""
    assert said(turns, patience(code)).code == code


def test_silence_after_starttls():
    """No answer to the command in time."""
    got = said([*GRANTED["smtp"][:2], (b"STARTTLS\r\n", b"")], patience("ttfb_timeout"), starttls=True)

    assert got.code == "ttfb_timeout"


def test_starttls_that_is_refused():
    """Offered, and then not granted."""
    _, turns, code = REFUSED["smtp refuses"]

    assert said(turns, starttls=True).code == code


def test_a_polite_farewell_that_nobody_waits_for():
    """QUIT is the last that the server hears; it need not answer."""

    async def ask():
        heard = asyncio.get_running_loop().create_future()

        async def deed(reader, writer):
            writer.write(GREETING[1])
            await reader.readexactly(len(EHLO))
            writer.write(HELLO[1])
            heard.set_result(await reader.readexactly(6))

        async with peer(deed) as port:
            return await observed(SMTP, {"url": URL.format(port)}), await heard

    got, heard = asyncio.run(ask())

    assert (got.status, heard) == ("up", b"QUIT\r\n")


@pytest.mark.parametrize(
    ("fault", "after", "code"),
    [
        pytest.param("reset", 0, "reset", id="reset"),
        pytest.param("reset", 40, "reset", id="reset after the greeting"),
        pytest.param("cut", 0, "reset", id="closed at once"),
        pytest.param("cut", 10, "reset", id="closed in the middle"),
        pytest.param("half-close", 10, "reset", id="half closed"),
        pytest.param("silence", 10, "body_timeout", id="silence in the middle"),
        pytest.param("drip", 0, "body_timeout", id="drip"),
    ],
)
def test_a_greeting_through_a_bad_network(fault, after, code):
    """Every fault has its code."""

    async def ask():
        turns = [(b"", b"220-mail.example.org\r\n" * 20 + b"220 ready\r\n"), HELLO]
        async with peer(plain(turns)) as port, fault_proxy(port, fault, after=after) as proxy:
            return await observed(SMTP, {"url": URL.format(proxy)}, timeout_ms=patience(code))

    assert asyncio.run(ask()).code == code


# --- options ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "mail.example.com"}, "write e.g. smtp://mail.example.com:25", id="no scheme"),
        pytest.param({"url": "smtps://a", "starttls": True}, "write smtp:// for starttls", id="TLS twice"),
        pytest.param({"url": "smtp://a", "validation": {"extensions": []}}, "at least 1 item", id="no extension"),
    ],
)
def test_options_that_make_no_sense(options, message):
    """Told before anything is asked."""
    with pytest.raises(ValidationError) as told:
        SmtpOptions.model_validate(options)

    assert message in str(told.value)
