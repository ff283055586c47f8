"""How a fault is told: what was found, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def found(value: object) -> str:
    """A short quotation of what stands in the file."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value if len(value) <= 60 else value[:59] + "…"}"'
    if isinstance(value, dict):
        return "a block of keys"
    return "a list" if isinstance(value, list | tuple) else str(value)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """`; did you mean X?` for the closest known word, nothing where none is close."""
    by_small_letters = {word.lower(): word for word in sorted(known)}
    close = get_close_matches(str(word).lower(), by_small_letters, n=1)
    return f"; did you mean '{by_small_letters[close[0]]}'?" if close else ""


def listed(words: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


def plural(count: int, noun: str) -> str:
    """`1 day`, `2 days`, `5,760 checks`: for the command line, which speaks English."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
