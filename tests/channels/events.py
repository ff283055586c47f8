"""Events that channels are told of: one that is plain, and ways to change it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from statusledger.channels.contract import Event, Kind, Link, Statistics, Subject
from statusledger.clock import MINUTE_MS, parse_instant
from statusledger.model import Level, State

SINCE = parse_instant("2026-11-21T02:06:00Z")
NOW = SINCE + 4 * MINUTE_MS
KEY = "statusledger/2026-01-01/ServiceDown/api/api-20261121T020600Z"
EVENT = Event(
    key=KEY,
    kind=Kind.TRIGGER,
    rule="ServiceDown",
    severity=Level.CRITICAL,
    subject=Subject("API", "api", "a1b2c3d4e5f6", "core", "critical", ("eu-fra", "gh-us"), "https://***/api/"),
    headline="API is down",
    sentence="Down since 21 Nov 2026, 02:06 UTC (4 min), seen at eu-fra and gh-us: status:503.",
    at=NOW,
    since=SINCE,
    page=Link("Acme Status", "https://status.acme.example"),
    page_id="p0p1p2p3p4p5",
    facts=(("Since", "21 Nov 2026, 02:06 UTC"), ("Error", "status:503"), ("Budget left", "39.200 of 43.200 min")),
    links=(Link("API", "https://status.acme.example/components/api/"),),
    statistics=Statistics(1440, 4, 4, "99.722", 43),
    state=State.DOWN,
)


def event(**changes: Any) -> Event:
    """The plain event with changes."""
    return replace(EVENT, **changes)


def recovery(**changes: Any) -> Event:
    """The end of it, 41 minutes later."""
    ended = {"ended_at": SINCE + 41 * MINUTE_MS, "at": SINCE + 42 * MINUTE_MS, "state": State.UP, "number": 1}
    return event(**({"kind": Kind.RECOVERY, "headline": "API is up again after 41 min", **ended} | changes))
