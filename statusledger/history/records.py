"""What the publish job keeps of history: lines of JSON objects, appended like raw lines and read through damage.

`rollup/<YYYY-MM>.jsonl` has the sealed days, `incidents/<YYYY>.jsonl` what pages say of measured incidents,
`policy.jsonl` since when a component is counted how, `sources.jsonl` which raw files the sealed days were made from.
Private components have theirs under the folder `sealed`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import orjson

from statusledger.clock import to_datetime
from statusledger.history.files import Damage, append
from statusledger.history.opening import file_lines
from statusledger.sealed import Guard, OpenLine

Record = Mapping[str, Any]
Read = TypeVar("Read")


def rollup_path(root: Path, day: int) -> Path:
    """The file under the history folder `root` that takes the sealed day which begins at `day`."""
    return root / "rollup" / f"{to_datetime(day):%Y-%m}.jsonl"


def rollup_files(root: Path) -> list[Path]:
    """The files of sealed days, oldest first."""
    return sorted((root / "rollup").glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))


def incident_path(root: Path, started_at: int) -> Path:
    """The file that takes the records of an incident which started then."""
    return root / "incidents" / f"{to_datetime(started_at):%Y}.jsonl"


def incident_files(root: Path) -> list[Path]:
    """The files of incident records, oldest first."""
    return sorted((root / "incidents").glob("[0-9][0-9][0-9][0-9].jsonl"))


def policy_path(root: Path) -> Path:
    """The file that says since when a component is counted how."""
    return root / "policy.jsonl"


def sources_path(root: Path) -> Path:
    """The file that says which raw files the sealed days were made from."""
    return root / "sources.jsonl"


def read_records(
    path: Path, read: Callable[[Record], Read], *, root: Path, open_line: OpenLine | None = None
) -> tuple[list[Read], list[Damage]]:
    """What `read` makes of every line, in file order, and a Damage for each line that it cannot be made of.

    `read` raises KeyError, TypeError or ValueError for a record that is not as it should be. A file that is not there
    has none. `root` is the history folder.
    """
    if not path.exists():
        return [], []
    lines = file_lines(path, root=root, open_line=open_line)
    found: list[Read] = []
    damage = list(lines.damage)
    for number, line in lines.numbered:
        try:
            found.append(read(orjson.loads(line)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            damage.append(Damage(lines.name, number, f"no record that can be used, left out ({error})"))
    return found, damage


def append_records(path: Path, records: Iterable[Record], guard: Guard = bytes) -> None:
    """Writes the records to the end of the file, as `history.append` does, each as `guard` makes it fit to be kept."""
    append(path, [guard(record_line(record)) for record in records])


def record_line(record: Record) -> bytes:
    """One line of history with its newline, keys in the order given."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"
