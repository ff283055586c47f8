"""api/v1/maintenance.json, and what of it goes on or is to come: every window, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from statusledger.incident_files.rendering import to_html, to_text
from statusledger.outputs.api.document import head, instant
from statusledger.report.planned import MaintenanceReport
from statusledger.report.records import Report


def maintenance(report: Report) -> dict[str, Any]:
    """Every window, the latest start first."""
    return _document(report, report.maintenance)


def active(report: Report) -> dict[str, Any]:
    """The windows that go on."""
    return _document(report, (one for one in report.maintenance if one.is_active))


def upcoming(report: Report) -> dict[str, Any]:
    """The windows that are to come, the next one first."""
    return _document(report, reversed([one for one in report.maintenance if one.is_upcoming]))


def _document(report: Report, windows: Iterable[MaintenanceReport]) -> dict[str, Any]:
    return {**head(report), "maintenance": [plain(one) for one in windows]}


def plain(one: MaintenanceReport) -> dict[str, Any]:
    """A window as data; `counts` says how much of it is left out of the figures."""
    return {
        "id": one.id,
        "file": one.file,
        "title": one.title,
        "components": [name for name, _ in one.components],
        "starts_at": instant(one.starts_at),
        "ends_at": instant(one.ends_at),
        "status": str(one.status),
        "cancelled": one.cancelled,
        "counts": str(one.counts),
        "announced_at": instant(one.announced_at),
        "overran_ms": one.overran_ms,
        "impact": None if one.impact is None else str(one.impact),
        "repeats": one.repeats,
        "summary": to_text(one.summary),
        "summary_html": to_html(one.summary),
        "updates": [
            {"at": instant(step.at), "status": str(step.status), "body": step.text, "body_html": step.html}
            for step in reversed(one.steps)
        ],
    }
