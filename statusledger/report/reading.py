"""A history folder -> the history that a report is made of: sealed days from their lines, raw rows where they count.

Raw rows are needed of the last seven days (response times), of days that the edges of periods cut (numbers of checks),
and of incidents of which no record holds. The rest is what `rollup.reading` finds to have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from statusledger.clock import DAY_MS, HOUR_MS, Period
from statusledger.config import Config
from statusledger.history.facts import CertificateFacts, newest_facts
from statusledger.history.sent import read_sent
from statusledger.incidents import MeasuredIncident
from statusledger.report.calendars import HOURS_SHOWN, ROLLING_DAYS, calendars
from statusledger.report.evaluated import Evaluated
from statusledger.report.evaluation import Evaluation, evaluate
from statusledger.report.filed import NOTHING_FILED, Filed
from statusledger.rollup.days import between, day_of
from statusledger.rollup.reading import History, Reader
from statusledger.rollup.sealing import context
from statusledger.sealed import OpenLine
from statusledger.timeline.steps import DOWN

LOOK_BACK_DAYS = 7


def read(  # noqa: PLR0913 - what is read, when, how much of it, and how private lines are opened
    root: Path,
    config: Config,
    *,
    as_of: int,
    periods: Iterable[Period] = (),
    full: bool = False,
    open_line: OpenLine | None = None,
    filed: Filed = NOTHING_FILED,
) -> History:
    """What is known of the configured components at as_of; the same whether it is read in `full` or not.

    `root` is the history folder; `periods` are looked at beside those of every report. Sealed lines are passed over
    without `open_line`.
    """
    return evaluated(root, config, as_of=as_of, periods=periods, full=full, open_line=open_line, filed=filed)[0]


def evaluated(  # noqa: PLR0913 - as above
    root: Path,
    config: Config,
    *,
    as_of: int,
    periods: Iterable[Period] = (),
    full: bool = False,
    open_line: OpenLine | None = None,
    filed: Filed = NOTHING_FILED,
) -> tuple[History, Evaluation]:
    """The same with what it comes to."""
    reader = reader_of(root, config, as_of=as_of, full=full, open_line=open_line)
    edges = [
        *_edges(config, reader.first_day, as_of),
        *(edge for one in periods for edge in (one.start_ms, one.end_ms)),
    ]
    reader.include({day_of(edge) for edge in edges if edge % DAY_MS})
    history, evaluation = settled(reader, config, as_of=as_of, filed=filed)
    told, _ = read_sent(root, open_line=open_line)
    history = replace(
        history,
        certificates=_certificates(root, config, now=as_of, open_line=open_line),
        told=tuple(sent for sent in told if sent.at <= as_of),
    )
    return history, evaluation


def _certificates(
    root: Path, config: Config, *, now: int, open_line: OpenLine | None = None
) -> dict[str, CertificateFacts]:
    """Of each check the certificate that ends first, of what its locations saw last; `root` is the history folder."""
    found: dict[str, CertificateFacts] = {}
    checks = config.checks
    for location in config.monitor.locations:
        for identity, facts in newest_facts(root, location.id, now=now, open_line=open_line).items():
            if identity in checks and facts.certificate is not None:
                found[identity] = min(facts.certificate, found.get(identity, facts.certificate), key=_ends)
    return found


def _ends(facts: CertificateFacts) -> int:
    return min(facts.not_after, facts.chain_not_after or facts.not_after)


def reader_of(
    root: Path, config: Config, *, as_of: int, full: bool = False, open_line: OpenLine | None = None
) -> Reader:
    """A reader that has what was measured of late."""
    reader = bare_reader(root, config, as_of=as_of, full=full, open_line=open_line)
    held = (check.counting.max_staleness_ms for check in config.checks.values() if check.informational)
    shown = max([(HOURS_SHOWN + 1) * HOUR_MS, *held])
    reader.include(between(as_of - shown, as_of + 1))
    return reader


def bare_reader(
    root: Path, config: Config, *, as_of: int, full: bool = False, open_line: OpenLine | None = None
) -> Reader:
    """A reader that reads only what has changed."""
    return Reader(root, config.subjects.values(), as_of=as_of, full=full, open_line=open_line)


def settled(reader: Reader, config: Config, *, as_of: int, filed: Filed = NOTHING_FILED) -> tuple[History, Evaluation]:
    """The history with everything read that its incidents take, and what that comes to."""
    while True:
        history = reader.read()
        evaluation = evaluate(config, history, as_of=as_of, filed=filed)
        asked = [
            reader.count_again(identity, _wanted(reader, one, incident))
            for identity, one in evaluation.components.items()
            if identity in config.components and identity in reader.subjects
            for incident in one.incidents
            if incident.down_ms >= config.incidents_after_ms
        ]
        since = reader.read_since()
        begun = any(_begins_before(since, one, as_of) for one in evaluation.components.values())
        if not any(asked) and not (begun and reader.include_before(LOOK_BACK_DAYS)):
            return history, evaluation


def _begins_before(since: int, one: Evaluated, as_of: int) -> bool:
    """Whether a location that is down while the component is not may have been down before an instant."""
    if one.timeline.state.at([as_of])[0] == DOWN:
        return False
    for check in one.timeline.counted:
        for location, seen in check.seen.items():
            began = int(seen.starts[np.searchsorted(seen.starts, as_of, side="right") - 1])
            samples = check.samples[location]
            before = np.count_nonzero(samples.known & (samples.ts >= since) & (samples.ts < began))
            if seen.at([as_of])[0] == DOWN and before < context(check):
                return True
    return False


def _wanted(reader: Reader, one: Evaluated, incident: MeasuredIncident) -> set[int]:
    """The days whose raw rows the incident's findings take; none if what is recorded of it holds."""
    span = set(between(*incident.span))
    if incident.kept and not span & reader.changed[one.component.id]:
        return set()
    missing = span - reader.again[one.component.id]
    return missing or set(_before_first_failure(reader, one, incident))


def _before_first_failure(reader: Reader, one: Evaluated, incident: MeasuredIncident) -> Iterator[int]:
    """More days before it, until the newest good sample is among what is counted without a gap."""
    first = day_of(incident.span[0])
    while first in reader.again[one.component.id]:
        first -= DAY_MS
    if incident.last_ok_at is None or incident.last_ok_at < first + DAY_MS:
        yield from between(max(first + DAY_MS - LOOK_BACK_DAYS * DAY_MS, reader.first_day), first + DAY_MS)


def _edges(config: Config, first_day: int, as_of: int) -> Iterator[int]:
    """The instants at which the periods of every report begin."""
    yield from (as_of - days * DAY_MS for days in ROLLING_DAYS)
    yield from (month.start_ms for month in calendars("month", config.sla.terms.zone, first_day, as_of))
