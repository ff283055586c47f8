"""A history folder -> what its sealed days should say, counted from every raw row that is there.

Days whose rows were pruned cannot be counted again and are left out, and so are those that wait to be sealed anew until
what follows a late row is known.
"""

from __future__ import annotations

from pathlib import Path

from statusledger.audit.rollups import Key, SealedDays
from statusledger.config import Config
from statusledger.report.reading import reader_of, settled
from statusledger.rollup import line
from statusledger.rollup.days import spelled
from statusledger.rollup.line import SealedDay
from statusledger.rollup.sealing import sealable, sealed_day, sources
from statusledger.rollup.subject import Subject
from statusledger.sealed import OpenLine
from statusledger.timeline import ComponentTimeline


def recount(root: Path, config: Config, as_of: int, open_line: OpenLine | None = None) -> SealedDays:
    """The lines by component and day, under the names that are written there; `root` is the history folder."""
    reader = reader_of(root, config, as_of=as_of, full=True, open_line=open_line)
    _, evaluation = settled(reader, config, as_of=as_of)
    found: dict[Key, dict[str, object]] = {}
    for identity, subject in reader.subjects.items():
        timeline = evaluation.components[identity].timeline
        for day in reader.again[identity] & subject.days.keys():
            if sealable(timeline, day, as_of):
                said = subject.days[day]
                found[said.component, spelled(day)] = line.plain(_counted(subject, timeline, said))
    return found


def _counted(subject: Subject, timeline: ComponentTimeline, said: SealedDay) -> SealedDay:
    """The day as it is counted now, with its component and checks under the names that the line gives them."""
    written = {subject.aliases.get(name, name): name for name in said.checks}
    counted = sealed_day(timeline, subject.era(said.day), said.day)
    samples = {check.check.id: check.samples for check in timeline.era_at(said.day).counted}
    return counted._replace(
        component=said.component,
        checks={written.get(name, name): check for name, check in counted.checks.items()},
        sources=sources({written.get(name, name): places for name, places in samples.items()}, said.day),
    )
