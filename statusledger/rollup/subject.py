"""A component with everything that is kept of it, and which of its sealed days still hold.

A sealed day holds while the rows that it was made from are what lies in the raw files, counted as they are now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from statusledger.clock import DAY_MS
from statusledger.model import Component
from statusledger.rollup.archive import Archive, dated, policies, sealed_days
from statusledger.rollup.line import SealedDay
from statusledger.rollup.sealing import sources
from statusledger.rollup.shelf import Shelf
from statusledger.timeline import Era, SeriesByLocation, visible

Samples = Mapping[str, SeriesByLocation]


class Standing(Enum):
    """What a sealed day is worth: its rows are gone, it does not say what they say, or it does."""

    PRUNED = "pruned"
    STALE = "stale"
    VALID = "valid"


@dataclass(frozen=True)
class Subject:
    """One component: its sealed days, and how it is counted in each era. `aliases` are the old names of checks."""

    component: Component
    days: Mapping[int, SealedDay]
    eras: tuple[Era, ...]
    aliases: Mapping[str, str]
    has_policy: bool

    def era(self, day: int) -> Era:
        """The era of the day."""
        return self.eras[bisect_right(self._ends, day)]

    @cached_property
    def checks(self) -> dict[str, tuple[int, int]]:
        """Check -> (known samples that bear on a day from either side, hold), of all that ever counted."""
        found: dict[str, tuple[int, int]] = {}
        for era in self.eras:
            for check in era.component.checks:
                if not check.informational:
                    counting = check.counting
                    # two at least, so that what grows can be told by the second
                    reach, hold = found.get(check.id, (2, 0))
                    needed = counting.confirm_down + counting.confirm_up - 1
                    found[check.id] = max(reach, needed), max(hold, counting.max_staleness_ms)
        return found

    @cached_property
    def locations(self) -> set[str]:
        """Every location that went into a sealed day."""
        return set[str]().union(*(day.sources for day in self.days.values()))

    def counted(self, day: int) -> frozenset[str]:
        """The checks that count on a day."""
        return self._counted[bisect_right(self._ends, day)]

    @cached_property
    def _ends(self) -> list[int]:
        return [era.end for era in self.eras]

    @cached_property
    def _counted(self) -> list[frozenset[str]]:
        return [era.counted for era in self.eras]

    @cached_property
    def informational(self) -> set[str]:
        """The checks of which days are kept although they count for nothing."""
        return {check.id for check in self.component.checks if check.informational}

    def seen(self, check: str, samples: Samples, since: int) -> SeriesByLocation:
        """The samples of a check from an instant on, as far as it was a part of the component."""
        rows = samples.get(check, {})
        return rows if check in self.informational else visible(check, rows, self.eras, since)

    def written(self, sealed: SealedDay) -> dict[str, str]:
        """Id -> the id that the line of a sealed day gives it, of its checks."""
        return {self.aliases.get(name, name): name for name in sealed.checks}

    def has(self, day: int, check: str, location: str) -> bool:
        """Whether the sealed day may have samples of the check from the location."""
        sealed = self.days.get(day)
        if sealed is None or location not in sealed.sources:
            return False
        return check in sealed.checks or any(self.aliases.get(old) == check for old in sealed.checks)

    def standing(self, day: int, shelf: Shelf, samples: Samples) -> Standing:
        """What the sealed day is worth; `samples` are what the shelf has read."""
        sealed = self.days[day]
        if not sealed.sources.keys() <= shelf.locations.get(day, set()):
            return Standing.PRUNED
        if day in shelf.grown:
            found = self._sources(sealed, samples)
            if any(_count(found, location) < sealed.rows(location) for location in sealed.sources):
                return Standing.PRUNED
            if found != sealed.sources:
                return Standing.STALE
        return Standing.VALID if sealed.policy == self.era(day).policy else Standing.STALE

    def _sources(self, sealed: SealedDay, samples: Samples) -> dict[str, str]:
        """The sources of the day by what is read, with checks under the names that the line gives them."""
        written = self.written(sealed)
        checks = self.counted(sealed.day) | self.informational | written.keys()
        return sources({written.get(check, check): samples.get(check, {}) for check in checks}, sealed.day)

    def measured_days(self, samples: Samples, since: int) -> set[int]:
        """The days of which samples of the component are read, from an instant on."""
        found: set[int] = set()
        for check in self.checks.keys() | self.informational:
            for rows in self.seen(check, samples, since).values():
                found.update(np.unique(rows.ts // DAY_MS * DAY_MS).tolist())
        return found


def _count(found: Mapping[str, str], location: str) -> int:
    return int(found[location].partition(":")[0]) if location in found else 0


def subject(component: Component, archive: Archive, aliases: Mapping[str, str], as_of: int) -> Subject:
    """The component with what the archive has of it."""
    return Subject(
        component,
        sealed_days(archive, component),
        dated(archive, component, aliases, as_of),
        aliases,
        bool(policies(archive, component)),
    )
