"""A history folder -> everything that figures are made of, reading as few raw rows as that takes.

Sealed days come from their lines; raw rows are read for days that are not sealed or have changed since, with their
context, and where somebody asks for them. A full reading takes the lines only where raw rows are gone. Both give the
same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from statusledger.clock import DAY_MS
from statusledger.frames import Ledger
from statusledger.history.drafts import DraftRecord, draft_records
from statusledger.history.facts import CertificateFacts
from statusledger.history.incidents import IncidentRecord, incident_records
from statusledger.history.sent import Sent
from statusledger.history.statements import Key as StatementKey
from statusledger.history.statements import StatementRecord, statement_records
from statusledger.model import Component
from statusledger.rollup import policy
from statusledger.rollup.archive import read_archive
from statusledger.rollup.days import between, day_of
from statusledger.rollup.keeping import past
from statusledger.rollup.line import SealedDay
from statusledger.rollup.policy import PolicyEntry
from statusledger.rollup.reach import NEVER, Reach, horizon
from statusledger.rollup.shelf import Shelf
from statusledger.rollup.sources import Source
from statusledger.rollup.subject import Samples, Standing, Subject, subject
from statusledger.sealed import OpenLine
from statusledger.timeline import Past, measured
from statusledger.timeline.steps import BEGINNING


@dataclass(frozen=True, slots=True)
class History:
    """What is known at an instant: the rows that are read, collapsed to `samples`, and the past of each component.

    `incidents` are the records that are kept, oldest first, `statements` the final ones of contracts by (contract,
    period), `drafts` what became of drafts of files about incidents, `certificates` the one of each check that ends
    first, `told` what channels were sent, in the order of time.
    """

    ledger: Ledger
    samples: Samples
    pasts: Mapping[str, Past] = field(default_factory=dict)
    incidents: tuple[IncidentRecord, ...] = ()
    statements: Mapping[StatementKey, tuple[StatementRecord, ...]] = field(default_factory=dict)
    drafts: tuple[DraftRecord, ...] = ()
    certificates: Mapping[str, CertificateFacts] = field(default_factory=dict)
    told: tuple[Sent, ...] = ()


def unkept(ledger: Ledger) -> History:
    """The history of which nothing but raw rows is kept."""
    return History(ledger, measured(ledger))


def joined(public: History, private: History) -> History:
    """Both as one; where both have samples of a check, those of the private one, which say more."""
    both = (public.ledger, private.ledger)
    ticks = {place: max(one.last_ticks.get(place, -1) for one in both) for one in both for place in one.last_ticks}
    newest = (place for one in both for place in one.offline if one.last_ticks[place] == ticks[place])
    ledger = replace(
        public.ledger,
        damage=tuple(sorted(fault for one in both for fault in one.damage)),
        dropped_future=sum(one.dropped_future for one in both),
        last_ticks=ticks,
        offline=frozenset(newest),
        captured={**public.ledger.captured, **private.ledger.captured},
    )
    return History(
        ledger=ledger,
        samples={**public.samples, **private.samples},
        pasts={**public.pasts, **private.pasts},
        incidents=tuple(sorted((*public.incidents, *private.incidents), key=lambda one: (one.started_at, one.id))),
        statements={**public.statements, **private.statements},
        certificates={**public.certificates, **private.certificates},
        told=tuple(sorted((*public.told, *private.told), key=lambda sent: sent.at)),
    )


class Reader:
    """Reads the history folder `root` for these components up to `as_of`; sealed lines with `open_line` only."""

    def __init__(
        self,
        root: Path,
        components: Iterable[Component],
        *,
        as_of: int,
        full: bool = False,
        open_line: OpenLine | None = None,
    ) -> None:
        archive = read_archive(root, as_of=as_of, open_line=open_line)
        self._archive = archive
        self._components = tuple(components)
        self.aliases = policy.aliases(archive.policies, self._components)
        self._as_of = as_of
        self.shelf = Shelf(root, archive.sources, as_of=as_of, open_line=open_line)
        self.subjects = self._subjects()
        self.today = day_of(as_of)
        self.again: dict[str, frozenset[int]] = {}
        self.changed: dict[str, frozenset[int]] = {}
        self.standing: dict[str, Mapping[int, Standing]] = {}
        records, damage = incident_records(root, as_of=as_of, open_line=open_line)
        self._incidents = tuple(records.values())
        self._statements, faults = statement_records(root, as_of=as_of, open_line=open_line)
        drafts, more = draft_records(root, as_of=as_of)
        self._drafts = tuple(drafts.values())
        self.damage = (*archive.damage, *damage, *faults, *more)
        # a look back cannot tell what a line owes to rows that came later
        self._full = full or archive.ahead
        self._wanted: dict[str, set[int]] = {}

    def _subjects(self) -> dict[str, Subject]:
        return {one.id: subject(one, self._archive, self.aliases, self._as_of) for one in self._components}

    @property
    def policies(self) -> tuple[PolicyEntry, ...]:
        """Since when components are counted how, as it was told so far."""
        return self._archive.policies

    @property
    def sealed(self) -> Mapping[str, Mapping[int, SealedDay]]:
        """The sealed days of all components there ever were, by id and day."""
        return self._archive.days

    @property
    def sources(self) -> Mapping[int, Mapping[str, Source]]:
        """What is known of raw files, by the day they are named after and by name."""
        return self._archive.sources

    def count_as(self, entries: Iterable[PolicyEntry]) -> None:
        """Has days counted as these entries say as well, before anything is read."""
        self._archive = replace(self._archive, policies=(*self._archive.policies, *entries))
        self.subjects = self._subjects()

    @cached_property
    def first_day(self) -> int:
        """The first day of which anything is known."""
        sealed = (day for one in self.subjects.values() for day in one.days)
        return min(min(sealed, default=self.today), min(self.shelf.days, default=self.today), self.today)

    def lost(self, component: str) -> set[int]:
        """The sealed days of a component that stand although raw rows differ: others of them are gone."""
        differing = {day for day, worth in self.standing[component].items() if worth is not Standing.VALID}
        return differing - self.again[component]

    def include(self, days: Iterable[int]) -> None:
        """Has the rows of these days read, as far as they are there."""
        self.shelf.load(self.shelf.days.intersection(days))

    def include_before(self, days: int) -> bool:
        """Has so many more days read before those that are read without a gap up to now; False if there are none."""
        known = sorted(self.shelf.days)
        read = next((index for index in reversed(range(len(known))) if known[index] not in self.shelf.loaded), -1) + 1
        return self.shelf.load(known[max(read - days, 0) : read])

    def read_since(self) -> int:
        """The first of the days that are read without a gap up to now."""
        unread = self.shelf.days - self.shelf.loaded
        return max(unread, default=self.first_day - DAY_MS) + DAY_MS

    def count_again(self, component: str, days: Collection[int]) -> bool:
        """Has these days of the component counted from raw rows; False when they are already or cannot be."""
        sealed = self.subjects[component].days
        gone = horizon(self.standing[component])
        new = {day for day in days if day in sealed and day > gone and day not in self.again[component]}
        new -= self._wanted.get(component, set())
        self._wanted.setdefault(component, set()).update(new)
        return bool(new)

    def read(self) -> History:
        """The history as it is by now."""
        if self._full:
            self.shelf.load(self.shelf.days)
        ledger, samples = self._rows()
        self._judge(samples)
        if self._full:
            kept = {name: self._kept_in_full(name, samples) for name in self.subjects}
        else:
            while self._load_needed(samples):
                ledger, samples = self._rows()
            kept = {name: set(one.days) - self.again[name] for name, one in self.subjects.items()}
        pasts = {name: self._past(name, kept[name]) for name in self.subjects}
        damage = tuple(sorted([*ledger.damage, *self.damage]))
        return History(replace(ledger, damage=damage), samples, pasts, self._incidents, self._statements, self._drafts)

    def _rows(self) -> tuple[Ledger, Samples]:
        ledger = self.shelf.ledger(self.aliases)
        return ledger, measured(ledger)

    def _judge(self, samples: Samples) -> None:
        """What each line is worth; that does not depend on how much more is read."""
        for name, one in self.subjects.items():
            if name not in self.standing:
                self.standing[name] = {day: one.standing(day, self.shelf, samples) for day in one.days}

    def _load_needed(self, samples: Samples) -> bool:
        """Whether more had to be read before it can be told what is to be counted again."""
        unread: set[int] = set()
        for name in self.subjects:
            needs = self._reach(name, samples).needs(self._wanted.get(name, ()))
            self.again[name], self.changed[name] = needs.again, needs.changed
            unread |= needs.unread
        return self.shelf.load(unread)

    def _kept_in_full(self, name: str, samples: Samples) -> set[int]:
        gone = horizon(self.standing[name]) != NEVER
        kept = self._reach(name, samples).kept_in_full() if gone else set[int]()
        days = {*self.subjects[name].days, *between(self.first_day, self.today + 1)}
        self.again[name] = self.changed[name] = frozenset(days - kept)
        return kept

    def _reach(self, name: str, samples: Samples) -> Reach:
        return Reach(self.subjects[name], self.shelf, samples, self.standing[name], self.today)

    def _past(self, name: str, kept: Collection[int]) -> Past:
        standing = self.standing[name]
        gone = horizon(standing)
        at_hand = {day for day in self.shelf.loaded if standing.get(day) is Standing.VALID and day > gone}
        return past(self.subjects[name], kept, at_hand, BEGINNING if gone == NEVER else gone + DAY_MS)
