"""Figures as plain JSON data: the same keys in `statusledger sla --json` and in every file under api/v1/sla."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from statusledger.outputs.api.document import decimal, exact, instant
from statusledger.report.spans import Downtime
from statusledger.sla import Figures, minutes, minutes_left, percent


def figures(figure: Figures) -> dict[str, Any]:
    """Milliseconds as integers, ratios as `num/den`, percent floored and minutes ceiled to three decimals."""
    return {
        "up_ms": figure.up_ms,
        "degraded_ms": figure.degraded_ms,
        "down_ms": figure.down_ms,
        "unknown_ms": figure.unknown_ms,
        "maintenance_ms": figure.maintenance_ms,
        "inactive_ms": figure.inactive_ms,
        "ratio": exact(figure.ratio),
        "ratio_low": exact(figure.ratio_low),
        "ratio_high": exact(figure.ratio_high),
        "coverage": exact(figure.coverage),
        "coverage_percent": None if figure.coverage is None else percent(figure.coverage),
        "insufficient_data": figure.insufficient_data,
        "uptime_percent": None if figure.ratio is None else percent(figure.ratio),
        "target_percent": decimal(figure.target * 100),
        "downtime_minutes": minutes(figure.used_ms),
        "allowed_minutes": minutes(figure.allowed_ms),
        "remaining_minutes": minutes_left(figure.remaining_ms),
        "consumed": exact(figure.consumed),
        "status": str(figure.status),
        "credit_percent": decimal(figure.credit),
        "credit_name": figure.credit_name,
        "credit_locked": decimal(figure.credit_locked),
        "running": figure.running,
    }


def incidents(downtimes: Sequence[Downtime]) -> list[dict[str, Any]]:
    """What makes up the downtime of a period, oldest first; `down_ms` is what counts in it."""
    return [
        {
            "id": downtime.id,
            "started_at": instant(downtime.started_at),
            "ended_at": instant(downtime.ended_at),
            "down_ms": downtime.down_ms,
        }
        for downtime in downtimes
    ]
