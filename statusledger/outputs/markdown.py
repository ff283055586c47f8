"""The verdict for readers that want text: index.md, and llms.txt, which says where everything is.

Both begin with the verdict and stay under some 2,000 tokens, however many components there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from statusledger import words
from statusledger.language import gettext, ngettext
from statusledger.model import Shown
from statusledger.outputs.theme import Theme
from statusledger.outputs.times import Times
from statusledger.outputs.views.offers import Offers
from statusledger.report.records import ComponentReport, IncidentReport, Report

# What is listed before the rest is only counted; a line is some 30 tokens.
COMPONENTS, INCIDENTS = 30, 5
LONGEST_NAME, LONGEST_LINE = 60, 300
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#!&~])")


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """index.md: the home page in Markdown."""
    del theme
    return {PurePosixPath("index.md"): _document(_home(report))}


def llms(report: Report, offers: Offers) -> bytes:
    """llms.txt (llmstxt.org): the verdict, then what else can be fetched, by kind."""
    return _document(_llms(report, offers))


def _document(lines: Iterator[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _home(report: Report) -> Iterator[str]:
    times = Times(report.page.timezone, report.built.as_of)
    yield from _verdict(report, times)
    yield from _section(gettext("Active incidents"), [_incident(one, times) for one in report.active[:INCIDENTS]])
    yield from _section(gettext("Components"), list(_components(report)))
    past = [one for one in report.incidents if not one.lasts][:INCIDENTS]
    yield from _section(gettext("Past incidents"), [_incident(one, times) for one in past])


def _verdict(report: Report, times: Times) -> Iterator[str]:
    yield f"# {_text(report.page.name)}: {_text(str(report.verdict.headline), LONGEST_LINE)}"
    yield ""
    for line in report.verdict.lines:
        yield _text(str(line), LONGEST_LINE)
    measured = report.monitor.last_measured_at
    if measured is not None:
        yield gettext(
            "Last measured %(time)s, built %(built)s.",
            time=times.full(measured).striptags(),
            built=times.full(times.now).striptags(),
        )


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"## {title}"
        yield ""
        yield from lines


def _components(report: Report) -> Iterator[str]:
    """What is not operational first, then the order of the page."""
    ordered = sorted(report.components.values(), key=lambda one: one.shown is Shown.OPERATIONAL)
    yield from map(_component, ordered[:COMPONENTS])
    if len(ordered) > COMPONENTS:
        more = len(ordered) - COMPONENTS
        told = ngettext("and %(count)s more: %(link)s", "and %(count)s more: %(link)s", more, link=_all_components())
        yield f"- {told}"


def _all_components() -> str:
    name = gettext("all components")
    return f"[{name}](api/v1/components.json)"


def _component(component: ComponentReport) -> str:
    figures = component.figures.get("90d")
    state = words.state_phrase(component.shown, paused=component.paused)
    line = f"- [{_text(component.name)}](components/{component.id}/): {state}"
    if figures is None or figures.ratio is None:
        return line
    figures_told = gettext(
        "%(uptime)s in %(window)s, %(coverage)s measured",
        uptime=words.percentage(figures.ratio),
        window=ngettext("%(count)s day", "%(count)s days", 90),
        coverage=words.percentage(figures.coverage, 2),
    )
    return words.listed([line, figures_told])


def _incident(incident: IncidentReport, times: Times) -> str:
    when = times.full(incident.started_at).striptags()
    told = gettext("%(day)s, still down", day=when)
    if not incident.lasts:
        told = gettext("%(day)s, %(duration)s down", day=when, duration=words.duration(incident.down_ms))
    return f"- [{_text(str(incident.title))}](incidents/{incident.id}/): {told}"


def _llms(report: Report, offers: Offers) -> Iterator[str]:
    yield f"# {_text(report.page.name)}"
    yield ""
    said = " ".join(_text(str(line), LONGEST_LINE) for line in (f"{report.verdict.headline}.", *report.verdict.lines))
    yield f"> {said}"
    yield ""
    yield gettext("Uptime, incidents and service levels, measured and counted from a ledger in git.")
    pages = (
        (gettext("Status in Markdown"), "index.md", gettext("verdict, components, incidents")),
        (gettext("Incidents"), "history/", gettext("every one, by month")),
        (gettext("Service levels"), "sla/", gettext("target, achieved, coverage, credit, by month")),
    )
    yield from _section(gettext("Status"), [f"- [{name}]({path}): {what}" for name, path, what in pages])
    for kind in offers.kinds:
        yield from _section(kind.title, [f"- [{one.name}]({one.path}): {one.what}" for one in kind.offers])


def _text(text: str, longest: int = LONGEST_NAME) -> str:
    """A name that Markdown leaves alone, in one line, cut where it is too long."""
    line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", line if len(line) <= longest else f"{line[: longest - 1]}…")
