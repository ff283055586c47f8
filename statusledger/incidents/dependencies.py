"""Dependencies: a failure that another one explains is told with that one, and opens nothing by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np

from statusledger.incidents.measured import MeasuredIncident
from statusledger.timeline import Timeline, constant, merge
from statusledger.timeline.steps import DOWN, UP, Codes, Matrix


def needed(component: str, depends_on: Mapping[str, Sequence[str]]) -> list[str]:
    """Everything that a component needs, directly or not, in the order of ids."""
    seen: set[str] = set()
    ahead = list(depends_on.get(component, ()))
    while ahead:
        name = ahead.pop()
        if name not in seen and name != component and name in depends_on:
            seen.add(name)
            ahead.extend(depends_on[name])
    return sorted(seen)


def by_themselves(states: Mapping[str, Timeline], depends_on: Mapping[str, Sequence[str]]) -> Mapping[str, Timeline]:
    """Component -> DOWN where it is down and nothing that it needs is, UP elsewhere."""
    return {
        name: merge([state, *(states[other] for other in needed(name, depends_on))], _by_itself)
        for name, state in states.items()
    }


def _by_itself(matrix: Matrix) -> Codes:
    excused = (matrix[1:] == DOWN).any(axis=0)
    return np.where((matrix[0] == DOWN) & ~excused, DOWN, UP).astype(np.int8)


def several(alone: Collection[Timeline]) -> Timeline:
    """DOWN at every instant at which two or more components are down by themselves, UP elsewhere."""
    if not alone:
        return constant(UP)
    return merge([*alone], lambda matrix: np.where((matrix == DOWN).sum(axis=0) >= 2, DOWN, UP).astype(np.int8))


def opened(
    incidents: Iterable[MeasuredIncident], alone: Timeline, *, after_ms: int, as_of: int
) -> Iterator[MeasuredIncident]:
    """The incidents that are told: down for long enough, and that long while nothing explained it.

    One that was told once stays told. `alone` is DOWN where the component was down by itself.
    """
    for incident in incidents:
        end = as_of if incident.ended_at is None else incident.ended_at
        if incident.down_ms < after_ms:
            continue
        if incident.record is not None or alone.spent_in(DOWN, incident.started_at, end) >= after_ms:
            yield incident
