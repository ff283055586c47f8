"""The folders incidents/ and maintenance/ -> every record that can be used, and all problems of the others.

One broken file never hides another: it is left out and told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from statusledger.errors import Problem
from statusledger.incident_files.names import Names
from statusledger.incident_files.placement import FOLDERS, INCIDENTS, id_of, misplaced, written_files
from statusledger.incident_files.reading import Outcome, read_incident, read_maintenance
from statusledger.incident_files.records import IncidentFile, MaintenanceFile
from statusledger.written.wording import did_you_mean

COVERS = "covers"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files say, by id; `problems` say which files are left out and why, `files` counts all there are."""

    incidents: tuple[IncidentFile, ...] = ()
    maintenance: tuple[MaintenanceFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that is there; `file` is its path below the root."""

    folder: str
    file: str


def read_folder(
    root: Path, names: Names, *, only: Collection[str] | None = None, folders: Sequence[str] = FOLDERS
) -> Reading:
    """What all files below the root say; with `only`, those of these paths and what others hold against them."""
    found = [_Found(folder, file) for folder in folders for file in written_files(root, folder)]
    misnamed = dict(_misnamed(found))
    outcomes = {one.file: _read(root, one, names, only) for one in found if one.file not in misnamed}
    records = [outcome.record for outcome in outcomes.values() if outcome and outcome.record]
    incidents = [one for one in records if isinstance(one, IncidentFile)]
    problems = [
        *misnamed.values(),
        *(problem for outcome in outcomes.values() if outcome for problem in outcome.problems),
        *_covered_twice(root, incidents),
    ]
    maintenance = [one for one in records if isinstance(one, MaintenanceFile)]
    told = sorted(problem for problem in problems if only is None or problem.file in only)
    return Reading(tuple(incidents), tuple(maintenance), tuple(told), len(found))


def _misnamed(found: Sequence[_Found]) -> Iterator[tuple[str, Problem]]:
    """Files whose name or place makes them no file of ours, and names that are taken."""
    owners: dict[str, str] = {}
    for one in found:
        identity = id_of(one.file)
        fault = misplaced(one.file, one.folder)
        owner = owners.setdefault(identity, one.file)
        if fault is None and owner != one.file:
            fault = f"the id '{identity}' belongs to {owner} already; rename this file"
        if fault:
            yield one.file, Problem(one.file, 0, 0, "", fault)


def _read(
    root: Path, one: _Found, names: Names, only: Collection[str] | None
) -> Outcome[IncidentFile] | Outcome[MaintenanceFile] | None:
    """What came of the file; None where nobody asked for it and it cannot contradict another."""
    try:
        octets = (root / one.file).read_bytes()
    except OSError as error:
        return Outcome(None, (Problem(one.file, 0, 0, "", f"cannot be read: {error.strerror}"),))
    if only is not None and one.file not in only and f"\n{COVERS}:".encode() not in octets:
        return None
    if one.folder == INCIDENTS:
        return read_incident(octets, one.file, names)
    return read_maintenance(octets, one.file, names)


def _covered_twice(root: Path, incidents: Sequence[IncidentFile]) -> Iterator[Problem]:
    """A measured incident belongs to the first file that names it."""
    owners: dict[str, str] = {}
    for one in incidents:
        for covered in one.covers or ():
            owner = owners.setdefault(covered, one.file)
            if owner != one.file:
                message = f"'{covered}' is covered by {owner} already; no measured incident has two files"
                yield Problem(one.file, line_of(root / one.file, covered), 0, COVERS, message)


def unknown_covers(root: Path, reading: Reading, measured: Collection[str]) -> Iterator[Problem]:
    """What files cover that was never measured; `measured` are the ids of all measured incidents."""
    for one in reading.incidents:
        for covered in one.covers or ():
            if covered not in measured:
                meant = did_you_mean(covered, measured) or "; its page and its entry in the feed name it"
                message = f"no measured incident '{covered}'{meant}"
                yield Problem(one.file, line_of(root / one.file, covered), 0, COVERS, message)


def line_of(path: Path, word: str) -> int:
    """The first line of the file that holds the word, 0 where none does."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if word in line), 0)
