"""Measured incidents as readers are told of them: severity, trail, and what every location saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from statusledger import words
from statusledger.clock import MINUTE_MS
from statusledger.incidents import MeasuredIncident, response_due, severity
from statusledger.model import State
from statusledger.report.evaluation import Evaluated
from statusledger.report.records import IncidentReport, IncidentStatus, Interval, Lane, Update
from statusledger.timeline import Timeline, combine_checks, merge
from statusledger.timeline.steps import DOWN, UP

LANE_MARGIN_MS = 5 * MINUTE_MS
CODES_TOLD = 3


def incident_reports(
    evaluated: Collection[Evaluated], several: Timeline, *, after_ms: int, zone: str, as_of: int
) -> tuple[IncidentReport, ...]:
    """Every stretch with at least `after_ms` of counted downtime, newest first.

    `several` is DOWN while two or more components are down; `zone` rules the response clock.
    """
    found = [
        _report(one, incident, several, zone, as_of)
        for one in evaluated
        for incident in one.incidents
        if incident.down_ms >= after_ms
    ]
    return tuple(sorted(found, key=lambda incident: (-incident.started_at, incident.id)))


def _report(one: Evaluated, incident: MeasuredIncident, several: Timeline, zone: str, as_of: int) -> IncidentReport:
    level = severity(one.component.tier, several_down=_overlaps(one, incident, several, as_of))
    updates = tuple(_updates(incident, len(_locations(one, incident))))
    start, end = _margin(incident, as_of)
    return IncidentReport(
        id=incident.id,
        title=f"{one.component.name}: outage",
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
        codes=incident.codes,
        updates=updates,
        lanes=tuple(_lanes(one, start, end)),
        lanes_from=start,
        lanes_to=end,
    )


def _overlaps(one: Evaluated, incident: MeasuredIncident, several: Timeline, as_of: int) -> bool:
    """Whether it was counted down at an instant at which several components were."""
    both = merge([one.classified, several], lambda rows: np.where((rows == DOWN).all(axis=0), DOWN, UP).astype(np.int8))
    end = as_of if incident.ended_at is None else incident.ended_at
    return bool(both.spent([incident.started_at], [end])[0, DOWN])


# --- the trail ----------------------------------------------------------------------------------


def _updates(incident: MeasuredIncident, asked: int) -> Iterable[Update]:
    """What the measurement itself has to say; its words never change once they are published."""
    where = f"seen by {len(incident.locations)} of {words.plural(asked, 'location')}"
    why = f" ({', '.join(incident.codes[:CODES_TOLD])})" if incident.codes else ""
    yield Update(incident.detected_at, IncidentStatus.INVESTIGATING, f"Measured as down, {where}{why}.")
    if incident.ended_at is not None:
        counted = words.duration(incident.down_ms)
        yield Update(incident.ended_at, IncidentStatus.RESOLVED, f"Measured as up again after {counted} of downtime.")


def _locations(one: Evaluated, incident: MeasuredIncident) -> Mapping[str, None]:
    """The locations that reported in a hold's reach of its start."""
    found: dict[str, None] = {}
    for check in one.timeline.counted:
        for location, samples in check.samples.items():
            reach = check.check.counting.max_staleness_ms
            first, last = np.searchsorted(samples.ts, (incident.started_at - reach, incident.started_at + reach))
            if last > first:
                found[location] = None
    return found


# --- what every location saw --------------------------------------------------------------------


def _margin(incident: MeasuredIncident, as_of: int) -> tuple[int, int]:
    """The span that is drawn: the incident with a tenth of its length (at least five minutes) on either side."""
    end = as_of if incident.ended_at is None else incident.ended_at
    margin = max(LANE_MARGIN_MS, (end - incident.started_at) // 10)
    return incident.started_at - margin, min(end + margin, as_of)


def _lanes(one: Evaluated, start: int, end: int) -> Iterable[Lane]:
    seen: dict[str, list[Timeline]] = {}
    for check in one.timeline.counted:
        for location, timeline in check.seen.items():
            seen.setdefault(location, []).append(timeline)
    for location, timelines in sorted(seen.items()):
        together = merge(timelines, lambda matrix: combine_checks(matrix, "worst"))
        intervals = _intervals(together, start, end)
        if any(interval.state is not State.UNKNOWN for interval in intervals):
            yield Lane(location, verdict=False, intervals=intervals)
    yield Lane("Verdict", verdict=True, intervals=_intervals(one.classified, start, end))


def _intervals(timeline: Timeline, start: int, end: int) -> tuple[Interval, ...]:
    return tuple(Interval(a, b, state) for a, b, state in timeline.intervals(start, end))
