"""Measured incidents as readers are told of them: severity, trail, and what every location saw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from statusledger import words
from statusledger.incidents import MeasuredIncident, response_due, severity
from statusledger.language import gettext, later, ngettext
from statusledger.model import IncidentStatus, State
from statusledger.report.evaluated import Evaluated
from statusledger.report.records import IncidentReport, Interval, Lane, Update
from statusledger.timeline import ComponentTimeline, Timeline, merge
from statusledger.timeline.steps import DOWN, UNKNOWN, UP, Codes, Matrix

CODES_TOLD = 3


def measured_report(
    one: Evaluated, incident: MeasuredIncident, several: Timeline, zone: str, as_of: int
) -> IncidentReport:
    """What the measurement alone has to say of one stretch of a component's downtime.

    `several` is DOWN while two or more components are down; `zone` rules the response clock. It has no lanes.
    """
    level = severity(one.component.tier, several_down=_overlaps(one, incident, several, as_of))
    updates = tuple(_updates(incident))
    return IncidentReport(
        id=incident.id,
        title=later(_title, one.component.name),
        component=one.component.id,
        component_name=one.component.name,
        severity=level,
        status=updates[-1].status,
        started_at=incident.started_at,
        detected_at=incident.detected_at,
        ended_at=incident.ended_at,
        down_ms=incident.down_ms,
        response_due_at=response_due(incident.detected_at, level, zone),
        last_ok_at=incident.last_ok_at,
        last_fail_at=incident.last_fail_at,
        locations=incident.locations,
        codes=incident.findings.codes,
        updates=updates,
        lanes=(),
        lanes_from=incident.shown[0],
        lanes_to=incident.shown[1],
    )


def _overlaps(one: Evaluated, incident: MeasuredIncident, several: Timeline, as_of: int) -> bool:
    """Whether it was counted down at an instant at which several components were."""
    end = as_of if incident.ended_at is None else incident.ended_at
    spans = (span for span in several.intervals(incident.started_at, end) if span[2] is State.DOWN)
    return any(one.classified.spent_in(DOWN, first, last) for first, last, _ in spans)


# --- the trail ----------------------------------------------------------------------------------


def _updates(incident: MeasuredIncident) -> Iterable[Update]:
    """What the measurement itself has to say; its words never change once they are published."""
    findings = incident.findings
    down = later(_down, len(findings.locations), findings.asked, findings.codes[:CODES_TOLD])
    yield Update(incident.detected_at, IncidentStatus.INVESTIGATING, down)
    if incident.ended_at is not None:
        yield Update(incident.ended_at, IncidentStatus.RESOLVED, later(_up_again, incident.down_ms))


def _title(name: str) -> str:
    return gettext("%(name)s: outage", name=name)


def _down(seen: int, asked: int, codes: Sequence[str]) -> str:
    if not codes:
        return ngettext(
            "Measured as down, seen by %(seen)s of %(count)s location.",
            "Measured as down, seen by %(seen)s of %(count)s locations.",
            asked,
            seen=seen,
        )
    return ngettext(
        "Measured as down, seen by %(seen)s of %(count)s location (%(codes)s).",
        "Measured as down, seen by %(seen)s of %(count)s locations (%(codes)s).",
        asked,
        seen=seen,
        codes=words.listed(codes),
    )


def _up_again(down_ms: int) -> str:
    return gettext("Measured as up again after %(duration)s of downtime.", duration=words.duration(down_ms))


# --- what every location saw --------------------------------------------------------------------


def lanes(one: Evaluated, incident: MeasuredIncident) -> tuple[Lane, ...]:
    """A lane for each location, and one for the verdict."""
    return (*_seen(one, incident), Lane("Verdict", verdict=True, intervals=_intervals(one.classified, *incident.shown)))


def _seen(one: Evaluated, incident: MeasuredIncident) -> Iterable[Lane]:
    """A lane for each location, as it is kept or as raw rows say."""
    record = incident.record
    if incident.kept and record is not None and record.closed is not None:
        end = record.closed.lanes_to
        for name, steps in record.closed.lanes.items():
            yield Lane(name, verdict=False, intervals=tuple(_spelled_out(steps, end)))
        return
    yield from seen_lanes(one.timeline, incident)


def _spelled_out(steps: Sequence[tuple[int, str]], end: int) -> Iterable[Interval]:
    ends = [start for start, _ in steps[1:]] + [end]
    return (Interval(start, until, State(state)) for (start, state), until in zip(steps, ends, strict=True))


def seen_lanes(timeline: ComponentTimeline, incident: MeasuredIncident) -> Iterable[Lane]:
    """What each location that measured at the time saw, from raw rows."""
    seen: dict[str, list[Timeline]] = {}
    for check in timeline.era_at(incident.started_at).counted:
        for location, one in check.seen.items():
            seen.setdefault(location, []).append(one)
    for location, timelines in sorted(seen.items()):
        together = merge(timelines, _worst_known)
        intervals = _intervals(together, *incident.shown)
        if any(interval.state is not State.UNKNOWN for interval in intervals):
            yield Lane(location, verdict=False, intervals=intervals)


def _worst_known(matrix: Matrix) -> Codes:
    """The worst that any check is known to be; unknown where none of them is."""
    known = np.where(matrix == UNKNOWN, UP, matrix).max(axis=0)
    return np.where((matrix == UNKNOWN).all(axis=0), UNKNOWN, known).astype(np.int8)


def _intervals(timeline: Timeline, start: int, end: int) -> tuple[Interval, ...]:
    return tuple(Interval(a, b, state) for a, b, state in timeline.intervals(start, end))
