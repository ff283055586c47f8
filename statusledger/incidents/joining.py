"""Incident files and measured incidents -> which file explains which: none is explained twice.

A file that says what it covers has that; any other has what it shares a component and an instant with. The oldest file
comes first, and what a file names comes before what another only overlaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from statusledger.incident_files import IncidentFile
from statusledger.incidents.measured import MeasuredIncident
from statusledger.incidents.told import told_states


@dataclass(frozen=True, slots=True)
class Join:
    """File id -> the measured incidents that it covers, oldest first."""

    covered: dict[str, tuple[MeasuredIncident, ...]] = field(default_factory=dict)

    @property
    def owners(self) -> dict[str, str]:
        """Measured id -> id of the file that covers it."""
        return {incident.id: owner for owner, incidents in self.covered.items() for incident in incidents}


def join(files: Sequence[IncidentFile], measured: Iterable[MeasuredIncident], as_of: int) -> Join:
    """Every file with what it covers; `files` oldest first, as far as they are known at as_of."""
    known = {incident.id: incident for incident in measured}
    owners: dict[str, str] = {}
    for one in files:
        for name in one.covers or ():
            if name in known:
                owners.setdefault(name, one.id)
    by_component: dict[str, list[MeasuredIncident]] = {}
    for incident in known.values():
        by_component.setdefault(incident.component, []).append(incident)
    for one in files:
        if one.covers is None:
            for incident in _overlapping(one, by_component, as_of):
                owners.setdefault(incident.id, one.id)
    covered: dict[str, list[MeasuredIncident]] = {one.id: [] for one in files}
    for name, owner in owners.items():
        covered[owner].append(known[name])
    ordered = {owner: sorted(found, key=lambda one: (one.started_at, one.id)) for owner, found in covered.items()}
    return Join({owner: tuple(found) for owner, found in ordered.items()})


def _overlapping(
    one: IncidentFile, by_component: dict[str, list[MeasuredIncident]], as_of: int
) -> Iterable[MeasuredIncident]:
    """What a component of the file went through while the file speaks of it."""
    for name, spans in told_states(one).items():
        start, end = spans[0][0], spans[-1][1]
        until = as_of + 1 if end is None else end
        for incident in by_component.get(name, ()):
            if incident.started_at < until and (incident.ended_at is None or incident.ended_at > start):
                yield incident
