"""The rollup job: what was measured -> new lines of history for the days that may be sealed, and for their sources.

A day is sealed once nothing that is still to come in time can change it, one after the other. A sealed day that no
longer says what its rows say is sealed anew; its later line replaces the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from statusledger.clock import DAY_MS
from statusledger.history.records import append_records, policy_path, rollup_path, sources_path
from statusledger.model import Component
from statusledger.rollup import line, policy, sources
from statusledger.rollup.days import day_of
from statusledger.rollup.line import SealedDay
from statusledger.rollup.policy import SINCE_EVER, PolicyEntry
from statusledger.rollup.reading import Reader
from statusledger.rollup.sealing import sealable, sealed_day
from statusledger.rollup.sources import DaySources, source
from statusledger.sealed import Guard
from statusledger.timeline import ComponentTimeline


@dataclass(frozen=True, slots=True)
class Rolled:
    """New lines: days sealed for the first time, days sealed anew, and what is known of raw files now.

    `open_days` are sealed days by component that changed and may not be sealed again yet, `until` the first day of each
    that may not be sealed for the first time.
    """

    sealed: tuple[SealedDay, ...]
    revised: tuple[SealedDay, ...]
    sources: tuple[DaySources, ...]
    open_days: Mapping[str, frozenset[int]]
    until: Mapping[str, int]

    def is_sealed(self, component: str, days: Iterable[int]) -> bool:
        """Whether all these days of a component are sealed by now."""
        return all(day < self.until[component] and day not in self.open_days[component] for day in days)


def changed_policies(
    told: Sequence[PolicyEntry], components: Iterable[Component], *, as_of: int, retroactive: bool = False
) -> list[PolicyEntry]:
    """An entry for each component that is no longer counted as it was told; the first one holds since ever.

    `retroactive`: the change is to hold since ever as well.
    """
    found = []
    for component in components:
        entries = [entry for entry in told if entry.component in {component.id, *component.was}]
        now = policy.policy(component)
        standing = {policy.digest(entry.policy) for entry in policy.in_force(entries)}
        if not entries:
            found.append(policy.entry(component, SINCE_EVER))
        elif retroactive and standing != {now["digest"]}:
            found.append(policy.entry(component, as_of, retroactive=True))
        elif policy.digest(entries[-1].policy) != now["digest"]:
            found.append(policy.entry(component, as_of))
    return found


def rolled(reader: Reader, timelines: Mapping[str, ComponentTimeline], *, as_of: int) -> Rolled:
    """The new lines of what was read; `timelines` are those of the reader's components."""
    sealed: list[SealedDay] = []
    revised: list[SealedDay] = []
    open_days: dict[str, frozenset[int]] = {}
    until: dict[str, int] = {}
    for name, timeline in timelines.items():
        until[name] = _sealed_until(reader, timeline, as_of)
        lines = list(_lines(reader, timeline, until[name]))
        sealed += [line for line in lines if not line.revision]
        changed = [line for line in lines if line.revision]
        # one of them would hide from the next run why the others have changed
        wait = not all(sealable(timeline, line.day, as_of) for line in changed)
        open_days[name] = frozenset(line.day for line in changed if wait)
        revised += [] if wait else changed
    told = tuple(_sources(reader, until, open_days, as_of))
    if (sealed or revised) and not told:
        # nothing new of any file, but a look back to before now has to know that lines know of now
        newest = max(line.day for line in (*sealed, *revised))
        told = (DaySources(newest, as_of, reader.sources.get(newest, {})),)
    return Rolled(tuple(sealed), tuple(revised), told, open_days, until)


def _lines(reader: Reader, timeline: ComponentTimeline, until: int) -> Iterator[SealedDay]:
    """The lines of days that have none yet, and of days whose line says something else; these have a revision."""
    subject = reader.subjects[timeline.component.id]
    first = _first_day(reader, timeline)
    for day in sorted(day for day in reader.again[timeline.component.id] if first <= day < until):
        before = subject.days.get(day)
        names = {} if before is None else {timeline.component.id: before.component, **subject.written(before)}
        now = sealed_day(timeline, subject.era(day), day, names)
        if before is None and (now.sources or not _ended(timeline, day)):
            yield now
        elif before is not None and before._replace(revision=0) != now:
            yield now._replace(revision=before.revision + 1)


def _sealed_until(reader: Reader, timeline: ComponentTimeline, as_of: int) -> int:
    """The first day of the component that may not be sealed yet."""
    known = reader.subjects[timeline.component.id].days
    day = max(known) + DAY_MS if known else _first_day(reader, timeline)
    while day <= as_of and sealable(timeline, day, as_of):
        day += DAY_MS
    return day


def _first_day(reader: Reader, timeline: ComponentTimeline) -> int:
    """The first day of which there is a row of the component, today if there is none."""
    known = reader.subjects[timeline.component.id].days
    rows = (int(rows.ts[0]) for era in timeline.eras for check in era.counted for rows in check.samples.values())
    more = (int(rows.ts[0]) for check in timeline.checks for rows in check.samples.values())
    return min([*map(day_of, (*rows, *more)), *known], default=reader.today)


def _ended(timeline: ComponentTimeline, day: int) -> bool:
    """Whether the component is at its end before the day begins."""
    return timeline.alive_until is not None and day >= timeline.alive_until


def _sources(
    reader: Reader, until: Mapping[str, int], open_days: Mapping[str, frozenset[int]], as_of: int
) -> Iterator[DaySources]:
    """What is new of the files whose days are all sealed; rows of days that were pruned are looked at every time."""
    reached = min(until.values(), default=0)
    waiting = frozenset[int]().union(*open_days.values(), *(reader.lost(name) for name in until))
    for day, paths in sorted(reader.shelf.named.items()):
        read = [reader.shelf.files[path] for path in paths if path in reader.shelf.files]
        found = {file.path.name: one for file in read if (one := source(file)) is not None}
        days = {day, *(other for one in found.values() for other in one.days)}
        complete = len(found) == len(paths) and max(days) < reached and not days & waiting
        if complete and found != dict(reader.sources.get(day, {})):
            yield DaySources(day, as_of, found)


def write(root: Path, found: Rolled, entries: Iterable[PolicyEntry], guard: Guard = bytes) -> None:
    """Appends the new lines below the history folder; sources last, so that nothing counts as known before it is."""
    by_file: dict[Path, list[SealedDay]] = {}
    for day in sorted((*found.sealed, *found.revised), key=lambda day: (day.day, day.component)):
        by_file.setdefault(rollup_path(root, day.day), []).append(day)
    for path, days in by_file.items():
        append_records(path, [line.plain(day) for day in days], guard)
    append_records(policy_path(root), [policy.plain(entry) for entry in entries], guard)
    append_records(sources_path(root), [sources.plain(day) for day in found.sources], guard)
