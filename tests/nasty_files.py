"""Maintenance and incident files that were made to be nasty, and what the reference has to know of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reference_ledger import HOUR, Announced, Told

MINUTE = 60_000
STATES = ("down", "down", "degraded", "up")


def plans(
    root: Path, chance: random.Random, config: Mapping[str, Any], begin: int, as_of: int
) -> list[list[Announced]]:
    """Writes maintenance files and announcements: late, stretched, moved, cancelled, inverted, touching, repeated.

    In a repository what was recorded counts, elsewhere what each file claims. Each list is one file's story, the last
    of it the file as it is now.
    """
    recorded = (root / ".git").exists()
    names = [*(one["id"] for group in config["groups"] for one in (group, *group["components"])),
             *(one["id"] for one in config["services"]), "*"]  # fmt: skip
    stories = []
    lines: list[tuple[int, dict[str, Any]]] = []
    starts = begin + chance.randrange(30 * HOUR)
    for number in range(chance.choice([0, 1, 3, 6])):
        starts = chance.choice([starts, begin + chance.randrange(60 * HOUR // MINUTE) * MINUTE])
        now = _planned(chance, names, starts, config["page"]["timezone"])
        starts = chance.choice([now.end, starts + HOUR])  # the next one touches or overlaps
        story = [*_earlier(chance, now, names), now] if recorded else [replace(now, seen=_claimed(chance, now))]
        told = [one for one in story if one.seen is not None and one.seen <= as_of] if recorded else []
        lines += [(one.seen or 0, _line(f"2026-01-01-w{number}", one)) for one in story if recorded and one.seen]
        _write(root / f"maintenance/2026/2026-01-01-w{number}.md", now, None if recorded else story[0].seen)
        if recorded and not (told and replace(told[-1], seen=None) == replace(now, seen=None)):
            told.append(replace(now, seen=as_of))
        stories.append(told if recorded else story)
    if lines:
        chance.shuffle(lines)
        text = "".join(json.dumps(line) + "\n" for _, line in sorted(lines, key=lambda line: line[0]))
        (root / "history" / "notices.jsonl").write_text(text)
    return stories


def _planned(chance: random.Random, names: Sequence[str], starts: int, zone: str) -> Announced:
    length = chance.choice([1, 20 * MINUTE, 90 * MINUTE, 5 * HOUR, 30 * HOUR])
    named = frozenset([chance.choice(names)])
    if named != {"*"} and chance.random() < 0.5:
        named |= {chance.choice([name for name in names if name != "*"])}
    days = chance.choice([1, 1, 1, 2, 4])
    return Announced(named, starts, starts + length, None, chance.random() < 0.1, days, zone if days > 1 else "UTC")


def _earlier(chance: random.Random, now: Announced, names: Sequence[str]) -> Iterator[Announced]:
    """What was announced before: by and by, some of it in time, ending with what the file says or not."""
    seen = now.start - chance.choice([100 * HOUR, 48 * HOUR, 24 * HOUR, 6 * HOUR])
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        yield replace(now, seen=seen, **_otherwise(chance, now, names))
        seen += chance.choice([1, HOUR, 20 * HOUR, 50 * HOUR])
    if chance.random() < 0.7:
        yield replace(now, seen=max(seen, now.start - chance.choice([24 * HOUR, 24 * HOUR, 24 * HOUR - 1])))


def _otherwise(chance: random.Random, now: Announced, names: Sequence[str]) -> dict[str, Any]:
    """What an announcement said that the file says no more."""
    return chance.choice([
        {},
        {},
        {"cancelled": not now.cancelled},
        {"end": now.end + chance.choice([-HOUR, -1, HOUR])},  # stretched, cut short, sometimes inverted
        {"start": now.start + HOUR, "end": now.end + HOUR},  # moved
        {"names": now.names ^ {chance.choice([name for name in names if name != "*"])} or now.names},
        {"end": now.start - 1},
    ])  # fmt: skip


def _claimed(chance: random.Random, now: Announced) -> int | None:
    return chance.choice([None, now.start - 24 * HOUR, now.start - 24 * HOUR + 1, now.start - 50 * HOUR, now.start + 1])


def _line(name: str, one: Announced) -> dict[str, Any]:
    """What the publish job records."""
    again = {"repeats": f"FREQ=DAILY;COUNT={one.days}", "zone": one.zone} if one.days > 1 else {}
    told = {"starts": one.start, "ends": one.end, "cancelled": one.cancelled, "seen_at": one.seen}
    return {"id": name, "components": sorted(one.names), **told, **again}


def _write(path: Path, one: Announced, claimed: int | None) -> None:
    _front(path, {
        "title": "Work",
        "components": sorted(one.names),
        "starts": iso(one.start),
        "ends": iso(one.end),
        **({} if claimed is None else {"announced": iso(claimed)}),
        **({"cancelled": True} if one.cancelled else {}),
        **({"repeats": f"FREQ=DAILY;COUNT={one.days}"} if one.days > 1 else {}),
    })  # fmt: skip


def reports(root: Path, chance: random.Random, config: Mapping[str, Any], begin: int, as_of: int) -> list[Told]:
    """Writes incident files: reported ones that change by and by or last, and ones that must not change a number."""
    names = [one["id"] for group in config["groups"] for one in group["components"]]
    found = []
    for number in range(chance.choice([0, 1, 2, 4])):
        counts = chance.random() < 0.7
        held = {name: chance.choice(STATES) for name in chance.sample(names, chance.choice([1, 2]))}
        started = begin + chance.randrange(as_of - begin)
        edges = [started + step for step in sorted(chance.sample(range(1, 9 * HOUR), chance.choice([0, 1, 3])))]
        ended = chance.choice([None, started + chance.randrange(1, 12 * HOUR)])
        changes = [(started, held), *((edge, {chance.choice([*held]): chance.choice(STATES)}) for edge in edges)]
        name = f"2026-01-01-i{number}"
        _front(root / f"incidents/2026/{name}.md", {
            "title": "Trouble",
            "components": held,
            "started": iso(started),
            **({} if ended is None else {"resolved": iso(ended)}),
            **(chance.choice([{"detected": "measured"}, {"detected": "reported", "counts": False}])
               if not counts else {"detected": "reported"}),
        }, _trail(changes[1:]))  # fmt: skip
        if counts:
            found += _told(name, changes, ended)
    return found


def _trail(changes: Sequence[tuple[int, Mapping[str, str]]]) -> str:
    return "".join(
        f"\n## {iso(at)} monitoring {{{', '.join(f'{name}: {state}' for name, state in states.items())}}}\nMore.\n"
        for at, states in changes
    )


def _told(name: str, changes: Sequence[tuple[int, Mapping[str, str]]], ended: int | None) -> Iterator[Told]:
    """Each state of each component, until it is another one or over."""
    for component in {one for _, states in changes for one in states}:
        said = [(at, states[component]) for at, states in changes if component in states]
        for (at, state), until in zip(said, [*(at for at, _ in said[1:]), None], strict=True):
            last = min((edge for edge in (until, ended) if edge is not None), default=None)
            if state != "up" and (last is None or last > at):
                yield Told(name, component, at, last, state)


def _front(path: Path, keys: Mapping[str, Any], text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    front = "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items())
    path.write_text(f"---\n{front}---\nWords.\n{text}")


def iso(instant: int) -> str:
    """An instant as files have it."""
    return f"{datetime.fromtimestamp(instant / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{instant % 1000:03d}Z"
