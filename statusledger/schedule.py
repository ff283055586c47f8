"""Which checks are due: the grid of each check's interval, held against the newest row that history has of it.

And for heartbeats, which are pushed: when the newest good report of each came.

Instants are epoch milliseconds. The grid is floor(epoch / interval) x interval: it belongs to the clock and not to
the start of a process, so however late or often a job runs, a check is measured once a grid instant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

from probes.heartbeat import HeartbeatOptions
from statusledger.clock import DAY_MS, to_datetime
from statusledger.history import raw_location, read_lines
from statusledger.model import Check, Status
from statusledger.sealed import OpenLine

PUSH = "push"
"""The location of what other systems report; nobody probes from there."""

Shard = tuple[int, int]


def due(
    checks: Iterable[Check], last_rows: Mapping[str, int], now: int, location: str, shard: Shard | None = None
) -> list[tuple[Check, int]]:
    """The checks to run now with their grid instants, in the given order.

    A check is due when a grid instant has come that is later than its newest row, whatever that row says.
    """
    found = []
    for check in checks:
        instant = now // check.interval_ms * check.interval_ms
        if _runs_at(check, location, shard) and is_active(check, now) and instant > last_rows.get(check.id, -1):
            found.append((check, instant))
    return found


def next_due(
    checks: Iterable[Check], last_rows: Mapping[str, int], now: int, location: str, shard: Shard | None = None
) -> int | None:
    """The first grid instant after `now` at which a check will be due; None when there will be none."""
    coming = []
    for check in checks:
        after = max(now, last_rows.get(check.id, now), (check.active_from or 0) - 1)
        instant = (after // check.interval_ms + 1) * check.interval_ms
        if _runs_at(check, location, shard) and is_active(check, instant):
            coming.append(instant)
    return min(coming, default=None)


def last_rows(
    root: Path, location: str, now: int, *, longest_ms: int = DAY_MS, open_line: OpenLine | None = None
) -> dict[str, int]:
    """The instant of each check's newest row at the location, over all shards; `root` is the history folder.

    Only the files of the last `longest_ms` are read, the longest interval there is: an older row makes no check less
    due. Rows after `now` were written under a wrong clock and do not stop anything. Damage is the build's to report.
    """
    newest: dict[str, int] = {}
    for path in _files(root, location, now - longest_ms, now):
        rows, _ = read_lines(path, root=root, open_line=open_line)
        for row in rows:
            if row["t"] <= now:
                newest.update({check: row["t"] for check in row["r"] if row["t"] > newest.get(check, -1)})
    return newest


def last_reports(root: Path, now: int, checks: Iterable[Check], *, open_line: OpenLine | None = None) -> dict[str, int]:
    """The instant of each heartbeat check's newest good report; `root` is the history folder.

    Good is what is not down: a job that reports itself degraded is alive. Of several reports at one instant the worst
    counts. Only the files are read in which a report can lie that is still in time, so a check that is not named here,
    or named with an older one, is late.
    """
    beating = [(check, check.options) for check in checks if isinstance(check.options, HeartbeatOptions)]
    ids = {name: check.id for check, _ in beating for name in (*check.was, check.id)}
    longest_ms = max((options.allowed_ms for _, options in beating), default=0)
    reports: dict[bool, set[tuple[str, int]]] = {True: set(), False: set()}
    for path in _files(root, PUSH, now - longest_ms, now) if beating else ():
        rows, _ = read_lines(path, root=root, open_line=open_line)
        for t, results in ((row["t"], row["r"]) for row in rows if row["t"] <= now):
            for check in results.keys() & ids.keys():
                reports[_is_good(results[check])].add((ids[check], t))
    return dict(sorted(reports[True] - reports[False]))


def _is_good(result: Any) -> bool:
    return isinstance(result, int) or result[0] in (Status.UP, Status.DEGRADED)


def is_active(check: Check, instant: int) -> bool:
    """Whether the check counts at this instant: it is switched on and the instant is in its span."""
    after_start = check.active_from is None or instant >= check.active_from
    before_end = check.active_until is None or instant < check.active_until
    return check.active and after_start and before_end


def _files(root: Path, location: str, start: int, end: int) -> list[Path]:
    days = [to_datetime(day * DAY_MS) for day in range(start // DAY_MS, end // DAY_MS + 1)]
    candidates = [path for day in days for path in (root / "raw" / f"{day:%Y}").glob(f"{location}*-{day:%m%d}.jsonl")]
    return [path for path in candidates if raw_location(path) == location]


def _runs_at(check: Check, location: str, shard: Shard | None) -> bool:
    """Whether this location and shard measure the check; the i-th of n shards takes the ids with crc32 = i modulo n."""
    if check.locations and location not in check.locations:
        return False
    index, count = shard or (0, 1)
    return (crc32(check.id.encode()) - index) % count == 0
