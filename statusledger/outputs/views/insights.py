"""Insights: eight charts over the last 7, 30, 90 or 365 days, each with the figures it was drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from statusledger import words
from statusledger.outputs import plots
from statusledger.outputs.times import Times
from statusledger.outputs.views import outages, stretches
from statusledger.outputs.views.span import Span
from statusledger.report.records import ComponentReport, Report

DEFAULT = 90
WINDOWS = (7, 30, DEFAULT, 365)


@dataclass(frozen=True, slots=True)
class Response:
    """How fast one component answered: its percentiles, drawn on a scale that all share."""

    id: str
    name: str
    drawing: Markup
    percentiles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Insights:
    """Everything on a page of insights; `chart`s are None or empty where there is nothing to draw."""

    days: int
    span: Markup
    components: int
    distribution: stretches.Distribution | None
    active: tuple[outages.Outage, ...]
    responses: tuple[Response, ...]
    scale: tuple[str, ...]
    history: stretches.Lanes
    recent: tuple[outages.Outage, ...]
    outage_count: int
    by_component: tuple[outages.Hit, ...]
    by_severity: outages.Severities | None
    maintenance: stretches.MaintenanceView


def path(days: int) -> PurePosixPath:
    """Where the insights of a window are."""
    folder = PurePosixPath("insights")
    return (folder if days == DEFAULT else folder / f"{days}d") / "index.html"


def insights(report: Report, times: Times, days: int) -> Insights:
    """The insights of the newest `days` days."""
    span = Span(days, times)
    incidents = span.incidents(report)
    responses, on = _responses(report)
    return Insights(
        days=days,
        span=times.span(span.start_ms, times.now),
        components=len(report.components),
        distribution=stretches.distribution(report, span),
        active=outages.active(report, times),
        responses=responses,
        scale=tuple(words.milliseconds(step) for step in on.steps),
        history=stretches.history(report, span),
        recent=outages.recent(incidents, times),
        outage_count=len(incidents),
        by_component=outages.by_component(incidents, {key: one.name for key, one in report.components.items()}),
        by_severity=outages.by_severity(incidents, span),
        maintenance=stretches.maintenance(report, span),
    )


def _responses(report: Report) -> tuple[tuple[Response, ...], plots.Scale]:
    """Every component that was timed in the last week, the slowest median first."""
    timed = [(one, _measured(one)) for one in report.components.values()]
    known = [(one, values) for one, values in timed if values is not None]
    on = plots.scale([value for _, values in known for value in values])
    slowest_first = sorted(known, key=lambda pair: (-pair[1][0], pair[0].id))
    return tuple(_response(one, values, on) for one, values in slowest_first), on


def _measured(component: ComponentReport) -> tuple[int, int, int] | None:
    times = component.response_times
    if times.p50 is None or times.p95 is None or times.p99 is None:
        return None
    return times.p50, times.p95, times.p99


def _response(component: ComponentReport, values: tuple[int, int, int], on: plots.Scale) -> Response:
    figures = tuple(words.milliseconds(value) for value in values)
    return Response(component.id, component.name, plots.percentiles(*values, on), figures)
