"""Random ledgers that grow: several components, checks and locations, and everything that may go wrong with rows."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, parse_instant, to_datetime
from statusledger.config import Config, Monitor, Page, Sla
from statusledger.model import Check, Component, Counting, Group, Location, Member, Service, Status, Terms, Tier

START = parse_instant("2026-03-20T00:00Z")  # Europe's clocks change on the 29th
LOCATIONS = ("ap", "eu", "us")
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
CODES = ("refused", "status:503", "timeout")


def checked(name: str, chance: random.Random) -> Check:
    """A check with any rules."""
    counting = Counting(
        chance.randint(1, 3),
        chance.randint(1, 2),
        chance.choice([2, 7, 30]) * HOUR_MS,
        chance.choice([Status.DEGRADED, Status.UP]),
    )
    return Check(name, name, "http", None, HOUR_MS, 10_000, counting=counting, informational=chance.random() < 0.1)


def configured(chance: random.Random, *, sizes: tuple[int, ...] = (1, 2, 1)) -> Config:
    """Components with so many checks each, a service of any mode over them, any zone."""
    components = [
        Component(
            id=f"c{index}",
            name=f"C{index}",
            group="core",
            checks=tuple(checked(f"c{index}_k{number}", chance) for number in range(size)),
            tier=chance.choice([None, *Tier]),
            combination=chance.choice(["worst", "best", 2]),
            quorum=chance.choice(["any", "majority", "all", 2]),
            min_known=chance.choice([1, 1, 2]),
            active_from=chance.choice([None, None, START + 30 * HOUR_MS]),
        )
        for index, size in enumerate(sizes)
    ]
    members = tuple(Member(one.id, Fraction(chance.randint(1, 3))) for one in components)
    zone = chance.choice(ZONES)
    return Config(
        path=Path("checks.yml"),
        page=Page("Acme", "https://status.acme.example", "2026-01-01", timezone=chance.choice(ZONES)),
        monitor=Monitor(tuple(Location(name, name, HOUR_MS) for name in LOCATIONS)),
        sla=Sla(terms=Terms(zone=zone)),
        groups=(Group("core", "Core", tuple(components)),),
        services=(Service("all", "Everything", members, chance.choice(["all", "any", "weighted", 2])),),
    )


def with_component(config: Config, component: Component) -> Config:
    """The configuration with this component in the place of the one with its id, or beside the others."""
    (group,) = config.groups
    known = {one.id: one for one in group.components} | {component.id: component}
    return replace(config, groups=(replace(group, components=tuple(known.values())),))


@dataclass
class Growing:
    """A history folder and the instant up to which it has been written; rows may still come in late."""

    root: Path
    chance: random.Random
    at: int = START
    silent: set[str] = field(default_factory=set)
    status: dict[tuple[str, str], str] = field(default_factory=dict)

    def until(self, config: Config, end: int) -> None:
        """Lets time pass: ticks about every hour, with gaps, outages, duplicates and torn lines."""
        checks = list(config.checks)
        while self.at < end:
            self.at += round(self.chance.choice([1, 1, 1, 2]) * HOUR_MS * self.chance.uniform(0.9, 1.1))
            if self.chance.random() < 0.01:
                self.at += self.chance.choice([10, 60]) * HOUR_MS
            for location in LOCATIONS:
                if self.chance.random() < 0.02:
                    self.silent ^= {location}
                if location not in self.silent and self.at < end:
                    self.tick(location, self.at + self.chance.randrange(MINUTE_MS), checks)

    def tick(self, location: str, t: int, checks: list[str]) -> None:
        """One line, now and then written twice, with a rival, or torn."""
        self.write(
            location, t, {check: self.result(check, location) for check in checks if self.chance.random() < 0.95}
        )
        if self.chance.random() < 0.05:
            self.write(location, t, {check: self.result(check, location) for check in checks})
        if self.chance.random() < 0.01:
            self.append(location, t, '{"t":17')

    def result(self, check: str, location: str) -> object:
        """What a check says; outages last a while."""
        key = (check, location)
        status = self.status.get(key, "up")
        if self.chance.random() < (0.05 if status == "up" else 0.4):
            status = self.status[key] = self.chance.choice(["up", "up", "down", "down", "degraded", "unknown"])
        ms = self.chance.randrange(50, 900)
        return ms if status == "up" else [status, ms if status == "degraded" else None, self.chance.choice(CODES)]

    def late(self, config: Config) -> None:
        """A few rows of days that have passed."""
        for _ in range(self.chance.randint(1, 3)):
            t = self.at - self.chance.randrange(20 * DAY_MS)
            location = self.chance.choice([*LOCATIONS, "push"])
            self.write(location, max(t, START), {check: self.result(check, location) for check in config.checks})

    def write(self, location: str, t: int, results: dict[str, object]) -> None:
        """A raw line in the file of its day."""
        if results:
            self.append(location, t, json.dumps({"t": t, "r": results}, separators=(",", ":")) + "\n")

    def append(self, location: str, t: int, text: str) -> None:
        """Text at the end of the file of the day; now and then at the end of the day before's."""
        moment = to_datetime(t - DAY_MS if self.chance.random() < 0.01 else t)
        path = self.root / "raw" / f"{moment:%Y}" / f"{location}-{moment:%m%d}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)


Samples = Iterable[tuple[int, str]]


def watched(*checks: Check, **settings: object) -> Component:
    """The component `api` of these checks, by default one that is confirmed twice and holds for ten minutes."""
    own = checks or (Check("api", "api", "http", None, 5 * MINUTE_MS, 10_000, counting=Counting(2, 1, 10 * MINUTE_MS)),)
    return Component(id="api", name="API", group="core", checks=own, **settings)  # type: ignore[arg-type]


def watching(*components: Component) -> Config:
    """A configuration of these components, in UTC."""
    return Config(
        path=Path("checks.yml"),
        page=Page("Acme", "https://status.acme.example", "2026-01-01"),
        monitor=Monitor(tuple(Location(name, name, 5 * MINUTE_MS) for name in LOCATIONS)),
        sla=Sla(),
        groups=(Group("core", "Core", components or (watched(),)),),
    )


def lay(root: Path, samples: Samples, *, location: str = "eu", check: str = "api") -> None:
    """Raw lines of one check, in the files of their days."""
    files: dict[Path, list[str]] = {}
    for t, status in samples:
        moment = to_datetime(t)
        result: object = 100 if status == "up" else [status, None, "refused"]
        line = json.dumps({"t": t, "r": {check: result}}, separators=(",", ":")) + "\n"
        files.setdefault(root / "raw" / f"{moment:%Y}" / f"{location}-{moment:%m%d}.jsonl", []).append(line)
    for path, lines in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(lines)


def steady(first: int, end: int, *failed: int) -> list[tuple[int, str]]:
    """A sample every five minutes of [first, end), up except at these instants."""
    return [(t, "down" if t in failed else "up") for t in range(first, end, 5 * MINUTE_MS)]


def kept_lines(root: Path, name: str = "rollup/*.jsonl") -> list[dict[str, Any]]:
    """The objects of all lines of the kept files."""
    return [json.loads(line) for path in sorted(root.glob(name)) for line in path.read_bytes().splitlines()]


def changed(config: Config, chance: random.Random) -> Config:
    """The configuration after one component was counted otherwise, renamed in part, switched off or on, or ended."""
    one = chance.choice(list(config.components.values()))
    first, *others = one.checks
    new_id = f"{one.id}_n{chance.randrange(10**6)}"
    variants = (
        {"checks": (replace(first, counting=replace(first.counting, confirm_down=chance.randint(1, 3))), *others)},
        {"checks": (*one.checks, checked(new_id, chance))},
        {"checks": tuple(others) or one.checks},
        {"checks": (replace(first, id=new_id, was=(*first.was, first.id)), *others)},
        {"checks": (replace(first, active=not first.active), *others)},
        {"active": not one.active},
        {"active_until": chance.choice([None, START + chance.randrange(15) * DAY_MS])},
    )
    return with_component(config, replace(one, **chance.choice(variants)))
