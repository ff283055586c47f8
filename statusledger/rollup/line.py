"""A sealed day of a component, as one line of history and as a record.

Offsets are milliseconds since the day began, response times whole milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from statusledger.clock import DAY_MS
from statusledger.model import State
from statusledger.rollup.days import parsed, spelled
from statusledger.rollup.histogram import Histogram

STATES = tuple(str(state) for state in (State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN))
_CODES = {name: code for code, name in enumerate(STATES)}
Step = tuple[int, int]
"""(offset, state as in `State`)"""


class CheckDay(NamedTuple):
    """One check on one day, over all locations.

    `known` samples after duplicates collapsed, `failed` those down before confirmation; `total_ms`, `least_ms`,
    `most_ms` and `histogram` are of the answers that were not down. `last` is the offset of the newest sample,
    `last_known` of the newest known one where that is another.
    """

    known: int
    failed: int
    total_ms: int
    least_ms: int | None
    most_ms: int | None
    histogram: Histogram
    last: int | None = None
    last_known: int | None = None


class SealedDay(NamedTuple):
    """One component on the UTC day that begins at `day`.

    `steps` are its measured states before maintenance; the first offset is above 0 on its first day. `sources` has
    `<rows>:<digest>` by location, `policy` the digest of how it was counted. `revision` counts the earlier lines.
    """

    day: int
    component: str
    steps: tuple[Step, ...]
    checks: Mapping[str, CheckDay]
    policy: str
    sources: Mapping[str, str]
    revision: int = 0

    def rows(self, location: str) -> int:
        """How many samples of the location went into it."""
        return int(self.sources[location].partition(":")[0]) if location in self.sources else 0


def plain(sealed: SealedDay) -> dict[str, Any]:
    """The line's object; the first line of a day names no revision."""
    line: dict[str, Any] = {
        "d": spelled(sealed.day),
        "c": sealed.component,
        "rle": [[offset, STATES[state]] for offset, state in sealed.steps],
        "checks": {identity: _plain_check(check) for identity, check in sorted(sealed.checks.items())},
        "policy": sealed.policy,
        "src": dict(sorted(sealed.sources.items())),
        "sealed": True,
    }
    return {**line, "revision": sealed.revision} if sealed.revision else line


def _plain_check(check: CheckDay) -> dict[str, Any]:
    line: dict[str, Any] = {
        "n": check.known,
        "fail": check.failed,
        "sum": check.total_ms,
        "min": check.least_ms,
        "max": check.most_ms,
        "h": check.histogram,
    }
    last = {"last": check.last, "known": check.last_known}
    return {**line, **{key: offset for key, offset in last.items() if offset is not None}}


def read(line: Mapping[str, Any]) -> SealedDay:
    """The record of a line's object; KeyError, TypeError or ValueError when it is not as it should be."""
    if not (line["sealed"] is True and isinstance(line["c"], str) and isinstance(line["policy"], str)):
        msg = "not a sealed day of a component"
        raise ValueError(msg)
    return SealedDay(
        day=parsed(line["d"]),
        component=line["c"],
        steps=_read_steps(line["rle"]),
        checks={identity: _read_check(check) for identity, check in line["checks"].items()},
        policy=line["policy"],
        sources=dict(line["src"]),
        revision=line.get("revision", 0),
    )


def _read_steps(rle: Sequence[tuple[int, str]]) -> tuple[Step, ...]:
    steps = tuple([(offset, _CODES[state]) for offset, state in rle])
    before = -1
    for offset, _ in steps:
        if not before < offset < DAY_MS:
            msg = "rle whose offsets do not rise within a day"
            raise ValueError(msg)
        before = offset
    return steps


def _read_check(check: Mapping[str, Any]) -> CheckDay:
    known, failed = check["n"], check["fail"]
    if not (type(known) is int and type(failed) is int and 0 <= failed <= known):
        msg = f"{failed} failed of {known}"
        raise ValueError(msg)
    return CheckDay(
        known,
        failed,
        check["sum"],
        check["min"],
        check["max"],
        check["h"],
        check.get("last"),
        check.get("known"),
    )
