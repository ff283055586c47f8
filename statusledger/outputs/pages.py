"""The pages that people read: complete HTML without a script, every link relative, from the Report and a theme."""

from __future__ import annotations

from pathlib import PurePosixPath

from statusledger.language import gettext
from statusledger.outputs import look, sla_pages
from statusledger.outputs.frame import Frame, editions
from statusledger.outputs.theme import STYLE, Theme
from statusledger.outputs.views import component, evidence, home, incident, insights, maintenance
from statusledger.report.records import Report

INDEX = "index.html"
NOT_FOUND = PurePosixPath("404.html")


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """Every page in every language, with the files that belong to them, by path under the site's root."""
    return editions(report, theme, _edition) | _static(report, theme)


def _edition(pages: Frame) -> dict[PurePosixPath, bytes]:
    """Every page in one language."""
    shown = home.home(pages.report, pages.times)
    return {
        PurePosixPath(INDEX): pages.page(PurePosixPath(INDEX), "home.html", home=shown),
        **_components(pages),
        **_incidents(pages),
        **_history(pages),
        **_maintenance(pages),
        **sla_pages.files(pages),
        **_insights(pages),
        NOT_FOUND: pages.not_found(),
    }


def _static(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """The theme's files, the colours and fonts of checks.yml behind its own."""
    static = {**theme.static, STYLE: theme.static[STYLE] + look.style(report.page.look).encode()}
    return {PurePosixPath("static", name): content for name, content in static.items()}


def _components(pages: Frame) -> dict[PurePosixPath, bytes]:
    found = {}
    for key, measured in pages.report.components.items():
        path = PurePosixPath("components", key, INDEX)
        shown = component.detail(measured, pages.report, pages.times)
        found[path] = pages.page(path, "component.html", component=shown)
    return found


def _incidents(pages: Frame) -> dict[PurePosixPath, bytes]:
    names = evidence.location_names(pages.report.monitor)
    until = pages.report.monitor.generated_until
    found = {}
    for known in pages.report.incidents:
        path = PurePosixPath("incidents", known.id, INDEX)
        shown = incident.detail(known, pages.times, names, generated_until=until)
        found[path] = pages.page(
            path, "incident.html", incident=shown, affected=known.component, archived=not known.lasts
        )
        for covered in known.covered:
            moved = PurePosixPath("incidents", covered.id, INDEX)
            found[moved] = pages.page(moved, "incident_moved.html", incident=shown, archived=True)
    return found


def _history(pages: Frame) -> dict[PurePosixPath, bytes]:
    months = incident.by_month(pages.report.incidents, pages.times)
    overview = PurePosixPath("history", INDEX)
    found = {overview: pages.page(overview, "history.html", months=months)}
    for i, month in enumerate(months):
        path = PurePosixPath("history", month.key, INDEX)
        later = months[i - 1] if i else None
        earlier = months[i + 1] if i + 1 < len(months) else None
        found[path] = pages.page(
            path, "history_month.html", month=month, later=later, earlier=earlier, archived=month.over
        )
    return found


def _maintenance(pages: Frame) -> dict[PurePosixPath, bytes]:
    plan = maintenance.plan(pages.report, pages.times)
    overview = PurePosixPath("maintenance", INDEX)
    kinds = (gettext("Active"), plan.active), (gettext("Upcoming"), plan.upcoming), (gettext("Past"), plan.past)
    found = {
        overview: pages.page(
            overview,
            "maintenance.html",
            heading=gettext("Maintenance windows"),
            sections=kinds,
            years=plan.years,
            year="",
        )
    }
    for one in plan.years if len(plan.years) > 1 else ():
        path = PurePosixPath("maintenance", one.key, INDEX)
        past, heading = ((gettext("Past"), one.windows),), gettext("Maintenance in %(year)s", year=one.key)
        found[path] = pages.page(path, "maintenance.html", heading=heading, sections=past, years=(), year=one.key)
    return found


def _insights(pages: Frame) -> dict[PurePosixPath, bytes]:
    windows = tuple((days, insights.path(days)) for days in insights.WINDOWS)
    return {
        path: pages.page(
            path, "insights.html", insights=insights.insights(pages.report, pages.times, days), windows=windows
        )
        for days, path in windows
    }
