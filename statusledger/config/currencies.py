"""How many decimals an amount of a currency has (ISO 4217: the minor unit; two where nothing else is said)."""

from __future__ import annotations

from fractions import Fraction

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = {code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()}


def decimals(currency: str) -> int:
    """The decimals of the smallest amount that can be paid."""
    return DECIMALS.get(currency, 2)


def is_payable(amount: Fraction, currency: str) -> bool:
    """Whether the amount is whole in the currency's smallest unit."""
    unit = Fraction(1, 10 ** decimals(currency))
    return amount % unit == 0
