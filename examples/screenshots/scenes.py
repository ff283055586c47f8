"""The repositories that the screenshots show: raw history lines made from a table of episodes, the same every time.

Two locations measure every 15 minutes from FIRST on; what was not plainly up stands in EPISODES. A scene is the same
story at another instant: `now` is when the page is built, `until` when something was measured last.
"""

from __future__ import annotations

import math
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from statusledger.clock import DAY_MS, MINUTE_MS, parse_instant
from statusledger.history import append, raw_path, tick_line
from statusledger.model import Observation, Status, Tick

HERE = Path(__file__).parent
FIRST = parse_instant("2026-07-20T00:00:00Z")
STEP_MS = 15 * MINUTE_MS
LOCATIONS = ("eu-fra", "us-east")
SEED = 20260720
TYPICAL_MS = {
    "api": 96, "dashboard": 180, "sign_in": 120, "search": 210, "exports": 260, "files": 75, "webhooks": 60, "mail": 45,
}  # fmt: skip
EVERYTHING = tuple(TYPICAL_MS)


@dataclass(frozen=True, slots=True)
class Episode:
    """What checks said from `start` (UTC) on for some minutes; a status of None: nobody measured."""

    start: str
    minutes: int
    checks: tuple[str, ...]
    status: Status | None
    code: str | None = None
    locations: tuple[str, ...] = LOCATIONS

    def covers(self, check: str, location: str, t: int) -> bool:
        """Whether it is about this sample."""
        start = parse_instant(f"{self.start}Z")
        return check in self.checks and location in self.locations and start <= t < start + self.minutes * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Scene:
    """The story at an instant; `words` replace what checks.yml says, `told` are the files that are there."""

    now: str
    until: str
    told: tuple[str, ...] = ("incidents/2026/2026-1[01]-1*.md", "maintenance/*/*.md")
    words: Mapping[str, str] = field(default_factory=dict)


DOWN, SLOW = Status.DOWN, Status.DEGRADED
EPISODES = (
    Episode("2026-08-11T07:15", 45, ("files",), DOWN, "status:502"),
    Episode("2026-09-06T10:00", 195, ("webhooks",), DOWN, "status:503"),
    Episode("2026-09-07T06:30", 90, ("webhooks",), SLOW, "slow"),
    Episode("2026-09-12T13:00", 150, ("api",), SLOW, "slow"),
    Episode("2026-09-21T12:00", 120, ("exports",), SLOW, "slow"),
    Episode("2026-09-30T03:00", 45, ("search",), DOWN, "connect_timeout"),
    Episode("2026-10-02T02:00", 30, ("api",), DOWN, "timeout"),
    Episode("2026-10-14T14:00", 45, ("api",), DOWN, "status:503"),
    Episode("2026-10-14T14:00", 75, ("dashboard",), SLOW, "slow"),
    Episode("2026-11-02T00:00", 4 * 1440, ("mail",), None),
    Episode("2026-11-12T08:15", 60, ("webhooks",), DOWN, "connect_timeout", ("eu-fra",)),
    Episode("2026-11-16T00:00", 360, EVERYTHING, None),
    Episode("2026-11-19T22:00", 100, ("exports",), SLOW, "slow"),
    Episode("2026-11-21T01:15", 7 * 60, ("exports",), SLOW, "slow"),
    Episode("2026-11-21T09:00", 60, ("api",), DOWN, "tls:expired"),
    Episode("2026-11-21T09:00", 60, ("dashboard",), SLOW, "slow"),
    Episode("2026-11-22T01:15", 30, ("api",), DOWN, "status:503"),
)


def lay(root: Path, scene: Scene) -> None:
    """Writes the repository of a scene into a folder that does not exist yet."""
    root.mkdir(parents=True)
    checks = (HERE / "checks.yml").read_text(encoding="utf-8")
    for name, other in scene.words.items():
        checks = checks.replace(name, other)
    (root / "checks.yml").write_text(checks, encoding="utf-8")
    for file in (found for pattern in scene.told for found in HERE.glob(pattern)):
        target = root / file.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    _measured(root / "history", parse_instant(scene.until))


def _measured(history: Path, until: int) -> None:
    lines: defaultdict[Path, list[bytes]] = defaultdict(list)
    chance = random.Random(SEED)
    for tick, location in _ticks(until, chance):
        lines[raw_path(history, location, tick.t)].append(tick_line(tick))
    for path, found in lines.items():
        append(path, found)


def _ticks(until: int, chance: random.Random) -> Iterator[tuple[Tick, str]]:
    """Every run up to `until`, oldest first, with its location."""
    for t in range(FIRST, until + 1, STEP_MS):
        told = [one for one in EPISODES if abs(parse_instant(f"{one.start}Z") - t) <= 5 * DAY_MS]
        for location in LOCATIONS:
            found = tuple(_observation(told, check, location, t, chance) for check in TYPICAL_MS)
            yield Tick(t, t, tuple(one for one in found if one is not None)), location


def _observation(told: list[Episode], check: str, location: str, t: int, chance: random.Random) -> Observation | None:
    noise = chance.lognormvariate(0.0, 0.12)
    episode = next((one for one in told if one.covers(check, location, t)), None)
    status = Status.UP if episode is None else episode.status
    if status is None:
        return None
    daily = 1 + 0.3 * math.sin((t % DAY_MS) / DAY_MS * 2 * math.pi - 2)
    far = 1.4 if location == "us-east" else 1.0
    slower = 5.0 if status is SLOW else 1.0
    ms = None if status is DOWN else round(TYPICAL_MS[check] * noise * daily * far * slower)
    return Observation(check, location, t, t, status, ms, episode.code if episode else None)
