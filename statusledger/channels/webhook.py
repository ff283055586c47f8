"""A webhook of one's own: JSON in our format, or in the one that subscribers of hosted status pages know.

With `secret` the body is signed: `X-Statusledger-Signature: sha256=` and the HMAC-SHA256 of its bytes in hex.
"""

from __future__ import annotations

import hmac
import json
from typing import Any, ClassVar, Literal

from pydantic import Field

from statusledger.channels.contract import Address, Channel, Event, Kind, Request, Settings, Statistics, Words
from statusledger.channels.statuspage import update
from statusledger.clock import format_instant
from statusledger.model import State

SCHEMA = 1


class WebhookSettings(Settings):
    """Where it is posted to, in which format, and what signs it."""

    url: Address = Field(description="Where it is posted to.", examples=["{{ ALERT_WEBHOOK }}"])
    format: Literal["statusledger", "statuspage"] = Field(
        "statusledger", description="`statuspage`: the payload that subscribers of hosted status pages get."
    )
    signing_secret: Words | None = Field(
        None, description="Signs the body (HMAC-SHA256) in the header X-Statusledger-Signature."
    )
    headers: dict[str, Words] = Field({}, description="Headers that are sent as well.")
    secret: ClassVar[tuple[str, ...]] = ("url", "signing_secret", "headers")


def message(event: Event, settings: WebhookSettings) -> Request:
    """The request; its deduplication key is in a header as well."""
    content = update(event) if settings.format == "statuspage" else _own(event)
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "X-Statusledger-Key": event.key, **settings.headers}
    if settings.signing_secret:
        digest = hmac.new(settings.signing_secret.encode(), body, "sha256").hexdigest()
        headers["X-Statusledger-Signature"] = f"sha256={digest}"
    return Request(settings.url, body, headers)


def _own(event: Event) -> dict[str, Any]:
    """Our own format: the classic keys first, then everything else that is known."""
    subject = event.subject
    return {
        "service": subject.name,
        "status": _status(event),
        "url": subject.url,
        "message": event.headline,
        "timestamp": format_instant(event.at),
        "statistics": None if event.statistics is None else _statistics(event.statistics),
        "schema": SCHEMA,
        "test": event.test,
        "dedup_key": event.key,
        "message_id": event.fingerprint,
        "kind": str(event.kind),
        "rule": event.rule,
        "severity": str(event.severity),
        "component": subject.component,
        "group": subject.group,
        "tier": subject.tier,
        "state": str(event.state),
        "locations": list(subject.locations),
        "since": format_instant(event.since),
        "ended_at": None if event.ended_at is None else format_instant(event.ended_at),
        "details": event.sentence,
        "facts": dict(event.facts),
        "links": [{"text": link.text, "url": link.url} for link in event.links],
        "page": {"name": event.page.text, "url": event.page.url},
    }


def _status(event: Event) -> str:
    """failure, recovery, degraded or reminder; `info` for what is no trouble, `report` for a status report."""
    if event.kind in {Kind.RECOVERY, Kind.REMINDER, Kind.REPORT}:
        return str(event.kind)
    if not event.lasting:
        return "info"
    return "degraded" if event.state is State.DEGRADED else "failure"


def _statistics(numbers: Statistics) -> dict[str, Any]:
    percent = numbers.uptime_percent
    return {
        "total_checks": numbers.total_checks,
        "total_failures": numbers.total_failures,
        "consecutive_failures": numbers.consecutive_failures,
        "uptime_percentage": None if percent is None else float(percent),
        "avg_response_time_ms": numbers.average_ms,
    }


WEBHOOK = Channel("webhook", "JSON to an address of your own, signed.", WebhookSettings, message)
