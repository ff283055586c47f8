"""api/v1/alerts.json, and one file a severity: what fires, since when, and what is held back and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from statusledger.model import Level
from statusledger.outputs.api.document import head, instant
from statusledger.report.firing import AlertReport, ChannelReport, firing_by_severity
from statusledger.report.records import Report


def alerts(report: Report) -> dict[str, Any]:
    """Every alert that holds."""
    return _document(report, report.alerts)


def _of_severity(level: Level, report: Report) -> dict[str, Any]:
    return _document(report, (one for one in report.alerts if one.severity is level))


BY_SEVERITY: Mapping[str, Callable[[Report], dict[str, Any]]] = {
    f"alerts/{level}.json": partial(_of_severity, level) for level in Level
}


def _document(report: Report, told: Iterable[AlertReport]) -> dict[str, Any]:
    counts = {str(level): number for level, number in firing_by_severity(report.alerts).items()}
    return {**head(report), "firing": counts, "alerts": [plain(one) for one in told]}


def plain(one: AlertReport) -> dict[str, Any]:
    """An alert as data."""
    return {
        "dedup_key": one.key,
        "rule": one.rule,
        "severity": str(one.severity),
        "name": one.name,
        "components": list(one.components),
        "since": instant(one.since),
        "headline": one.headline,
        "reason": one.reason,
        "locations": list(one.locations),
        "codes": list(one.codes),
        "suppressed": one.suppressed,
        "frozen": one.frozen,
        "incident": one.incident,
    }


def channel(one: ChannelReport) -> dict[str, Any]:
    """How a channel does; `code` is null while it takes what it is sent."""
    state = one.state
    return {
        "name": one.name,
        "type": one.type,
        "told_at": instant(state.told_at),
        "failing_since": instant(state.failing_since),
        "code": state.code,
        "permanent": state.permanent,
    }
