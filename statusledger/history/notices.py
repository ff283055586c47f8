"""What is kept of announcements: each new or changed maintenance window once, with the instant at which it was seen.

Lines of `notices.jsonl`: {id, components, starts, ends, cancelled, seen_at}, and `repeats` with `zone` for a window
that comes again. Instants are epoch milliseconds. `components` are the ids that the file named: components, groups,
services or `*`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from statusledger.history.files import Damage, raw_files
from statusledger.history.reading import LATEST_MS
from statusledger.history.records import Record, append_records, read_records

_TICK = re.compile(rb'\{\s*"t"\s*:\s*(\d{1,15})\b')


@dataclass(frozen=True, slots=True)
class Notice:
    """One announcement, as it stood when it was seen."""

    id: str
    components: tuple[str, ...]
    starts_at: int
    ends_at: int
    cancelled: bool
    seen_at: int
    repeats: str | None = None
    zone: str = "UTC"

    def says_the_same(self, other: Notice) -> bool:
        """Whether it announces what another one did."""
        return replace(self, seen_at=0) == replace(other, seen_at=0)


def notices_path(root: Path) -> Path:
    """The file under the history folder that has the announcements."""
    return root / "notices.jsonl"


def plain(notice: Notice) -> dict[str, Any]:
    """The line's object."""
    line: dict[str, Any] = {
        "id": notice.id,
        "components": list(notice.components),
        "starts": notice.starts_at,
        "ends": notice.ends_at,
        "cancelled": notice.cancelled,
        "seen_at": notice.seen_at,
    }
    return line if notice.repeats is None else {**line, "repeats": notice.repeats, "zone": notice.zone}


def read(line: Record) -> Notice:
    """The record of a line's object; KeyError, TypeError or ValueError when it is not as it should be."""
    if not isinstance(line["components"], list) or not isinstance(line["cancelled"], bool):
        msg = "components or cancelled"
        raise TypeError(msg)
    return Notice(
        id=str(line["id"]),
        components=tuple(str(name) for name in line["components"]),
        starts_at=int(line["starts"]),
        ends_at=int(line["ends"]),
        cancelled=line["cancelled"],
        seen_at=int(line["seen_at"]),
        repeats=line.get("repeats"),
        zone=str(line.get("zone", "UTC")),
    )


def notices(root: Path, *, as_of: int) -> tuple[dict[str, tuple[Notice, ...]], list[Damage]]:
    """Id -> every announcement that had been seen by an instant, oldest first; and what is damaged."""
    found: dict[str, list[Notice]] = {}
    told, damage = read_records(notices_path(root), read, root=root)
    for notice in told:
        if notice.seen_at <= as_of:
            found.setdefault(notice.id, []).append(notice)
    return {name: tuple(several) for name, several in found.items()}, damage


def newest_tick(root: Path) -> int | None:
    """The instant of the newest row there is, None where there is none: no announcement is told to be older."""
    ours, _ = raw_files(root)
    days = [(path.parent.name, path.stem[-4:]) for path in ours]
    newest = [path for path, day in zip(ours, days, strict=True) if day == max(days)]
    ticks = (int(found) for path in newest for found in _TICK.findall(path.read_bytes()))
    return max((t for t in ticks if t < LATEST_MS), default=None)


def append(root: Path, new: list[Notice]) -> None:
    """Adds announcements to the history folder."""
    append_records(notices_path(root), [plain(notice) for notice in new])
