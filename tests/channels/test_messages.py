"""What each channel makes of an event: read as its receiver reads it."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from channels.events import EVENT, KEY, NOW, event, recovery

from statusledger.channels import CHANNELS
from statusledger.channels.contract import Answer, Kind, Mail, Message, Request
from statusledger.clock import DAY_MS, format_instant
from statusledger.model import Level, State

SETTINGS: dict[str, dict[str, Any]] = {
    "slack": {"url": "https://hooks.slack.com/services/T0/B0/secret"},
    "pagerduty": {"routing_key": "0123456789abcdef0123456789abcdef"},
    "email": {"to": "ops@acme.example, boss@acme.example", "server": "mail.acme.example", "port": 587,
              "sender": "status@acme.example", "user": "", "password": ""},
    "webhook": {"url": "https://hooks.acme.example/in?key=secret"},
    "alertmanager": {"url": "http://127.0.0.1:9093/"},
    "telegram": {"url": "tgram://123:secret/456"},
    "discord": {"url": "https://discord.com/api/webhooks/1/secret"},
    "teams": {"url": "msteams://secret"},
    "apprise": {"url": "json://127.0.0.1/"},
}  # fmt: skip
LONG = "<&>" * 4000


def made(channel: str, told=EVENT, /, **more: Any) -> Message:
    """The message of a channel with its settings of above and these."""
    settings = CHANNELS[channel].settings.model_validate(SETTINGS[channel] | more)
    return CHANNELS[channel].message(told, settings)


def sent(channel: str, told=EVENT, /, **more: Any) -> Any:
    """The JSON that a channel posts."""
    message = made(channel, told, **more)
    assert isinstance(message, Request)
    return json.loads(message.body)


def read(message: Message) -> str:
    """What a phone shows of it."""
    if isinstance(message, Request):
        return message.body.decode()
    return str(message.content["Subject"]) if isinstance(message, Mail) else message.title


def test_every_channel_is_tried_here():
    """A new one needs settings of its own above."""
    assert set(SETTINGS) == set(CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_same_event_makes_the_same_bytes(channel):
    """What is sent again after a crash is what was sent before it."""
    first, again = made(channel), made(channel)

    if isinstance(first, Mail) and isinstance(again, Mail):
        assert first.content["Message-ID"] == again.content["Message-ID"]
        assert first.content.get_body(("plain",)).get_content() == again.content.get_body(("plain",)).get_content()
    else:
        assert first == again


@pytest.mark.parametrize("channel", CHANNELS)
def test_who_reads_only_the_first_line_knows_what_happened(channel):
    """Severity and what is down are in the title."""
    message = made(channel)

    title = read(message)
    assert "API is down" in title
    assert "critical" in title.lower()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_test_says_so(channel):
    """Nobody gets up for it."""
    message = made(channel, event(test=True))

    assert "test" in read(message).lower()


# --- slack --------------------------------------------------------------------------------------


def test_slack_says_in_words_what_its_colour_says():
    """The colour is an addition."""
    content = sent("slack")

    (attachment,) = content["attachments"]
    assert content["text"] == "[CRITICAL] API is down"
    assert attachment["color"] == "#8c1038"
    assert attachment["blocks"][0]["text"]["text"] == EVENT.sentence
    assert attachment["blocks"][1]["fields"][2]["text"] == "*Budget left*\n39.200 of 43.200 min"
    assert KEY in attachment["blocks"][2]["elements"][0]["text"]
    assert sent("slack", recovery())["attachments"][0]["color"] == "#0f8a52"


def test_slack_answers_in_the_thread_where_a_token_is_given():
    """The end is shown to those who do not read the thread, too."""
    given = {"url": None, "token": "xoxb-1", "channel": "C0123456"}
    first = made("slack", **given)
    later = made("slack", event(kind=Kind.REMINDER, reference="1.2"), **given)
    last = made("slack", recovery(reference="1.2"), **given)

    assert first.url == "https://slack.com/api/chat.postMessage"
    assert first.headers["Authorization"] == "Bearer xoxb-1"
    assert "thread_ts" not in json.loads(first.body)
    assert (json.loads(later.body)["thread_ts"], json.loads(later.body)["reply_broadcast"]) == ("1.2", False)
    assert (json.loads(last.body)["thread_ts"], json.loads(last.body)["reply_broadcast"]) == ("1.2", True)


def test_slack_keeps_to_its_limits_and_escapes():
    """Text that grows by escaping is cut before it is too long, never inside of an escape."""
    content = sent("slack", event(sentence=LONG, facts=(("Long", LONG),) * 23))

    blocks = content["attachments"][0]["blocks"]
    fields = [field["text"] for block in blocks for field in block.get("fields", ())]
    assert len(blocks[0]["text"]["text"]) <= 3000
    assert max(map(len, fields)) <= 2000
    assert [len(block.get("fields", ())) for block in blocks] == [0, 10, 10, 3, 0]
    assert "<" not in blocks[0]["text"]["text"]
    assert blocks[0]["text"]["text"].endswith(("&lt;…", "&amp;…", "&gt;…"))


# --- pagerduty ----------------------------------------------------------------------------------


def test_pagerduty_is_told_everything_about_an_alert():
    """Severity, source, component, group, class, when it began, where to read on."""
    content = sent("pagerduty")

    assert content["payload"] == {
        "summary": "API is down",
        "source": "api",
        "severity": "critical",
        "timestamp": "2026-11-21T02:06:00.000Z",
        "component": "api",
        "group": "core",
        "class": "ServiceDown",
        "custom_details": {"summary": EVENT.sentence, **dict(EVENT.facts)},
    }
    assert (content["event_action"], content["dedup_key"]) == ("trigger", KEY)
    assert content["links"] == [{"href": "https://status.acme.example/components/api/", "text": "API"}]


@pytest.mark.parametrize(
    ("told", "action", "key"),
    [
        pytest.param(event(kind=Kind.REMINDER), "trigger", KEY, id="a reminder triggers again"),
        pytest.param(event(kind=Kind.ESCALATION), "trigger", KEY, id="so does an escalation"),
        pytest.param(recovery(), "resolve", KEY, id="a recovery resolves"),
        pytest.param(event(rule="IncidentUpdated", acknowledges=KEY), "acknowledge", KEY, id="an answer acknowledges"),
    ],
)
def test_pagerduty_actions(told, action, key):
    """One key for all of it."""
    content = sent("pagerduty", told)

    assert (content["event_action"], content["dedup_key"]) == (action, key)


def test_pagerduty_does_not_page_for_what_has_no_end():
    """A change event, at its own address and without a key that would stay open."""
    message = made("pagerduty", event(rule="MaintenanceStarted", lasting=False, severity=Level.INFO))

    assert message.url == "https://events.pagerduty.com/v2/change/enqueue"
    assert set(json.loads(message.body)) == {"routing_key", "payload", "links"}


def test_pagerduty_keys_and_summaries_fit():
    """255 characters of key that still differ at their end, 1,024 of summary."""
    keys = [sent("pagerduty", event(key="k" * 300 + end, headline=LONG))["dedup_key"] for end in "ab"]

    assert [len(key) for key in keys] == [255, 255]
    assert keys[0] != keys[1]
    assert len(sent("pagerduty", event(headline=LONG))["payload"]["summary"]) == 1024


# --- email --------------------------------------------------------------------------------------


def test_mail_is_text_and_html_and_one_thread():
    """Everything that is told later refers to the first mail."""
    first, reminder, last = (
        made("email", told).content for told in (EVENT, event(kind=Kind.REMINDER, number=1), recovery(number=2))
    )

    assert first["Subject"] == "[CRITICAL] API is down"
    assert first["To"] == "ops@acme.example, boss@acme.example"
    assert first["From"] == "Acme Status <status@acme.example>"
    assert first["References"] is None
    assert reminder["References"] == last["References"] == first["Message-ID"]
    assert len({mail["Message-ID"] for mail in (first, reminder, last)}) == 3
    assert first["X-Statusledger-Key"] == KEY
    text = first.get_body(("plain",)).get_content()
    assert EVENT.sentence in text
    assert "Budget left: 39.200 of 43.200 min" in text
    assert 'href="https://status.acme.example/components/api/"' in first.get_body(("html",)).get_content()


def test_mail_keeps_the_lines_of_a_sentence():
    """What a person wrote stands below what was measured, in HTML as in text."""
    mail = made("email", event(sentence="Down.\nInvestigating: we look.")).content

    assert "Down.<br>\nInvestigating: we look." in mail.get_body(("html",)).get_content()
    assert "Down.\nInvestigating: we look." in mail.get_body(("plain",)).get_content()


def test_mail_escapes_and_takes_no_second_line_into_a_header():
    """A name is text, whatever stands in it."""
    mail = made("email", event(headline="<b>x</b>\nBcc: all@acme.example", sentence="<script>")).content

    assert mail["Bcc"] is None
    assert mail["Subject"] == "[CRITICAL] <b>x</b> Bcc: all@acme.example"
    assert "<script>" not in mail.get_body(("html",)).get_content()
    assert "&lt;script&gt;" in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    ("port", "security", "expected"),
    [(587, "auto", "starttls"), (465, "auto", "tls"), (2525, "tls", "tls"), (25, "none", "none")],
)
def test_mail_goes_by_tls(port, security, expected):
    """Plain only where it is written."""
    assert made("email", port=port, security=security).security == expected


# --- webhook ------------------------------------------------------------------------------------


def test_webhook_keeps_the_classic_keys_first():
    """What existing receivers read is there, with numbers for numbers."""
    content = sent("webhook")

    assert list(content)[:6] == ["service", "status", "url", "message", "timestamp", "statistics"]
    assert (content["service"], content["status"], content["url"]) == ("API", "failure", "https://***/api/")
    assert content["timestamp"] == "2026-11-21T02:10:00.000Z"
    assert content["statistics"] == {
        "total_checks": 1440,
        "total_failures": 4,
        "consecutive_failures": 4,
        "uptime_percentage": 99.722,
        "avg_response_time_ms": 43,
    }
    assert content["dedup_key"] == KEY


@pytest.mark.parametrize(
    ("told", "status"),
    [
        pytest.param(EVENT, "failure", id="trigger"),
        pytest.param(event(kind=Kind.ESCALATION), "failure", id="escalation"),
        pytest.param(event(kind=Kind.REMINDER), "reminder", id="reminder"),
        pytest.param(event(rule="ServiceDegraded", state=State.DEGRADED), "degraded", id="degraded"),
        pytest.param(recovery(), "recovery", id="recovery"),
        pytest.param(event(rule="MaintenanceSoon", lasting=False), "info", id="no trouble"),
        pytest.param(event(kind=Kind.REPORT), "report", id="report"),
    ],
)
def test_webhook_status(told, status):
    """failure, degraded, reminder, recovery; and words of our own for what the classic form does not know."""
    assert sent("webhook", told)["status"] == status


def test_webhook_signs_the_bytes_that_it_sends():
    """The receiver computes the same from the body as it arrived."""
    message = made("webhook", signing_secret="k3y", headers={"X-Own": "1"})

    digest = hmac.new(b"k3y", message.body, "sha256").hexdigest()
    assert message.headers["X-Statusledger-Signature"] == f"sha256={digest}"
    assert (message.headers["X-Statusledger-Key"], message.headers["X-Own"]) == (KEY, "1")


def test_webhook_of_a_hosted_page_s_subscriber():
    """A component's change has old and new status; incidents have their updates."""
    down = sent("webhook", format="statuspage")
    up = sent("webhook", recovery(), format="statuspage")
    opened = sent("webhook", event(rule="IncidentOpened", lasting=False), format="statuspage")

    assert down["component_update"]["component_id"] == down["component"]["id"] == "a1b2c3d4e5f6"
    assert (down["component_update"]["old_status"], down["component_update"]["new_status"]) == (
        "operational", "major_outage")  # fmt: skip
    assert (up["component"]["status"], up["page"]["status_indicator"]) == ("operational", "none")
    assert opened["incident"]["incident_updates"][0]["status"] == "investigating"
    assert set(down["meta"]) >= {"unsubscribe", "documentation"}


# --- alertmanager -------------------------------------------------------------------------------


def test_alertmanager_ends_what_it_was_told_by_the_same_labels():
    """Labels are the identity there, so nothing that changes may be in them."""
    (first,), (last,) = sent("alertmanager"), sent("alertmanager", recovery(headline="x"))

    assert first["labels"] == last["labels"]
    assert first["labels"] == {
        "alertname": "ServiceDown",
        "severity": "critical",
        "component": "api",
        "group": "core",
        "location": "eu-fra,gh-us",
        "subject": "api",
    }
    assert first["endsAt"] == format_instant(NOW + 7 * DAY_MS)
    assert last["endsAt"] == "2026-11-21T02:47:00.000Z"
    assert made("alertmanager").url == "http://127.0.0.1:9093/api/v2/alerts"


def test_alertmanager_ends_the_milder_alert_when_it_gets_worse():
    """Another severity is another alert there."""
    worse, before = sent("alertmanager", event(rule="HighResponseTime", told=Level.WARNING))

    assert (worse["labels"]["severity"], before["labels"]["severity"]) == ("critical", "warning")
    assert before["endsAt"] == format_instant(NOW)


# --- settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "given", "said"),
    [
        ("slack", {"url": None}, "neither url: nor token:"),
        ("slack", {"token": "x"}, "go together"),
        ("slack", {"url": "hooks.slack.com"}, "not an absolute web address"),
        ("pagerduty", {"routing_key": None}, "routing_key"),
        ("email", {"to": "nobody"}, "not a mail address"),
        ("email", {"port": 70000}, "not a port"),
        ("webhook", {"format": "xml"}, "statusledger"),
        ("alertmanager", {"hold": "long"}, "not a duration"),
        ("telegram", {"url": "https://t.me/x"}, "begins with tgram://"),
        ("discord", {"url": "tgram://x"}, "begins with discord://"),
    ],
)
def test_settings_that_cannot_work_are_refused(channel, given, said):
    """Before anything is sent, in words that say what to write."""
    with pytest.raises(ValueError, match=said):
        CHANNELS[channel].settings.model_validate(SETTINGS[channel] | given)


@pytest.mark.parametrize("channel", CHANNELS)
def test_settings_may_be_variables(channel):
    """Secrets come from the environment; what they are is seen when they are filled in."""
    given = {key: "{{ ANY }}" if isinstance(value, str) else value for key, value in SETTINGS[channel].items()}

    assert CHANNELS[channel].settings.model_validate(given)


# --- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "status", "body", "taken", "permanent"),
    [
        ("webhook", 204, b"", True, False),
        ("webhook", 301, b"", False, True),
        ("webhook", 404, b"no_service", False, True),
        ("webhook", 408, b"", False, False),
        ("webhook", 429, b"", False, False),
        ("webhook", 503, b"", False, False),
        ("slack", 200, b"ok", True, False),
        ("slack", 200, b'{"ok":true,"ts":"1.2"}', True, False),
        ("slack", 200, b'{"ok":false,"error":"invalid_auth"}', False, True),
        ("slack", 200, b'{"ok":false,"error":"ratelimited"}', False, False),
    ],
)
def test_answers_are_understood(channel, status, body, taken, permanent):
    """What would be refused again is permanent; what passes is not."""
    outcome = CHANNELS[channel].understand(Answer(status, {}, body))

    assert (outcome.taken, outcome.permanent) == (taken, permanent)


def test_retry_after_is_kept():
    """In milliseconds; a date is left to our own back-off."""
    understand = CHANNELS["slack"].understand

    assert understand(Answer(429, {"retry-after": "30"}, b"")).wait_ms == 30_000
    assert understand(Answer(429, {"retry-after": "Sat, 21 Nov 2026 02:06:00 GMT"}, b"")).wait_ms is None


def test_a_fingerprint_tells_messages_apart_and_repetitions_not():
    """Kind and number make another message; when it is sent again does not."""
    others = [replace(EVENT, number=1), replace(EVENT, kind=Kind.REMINDER), replace(EVENT, key="k")]

    assert replace(EVENT, at=NOW + 1).fingerprint == EVENT.fingerprint
    assert len({one.fingerprint for one in (EVENT, *others)}) == 4
