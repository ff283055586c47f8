"""A final statement is replaced by a numbered revision that gives its reason, never in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from statusledger import words
from statusledger.audit.entries import breach, entries
from statusledger.audit.findings import Breach
from statusledger.audit.past import Version

STATEMENTS = "history/statements/"


class Statements:
    """The revisions of each contract and period."""

    name = "statements"
    promise = "every revision is numbered and gives its reason"

    def __init__(self) -> None:
        self._revisions: dict[tuple[str, str], object] = {}
        self._count = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """Statements that follow an earlier one without the next number or without a reason."""
        for line, statement in entries(version, STATEMENTS):
            self._count += 1
            key = (str(statement.get("contract")), str(statement.get("period")))
            reason = self._fault(key, statement)
            self._revisions[key] = statement.get("revision")
            if reason:
                yield breach(version, line, f"statement of {key[0]} for {key[1]} {reason}")

    def looked_at(self) -> str:
        """Statements."""
        return words.plural(self._count, "statement")

    def _fault(self, key: tuple[str, str], statement: Mapping[str, Any]) -> str | None:
        revision = statement.get("revision")
        if type(revision) is not int:
            return f"has revision {revision}, expected a whole number"
        last = self._revisions.get(key)
        if not isinstance(last, int):
            return None
        if revision != last + 1:
            return f"has revision {revision} after revision {last}, expected {last + 1}"
        return None if statement.get("reason") else f"has no reason for revision {revision}"
