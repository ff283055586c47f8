"""Incidents as readers meet them: an entry of a list, the trail of one that lasts, and a page of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from statusledger import words
from statusledger.incident_files.rendering import to_html, to_text
from statusledger.language import gettext, markup, ngettext, pgettext
from statusledger.model import Shown, State
from statusledger.outputs.times import Times
from statusledger.outputs.views.evidence import Fact
from statusledger.outputs.views.measured import Measured, measured
from statusledger.report.records import Affected, IncidentReport, Interval, Response, Update


@dataclass(frozen=True, slots=True)
class UpdateView:
    """One entry of the trail; `body` is sanitised HTML, `changes` tells of components in another state."""

    word: str
    at: Markup
    body: Markup
    changes: str


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
class AffectedView:
    """A component of an incident: its states as they are told, and its downtime."""

    name: str
    link: str
    states: Markup
    downtime: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The page of one incident; updates run newest first while it lasts, oldest first once it is a story."""

    id: str
    title: str
    month: tuple[str, str]
    shown: Shown
    line: Markup
    facts: tuple[Fact, ...]
    summary: Markup
    root_cause: str
    affected: tuple[AffectedView, ...]
    dependents: tuple[AffectedView, ...]
    measured: tuple[Measured, ...]
    order: str
    updates: tuple[UpdateView, ...]
    postmortem: Markup
    generated: bool


@dataclass(frozen=True, slots=True)
class Month:
    """The incidents that began in one local month, newest first; `over` once neither it nor any of them lasts."""

    key: str
    name: str
    summary: str
    entries: tuple[Entry, ...]
    over: bool


def entry(incident: IncidentReport, times: Times) -> Entry:
    """An incident as a row of a list."""
    return Entry(
        id=incident.id,
        title=str(incident.title),
        day=times.day_of(incident.started_at),
        shown=_shown(incident),
        word=pgettext("incident", "Ongoing") if incident.lasts else words.SHOWN_WORDS[_shown(incident)],
        text=_first_words(incident),
        facts=_summary(incident, times),
    )


def _shown(incident: IncidentReport) -> Shown:
    """The worst that is told or measured of its components."""
    states = [part.worst for part in incident.affected] or [State.DOWN]
    return words.SHOWN_STATES[max(states, key=tuple(State).index)]


def _first_words(incident: IncidentReport) -> str:
    """What happened, in the words of whoever told it first."""
    written = [update.text for update in incident.updates if update.markdown is not None]
    texts = [to_text(incident.summary), *written, *(update.text for update in incident.updates)]
    return next((str(text) for text in texts if str(text)), "")


def _is_reported(incident: IncidentReport) -> bool:
    """Whether its downtime comes from a file alone."""
    return incident.file is not None and not incident.covered


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
        shown=_shown(incident) if incident.lasts else Shown.OPERATIONAL,
        line=_line(incident, times),
        facts=_facts(incident, times, names),
        summary=Markup(to_html(incident.summary)),  # noqa: S704 - sanitised
        root_cause=incident.root_cause or "",
        affected=tuple(_affected(part, times) for part in incident.affected) if incident.file else (),
        dependents=tuple(_affected(part, times) for part in incident.dependents),
        measured=measured(incident, times, names),
        order=gettext("newest first") if newest_first else gettext("oldest first"),
        updates=_updates(incident.updates[::-1] if newest_first else incident.updates, times),
        postmortem=Markup(to_html(incident.postmortem or "", 3)),  # noqa: S704 - sanitised
        generated=generated_until is not None and incident.started_at < generated_until,
    )


def by_month(incidents: Sequence[IncidentReport], times: Times) -> tuple[Month, ...]:
    """Every incident under the local month it began in, newest month first."""
    ordered = sorted(incidents, key=lambda incident: (-incident.started_at, incident.id))
    months = []
    for key, group in groupby(ordered, key=lambda incident: times.month(incident.started_at)):
        members = list(group)
        summary = ngettext(
            "%(count)s incident, %(duration)s of downtime",
            "%(count)s incidents, %(duration)s of downtime",
            len(members),
            duration=words.duration(sum(incident.down_ms for incident in members)),
        )
        entries = tuple(entry(incident, times) for incident in members)
        over = key != times.month(times.now) and not any(incident.lasts for incident in members)
        months.append(Month(key, words.month_words(key), summary, entries, over))
    return tuple(months)


def _summary(incident: IncidentReport, times: Times) -> Markup:
    told: dict[str, object] = {"name": incident.component_name, "duration": words.duration(incident.down_ms)}
    if incident.ended_at is None:
        told["start"] = times.moment(incident.started_at)
        if not incident.down_ms:
            return markup("%(name)s. Since %(start)s, no downtime counted.", **told)
        if _is_reported(incident):
            return markup("%(name)s. Since %(start)s, %(duration)s of reported downtime.", **told)
        return markup("%(name)s. Since %(start)s, %(duration)s of measured downtime.", **told)
    told["span"] = times.span(incident.started_at, incident.ended_at)
    if not incident.down_ms:
        return markup("%(name)s. %(span)s, no downtime counted.", **told)
    if _is_reported(incident):
        return markup("%(name)s. %(span)s, %(duration)s of reported downtime.", **told)
    return markup("%(name)s. %(span)s, %(duration)s of measured downtime.", **told)


def named(locations: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """What the locations are called; an id that is no longer configured stands for itself."""
    return [names.get(location, location) for location in locations]


def _response(incident: IncidentReport, times: Times) -> Markup:
    due = times.moment(incident.response_due_at)
    if incident.response_at is not None:
        answered = times.moment(incident.response_at)
        if incident.response is Response.MET:
            return markup("answered %(answered)s, in time (due by %(time)s)", answered=answered, time=due)
        return markup("answered %(answered)s, late (due by %(time)s)", answered=answered, time=due)
    if incident.response is Response.NOT_NEEDED:
        return markup("over before an answer was due (%(time)s)", time=due)
    if incident.response is Response.DUE:
        return markup("an answer is due by %(time)s", time=due)
    return markup("an answer was due by %(time)s", time=due)


def _updates(updates: Sequence[Update], times: Times) -> tuple[UpdateView, ...]:
    return tuple(
        UpdateView(
            word=words.INCIDENT_WORDS[update.status],
            at=times.moment(update.at),
            body=Markup(update.html),  # noqa: S704 - sanitised
            changes=_changes(update),
        )
        for update in updates
    )


def _changes(update: Update) -> str:
    told = [f"{change.name}: {words.STATE_PHRASES[change.after]}" for change in update.changes]
    return words.listed(told) if told else ""


def _line(incident: IncidentReport, times: Times) -> Markup:
    told: dict[str, object] = {"name": incident.component_name}
    if incident.ended_at is None:
        told |= {"start": times.full(incident.started_at), "age": words.age(times.now - incident.started_at)}
        if incident.file is None:
            return markup("%(name)s is down since %(start)s, %(age)s so far.", **told)
        return markup("%(name)s affected since %(start)s, %(age)s so far.", **told)
    told["duration"] = words.duration(incident.ended_at - incident.started_at)
    told["span"] = times.span(incident.started_at, incident.ended_at)
    if incident.file is None:
        return markup("Resolved after %(duration)s. %(name)s was down from %(span)s.", **told)
    return markup("Resolved after %(duration)s. %(name)s affected from %(span)s.", **told)


def _facts(incident: IncidentReport, times: Times, names: Mapping[str, str]) -> tuple[Fact, ...]:
    label = gettext("Reported downtime") if _is_reported(incident) else gettext("Measured downtime")
    target = _told(incident) or gettext("counted against the target of %(name)s", name=incident.component_name)
    places = words.listed(named(incident.locations, names))
    seen = gettext("from %(locations)s", locations=places) if incident.locations else ""
    agreed = gettext("when enough checks and locations agreed")
    return (
        Fact(label, words.duration(incident.down_ms), target),
        Fact(gettext("Detected"), times.moment(incident.detected_at), agreed),
        Fact(gettext("Severity"), incident.severity, _response(incident, times)),
        Fact(gettext("Failed with"), words.listed(incident.codes[:3]), seen),
    )


def _told(incident: IncidentReport) -> str:
    """What a file says where it says less than what counts: both figures are shown."""
    told_ms = sum(part.told_ms or 0 for part in incident.affected)
    if incident.file is None or told_ms >= incident.down_ms:
        return ""
    told = words.duration(told_ms)
    return gettext("%(duration)s of downtime are told; what counts is measured", duration=told)


def _affected(part: Affected, times: Times) -> AffectedView:
    states = [Markup(" ").join((words.STATE_PHRASES[one.state], _span(one, times))) for one in part.intervals]
    downtime = gettext("no downtime counted")
    if part.down_ms:
        downtime = gettext("%(duration)s down", duration=words.duration(part.down_ms))
    return AffectedView(part.name, part.component, Markup(", ").join(states), downtime)


def _span(interval: Interval, times: Times) -> Markup:
    if interval.end_ms is None:
        return markup("since %(time)s", time=times.moment(interval.start_ms))
    return times.span(interval.start_ms, interval.end_ms)
