"""What the probes saw of an outage: a lane for each location, and how exactly start and end are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from statusledger import words
from statusledger.language import markup, pgettext
from statusledger.outputs import charts
from statusledger.outputs.times import Times, element
from statusledger.report.records import IncidentReport, Lane


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane with the id of its label."""

    key: str
    name: str
    verdict: bool
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Measured:
    """One stretch of measured downtime; `title` is empty where there is only one."""

    key: str
    title: str
    lanes: tuple[LaneView, ...]
    marks: Markup
    span: Markup
    bounds: Markup


def measured(incident: IncidentReport, times: Times, names: Mapping[str, str]) -> tuple[Measured, ...]:
    """What was measured of an incident, or of everything that a file covers."""
    return tuple(_measured(incident, times, names))


def _measured(incident: IncidentReport, times: Times, names: Mapping[str, str]) -> Iterator[Measured]:
    seen = incident.covered or ((incident,) if incident.file is None else ())
    for number, one in enumerate(seen):
        yield Measured(
            key=f"lanes-{number}" if number else "lanes",
            title=str(one.component_name) if len(seen) > 1 else "",
            lanes=tuple(_lane(lane, f"{number}-{i}", one, times, names) for i, lane in enumerate(one.lanes)),
            marks=_marks(one, times),
            span=times.span(one.lanes_from, one.lanes_to),
            bounds=_bounds(one, times),
        )


def _lane(lane: Lane, index: str, incident: IncidentReport, times: Times, names: Mapping[str, str]) -> LaneView:
    key = f"l-{index}"
    number = index.partition("-")[0]
    described = f"{key} lanes" if number == "0" else f"{key} lanes-{number}"
    drawing = charts.lane(lane, incident.lanes_from, incident.lanes_to, times, described)
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
