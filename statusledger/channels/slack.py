"""Slack: an incoming webhook, or chat.postMessage where a token is given, which can answer in a thread.

Colour needs an attachment; its blocks keep to Slack's limits (3,000 characters of text, ten fields of 2,000). The
colour only repeats what the words say.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from statusledger.channels.contract import Address, Answer, Channel, Event, Kind, Outcome, Request, Settings, Words
from statusledger.channels.contract import by_status as understood_by_status
from statusledger.channels.wording import shortened, title
from statusledger.model import Level

API = "https://slack.com/api/chat.postMessage"
COLOURS = {Level.CRITICAL: "#8c1038", Level.WARNING: "#b08400", Level.INFO: "#1f56b8"}
GREEN, GREY = "#0f8a52", "#55606c"
TEXT_CHARACTERS, FIELD_CHARACTERS, FIELDS = 3000, 2000, 10
# https://api.slack.com/methods/chat.postMessage#errors: what may go well the next time
PASSING_ERRORS = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout"}) | {
    "service_unavailable",
    "team_added_to_org",
}


class SlackSettings(Settings):
    """An incoming webhook, or a token and the conversation to write to."""

    url: Address | None = Field(
        None, description="The address of the incoming webhook.", examples=["{{ SLACK_WEBHOOK_URL }}"]
    )
    token: Words | None = Field(
        None, description="A bot token (chat:write): what follows goes into the thread of the first message."
    )
    channel: Words | None = Field(None, description="With a token: where to write.", examples=["C0123456"])
    secret: ClassVar[tuple[str, ...]] = ("url", "token")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.token is None) != (self.channel is None):
            msg = "token: and channel: go together; write both, or only url: of an incoming webhook"
            raise ValueError(msg)
        if self.token is None and self.url is None:
            msg = "says neither url: nor token:; write e.g. url: {{ SLACK_WEBHOOK_URL }}"
            raise ValueError(msg)
        return self


def message(event: Event, settings: SlackSettings) -> Request:
    """The post; an update of something that the thread knows goes there, its end is shown outside of it as well."""
    content: dict[str, Any] = {"text": _escaped(title(event)), "attachments": [_attachment(event)]}
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if settings.token is None:
        return Request(settings.url or "", _plain(content), headers)
    content |= {"channel": settings.channel, "unfurl_links": False}
    if event.reference:
        content |= {"thread_ts": event.reference, "reply_broadcast": event.over}
    return Request(settings.url or API, _plain(content), {**headers, "Authorization": f"Bearer {settings.token}"})


def _plain(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _attachment(event: Event) -> dict[str, Any]:
    code = event.kind is Kind.REPORT
    blocks: list[dict[str, Any]] = [_section(f"```{_text(event.sentence)}```" if code else _text(event.sentence))]
    if event.facts:
        fields = [_words(f"*{_escaped(label)}*\n{_text(text, FIELD_CHARACTERS)}") for label, text in event.facts]
        blocks += [{"type": "section", "fields": fields[at : at + FIELDS]} for at in range(0, len(fields), FIELDS)]
    links = " · ".join(f"<{_escaped(link.url)}|{_escaped(link.text)}>" for link in event.links)
    told = " · ".join(filter(None, [links, f"`{_escaped(event.key)}`"]))
    blocks.append({"type": "context", "elements": [_words(shortened(told, TEXT_CHARACTERS))]})
    colour = GREY if code else GREEN if event.over else COLOURS[event.severity]
    return {"color": colour, "fallback": _escaped(title(event)), "blocks": blocks}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _words(text)}


def _words(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _text(text: str, most: int = TEXT_CHARACTERS) -> str:
    """Escaped, and short enough even where every character of it grows by that."""
    text = shortened(text, most - 100)
    while len(_escaped(text)) > most - 100:
        text = shortened(text, len(text) * 9 // 10)
    return _escaped(text)


def _escaped(text: str) -> str:
    """The three characters that mean something to Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def understand(answer: Answer) -> Outcome:
    """A webhook answers by status; the API answers 200 with `ok` and either `ts` or `error`."""
    outcome = understood_by_status(answer)
    if not outcome.taken or not answer.body.lstrip().startswith(b"{"):
        return outcome
    try:
        said = json.loads(answer.body)
    except ValueError:
        return Outcome("protocol", "the answer is no JSON", doubtful=True)
    if said.get("ok"):
        return Outcome(reference=said.get("ts"))
    error = str(said.get("error", "unknown"))
    return Outcome("status:refused", error, permanent=error not in PASSING_ERRORS)


SLACK = Channel(
    "slack", "A message in Slack, by incoming webhook or by token.", SlackSettings, message, understand=understand
)
