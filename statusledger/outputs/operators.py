"""What only the operators' site has: evidence, phase times and facts, as pages and as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

from statusledger.outputs.api.document import document, head, instant
from statusledger.outputs.frame import Frame, editions
from statusledger.outputs.theme import Theme
from statusledger.outputs.views import sights
from statusledger.report.records import Report
from statusledger.report.sights import OperatorsReport, Sight

INDEX = PurePosixPath("evidence/index.html")
ROBOTS = b"User-agent: *\nDisallow: /\n"
INSTANTS = frozenset({"scheduled_at", "not_after", "chain_not_after"})


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """Nothing on a site that everybody may see."""
    if report.operators is None:
        return {}
    return {
        **editions(report, theme, _edition),
        PurePosixPath("api/v1/evidence.json"): document({**head(report), **plain(report, report.operators)}),
    }


def closed(files: Mapping[PurePosixPath, bytes]) -> dict[PurePosixPath, bytes]:
    """The files of a site that no crawler is to read, wherever it may turn up."""
    return {**files, PurePosixPath("robots.txt"): ROBOTS}


def _edition(pages: Frame) -> dict[PurePosixPath, bytes]:
    found = {INDEX: pages.page(INDEX, "evidence.html", overview=sights.overview(pages.report, pages.times))}
    for key, component in pages.report.components.items():
        path = PurePosixPath("evidence", key, "index.html")
        shown = sights.detail(component, pages.report, pages.times)
        found[path] = pages.page(path, "evidence_component.html", component=shown, phases=sights.PHASES)
    return found


def plain(report: Report, seen: OperatorsReport) -> dict[str, Any]:
    """Everything newest first; instants as in all documents, milliseconds as integers."""
    owners = {check.id: one.id for one in report.components.values() for check in one.checks}

    def place(sight: Sight) -> dict[str, Any]:
        component = owners.get(sight.check)
        return {"at": instant(sight.at), "location": sight.location, "component": component, "check": sight.check}

    return {
        "evidence": [{**place(sight), **_dated(told)} for sight, told in seen.evidence],
        "phases": [{**place(sight), **asdict(phases)} for sight, phases in seen.phases],
        "facts": [
            {
                **place(sight),
                **_dated({"certificate": one.certificate and asdict(one.certificate)}),
                "address": one.address,
            }
            for sight, one in seen.facts
        ],
        "damage": [{"file": one.file, "line": one.line, "reason": one.reason} for one in seen.damage],
    }


def _dated(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same with ISO 8601 in place of epoch milliseconds."""
    return {
        key: _dated(value) if isinstance(value, Mapping) else instant(value) if key in INSTANTS else value
        for key, value in told.items()
    }
