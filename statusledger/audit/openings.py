"""An incident keeps the start that its `opened` line gave it, and no line tells of a start that had not come yet."""

from __future__ import annotations

from collections.abc import Iterator

from statusledger.audit.entries import breach, entries, instant, is_early, told
from statusledger.audit.findings import Breach
from statusledger.audit.past import Version
from statusledger.clock import format_instant
from statusledger.written.wording import plural

INCIDENTS = "history/incidents/"


class Openings:
    """The `opened` lines of measured incidents."""

    name = "incidents"
    promise = "none with a second start"

    def __init__(self) -> None:
        self._starts: dict[str, object] = {}

    def look(self, version: Version) -> Iterator[Breach]:
        """Ids that were opened once more with another start, and starts from the future."""
        for line, opened in entries(version, INCIDENTS):
            if opened.get("event") != "opened":
                continue
            identity, start = str(opened.get("id")), opened.get("started_at")
            first = self._starts.setdefault(identity, start)
            if first != start:
                yield breach(version, line, f"incident {identity} was opened at {told(first)}, now at {told(start)}")
            start_ms = instant(start)
            if start_ms is None:
                yield breach(version, line, f"incident {identity} has no started_at")
            elif is_early(version.commit, start_ms):
                committed = format_instant(version.commit.time_ms)
                yield breach(
                    version, line, f"incident {identity} starts at {told(start)}, after its commit of {committed}"
                )

    def looked_at(self) -> str:
        """Ids."""
        return plural(len(self._starts), "id")
