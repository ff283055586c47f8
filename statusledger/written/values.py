"""The kinds of values that every file knows: what people write -> checked words and exact integers.

Each parser takes what the YAML reader found and raises ValueError with what was found, what is expected and what to
write.
"""

from __future__ import annotations

from decimal import Decimal

from statusledger.clock import parse_instant
from statusledger.written.wording import found


def text(value: object) -> str:
    """The words as written; numbers keep their digits."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        msg = f"{found(value)} is not text" + (f'; write "{found(value)}"' if isinstance(value, bool) else "")
        raise ValueError(msg)
    if not value.strip():
        msg = "the text is empty; write something or leave the key out"
        raise ValueError(msg)
    return value


def instant(value: object) -> int:
    """Epoch milliseconds of an ISO 8601 time with an offset."""
    return parse_instant(text(value))
