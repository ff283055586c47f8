"""What the publish job keeps of a history folder: sealed days, policies, sources, incidents and final statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from statusledger.config import Config
from statusledger.history import Damage
from statusledger.history.incidents import IncidentRecord
from statusledger.history.records import append_records
from statusledger.history.statements import StatementRecord, plain, statement_path
from statusledger.report import reading, recording
from statusledger.report.filed import NOTHING_FILED, Filed
from statusledger.report.statements import new_statements
from statusledger.report.telling import down_alone, opened_incidents
from statusledger.rollup import job
from statusledger.rollup.job import Rolled
from statusledger.rollup.policy import PolicyEntry
from statusledger.sealed import Guard, OpenLine


class Recompute(Enum):
    """How much is counted anew: what has changed, every day with raw rows, or all of them as days are counted now."""

    CHANGED = "changed"
    ALL = "all"
    CURRENT_POLICY = "current policy"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a history folder gains; `damage` is what could not be read of what it had."""

    rolled: Rolled
    policies: tuple[PolicyEntry, ...]
    incidents: tuple[IncidentRecord, ...]
    statements: tuple[StatementRecord, ...]
    damage: tuple[Damage, ...]


def keep(  # noqa: PLR0913 - what is kept, when, how much of it anew, and how private lines are opened and kept
    root: Path,
    config: Config,
    *,
    as_of: int,
    recompute: Recompute = Recompute.CHANGED,
    filed: Filed = NOTHING_FILED,
    open_line: OpenLine | None = None,
    guard: Guard = bytes,
) -> Kept:
    """Appends what is missing for the configured components and contracts below the history folder `root`.

    Private ones are read with `open_line`, and their lines kept as `guard` makes them.
    """
    full = recompute is not Recompute.CHANGED
    reader = reading.reader_of(root, config, as_of=as_of, full=full, open_line=open_line)
    components = config.subjects.values()
    retroactive = recompute is Recompute.CURRENT_POLICY
    policies = job.changed_policies(reader.policies, components, as_of=as_of, retroactive=retroactive)
    if retroactive:
        reader.count_as(policies)
    history, evaluation = reading.settled(reader, config, as_of=as_of, filed=filed)
    timelines = {identity: one.timeline for identity, one in evaluation.components.items()}
    rolled = job.rolled(reader, timelines, as_of=as_of)
    opened = opened_incidents(
        evaluation.components, down_alone(evaluation.components), after_ms=config.incidents_after_ms, as_of=as_of
    )
    incidents = tuple(
        record
        for identity, one in evaluation.components.items()
        if identity in config.components
        for record in recording.new_records(one, opened[identity], rolled)
    )
    statements = tuple(
        new_statements(
            config.sla.contracts,
            evaluation,
            history.statements,
            sealed=rolled.is_sealed,
            notice_ms=config.maintenance_notice_ms,
        )
    )
    recording.write(root, incidents, guard)
    job.write(root, rolled, policies, guard)
    _write(root, statements, guard)
    return Kept(rolled, tuple(policies), incidents, statements, reader.damage)


def _write(root: Path, statements: Sequence[StatementRecord], guard: Guard) -> None:
    for path in sorted({statement_path(root, one.period) for one in statements}):
        append_records(path, [plain(one) for one in statements if statement_path(root, one.period) == path], guard)
