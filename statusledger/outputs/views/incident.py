"""Incidents as readers meet them: an entry of a list, the trail of one that lasts, and a page of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from statusledger import words
from statusledger.language import gettext, markup, ngettext, pgettext
from statusledger.model import Shown
from statusledger.outputs import charts
from statusledger.outputs.times import Times, element
from statusledger.outputs.views.evidence import Fact
from statusledger.report.records import IncidentReport, Lane, Update


@dataclass(frozen=True, slots=True)
class UpdateView:
    """One entry of the trail, its text as paragraphs."""

    word: str
    at: Markup
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An incident in a list: when, how bad, what happened, the facts in a line."""

    id: str
    title: str
    day: Markup
    shown: Shown
    word: str
    text: str
    facts: Markup


@dataclass(frozen=True, slots=True)
class Active:
    """An incident that lasts, as the home page tells it: newest update first."""

    id: str
    title: str
    lasts: str
    updates: tuple[UpdateView, ...]
    facts: Markup


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane with the id of its label."""

    key: str
    name: str
    verdict: bool
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Detail:
    """The page of one incident; updates run newest first while it lasts, oldest first once it is a story."""

    id: str
    title: str
    month: tuple[str, str]
    shown: Shown
    line: Markup
    facts: tuple[Fact, ...]
    lanes: tuple[LaneView, ...]
    marks: Markup
    lanes_span: Markup
    bounds: Markup
    order: str
    updates: tuple[UpdateView, ...]
    generated: bool


@dataclass(frozen=True, slots=True)
class Month:
    """The incidents that began in one local month, newest first."""

    key: str
    name: str
    summary: str
    entries: tuple[Entry, ...]


def entry(incident: IncidentReport, times: Times) -> Entry:
    """An incident as a row of a list."""
    return Entry(
        id=incident.id,
        title=str(incident.title),
        day=times.day_of(incident.started_at),
        shown=Shown.MAJOR,
        word=pgettext("incident", "Ongoing") if incident.lasts else words.SHOWN_WORDS[Shown.MAJOR],
        text=str(incident.updates[0].text) if incident.updates else "",
        facts=_summary(incident, times),
    )


def active(incident: IncidentReport, times: Times) -> Active:
    """An incident that lasts, with its trail."""
    return Active(
        id=incident.id,
        title=str(incident.title),
        lasts=gettext("Active for %(age)s", age=words.age(times.now - incident.started_at)),
        updates=_updates(incident.updates[::-1], times),
        facts=markup(
            "Affected: %(name)s. Severity %(severity)s: %(response)s.",
            name=incident.component_name,
            severity=incident.severity,
            response=_response(incident, times),
        ),
    )


def detail(incident: IncidentReport, times: Times, names: Mapping[str, str], *, generated_until: int | None) -> Detail:
    """Everything that is known of one incident."""
    month = times.month(incident.started_at)
    newest_first = incident.lasts
    return Detail(
        id=incident.id,
        title=str(incident.title),
        month=(month, words.month_words(month)),
        shown=Shown.MAJOR if incident.lasts else Shown.OPERATIONAL,
        line=_line(incident, times),
        facts=_facts(incident, times, names),
        lanes=tuple(_lane(lane, i, incident, times, names) for i, lane in enumerate(incident.lanes)),
        marks=_marks(incident, times),
        lanes_span=times.span(incident.lanes_from, incident.lanes_to),
        bounds=_bounds(incident, times),
        order=gettext("newest first") if newest_first else gettext("oldest first"),
        updates=_updates(incident.updates[::-1] if newest_first else incident.updates, times),
        generated=generated_until is not None and incident.started_at < generated_until,
    )


def by_month(incidents: Sequence[IncidentReport], times: Times) -> tuple[Month, ...]:
    """Every incident under the local month it began in, newest month first."""
    ordered = sorted(incidents, key=lambda incident: (-incident.started_at, incident.id))
    months = []
    for key, group in groupby(ordered, key=lambda incident: times.month(incident.started_at)):
        members = list(group)
        summary = ngettext(
            "%(count)s incident, %(duration)s of measured downtime",
            "%(count)s incidents, %(duration)s of measured downtime",
            len(members),
            duration=words.duration(sum(incident.down_ms for incident in members)),
        )
        entries = tuple(entry(incident, times) for incident in members)
        months.append(Month(key, words.month_words(key), summary, entries))
    return tuple(months)


def _summary(incident: IncidentReport, times: Times) -> Markup:
    names = {"name": incident.component_name, "duration": words.duration(incident.down_ms)}
    if incident.ended_at is None:
        start = times.moment(incident.started_at)
        return markup("%(name)s. Since %(start)s, %(duration)s of measured downtime.", start=start, **names)
    span = times.span(incident.started_at, incident.ended_at)
    return markup("%(name)s. %(span)s, %(duration)s of measured downtime.", span=span, **names)


def named(locations: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """What the locations are called; an id that is no longer configured stands for itself."""
    return [names.get(location, location) for location in locations]


def _response(incident: IncidentReport, times: Times) -> Markup:
    due = times.moment(incident.response_due_at)
    if incident.response_due_at > times.now:
        return markup("an answer is due by %(time)s", time=due)
    return markup("an answer was due by %(time)s", time=due)


def _updates(updates: Sequence[Update], times: Times) -> tuple[UpdateView, ...]:
    return tuple(
        UpdateView(
            word=words.INCIDENT_WORDS[update.status],
            at=times.moment(update.at),
            paragraphs=tuple(part.strip() for part in str(update.text).split("\n\n") if part.strip()),
        )
        for update in updates
    )


def _line(incident: IncidentReport, times: Times) -> Markup:
    if incident.ended_at is None:
        lasted = words.age(times.now - incident.started_at)
        start = times.full(incident.started_at)
        return markup(
            "%(name)s is down since %(start)s, %(age)s so far.", name=incident.component_name, start=start, age=lasted
        )
    lasted = words.duration(incident.ended_at - incident.started_at)
    span = times.span(incident.started_at, incident.ended_at)
    return markup(
        "Resolved after %(duration)s. %(name)s was down from %(span)s.",
        duration=lasted,
        name=incident.component_name,
        span=span,
    )


def _facts(incident: IncidentReport, times: Times, names: Mapping[str, str]) -> tuple[Fact, ...]:
    target = gettext("counted against the target of %(name)s", name=incident.component_name)
    places = words.listed(named(incident.locations, names))
    seen = gettext("from %(locations)s", locations=places) if incident.locations else ""
    agreed = gettext("when enough checks and locations agreed")
    return (
        Fact(gettext("Measured downtime"), words.duration(incident.down_ms), target),
        Fact(gettext("Detected"), times.moment(incident.detected_at), agreed),
        Fact(gettext("Severity"), incident.severity, _response(incident, times)),
        Fact(gettext("Failed with"), words.listed(incident.codes[:3]), seen),
    )


def _lane(lane: Lane, index: int, incident: IncidentReport, times: Times, names: Mapping[str, str]) -> LaneView:
    key = f"l-{index}"
    drawing = charts.lane(lane, incident.lanes_from, incident.lanes_to, times, f"{key} lanes")
    name = pgettext("what was decided", "Verdict") if lane.verdict else names.get(lane.name, lane.name)
    return LaneView(key, name, lane.verdict, drawing)


def _marks(incident: IncidentReport, times: Times) -> Markup:
    ends = (incident.started_at, incident.ended_at)
    visible = [at for at in ends if at is not None and incident.lanes_from <= at <= incident.lanes_to]
    return charts.marks(visible, incident.lanes_from, incident.lanes_to, times)


def _bounds(incident: IncidentReport, times: Times) -> Markup:
    """How exactly the start and the end are known."""
    sentences = [_start_bounds(incident, times)]
    if incident.ended_at is not None:
        sentences.append(_end_bounds(incident.last_fail_at, incident.ended_at, times))
    return Markup(" ").join(sentences)


def _start_bounds(incident: IncidentReport, times: Times) -> Markup:
    first = times.exact(incident.started_at)
    if incident.last_ok_at is None:
        return markup("The true start is not known; the first failure was at %(first)s.", first=first)
    return markup(
        "The true start lies between %(last)s (last success) and %(first)s (first failure).",
        last=_exact_day(incident.last_ok_at, incident.started_at, times),
        first=first,
    )


def _end_bounds(last_fail_at: int | None, ended_at: int, times: Times) -> Markup:
    first = times.exact(ended_at)
    if last_fail_at is None:
        return markup("The first success after it was at %(first)s.", first=first)
    return markup(
        "The true end lies between %(last)s (last failure) and %(first)s (first success).",
        last=_exact_day(last_fail_at, ended_at, times),
        first=first,
    )


def _exact_day(instant: int, beside: int, times: Times) -> Markup:
    """A clock time to the second, with its day where that is not the one of the instant beside it."""
    if times.day(instant) == times.day(beside):
        return times.exact(instant)
    return element(instant, words.dated(words.short_day(times.day(instant)), times.exact(instant).striptags()))
