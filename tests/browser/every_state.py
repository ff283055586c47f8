"""A ledger with every state in it, as a repository that `statusledger build` builds.

Twenty-two components are measured every hour from two places for 75 days up to NOW; the table of episodes says what
was not plainly up. At NOW there is one of each: operational, degraded, down in one place, down, in maintenance, down
past the end of its maintenance, unknown, two days old, never measured, paused, private; one has a name of 300
characters, one a name that is markup. Incidents are open, over, with a postmortem, reported only and measured only;
maintenance is near, active, overrun, past, cancelled, on short notice and weekly. A contract missed its month.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from statusledger.clock import HOUR_MS, MINUTE_MS, parse_instant
from statusledger.history import raw_path

NOW = "2026-11-21T03:00:00Z"
DAYS = 75
LAG_MS = 4 * MINUTE_MS
PLACES = ("eu-fra", "us-east")
LANGUAGES = ("ar",)
MARKUP = '<b>"Bold" & <script>alert(1)</script></b>'
LONG = ("Reports that somebody described in a whole sentence because one word was not enough " * 4)[:299] + "."
COMPONENTS: Mapping[str, str] = {
    "api": "API",
    "web": "Dashboard",
    "exports": "Exports",
    "search": "Search",
    "payments": "Payments",
    "files": "File storage",
    "mail": "E-mail delivery",
    "reports": "Nightly reports",
    "fresh": "Recommendations",
    "never": "Telephone support",
    "paused": "Old importer",
    "long": LONG,
    "markup": MARKUP,
    **{f"region-{i}": f"Region {i}" for i in range(8)},
    "vault": "Zanzibar",
}
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "core": ("Core services", ("api", "web", "exports", "search")),
    "money": ("Payments and files", ("payments", "files", "mail", "reports")),
    "odd": ("New and odd", ("fresh", "never", "paused", "long", "markup", "vault")),
    "regions": ("Regions", tuple(f"region-{i}" for i in range(8))),
}
EXTRA: Mapping[str, Mapping[str, object]] = {
    "api": {"tier": "critical", "public_details": True},
    "web": {"depends_on": ["api"]},
    "payments": {"tier": "critical"},
    "paused": {"active": False},
    "vault": {"visibility": "private"},
}
UP, DOWN, SLOW, OUT, GAP = "up", "down", "degraded", "unknown", None
CODES = {DOWN: "status:503", SLOW: "slow", OUT: "probe_offline"}


@dataclass(frozen=True, slots=True)
class Episode:
    """What `component` was from `ago_hours` before NOW for so many hours; a status of None: nobody measured."""

    component: str
    ago_hours: int
    hours: int
    status: str | None
    places: tuple[str, ...] = PLACES


EPISODES = (
    Episode("api", 60 * 24, 2, DOWN),
    Episode("api", 38 * 24, 1, DOWN),
    Episode("api", 20 * 24, 5, SLOW),
    Episode("api", 4 * 24, 7, GAP),
    Episode("web", 38 * 24, 3, SLOW),
    Episode("web", 12 * 24, 3, DOWN, PLACES[:1]),
    Episode("exports", 30 * 24, 6, OUT),
    Episode("exports", 3, 4, SLOW),
    Episode("search", 3, 4, DOWN, PLACES[1:]),
    Episode("payments", 70 * 24, 30, DOWN),
    Episode("payments", 2, 3, DOWN),
    Episode("files", 27, 2, DOWN),
    Episode("mail", 50 * 24, 4 * 24, GAP),
    Episode("mail", 9, 10, GAP),
    Episode("reports", 5, 6, DOWN),
    Episode("fresh", DAYS * 24 + 1, (DAYS - 2) * 24, GAP),
    Episode("never", DAYS * 24 + 1, DAYS * 24 + 2, GAP),
    Episode("paused", 10 * 24, 10 * 24 + 1, GAP),
    Episode("paused", 15 * 24, 24, DOWN),
    Episode("long", 25 * 24, 2, DOWN),
    Episode("markup", 15 * 24, 1, DOWN),
    *(Episode(f"region-{i}", DAYS * 24 + 1, (DAYS - 1) * 24, GAP) for i in range(8)),
)
# Hours ago at which the API failed for twelve minutes: less than an hour is a partial outage of its day.
SHORT_OUTAGES = (45 * 24, 8 * 24)
EVIDENCE = {
    "status": "down",
    "code": "status:503",
    "detail": "503 Service Unavailable: " + "unbreakable" * 20,
    "http_status": 503,
    "address": "203.0.113.9",
    "phases": [1, 12, 20, 400, 3],
    "attempts": [["down", 436, "status:503"], ["down", 431, "status:503"]],
}
INCIDENTS = {
    "2026-11-21-cards-are-refused": """\
title: Cards are refused
severity: P1
components: {payments: down}
started: 2026-11-21T01:10Z
---
Customers cannot pay by card. **Bank transfer works.**

## 2026-11-21T01:20Z investigating
The payment provider answers with errors. We are [in touch](https://provider.example/status).

## 2026-11-21T02:10Z identified
One of their data centres is without power.

- Refunds wait.
- Nothing is charged twice.
""",
    "2026-10-14-a-migration": """\
title: API refused requests during a migration
severity: P2
components: {api: down, web: degraded}
started: 2026-10-14T03:56Z
resolved: 2026-10-14T04:56Z
root_cause: Connection pool exhausted by a migration
---
Requests were refused.

## 2026-10-14T04:01Z investigating
We are looking.

## 2026-10-14T04:30Z monitoring {api: degraded}
A fix is out.

## 2026-10-14T04:56Z resolved
Back to normal.

## postmortem

### What happened
A migration held every connection. `max_connections` was the default.

| time | what |
|---|---|
| 03:50 | migration starts |
| 04:30 | it is stopped |

### What changes
1. Migrations run on a replica first.
""",
    "2026-11-02-invoices": f"""\
title: {json.dumps("Invoices were sent twice, and " + LONG)}
severity: P4
components: {{mail: degraded}}
started: 2026-11-02T08:00Z
resolved: 2026-11-02T09:30Z
detected: reported
---
Some customers got two.
""",
}
WINDOWS = {
    "2026-11-22-database": ("Database upgrade", "api, web", "2026-11-22T02:00Z", "2026-11-22T04:00Z", "2026-11-10", ""),
    "2026-11-21-disks": ("Larger disks", "files", "2026-11-21T02:00Z", "2026-11-21T05:00Z", "2026-11-10", ""),
    "2026-11-21-reports": ("New reports", "reports", "2026-11-20T21:30Z", "2026-11-21T01:30Z", "2026-11-10", ""),
    "2026-11-20-disks": ("Disks, first part", "files", "2026-11-19T23:00Z", "2026-11-20T03:00Z", "2026-11-10", ""),
    "2026-11-24-kernel": ("Kernel", '"*"', "2026-11-24T02:00Z", "2026-11-24T04:00Z", "2026-11-10", "cancelled: true\n"),
    "2026-11-18-certificate": ("Certificate", "web", "2026-11-18T10:00Z", "2026-11-18T10:30Z", "2026-11-18", ""),
    "2026-11-01-weekly": (
        LONG, "region-0", "2026-11-01T04:00Z", "2026-11-01T04:30Z", "2026-10-01", "repeats: FREQ=WEEKLY;BYDAY=SU\n"
    ),
}  # fmt: skip


def lay(root: Path) -> None:
    """The repository: checks.yml, incidents/, maintenance/ and history/."""
    # JSON is YAML, so names need no quoting of their own.
    _write(root / "checks.yml", json.dumps(_configuration(), ensure_ascii=False, indent=1))
    for key, text in INCIDENTS.items():
        _write(root / "incidents" / "2026" / f"{key}.md", f"---\n{text}")
    for key, (title, components, starts, ends, announced, more) in WINDOWS.items():
        front = f"title: {json.dumps(title)}\ncomponents: [{components}]\nstarts: {starts}\nends: {ends}\n"
        announcement = f"announced: {announced}T00:00Z\n{more}"
        _write(root / "maintenance" / "2026" / f"{key}.md", f"---\n{front}{announcement}---\nShort pauses.\n")
    lines: defaultdict[Path, list[str]] = defaultdict(list)
    for place in PLACES:
        for t, results in _ticks(place):
            private = {key: results.pop(key) for key in ("vault",) if key in results}
            lines[raw_path(root / "history", place, t)].append(_line(t, "r", results))
            if private:
                lines[raw_path(root / "history" / "sealed", place, t)].append(_line(t, "r", private))
            if t == parse_instant(NOW) - LAG_MS - HOUR_MS:
                lines[raw_path(root / "history" / "sealed", place, t)].append(_line(t, "e", {"payments": EVIDENCE}))
    for path, found in lines.items():
        _write(path, "\n".join(found) + "\n")


def _line(t: int, kind: str, content: Mapping[str, object]) -> str:
    return json.dumps({"t": t, kind: content}, separators=(",", ":"))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _configuration() -> dict[str, object]:
    return {
        "page": {
            "name": "Acme Status",
            "url": "https://acme.example/everything/",
            "since": "2026-01-01",
            "languages": list(LANGUAGES),
            "environment": "production",
            "header": "Status of the production platform.",
            "footer": "Acme Ltd, 1 Example Street",
            "links": [{"name": "Support", "url": "https://acme.example/support"}],
        },
        "monitor": {"locations": [{"id": "eu-fra", "name": "Frankfurt"}, {"id": "us-east", "name": "Virginia"}]},
        "defaults": {"interval": "1h", "max_staleness": "2h", "confirm_down": 1, "performance": {"target_ms": 300}},
        "private": {"plain": True},
        "sla": {
            "contracts": [
                {"id": "gold", "component": "api", "target": 99.9, "fee": 1200, "currency": "EUR"},
                {"id": "silver", "service": "platform", "target": 99.9},
            ]
        },
        "groups": [
            {"id": group, "name": name, "components": [_component(key) for key in members]}
            for group, (name, members) in GROUPS.items()
        ],
        "services": [{"id": "platform", "name": "Whole platform", "members": ["api", "web"], "mode": "all"}],
    }


def _component(key: str) -> dict[str, object]:
    name = COMPONENTS[key]
    about = {"description": f"{name[:40]}, as customers use it", "url": f"https://{key}.acme.example/"}
    born = {"active_from": "2026-11-20T00:00:00Z"} if key.startswith("region") else {}
    return {"id": key, "name": name, "tier": "medium", "quorum": "all", **born, **about, **EXTRA.get(key, {})}


def _ticks(place: str) -> Iterator[tuple[int, dict[str, object]]]:
    """Every run of one place, oldest first."""
    newest = parse_instant(NOW) - LAG_MS
    for back in range(DAYS * 24, -1, -1):
        t = newest - back * HOUR_MS
        yield t, {key: one for key in COMPONENTS if (one := _result(key, place, t)) is not None}
        if back in SHORT_OUTAGES:
            yield t + 20 * MINUTE_MS, {"api": [DOWN, None, "timeout"]}
            yield t + 32 * MINUTE_MS, {"api": 110}


def _result(key: str, place: str, t: int) -> object:
    status = next((one.status for one in EPISODES if one.component == key and _covers(one, place, t)), UP)
    ms = (80 + len(key) * 20 + t // HOUR_MS * 7919 % 60) * (5 if status is SLOW else 1)
    if status is UP or status is GAP:
        return ms if status else None
    return [status, ms if status is SLOW else None, CODES[status]]


def _covers(episode: Episode, place: str, t: int) -> bool:
    begin = parse_instant(NOW) - episode.ago_hours * HOUR_MS
    return place in episode.places and begin <= t < begin + episode.hours * HOUR_MS
