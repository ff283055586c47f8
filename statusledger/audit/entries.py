"""The lines that a commit added to a file of entries, as objects, and the instants in them.

A damaged line is left out here, as every reader of the ledger leaves it out; that it stays as it is, is seen to with
all other lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from statusledger.audit.findings import Breach
from statusledger.audit.lines import Line, added, entry
from statusledger.audit.past import Commit, Version
from statusledger.clock import MINUTE_MS, format_instant, parse_instant
from statusledger.sealed import OpenLine

# a line and its commit may be made by machines whose clocks differ
TOLERANCE_MS = 2 * MINUTE_MS


def entries(version: Version, path: str, open_line: OpenLine | None = None) -> Iterator[tuple[Line, dict[str, Any]]]:
    """Each new line with its object, if this is a version of a file at or below the path."""
    if version.path.startswith(path):
        for line in added(version):
            found = entry(line, open_line)
            if found is not None:
                yield line, found


def instant(value: object) -> int | None:
    """Epoch milliseconds of an instant in a line, which is written so or as ISO 8601; None when it is neither."""
    if isinstance(value, str):
        try:
            return parse_instant(value)
        except ValueError:
            return None
    return value if type(value) is int else None


def is_early(commit: Commit, instant_ms: int) -> bool:
    """Whether a commit holds what, by its own clock, had not happened yet."""
    return instant_ms > commit.time_ms + TOLERANCE_MS


def breach(version: Version, line: Line, reason: str) -> Breach:
    """A broken promise in a line of this version."""
    return Breach(version.commit.id, version.path, line.number, reason)


def told(value: object) -> str:
    """An instant as messages spell it, whatever a line spells it like."""
    instant_ms = instant(value)
    return f"{value}" if instant_ms is None else format_instant(instant_ms)
