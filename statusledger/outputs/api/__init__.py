"""api/v1: the page as data, a file per question, each with a `schema` number, sorted keys and a final newline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from statusledger.outputs.api import (
    alerts,
    archive,
    components,
    contracts,
    incidents,
    maintenance,
    sla,
    statistics,
    status,
)
from statusledger.outputs.api.document import compact, document
from statusledger.outputs.theme import Theme
from statusledger.report.records import Report

ROOT = PurePosixPath("api/v1")
DOCUMENTS: Mapping[str, Callable[[Report], dict[str, Any]]] = {
    "alerts.json": alerts.alerts,
    **alerts.BY_SEVERITY,
    "build.json": status.build,
    "components.json": components.components,
    "health.json": status.health,
    "incidents.json": incidents.incidents,
    "incidents/active.json": incidents.active,
    "incidents/statistics.json": statistics.statistics,
    "maintenance.json": maintenance.maintenance,
    "maintenance/active.json": maintenance.active,
    "maintenance/upcoming.json": maintenance.upcoming,
    "sla.json": sla.month,
    "status.json": status.status,
    "uptime.json": status.uptime,
}


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """Every document of api/v1, by its path in the site."""
    del theme
    found = {ROOT / name: document(make(report)) for name, make in DOCUMENTS.items()}
    found[ROOT / "summary.json"] = compact(status.summary(report))
    for identity, component in report.components.items():
        found[ROOT / "components" / f"{identity}.json"] = document(components.component(report, component))
    for key, one in {**sla.periods(report), **sla.subjects(report)}.items():
        found[ROOT / "sla" / f"{key}.json"] = document(one)
    for key, one in contracts.files(report):
        found[ROOT / "sla" / "contracts" / f"{key}.json"] = document(one)
    for name, content in archive.months(report):
        found[ROOT / "sla" / name] = content
    for key, one in archive.days(report):
        found[ROOT / "history" / f"{key}.json"] = document(one)
    for incident in report.incidents:
        found[ROOT / "incidents" / f"{incident.id}.json"] = document(incidents.single(report, incident))
        for covered in incident.covered:
            found[ROOT / "incidents" / f"{covered.id}.json"] = document(incidents.covered_by(report, covered, incident))
    return found
