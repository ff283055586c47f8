"""What is kept of measured incidents: the id from the day it was first told, and the figures once it is history.

Lines of `incidents/<YYYY>.jsonl`: `opened` {id, component, started_at, detected_at} when an incident is first told to
the public; `closed` with all that pages show of its raw rows once its days are sealed; a later line replaces an
earlier one. Instants are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusledger.history.files import Damage
from statusledger.history.records import Record, incident_files, read_records
from statusledger.sealed import OpenLine

LaneSteps = tuple[tuple[int, str], ...]
"""(since when, state)"""


@dataclass(frozen=True, slots=True)
class ClosedIncident:
    """The figures of an incident that is over.

    `asked` locations reported around its start, `locations` saw it; `lanes` are their states in [lanes_from, lanes_to).
    `down_ms` is what counted when it was closed: maintenance that is recorded later may change that.
    """

    ended_at: int
    detected_at: int
    down_ms: int
    last_ok_at: int | None
    last_fail_at: int | None
    locations: tuple[str, ...]
    asked: int
    codes: tuple[str, ...]
    lanes_from: int
    lanes_to: int
    lanes: Mapping[str, LaneSteps]


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """One incident as it is recorded; `closed` None: its days are not all sealed yet."""

    id: str
    component: str
    started_at: int
    detected_at: int
    closed: ClosedIncident | None = None
    revision: int = 0


def plain(record: IncidentRecord) -> dict[str, Any]:
    """The line's object."""
    closed = record.closed
    line: dict[str, Any] = {
        "event": "opened" if closed is None else "closed",
        "id": record.id,
        "component": record.component,
        "started_at": record.started_at,
        "detected_at": record.detected_at if closed is None else closed.detected_at,
    }
    if closed is not None:
        line |= {
            "ended_at": closed.ended_at,
            "down_ms": closed.down_ms,
            "last_ok": closed.last_ok_at,
            "last_fail": closed.last_fail_at,
            "locations": list(closed.locations),
            "asked": closed.asked,
            "codes": list(closed.codes),
            "shown": [closed.lanes_from, closed.lanes_to],
            "lanes": {name: [list(step) for step in steps] for name, steps in closed.lanes.items()},
        }
    return {**line, "revision": record.revision} if record.revision else line


def read(line: Record) -> IncidentRecord:
    """The record of a line's object; KeyError, TypeError or ValueError when it is not as it should be."""
    if line["event"] not in {"opened", "closed"}:
        msg = f"event {line['event']!r}"
        raise ValueError(msg)
    return IncidentRecord(
        line["id"],
        line["component"],
        int(line["started_at"]),
        int(line["detected_at"]),
        _read_closed(line) if line["event"] == "closed" else None,
        int(line.get("revision", 0)),
    )


def _read_closed(line: Record) -> ClosedIncident:
    return ClosedIncident(
        ended_at=int(line["ended_at"]),
        detected_at=int(line["detected_at"]),
        down_ms=int(line["down_ms"]),
        last_ok_at=line["last_ok"],
        last_fail_at=line["last_fail"],
        locations=tuple(line["locations"]),
        asked=int(line["asked"]),
        codes=tuple(line["codes"]),
        lanes_from=int(line["shown"][0]),
        lanes_to=int(line["shown"][1]),
        lanes={name: tuple((int(at), str(state)) for at, state in steps) for name, steps in line["lanes"].items()},
    )


def incident_records(
    root: Path, *, as_of: int, open_line: OpenLine | None = None
) -> tuple[dict[str, IncidentRecord], list[Damage]]:
    """Id -> the newest record of each incident that had been told by an instant, oldest first; and what is damaged.

    Of an incident that was recorded as closed after the instant only the id counts.
    """
    found: dict[str, IncidentRecord] = {}
    damage: list[Damage] = []
    for path in incident_files(root):
        records, faults = read_records(path, read, root=root, open_line=open_line)
        damage += faults
        for record in records:
            if record.detected_at <= as_of and (record.closed is None or record.closed.lanes_to <= as_of):
                found[record.id] = record
    return dict(sorted(found.items(), key=lambda item: (item[1].started_at, item[0]))), damage
