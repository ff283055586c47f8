"""The numbers that checks took out of answers (`"x"` of a row): of each the newest reading and the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from statusledger.clock import SECOND_MS
from statusledger.history.reading import Row

Name = tuple[str, str]
"""A check and the name of one of its numbers."""


class Reading(NamedTuple):
    """A number at an instant (epoch ms)."""

    at: int
    value: float


class Captured(NamedTuple):
    """The newest reading of a number, and the one before it at the same location, if any."""

    newest: Reading
    before: Reading | None = None

    @property
    def rate(self) -> float | None:
        """How much it grew a second between the two; None where that is not known, also when it was set back."""
        if self.before is None or self.newest.value < self.before.value or self.newest.at <= self.before.at:
            return None
        return (self.newest.value - self.before.value) * SECOND_MS / (self.newest.at - self.before.at)


def captured(rows: Iterable[Row]) -> dict[Name, Captured]:
    """What was captured at one location, from its rows in any order."""
    found: dict[Name, Captured] = {}
    for row in rows:
        for check, numbers in row.get("x", {}).items():
            for name, value in numbers.items():
                reading = Captured(Reading(row["t"], value))
                found[check, name] = merged(found[check, name], reading) if (check, name) in found else reading
    return found


def merged(one: Captured, other: Captured) -> Captured:
    """The two newest of all readings."""
    readings = {reading for both in (one, other) for reading in both if reading is not None}
    return Captured(*sorted(readings, reverse=True)[:2])


def together(files: Iterable[tuple[str, Mapping[Name, Captured]]]) -> dict[Name, Captured]:
    """What was captured in (location, captured) of all files: of each number what the newest location says."""
    places: dict[str, dict[Name, Captured]] = {}
    for location, found in files:
        known = places.setdefault(location, {})
        for name, one in found.items():
            known[name] = merged(known[name], one) if name in known else one
    newest: dict[Name, Captured] = {}
    for _, found in sorted(places.items()):
        for name, one in found.items():
            if name not in newest or one.newest.at > newest[name].newest.at:
                newest[name] = one
    return newest
