"""No tick is later than the commit that brought it, by that commit's own clock and two minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from statusledger.audit.entries import breach, is_early
from statusledger.audit.findings import Breach
from statusledger.audit.lines import added, opened
from statusledger.audit.past import Version
from statusledger.clock import format_instant
from statusledger.history.reading import LATEST_MS
from statusledger.sealed import OpenLine
from statusledger.written.wording import plural

RAW, SEALED_RAW = "history/raw/", "history/sealed/raw/"

# where a row begins, also one that is glued to a torn one
_TICK = re.compile(rb'\{\s*"t"\s*:\s*(\d{1,15})\b')


def instants(content: bytes) -> Iterator[int]:
    """The instants of all rows that can be found in raw lines, in epoch milliseconds."""
    return (t for t in map(int, _TICK.findall(content)) if t < LATEST_MS)


class Ticks:
    """The times of raw lines."""

    name = "ticks"
    promise = "none later than its commit"

    def __init__(self, open_line: OpenLine | None = None) -> None:
        self._open_line = open_line
        self._lines = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """Ticks from the future."""
        if not version.path.startswith((RAW, SEALED_RAW)):
            return
        for line in added(version):
            text = opened(line.text, self._open_line)
            self._lines += bool(text)
            for t in instants(text):
                if is_early(version.commit, t):
                    told = f"{format_instant(t)} is later than its commit of {format_instant(version.commit.time_ms)}"
                    yield breach(version, line, f"the tick of {told}")

    def looked_at(self) -> str:
        """Raw lines."""
        return plural(self._lines, "raw line")
