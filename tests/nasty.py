"""Random repositories that were made to be nasty: everything that may go wrong with a ledger, around awkward dates."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nasty_files import iso, plans, reports
from reference_ledger import HOUR, World, read_rows
from repository import git

MINUTE = 60_000
# (zone, day): clock changes there and back, a missing and a double midnight, ends of months and years, a leap day
DATES = (
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-11-01"),
    ("America/Havana", "2026-11-01"),
    ("America/Asuncion", "2023-10-01"),
    ("Asia/Kolkata", "2026-01-01"),
    ("UTC", "2024-02-29"),
    ("Australia/Lord_Howe", "2026-04-05"),
)
STATUSES = ("up", "up", "up", "down", "down", "degraded", "unknown")


@dataclass(frozen=True)
class Nasty:
    """A repository on disk and all that the reference has to know of it."""

    root: Path
    world: World
    zone: str


def nasty(root: Path, seed: int) -> Nasty:
    """Writes checks.yml, history/, maintenance/ and incidents/ below the folder, which is a git repository or not."""
    chance = random.Random(seed)
    zone, day = DATES[seed % len(DATES)]
    noon = round(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC).timestamp()) * 1000
    begin, as_of = noon - chance.choice([20, 40]) * HOUR, noon + chance.randrange(30 * HOUR)
    config = configured(chance, zone, begin)
    (root / "checks.yml").write_text(json.dumps(config, indent=1))
    lay(root / "history", chance, config, begin, as_of)
    if chance.random() < 0.7:
        git(root, "init", "-q")
    planned = plans(root, chance, config, begin, as_of)
    told = reports(root, chance, config, begin, as_of)
    return Nasty(root, World(config, read_rows(root / "history"), planned, told, as_of), zone)


# --- configuration ------------------------------------------------------------------------------


def configured(chance: random.Random, zone: str, begin: int) -> dict[str, Any]:
    """Two groups of components with any rules, services of any mode, contracts with zones of their own."""
    components = [component(chance, f"c{index}", begin) for index in range(3)]
    members = [{"component": one["id"]} for one in chance.sample(components, chance.choice([1, 2, 3]))]
    weights = [{**one, "weight": chance.choice(["1", "2.5", "1/3"])} for one in members]
    return {
        "schema": 1,
        "page": {"name": "Nasty", "url": "https://status.example.com", "since": "2020-01-01", "timezone": zone},
        "monitor": {"locations": ["ap", "eu", "us"]},
        "defaults": {"interval": "10m", "timeout": "5s"},
        "sla": {
            "timezone": chance.choice([zone, "UTC"]),
            **terms(chance),
            "contracts": [contract(chance, index, subject) for index, subject in enumerate(("c0", "some", "heavy"))],
        },
        "groups": [
            {"id": "one", "components": components[:1]},
            {"id": "two", "components": components[1:]},
        ],
        "services": [
            {"id": "some", "members": members, "mode": chance.choice(["all", "any", min(2, len(members))])},
            {"id": "heavy", "members": weights, "mode": "weighted", "target": "99.95"},
        ],
    }


def terms(chance: random.Random) -> dict[str, Any]:
    """What time counts as."""
    return {
        "degraded_weight": chance.choice(["0", "0.3", "1/3", "1"]),
        "unknown_as": chance.choice(["excluded", "excluded", "up", "down"]),
        "maintenance_as": chance.choice(["excluded", "excluded", "up", "ignore"]),
    }


def contract(chance: random.Random, index: int, subject: str) -> dict[str, Any]:
    """Terms and a calendar that are not those of the page."""
    kind = "component" if subject.startswith("c") else "service"
    steps = [("99.95", "0"), ("99", chance.choice(["10", "12.5"])), ("80", "33.3"), ("0", "100")]
    return {
        "id": f"k{index}",
        kind: subject,
        "target": chance.choice(["99.9", "99.95", "90", "100"]),
        "credits": [{"min": least, "credit": credit, "name": least} for least, credit in steps],
        "timezone": chance.choice([zone for zone, _ in DATES]),
        "fee": chance.choice(["1", "999.99", "0.05"]),
        "currency": "EUR",
        **(terms(chance) if chance.random() < 0.7 else {}),
    }


def component(chance: random.Random, identity: str, begin: int) -> dict[str, Any]:
    """One to three checks, sometimes with a beginning or an end of its own."""
    count = chance.choice([1, 1, 2, 3])
    one: dict[str, Any] = {
        "id": identity,
        "checks": [check(chance, f"{identity}_{number}", first=number == 0) for number in range(count)],
        "combination": chance.choice(["worst", "best", min(2, count)]),
        "quorum": chance.choice(["any", "majority", "all", 2]),
        "min_known": chance.choice([1, 1, 2]),
    }
    counted = [one for one in one["checks"] if "informational" not in one]
    if len(counted) < 2 and one["combination"] == 2:
        one["combination"] = "worst"
    if chance.random() < 0.4:
        one["tier"] = chance.choice(["critical", "high", "medium", "low"])
    if chance.random() < 0.3:
        one["active_from"] = iso(begin + chance.randrange(-5, 25) * HOUR + 1)
    if chance.random() < 0.3:
        one["active_until"] = iso(begin + chance.randrange(26, 60) * HOUR - 1)
    return one


def check(chance: random.Random, identity: str, *, first: bool) -> dict[str, Any]:
    """Any N, M and H."""
    one: dict[str, Any] = {
        "id": identity,
        "url": "https://example.com/",
        "confirm_down": chance.randint(1, 3),
        "confirm_up": chance.randint(1, 3),
        "max_staleness": chance.choice(["15m", "35m", "2h"]),
        "unconfirmed_as": chance.choice(["degraded", "up"]),
    }
    return one if first or chance.random() < 0.8 else {**one, "informational": True}


# --- raw lines ----------------------------------------------------------------------------------


def lay(history: Path, chance: random.Random, config: dict[str, Any], begin: int, as_of: int) -> None:
    """Lines of three locations out of order, with gaps, neighbours, duplicates, conflicts, damage and a future."""
    checks = [check["id"] for group in config["groups"] for one in group["components"] for check in one["checks"]]
    born = {check: begin + chance.choice([0, 0, 9]) * HOUR for check in checks}
    lines: dict[Path, list[str]] = {}
    for location in chance.sample(["ap", "eu", "us"], chance.choice([1, 2, 3])):
        for t, results in ticks(chance, begin + chance.randrange(HOUR), as_of + 3 * HOUR, born):
            moment = datetime.fromtimestamp(t / 1000, UTC)
            path = history / "raw" / f"{moment:%Y}" / f"{location}-{moment:%m%d}.jsonl"
            lines.setdefault(path, []).append(json.dumps({"t": t, "r": results}, separators=(",", ":")))
    for path, told in lines.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        chance.shuffle(told)
        path.write_text("".join(f"{damage(chance)}{line}\n" for line in told))


def ticks(chance: random.Random, t: int, end: int, born: dict[str, int]) -> Any:
    """(t, results by check) of one location."""
    status = dict.fromkeys(born, "up")
    while t < end:
        t += chance.choice([30 * MINUTE, 30 * MINUTE + chance.randrange(-9 * MINUTE, 9 * MINUTE), 1, 20 * MINUTE])
        t += 7 * HOUR if chance.random() < 0.02 else 0
        results = {}
        for name in (name for name in born if t >= born[name] and chance.random() < 0.9):
            if chance.random() < 0.25:
                status[name] = chance.choice(STATUSES)
            results[name] = result(status[name])
        if results:
            yield t, results
        if results and chance.random() < 0.1:
            yield t, {name: result(chance.choice(STATUSES)) for name in results}


def result(status: str) -> Any:
    """What a line says of one check."""
    return 100 if status == "up" else [status, None, "refused"]


def damage(chance: random.Random) -> str:
    """Sometimes what a killed writer leaves before an intact row."""
    return chance.choice(['{"t":17', "\\x00\\x00", '{"t":1795226760000,"r":{"c0']) if chance.random() < 0.03 else ""
