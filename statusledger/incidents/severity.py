"""How bad an incident is, and by when somebody should have answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from statusledger.clock import HOUR_MS, MINUTE_MS, day_start, local_date, to_datetime, to_ms, zone_info
from statusledger.model import Severity, Tier

RESPONSE_MS = {Severity.P1: 15 * MINUTE_MS, Severity.P2: HOUR_MS, Severity.P3: 4 * HOUR_MS}
TIER_SEVERITY = {Tier.CRITICAL: Severity.P1, Tier.HIGH: Severity.P2, Tier.MEDIUM: Severity.P3, Tier.LOW: Severity.P3}
SATURDAY = 5


def severity(tier: Tier | None, *, several_down: bool) -> Severity:
    """How bad measured downtime is: P1 for a critical component or two down at once, else by tier, P4 without one."""
    if several_down:
        return Severity.P1
    return Severity.P4 if tier is None else TIER_SEVERITY[tier]


def response_due(detected_at: int, level: Severity, zone: str) -> int:
    """The instant by which an answer is due: P1 15 min, P2 1 h, P3 4 h, P4 the same wall clock a business day later.

    Detected on a Saturday or Sunday, P4 counts from 00:00 of the next business day.
    """
    if level is not Severity.P4:
        return detected_at + RESPONSE_MS[level]
    day = local_date(detected_at, zone)
    opened = to_datetime(detected_at, zone)
    if day.weekday() >= SATURDAY:
        day += timedelta(days=7 - day.weekday())
        return day_start(day + timedelta(days=1), zone)
    due = day + timedelta(days=1 if day.weekday() < SATURDAY - 1 else 3)
    return to_ms(datetime.combine(due, opened.time(), tzinfo=zone_info(zone)))
