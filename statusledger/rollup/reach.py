"""Which days of a component have to be counted again from raw rows, and which raw rows that takes.

Effective states of samples depend on N + M - 1 known samples before and after (the context rule), and a sample holds
for H. So a day whose rows changed takes its neighbours with it as far as that reaches, and to count a day its context
has to be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from statusledger.clock import DAY_MS
from statusledger.rollup.days import day_of, runs
from statusledger.rollup.shelf import Shelf
from statusledger.rollup.subject import Samples, Standing, Subject
from statusledger.timeline import visible
from statusledger.timeline.steps import BEGINNING, Instants

NEVER = -(2**62)
NOTHING = np.array([], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Pair:
    """One check at one location, as far as it is read: instants of its samples, and of the known ones.

    `needed` known samples on either side bear on a day; a sample holds for `hold_ms`.
    """

    check: str
    location: str
    needed: int
    hold_ms: int
    samples: Instants
    known: Instants

    def count(self, start: int, end: int) -> int:
        """How many known samples lie in [start, end)."""
        first, last = self.known.searchsorted((start, end)).tolist()
        return int(last - first)

    def between(self, start: int, end: int) -> Instants:
        """The samples in [start, end)."""
        first, last = self.samples.searchsorted((start, end)).tolist()
        return self.samples[first:last]


@dataclass(frozen=True, slots=True)
class Needs:
    """`changed` days have to be counted from raw rows, `again` are these and what else was asked for.

    `unread` are the days whose rows that still takes.
    """

    changed: frozenset[int]
    again: frozenset[int]
    unread: frozenset[int]


def horizon(standing: Mapping[int, Standing]) -> int:
    """The newest day whose rows are gone, NEVER if there is none."""
    return max((day for day, worth in standing.items() if worth is Standing.PRUNED), default=NEVER)


@dataclass
class Reach:
    """Looks along the days of one component.

    `standing` is what its lines are worth, `today` the day that holds as_of.
    """

    subject: Subject
    shelf: Shelf
    samples: Samples
    standing: Mapping[int, Standing]
    today: int
    unread: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.horizon = horizon(self.standing)
        self.since = BEGINNING if self.horizon == NEVER else self.horizon + DAY_MS
        self.measured = self.subject.measured_days(self.samples, self.since)
        self.first = min([*self.subject.days, *self.measured], default=self.today)
        self.pairs = list(self._pairs())

    def _pairs(self) -> Iterator[Pair]:
        for check, (needed, hold) in self.subject.checks.items():
            places = visible(check, self.samples.get(check, {}), self.subject.eras, self.since)
            for location in sorted(self.subject.locations | places.keys()):
                rows = places.get(location)
                samples = NOTHING if rows is None else rows.ts
                known = NOTHING if rows is None else rows.ts[rows.known]
                yield Pair(check, location, needed, hold, samples, known)

    # --- what has to be counted again ---------------------------------------------------------------

    def needs(self, wanted: Collection[int] = ()) -> Needs:
        """What is to be done, as far as it can be told by what is read; `wanted` days are counted again anyway."""
        news = self._changed()
        changed = news | self._joined_earlier(news)
        for start, end in runs(news):
            changed |= self._neighbours(start, end)
        again = changed | set(wanted)
        self.unread |= {day for day in again & self.shelf.days - self.shelf.loaded if self._may_be_measured(day)}
        for start, end in runs(again):
            self._read_context(start, end)
        kept = {day for day in again & self.subject.days.keys() if day <= self.horizon or self._leans_on_pruned(day)}
        return Needs(frozenset(changed - kept), frozenset(again - kept), frozenset(self.unread))

    def _changed(self) -> set[int]:
        """Days that no valid line tells of: new ones, stale ones, and all where the component is new to the job."""
        sealed = self.subject.days
        changed = {day for day, worth in self.standing.items() if worth is Standing.STALE}
        if sealed:
            changed.update(range(max(sealed) + DAY_MS, self.today + DAY_MS, DAY_MS))
        else:
            changed.update(range(min(self.shelf.grown, default=self.today), self.today + DAY_MS, DAY_MS))
        candidates = self.shelf.grown if self.subject.has_policy else self.shelf.days
        unsealed = {day for day in candidates if day not in sealed and day <= self.today}
        return changed | {day for day in unsealed if day in self.measured or day not in self.shelf.loaded}

    def _may_be_measured(self, day: int) -> bool:
        """Whether a day may have rows of the component: of a known file without a line there are none."""
        return day in self.subject.days or not self.subject.has_policy

    def _neighbours(self, start: int, end: int) -> set[int]:
        """The days around changed ones whose samples may mean something else now."""
        found: set[int] = set()
        for pair in self.pairs:
            inside = pair.between(start, end)
            if not len(inside):
                continue
            before, after = self._before(pair, start), self._after(pair, end)
            last = max(after) if after else min(day_of(int(inside[-1]) + pair.hold_ms), self.today)
            found.update(range(min(before, default=start), last + DAY_MS, DAY_MS))
        return found

    def _joined_earlier(self, changed: set[int]) -> set[int]:
        """The days from which a check is a member now, up to that from which it was before."""
        found: set[int] = set()
        sealed = sorted(self.subject.days)
        for pair in self.pairs:
            news = [day for day in changed if len(pair.between(day, day + DAY_MS))]
            if not news or not sealed or min(news) > sealed[-1]:
                continue
            had = (day for day in sealed if self._had(day, pair.check))
            found.update(range(min(news), next(had, self.today), DAY_MS))
        first = min(changed & self.measured, default=self.today)
        if sealed and first < sealed[0]:
            found.update(range(first, sealed[0] + DAY_MS, DAY_MS))
        return found

    def _had(self, day: int, check: str) -> bool:
        return any(self.subject.has(day, check, location) for location in self.subject.locations)

    # --- what that takes ----------------------------------------------------------------------------

    def _read_context(self, start: int, end: int) -> None:
        """Notes what is not read yet of what bears on [start, end)."""
        for pair in self.pairs:
            if len(pair.between(start, end)) or self._before(pair, start, only_held=True):
                self._before(pair, start)
                self._after(pair, end)

    def _before(self, pair: Pair, start: int, *, only_held: bool = False) -> list[int]:
        """The days before `start` that hold the pair's nearest known samples, newest first.

        `only_held`: unless their newest sample is not held until `start` anyway.
        """
        earliest = max(self.first, self.horizon + DAY_MS)
        if only_held:
            earliest = max(earliest, day_of(start - pair.hold_ms))
        return self._nearest(pair, range(start - DAY_MS, earliest - DAY_MS, -DAY_MS))

    def _after(self, pair: Pair, end: int) -> list[int]:
        """The days from `end` on that hold the pair's nearest known samples, oldest first."""
        return self._nearest(pair, range(end, self.today + DAY_MS, DAY_MS))

    def _nearest(self, pair: Pair, days: range) -> list[int]:
        reached: list[int] = []
        count = 0
        for day in days:
            if count >= pair.needed:
                break
            if day not in self.shelf.loaded and self.subject.has(day, pair.check, pair.location):
                self.unread.add(day)
                reached.append(day)
                break
            if len(pair.between(day, day + DAY_MS)):
                reached.append(day)
                count += pair.count(day, day + DAY_MS)
        return reached

    # --- where the raw rows end ---------------------------------------------------------------------

    def kept_in_full(self) -> set[int]:
        """The sealed days that are taken as they are although everything is read: their rows or context are gone."""
        later = [day for day in self.subject.days if day > self.horizon]
        early = self.subject.days.keys() - set(later)
        return {*early, *(day for day in later if self._leans_on_pruned(day))} if self.horizon > NEVER else set()

    def _leans_on_pruned(self, day: int) -> bool:
        """Whether samples that are gone bear on the day, which its line still knew."""
        if self.horizon == NEVER or self.standing.get(day) is not Standing.VALID:
            return False
        return any(self._lacks_context(pair, day) for pair in self.pairs)

    def _lacks_context(self, pair: Pair, day: int) -> bool:
        gone = self.horizon + DAY_MS
        if pair.count(gone, day) >= pair.needed or (pair.check, pair.location) not in self._gone:
            return False
        before = pair.between(gone, day)
        held_until = (int(before[-1]) if len(before) else gone) + pair.hold_ms
        return held_until > day or len(pair.between(day, day + DAY_MS)) > 0

    @cached_property
    def _gone(self) -> set[tuple[str, str]]:
        """The pairs that have samples on sealed days up to the last one that was pruned."""
        found: set[tuple[str, str]] = set()
        for day in (day for day in self.subject.days if day <= self.horizon):
            sealed = self.subject.days[day]
            checks = {self.subject.aliases.get(check, check) for check in sealed.checks}
            found.update((check, location) for check in checks for location in sealed.sources)
        return found
