"""Everything that the publish job keeps in a history folder, read once: sealed days, policies and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from statusledger.clock import DAY_MS
from statusledger.frames import collector_off
from statusledger.history import Damage
from statusledger.history.records import policy_path, read_records, rollup_files, sources_path
from statusledger.model import Component
from statusledger.rollup import line, policy, sources
from statusledger.rollup.line import SealedDay
from statusledger.rollup.policy import PolicyEntry
from statusledger.rollup.sources import Source
from statusledger.sealed import OpenLine
from statusledger.timeline import Era


@dataclass(frozen=True, slots=True)
class Archive:
    """What is kept of a ledger up to an instant.

    `days` by the component's id as it was written and by day, `policies` in the order of the file, `sources` by day and
    file name. `ahead`: some of it was told after the instant, so this is a look back.
    """

    days: Mapping[str, Mapping[int, SealedDay]] = field(default_factory=dict)
    policies: tuple[PolicyEntry, ...] = ()
    sources: Mapping[int, Mapping[str, Source]] = field(default_factory=dict)
    damage: tuple[Damage, ...] = ()
    ahead: bool = False


def read_archive(root: Path, *, as_of: int, open_line: OpenLine | None = None) -> Archive:
    """The archive of a history folder, which need not exist; of several lines for a day the last one counts."""
    found: dict[str, dict[int, SealedDay]] = {}
    damage: list[Damage] = []
    ahead = False
    with collector_off():
        for path in rollup_files(root):
            lines, faults = read_records(path, line.read, root=root, open_line=open_line)
            damage += faults
            for sealed in lines:
                if sealed.day + DAY_MS <= as_of:
                    found.setdefault(sealed.component, {})[sealed.day] = sealed
                else:
                    ahead = True
    entries, faults = read_records(policy_path(root), policy.read, root=root, open_line=open_line)
    files, more = read_records(sources_path(root), sources.read, root=root, open_line=open_line)
    ahead = ahead or any(day.at > as_of for day in files)
    return Archive(found, tuple(entries), sources.known_sources(files), (*damage, *faults, *more), ahead)


def sealed_days(archive: Archive, component: Component) -> dict[int, SealedDay]:
    """The sealed days of a component under all the names it had."""
    found: dict[int, SealedDay] = {}
    for identity in (*component.was, component.id):
        found |= archive.days.get(identity, {})
    return found


def policies(archive: Archive, component: Component) -> list[PolicyEntry]:
    """The policies of a component under all the names it had, in the order of the file."""
    names = {component.id, *component.was}
    return [entry for entry in archive.policies if entry.component in names]


def dated(archive: Archive, component: Component, aliases: Mapping[str, str], as_of: int) -> tuple[Era, ...]:
    """The component as it is counted at each time, as far as that was told by an instant."""
    entries = [entry for entry in policies(archive, component) if entry.since <= as_of]
    return policy.eras(component, entries, aliases)
