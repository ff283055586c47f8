"""UTC days as the ledger counts them: the epoch milliseconds they begin at, and the name that lines give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from statusledger.clock import DAY_MS, day_start, to_datetime


def day_of(instant: int) -> int:
    """The beginning of the UTC day that holds the instant."""
    return instant // DAY_MS * DAY_MS


@lru_cache(maxsize=4096)
def spelled(day: int) -> str:
    """`2026-11-20`."""
    return to_datetime(day).date().isoformat()


@lru_cache(maxsize=4096)
def parsed(text: str) -> int:
    """The beginning of the day that is spelled so; ValueError when it is none."""
    return day_start(date.fromisoformat(text), "UTC")


def between(first: int, end: int) -> range:
    """The days that [first, end) touches."""
    return range(day_of(first), end, DAY_MS)


def runs(days: Iterable[int]) -> Iterator[tuple[int, int]]:
    """[start, end) of each maximal run of consecutive days, oldest first."""
    start = end = None
    for day in sorted(days):
        if day != end:
            if start is not None and end is not None:
                yield start, end
            start = day
        end = day + DAY_MS
    if start is not None and end is not None:
        yield start, end
