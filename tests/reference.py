"""A second evaluator of the SLA definition: slow, standard library only, an event sweep written from the text alone.

It shares no code with the product, so that the same mistake would have to be made twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

BADNESS = {"up": 0, "degraded": 1, "down": 2}


@dataclass(frozen=True)
class Rules:
    """N, M, H and what an unconfirmed failure is, for one check."""

    n: int
    m: int
    h: int
    unconfirmed: str = "degraded"


Rows = Sequence[tuple[int, str]]


def collapsed(rows: Rows, as_of: int) -> list[tuple[int, str]]:
    """D1: one row an instant, the worst known one, nothing from the future."""
    worst: dict[int, str] = {}
    for ts, status in rows:
        if ts > as_of:
            continue
        before = worst.get(ts, "unknown")
        if before == "unknown" or (status != "unknown" and BADNESS[status] > BADNESS[before]):
            worst[ts] = status
    return sorted(worst.items())


def confirmed(rows: Rows, rules: Rules) -> list[tuple[int, str]]:
    """D2: short failures are not confirmed; then short recoveries between two failures are not believed."""
    known = [index for index, (_, status) in enumerate(rows) if status != "unknown"]
    told = [rows[index][1] for index in known]
    for first, last in runs([status == "down" for status in told], True):
        if last - first < rules.n:
            told[first:last] = [rules.unconfirmed] * (last - first)
    down = [status == "down" for status in told]
    for first, last in runs(down, False):
        if first > 0 and last < len(told) and last - first < rules.m:
            told[first:last] = ["down"] * (last - first)
    result = list(rows)
    for index, status in zip(known, told, strict=True):
        result[index] = (rows[index][0], status)
    return result


def runs(flags: Sequence[bool], wanted: bool) -> list[tuple[int, int]]:
    """[first, last) of each maximal run of a flag."""
    found, start = [], None
    for index, flag in enumerate([*flags, not wanted]):
        if flag == wanted and start is None:
            start = index
        elif flag != wanted and start is not None:
            found.append((start, index))
            start = None
    return found


def seen_at(rows: Rows, rules: Rules, instant: int) -> str:
    """D3: the newest sample, for H at most."""
    newest = bisect_right(rows, (instant, "\uffff")) - 1
    if newest < 0 or instant >= rows[newest][0] + rules.h:
        return "unknown"
    return rows[newest][1]


def voted(states: Iterable[str], rule: str | int, min_known: int) -> str:
    """D4: the q-th worst of what is known."""
    known = sorted((state for state in states if state != "unknown"), key=lambda state: -BADNESS[state])
    if len(known) < max(1, min_known):
        return "unknown"
    q = {"any": 1, "majority": len(known) // 2 + 1, "all": len(known)}.get(rule) or min(int(rule), len(known))
    return known[q - 1]


def best(states: Sequence[str], k: int) -> str:
    """The k-th best, with unknown as down and as up."""
    low, high = (
        sorted((meaning if state == "unknown" else state for state in states), key=BADNESS.__getitem__)[k - 1]
        for meaning in ("down", "up")
    )
    if low == high:
        return low
    return "unknown" if "down" in {low, high} else max(low, high, key=BADNESS.__getitem__)


@dataclass(frozen=True)
class Subject:
    """One component: rows by check and location, rules by check, how they are combined."""

    rows: Mapping[str, Mapping[str, Rows]]
    rules: Mapping[str, Rules]
    rule: str | int = "majority"
    min_known: int = 1
    combination: str | int = "worst"
    active_from: int | None = None
    active_until: int | None = None


def component_at(subject: Subject, told: Mapping[str, Mapping[str, Rows]], instant: int) -> str:
    """The combination of the checks that have begun."""
    states = []
    for check, places in told.items():
        begun = min((rows[0][0] for rows in places.values() if rows), default=None)
        if begun is None or instant < begun:
            continue
        seen = [seen_at(rows, subject.rules[check], instant) for rows in places.values()]
        states.append(voted(seen, subject.rule, subject.min_known))
    if not states:
        return "unknown"
    k = {"worst": len(states), "best": 1}.get(subject.combination) or min(int(subject.combination), len(states))
    return best(states, k)


Reports = Sequence[tuple[int, int | None, str]]
"""(start, end or None while it lasts, state) of what people reported."""


def with_reports(state: str, reports: Reports, instant: int) -> str:
    """The worse of what was measured and what was reported; unknown counts as what was reported."""
    told = [said for first, last, said in reports if first <= instant and (last is None or instant < last)]
    worst = max(told, key=BADNESS.__getitem__, default="up")
    if worst == "up":
        return state
    return worst if state == "unknown" else max(state, worst, key=BADNESS.__getitem__)


def classes(
    subject: Subject, start: int, end: int, as_of: int, windows: Sequence[tuple[int, int]], reports: Reports = ()
) -> dict[str, int]:
    """Milliseconds of each class in [start, min(end, as_of)), swept from edge to edge."""
    collapsed_rows = {
        check: {place: collapsed(rows, as_of) for place, rows in places.items()}
        for check, places in subject.rows.items()
    }
    told = {
        check: {place: confirmed(rows, subject.rules[check]) for place, rows in places.items()}
        for check, places in collapsed_rows.items()
    }
    instants = [ts for places in told.values() for rows in places.values() for ts, _ in rows]
    ends = [ts + subject.rules[check].h for check, places in told.items() for rows in places.values() for ts, _ in rows]
    alive_from = subject.active_from if subject.active_from is not None else min(instants, default=None)
    edges = {start, min(end, as_of), *instants, *ends, *(edge for window in windows for edge in window)}
    edges |= {edge for edge in (alive_from, subject.active_until) if edge is not None}
    edges |= {edge for first, last, _ in reports for edge in (first, last) if edge is not None}
    inside = sorted(edge for edge in edges if start <= edge <= min(end, as_of))
    total = dict.fromkeys(("up", "degraded", "down", "unknown", "maintenance", "inactive"), 0)
    for a, b in pairwise(inside):
        if alive_from is None or a < alive_from or (subject.active_until is not None and a >= subject.active_until):
            total["inactive"] += b - a
        elif any(first <= a < last for first, last in windows):
            total["maintenance"] += b - a
        else:
            total[with_reports(component_at(subject, told, a), reports, a)] += b - a
    return total
