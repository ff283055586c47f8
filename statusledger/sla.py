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
from statusledger.model import DEFAULT_CREDITS, DEFAULT_TARGET, CreditTier, Terms
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
class Promise:
    """What figures are held against: a target, a credit schedule (None: no credits agreed) and the terms."""

    target: Fraction
    credits: tuple[CreditTier, ...] | None
    terms: Terms


def promise(target: Fraction, credits: tuple[CreditTier, ...] | None, terms: Terms) -> Promise:
    """A promise whose schedule is the configured one, else the default one where its target is the default's."""
    if credits is None and target == DEFAULT_TARGET:
        credits = DEFAULT_CREDITS
    return Promise(target, credits and tuple(sorted(credits, key=lambda tier: -tier.minimum)), terms)


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
    past = timeline.spent(starts, np.minimum(ends, as_of)).tolist()
    future = timeline.spent(np.maximum(starts, as_of), ends)[:, :MAINTENANCE].sum(axis=1).tolist()
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
    known_bad = counts.weighted_bad_ms
    if known_bad is None:
        known_bad = counts.down_ms + terms.degraded_weight * counts.degraded_ms
    measured = counts.known_ms + (counts.maintenance_ms if terms.maintenance_as == "up" else 0)
    bad = known_bad + (counts.unknown_ms if terms.unknown_as == "down" else 0)
    divisor = measured + (counts.unknown_ms if terms.unknown_as != "excluded" else 0)
    ratio = _ratio(divisor - bad, divisor)
    whole = measured + counts.unknown_ms
    coverage = _ratio(counts.known_ms, counts.known_ms + counts.unknown_ms)
    allowed = (1 - promised.target) * (divisor + counts.future_ms)
    running = period.end_ms > as_of
    tier = _tier(promised.credits, ratio)
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
        credit=_credit(promised.credits, ratio),
        credit_name=tier.name if tier else None,
        credit_locked=_credit(promised.credits, _best(divisor, bad, counts.future_ms)) if running else None,
        running=running,
    )


def burn_rate(counts: Counts, promised: Promise) -> Fraction | None:
    """How many times faster than allowed the budget is being spent; None without data or with a target of 1."""
    measured = figures(Period("", 0, 0), counts, promised, 0)
    if measured.ratio is None or promised.target == 1:
        return None
    return (1 - measured.ratio) / (1 - promised.target)


def _ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole else None


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


def _tier(credits: tuple[CreditTier, ...] | None, ratio: Fraction | None) -> CreditTier | None:
    """The tier that the ratio falls into; half-open, highest minimum first."""
    if credits is None or ratio is None:
        return None
    return next((tier for tier in credits if ratio >= tier.minimum), credits[-1])


def _credit(credits: tuple[CreditTier, ...] | None, ratio: Fraction | None) -> Fraction | None:
    """Percent of the fee; 0 without data, None where no credits were agreed."""
    if credits is None:
        return None
    tier = _tier(credits, ratio)
    return tier.credit if tier else Fraction(0)


def percent(ratio: Fraction, decimals: int = 3) -> str:
    """The ratio as percent, floored: 99.8999 shows 99.899, and only 1 shows 100.000."""
    scaled = ratio.numerator * 10 ** (decimals + 2) // ratio.denominator
    sign, digits = ("-", -scaled) if scaled < 0 else ("", scaled)
    whole, rest = divmod(digits, 10**decimals)
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"


def minutes(duration_ms: Fraction | int) -> str:
    """Milliseconds as minutes with three decimals, ceiled: 2,592,001 ms is 43.201."""
    exact = Fraction(duration_ms)
    scaled = -((-exact.numerator * 1000) // (exact.denominator * 60_000))
    sign, digits = ("-", -scaled) if scaled < 0 else ("", scaled)
    return f"{sign}{digits // 1000}.{digits % 1000:03d}"
