"""What a run of the prober leaves in history: public rows and facts, private ones, and evidence for the operators.

Private lines and evidence are made fit for the repository by `private:` of checks.yml. A job that holds only the
operators' recipients cannot read what it sealed: to it each run is the first one of its private checks.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from statusledger import evidence, history, sealed
from statusledger.cli import confidential
from statusledger.cli.place import Place
from statusledger.clock import DAY_MS
from statusledger.config import Config
from statusledger.history.facts import Facts, changed_facts, facts_line, facts_path, newest_facts
from statusledger.model import Observation, Tick
from statusledger.schedule import Shard
from statusledger.secrets import Secrets


@dataclass(slots=True)
class Recorder:
    """Appends what one run at one location learns.

    `private` and `detailed` are the checks of private components and those with `public_details`; `told` has the ids
    under which the bare status of some private ones is public. `results` and `facts` are what is known of each check,
    `reads_private` whether that includes what earlier runs found of private ones; `open_line` opens sealed lines where
    the run holds the identity.
    """

    place: Place
    location: str
    shard: Shard | None
    private: frozenset[str]
    detailed: frozenset[str]
    told: Mapping[str, str]
    guard: sealed.Guard | None
    mask: Callable[[str], str]
    open_line: sealed.OpenLine | None
    reads_private: bool
    results: dict[str, evidence.Result]
    facts: dict[str, Facts]
    _begun: set[Path] = field(default_factory=set)

    def record(self, tick: Tick, *, phases: Collection[str]) -> None:
        """Appends the tick; `phases` names the checks whose phase times are due although all is well."""
        public, private = self._parted(tick)
        if public.observations:
            line = history.tick_line(public, details=self.detailed, phases=phases)
            history.append(history.raw_path(self.place.history, self.location, tick.t, self.shard), [line])
            self._append_facts(public)
        lines = [history.tick_line(private, details=self.private, phases=phases)] if private.observations else []
        news = evidence.evidence_line(tick, self.results, self.mask)
        self.results |= evidence.results_of(tick)
        if self.guard:
            self._append_sealed(private, [*lines, news] if news else lines, self.guard)

    def _parted(self, tick: Tick) -> tuple[Tick, Tick]:
        """What everybody may read of the tick, with the bare status of members of public services; and the rest."""
        private = tuple(seen for seen in tick.observations if seen.check in self.private)
        public = [seen for seen in tick.observations if seen.check not in self.private]
        bare = [_bare(seen, self.told[seen.check]) for seen in private if seen.check in self.told]
        return replace(tick, observations=(*public, *bare)), replace(tick, observations=private)

    def _append_sealed(self, private: Tick, lines: Collection[bytes], guard: sealed.Guard) -> None:
        if not lines:
            return
        path = history.raw_path(self.place.sealed, self.location, private.t, self.shard)
        if not path.exists():
            self._begun.add(path)
        history.append(path, [guard(line) for line in lines])
        # facts that cannot be read are told by the run that begins the day, so once a day at most
        if private.observations and (self.reads_private or path in self._begun):
            self._append_facts(private, guard)

    def _append_facts(self, tick: Tick, guard: sealed.Guard | None = None) -> None:
        changed = changed_facts(tick, self.facts, addresses=self.private | self.detailed)
        lines = [facts_line(facts) for facts in changed]
        root = self.place.sealed if guard else self.place.history
        history.append(facts_path(root, self.location), [guard(line) if guard else line for line in lines])
        self.facts |= {facts.check: facts for facts in changed}


def _bare(seen: Observation, identity: str) -> Observation:
    """That it was up, degraded, down or unknown, and nothing else."""
    return Observation(identity, seen.location, seen.scheduled_at, seen.started_at, seen.status, None)


def _told(config: Config) -> dict[str, str]:
    """Check -> stand-in, of the private members of public services."""
    private = config.private.components
    counting = {
        one.id: [check.id for check in private[one.id].checks if not check.informational]
        for one in config.stand_ins
        if one.id in private
    }
    return {checks[0]: identity for identity, checks in counting.items() if len(checks) == 1}


def recorder(place: Place, config: Config, location: str, *, shard: Shard | None, secrets: Secrets) -> Recorder:
    """The recorder of a run that starts now.

    UsageError for a recipient or an identity that is none, and for private components that nobody may keep.
    """
    guard = confidential.guard(config)
    open_line = confidential.identity(secrets.hide)
    roots = (place.history, place.sealed)
    facts = (newest_facts(root, location, now=place.started_at, open_line=open_line) for root in roots)
    return Recorder(
        place=place,
        location=location,
        shard=shard,
        private=frozenset(config.private.checks),
        told=_told(config),
        detailed=frozenset(check.id for check in config.checks.values() if check.public_details),
        guard=guard,
        mask=secrets.mask,
        open_line=open_line,
        reads_private=confidential.reads_private(config, open_line),
        results=_last_results(place, location, shard, open_line),
        facts=dict(ChainMap(*facts)),
    )


def _last_results(
    place: Place, location: str, shard: Shard | None, open_line: sealed.OpenLine | None
) -> dict[str, evidence.Result]:
    """The newest results in the files of yesterday and today."""
    now = place.started_at
    rows: list[history.Row] = []
    for root in (place.history, place.sealed):
        for t in (now - DAY_MS, now):
            path = history.raw_path(root, location, t, shard)
            rows += history.read_lines(path, root=root, open_line=open_line)[0] if path.exists() else []
    return evidence.last_results(rows, now=now)
