"""What people tell of incidents and maintenance, one record a file.

Texts are Markdown as it was written; instants are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from statusledger.model import IncidentStatus, Severity, State


class Impact(StrEnum):
    """How much customers notice, in the words of the status page API."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Detected(StrEnum):
    """Who noticed: `reported` adds an outage that probes could not see, `measured` never changes a number."""

    MEASURED = "measured"
    REPORTED = "reported"


class MaintenanceStatus(StrEnum):
    """Where a maintenance stands."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of a trail; `components` are those whose state it changes."""

    at: int
    status: IncidentStatus | MaintenanceStatus
    text: str
    components: Mapping[str, State]


@dataclass(frozen=True, slots=True)
class IncidentFile:
    """`incidents/<yyyy>/<id>.md`: what is told of one incident.

    `components` are their states from `started_at` on; `updates` oldest first; `covers` the ids of the measured
    incidents that it explains, None where overlap decides. `resolved_at` None: it lasts. `file` is below the root.
    """

    id: str
    file: str
    title: str
    components: Mapping[str, State]
    started_at: int
    resolved_at: int | None = None
    severity: Severity | None = None
    impact: Impact | None = None
    detected: Detected = Detected.MEASURED
    counts: bool = True
    root_cause: str | None = None
    covers: tuple[str, ...] | None = None
    summary: str = ""
    updates: tuple[Update, ...] = ()
    postmortem: str | None = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every component that it names, in the order of the file."""
        return tuple(dict.fromkeys([*self.components, *(name for one in self.updates for name in one.components)]))


@dataclass(frozen=True, slots=True)
class MaintenanceFile:
    """`maintenance/<yyyy>/<id>.md`: a window [starts_at, ends_at) as planned, and the rule by which it comes again.

    `components` are ids of components, groups and services, or `*`; `announced_at` is what the file claims itself;
    `repeats` an RFC 5545 recurrence rule, applied to the wall clock of the page's zone.
    """

    id: str
    file: str
    title: str
    components: tuple[str, ...]
    starts_at: int
    ends_at: int
    announced_at: int | None = None
    cancelled: bool = False
    impact: Impact | None = None
    repeats: str | None = None
    summary: str = ""
    updates: tuple[Update, ...] = ()
    postmortem: str | None = None
