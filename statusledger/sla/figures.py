"""State intervals -> ratio, budget, status and credit, exactly.

Milliseconds are integers, ratios are fractions of integers; nothing is rounded before it is displayed, and then
uptime floors and downtime ceils.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from statusledger.clock import Period
from statusledger.model import Terms
from statusledger.sla.credit import Promise, credit_of, tier_of
from statusledger.timeline import Timeline
from statusledger.timeline.steps import MAINTENANCE

WARNING_CONSUMED = Fraction(3, 4)


class SlaStatus(StrEnum):
    """How a figure stands to its target."""

    COMPLIANT = "compliant"
    WARNING = "warning"
    BREACHED = "breached"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Counts:
    """Milliseconds of each class in a window; their sum is the window.

    `future_ms` is the rest of the period that will be alive and is not in an announced window. `weighted_bad_ms`
    replaces down + weight x degraded where members of a service are weighted.
    """

    up_ms: int
    degraded_ms: int
    down_ms: int
    unknown_ms: int
    maintenance_ms: int
    inactive_ms: int
    future_ms: int = 0
    weighted_bad_ms: Fraction | None = None

    @property
    def known_ms(self) -> int:
        """Measured time outside maintenance."""
        return self.up_ms + self.degraded_ms + self.down_ms


def count(timeline: Timeline, periods: Sequence[Period], as_of: int) -> list[Counts]:
    """What a classified timeline spent in each period up to as_of, and how much of the period is still to come."""
    starts = np.array([period.start_ms for period in periods], dtype=np.int64)
    ends = np.array([period.end_ms for period in periods], dtype=np.int64)
    spent = timeline.spent(
        np.concatenate((starts, np.maximum(starts, as_of))), np.concatenate((np.minimum(ends, as_of), ends))
    )
    past, future = spent[: len(starts)].tolist(), spent[len(starts) :, :MAINTENANCE].sum(axis=1).tolist()
    return [
        Counts(up, degraded, down, unknown, maintenance, inactive, ahead)
        for (up, degraded, down, unknown, maintenance, inactive), ahead in zip(past, future, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything counted about one subject in one period; the six classes of time sum to the evaluated window.

    `ratio*`, `coverage` and `consumed` are exact fractions of one, None where there is nothing to divide;
    `allowed_ms`, `used_ms` and `remaining_ms` are exact milliseconds of downtime budget; `credit` and
    `credit_locked` are percent of the fee, None where no credits were agreed.
    """

    period: Period
    up_ms: int
    degraded_ms: int
    down_ms: int
    unknown_ms: int
    maintenance_ms: int
    inactive_ms: int
    ratio: Fraction | None
    ratio_low: Fraction | None
    ratio_high: Fraction | None
    coverage: Fraction | None
    insufficient_data: bool
    target: Fraction
    allowed_ms: Fraction
    used_ms: Fraction
    remaining_ms: Fraction
    consumed: Fraction | None
    status: SlaStatus
    credit: Fraction | None
    credit_name: str | None
    credit_locked: Fraction | None
    running: bool


def figures(period: Period, counts: Counts, promised: Promise, as_of: int) -> Figures:
    """D7 to D9 for one period."""
    terms = promised.terms
    known_bad, measured = _measured(counts, terms)
    bad, divisor = _with_unknown(known_bad, measured, counts.unknown_ms, terms)
    ratio = _ratio(divisor - bad, divisor)
    whole = measured + counts.unknown_ms
    coverage = _ratio(counts.known_ms, counts.known_ms + counts.unknown_ms)
    allowed = (1 - promised.target) * (divisor + counts.future_ms)
    running = period.end_ms > as_of
    tier = tier_of(promised.credits, ratio)
    return Figures(
        period=period,
        up_ms=counts.up_ms,
        degraded_ms=counts.degraded_ms,
        down_ms=counts.down_ms,
        unknown_ms=counts.unknown_ms,
        maintenance_ms=counts.maintenance_ms,
        inactive_ms=counts.inactive_ms,
        ratio=ratio,
        ratio_low=_ratio(measured - known_bad, whole),
        ratio_high=_ratio(whole - known_bad, whole),
        coverage=coverage,
        insufficient_data=coverage is not None and coverage < terms.min_coverage,
        target=promised.target,
        allowed_ms=allowed,
        used_ms=bad,
        remaining_ms=allowed - bad,
        consumed=_ratio(bad, allowed),
        status=_status(ratio, promised.target, bad, allowed),
        credit=credit_of(promised.credits, ratio),
        credit_name=tier.name if tier else None,
        credit_locked=credit_of(promised.credits, _best(divisor, bad, counts.future_ms)) if running else None,
        running=running,
    )


def counted(counts: Counts, terms: Terms) -> tuple[Fraction, int]:
    """(bad, D) in milliseconds: the time that counts against the target, and all that counts."""
    return _with_unknown(*_measured(counts, terms), counts.unknown_ms, terms)


def _with_unknown(bad: Fraction, measured: int, unknown_ms: int, terms: Terms) -> tuple[Fraction, int]:
    if terms.unknown_as == "excluded":
        return bad, measured
    return bad + unknown_ms if terms.unknown_as == "down" else bad, measured + unknown_ms


def _measured(counts: Counts, terms: Terms) -> tuple[Fraction, int]:
    """The same of the time in which something was known."""
    bad = counts.weighted_bad_ms
    if bad is None:
        bad = Fraction(counts.down_ms)
        if counts.degraded_ms:
            bad += terms.degraded_weight * counts.degraded_ms
    return bad, counts.known_ms + (counts.maintenance_ms if terms.maintenance_as == "up" else 0)


def _ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _best(divisor: int, bad: Fraction, future_ms: int) -> Fraction | None:
    """The best ratio that is still possible: nothing bad from now on."""
    return _ratio(divisor + future_ms - bad, divisor + future_ms)


def _status(ratio: Fraction | None, target: Fraction, used: Fraction, allowed: Fraction) -> SlaStatus:
    if ratio is None:
        return SlaStatus.NO_DATA
    if used > allowed:
        return SlaStatus.BREACHED
    if ratio < target or (used > 0 and used >= WARNING_CONSUMED * allowed):
        return SlaStatus.WARNING
    return SlaStatus.COMPLIANT
