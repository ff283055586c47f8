"""api/v1/incidents.json, those that last, and a file per incident: what was measured, and what people told."""

from __future__ import annotations

from typing import Any

from statusledger.incident_files.rendering import to_html, to_text
from statusledger.outputs.api.document import head, instant
from statusledger.report.records import Affected, IncidentReport, Interval, Report, Update


def incidents(report: Report) -> dict[str, Any]:
    """Every incident, newest first."""
    return {**head(report), "incidents": [plain(incident) for incident in report.incidents]}


def active(report: Report) -> dict[str, Any]:
    """Those that last, worst first."""
    return {**head(report), "incidents": [plain(incident) for incident in report.active]}


def single(report: Report, incident: IncidentReport) -> dict[str, Any]:
    """One incident with what every location saw."""
    lanes = [
        {
            "name": lane.name,
            "verdict": lane.verdict,
            "intervals": [_interval(part) for part in lane.intervals],
        }
        for lane in incident.lanes
    ]
    return {
        **head(report),
        **plain(incident),
        "summary": to_text(incident.summary),
        "summary_html": to_html(incident.summary),
        "postmortem": None if incident.postmortem is None else to_text(incident.postmortem),
        "postmortem_html": None if incident.postmortem is None else to_html(incident.postmortem, 3),
        "measured": [plain(covered) for covered in incident.covered],
        "seen": lanes,
    }


def covered_by(report: Report, incident: IncidentReport, teller: IncidentReport) -> dict[str, Any]:
    """A measured incident that a file explains by now."""
    return {**single(report, incident), "covered_by": teller.id}


def plain(incident: IncidentReport) -> dict[str, Any]:
    """An incident as data; its end lies in (last_fail_at, ended_at], its start in (last_ok_at, started_at]."""
    return {
        "id": incident.id,
        "title": str(incident.title),
        "component": incident.component,
        "components": [_affected(part) for part in incident.affected],
        "dependents": [_affected(part) for part in incident.dependents],
        "detected": str(incident.detected),
        "counts": incident.counts,
        "covers": [covered.id for covered in incident.covered],
        "file": incident.file,
        "root_cause": incident.root_cause,
        "severity": str(incident.severity),
        "impact": str(incident.impact),
        "status": str(incident.status),
        "started_at": instant(incident.started_at),
        "detected_at": instant(incident.detected_at),
        "ended_at": instant(incident.ended_at),
        "down_ms": incident.down_ms,
        "response": str(incident.response),
        "response_due_at": instant(incident.response_due_at),
        "response_at": instant(incident.response_at),
        "last_ok_at": instant(incident.last_ok_at),
        "last_fail_at": instant(incident.last_fail_at),
        "locations": list(incident.locations),
        "codes": list(incident.codes),
        "updates": [_update(update) for update in reversed(incident.updates)],
    }


def _update(update: Update) -> dict[str, Any]:
    """`body` is plain text; `body_html` is safe to show as it is."""
    return {
        "at": instant(update.at),
        "status": str(update.status),
        "measured": update.markdown is None,
        "body": str(update.text),
        "body_html": update.html,
        "components": {change.component: str(change.after) for change in update.changes},
    }


def _affected(part: Affected) -> dict[str, Any]:
    """A component with its counted downtime, and what a file tells of it."""
    return {
        "id": part.component,
        "name": part.name,
        "down_ms": part.down_ms,
        "told_down_ms": part.told_ms,
        "states": [_interval(interval) for interval in part.intervals],
    }


def _interval(part: Interval) -> dict[str, Any]:
    return {"from": instant(part.start_ms), "to": instant(part.end_ms), "state": str(part.state)}
