"""Outages of a span of days, four ways: those that last, the newest, by component, and by severity over time."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from statusledger import words
from statusledger.clock import day_start
from statusledger.language import gettext
from statusledger.model import Severity
from statusledger.outputs import plots
from statusledger.outputs.times import Times
from statusledger.outputs.views.span import DAILY, WEEKLY, Span
from statusledger.report.records import IncidentReport, Report

NEWEST = 10
# A word under the columns that begins further right would leave the drawing.
ROOM = 0.9


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage in a list, with a bar of its downtime beside the longest of the list."""

    id: str
    title: str
    component: str
    severity: str
    since: Markup
    lasted: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Hit:
    """The outages of one component, with a bar of their downtime."""

    id: str
    name: str
    count: int
    lasted: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Bucket:
    """The outages that began in one stretch of time, by severity."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Severities:
    """Columns over time and the table behind them; buckets without an outage are not in the table."""

    drawing: Markup
    each: str
    totals: tuple[tuple[Severity, Markup, int], ...]
    buckets: tuple[Bucket, ...]


def active(report: Report, times: Times) -> tuple[Outage, ...]:
    """What is down at this moment, worst first."""
    lasting = report.active
    longest = max((times.now - one.started_at for one in lasting), default=1) or 1
    return tuple(
        Outage(
            id=one.id,
            title=str(one.title),
            component=str(one.component_name),
            severity=one.severity,
            since=times.moment(one.started_at),
            lasted=words.age(times.now - one.started_at),
            bar=plots.length(Fraction(times.now - one.started_at, longest), "major"),
        )
        for one in lasting
    )


def recent(incidents: Sequence[IncidentReport], times: Times) -> tuple[Outage, ...]:
    """The newest outages with their counted downtime."""
    newest = incidents[:NEWEST]
    longest = max((one.down_ms for one in newest), default=1) or 1
    return tuple(
        Outage(
            id=one.id,
            title=str(one.title),
            component=str(one.component_name),
            severity=one.severity,
            since=times.moment(one.started_at),
            lasted=words.duration(one.down_ms),
            bar=plots.length(Fraction(one.down_ms, longest), "major"),
        )
        for one in newest
    )


def by_component(incidents: Sequence[IncidentReport], names: dict[str, str]) -> tuple[Hit, ...]:
    """Every component that had an outage, the longest downtime first."""
    counts: Counter[str] = Counter(one.component for one in incidents)
    down: Counter[str] = Counter()
    for one in incidents:
        down[one.component] += one.down_ms
    longest = max(down.values(), default=1) or 1
    order = sorted(counts, key=lambda key: (-down[key], -counts[key], key))
    return tuple(
        Hit(
            id=key,
            name=names[key],
            count=counts[key],
            lasted=words.duration(down[key]),
            bar=plots.length(Fraction(down[key], longest), "major"),
        )
        for key in order
        if key in names
    )


def by_severity(incidents: Sequence[IncidentReport], span: Span) -> Severities | None:
    """How many outages began in each day, week or month; None when none did."""
    buckets = span.buckets
    starts = [day_start(first, span.times.zone) for first, _ in buckets]
    stacks: list[Counter[Severity]] = [Counter() for _ in buckets]
    for one in incidents:
        if one.started_at >= starts[0]:
            stacks[bisect_right(starts, one.started_at) - 1][one.severity] += 1
    total = sum(stacks, Counter())
    if not total:
        return None
    every = max(1, len(buckets) // 6)
    ticks = [
        plots.Tick(i / len(buckets), name, minor=i // every % 2 == 1)
        for i, (_, name) in enumerate(buckets)
        if i % every == 0 and i / len(buckets) < ROOM
    ]
    return Severities(
        drawing=plots.columns(stacks, ticks, "severities"),
        each=_each(span),
        totals=tuple((severity, plots.swatch(severity), total[severity]) for severity in Severity),
        buckets=tuple(
            Bucket(name, tuple(stack[severity] for severity in Severity))
            for (_, name), stack in zip(buckets, stacks, strict=True)
            if stack
        ),
    )


def _each(span: Span) -> str:
    """The head of the column that names the buckets."""
    if span.days <= DAILY:
        return gettext("Each day from")
    return gettext("Each week from") if span.days <= WEEKLY else gettext("Each month from")
