"""api/v1/sla.json (the month to date) and a file per period: the figures of `statusledger sla --json`, by subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from statusledger.clock import Period
from statusledger.model import Tier
from statusledger.outputs.api import contracts
from statusledger.outputs.api.burns import burn_rates
from statusledger.outputs.api.document import head, instant
from statusledger.outputs.api.figures import figures, incidents
from statusledger.report.records import ComponentReport, Downtime, Report, ServiceReport
from statusledger.sla import Figures

FOLDERS = ("months", "quarters", "years")
Subject = ComponentReport | ServiceReport


def month(report: Report) -> dict[str, Any]:
    """Month to date in the sla zone, with how fast budgets are being spent now."""
    found = period(report, report.month)
    every: tuple[Subject, ...] = (*report.components.values(), *report.services)
    for one in every:
        kind = "components" if isinstance(one, ComponentReport) else "services"
        found[kind][one.id]["burn_rates"] = burn_rates(one.burns)
    return found


def periods(report: Report) -> dict[str, dict[str, Any]]:
    """Path below sla/ (`30d`, `months/2026-10`, `years/2026`) -> document: all with data, and the running month."""
    found: dict[str, Period] = {f"months/{report.month.key}": report.month}
    for component in report.components.values():
        for key, figure in component.figures.items():
            if key != report.month.key:
                found[key] = figure.period
        for folder in FOLDERS:
            by_key: Mapping[str, Figures] = getattr(component, folder)
            found.update((f"{folder}/{key}", figure.period) for key, figure in by_key.items())
    return {path: period(report, one) for path, one in found.items()}


def period(report: Report, one: Period) -> dict[str, Any]:
    """The figures of every component, service and contract that has any for the period."""
    return {
        **head(report),
        "period": one.key,
        "timezone": report.sla_zone,
        "from": instant(one.start_ms),
        "to": instant(one.end_ms),
        "policy": {component.id: component.policy for component in report.components.values()},
        "components": dict(_components(report.components.values(), one.key)),
        "services": dict(_services(report.services, one.key)),
        "contracts": dict(contracts.in_period(report.contracts, one)),
    }


def subjects(report: Report) -> dict[str, dict[str, Any]]:
    """Path below sla/ (`components/api`, `services/platform`) -> every period of one subject."""
    found = {f"components/{one.id}": _whole(report, one) for one in report.components.values()}
    return {**found, **{f"services/{one.id}": _whole(report, one) for one in report.services}}


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
        "incidents": incidents(downtimes),
    }


def service(figure: Figures, members: Sequence[str], downtimes: Sequence[Downtime]) -> dict[str, Any]:
    """One service in one period; each instant of downtime is put down to one incident of a member."""
    return {**figures(figure), "members": list(members), "incidents": incidents(downtimes)}


def _whole(report: Report, one: Subject) -> dict[str, Any]:
    every = {**one.figures, **one.years, **one.quarters, **one.months}
    found = {
        key: {"from": instant(figure.period.start_ms), "to": instant(figure.period.end_ms), **_plain(one, key, figure)}
        for key, figure in every.items()
    }
    return {
        **head(report),
        "id": one.id,
        "name": one.name,
        "timezone": report.sla_zone,
        "periods": found,
        "burn_rates": burn_rates(one.burns),
    }


def _plain(one: Subject, key: str, figure: Figures) -> dict[str, Any]:
    downtimes = one.downtimes.get(key, ())
    if isinstance(one, ServiceReport):
        return service(figure, one.members, downtimes)
    return subject(figure, (one.checks_total[key], one.checks_failed[key]), downtimes, one.tier)


def _figure(one: Subject, key: str) -> Figures | None:
    return next((found[key] for found in (one.figures, one.months, one.quarters, one.years) if key in found), None)


def _components(components: Iterable[ComponentReport], key: str) -> Iterable[tuple[str, dict[str, Any]]]:
    for one in components:
        figure = _figure(one, key)
        if figure is not None:
            yield one.id, _plain(one, key, figure)


def _services(services: Iterable[ServiceReport], key: str) -> Iterable[tuple[str, dict[str, Any]]]:
    for one in services:
        figure = _figure(one, key)
        if figure is not None:
            yield one.id, _plain(one, key, figure)
