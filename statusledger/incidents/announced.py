"""Maintenance files and what was announced of them -> the windows that count, and what is to be announced.

An instant counts if the file as it is now covers it, an announcement that was made in time covered it, and nothing
that was announced since then took it back. To stretch a window over an outage, or to take a cancellation back, is late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from statusledger.config import Config
from statusledger.history.notices import Notice
from statusledger.incident_files import MaintenanceFile
from statusledger.incident_files.names import EVERYTHING
from statusledger.incidents.occurrences import HORIZON_MS, occurrences
from statusledger.model import Component, Maintenance
from statusledger.timeline import Window, counted_windows, merged

Notices = Mapping[str, Sequence[Notice]]


@dataclass(frozen=True, slots=True)
class Announced:
    """How announcements are judged: by `notices` (None: by what each file claims itself), at an instant, in a zone."""

    notices: Notices | None
    notice_ms: int
    zone: str
    as_of: int

    def windows(self, one: MaintenanceFile) -> list[Window]:
        """Every window of a file, whether it counts or not."""
        return self.windows_of(notice_of(one, self.zone, self.as_of))

    def windows_of(self, notice: Notice) -> list[Window]:
        """Every window of an announcement, cancelled or not."""
        return _windows(notice, self.as_of)

    def plans(self, one: MaintenanceFile, config: Config) -> Iterator[Maintenance]:
        """The windows that count, for whom they do."""
        if self.notices is None:
            yield from self._claimed(one)
            return
        entries = self.entries(one)
        if len({entry.components for entry in entries}) == 1:
            yield from _plans(one, one.components, self._counted(entries, None))
            return
        for component in config.subjects.values():
            yield from _plans(one, (component.id,), self._counted(entries, names_of(component, config)))

    def late(self, one: MaintenanceFile, config: Config) -> list[Window]:
        """The windows still to come that will not count for everything that the file names."""
        plans = list(self.plans(one, config))
        spans = [counted_windows(plans, names, self.notice_ms) for names in self._named(one, config)]
        ahead = [window for window in self.windows(one) if window[0] > self.as_of]
        return [one for one in ahead if any(intersection(span, [one]) != [one] for span in spans)]

    def entries(self, one: MaintenanceFile) -> tuple[Notice, ...]:
        """What was announced of a file, oldest first; what it says now is announced now, if that is new."""
        told = tuple((self.notices or {}).get(one.id, ()))
        now = notice_of(one, self.zone, self.as_of)
        return told if told and told[-1].says_the_same(now) else (*told, now)

    def _named(self, one: MaintenanceFile, config: Config) -> Iterator[set[str]]:
        """The names of each component that a file names."""
        for component in config.components.values():
            names = names_of(component, config)
            if names.intersection(one.components):
                yield names

    def _claimed(self, one: MaintenanceFile) -> Iterator[Maintenance]:
        for start, end in [] if one.cancelled else self.windows(one):
            yield Maintenance(one.id, one.title, one.components, start, end, one.announced_at)

    def _counted(self, entries: Sequence[Notice], names: Collection[str] | None) -> list[Window]:
        """What counts for a component that these names mean (None: for whom the file names)."""
        standing = merged(_covered(entries[-1], names, self.as_of))
        found: list[Window] = []
        for entry in reversed(entries):
            covered = _covered(entry, names, self.as_of)
            standing = intersection(standing, merged(covered))
            in_time = (window for window in covered if entry.seen_at <= window[0] - self.notice_ms)
            found += intersection(standing, merged(in_time))
        return merged(found)


def notice_of(one: MaintenanceFile, zone: str, seen_at: int) -> Notice:
    """The announcement that a file makes."""
    return Notice(
        id=one.id,
        components=one.components,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        cancelled=one.cancelled,
        seen_at=seen_at,
        repeats=one.repeats,
        zone=zone if one.repeats else "UTC",
    )


def new_notices(
    files: Sequence[MaintenanceFile], present: Collection[str], announced: Announced, seen_at: int
) -> Iterator[Notice]:
    """What is to be announced: each file that says something new, and each that is gone, as cancelled.

    `present` are the ids of all files there are, also of those that cannot be read.
    """
    for one in files:
        notice = notice_of(one, announced.zone, seen_at)
        told = (announced.notices or {}).get(one.id, ())
        if not told or not told[-1].says_the_same(notice):
            yield notice
    for name, told in (announced.notices or {}).items():
        last = told[-1]
        if name not in present and not last.cancelled:
            fields = (last.components, last.starts_at, last.ends_at)
            yield Notice(name, *fields, cancelled=True, seen_at=seen_at, repeats=last.repeats, zone=last.zone)


def names_of(component: Component, config: Config) -> set[str]:
    """Every id by which a window can name a component."""
    services = {one.id for one in config.services if component.id in {member.component for member in one.members}}
    return {component.id, *component.was, component.group, *services, EVERYTHING}


def intersection(one: Sequence[Window], other: Sequence[Window]) -> list[Window]:
    """The instants that both have; both are disjoint and in rising time."""
    found: list[Window] = []
    first, second = 0, 0
    while first < len(one) and second < len(other):
        start, end = max(one[first][0], other[second][0]), min(one[first][1], other[second][1])
        if start < end:
            found.append((start, end))
        if one[first][1] < other[second][1]:
            first += 1
        else:
            second += 1
    return found


def _plans(one: MaintenanceFile, components: tuple[str, ...], windows: Sequence[Window]) -> Iterator[Maintenance]:
    return (Maintenance(one.id, one.title, components, start, end) for start, end in windows)


def _covered(entry: Notice, names: Collection[str] | None, as_of: int) -> list[Window]:
    if entry.cancelled or (names is not None and not set(names).intersection(entry.components)):
        return []
    return _windows(entry, as_of)


def _windows(entry: Notice, as_of: int) -> list[Window]:
    return occurrences(entry.starts_at, entry.ends_at, entry.repeats, entry.zone, until=as_of + HORIZON_MS)
