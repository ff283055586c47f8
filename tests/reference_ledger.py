"""The slow evaluator on a whole ledger: from raw lines, windows and reports to every figure of the JSON files.

Everything is evaluated at every edge, and nothing is summed before it is cut to a period. Standard library only.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reference import BADNESS, Rows, Rules, Subject, best, collapsed, component_at, confirmed, with_reports

HOUR = 3_600_000
DEFAULT_SCHEDULE = [("99.9", "0"), ("99.0", "10"), ("95.0", "50"), ("0", "100")]
TIERS = {"critical": "99.9", "high": "99.5", "medium": "99.0", "low": "95.0"}
CLASSES = ("up", "degraded", "down", "unknown", "maintenance", "inactive")
Steps = list[tuple[int, str]]
"""(since when, state), in rising time; before the first one nothing is known."""


@dataclass(frozen=True)
class Announced:
    """Maintenance of everything that is named, as it was announced once: `seen` None is unknown and accepted.

    It takes place on so many days one after the other, at the same time of the zone's clock.
    """

    names: frozenset[str]
    start: int
    end: int
    seen: int | None
    cancelled: bool = False
    days: int = 1
    zone: str = "UTC"


@dataclass(frozen=True)
class Told:
    """What somebody reported of one component."""

    incident: str
    component: str
    start: int
    end: int | None
    state: str


@dataclass(frozen=True)
class World:
    """All that there is to know."""

    config: Mapping[str, Any]
    rows: Mapping[str, Mapping[str, Rows]]
    plans: Sequence[Sequence[Announced]]
    told: Sequence[Told]
    as_of: int


def read_rows(root: Path) -> dict[str, dict[str, list[tuple[int, str]]]]:
    """Check -> location -> rows of all raw files, whatever else stands in them."""
    found: dict[str, dict[str, list[tuple[int, str]]]] = {}
    for path in sorted((root / "raw").rglob("*.jsonl")):
        location = path.stem[:-5]
        for line in path.read_text().split("\n"):
            for piece in line.split('{"t":')[1:]:
                try:
                    row = json.loads('{"t":' + piece)
                except ValueError:
                    continue
                for check, result in row["r"].items():
                    status = result[0] if isinstance(result, list) else "up"
                    found.setdefault(check, {}).setdefault(location, []).append((row["t"], status))
    return found


def evaluated(world: World) -> dict[str, Any]:
    """Every component with its steps (`raw`: unmasked and measured, `counted`), life and checks."""
    components = {}
    for group in world.config["groups"]:
        for one in group["components"]:
            components[one["id"]] = _evaluated(world, group["id"], one)
    return components


def _evaluated(world: World, group: str, one: Mapping[str, Any]) -> dict[str, Any]:
    counted = [check for check in one["checks"] if not check.get("informational")]
    rows = {
        check["id"]: {place: collapsed(rows, world.as_of) for place, rows in world.rows.get(check["id"], {}).items()}
        for check in counted
    }
    rules = {
        check["id"]: Rules(
            check["confirm_down"], check["confirm_up"], milliseconds(check["max_staleness"]), check["unconfirmed_as"]
        )
        for check in counted
    }
    subject = Subject(rows, rules, one["quorum"], one["min_known"], one["combination"])
    told = {
        check: {place: confirmed(found, rules[check]) for place, found in places.items()}
        for check, places in rows.items()
    }
    instants = sorted(ts for places in rows.values() for found in places.values() for ts, _ in found)
    edges = {ts + h for check, places in rows.items() for found in places.values() for ts, _ in found
             for h in (0, rules[check].h)}  # fmt: skip
    raw = [(edge, component_at(subject, told, edge)) for edge in sorted(edges)]
    born = instant_of(one["active_from"]) if "active_from" in one else min(instants, default=None)
    died = instant_of(one["active_until"]) if "active_until" in one else None
    names = {one["id"], group, "*", *(s["id"] for s in world.config["services"] if one["id"] in members_of(s))}
    return {
        "raw": raw,
        "life": (born, died),
        "windows": counting_windows(world, names),
        "told": [(t.start, t.end, t.state) for t in world.told if t.component == one["id"]],
        "rows": rows,
        "target": target_of(one, world.config["sla"]),
    }


def counting_windows(world: World, names: set[str]) -> list[tuple[int, int]]:
    """The time that counts as maintenance: of each file what stands now, was announced in time and never taken back."""
    found = []
    for story in world.plans:
        edges = sorted({edge for one in story for span in occurrences(one) for edge in span})
        found += [(a, b) for a, b in pairwise(edges) if stands(story, names, a)]
    return found


def stands(story: Sequence[Announced], names: set[str], instant: int) -> bool:
    """Whether an instant is maintenance, told from the newest announcement back to the one that was made in time."""
    for one in reversed(story):
        spans = [span for span in occurrences(one) if span[0] <= instant < span[1]]
        if one.cancelled or not names & one.names or not spans:
            return False
        if one.seen is None or any(one.seen <= start - 24 * HOUR for start, _ in spans):
            return True
    return False


def occurrences(one: Announced) -> list[tuple[int, int]]:
    """Each window of an announcement, all of the same length; a time that the clock skips is an hour later."""
    local = datetime.fromtimestamp(one.start / 1000, ZoneInfo(one.zone)).replace(tzinfo=None)
    later = [(local + timedelta(days=day)).replace(tzinfo=ZoneInfo(one.zone)) for day in range(1, one.days)]
    starts = {one.start, *(round(moment.timestamp() * 1000) for moment in later)}
    return [(start, start + one.end - one.start) for start in sorted(starts)]


def members_of(service: Mapping[str, Any]) -> list[str]:
    """The ids of a service's members."""
    return [one["component"] for one in service["members"]]


def class_at(one: Mapping[str, Any], terms: Mapping[str, Any], instant: int) -> str:
    """D5 and D6: what an instant of a component counts as."""
    born, died = one["life"]
    if born is None or instant < born or (died is not None and instant >= died):
        return "inactive"
    if terms["maintenance_as"] != "ignore" and any(start <= instant < end for start, end in one["windows"]):
        return "maintenance"
    return with_reports(state_at(one["raw"], instant), one["told"], instant)


def state_at(steps: Steps, instant: int) -> str:
    """The newest step."""
    index = bisect_right(steps, (instant, "\uffff")) - 1
    return steps[index][1] if index >= 0 else "unknown"


def edges_of(one: Mapping[str, Any]) -> set[int]:
    """Every instant at which its class may change."""
    found = {edge for edge, _ in one["raw"]} | {edge for edge in one["life"] if edge is not None}
    found |= {edge for window in one["windows"] for edge in window}
    return found | {edge for start, end, _ in one["told"] for edge in (start, end) if edge is not None}


def service_at(service: Mapping[str, Any], states: Sequence[str], weight: Fraction) -> tuple[str, Fraction]:
    """(class, bad part) of a service at one instant."""
    alive = [state for state in states if state != "inactive"]
    if not alive:
        return "inactive", Fraction(0)
    if service["mode"] == "weighted":
        return weighed(service, states, weight)
    rest = [state for state in alive if state != "maintenance"]
    k = {"all": len(alive), "any": 1}.get(service["mode"]) or int(service["mode"])
    if not rest:
        return "maintenance", Fraction(0)
    state = best(rest, min(k, len(rest)))
    if state != "down" and len(rest) < k and len(rest) < len(alive):
        return "maintenance", Fraction(0)
    return state, {"down": Fraction(1), "degraded": weight}.get(state, Fraction(0))


def weighed(service: Mapping[str, Any], states: Sequence[str], weight: Fraction) -> tuple[str, Fraction]:
    """The weighted share of the known members that is bad."""
    weights = [Fraction(str(one.get("weight", 1))) for one in service["members"]]
    known = [(state, w) for state, w in zip(states, weights, strict=True) if state in BADNESS]
    alive = [state for state in states if state != "inactive"]
    if not known:
        return ("maintenance" if set(alive) == {"maintenance"} else "unknown"), Fraction(0)
    bad = sum(
        (w * {"up": Fraction(0), "down": Fraction(1), "degraded": weight}[state] for state, w in known), Fraction()
    )
    kinds = {state for state, _ in known}
    return (kinds.pop() if len(kinds) == 1 else "degraded"), bad / sum(w for _, w in known)


def measured(parts: Sequence[Mapping[str, Any]], service: Mapping[str, Any] | None, terms: Mapping[str, Any],
             period: tuple[int, int], as_of: int) -> tuple[dict[str, int], Fraction, int]:  # fmt: skip
    """(milliseconds of each class up to as_of, bad milliseconds, future time that will count) of a period."""
    start, end = period
    edges = sorted({start, end, min(max(as_of, start), end)}.union(*(edges_of(one) for one in parts)))
    total, bad, future = dict.fromkeys(CLASSES, 0), Fraction(0), 0
    weight = Fraction(terms["degraded_weight"])
    for a, b in pairwise(edge for edge in edges if start <= edge <= end):
        states = [class_at(one, terms, a) for one in parts]
        if service is None:
            state, share = states[0], {"down": Fraction(1), "degraded": weight}.get(states[0], Fraction(0))
        else:
            state, share = service_at(service, states, weight)
        if a >= as_of:
            future += (b - a) * (state not in {"maintenance", "inactive"})
        else:
            total[state] += b - a
            bad += share * (b - a)
    return total, bad, future


def judged(counts: tuple[dict[str, int], Fraction, int], terms: Mapping[str, Any], target: Fraction,
           schedule: Sequence[tuple[str, str]] | None) -> dict[str, Any]:  # fmt: skip
    """D7 to D9 as the JSON files spell them."""
    total, bad, future = counts
    known = total["up"] + total["degraded"] + total["down"]
    d = known + (total["maintenance"] if terms["maintenance_as"] == "up" else 0)
    low, high = (d - bad, d + total["unknown"]), (d + total["unknown"] - bad, d + total["unknown"])
    if terms["unknown_as"] != "excluded":
        d += total["unknown"]
        bad += total["unknown"] * (terms["unknown_as"] == "down")
    ratio = (d - bad) / d if d else None
    allowed = (1 - target) * (d + future)
    return {
        **{f"{name}_ms": spent for name, spent in total.items()},
        "ratio": fraction(ratio),
        "ratio_low": fraction(low[0] / low[1] if low[1] else None),
        "ratio_high": fraction(high[0] / high[1] if high[1] else None),
        "coverage": fraction(Fraction(known, known + total["unknown"]) if known + total["unknown"] else None),
        "uptime_percent": None if ratio is None else cut(ratio * 100),
        "downtime_minutes": cut(-bad / 60_000).removeprefix("-") if bad else "0.000",
        "status": status_of(ratio, target, bad, allowed),
        "credit_percent": None if schedule is None else credit_of(ratio, schedule),
        "consumed": fraction(bad / allowed if allowed else None),
    }


def status_of(ratio: Fraction | None, target: Fraction, bad: Fraction, allowed: Fraction) -> str:
    """D9: how it stands."""
    if ratio is None:
        return "no_data"
    if bad > allowed:
        return "breached"
    return "warning" if ratio < target or (bad > 0 and bad * 4 >= allowed * 3) else "compliant"


def credit_of(ratio: Fraction | None, schedule: Sequence[tuple[str, str]]) -> str:
    """The credit of the first step that the ratio reaches, highest first."""
    if ratio is None:
        return "0"
    return next(credit for least, credit in schedule if ratio * 100 >= Fraction(least))


def fraction(number: Fraction | int | None) -> str | None:
    """`num/den`."""
    return None if number is None else f"{Fraction(number).numerator}/{Fraction(number).denominator}"


def cut(number: Fraction) -> str:
    """Three decimals, towards less."""
    thousandths = (number * 1000).numerator // (number * 1000).denominator
    sign = "-" if thousandths < 0 else ""
    return f"{sign}{abs(thousandths) // 1000}.{abs(thousandths) % 1000:03d}"


def stretches(one: Mapping[str, Any], as_of: int) -> list[tuple[int, int | None]]:
    """Maximal unmasked, measured downtime: unknown inside does not end it, end None while nobody saw its end."""
    born, died = one["life"]
    if born is None:
        return []
    until = as_of if died is None else min(died, as_of)
    found: list[tuple[int, int | None]] = []
    start = None
    for edge in sorted({born, *(edge for edge, _ in one["raw"] if born <= edge < until)}):
        if edge >= until:
            break
        state = state_at(one["raw"], edge)
        if state == "down" and start is None:
            start = edge
        elif state in {"up", "degraded"} and start is not None:
            found.append((start, edge))
            start = None
    return found + ([(start, until if until < as_of else None)] if start is not None else [])


def samples_in(one: Mapping[str, Any], period: tuple[int, int], as_of: int) -> tuple[int, int]:
    """(known samples, failed ones before confirmation) of a period up to as_of."""
    inside = [
        status
        for places in one["rows"].values()
        for rows in places.values()
        for ts, status in rows
        if period[0] <= ts < min(period[1], as_of) and status != "unknown"
    ]
    return len(inside), inside.count("down")


def target_of(one: Mapping[str, Any], sla: Mapping[str, Any]) -> Fraction:
    """Its own target, that of its tier, or the default."""
    written = one.get("target") or TIERS.get(one.get("tier", ""), sla.get("default_target", "99.9"))
    return Fraction(str(written)) / 100


def month_of(day: date, zone: str, months: int = 1) -> tuple[int, int]:
    """[first instant of the local month that holds the day, first instant of the next) or of a quarter or year."""
    first = (day.year * 12 + day.month - 1) // months * months
    return local_midnight(first, zone), local_midnight(first + months, zone)


def local_midnight(month: int, zone: str) -> int:
    """The first instant of a local month, told by trying every minute of two days in UTC."""
    year, number = divmod(month, 12)
    wanted = date(year, number + 1, 1)
    about = int(datetime(year, number + 1, 1, tzinfo=UTC).timestamp()) - 24 * 3600
    local = (
        (second, datetime.fromtimestamp(second, ZoneInfo(zone)).date())
        for second in range(about, about + 48 * 3600, 60)
    )
    return next(second for second, day in local if day >= wanted) * 1000


def milliseconds(duration: str) -> int:
    """`10m` or `2h`."""
    return int(duration[:-1]) * {"m": 60_000, "h": HOUR}[duration[-1]]


def instant_of(text: str) -> int:
    """Epoch milliseconds of an ISO instant."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
