"""How every JSON file of ours is spelled: exact fractions and fixed decimals as strings, instants as ISO 8601 Z."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import orjson

from statusledger.clock import format_instant
from statusledger.report.records import Report

SCHEMA = 1


def document(plain: dict[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys, indented for readers, and a final newline."""
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def compact(plain: dict[str, Any]) -> bytes:
    """The same without indentation, for documents that are polled often."""
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def head(report: Report) -> dict[str, Any]:
    """The keys that every document of ours has."""
    return {"schema": SCHEMA, "as_of": format_instant(report.built.as_of)}


def instant(instant_ms: int | None) -> str | None:
    """`2026-11-21T02:06:00.000Z`, or null."""
    return None if instant_ms is None else format_instant(instant_ms)


def exact(ratio: Fraction | None) -> str | None:
    """`num/den` in lowest terms, or null where there was nothing to divide."""
    return None if ratio is None else f"{ratio.numerator}/{ratio.denominator}"


def decimal(number: Fraction | None) -> str | None:
    """An agreed percentage (a credit, a target) in as many decimals as it needs; `num/den` where none are enough."""
    if number is None:
        return None
    denominator = number.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return f"{number.numerator}/{number.denominator}"
    digits = 0
    while (number * 10**digits).denominator != 1:
        digits += 1
    sign, scaled = ("-" if number < 0 else ""), abs(number * 10**digits).numerator
    whole, rest = divmod(scaled, 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"
