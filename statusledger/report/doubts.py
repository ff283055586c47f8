"""Incident files against what was measured: what a reviewer should look at before it is published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from statusledger.clock import MINUTE_MS, format_duration, format_instant
from statusledger.incident_files import Detected, IncidentFile
from statusledger.incidents.joining import Join, join
from statusledger.incidents.told import known_at, told_down_ms, told_states
from statusledger.model import State
from statusledger.report.evaluated import Evaluated
from statusledger.timeline.steps import DEGRADED, UP

TOLERANCE_MS = MINUTE_MS
"""People write whole minutes."""

Doubt = tuple[str, str]
"""The path of a file below the root, and what it says otherwise than the measurement."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of the components, without what any file says."""

    components: Mapping[str, Evaluated]
    as_of: int

    def join(self, known: Sequence[IncidentFile]) -> Join:
        """Which file explains what, of files as far as they are known by now."""
        incidents = [incident for one in self.components.values() for incident in one.incidents]
        return join(known, incidents, self.as_of)

    @property
    def ids(self) -> set[str]:
        """Every measured incident there is."""
        return {incident.id for one in self.components.values() for incident in one.incidents}


def doubts(measured: Measured, files: Iterable[IncidentFile]) -> Iterator[Doubt]:
    """Downtime that nobody measured, and measured downtime that a file does not tell."""
    known = known_at(files, measured.as_of)
    covered = measured.join(known).covered
    for one in known:
        if one.detected is Detected.MEASURED:
            yield from ((one.file, text) for text in _not_measured(one, measured))
        down: dict[str, int] = {}
        for incident in covered[one.id]:
            down[incident.component] = down.get(incident.component, 0) + incident.down_ms
        yield from ((one.file, text) for text in _not_told(one, down, measured.as_of))


def _not_measured(one: IncidentFile, measured: Measured) -> Iterator[str]:
    for name, spans in told_states(one).items():
        subject = measured.components.get(name)
        for start, end, state in spans if subject else ():
            until = measured.as_of if end is None else end
            spent = subject.classified.spent([start], [until])[0] if subject else ()
            if state is State.DOWN and until > start and spent[UP] + spent[DEGRADED] == until - start:
                yield (
                    f"'{name}' is told to be down from {format_instant(start)} to {format_instant(until)}, but it was "
                    "measured as up all that time; write detected: reported if probes could not see it"
                )


def _not_told(one: IncidentFile, down: Mapping[str, int], as_of: int) -> Iterator[str]:
    for name, down_ms in down.items():
        told_ms = told_down_ms(one, name, as_of)
        if down_ms - told_ms > TOLERANCE_MS:
            yield (
                f"{format_duration(told_ms)} of downtime of '{name}' are told, but {format_duration(down_ms)} were "
                "measured and count; the page shows both"
            )
