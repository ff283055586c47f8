"""`statusledger rollup`: seals the days that are over, and keeps what outlives raw rows."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence

from statusledger.cli import files
from statusledger.cli.ledgers import Part, private_part, public_part
from statusledger.cli.place import Place, place
from statusledger.errors import UsageError
from statusledger.report.keeping import Kept, Recompute, keep
from statusledger.rollup.days import spelled
from statusledger.written.wording import plural

LOG = logging.getLogger("statusledger")


def run(arguments: argparse.Namespace) -> int:
    """0; 1 when something that was kept before could not be read."""
    if arguments.policy and not arguments.recompute:
        message = "--policy current counts sealed days anew, so it needs --recompute"
        raise UsageError(message)
    where = place(arguments)
    recompute = Recompute.CURRENT_POLICY if arguments.policy else Recompute.ALL if arguments.recompute else None
    config = where.config(warns=False)
    announced = files.announce(where, config)
    if announced:
        print(f"rollup: {plural(announced, 'maintenance window')} announced")
    kept: list[Kept] = []
    try:
        # the private part last: whatever is wrong with it, the public one is kept
        for part in (public_part, private_part):
            kept += _kept(where, part(where), recompute or Recompute.CHANGED)
    finally:
        _tell(kept)
    return 1 if any(one.damage for one in kept) else 0


def _kept(where: Place, part: Part | None, recompute: Recompute) -> Iterator[Kept]:
    """What a part gained, if there is anything to keep; what could not be read of it is told."""
    if part and part.config.subjects and part.root.is_dir():
        kept = keep(
            part.root,
            part.config,
            as_of=where.started_at,
            recompute=recompute,
            filed=files.filed(where, part.config),
            open_line=part.open_line,
            guard=part.guard,
        )
        for fault in kept.damage:
            LOG.warning("%s", part.told(fault))
        yield kept


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
        policies = plural(changed, "component")
        print(f"rollup: {policies} counted in another way, {opened} incidents opened, {closed} closed")
    stated = [one for part in kept for one in part.statements]
    if stated:
        anew = sum(one.reason is not None for one in stated)
        print(f"rollup: {plural(len(stated) - anew, 'statement')} final, {anew} revised")
    if waiting:
        print(f"rollup: {_days(waiting, 'unsealed')}: rows came in late, and what follows them is still to come")


def _days(days: list[int], what: str) -> str:
    """`3 days of components sealed (2026-11-18 to 2026-11-20)`."""
    if not days:
        return f"nothing {what}"
    first, last = spelled(min(days)), spelled(max(days))
    span = first if first == last else f"{first} to {last}"
    return f"{plural(len(days), 'component-day')} {what} ({span})"
