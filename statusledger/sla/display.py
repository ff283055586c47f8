"""Exact figures -> strings for people and JSON: uptime floors, downtime ceils, what is left of a budget floors."""

from __future__ import annotations

import math
from fractions import Fraction

from statusledger.clock import MINUTE_MS


def percent(ratio: Fraction, decimals: int = 3) -> str:
    """The ratio as percent, floored: 99.8999 shows 99.899, and only 1 shows 100.000."""
    return _decimals(math.floor(ratio * 10 ** (decimals + 2)), decimals)


def minutes(duration_ms: Fraction | int) -> str:
    """Milliseconds as minutes with three decimals, ceiled: 2,592,001 ms is 43.201."""
    return _decimals(-math.floor(-Fraction(duration_ms) * 1000 / MINUTE_MS), 3)


def minutes_left(duration_ms: Fraction | int) -> str:
    """What is left of a budget in minutes with three decimals, floored: one millisecond too much is -0.001."""
    return _decimals(math.floor(Fraction(duration_ms) * 1000 / MINUTE_MS), 3)


def money(amount: Fraction, decimals: int) -> str:
    """An amount that is whole in its currency's smallest unit, with that unit's decimals."""
    return _decimals(math.floor(amount * 10**decimals), decimals)


def _decimals(scaled: int, decimals: int) -> str:
    """An integer with its last digits after the point."""
    sign, digits = ("-", -scaled) if scaled < 0 else ("", scaled)
    whole, rest = divmod(digits, 10**decimals)
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"
