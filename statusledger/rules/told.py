"""What readers are told of incidents and maintenance, as far as rules look at it. Texts are plain."""

from __future__ import annotations

from dataclasses import dataclass

from statusledger.model import IncidentStatus, Severity, State


@dataclass(frozen=True, slots=True)
class News:
    """What a person wrote about an incident at an instant, and where it stood then."""

    at: int
    status: IncidentStatus
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """One incident as readers are told of it: measured, or what a file says, with the measured ones that it covers.

    `components` are ids, `names` what readers call them; `state` is the worst that they were in. `ended_at` None: it
    lasts. `covered` are the ids of measured incidents with their components. `news` oldest first.
    """

    id: str
    title: str
    components: tuple[str, ...]
    names: tuple[str, ...]
    severity: Severity
    status: IncidentStatus
    state: State
    started_at: int
    ended_at: int | None
    down_ms: int
    written: bool = False
    covered: tuple[tuple[str, str], ...] = ()
    news: tuple[News, ...] = ()
    locations: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    root_cause: str | None = None
    postmortem: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One window [starts_at, ends_at) of maintenance over components (ids, and what readers call them).

    `counts`: all of its time is left out of the figures. `overran`: something stayed down behind its end.
    """

    id: str
    title: str
    components: tuple[str, ...]
    names: tuple[str, ...]
    starts_at: int
    ends_at: int
    cancelled: bool = False
    counts: bool = True
    overran: bool = False
    summary: str = ""
