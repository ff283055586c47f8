"""What the publish job keeps of a history folder: sealed days, policies, sources of days, and incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from statusledger.config import Config
from statusledger.history import Damage
from statusledger.history.incidents import IncidentRecord
from statusledger.model import Maintenance
from statusledger.report import reading, recording
from statusledger.rollup import job
from statusledger.rollup.job import Rolled
from statusledger.rollup.policy import PolicyEntry


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
    damage: tuple[Damage, ...]


def keep(
    root: Path,
    config: Config,
    *,
    as_of: int,
    recompute: Recompute = Recompute.CHANGED,
    plans: Sequence[Maintenance] = (),
) -> Kept:
    """Appends what is missing for the configured components below the history folder `root`."""
    reader = reading.reader_of(root, config, as_of=as_of, full=recompute is not Recompute.CHANGED)
    components = config.components.values()
    retroactive = recompute is Recompute.CURRENT_POLICY
    policies = job.changed_policies(reader.policies, components, as_of=as_of, retroactive=retroactive)
    if retroactive:
        reader.count_as(policies)
    _, evaluation = reading.settled(reader, config, as_of=as_of, plans=plans)
    timelines = {identity: one.timeline for identity, one in evaluation.components.items()}
    rolled = job.rolled(reader, timelines, as_of=as_of)
    incidents = tuple(
        record
        for one in evaluation.components.values()
        for record in recording.new_records(one, rolled, after_ms=config.incidents_after_ms)
    )
    recording.write(root, incidents)
    job.write(root, rolled, policies)
    return Kept(rolled, tuple(policies), incidents, reader.damage)
