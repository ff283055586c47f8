"""The sections of a file -> what it says in general, its updates, and its postmortem.

An update is headed `## 2026-11-21T02:31Z monitoring {api: degraded}`: when, where it stands, and the components whose
state it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from statusledger.clock import parse_instant
from statusledger.incident_files.blocks import state
from statusledger.incident_files.document import Section
from statusledger.incident_files.names import Names
from statusledger.incident_files.records import MaintenanceStatus, Update
from statusledger.model import IncidentStatus, State
from statusledger.written.wording import did_you_mean, found, listed

POSTMORTEM = "postmortem"

_UPDATE = re.compile(r"(?P<at>\S+(?:[ ]\d\d:\S+)?)(?:[ ]+(?P<status>[^\s{]+))?[ ]*(?P<rest>.*)")
_STATES = re.compile(r"\{(.*)\}")
_STATE = re.compile(r"\s*([^\s:,]+)\s*:\s*([^\s:,]+)\s*")
_ODD_LEVEL = re.compile(r"^ {0,3}(?:#|#{3,6})[ \t]*\d{4}-\d\d-\d\d[T ]", re.MULTILINE)

Statuses = type[IncidentStatus] | type[MaintenanceStatus]

Fault = tuple[int, str]
"""A line of the file and what is wrong there."""


@dataclass(slots=True)
class Trail:
    """What the body of a file tells; `lines` are where the updates stand, `faults` what cannot be read."""

    summary: str = ""
    updates: list[Update] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    postmortem: str | None = None
    faults: list[Fault] = field(default_factory=list)


def read_trail(sections: Sequence[Section], statuses: Statuses, names: Names) -> Trail:
    """The trail; statuses are the words that an update may have."""
    trail = Trail(summary=sections[0].text.strip())
    for section in sections:
        if trail.postmortem is None:
            trail.faults += _odd_levels(section)
        if section.heading[:1].isdigit():
            _add_update(trail, section, statuses, names)
        elif re.sub(r"[\s-]", "", section.heading.lower()) == POSTMORTEM:
            _add_postmortem(trail, section)
        elif trail.postmortem is not None:
            trail.postmortem = f"{trail.postmortem}\n\n## {section.heading}\n\n{section.text.strip()}".strip()
        elif section is not sections[0]:
            example = f"## 2026-11-21T02:10Z {next(iter(statuses))}"
            message = f"'## {section.heading}' is neither an update nor the postmortem; write e.g. {example}"
            trail.faults.append((section.line, message))
    return trail


def _odd_levels(section: Section) -> Iterator[Fault]:
    """Updates under a heading of another level would be taken for text."""
    for heading in _ODD_LEVEL.finditer(section.text):
        skipped = section.text.count("\n", 0, heading.start()) + (1 if section.heading else 0)
        yield section.line + skipped, "an update begins with ##, no more and no less; write ## before its time"


def _add_postmortem(trail: Trail, section: Section) -> None:
    if trail.postmortem is not None:
        trail.faults.append((section.line, "there is a second postmortem; join them"))
    trail.postmortem = section.text.strip()


def _add_update(trail: Trail, section: Section, statuses: Statuses, names: Names) -> None:
    if trail.postmortem is not None:
        trail.faults.append((section.line, "an update stands after the postmortem; move it before ## postmortem"))
        return
    try:
        update = _update(section, statuses, names)
        _in_order(update.at, trail.updates)
    except ValueError as error:
        trail.faults.append((section.line, str(error)))
        return
    trail.updates.append(update)
    trail.lines.append(section.line)


def _update(section: Section, statuses: Statuses, names: Names) -> Update:
    head = _UPDATE.fullmatch(section.heading)
    if head is None or head["status"] is None:
        msg = f"'## {section.heading}' has no state; write e.g. ## 2026-11-21T02:10Z {next(iter(statuses))}"
        raise ValueError(msg)
    at = parse_instant(head["at"])
    return Update(at, _status(head["status"], statuses), section.text.strip(), _changes(head["rest"], names))


def _status(word: str, statuses: Statuses) -> IncidentStatus | MaintenanceStatus:
    try:
        return statuses(word.lower())
    except ValueError:
        known = [str(status) for status in statuses]
        msg = f"{found(word)} is no state of an update{did_you_mean(word, known) or f'; write {listed(known)}'}"
        raise ValueError(msg) from None


def _changes(rest: str, names: Names) -> dict[str, State]:
    if not rest:
        return {}
    inside = _STATES.fullmatch(rest)
    pairs = [_STATE.fullmatch(part) for part in inside[1].split(",")] if inside else []
    if not pairs or None in pairs:
        msg = f"{found(rest)} behind the state is not understood; text goes to the next line, a state is {{api: down}}"
        raise ValueError(msg)
    changes = {}
    for pair in filter(None, pairs):
        unknown = names.no_component(pair[1])
        if unknown:
            raise ValueError(unknown)
        changes[names.current(pair[1])] = state(pair[2])
    return changes


def _in_order(at: int, earlier: Sequence[Update]) -> None:
    if earlier and at == earlier[-1].at:
        msg = "has the instant of the update before it; write a later one, or make it one update"
        raise ValueError(msg)
    if earlier and at < earlier[-1].at:
        msg = "is earlier than the update before it; write updates in the order of time, the oldest first"
        raise ValueError(msg)
