"""The text of one file -> its record, or everything that is wrong with it, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from statusledger.clock import format_instant
from statusledger.errors import Problem
from statusledger.incident_files.blocks import IncidentBlock, MaintenanceBlock
from statusledger.incident_files.document import split
from statusledger.incident_files.names import EVERYTHING, Names
from statusledger.incident_files.placement import id_of
from statusledger.incident_files.records import IncidentFile, MaintenanceFile, MaintenanceStatus, Update
from statusledger.incident_files.trail import Statuses, Trail, read_trail
from statusledger.model import IncidentStatus
from statusledger.written.block import Block
from statusledger.written.faults import Faults
from statusledger.written.source import Path, Place, read_text, text_of
from statusledger.written.values import instant

B = TypeVar("B", bound=Block)
R = TypeVar("R")

LARGEST_BYTES = 512 * 1024
UPDATES = "updates"


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What came of one file: a record, or what is wrong with it."""

    record: R | None
    problems: tuple[Problem, ...] = ()


def read_incident(octets: bytes, file: str, names: Names) -> Outcome[IncidentFile]:
    """The incident that a file tells of; `file` is its path below the root."""
    return _read(octets, file, _INCIDENT, names)


def read_maintenance(octets: bytes, file: str, names: Names) -> Outcome[MaintenanceFile]:
    """The maintenance that a file announces."""
    return _read(octets, file, _MAINTENANCE, names)


@dataclass(frozen=True, slots=True)
class _Front:
    """The front matter as it stands, whatever is wrong with parts of it, and the updates that can be read."""

    data: Mapping[str, Any]
    updates: Sequence[Update]

    def words(self, key: str) -> list[tuple[Path, str]]:
        """The texts that a key holds: of a list, of a mapping's keys, or alone."""
        held = self.data.get(key)
        if isinstance(held, dict):
            return [((key, word), word) for word in held]
        if isinstance(held, list):
            return [((key, index), word) for index, word in enumerate(held) if isinstance(word, str)]
        return [((key,), held)] if isinstance(held, str) else []

    def instant(self, key: str) -> int | None:
        """The instant that a key holds, None where it holds none."""
        try:
            return instant(self.data.get(key))
        except ValueError:
            return None

    def check_order(self, first: str, last: str, faults: Faults) -> None:
        """Reports an end that does not lie after its start."""
        start, end = self.instant(first), self.instant(last)
        if start is not None and end is not None and end <= start:
            faults.add((last,), f"is not after {first} ({format_instant(start)}); mend one of the two")

    def check_once(self, key: str, faults: Faults) -> None:
        """Reports what is named twice."""
        told = self.words(key)
        for index, (path, word) in enumerate(told):
            if word in (earlier for _, earlier in told[:index]):
                faults.add(path, f"'{word}' is named twice; remove one")


@dataclass(frozen=True, slots=True)
class _Kind(Generic[B, R]):
    """What one kind of file is made of; `check` adds the faults that reach across keys."""

    block: type[B]
    statuses: Statuses
    check: Callable[[_Front, Names, Faults], None]
    record: Callable[[str, B, Trail, Names], R]


def _read(octets: bytes, file: str, kind: _Kind[B, R], names: Names) -> Outcome[R]:
    text = text_of(octets, file)
    if len(octets) > LARGEST_BYTES:
        text = Problem(file, 0, 0, "", f"is larger than {LARGEST_BYTES // 1024} KiB; tell it in fewer words")
    document = text if isinstance(text, Problem) else split(text, file)
    if isinstance(document, Problem):
        return Outcome(None, (_by_line(document),))
    source = read_text(document.front, file)
    if not isinstance(source.data, dict):
        nothing = Problem(file, 1, 0, "", "the front matter is no block of keys; write title: and the others")
        return Outcome(None, _told(source.problems or [nothing]))
    trail = read_trail(document.sections, kind.statuses, names)
    for index, line in enumerate(trail.lines):
        source.places[(UPDATES, index)] = Place(file, line, 1, (UPDATES, index))
    faults = Faults(source)
    block = faults.block(kind.block, source.data, ())
    kind.check(_Front(source.data, trail.updates), names, faults)
    wrong = [*faults, *(Problem(file, line, 0, UPDATES, message) for line, message in trail.faults)]
    if block is None or wrong:
        return Outcome(None, _told(wrong))
    return Outcome(kind.record(file, block, trail, names))


def _told(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order of lines."""
    return tuple(sorted(map(_by_line, problems)))


def _by_line(problem: Problem) -> Problem:
    """The same, told by line and by the key of the front matter: a file is short, and people count lines."""
    key = problem.path.partition(".")[0].partition("[")[0]
    return Problem(problem.file, problem.line, 0, key, problem.message)


def _check_incident(front: _Front, names: Names, faults: Faults) -> None:
    for path, name in front.words("components"):
        unknown = names.no_component(name)
        if unknown and path[1:]:
            faults.add(path, unknown)
    front.check_order("started", "resolved", faults)
    front.check_once("covers", faults)
    started = front.instant("started")
    if started is not None and front.updates and front.updates[0].at < started:
        faults.add((UPDATES, 0), f"is before started ({format_instant(started)}); mend one of the two")


def _incident(file: str, block: IncidentBlock, trail: Trail, names: Names) -> IncidentFile:
    closing = trail.updates[-1] if trail.updates else None
    told = closing.at if closing and closing.status is IncidentStatus.RESOLVED else None
    return IncidentFile(
        id=id_of(file),
        file=file,
        title=block.title,
        components={names.current(name): state for name, state in block.components.items()},
        started_at=block.started,
        resolved_at=told if block.resolved is None else block.resolved,
        severity=block.severity,
        impact=block.impact,
        detected=block.detected,
        counts=block.counts,
        root_cause=block.root_cause,
        covers=block.covers,
        summary=trail.summary,
        updates=tuple(trail.updates),
        postmortem=trail.postmortem,
    )


def _check_maintenance(front: _Front, names: Names, faults: Faults) -> None:
    subjects = front.words("components")
    for path, name in subjects:
        unknown = names.no_subject(name)
        if unknown:
            faults.add(path, unknown)
    front.check_once("components", faults)
    if len(subjects) > 1 and EVERYTHING in (name for _, name in subjects):
        faults.add(("components",), '"*" is everything already; write it alone')
    front.check_order("starts", "ends", faults)


def _maintenance(file: str, block: MaintenanceBlock, trail: Trail, names: Names) -> MaintenanceFile:
    return MaintenanceFile(
        id=id_of(file),
        file=file,
        title=block.title,
        components=tuple(map(names.current, block.components)),
        starts_at=block.starts,
        ends_at=block.ends,
        announced_at=block.announced,
        cancelled=block.cancelled,
        impact=block.impact,
        repeats=block.repeats,
        summary=trail.summary,
        updates=tuple(trail.updates),
        postmortem=trail.postmortem,
    )


_INCIDENT = _Kind(IncidentBlock, IncidentStatus, _check_incident, _incident)
_MAINTENANCE = _Kind(MaintenanceBlock, MaintenanceStatus, _check_maintenance, _maintenance)
