"""Measured incidents -> what is kept of them: the id once they are told, the findings once their days are sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from statusledger.history.incidents import ClosedIncident, IncidentRecord, plain
from statusledger.history.records import append_records, incident_path
from statusledger.incidents import MeasuredIncident
from statusledger.report.evaluated import Evaluated
from statusledger.report.incidents import seen_lanes
from statusledger.rollup.days import between
from statusledger.rollup.job import Rolled
from statusledger.sealed import Guard


def new_records(one: Evaluated, told: Iterable[MeasuredIncident], rolled: Rolled) -> Iterator[IncidentRecord]:
    """The lines that are missing for the incidents of a component which pages tell, in the order to write them in."""
    for incident in told:
        opened = IncidentRecord(incident.id, incident.component, incident.started_at, incident.detected_at)
        record = incident.record or opened
        if incident.record is None:
            yield opened
        closed = None if incident.kept else _closed(one, incident, rolled)
        if closed is not None and (record.closed != closed or record.started_at != incident.started_at):
            revision = record.revision + 1 if record.closed else 0
            yield IncidentRecord(
                record.id, incident.component, incident.started_at, incident.detected_at, closed, revision
            )


def write(root: Path, records: Sequence[IncidentRecord], guard: Guard = bytes) -> None:
    """Appends the records below the history folder."""
    for path in sorted({incident_path(root, record.started_at) for record in records}):
        append_records(path, [plain(one) for one in records if incident_path(root, one.started_at) == path], guard)


def _closed(one: Evaluated, incident: MeasuredIncident, rolled: Rolled) -> ClosedIncident | None:
    """The incident's figures; None while it lasts or what they come from may still change."""
    if incident.ended_at is None or not rolled.is_sealed(incident.component, between(*incident.span)):
        return None
    findings = incident.findings
    return ClosedIncident(
        ended_at=incident.ended_at,
        detected_at=findings.detected_at,
        down_ms=incident.down_ms,
        last_ok_at=findings.last_ok_at,
        last_fail_at=findings.last_fail_at,
        locations=findings.locations,
        asked=findings.asked,
        codes=findings.codes,
        lanes_from=incident.shown[0],
        lanes_to=incident.shown[1],
        lanes={
            lane.name: tuple((interval.start_ms, str(interval.state)) for interval in lane.intervals)
            for lane in seen_lanes(one.timeline, incident)
        },
    )
