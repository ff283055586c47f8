"""TCP: dialogues with servers on loopback that follow them, and with those that do not."""

from __future__ import annotations

import asyncio

import pytest
import trustme
from fault_proxy import fault_proxy
from one_check import PATIENT_MS, against, observed, patience, peer
from pydantic import ValidationError
from starttls_servers import GRANTED, REFUSED, UNDER_TLS, plain, secured
from web_server import server_context, written

from probes.tcp import TCP, TcpOptions

URL = "tcp://127.0.0.1:{}"
GREETING = b"220 mail.example.org ESMTP ready\r\n"
TALK = [
    (b"", GREETING),
    (b"EHLO x\r\n", b"250-mail.example.org\r\n250-SIZE 1000\r\n250 HELP\r\n"),
    (b"QUIT\r\n", b"221 bye\r\n"),
]
HELD = [
    {"expect": "220 "},
    {"expect_matches": "ready$"},
    {"send": "EHLO x\r\n"},
    {"expect_matches": r"^250-SIZE \d+$"},
    {"expect_matches": "^250 "},
    {"send": "QUIT\r\n"},
    {"expect": "221 bye\r\n"},
]


@pytest.fixture(scope="module")
def authority():
    """Who vouches for the servers."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    """The file of the authority."""
    return str(written(tmp_path_factory.mktemp("ca"), "ca.pem", authority.cert_pem))


def said(turns, options, timeout_ms=PATIENT_MS):
    """What a check says of a server that holds this dialogue and no other."""
    return against(TCP, plain(turns), URL, timeout_ms=timeout_ms, options=options)


def test_a_dialogue_of_several_steps():
    """Each step goes on where the one before it ended, also within one line."""
    got = said(TALK, {"dialogue": HELD})

    assert (got.status, got.code, got.detail) == ("up", None, None)
    assert got.phases.ttfb is not None


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param([{"expect": "554"}], r'dialogue[0].expect: expected "554", found "220 mail', id="another text"),
        pytest.param(
            [{"expect": "220"}, {"expect": "220"}],
            r'dialogue[1].expect: expected "220", found " mail.example.org ESMTP ready\r\n"',
            id="a text that was found before",
        ),
        pytest.param(
            [{"expect": "220 "}, {"expect_matches": "^mail"}],
            r'dialogue[1].expect_matches: expected "^mail"',
            id="the middle of a line is not its beginning",
        ),
        pytest.param(
            [{"expect": "ready\r\n"}, {"expect": "more"}],
            'dialogue[1].expect: expected "more", found nothing, then the end',
            id="nothing more",
        ),
    ],
)
def test_a_step_that_fails_is_named(steps, told):
    """With what was expected and what was found instead."""

    async def deed(reader, writer):
        writer.write(GREETING)
        await writer.drain()

    got = against(TCP, deed, URL, timeout_ms=PATIENT_MS, options={"dialogue": steps})

    assert (got.status, got.code) == ("down", "assertion")
    assert told in got.detail


def test_what_came_instead_is_told_when_the_time_is_up():
    """The server says something else, and waits."""
    got = said([(b"", GREETING)], {"expect": "+OK"}, patience("body_timeout"))

    assert got.code == "body_timeout"
    assert got.detail.startswith('expect: expected "+OK", found "220 mail')


def test_an_answer_without_end_is_too_large():
    """It is not read for ever."""
    got = said([(b"", b"x" * 100_000)], {"expect": "y"})

    assert got.code == "too_large"


def test_conditions_on_the_measurement():
    """Times, family and certificate; without TLS there is no certificate to be good."""
    got = said([], {"validation": {"ip_family": "ipv6", "certificate": {"minimum_version": "TLSv1.2"}}})

    assert [one.assertion for one in got.failures] == ["ip_family", "certificate.minimum_version"]


@pytest.mark.parametrize(
    ("fault", "after", "code"),
    [
        pytest.param("reset", 0, "reset", id="reset at once"),
        pytest.param("reset", 5, "reset", id="reset in the middle"),
        pytest.param("cut", 5, "assertion", id="closed before all was said"),
        pytest.param("half-close", 5, "assertion", id="half closed"),
        pytest.param("silence", 0, "ttfb_timeout", id="silence"),
        pytest.param("silence", 5, "body_timeout", id="silence in the middle"),
        pytest.param("drip", 0, "body_timeout", id="drip"),
    ],
)
def test_a_greeting_through_a_bad_network(fault, after, code):
    """Every fault has its code."""

    async def ask():
        greeting = b"220 " + b"x" * 5_000 + b" ready\r\n"
        async with peer(plain([(b"", greeting)])) as port, fault_proxy(port, fault, after=after) as proxy:
            return await observed(TCP, {"url": URL.format(proxy), "expect": "ready"}, timeout_ms=patience(code))

    assert asyncio.run(ask()).code == code


# --- TLS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", GRANTED)
def test_starttls(protocol, authority, ca_file):
    """The plain dialogue, then TLS with a certificate that is verified, then the dialogue of the check."""
    deed = secured(GRANTED[protocol], server_context(authority, "127.0.0.1"))
    options = {"starttls": protocol, "ca_file": ca_file, "expect": UNDER_TLS.decode()}

    got = against(TCP, deed, URL, timeout_ms=PATIENT_MS, options=options)

    assert (got.status, got.code, got.detail) == ("up", None, None)
    assert (got.certificate.verify_code, got.certificate.san_match) == (0, True)
    assert None not in (got.phases.connect, got.phases.ttfb, got.phases.tls)


@pytest.mark.parametrize(("protocol", "turns", "code"), REFUSED.values(), ids=REFUSED)
def test_starttls_that_is_refused(protocol, turns, code):
    """No TLS, a status that turns everybody away, or another protocol altogether."""
    assert said(turns, {"starttls": protocol}).code == code


@pytest.mark.parametrize("protocol", GRANTED)
@pytest.mark.parametrize("turn", ["first", "last"])
def test_starttls_with_a_silent_server(protocol, turn):
    """Silence ends by the deadline, with the code of its phase."""
    wanted, _ = GRANTED[protocol][0 if turn == "first" else -1]
    before = [] if turn == "first" else GRANTED[protocol][:-1]

    assert said([*before, (wanted, b"")], {"starttls": protocol}, patience("ttfb_timeout")).code == "ttfb_timeout"


@pytest.mark.parametrize("protocol", GRANTED)
def test_silence_after_starttls_was_granted(protocol):
    """It is the handshake that is late then."""
    assert said(GRANTED[protocol], {"starttls": protocol}, patience("tls_timeout")).code == "tls_timeout"


@pytest.mark.parametrize("protocol", GRANTED)
def test_a_server_that_leaves_during_starttls(protocol):
    """Closed before the answer is reset."""

    async def deed(reader, writer):
        if GRANTED[protocol][0][0]:
            await reader.read(65_536)

    assert against(TCP, deed, URL, timeout_ms=PATIENT_MS, options={"starttls": protocol}).code == "reset"


def test_nothing_is_taken_from_plain_text_into_tls(authority, ca_file):
    """What somebody puts behind the grant of STARTTLS is not believed."""
    turns = [*GRANTED["smtp"][:2], (b"STARTTLS\r\n", b"220 go ahead\r\n250 injected\r\n")]
    deed = secured(turns, server_context(authority, "127.0.0.1"))

    got = against(TCP, deed, URL, timeout_ms=PATIENT_MS, options={"starttls": "smtp", "ca_file": ca_file})

    assert got.code == "protocol"


def test_tls_from_the_start(authority, ca_file):
    """The dialogue runs inside."""

    async def ask():
        async def deed(reader, writer):
            await writer.start_tls(server_context(authority, "127.0.0.1"))
            writer.write(GREETING)
            await reader.read()

        async with peer(deed) as port:
            return await observed(TCP, {"url": URL.format(port), "tls": True, "ca_file": ca_file, "expect": "220 "})

    got = asyncio.run(ask())

    assert (got.status, got.certificate.verify_code) == ("up", 0)


# --- options ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "tcp://example.com"}, "write e.g. tcp://example.com:5432", id="no port"),
        pytest.param({"tls": True, "starttls": "smtp"}, "write either tls or starttls", id="TLS twice"),
        pytest.param({"starttls": "gopher"}, "'smtp', 'imap', 'pop3', 'ftp', 'xmpp' or 'postgres'", id="unknown"),
        pytest.param({"expect": "a", "dialogue": [{"expect": "b"}]}, "write them as steps of dialogue", id="both"),
        pytest.param({"dialogue": [{}]}, "a step does one thing", id="empty step"),
        pytest.param({"dialogue": [{"send": "a", "expect": "b"}]}, "a step does one thing", id="step of two things"),
        pytest.param({"dialogue": [{"expect_matches": "("}]}, "is not a regular expression", id="no expression"),
    ],
)
def test_options_that_say_nothing_clear(options, message):
    """Told before anything is asked."""
    with pytest.raises(ValidationError) as told:
        TcpOptions.model_validate({"url": "tcp://example.com:25", **options})

    assert message in str(told.value)
