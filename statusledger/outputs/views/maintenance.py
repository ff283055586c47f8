"""Maintenance windows as readers meet them: what goes on, what is to come, what is over, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from statusledger import words
from statusledger.clock import HOUR_MS
from statusledger.incident_files import MaintenanceStatus
from statusledger.incident_files.rendering import to_html
from statusledger.language import markup
from statusledger.model import Shown
from statusledger.outputs.times import Times
from statusledger.outputs.views.incident import UpdateView
from statusledger.report.planned import Counts, MaintenanceReport
from statusledger.report.records import Report

SOON_MS = 48 * HOUR_MS
NEWEST_PAST = 20


@dataclass(frozen=True, slots=True)
class Window:
    """A window in a list, with its trail, newest first."""

    id: str
    title: str
    day: Markup
    shown: Shown
    word: str
    span: Markup
    summary: Markup
    facts: Markup
    updates: tuple[UpdateView, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """The windows that began in one local year, newest first."""

    key: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The maintenance page; `past` are the newest that are over, `years` all that are."""

    active: tuple[Window, ...]
    upcoming: tuple[Window, ...]
    past: tuple[Window, ...]
    years: tuple[Year, ...]


def plan(report: Report, times: Times) -> Plan:
    """Every window of a report."""
    ahead = [one for one in report.maintenance if one.is_upcoming or (one.cancelled and one.starts_at > times.now)]
    over = [one for one in report.maintenance if not one.is_active and one not in ahead]
    past = tuple(window(one, times) for one in over)
    by_year = groupby(zip(over, past, strict=True), key=lambda pair: f"{times.day(pair[0].starts_at):%Y}")
    return Plan(
        active=active(report.maintenance, times),
        upcoming=tuple(window(one, times) for one in sorted(ahead, key=_start)),
        past=past[:NEWEST_PAST],
        years=tuple(Year(year, tuple(one for _, one in pairs)) for year, pairs in by_year),
    )


def active(windows: Sequence[MaintenanceReport], times: Times) -> tuple[Window, ...]:
    """What goes on at the moment."""
    return tuple(window(one, times) for one in windows if one.is_active)


def upcoming(windows: Iterable[MaintenanceReport], times: Times) -> tuple[Window, ...]:
    """What is to come, the next one first."""
    return tuple(window(one, times) for one in sorted(windows, key=_start) if one.is_upcoming)


def soon(windows: Sequence[MaintenanceReport], times: Times) -> tuple[Window, ...]:
    """What goes on, or begins within two days: a second line of the banner."""
    near = [one for one in windows if one.is_active or (one.is_upcoming and one.starts_at - times.now <= SOON_MS)]
    return tuple(window(one, times) for one in sorted(near, key=_start))


def window(one: MaintenanceReport, times: Times) -> Window:
    """One window."""
    return Window(
        id=one.id,
        title=one.title,
        day=times.day_of(one.starts_at),
        shown=Shown.MAINTENANCE,
        word=one.word(MaintenanceStatus.COMPLETED if one.cancelled else one.status),
        span=times.span(one.starts_at, one.ends_at),
        summary=Markup(to_html(one.summary)),  # noqa: S704 - sanitised
        facts=Markup(" ").join(_facts(one, times)),
        updates=tuple(
            UpdateView(one.word(step.status), times.moment(step.at), Markup(step.html), "")  # noqa: S704 - sanitised
            for step in reversed(one.steps)
        ),
    )


def _start(one: MaintenanceReport) -> tuple[int, str]:
    return one.starts_at, one.id


def _facts(one: MaintenanceReport, times: Times) -> Iterable[Markup]:
    """Whom it affects, when it was announced, and what that means for the figures."""
    yield markup("%(names)s.", names=words.listed([name for _, name in one.components]))
    if one.announced_at is not None:
        told = {"time": times.moment(one.announced_at), "age": words.age(one.starts_at - one.announced_at)}
        ahead = one.announced_at < one.starts_at
        yield markup("Announced %(time)s, %(age)s ahead.", **told) if ahead else markup("Announced %(time)s.", **told)
    if one.cancelled:
        return
    yield _counts(one.counts)
    if one.overran_ms:
        overran = words.duration(one.overran_ms)
        yield markup("It overran by %(duration)s, which counts as downtime.", duration=overran)


def _counts(counts: Counts) -> Markup:
    if counts is Counts.WHOLE:
        return markup("Left out of the figures.")
    if counts is Counts.PART:
        return markup("Left out of the figures in part: the rest was not announced in time.")
    return markup("Not announced in time, so downtime in it counts.")
