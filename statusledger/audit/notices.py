"""No maintenance window was announced earlier than it became known.

What was measured cannot be undone, so an announcement made after an outage bears a later instant than the newest tick
of the commit before it, and none bears an instant after its own commit.
"""

from __future__ import annotations

from collections.abc import Iterator

from statusledger.audit.entries import breach, entries, instant, is_early
from statusledger.audit.findings import Breach
from statusledger.audit.past import Commit, Past, Version
from statusledger.audit.ticks import RAW, instants
from statusledger.clock import format_instant
from statusledger.written.wording import plural

NOTICES = "history/notices.jsonl"


class Notices:
    """The instants at which announcements were seen."""

    name = "notices"
    promise = "none back-dated"

    def __init__(self, past: Past) -> None:
        self._past = past
        self._newest_of_blob: dict[str, int] = {}
        self._count = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """Announcements that are back-dated, post-dated or without a date."""
        for line, notice in entries(version, NOTICES):
            self._count += 1
            seen_at = instant(notice.get("seen_at"))
            reason = "has no seen_at" if seen_at is None else self._fault(version.commit, seen_at)
            if reason:
                yield breach(version, line, f"notice {notice.get('id')} {reason}")

    def looked_at(self) -> str:
        """Notices."""
        return plural(self._count, "notice")

    def _fault(self, commit: Commit, seen_at: int) -> str | None:
        newest = max(map(self._newest_tick, self._past.before(commit)), default=-1)
        if seen_at < newest:
            return (
                f"is back-dated: seen_at {format_instant(seen_at)} lies before {format_instant(newest)}, "
                "which had been measured already"
            )
        if is_early(commit, seen_at):
            return f"has seen_at {format_instant(seen_at)}, after its commit of {format_instant(commit.time_ms)}"
        return None

    def _newest_tick(self, commit: str) -> int:
        """The newest tick of the whole ledger as the commit has it, -1 while there is none."""
        blobs = self._past.blobs(commit, RAW).values()
        for blob in blobs:
            if blob not in self._newest_of_blob:
                self._newest_of_blob[blob] = max(instants(self._past.contents.read(blob)), default=-1)
        return max(map(self._newest_of_blob.__getitem__, blobs), default=-1)
