"""The pages that people read: complete HTML without a script, every link relative, from the Report and a theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from statusledger import words
from statusledger.model import Shown
from statusledger.outputs import hosting, shapes
from statusledger.outputs.theme import Theme
from statusledger.outputs.times import Times
from statusledger.outputs.views import component, evidence, home, incident, insights, statement
from statusledger.outputs.views.site import Site, site
from statusledger.report.records import Report

INDEX = "index.html"
NOT_FOUND = PurePosixPath("404.html")


@dataclass(frozen=True, slots=True)
class _Pages:
    """What all pages of one build have in common."""

    report: Report
    theme: Theme
    times: Times
    statement_times: Times
    site: Site

    def page(self, path: PurePosixPath, template: str, **names: object) -> bytes:
        """A rendered page; `root` leads from its folder to the root of the site."""
        return self._render("../" * (len(path.parts) - 1), template, names)

    def not_found(self) -> bytes:
        """The page for any wrong address: nobody knows how deep it is, so its links begin at the site's own path."""
        return self._render(urlsplit(self.report.page.url).path.rstrip("/") + "/", "404.html", {})

    def _render(self, root: str, template: str, names: Mapping[str, object]) -> bytes:
        frame = {
            "root": root,
            "site": self.site,
            "policy": hosting.CONTENT_SECURITY_POLICY,
            "state_words": words.SHOWN_WORDS,
            "sprite": shapes.sprite,
            "operational": Shown.OPERATIONAL,
        }
        return self.theme.render(template, {**frame, **names})


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """Every page with the files that belong to them, by path under the site's root."""
    times = Times(report.page.timezone, report.built.as_of)
    statement_times = Times(report.sla_zone, report.built.as_of)
    pages = _Pages(report, theme, times, statement_times, site(report, times, theme.static))
    found = {
        PurePosixPath(INDEX): pages.page(PurePosixPath(INDEX), "home.html", home=home.home(report, times)),
        **_components(pages),
        **_incidents(pages),
        **_history(pages),
        **_statements(pages),
        **_insights(pages),
    }
    return {
        **found,
        NOT_FOUND: pages.not_found(),
        PurePosixPath("robots.txt"): hosting.robots(report.page.url),
        PurePosixPath("sitemap.xml"): hosting.sitemap(report.page.url, found),
        PurePosixPath("_headers"): hosting.HEADERS.encode(),
        **{PurePosixPath("static", name): content for name, content in theme.static.items()},
    }


def _components(pages: _Pages) -> dict[PurePosixPath, bytes]:
    found = {}
    for key, measured in pages.report.components.items():
        path = PurePosixPath("components", key, INDEX)
        shown = component.detail(measured, pages.report, pages.times)
        found[path] = pages.page(path, "component.html", component=shown)
    return found


def _incidents(pages: _Pages) -> dict[PurePosixPath, bytes]:
    names = evidence.location_names(pages.report.monitor)
    until = pages.report.monitor.generated_until
    found = {}
    for known in pages.report.incidents:
        path = PurePosixPath("incidents", known.id, INDEX)
        shown = incident.detail(known, pages.times, names, generated_until=until)
        found[path] = pages.page(path, "incident.html", incident=shown)
    return found


def _history(pages: _Pages) -> dict[PurePosixPath, bytes]:
    months = incident.by_month(pages.report.incidents, pages.times)
    overview = PurePosixPath("history", INDEX)
    found = {overview: pages.page(overview, "history.html", months=months)}
    for i, month in enumerate(months):
        path = PurePosixPath("history", month.key, INDEX)
        later = months[i - 1] if i else None
        earlier = months[i + 1] if i + 1 < len(months) else None
        found[path] = pages.page(path, "history_month.html", month=month, later=later, earlier=earlier)
    return found


def _statements(pages: _Pages) -> dict[PurePosixPath, bytes]:
    report, times = pages.report, pages.statement_times
    months = tuple((key, words.month_words(key)) for key in statement.months(report))
    running = report.month.key
    overview = PurePosixPath("sla", INDEX)
    found = {
        overview: pages.page(
            overview,
            "sla.html",
            results=statement.overview(report),
            months=months,
            running=running,
            name=words.month_words(running),
            zone=times.zone,
        )
    }
    for key, name in months:
        path = PurePosixPath("sla", key, INDEX)
        shown = statement.statements(report, key, times)
        found[path] = pages.page(
            path, "sla_month.html", statements=shown, key=key, name=name, rules=home.rules(report), zone=times.zone
        )
    return found


def _insights(pages: _Pages) -> dict[PurePosixPath, bytes]:
    windows = tuple((days, insights.path(days)) for days in insights.WINDOWS)
    return {
        path: pages.page(
            path, "insights.html", insights=insights.insights(pages.report, pages.times, days), windows=windows
        )
        for days, path in windows
    }
