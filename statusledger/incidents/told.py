"""Incident files at an instant -> what they say that components were, and what of it counts.

A file speaks from its `started` on: first the states of its front matter, then those that its updates change, until
`resolved`. What lies after the instant is not known yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from statusledger.incident_files import Detected, IncidentFile
from statusledger.model import State, Status
from statusledger.timeline import Reported

Span = tuple[int, int | None, State]
"""(start, end or None while it lasts, state)"""


def shown(files: Iterable[IncidentFile], hidden: Collection[str]) -> tuple[IncidentFile, ...]:
    """The files without these components; those that name no other are left out."""
    without = (_without(one, hidden) for one in files)
    return tuple(one for one in without if one.subjects)


def _without(one: IncidentFile, hidden: Collection[str]) -> IncidentFile:
    updates = tuple(replace(update, components=_shown(update.components, hidden)) for update in one.updates)
    return replace(one, components=_shown(one.components, hidden), updates=updates)


def _shown(components: Mapping[str, State], hidden: Collection[str]) -> dict[str, State]:
    return {name: state for name, state in components.items() if name not in hidden}


def known_at(files: Iterable[IncidentFile], as_of: int) -> tuple[IncidentFile, ...]:
    """The files as far as they tell of the past, oldest first: later updates and ends are left out."""
    past = (_until(one, as_of) for one in files if one.started_at <= as_of)
    return tuple(sorted(past, key=lambda one: (one.started_at, one.id)))


def _until(one: IncidentFile, as_of: int) -> IncidentFile:
    updates = tuple(update for update in one.updates if update.at <= as_of)
    over = one.resolved_at is not None and one.resolved_at <= as_of
    if over and len(updates) == len(one.updates):
        return one
    postmortem = one.postmortem if over else None
    return replace(one, updates=updates, resolved_at=one.resolved_at if over else None, postmortem=postmortem)


def told_states(one: IncidentFile) -> dict[str, tuple[Span, ...]]:
    """Component -> what the file says that it was, from the first word about it to the end of the incident."""
    changes: dict[str, list[tuple[int, State]]] = {
        name: [(one.started_at, state)] for name, state in one.components.items()
    }
    for update in one.updates:
        if one.resolved_at is None or update.at < one.resolved_at:
            for name, state in update.components.items():
                changes.setdefault(name, []).append((update.at, state))
    return {name: tuple(_spans(steps, one.resolved_at)) for name, steps in changes.items()}


def _spans(steps: Sequence[tuple[int, State]], end: int | None) -> Iterator[Span]:
    """Each state until the next one; one that does not differ from the one before it goes on."""
    kept = [step for index, step in enumerate(steps) if not index or step[1] is not steps[index - 1][1]]
    ends = [start for start, _ in kept[1:]] + [end]
    for (start, state), until in zip(kept, ends, strict=True):
        yield start, until, state


def reports(one: IncidentFile) -> Iterator[Reported]:
    """What the file adds to the measured states; nothing unless it was reported and counts."""
    if one.detected is Detected.REPORTED and one.counts:
        for name, spans in told_states(one).items():
            for start, end, state in spans:
                yield Reported(one.id, name, start, end, Status(state))


def told_down_ms(one: IncidentFile, component: str, as_of: int) -> int:
    """How long the file says that a component was down, up to as_of."""
    spans = told_states(one).get(component, ())
    return sum((as_of if end is None else end) - start for start, end, state in spans if state is State.DOWN)
