"""`statusledger incident list`, `show` and `stats`: incidents as the page tells them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from statusledger import words
from statusledger.cli import files
from statusledger.cli.build import make
from statusledger.cli.place import Place, place
from statusledger.clock import SECOND_MS, rolling, to_datetime
from statusledger.errors import UsageError
from statusledger.model import IncidentStatus
from statusledger.outputs.api import incidents as api
from statusledger.outputs.api.document import document, head
from statusledger.outputs.api.statistics import plain as plain_statistics
from statusledger.report import reading
from statusledger.report.records import IncidentReport, Report
from statusledger.report.statistics import statistics
from statusledger.report.telling import incident_reports, telling
from statusledger.written.severity import read_severity
from statusledger.written.wording import did_you_mean

# figure -> what a person calls it, and the milliseconds that it counts
SPANS: Mapping[str, tuple[str, int | None]] = {
    "total_downtime_ms": ("total downtime", 1),
    "average_duration_seconds": ("average duration", SECOND_MS),
    "mttr": ("mean time to repair", SECOND_MS),
    "mtbf": ("mean time between failures", SECOND_MS),
}
REPEATED = frozenset({"total_downtime_seconds"})


def listed(arguments: argparse.Namespace) -> int:
    """0; a line an incident."""
    report = _report(place(arguments))
    chosen = list(_chosen(report.incidents, arguments))
    if arguments.json:
        _print({**head(report), "incidents": [api.plain(one) for one in chosen]})
        return 0
    for one in chosen:
        lasted = words.age(report.built.as_of - one.started_at) if one.lasts else words.duration(one.down_ms)
        started = _moment(report, one.started_at)
        print(f"{one.id:<40} {one.severity} {one.status:<13} {started}  {lasted:>12}  {one.title}")
    if not chosen:
        print("no incident")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """0; everything that is told of one incident."""
    report = _report(place(arguments))
    one = report.told.get(arguments.id)
    if one is None:
        meant = did_you_mean(arguments.id, report.told) or "; statusledger incident list names those there are"
        raise UsageError(f"there is no incident {arguments.id}{meant}")
    if arguments.json:
        _print(api.single(report, one))
        return 0
    for line in _lines(report, one):
        print(line)
    return 0


def stats(arguments: argparse.Namespace) -> int:
    """0; the statistics of the last days."""
    where = place(arguments)
    config = where.config().public
    period = rolling(arguments.days, where.started_at)
    filed = files.filed(where, config)
    _, evaluation = reading.evaluated(where.history, config, as_of=where.started_at, periods=[period], filed=filed)
    public = {name: evaluation.components[name] for name in config.components}
    source = telling(public, after_ms=config.incidents_after_ms, zone=config.sla.terms.zone, as_of=where.started_at)
    told = plain_statistics(statistics(public, incident_reports(source, filed.incidents), period, where.started_at))
    if arguments.json:
        _print({"schema": 1, **told})
        return 0
    for key, value in told.items():
        if key not in REPEATED:
            name, length_ms = SPANS.get(key, (key.replace("_", " "), None))
            print(f"{name:<27} {_figure(value, length_ms)}")
    return 0


def _figure(value: Any, length_ms: int | None) -> str:
    """A count, an instant, counts by name, or so many times a length as a duration."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items() if count) or "-"
    if value is None or length_ms is None:
        return "-" if value is None else str(value)
    return words.duration(value * length_ms)


def _report(where: Place) -> Report:
    return make(where, where.config().public)


def _chosen(incidents: Iterable[IncidentReport], arguments: argparse.Namespace) -> Iterator[IncidentReport]:
    try:
        level = read_severity(arguments.severity) if arguments.severity else None
    except ValueError as error:
        raise UsageError(f"--severity: {error}") from None
    for one in incidents:
        stands = arguments.status in {None, str(one.status)} or (
            arguments.status == "ongoing" and one.status is not IncidentStatus.RESOLVED
        )
        concerned = arguments.component is None or one.concerns(arguments.component)
        recent = arguments.since is None or one.started_at >= arguments.since
        if stands and concerned and recent and level in {None, one.severity}:
            yield one


def _lines(report: Report, one: IncidentReport) -> Iterator[str]:
    yield f"{one.title}"
    yield f"{one.id}, severity {one.severity}, {one.status}, response {one.response.replace('_', ' ')}"
    ended = "" if one.ended_at is None else f" to {_moment(report, one.ended_at)}"
    yield f"{_moment(report, one.started_at)}{ended}, {words.duration(one.down_ms)} of downtime"
    for part in one.affected:
        told = "" if part.told_ms is None else f", told {words.duration(part.told_ms)}"
        yield f"  {part.component}: {words.duration(part.down_ms)} down{told}"
    if one.root_cause:
        yield f"root cause: {one.root_cause}"
    yield from (f"covers {covered.id}" for covered in one.covered)
    for update in reversed(one.updates):
        yield f"\n{_moment(report, update.at)} {update.status}"
        yield from (f"  {line}" for line in str(update.text).splitlines())


def _moment(report: Report, at: int) -> str:
    return f"{to_datetime(at, report.page.timezone):%Y-%m-%d %H:%M %Z}"


def _print(told: dict[str, Any]) -> None:
    sys.stdout.buffer.write(document(told))
