"""The page as data: status (full), summary (compact), the classic uptime document, the monitor's own health, origin."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from statusledger.outputs.api.alerts import channel
from statusledger.outputs.api.components import plain as component_plain
from statusledger.outputs.api.document import exact, head, instant
from statusledger.outputs.api.incidents import plain as incident_plain
from statusledger.report.records import ComponentReport, Report
from statusledger.sla import Figures, minutes, minutes_left, percent


def status(report: Report) -> dict[str, Any]:
    """Everything that the home page shows."""
    page = report.page
    return {
        **head(report),
        "page": {
            "name": page.name,
            "url": page.url,
            "timezone": page.timezone,
            "since": page.since,
            "environment": page.environment,
        },
        "status": str(report.verdict.shown),
        "headline": str(report.verdict.headline),
        "lines": [str(line) for line in report.verdict.lines],
        "groups": [
            {
                "id": group.id,
                "name": group.name,
                "status": str(group.shown),
                "components": [component_plain(component) for component in group.components],
            }
            for group in report.groups
        ],
        "incidents": [incident_plain(incident) for incident in report.active],
        "monitor": monitor(report),
    }


def summary(report: Report) -> dict[str, Any]:
    """The least that a poller needs."""
    return {
        **head(report),
        "status": str(report.verdict.shown),
        "headline": str(report.verdict.headline),
        "components": {identity: str(component.shown) for identity, component in report.components.items()},
        "incidents": [incident.id for incident in report.active],
    }


def uptime(report: Report) -> dict[str, Any]:
    """The classic shape, whose percentages are numbers (floored to 3 decimals).

    `monthly_sla` is that of the component that does worst against its own target, and says which one that is.
    """
    return {
        "schema": 1,
        "status": "ok",
        "overall_status": str(report.verdict.shown),
        "timestamp": instant(report.built.as_of),
        "components": {
            identity: {
                "status": str(component.state),
                "response_time_ms": component.last_ms,
                "uptime_24h": _number(component.figures["24h"].ratio),
            }
            for identity, component in report.components.items()
        },
        "monthly_sla": _monthly(report),
    }


def _monthly(report: Report) -> dict[str, Any] | None:
    found = [(component, component.figures[report.month.key]) for component in report.components.values()]
    known = [(component, figure) for component, figure in found if figure.ratio is not None]
    if not known:
        return None
    component, figure = min(known, key=_distance)
    return {
        "component": component.id,
        "current_month": report.month.key,
        "uptime_percent": _number(figure.ratio),
        "uptime_tier": figure.credit_name,
        "status": str(figure.status),
        "sla_target": _number(figure.target),
        "downtime_minutes": {
            "used": float(minutes(figure.used_ms)),
            "allowed": float(minutes(figure.allowed_ms)),
            "remaining": float(minutes_left(figure.remaining_ms)),
        },
        "service_credit": None if figure.credit is None else float(figure.credit),
    }


def _distance(row: tuple[ComponentReport, Figures]) -> Fraction:
    """How far a ratio is above its target; negative under it."""
    figure = row[1]
    return (figure.ratio or Fraction(0)) - figure.target


def _number(ratio: Fraction | None) -> float | None:
    return None if ratio is None else float(percent(ratio))


def health(report: Report) -> dict[str, Any]:
    """The monitor's own health."""
    return {
        **head(report),
        **monitor(report),
        "channels": [channel(one) for one in report.channels],
        "damage": [{"file": one.file, "line": one.line, "reason": one.reason} for one in report.monitor.damage],
        "drafts": [
            {"incident": one.id, "branch": one.branch, "link": one.link, "reason": one.reason, "since": instant(one.t)}
            for one in report.unopened_drafts
        ],
        "dropped_future": report.monitor.dropped_future,
        "files_left_out": [
            {"file": one.file, "line": one.line or None, "key": one.path or None, "reason": one.message}
            for one in report.left_out
        ],
    }


def monitor(report: Report) -> dict[str, Any]:
    """Who reported when, and how much was measured."""
    own = report.monitor
    return {
        "last_measured_at": instant(own.last_measured_at),
        "coverage_24h": exact(own.coverage_24h),
        "unknown_24h_ms": own.unknown_24h_ms,
        "stale": own.stale,
        "offline": own.offline,
        "damaged_lines": len(own.damage),
        "generated_until": instant(own.generated_until),
        "locations": [
            {
                "id": place.location.id,
                "name": place.location.name,
                "last_run_at": instant(place.last_tick_at),
                "overdue": place.overdue,
            }
            for place in own.locations
        ],
    }


def build(report: Report) -> dict[str, Any]:
    """What this site was built from: with it anyone can build the same bytes again."""
    built = report.built
    return {**head(report), "commit": built.commit, "ledger_commit": built.ledger_commit, "engine": built.engine}
