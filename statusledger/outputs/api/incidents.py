"""api/v1/incidents.json and a file per incident: measured downtime with its trail."""

from __future__ import annotations

from typing import Any

from statusledger.outputs.api.document import head, instant
from statusledger.report.records import IncidentReport, Report


def incidents(report: Report) -> dict[str, Any]:
    """Every incident, newest first."""
    return {**head(report), "incidents": [plain(incident) for incident in report.incidents]}


def single(report: Report, incident: IncidentReport) -> dict[str, Any]:
    """One incident with what every location saw."""
    lanes = [
        {
            "name": lane.name,
            "verdict": lane.verdict,
            "intervals": [
                {"from": instant(part.start_ms), "to": instant(part.end_ms), "state": str(part.state)}
                for part in lane.intervals
            ],
        }
        for lane in incident.lanes
    ]
    return {**head(report), **plain(incident), "seen": lanes}


def plain(incident: IncidentReport) -> dict[str, Any]:
    """An incident as data; its end lies in (last_fail_at, ended_at], its start in (last_ok_at, started_at]."""
    return {
        "id": incident.id,
        "title": str(incident.title),
        "component": incident.component,
        "detected": "measured",
        "severity": str(incident.severity),
        "status": str(incident.status),
        "started_at": instant(incident.started_at),
        "detected_at": instant(incident.detected_at),
        "ended_at": instant(incident.ended_at),
        "down_ms": incident.down_ms,
        "response_due_at": instant(incident.response_due_at),
        "last_ok_at": instant(incident.last_ok_at),
        "last_fail_at": instant(incident.last_fail_at),
        "locations": list(incident.locations),
        "codes": list(incident.codes),
        "updates": [
            {"at": instant(update.at), "status": str(update.status), "body": str(update.text)}
            for update in reversed(incident.updates)
        ],
    }
