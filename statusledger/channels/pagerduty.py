"""PagerDuty, Events API v2: trigger, acknowledge and resolve under our own deduplication key.

What has no end (somebody announced maintenance) is a change event, which pages nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar

from pydantic import Field

from statusledger.channels.contract import Address, Channel, Event, Kind, Link, Request, Settings, Words
from statusledger.channels.wording import shortened
from statusledger.clock import format_instant

ENQUEUE = "https://events.pagerduty.com/v2/enqueue"
KEY_CHARACTERS, SUMMARY_CHARACTERS, DETAIL_CHARACTERS = 255, 1024, 4000
CLIENT = "Statusledger"
HEADERS = {"Content-Type": "application/json"}


class PagerDutySettings(Settings):
    """The integration that takes the events."""

    routing_key: Words = Field(
        description="The integration key of an Events API v2 integration.", examples=["{{ PAGERDUTY_ROUTING_KEY }}"]
    )
    url: Address = Field(ENQUEUE, description="Where events go; the EU service region has an address of its own.")
    secret: ClassVar[tuple[str, ...]] = ("routing_key",)


def message(event: Event, settings: PagerDutySettings) -> Request:
    """One event; a resolved one names its key only."""
    content: dict[str, Any] = {"routing_key": settings.routing_key}
    if event.acknowledges:
        content |= {"event_action": "acknowledge", "dedup_key": _key(event.acknowledges)}
    elif not event.lasting:
        return Request(_changes(settings.url), _plain(content | _change(event)), HEADERS)
    elif event.over:
        content |= {"event_action": "resolve", "dedup_key": _key(event.key)}
    else:
        content |= {"event_action": "trigger", "dedup_key": _key(event.key), **_trigger(event)}
    return Request(settings.url, _plain(content), HEADERS)


def _plain(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _changes(url: str) -> str:
    """Where change events go."""
    return url.removesuffix("/enqueue") + "/change/enqueue"


def _key(key: str) -> str:
    """The key; a longer one than PagerDuty takes ends in a digest of itself."""
    if len(key) <= KEY_CHARACTERS:
        return key
    return key[: KEY_CHARACTERS - 17] + "-" + sha256(key.encode()).hexdigest()[:16]


def _change(event: Event) -> dict[str, Any]:
    return {
        "payload": {
            "summary": shortened(event.headline, SUMMARY_CHARACTERS),
            "timestamp": format_instant(event.at),
            "source": event.page.url,
            "custom_details": _details(event),
        },
        "links": _links(event.links),
    }


def _trigger(event: Event) -> dict[str, Any]:
    subject = event.subject
    named = {"component": subject.component, "group": subject.group}
    payload = {
        "summary": shortened(f"{'TEST: ' if event.test else ''}{event.headline}", SUMMARY_CHARACTERS),
        "source": subject.component or subject.name,
        "severity": str(event.severity),
        "timestamp": format_instant(event.since),
        "class": event.rule,
        "custom_details": _details(event),
    }
    return {
        "payload": payload | {key: value for key, value in named.items() if value},
        "links": _links(event.links),
        "client": CLIENT,
        "client_url": event.page.url,
    }


def _details(event: Event) -> dict[str, str]:
    told = {"summary": event.sentence, **dict(event.facts)}
    if event.kind is not Kind.TRIGGER:
        told["kind"] = str(event.kind)
    return {label: shortened(text, DETAIL_CHARACTERS) for label, text in told.items()}


def _links(links: tuple[Link, ...]) -> list[dict[str, str]]:
    return [{"href": link.url, "text": link.text} for link in links]


PAGERDUTY = Channel(
    "pagerduty", "An incident in PagerDuty that resolves itself.", PagerDutySettings, message, reports=False
)
