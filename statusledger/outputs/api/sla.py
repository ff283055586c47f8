"""api/v1/sla.json (the month to date) and a file per period: the figures of `statusledger sla --json`, by subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from statusledger.clock import Period
from statusledger.model import Tier
from statusledger.outputs.api.document import head, instant
from statusledger.outputs.api.figures import figures
from statusledger.report.records import ComponentReport, Downtime, Report, ServiceReport
from statusledger.sla import Figures


def month(report: Report) -> dict[str, Any]:
    """Month to date in the sla zone."""
    return period(report, report.month)


def periods(report: Report) -> dict[str, dict[str, Any]]:
    """Path below sla/ (`30d`, `months/2026-10`) -> document: windows, months with data, the running one."""
    found: dict[str, Period] = {f"months/{report.month.key}": report.month}
    for component in report.components.values():
        for key, figure in component.figures.items():
            if key != report.month.key:
                found[key] = figure.period
        for key, figure in component.months.items():
            found[f"months/{key}"] = figure.period
    return {path: period(report, one) for path, one in found.items()}


def period(report: Report, one: Period) -> dict[str, Any]:
    """The figures of every component and service that has any for the period."""
    return {
        **head(report),
        "period": one.key,
        "timezone": report.sla_zone,
        "from": instant(one.start_ms),
        "to": instant(one.end_ms),
        "policy": {component.id: component.policy for component in report.components.values()},
        "components": dict(_components(report.components.values(), one.key)),
        "services": dict(_services(report.services, one.key)),
    }


def subject(
    figure: Figures, checks: tuple[int | None, int | None], downtimes: Sequence[Downtime], tier: Tier | None
) -> dict[str, Any]:
    """One component in one period; `checks` is (known samples, failed samples), None where that is not known."""
    total, failed = checks
    return {
        **figures(figure),
        "tier": None if tier is None else str(tier),
        "checks_total": total,
        "checks_failed": failed,
        "checks_success": None if total is None or failed is None else total - failed,
        "incidents": [
            {
                "id": downtime.id,
                "started_at": instant(downtime.started_at),
                "ended_at": instant(downtime.ended_at),
                "down_ms": downtime.down_ms,
            }
            for downtime in downtimes
        ],
    }


def _components(components: Iterable[ComponentReport], key: str) -> Iterable[tuple[str, dict[str, Any]]]:
    for one in components:
        figure = one.figures.get(key) or one.months.get(key)
        if figure is not None:
            checks = (one.checks_total[key], one.checks_failed[key])
            yield one.id, subject(figure, checks, one.downtimes.get(key, ()), one.tier)


def _services(services: Iterable[ServiceReport], key: str) -> Iterable[tuple[str, dict[str, Any]]]:
    for service in services:
        figure = service.figures.get(key) or service.months.get(key)
        if figure is not None:
            yield service.id, {**figures(figure), "members": list(service.members)}
