"""How a component is counted changes from an instant on, and never before the change that was written down last."""

from __future__ import annotations

from collections.abc import Iterator

from statusledger.audit.entries import breach, entries, instant
from statusledger.audit.findings import Breach
from statusledger.audit.past import Version
from statusledger.clock import format_instant
from statusledger.written.wording import plural

POLICY = "history/policy.jsonl"


class Policies:
    """The instants from which counting policies hold."""

    name = "policy"
    promise = "none reaches back"

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._count = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """Entries that reach back before an earlier one of their component, or are without an instant."""
        for line, change in entries(version, POLICY):
            self._count += 1
            component, start = str(change.get("component")), instant(change.get("from"))
            newest = self._newest.get(component)
            if start is None:
                yield breach(version, line, f"policy of {component} has no from")
            elif newest is not None and start < newest:
                order = f"{format_instant(start)} lies before {format_instant(newest)}, that of the entry before it"
                yield breach(version, line, f"policy of {component} is back-dated: from {order}")
            else:
                self._newest[component] = start

    def looked_at(self) -> str:
        """Entries."""
        return plural(self._count, "change")
