"""What every page carries around its content: brand, links, who built it from what, and the notice of a demo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from markupsafe import Markup

from statusledger.clock import MINUTE_MS, format_instant
from statusledger.config import Link
from statusledger.language import markup
from statusledger.model import Shown
from statusledger.outputs.times import Times
from statusledger.report.records import Report

ICON = (
    "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2016%2016'%3E"
    "%3Cpath%20fill='%23{colour}'%20d='M1%201h4v14H1zm5%200h4v14H6zm5%20{top}h4v{tall}h-4z'/%3E%3C/svg%3E"
)
GREEN, RED, GREY = "0f8a52", "8c1038", "818b98"
COLOURS: Mapping[Shown, str] = {Shown.PARTIAL: RED, Shown.MAJOR: RED, Shown.NODATA: GREY}
# How long a host may go on handing out a page after a newer one was published.
CACHED_MS = 10 * MINUTE_MS
BRAND_SUFFIX = " Status"
# RFC 3986: what may stand in an address as it is.
ADDRESS_CHARACTERS = "%:/?#[]@!$&'()*+,;="


@dataclass(frozen=True, slots=True)
class Fresh:
    """Until when (ISO 8601) a page may be read as it is, and what is to be said of it from then on."""

    until: str
    notice: Markup


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of all pages of one build; `icon` tells the verdict, `still` stands on pages that do not speak of now.

    `generated` is empty unless a part of the past was generated.
    """

    name: str
    brand: str
    suffix: str
    logo: str | None
    favicon: str | None
    icon: str
    still: str
    header: str | None
    footer: str | None
    fresh: Fresh | None
    links: tuple[Link, ...]
    built: Markup
    recompute: Markup
    generated: Markup
    operators: bool


def site(report: Report, times: Times, static: Mapping[str, bytes]) -> Site:
    """The frame of the pages of a report."""
    name = report.page.name
    brand = name.removesuffix(BRAND_SUFFIX) or name
    return Site(
        name=name,
        brand=brand,
        suffix=name.removeprefix(brand).strip(),
        logo=_picture(report.page.logo, static),
        favicon=_picture(report.page.favicon, static),
        icon=_icon(report.verdict.shown),
        still=_icon(Shown.NODATA),
        header=report.page.header,
        footer=report.page.footer,
        fresh=_fresh(report, times),
        links=tuple(_links(report.page.links)),
        built=_built(report, times),
        recompute=_recompute(),
        generated=generated_until(report, times),
        operators=report.operators is not None,
    )


def _links(links: Iterable[Link]) -> Iterator[Link]:
    """The links that lead to a page or a mailbox, their addresses without what HTML forbids in them."""
    for link in links:
        if link.url.startswith(("https://", "http://", "mailto:")):
            yield Link(link.name, quote(link.url, safe=ADDRESS_CHARACTERS))


def _built(report: Report, times: Times) -> Markup:
    """When, by what and from what the page was built, and how anyone can do so again."""
    built, environment = report.built, report.page.environment
    names = {"time": times.full(built.as_of), "engine": built.engine}
    sentences = [markup("Built %(time)s by %(engine)s.", **names)]
    if built.commit and built.ledger_commit:
        commit = Markup("<code>{}</code>").format(built.ledger_commit[:12])
        sentences = [markup("Built %(time)s by %(engine)s from ledger commit %(commit)s.", commit=commit, **names)]
    if environment:
        sentences.append(markup("Environment: %(environment)s.", environment=environment))
    return Markup(" ").join([*sentences, _recompute()])


def _recompute() -> Markup:
    command = Markup("<code>statusledger sla</code>")
    return markup("Anyone with a clone can recompute every figure: %(command)s.", command=command)


def generated_until(report: Report, times: Times) -> Markup:
    """The sentence that tells a demo's invented past from what was measured; empty where nothing was invented."""
    until = report.monitor.generated_until
    if until is None:
        return Markup("")
    return markup("Everything up to %(time)s was generated for the demo, not measured.", time=times.full(until))


def _fresh(report: Report, times: Times) -> Fresh | None:
    """Until when what was measured last may stand: as long as it holds, and as long as a host may hand out old pages.

    None where nothing was measured, or where the page says already that its data is old.
    """
    measured = report.monitor.last_measured_at
    holds = [check.max_staleness_ms for one in report.components.values() for check in one.checks]
    if measured is None or not holds or report.monitor.stale:
        return None
    notice = markup(
        "This page is older than it should be: its newest measurement is from %(time)s (%(age)s). "
        "What happened since is not known.",
        time=times.full(measured),
        age=Markup('<span data-ago="{}"></span>').format(format_instant(measured)),
    )
    return Fresh(format_instant(measured + max(holds) + CACHED_MS), notice)


def _picture(path: str | None, static: Mapping[str, bytes]) -> str | None:
    name = PurePosixPath(path).name if path else None
    return name if name in static else None


def _icon(shown: Shown) -> str:
    colour = COLOURS.get(shown, GREEN)
    short = colour == RED
    return ICON.format(colour=colour, top=9 if short else 0, tall=5 if short else 14)
