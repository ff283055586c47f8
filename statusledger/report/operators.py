"""What only operators may see beside the figures: evidence of what went wrong, phase times, slow facts.

Evidence is read of the newest seven days, and of the days of incidents before them. Instants are epoch milliseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from statusledger.clock import DAY_MS
from statusledger.config import Config
from statusledger.evidence import Result, result_of
from statusledger.history import Damage, Row, raw_files, raw_location
from statusledger.history.facts import Facts, read_facts
from statusledger.history.reading import read_file
from statusledger.model import Phases
from statusledger.report.records import IncidentReport
from statusledger.report.retention import keeps_critical, kept_ms, spans_of, within
from statusledger.report.sights import OperatorsReport, Sight
from statusledger.rollup.days import between
from statusledger.rollup.sources import by_day
from statusledger.sealed import OpenLine

EVIDENCE_DAYS = 7
PHASES_DAYS = 2
"""Phase times are recorded once an hour at least."""

Folder = tuple[Path, OpenLine | None]
"""A history folder, and what opens its lines."""


def operators_report(
    config: Config, folders: Sequence[Folder], incidents: Sequence[IncidentReport], *, as_of: int
) -> OperatorsReport:
    """What the folders hold, as far as `retention` has it kept: evidence of P1 incidents beyond that."""
    aliases = {old: check.id for check in config.checks.values() for old in check.was}
    days = set(between(as_of - EVIDENCE_DAYS * DAY_MS, as_of + 1)) | _days(incidents, as_of)
    critical = spans_of(config, incidents, as_of) if keeps_critical(config) else {}
    since, evidence_since = as_of - kept_ms(config, "details"), as_of - kept_ms(config, "evidence")
    evidence: dict[tuple[Sight, str], tuple[Sight, Mapping[str, Any]]] = {}
    phases: dict[tuple[str, str], tuple[Sight, Phases]] = {}
    facts: list[tuple[Sight, Facts]] = []
    damage: list[Damage] = []
    for root, open_line in folders:
        read = _Files(root, open_line, as_of, aliases)
        for sight, told in read.evidence(days):
            if sight.at >= evidence_since or within(critical.get(sight.check, ()), sight.at):
                evidence[sight, str(told)] = sight, told
        for sight, spent in read.phases(between(as_of - (PHASES_DAYS - 1) * DAY_MS, as_of + 1)):
            key = sight.check, sight.location
            if sight.at >= since and (key not in phases or sight.at >= phases[key][0].at):
                phases[key] = sight, spent
        facts += read.facts(since)
        damage += read.damage
    return OperatorsReport(
        evidence=tuple(sorted(evidence.values(), key=_newest_first)),
        phases=tuple(sorted(phases.values(), key=_newest_first)),
        facts=tuple(sorted(facts, key=_newest_first)),
        damage=tuple(sorted(set(damage))),
    )


def _newest_first(seen: tuple[Sight, Any]) -> tuple[int, str, str]:
    sight = seen[0]
    return -sight.at, sight.check, sight.location


def _days(incidents: Iterable[IncidentReport], as_of: int) -> set[int]:
    """The days on which the incidents lasted."""
    return {day for one in incidents for day in between(one.started_at, (one.ended_at or as_of) + 1)}


class _Files:
    """The raw files and the facts of one history folder, each file read once."""

    def __init__(self, root: Path, open_line: OpenLine | None, as_of: int, aliases: Mapping[str, str]) -> None:
        self._root, self._open_line, self._as_of, self._aliases = root, open_line, as_of, aliases
        self._named = by_day(raw_files(root)[0])
        self._read: dict[Path, tuple[list[Row], list[Row]]] = {}
        self.damage: list[Damage] = []

    def evidence(self, days: Iterable[int]) -> Iterator[tuple[Sight, Mapping[str, Any]]]:
        """The evidence in the files of these days, without what a job that cannot read its own rows told again."""
        files = list(self._files(days))
        known = self._results(files)
        for location, _, lines in files:
            for line in lines:
                for check, told in line["e"].items():
                    sight = self._sight(line["t"], check, location)
                    before = _before(known[sight.check, location], sight.at)
                    if sight.at <= self._as_of and before != (told.get("status"), told.get("code")):
                        yield sight, told

    def phases(self, days: Iterable[int]) -> Iterator[tuple[Sight, Phases]]:
        """The phase times in the files of these days."""
        for location, rows, _ in self._files(days):
            for row in rows:
                for check, spent in row.get("p", {}).items():
                    if row["t"] <= self._as_of and len(spent) == len(Phases.__slots__):
                        yield self._sight(row["t"], check, location), Phases(*spent)

    def facts(self, since: int) -> Iterator[tuple[Sight, Facts]]:
        """The newest facts of each check and location, and those before that were told since an instant."""
        for path in sorted((self._root / "facts").glob("*.jsonl")):
            told, damage = read_facts(path, root=self._root, open_line=self._open_line)
            self.damage += damage
            newest: dict[str, Facts] = {}
            for one in sorted((one for one in told if one.t <= self._as_of), key=lambda one: one.t):
                check = self._aliases.get(one.check, one.check)
                if check in newest and newest[check].t >= since:
                    yield self._sight(newest[check].t, check, path.stem), newest[check]
                newest[check] = replace(one, check=check)
            yield from ((self._sight(one.t, check, path.stem), one) for check, one in newest.items())

    def _sight(self, at: int, check: str, location: str) -> Sight:
        return Sight(at, self._aliases.get(check, check), location)

    def _files(self, days: Iterable[int]) -> Iterator[tuple[str, list[Row], list[Row]]]:
        """(location, rows, lines of evidence) of each file that is named after one of the days."""
        for path in (path for day in sorted(days) for path in self._named.get(day, ())):
            if path not in self._read:
                contents = read_file(path, root=self._root, open_line=self._open_line)
                self._read[path] = contents.rows, contents.evidence
                self.damage += contents.damage
            yield raw_location(path) or path.name, *self._read[path]

    def _results(
        self, files: Iterable[tuple[str, list[Row], list[Row]]]
    ) -> dict[tuple[str, str], list[tuple[int, Result]]]:
        """Check and location -> its results by time."""
        found: dict[tuple[str, str], list[tuple[int, Result]]] = defaultdict(list)
        for location, rows, _ in files:
            for row in rows:
                for check, value in row["r"].items():
                    found[self._aliases.get(check, check), location].append((row["t"], result_of(value)))
        for results in found.values():
            results.sort(key=lambda one: one[0])
        return found


def _before(results: Sequence[tuple[int, Result]], at: int) -> Result | None:
    """The newest result before an instant."""
    index = bisect_left(results, at, key=lambda one: one[0])
    return results[index - 1][1] if index else None
