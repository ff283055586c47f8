"""A made-up past of 90 days for the demo: raw history lines of the location `generated`, the same for the same `now`.

One run every five minutes, daily rhythm in the response times, and the episodes of the table below: outages, slow
stretches, hours in which nobody measured, a monitor that was cut off, a component that came later. Each episode ends
with a run of its own, as if somebody had started the job by hand once it was over.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS
from statusledger.history import append, raw_path, tick_line
from statusledger.model import Observation, Status, Tick

LOCATION = "generated"
DAYS = 90
STEP_MS = 5 * MINUTE_MS
ENDS_BEFORE_NOW_MS = 3 * MINUTE_MS
SEED = 20260101
PASSED_ON_RETRY = 0.0008  # of all plainly good results
ONE_LOST_ANSWER = 0.00004
BUSIEST_HOUR_UTC = 14

TYPICAL_MS: Mapping[str, int | None] = {
    "api_root": 42,
    "api_health": 55,
    "login": 130,
    "database_health": 58,
    "website": 120,
    "documentation": 95,
    "search": 210,
    "live_updates": 34,
    "gateway": 12,
    "telemetry": 6,
    "names": 9,
    "payments": 260,
    "backup": None,  # it reports by itself, so there is no answer to time
    "reports": 380,
}
EVERYTHING = tuple(TYPICAL_MS)
FIRST_SEEN_DAYS_AGO = {"search": 33, "login": 21, "telemetry": 12, "names": 12}


@dataclass(frozen=True, slots=True)
class Episode:
    """What the checks said from `start` (UTC) of the day that lies `days_ago` before today, for some minutes.

    `slower` multiplies the usual response time, None means that no answer came that could be timed. A status of None
    means that nothing was measured at all.
    """

    days_ago: int
    start: str
    minutes: int
    checks: tuple[str, ...]
    status: Status | None
    code: str | None = None
    slower: float | None = 1.0

    def bounds_ms(self, now: int) -> tuple[int, int]:
        """The half-open interval of the episode, for a past that is told at `now`."""
        hours, minutes = self.start.split(":")
        start_ms = now - now % DAY_MS - self.days_ago * DAY_MS + int(hours) * HOUR_MS + int(minutes) * MINUTE_MS
        return start_ms, start_ms + self.minutes * MINUTE_MS


EPISODES = (
    Episode(78, "03:20", 15, ("gateway",), Status.DOWN, "refused", None),
    # The big one: the API fails, what stands beside it needs a second try.
    Episode(63, "13:05", 41, ("api_root", "api_health"), Status.DOWN, "status:503"),
    Episode(63, "13:05", 41, ("website", "payments"), Status.UP, "retried:reset", 2.5),
    Episode(51, "02:10", 95, ("documentation",), Status.DOWN, "status:502", 0.6),
    Episode(44, "01:30", 390, EVERYTHING, None),
    Episode(36, "16:40", 25, EVERYTHING, Status.UNKNOWN, "probe_offline:unreachable", None),
    Episode(29, "11:00", 320, ("search",), Status.DEGRADED, "slow", 4.0),
    # A day on which one thing kept coming and going.
    Episode(21, "08:15", 10, ("live_updates",), Status.DOWN, "reset", None),
    Episode(21, "10:40", 20, ("live_updates",), Status.DOWN, "reset", None),
    Episode(21, "15:05", 10, ("live_updates",), Status.DOWN, "reset", None),
    Episode(21, "19:30", 15, ("live_updates",), Status.DEGRADED, "retried:reset", 3.0),
    Episode(9, "06:50", 12, ("database_health",), Status.DOWN, "assertion", 6.0),
    Episode(9, "06:50", 20, ("api_root", "api_health"), Status.DEGRADED, "slow", 11.0),
    Episode(4, "21:15", 35, ("payments",), Status.DOWN, "ttfb_timeout", 19.0),
    Episode(2, "12:00", 150, ("reports",), Status.DEGRADED, "slow", 2.2),
)


def lay(history: Path, now: int, days: int = DAYS) -> int:
    """How many runs were written under the history folder."""
    files: defaultdict[Path, list[bytes]] = defaultdict(list)
    for tick in ticks(now, days):
        files[raw_path(history, LOCATION, tick.t)].append(tick_line(tick))
    for path, lines in files.items():
        append(path, lines)
    return sum(map(len, files.values()))


def ticks(now: int, days: int = DAYS) -> Iterator[Tick]:
    """The runs of the past in the order of time; the last one is 3 to 8 minutes before `now`."""
    told = [(episode, *episode.bounds_ms(now)) for episode in EPISODES]
    born = {check: now - ago * DAY_MS for check, ago in FIRST_SEEN_DAYS_AGO.items()}
    chance = random.Random(SEED)
    for t in _instants(now, {ended for _, _, ended in told}, days):
        current = {check: episode for episode, start, end in told if start <= t < end for check in episode.checks}
        observations = tuple(
            _observe(check, t, current.get(check), chance)
            for check in TYPICAL_MS
            if t >= born.get(check, 0) and (check not in current or current[check].status is not None)
        )
        if observations:
            offline = any(one.status is Status.UNKNOWN for one in observations)
            yield Tick(t, t, observations, canaries=(0, 1) if offline else None)


def _instants(now: int, by_hand: Collection[int], days: int) -> list[int]:
    last = (now - ENDS_BEFORE_NOW_MS) // STEP_MS * STEP_MS
    grid = range(last - days * DAY_MS + STEP_MS, last + 1, STEP_MS)
    return sorted({*grid, *(t for t in by_hand if grid.start <= t <= last)})


def _observe(check: str, t: int, episode: Episode | None, chance: random.Random) -> Observation:
    status, code, slower = _ordinary(chance.random())
    if episode is not None and episode.status is not None:
        status, code, slower = episode.status, episode.code, episode.slower
    typical, noise = TYPICAL_MS[check], chance.lognormvariate(0.0, 0.12)
    ms = None if slower is None or typical is None else round(typical * slower * _load(t) * noise)
    return Observation(check, LOCATION, t, t, status, ms, code)


def _ordinary(luck: float) -> tuple[Status, str | None, float | None]:
    """What happens on an ordinary day: almost always a good answer at the first try."""
    if luck < ONE_LOST_ANSWER:
        return Status.DOWN, "connect_timeout", None
    if luck < ONE_LOST_ANSWER + PASSED_ON_RETRY:
        return Status.UP, "retried:reset", 1.4
    return Status.UP, None, 1.0


def _load(t: int) -> float:
    """How much slower than typical everything is at this hour: +25 % at the busiest, -25 % twelve hours later."""
    hour = t % DAY_MS / HOUR_MS
    return 1.0 + 0.25 * math.cos((hour - BUSIEST_HOUR_UTC) / 24 * math.tau)
