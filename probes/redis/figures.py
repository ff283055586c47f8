"""What Redis says of itself: the text that INFO answers with, numbers out of it, and conditions on them.

Fields are those of https://redis.io/docs/latest/commands/info/; `hit_rate_percent` is computed from two of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from probes.assertions.numbers import NumberAssertion
from probes.comparison import shown
from statusledger.model import Failure

HIT_RATE = "hit_rate_percent"

InfoName = Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_.-]*$")]

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def fields(text: str) -> dict[str, str]:
    """The fields of INFO by name; the lines that are headings or empty have none."""
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: value for name, colon, value in lines if colon}


def number(info: Mapping[str, str], name: str) -> float:
    """The number in a field, or the hit rate in per cent; ValueError says why there is none."""
    return _hit_rate(info) if name == HIT_RATE else _number(info, name)


def _number(info: Mapping[str, str], name: str) -> float:
    if name not in info:
        msg = "no such field in INFO"
        raise ValueError(msg)
    if not _NUMBER.fullmatch(info[name]):
        msg = f"{shown(info[name])}, which is not a number"
        raise ValueError(msg)
    return float(info[name])


def _hit_rate(info: Mapping[str, str]) -> float:
    """Of 100 look-ups of a key since the server started, how many found it."""
    hits, misses = _number(info, "keyspace_hits"), _number(info, "keyspace_misses")
    if hits + misses == 0:
        msg = "no key was looked up yet"
        raise ValueError(msg)
    return hits / (hits + misses) * 100


class InfoAssertion(NumberAssertion):
    """What a number in INFO must be."""

    name: InfoName = Field(description="A numeric field of INFO, e.g. used_memory; or hit_rate_percent.")

    def failures_in(self, info: Mapping[str, str]) -> Iterator[Failure]:
        """One for each condition that does not hold; one with the reason where there is no number."""
        try:
            value = number(info, self.name)
        except ValueError as reason:
            yield self.failure(self.name, "a number", str(reason))
        else:
            yield from self.failures(self.name, value)
