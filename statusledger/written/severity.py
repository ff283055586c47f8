"""How bad an incident is, in any spelling that people use: `P1`, `critical`, `MAJOR`."""

from __future__ import annotations

from collections.abc import Mapping

from statusledger.model import Severity
from statusledger.written.values import text
from statusledger.written.wording import did_you_mean, found

SPELLINGS: Mapping[str, Severity] = {
    "P1": Severity.P1,
    "critical": Severity.P1,
    "P2": Severity.P2,
    "high": Severity.P2,
    "major": Severity.P2,
    "P3": Severity.P3,
    "medium": Severity.P3,
    "minor": Severity.P3,
    "P4": Severity.P4,
    "low": Severity.P4,
    "warning": Severity.P4,
}
_LOWER = {word.lower(): meant for word, meant in SPELLINGS.items()}


def read_severity(value: object) -> Severity:
    """The severity that a word stands for, whatever its case; ValueError says which words there are."""
    word = text(value)
    found_severity = _LOWER.get(word.lower())
    if found_severity is None:
        meant = did_you_mean(word, SPELLINGS)
        msg = f"{found(word)} is no severity{meant or '; write P1, P2, P3 or P4 (critical, high, medium, low)'}"
        raise ValueError(msg)
    return found_severity
