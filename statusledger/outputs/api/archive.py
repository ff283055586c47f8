"""What spreadsheets and archives read: a file of days per component and month, a table of statements per month.

Neither says when the site was built: a file changes only when something that it tells has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from statusledger.outputs.api.components import day
from statusledger.outputs.api.contracts import settled
from statusledger.outputs.api.document import SCHEMA, instant
from statusledger.outputs.api.figures import figures
from statusledger.outputs.api.tables import table, words
from statusledger.report.promised import ContractReport
from statusledger.report.records import ComponentReport, Report, ServiceReport
from statusledger.sla import Figures

COLUMNS = (
    "period", "kind", "id", "name", "timezone", "from", "to",
    "target_percent", "uptime_percent", "ratio", "ratio_low", "ratio_high", "coverage", "insufficient_data",
    "up_ms", "degraded_ms", "down_ms", "unknown_ms", "maintenance_ms", "inactive_ms",
    "downtime_minutes", "allowed_minutes", "remaining_minutes", "consumed", "status",
    "credit_percent", "credit_name", "fee", "currency", "credit_amount", "final", "revision",
    "checks_total", "checks_failed", "incidents",
)  # fmt: skip

Stated = ComponentReport | ServiceReport | ContractReport


def days(report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path below history/, document): `api/2026-11` has the days of that month in the page's zone, oldest first."""
    zone = report.page.timezone
    for component in report.components.values():
        every = (*component.older_days, *component.days)
        for month, members in groupby(every, key=lambda one: f"{one.date:%Y-%m}"):
            told = [day(one) for one in members]
            yield (
                f"{component.id}/{month}",
                {"schema": SCHEMA, "component": component.id, "month": month, "timezone": zone, "days": told},
            )


def months(report: Report) -> Iterator[tuple[str, bytes]]:
    """(name below sla/, table): a line for each component, service and contract; the running month is always there."""
    subjects: tuple[Stated, ...] = (*report.components.values(), *report.services, *report.contracts)
    for month in sorted({report.month.key, *(key for one in subjects for key in one.months)}):
        yield f"{month}.csv", table(COLUMNS, _rows(subjects, month, report.sla_zone))


def _rows(subjects: Iterable[Stated], month: str, zone: str) -> Iterator[Mapping[str, object]]:
    for one in subjects:
        if isinstance(one, ContractReport):
            if month in one.months:
                yield _contract(one, month)
        elif figure := one.months.get(month) or one.figures.get(month):
            yield {**_measured(one, month, figure), "timezone": zone}


def _measured(one: ComponentReport | ServiceReport, month: str, figure: Figures) -> dict[str, object]:
    kind = "component" if isinstance(one, ComponentReport) else "service"
    row = {**_row(kind, one.id, one.name, figure), "incidents": len(one.downtimes.get(month, ()))}
    if isinstance(one, ComponentReport):
        row |= {"checks_total": one.checks_total[month], "checks_failed": one.checks_failed[month]}
    return row


def _contract(one: ContractReport, month: str) -> dict[str, object]:
    period = one.months[month]
    row = _row("contract", one.contract.id, one.name, period.figures)
    return {**row, **settled(one, period), "incidents": len(period.downtimes)}


def _row(kind: str, identity: str, name: str, figure: Figures) -> dict[str, object]:
    period = figure.period
    plain = figures(figure)
    return {
        **plain,
        "period": period.key,
        "kind": kind,
        "id": identity,
        "name": words(name),
        "credit_name": words(plain["credit_name"]),
        "from": instant(period.start_ms),
        "to": instant(period.end_ms),
    }
