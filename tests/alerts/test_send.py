"""Sending: real receivers on loopback, what they took, and what is made of every way in which they refuse."""

from __future__ import annotations

import email
import json
import sys
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from channels.events import EVENT, KEY, event, recovery
from receivers import PagerDuty, Posted, Receiver, Reply, Slack, receiving
from web_server import server_context

from statusledger.alerts import send as door
from statusledger.alerts.send import Retry
from statusledger.channels import CHANNELS
from statusledger.channels.contract import Event, Kind, Outcome, Request

LONG = "<&>ü" * 200_000
SLEPT: list[float] = []
AT_ONCE = Retry(sleep=SLEPT.append, timeout_seconds=5)


@pytest.fixture(autouse=True)
def _awake() -> None:
    SLEPT.clear()


@pytest.fixture(scope="module")
def slack() -> Iterator[Receiver]:
    """A strict Slack."""
    with receiving(Slack()) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def pagerduty() -> Iterator[Receiver]:
    """A strict PagerDuty."""
    with receiving(PagerDuty()) as receiver:
        yield receiver


def told(channel: str, what: Event, retry: Retry = AT_ONCE, /, **settings: Any) -> Outcome:
    """What becomes of an event that goes to a channel with these settings."""
    kind = CHANNELS[channel]
    return door.send(kind, kind.message(what, kind.settings.model_validate(settings)), retry)


# --- Slack and PagerDuty ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [EVENT, recovery(), event(sentence=LONG, facts=(("Long", LONG),) * 30), event(kind=Kind.REPORT)],
    ids=["trigger", "recovery", "far too long", "report"],
)
def test_a_strict_slack_takes_every_message(slack, what):
    """The webhook's limits are kept whatever is to be said."""
    assert told("slack", what, url=slack.url(slack.answer.secret)) == Outcome()


def test_slack_threads_by_what_it_answered(slack):
    """The first answer's `ts` is what later messages name."""
    given = {"token": slack.answer.token, "channel": "C0123456", "url": slack.url("/api/chat.postMessage")}
    first = told("slack", EVENT, **given)

    later = told("slack", recovery(reference=first.reference), **given)

    assert first.taken
    assert later.taken
    assert slack.answer.posts[-1]["thread_ts"] == first.reference


def test_slack_api_refusals_are_permanent(slack):
    """200 with `ok: false` is a refusal."""
    outcome = told("slack", EVENT, token="xoxb-wrong", channel="C0123456", url=slack.url("/api/chat.postMessage"))

    assert (outcome.code, outcome.detail, outcome.permanent) == ("status:refused", "invalid_auth", True)


@pytest.mark.parametrize(
    "what",
    [
        EVENT,
        event(kind=Kind.REMINDER),
        recovery(),
        event(rule="MaintenanceSoon", lasting=False),
        event(headline=LONG, sentence=LONG, facts=(("Long", LONG),) * 30, key="k" * 400),
    ],
    ids=["trigger", "reminder", "recovery", "no end", "far too long"],
)
def test_a_strict_pagerduty_takes_every_event(pagerduty, what):
    """Nothing is missing, too long or of the wrong kind; 512 kB are not passed."""
    given = {"routing_key": pagerduty.answer.routing_key, "url": pagerduty.url("/v2/enqueue")}

    assert told("pagerduty", what, **given) == Outcome()


def test_pagerduty_opens_once_and_resolves(pagerduty):
    """Three messages under one key are one alert there, and then none."""
    given = {"routing_key": pagerduty.answer.routing_key, "url": pagerduty.url("/v2/enqueue")}
    for what in (EVENT, EVENT, event(kind=Kind.REMINDER, number=1)):
        told("pagerduty", what, **given)
    opened = [key for key in pagerduty.answer.alerts if key == KEY]

    told("pagerduty", recovery(), **given)

    assert opened == [KEY]
    assert KEY not in pagerduty.answer.alerts


def test_pagerduty_says_what_is_wrong(pagerduty):
    """A wrong integration key is permanent, and its reason is kept."""
    outcome = told("pagerduty", EVENT, routing_key="wrong", url=pagerduty.url("/v2/enqueue"))

    assert (outcome.code, outcome.permanent) == ("status:400", True)
    assert "Invalid routing key" in outcome.detail


# --- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faults", "pauses", "expected"),
    [
        pytest.param([Reply(503)], [1.0], (True, None, False, False), id="once 503"),
        pytest.param([Reply(500), Reply(502)], [1.0, 4.0], (True, None, False, False), id="twice 5xx"),
        pytest.param([Reply(503)] * 3, [1.0, 4.0], (False, "status:503", False, False), id="503 all along"),
        pytest.param([Reply(429, headers={"Retry-After": "7"})], [7.0], (True, None, False, False), id="429"),
        pytest.param(
            [Reply(429, headers={"Retry-After": "900"})], [], (False, "status:429", False, False), id="429, long"
        ),
        pytest.param([Reply(404, "no_service")], [], (False, "status:404", True, False), id="404 is for good"),
        pytest.param([Reply(302, headers={"Location": "/"})], [], (False, "status:302", True, False), id="a redirect"),
        pytest.param([Reply(drops=True)], [1.0], (True, None, False, False), id="dropped once"),
        pytest.param([Reply(drops=True)] * 3, [1.0, 4.0], (False, "reset", False, True), id="dropped all along"),
        pytest.param(
            [Reply(drops=True), Reply(503), Reply(503)],
            [1.0, 4.0],
            (False, "status:503", False, True),
            id="the first try stays doubtful",
        ),
    ],
)  # fmt: skip
def test_failures_are_tried_again_as_far_as_that_helps(faults, pauses, expected):
    """Back-off within the run, Retry-After where it is asked for, and nothing twice that is refused for good."""
    with receiving(lambda posted: Reply(204)) as receiver:
        receiver.faults = list(faults)
        outcome = told("webhook", EVENT, url=receiver.url())

    assert (outcome.taken, outcome.code, outcome.permanent, outcome.doubtful) == expected
    assert pauses == SLEPT


@pytest.mark.parametrize("name", ["slack", "pagerduty"])
def test_services_that_stumble_get_the_message_once(name, slack, pagerduty):
    """A 5xx, a limit that says how long to wait, a connection that breaks: the message is taken in the end."""
    receiver = slack if name == "slack" else pagerduty
    given = {
        "slack": {"url": receiver.url("/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX")},
        "pagerduty": {"routing_key": "0123456789abcdef0123456789abcdef", "url": receiver.url("/v2/enqueue")},
    }[name]
    retry = Retry(attempts=4, sleep=SLEPT.append, timeout_seconds=5)
    receiver.faults = [Reply(502), Reply(429, "rate_limited", headers={"Retry-After": "3"}), Reply(drops=True)]
    before = len(receiver.asked)

    assert told(name, EVENT, retry, **given) == Outcome()
    assert SLEPT == [1.0, 3.0, 16.0]
    assert len({posted.body for posted in receiver.asked[before:]}) == 1


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [
        pytest.param(Reply(400, "invalid_payload"), True, id="400"),
        pytest.param(Reply(403, "action_prohibited"), True, id="403"),
        pytest.param(Reply(410, "channel_is_archived"), True, id="410"),
        pytest.param(Reply(413, "Request Entity Too Large"), True, id="413"),
        pytest.param(Reply(429, headers={"Retry-After": "3600"}), False, id="429 for an hour"),
        pytest.param(Reply(500, "rollup_error"), False, id="500"),
        pytest.param(Reply(hangs=True), False, id="no answer"),
    ],
)
@pytest.mark.parametrize("name", ["slack", "pagerduty"])
def test_refusals_of_services_are_told_apart(name, reply, permanent):
    """What would be refused again, and what may pass."""
    given = {"slack": {}, "pagerduty": {"routing_key": "0123456789abcdef0123456789abcdef"}}[name]
    with receiving(lambda posted: reply) as receiver:
        outcome = told(name, EVENT, Retry(attempts=1, timeout_seconds=0.3), url=receiver.url("/v2/enqueue"), **given)

    assert not outcome.taken
    assert outcome.permanent == permanent


def test_a_receiver_that_says_nothing_may_have_taken_it():
    """The message is told as doubtful, so that its end is told as well."""
    with receiving(lambda posted: Reply(hangs=True)) as receiver:
        outcome = told("webhook", EVENT, Retry(attempts=1, timeout_seconds=0.2), url=receiver.url())

    assert (outcome.code, outcome.doubtful, outcome.permanent) == ("ttfb_timeout", True, False)


def test_nobody_listens():
    """Nothing was sent, so nothing is doubtful."""
    with receiving(lambda posted: Reply()) as receiver:
        url = receiver.url()

    outcome = told("webhook", EVENT, url=url)
    assert (outcome.code, outcome.doubtful, len(SLEPT)) == ("refused", False, 2)


def test_an_answer_without_an_end_is_cut():
    """The status says enough."""
    with receiving(lambda posted: Reply(500, b"x" * 1_000_000)) as receiver:
        outcome = told("webhook", EVENT, Retry(attempts=1), url=receiver.url())

    assert outcome.code == "status:500"
    assert len(outcome.detail) == 200


def test_what_cannot_be_sent_is_permanent():
    """An address or a header that no request can have."""
    with receiving(lambda posted: Reply()) as receiver:
        requests = [
            Request("ftp://x/", b""),
            Request("http://a:port/", b""),
            Request(receiver.url(), b"", {"X": "a\nb"}),
        ]
        outcomes = [door.send(CHANNELS["webhook"], request, AT_ONCE) for request in requests]

    assert [(outcome.code, outcome.permanent) for outcome in outcomes] == [("protocol", True)] * 3
    assert SLEPT == []


# --- mail ---------------------------------------------------------------------------------------


class Mailbox:
    """What a mail server took, and from whom; it wants a login, and refuses who it is told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.secured: list[bool] = []
        self.refusal: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        """Takes everybody but nobody@."""
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Keeps it."""
        if self.refusal:
            return self.refusal
        self.secured.append(session.ssl is not None)
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


class AnyPort(Controller):
    """A mail server at whichever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    """One user there is."""
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ops", b"pass word")
    return AuthResult(success=good, handled=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the mail server's certificate."""
    return trustme.CA()


@pytest.fixture
def mail_server(authority, tmp_path, monkeypatch) -> Iterator[tuple[Mailbox, dict[str, Any]]]:
    """A mail server that offers STARTTLS and takes nothing without it and a login; and the settings for it."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    door._tls.cache_clear()
    context = server_context(authority, "127.0.0.1")
    mailbox = Mailbox()
    controller = AnyPort(mailbox, hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True,
                            authenticator=login, auth_required=True)  # fmt: skip
    controller.start()
    try:
        yield mailbox, {"to": "ops@acme.example", "sender": "status@acme.example", "server": "127.0.0.1",
                        "port": controller.port, "user": "ops", "password": "pass word"}  # fmt: skip
    finally:
        controller.stop()
        door._tls.cache_clear()


def test_mail_goes_by_starttls_and_login(mail_server):
    """As its reader gets it: subject, text, HTML, one thread."""
    mailbox, settings = mail_server

    outcomes = [told("email", what, **settings) for what in (EVENT, recovery())]

    first, last = mailbox.mails
    assert outcomes == [Outcome(), Outcome()]
    assert mailbox.secured == [True, True]
    assert first["Subject"] == "[CRITICAL] API is down"
    assert last["Subject"] == "[RESOLVED] API is up again after 41 min"
    assert last["References"] == first["Message-ID"]
    assert {part.get_content_type() for part in first.iter_parts()} == {"text/plain", "text/html"}
    assert "Budget left: 39.200 of 43.200 min" in first.get_body(("plain",)).get_content()


def test_a_wrong_password_is_permanent(mail_server):
    """535, once."""
    _, settings = mail_server

    outcome = told("email", EVENT, **settings | {"password": "wrong"})
    assert (outcome.code, outcome.permanent) == ("status:535", True)


@pytest.mark.parametrize(
    ("refusal", "permanent"), [("451 4.3.0 later", False), ("552 5.3.4 too big", True)], ids=["4yz", "5yz"]
)
def test_a_mail_that_is_refused(mail_server, refusal, permanent):
    """4yz passes, 5yz does not (RFC 5321, 4.2.1)."""
    mailbox, settings = mail_server
    mailbox.refusal = refusal

    outcome = told("email", EVENT, **settings)
    assert (outcome.code, outcome.permanent) == (f"status:{refusal[:3]}", permanent)


def test_one_of_two_recipients_is_refused(mail_server, caplog):
    """The other one has it, so it is not sent again; who was refused is said."""
    mailbox, settings = mail_server

    outcome = told("email", EVENT, **settings | {"to": ["ops@acme.example", "nobody@acme.example"]})
    assert outcome.taken
    assert len(mailbox.mails) == 1
    assert "nobody@acme.example was refused" in caplog.text


def test_all_recipients_are_refused(mail_server):
    """Nobody has it."""
    _, settings = mail_server

    outcome = told("email", EVENT, **settings | {"to": "nobody@acme.example"})
    assert (outcome.code, outcome.permanent) == ("status:550", True)


def test_no_password_goes_over_a_line_that_anyone_can_read():
    """A server without STARTTLS is refused before the login, with what to write."""
    controller = AnyPort(Mailbox(), hostname="127.0.0.1", port=0)
    controller.start()
    try:
        given = {"to": "ops@acme.example", "sender": "s@acme.example", "server": "127.0.0.1", "port": controller.port}
        refused = told("email", EVENT, **given, user="ops", password="pass word")
        plain = told("email", EVENT, **given, user="", password="", security="none")
    finally:
        controller.stop()

    assert (refused.code, refused.permanent) == ("tls_protocol", True)
    assert "security: tls, or none" in refused.detail
    assert plain.taken


def test_a_certificate_of_nobody_who_is_trusted(mail_server, monkeypatch):
    """The password stays here."""
    _, settings = mail_server
    monkeypatch.delenv("SSL_CERT_FILE")
    door._tls.cache_clear()

    outcome = told("email", EVENT, **settings)
    assert (outcome.code, outcome.permanent) == ("tls_untrusted", False)


# --- by apprise ---------------------------------------------------------------------------------


@pytest.fixture
def apprise() -> Any:
    """The library, where it is installed."""
    return pytest.importorskip("apprise", reason="the extra apprise is not installed")


# what the library itself imports is its own affair
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_speaks_to_the_service_itself(apprise):
    """By its own JSON service, to a receiver that reads title and text."""
    with receiving(lambda posted: Reply(200)) as receiver:
        outcome = told("apprise", EVENT, url=f"json://127.0.0.1:{receiver.port}/")

    (posted,) = receiver.asked
    assert outcome == Outcome()
    assert posted.json["title"] == "[CRITICAL] API is down"
    assert "Budget left" in posted.json["message"]
    assert posted.json["type"] == "failure"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_says_why_it_could_not(apprise):
    """A refusal is tried again; an address that it does not know is not."""
    with receiving(lambda posted: Reply(500)) as receiver:
        refused = told("apprise", EVENT, url=f"json://127.0.0.1:{receiver.port}/")
    unknown = told("apprise", EVENT, url="nosuch://x")

    assert (refused.code, refused.permanent) == ("status:refused", False)
    assert "500" in refused.detail
    assert unknown.permanent


def test_apprise_is_not_installed(monkeypatch):
    """The way to install it is said."""
    monkeypatch.setitem(sys.modules, "apprise", None)

    outcome = told("telegram", EVENT, url="tgram://1/2")
    assert outcome.permanent
    assert 'pip install "statusledger[apprise]"' in outcome.detail


def test_a_webhook_gets_what_it_can_check():
    """Body, signature and key as the receiver sees them."""
    with receiving(lambda posted: Reply(204)) as receiver:
        told("webhook", EVENT, url=receiver.url("/in?k=1"), signing_secret="k3y")

    posted: Posted = receiver.asked[0]
    assert (posted.method, posted.path) == ("POST", "/in?k=1")
    assert json.loads(posted.body)["message"] == "API is down"
    assert posted.headers["x-statusledger-key"] == KEY
    assert posted.headers["x-statusledger-signature"].startswith("sha256=")
