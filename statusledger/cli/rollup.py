"""`statusledger rollup`: seals the days that are over, and keeps what outlives raw rows."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from statusledger import words
from statusledger.cli.place import Place, place
from statusledger.config import Config
from statusledger.errors import UsageError
from statusledger.model import Group, Visibility
from statusledger.report.keeping import Kept, Recompute, keep
from statusledger.rollup.days import spelled

LOG = logging.getLogger("statusledger")


def run(arguments: argparse.Namespace) -> int:
    """0; 1 when something that was kept before could not be read."""
    if arguments.policy and not arguments.recompute:
        message = "--policy current counts sealed days anew, so it needs --recompute"
        raise UsageError(message)
    where = place(arguments)
    recompute = Recompute.CURRENT_POLICY if arguments.policy else Recompute.ALL if arguments.recompute else None
    kept = [
        keep(root, part, as_of=where.started_at, recompute=recompute or Recompute.CHANGED)
        for root, part in ledgers(where, where.config())
    ]
    _tell(kept)
    damage = [fault for one in kept for fault in one.damage]
    for fault in damage:
        LOG.warning("%s:%d: %s", fault.file, fault.line, fault.reason)
    return 1 if damage else 0


def ledgers(where: Place, config: Config) -> Iterator[tuple[Path, Config]]:
    """The history folder with its public components, and the one of the private ones, as far as they are there."""
    for root, visibility in ((where.history, Visibility.PUBLIC), (where.sealed, Visibility.PRIVATE)):
        groups = tuple(
            replace(group, components=tuple(one for one in group.components if one.visibility is visibility))
            for group in config.groups
        )
        part = _part(config, groups)
        if part.components and root.is_dir():
            yield root, part


def _part(config: Config, groups: tuple[Group, ...]) -> Config:
    """The configuration of these components: with the services and contracts that are about no others."""
    known = {component.id for group in groups for component in group.components}
    services = tuple(one for one in config.services if all(member.component in known for member in one.members))
    known.update(service.id for service in services)
    contracts = tuple(one for one in config.sla.contracts if one.subject in known)
    return replace(config, groups=groups, services=services, sla=replace(config.sla, contracts=contracts))


def _tell(kept: Sequence[Kept]) -> None:
    """What was kept, in a line or two; private components are counted like all others, without their names."""
    sealed = [day.day for one in kept for day in one.rolled.sealed]
    revised = [day.day for one in kept for day in one.rolled.revised]
    waiting = [day for one in kept for days in one.rolled.open_days.values() for day in days]
    print(f"rollup: {_days(sealed, 'sealed')}, {_days(revised, 'sealed anew')}")
    changed = sum(bool(entry.since) for one in kept for entry in one.policies)
    opened = sum(record.closed is None for one in kept for record in one.incidents)
    closed = sum(record.closed is not None for one in kept for record in one.incidents)
    if changed or opened or closed:
        policies = words.plural(changed, "component")
        print(f"rollup: {policies} counted in another way, {opened} incidents opened, {closed} closed")
    stated = [one for part in kept for one in part.statements]
    if stated:
        anew = sum(one.reason is not None for one in stated)
        print(f"rollup: {words.plural(len(stated) - anew, 'statement')} final, {anew} revised")
    if waiting:
        print(f"rollup: {_days(waiting, 'unsealed')}: rows came in late, and what follows them is still to come")


def _days(days: list[int], what: str) -> str:
    """`3 days of components sealed (2026-11-18 to 2026-11-20)`."""
    if not days:
        return f"nothing {what}"
    first, last = spelled(min(days)), spelled(max(days))
    span = first if first == last else f"{first} to {last}"
    return f"{words.plural(len(days), 'component-day')} {what} ({span})"
