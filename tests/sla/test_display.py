"""Figures as people read them, and amounts as they are paid."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from statusledger.config.currencies import decimals
from statusledger.sla import credit_amount, minutes, minutes_left, money, percent


@pytest.mark.parametrize(
    ("ratio", "digits", "expected"),
    [
        (F(998999, 1000000), 3, "99.899"),
        (F(99_999_999, 100_000_000), 3, "99.999"),
        (F(1), 3, "100.000"),
        (F(0), 3, "0.000"),
        (F(1, 100_000_000), 3, "0.000"),
        (F(2, 3), 2, "66.66"),
        (F(2, 3), 0, "66"),
        (F(-1, 3), 3, "-33.334"),
    ],
)
def test_percent_floors(ratio, digits, expected):
    """No figure is ever rounded up."""
    assert percent(ratio, digits) == expected


@pytest.mark.parametrize(
    ("duration_ms", "used", "left"),
    [
        (2_592_001, "43.201", "43.200"),
        (2_592_000, "43.200", "43.200"),
        (1, "0.001", "0.000"),
        (0, "0.000", "0.000"),
        (-1, "0.000", "-0.001"),
        (F(-60_001), "-1.000", "-1.001"),
        (F(60, 1), "0.001", "0.001"),
        (F(601, 10), "0.002", "0.001"),
    ],
)
def test_minutes(duration_ms, used, left):
    """Downtime ceils, what is left of the budget floors: an overdrawn one never shows as nothing."""
    assert (minutes(duration_ms), minutes_left(duration_ms)) == (used, left)


@pytest.mark.parametrize(
    ("fee", "credit", "currency", "expected"),
    [
        ("1200", "10", "EUR", "120.00"),
        ("99.95", "10", "EUR", "10.00"),
        ("99.94", "10", "EUR", "9.99"),
        ("0.05", "10", "EUR", "0.01"),
        ("0.04", "10", "EUR", "0.00"),
        ("1000", "0", "EUR", "0.00"),
        ("1000", "100", "EUR", "1000.00"),
        ("1001", "50", "JPY", "501"),
        ("1001", "49.9", "JPY", "499"),
        ("10.001", "50", "KWD", "5.001"),
        ("33.33", "100/3", "USD", "11.11"),
    ],
)
def test_a_credit_as_money(fee, credit, currency, expected):
    """Rounded half-up to what can be paid in the currency."""
    amount = credit_amount(F(fee), F(credit), decimals(currency))

    assert money(amount, decimals(currency)) == expected


def test_a_credit_is_never_more_than_the_fee():
    """Whatever a schedule says."""
    assert credit_amount(F("10.00"), F(150), 2) == 10
