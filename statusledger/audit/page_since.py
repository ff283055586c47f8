"""`page.since` is part of every feed id: once something was measured it never changes."""

from __future__ import annotations

from collections.abc import Iterator

from statusledger.audit.findings import Breach
from statusledger.audit.ledger_branch import CONFIGURATION
from statusledger.audit.past import Past, Version
from statusledger.written import source
from statusledger.written.wording import plural

SINCE = ("page", "since")


class PageSince:
    """The value in every version of checks.yml. A version that is no YAML says nothing, and no build takes it."""

    name = "page.since"
    promise = "the same in all of them"

    def __init__(self, past: Past) -> None:
        self._past = past
        self._since: str | None = None
        self._count = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """The commits that gave it another value."""
        if version.path != CONFIGURATION or version.now is None:
            return
        self._count += 1
        read = source.read(version.now, CONFIGURATION)
        page = read.data.get("page") if isinstance(read.data, dict) else None
        since = page.get("since") if isinstance(page, dict) else None
        if since is None:
            return
        if self._since not in {None, since} and self._past.had_begun(version.commit):
            # a feed could have told something by then; before, a new page is still being set up
            reason = f"page.since was {self._since}, now it is {since}; every feed id changes with it"
            yield Breach(version.commit.id, CONFIGURATION, read.places[SINCE].line, reason)
        self._since = since

    def looked_at(self) -> str:
        """Versions and the value."""
        return f"{plural(self._count, 'version')} of {CONFIGURATION}"
