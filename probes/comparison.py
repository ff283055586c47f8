"""One value held against one condition: strict about types, and able to say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Some expressions take years on some texts; without a limit one of them would hold up every other check.
LONGEST_SEARCH_SECONDS = 0.5

CONDITIONS = ("equals", "not_equals", "less", "less_equal", "greater", "greater_equal", "matches", "length")
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "less": lambda value, wanted: value < wanted,
    "less_equal": lambda value, wanted: value <= wanted,
    "greater": lambda value, wanted: value > wanted,
    "greater_equal": lambda value, wanted: value >= wanted,
}


def fault(condition: str, wanted: Any, value: Any) -> str | None:
    """What is wrong with the value; None where the condition holds. Nothing is coerced."""
    if condition in COMPARISONS:
        return _fault_of_number(COMPARISONS[condition], wanted, value)
    if condition == "length":
        return _fault_of_length(wanted, value)
    if condition == "matches":
        return _fault_of_text(wanted, value)
    return None if _is_same(value, wanted) == (condition == "equals") else shown(value)


def _fault_of_number(holds: Callable[[float, float], bool], wanted: float, value: Any) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"{shown(value)}, which is not a number"
    return None if holds(value, wanted) else shown(value)


def _fault_of_length(wanted: int, value: Any) -> str | None:
    if not isinstance(value, str | list | dict):
        return f"{shown(value)}, which has no length"
    return None if len(value) == wanted else f"length {len(value)}"


def _fault_of_text(pattern: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return f"{shown(value)}, which is not a text"
    return None if found(value, pattern) else shown(value)


def _is_same(value: Any, wanted: Any) -> bool:
    """Equal as JSON: 1 is 1.0, but neither is true nor "1"."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(wanted, tuple | list):
        together = isinstance(value, list) and len(value) == len(wanted)
        return together and all(_is_same(one, other) for one, other in zip(value, wanted, strict=True))
    if isinstance(wanted, Mapping):
        together = isinstance(value, dict) and value.keys() == wanted.keys()
        return together and all(_is_same(value[key], wanted[key]) for key in wanted)
    return bool(value == wanted)


def found(text: str, pattern: str) -> bool:
    """Whether the regular expression is found anywhere in the text; not found if looking takes too long."""
    import regex  # noqa: PLC0415 - only checks with an expression pay for it

    try:
        return regex.search(pattern, text, timeout=LONGEST_SEARCH_SECONDS, concurrent=True) is not None
    except TimeoutError:
        return False


def shown(value: Any) -> str:
    """A value as JSON, whole: it is cut only after secrets have been masked, or half of one would be left."""
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def listed(parts: Sequence[str]) -> str:
    """The texts with commas between them."""
    return ", ".join(map(shown, parts))
