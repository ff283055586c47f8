"""Recurrence rules of RFC 5545 (section 3.3.10) for windows that come again: which ones are understood."""

from __future__ import annotations

import re
from collections.abc import Mapping

from statusledger.written.values import text
from statusledger.written.wording import did_you_mean, found

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")

_NUMBERS = r"[+-]?\d{1,3}(?:,[+-]?\d{1,3})*"
_DAYS = r"(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)"
# part -> (what its value looks like, an example)
_PARTS: Mapping[str, tuple[str, str]] = {
    "FREQ": ("|".join(FREQUENCIES), "WEEKLY"),
    "INTERVAL": (r"[1-9]\d{0,2}", "2"),
    "COUNT": (r"[1-9]\d{0,3}", "10"),
    "UNTIL": (r"\d{8}(?:T\d{6}Z?)?", "20261231T000000Z"),
    "BYDAY": (rf"{_DAYS}(?:,{_DAYS})*", "SU"),
    "BYMONTHDAY": (_NUMBERS, "1"),
    "BYYEARDAY": (_NUMBERS, "1"),
    "BYWEEKNO": (_NUMBERS, "1"),
    "BYMONTH": (r"\d{1,2}(?:,\d{1,2})*", "1,7"),
    "BYSETPOS": (_NUMBERS, "-1"),
    "WKST": ("MO|TU|WE|TH|FR|SA|SU", "MO"),
}
_EXAMPLE = "write e.g. FREQ=WEEKLY;BYDAY=SU"


def rule(value: object) -> str:
    """The rule in capitals, without the name of its property; ValueError for one that cannot be followed."""
    word = text(value).strip().upper().removeprefix("RRULE:")
    parts = [part.partition("=") for part in word.rstrip(";").split(";")]
    names = [name for name, _, _ in parts]
    for name, equals, given in parts:
        if not equals:
            msg = f"{found(value)} is no recurrence rule; {_EXAMPLE}"
            raise ValueError(msg)
        _check(name, given)
    if "FREQ" not in names or len(set(names)) < len(names):
        msg = f"{found(value)} {'has a part twice' if 'FREQ' in names else 'does not say how often'}; {_EXAMPLE}"
        raise ValueError(msg)
    if {"COUNT", "UNTIL"} <= set(names):
        msg = f"{found(value)} ends twice; write COUNT or UNTIL"
        raise ValueError(msg)
    return ";".join(f"{name}={given}" for name, _, given in parts)


def _check(name: str, given: str) -> None:
    if name not in _PARTS:
        meant = did_you_mean(name, _PARTS) or f"; those are {', '.join(_PARTS)}"
        msg = f"{name} is no part of a rule that is understood here{meant}"
        raise ValueError(msg)
    form, example = _PARTS[name]
    if not re.fullmatch(form, given):
        words = f" ({', '.join(FREQUENCIES)})" if name == "FREQ" else ""
        msg = f"{name}={given} is not understood{words}; write e.g. {name}={example}"
        raise ValueError(msg)
