"""api/v1/components.json and a file per component: state, uptime with its bounds, response times, a year of days."""

from __future__ import annotations

from typing import Any

from statusledger.outputs.api.document import decimal, exact, head, instant
from statusledger.report.records import CapturedNumber, CheckReport, ComponentReport, Day, Report
from statusledger.sla import Figures, percent


def components(report: Report) -> dict[str, Any]:
    """Every public component in the order of checks.yml."""
    return {**head(report), "components": [plain(component) for component in report.components.values()]}


def component(report: Report, one: ComponentReport) -> dict[str, Any]:
    """One component with its checks and its days, oldest first."""
    return {
        **head(report),
        **plain(one),
        "timezone": report.page.timezone,
        "checks": [_check(check) for check in one.checks],
        "days": [day(one) for one in one.days],
    }


def plain(one: ComponentReport) -> dict[str, Any]:
    """What there is to know of a component now."""
    times = one.response_times
    return {
        "id": one.id,
        "name": one.name,
        "group": one.group,
        "description": one.description,
        "tier": None if one.tier is None else str(one.tier),
        "target_percent": decimal(one.target * 100),
        "state": str(one.state),
        "status": str(one.shown),
        "since": instant(one.since),
        "down_at": list(one.down_at),
        "depends_on": list(one.depends_on),
        "last_checked_at": instant(one.last_checked_at),
        "response_time_ms": one.last_ms,
        "response_times_7d": {"count": times.count, "p50_ms": times.p50, "p95_ms": times.p95, "p99_ms": times.p99},
        "uptime": {key: _uptime(one, key, figure) for key, figure in one.figures.items()},
    }


def _uptime(one: ComponentReport, key: str, figure: Figures) -> dict[str, Any]:
    return {
        "uptime_percent": None if figure.ratio is None else percent(figure.ratio),
        "ratio": exact(figure.ratio),
        "ratio_low": exact(figure.ratio_low),
        "ratio_high": exact(figure.ratio_high),
        "coverage": exact(figure.coverage),
        "insufficient_data": figure.insufficient_data,
        "down_ms": figure.down_ms,
        "unknown_ms": figure.unknown_ms,
        "checks_total": one.checks_total[key],
        "checks_failed": one.checks_failed[key],
    }


def _check(check: CheckReport) -> dict[str, Any]:
    return {
        "id": check.id,
        "name": check.name,
        "type": check.type,
        "interval_ms": check.interval_ms,
        "informational": check.informational,
        "confirm_down": check.confirm_down,
        "max_staleness_ms": check.max_staleness_ms,
        "last_checked_at": instant(check.last_checked_at),
        "response_time_ms": check.last_ms,
        "captured": {number.name: _captured(number) for number in check.captured},
    }


def _captured(number: CapturedNumber) -> dict[str, Any]:
    return {"value": number.value, "unit": "per second" if number.per_second else None, "at": instant(number.at)}


def day(one: Day) -> dict[str, Any]:
    """One local day, cut at as_of."""
    return {
        "date": one.date.isoformat(),
        "status": str(one.shown),
        "up_ms": one.up_ms,
        "degraded_ms": one.degraded_ms,
        "down_ms": one.down_ms,
        "unknown_ms": one.unknown_ms,
        "maintenance_ms": one.maintenance_ms,
        "inactive_ms": one.inactive_ms,
        "incidents": list(one.incidents),
    }
