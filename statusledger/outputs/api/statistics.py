"""api/v1/incidents/statistics.json: how many incidents, how long, how far apart, in 30, 90 and 365 days."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from statusledger.clock import SECOND_MS
from statusledger.outputs.api.document import head, instant
from statusledger.report.records import Report, Statistics


def statistics(report: Report) -> dict[str, Any]:
    """The statistics of each period by its key (`30d`)."""
    return {**head(report), "periods": {one.period.key: plain(one) for one in report.statistics}}


def plain(one: Statistics) -> dict[str, Any]:
    """Whole seconds, trouble ceiled and time without trouble floored; `mttr` and `mtbf` are seconds as well."""
    return {
        "from": instant(one.period.start_ms),
        "to": instant(one.period.end_ms),
        "total_incidents": one.total,
        "total_downtime_ms": one.down_ms,
        "total_downtime_seconds": ceil(Fraction(one.down_ms, SECOND_MS)),
        "average_duration_seconds": _ceiled(one.average_ms),
        "mttr": _ceiled(one.mttr_ms),
        "mtbf": None if one.mtbf_ms is None else floor(one.mtbf_ms / SECOND_MS),
        "by_severity": {str(level): count for level, count in one.by_severity.items()},
        "by_status": {str(status): count for status, count in one.by_status.items()},
        "by_component": dict(one.by_component),
    }


def _ceiled(duration_ms: Fraction | None) -> int | None:
    return None if duration_ms is None else ceil(duration_ms / SECOND_MS)
