"""Alertmanager, API v2: the rule is the alertname; grouping, silences and routes are Alertmanager's own.

An alert there is its labels, so they stay what they were when it was first told, whatever is seen later; a severity
that rose is another alert, and the earlier one ends. It holds for `hold` and is told again by every reminder.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from statusledger.channels.contract import VARIABLE, Address, Channel, Event, Request, Settings, Words
from statusledger.channels.wording import title
from statusledger.clock import HOUR_MS, format_instant, parse_duration
from statusledger.model import Level

ALERTS = "/api/v2/alerts"
HOLD = "7d"
NOTE_MS = HOUR_MS


def _duration(text: str) -> str:
    if VARIABLE not in text:
        parse_duration(text)
    return text


class AlertmanagerSettings(Settings):
    """Where Alertmanager listens."""

    url: Address = Field(description="Where Alertmanager listens.", examples=["http://alertmanager.example.com:9093"])
    user: Words = Field("", description="For basic authentication, if a proxy in front asks for it.")
    password: Words = Field("", description="The password of that user.")
    labels: dict[str, Words] = Field(
        {}, description="Labels that every alert gets as well.", examples=[{"team": "web"}]
    )
    hold: Annotated[Words, AfterValidator(_duration)] = Field(
        HOLD, description="How long it is held there without being told again; longer than any pause of a reminder."
    )
    secret: ClassVar[tuple[str, ...]] = ("password",)


def message(event: Event, settings: AlertmanagerSettings) -> Request:
    """The alert, and with it the end of the one with the severity that it had before."""
    alerts = [_alert(event, settings, event.severity, ended=event.over)]
    if event.told not in {None, event.severity} and event.told is not None:
        alerts.append(_alert(event, settings, event.told, ended=True))
    headers = {"Content-Type": "application/json"}
    if settings.user:
        headers["Authorization"] = _basic(settings.user, settings.password)
    return Request(settings.url.rstrip("/") + ALERTS, json.dumps(alerts, ensure_ascii=False).encode(), headers)


def _basic(user: str, password: str) -> str:
    from base64 import b64encode  # noqa: PLC0415 - most have no proxy in front

    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def _alert(event: Event, settings: AlertmanagerSettings, severity: Level, *, ended: bool) -> dict[str, Any]:
    subject, rule, named = event.subject, *_named(event)
    labels = {
        "alertname": rule,
        "severity": str(severity),
        "component": subject.component,
        "group": subject.group,
        "location": ",".join(subject.locations),
        "subject": named,
        **({"test": "true"} if event.test else {}),
        **settings.labels,
    }
    hold = parse_duration(settings.hold) if event.lasting else NOTE_MS
    ends_at = (event.ended_at or event.at) if ended else event.at + hold
    return {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {"summary": title(event), "description": event.sentence, "key": event.key, **_noted(event)},
        # an end that is not after the start is refused
        "startsAt": format_instant(min(event.since, ends_at - 1)),
        "endsAt": format_instant(ends_at),
        "generatorURL": event.links[0].url if event.links else event.page.url,
    }


def _named(event: Event) -> tuple[str, str]:
    """(rule, subject) of the key: they stay what they are although the alert gets worse under another rule."""
    parts = [*event.key.split("/"), "", "", ""]
    return parts[2] or event.rule, parts[3]


def _noted(event: Event) -> dict[str, str]:
    """Facts under names that templates can use."""
    return {label.lower().replace(" ", "_"): text for label, text in event.facts}


ALERTMANAGER = Channel(
    "alertmanager", "An alert in Prometheus Alertmanager.", AlertmanagerSettings, message, reports=False
)
