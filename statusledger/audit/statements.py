"""A final statement follows from its inputs, and these from the sealed days; revisions are numbered, with reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from statusledger.audit.differences import first_difference
from statusledger.audit.entries import breach, entries
from statusledger.audit.findings import Breach
from statusledger.audit.past import Version
from statusledger.audit.rollups import ROLLUP
from statusledger.clock import DAY_MS, Period, format_instant
from statusledger.model import State
from statusledger.rollup.days import between, spelled
from statusledger.sla import statement_line
from statusledger.sla.statement import MemberInput, Statement
from statusledger.timeline import STATES, Timeline, merge, steps
from statusledger.timeline.steps import BEGINNING, UNKNOWN, UP
from statusledger.written.wording import plural

STATEMENTS = "history/statements/"
Steps = list[tuple[int, State]]


class Statements:
    """The revisions of each contract and period, against the days that had been sealed when they were written."""

    name = "statements"
    promise = "numbered, with reasons, and the same when computed again"

    def __init__(self) -> None:
        self._revisions: dict[tuple[str, str], object] = {}
        self._sealed: dict[tuple[str, str], Sequence[tuple[int, str]]] = {}
        self._count = 0

    def look(self, version: Version) -> Iterator[Breach]:
        """Statements without the next number, a reason, the figures of their inputs, or the inputs of sealed days."""
        # a commit's sealed days come before its statements: versions are in the order of paths
        for _, said in entries(version, ROLLUP):
            self._sealed[str(said.get("c")), str(said.get("d"))] = said.get("rle") or ()
        for line, statement in entries(version, STATEMENTS):
            self._count += 1
            key = (str(statement.get("contract")), str(statement.get("period")))
            reason = self._misnumbered(key, statement) or self._wrong(key[1], statement)
            self._revisions[key] = statement.get("revision")
            if reason:
                yield breach(version, line, f"statement of {key[0]} for {key[1]} {reason}")

    def looked_at(self) -> str:
        """Statements."""
        return plural(self._count, "statement")

    def _misnumbered(self, key: tuple[str, str], statement: Mapping[str, Any]) -> str | None:
        revision = statement.get("revision")
        if type(revision) is not int:
            return f"has revision {revision}, expected a whole number"
        last = self._revisions.get(key)
        if not isinstance(last, int):
            return None if revision == 0 else f"has revision {revision}, and there is none before it"
        if revision != last + 1:
            return f"has revision {revision} after revision {last}, expected {last + 1}"
        return None if statement.get("reason") else f"has no reason for revision {revision}"

    def _wrong(self, period: str, statement: Mapping[str, Any]) -> str | None:
        try:
            said = statement_line.read(period, statement["terms"], statement["inputs"])
            figures = statement_line.plain_figures(said)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            return f"cannot be computed again ({type(error).__name__}: {error})"
        difference = first_difference(statement.get("figures"), figures)
        if difference:
            return f"does not follow from its inputs: {difference}"
        return next((told for member in said.members if (told := self._unsealed(member, said))), None)

    def _unsealed(self, member: MemberInput, statement: Statement) -> str | None:
        """Where a component is said to have been something else than its sealed days say."""
        if member.alive is None:
            return None
        said = steps(*_arrays([*member.measured]))
        sealed = self._as_sealed(member, Period("", *member.alive))
        differing = merge([said, sealed], lambda rows: np.where(rows[0] == rows[1], UP, UNKNOWN).astype(np.int8))
        for start, _, state in differing.intervals(*member.alive):
            if state is not State.UP:
                states = [STATES[timeline.at([start])[0]] for timeline in (said, sealed)]
                return f"has {member.component} {states[0]} at {format_instant(start)}, sealed as {states[1]}"
        return None

    def _as_sealed(self, member: MemberInput, alive: Period) -> Timeline:
        """The component's measured states as its sealed days have them, unknown on others."""
        found: Steps = []
        for day in between(alive.start_ms, alive.end_ms):
            names = (member.component, *member.was)
            lines = (self._sealed.get((name, spelled(day)), ()) for name in names)
            rle = next(filter(None, lines), ())
            if not rle or rle[0][0]:
                found.append((day, State.UNKNOWN))
            found += [(day + int(offset), State(state)) for offset, state in rle]
        found.append((alive.end_ms // DAY_MS * DAY_MS + DAY_MS, State.UNKNOWN))
        return steps(*_arrays(found))


def _arrays(found: Steps) -> tuple[Any, Any]:
    starts = np.array([BEGINNING, *(start for start, _ in found)], dtype=np.int64)
    return starts, np.array([UNKNOWN, *(STATES.index(state) for _, state in found)], dtype=np.int8)
