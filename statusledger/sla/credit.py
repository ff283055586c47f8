"""What was promised, and what is owed where it was not kept: tiers on the exact ratio, percent of the fee, money."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from statusledger.model import DEFAULT_CREDITS, DEFAULT_TARGET, CreditTier, Terms


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


def tier_of(credits: tuple[CreditTier, ...] | None, ratio: Fraction | None) -> CreditTier | None:
    """The tier that the ratio falls into; half-open, highest minimum first."""
    if credits is None or ratio is None:
        return None
    return next((tier for tier in credits if ratio >= tier.minimum), credits[-1])


def credit_of(credits: tuple[CreditTier, ...] | None, ratio: Fraction | None) -> Fraction | None:
    """Percent of the fee; 0 without data, None where no credits were agreed."""
    if credits is None:
        return None
    tier = tier_of(credits, ratio)
    return tier.credit if tier else Fraction(0)


def credit_amount(fee: Fraction, credit: Fraction, decimals: int) -> Fraction:
    """`credit` percent of the fee, rounded half-up to so many decimals, never more than the fee."""
    unit = 10**decimals
    return min(Fraction(math.floor(fee * credit / 100 * unit + Fraction(1, 2)), unit), fee)
