"""The subscribe page: every way to follow or to embed the page, of those that this build published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from statusledger.language import gettext
from statusledger.report.records import Report


@dataclass(frozen=True, slots=True)
class Offer:
    """One address: what it is called, where it is under the root, what it is for."""

    name: str
    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Kind:
    """Offers of one kind; `key` is the place on the page."""

    key: str
    title: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Badge:
    """The state of a component as a picture."""

    id: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything on the subscribe page; `base` is the absolute address of the root, with its slash."""

    base: str
    kinds: tuple[Kind, ...]
    badges: tuple[Badge, ...]
    component: str | None


def kinds() -> tuple[Kind, ...]:
    """Every address that a build may publish for others to read."""
    return (_feeds(), _calendar(), _data(), _embed())


def _feeds() -> Kind:
    incident, update = (
        gettext("an entry per incident, updated while it lasts"),
        gettext("an entry per update, for chat rooms"),
    )
    return Kind(
        "feeds",
        gettext("Feeds"),
        (
            Offer("RSS", "history.rss", incident),
            Offer("Atom", "history.atom", incident),
            Offer("JSON Feed", "feed.json", incident),
            Offer(gettext("Updates, %(format)s", format="RSS"), "updates.rss", update),
            Offer(gettext("Updates, %(format)s", format="Atom"), "updates.atom", update),
        ),
    )


def _calendar() -> Kind:
    what = gettext("every maintenance window; subscribe to it")
    return Kind("calendar", gettext("Calendar"), (Offer("iCalendar", "maintenance.ics", what),))


def _data() -> Kind:
    return Kind(
        "api",
        gettext("Data"),
        (
            Offer(
                gettext("Summary"), "api/v1/summary.json", gettext("the verdict and a word per component, for pollers")
            ),
            Offer(gettext("Status"), "api/v1/status.json", gettext("the status page as data")),
            Offer(
                gettext("Components"), "api/v1/components.json", gettext("state, uptime with bounds, response times")
            ),
            Offer(gettext("Service levels"), "api/v1/sla.json", gettext("the month to date, exactly")),
            Offer(gettext("Incidents"), "api/v1/incidents.json", gettext("every incident with its trail")),
            Offer(gettext("Monitor"), "api/v1/health.json", gettext("how well the monitor itself does")),
            Offer(gettext("Metrics"), "metrics.txt", gettext("for Prometheus")),
            Offer("Status API v2", "api/v2/summary.json", gettext("what most status clients speak")),
            Offer("OpenAPI", "api/v1/openapi.json", gettext("the description of all documents")),
        ),
    )


def _embed() -> Kind:
    what = gettext("the verdict alone, for a frame in another page")
    return Kind("embed", gettext("Embed"), (Offer(gettext("Banner"), "embed/index.html", what),))


def offers(report: Report, published: Collection[PurePosixPath]) -> Offers:
    """What of the known offers is among the published paths."""
    there = {path.as_posix() for path in published}
    known = (Kind(kind.key, kind.title, tuple(one for one in kind.offers if one.path in there)) for kind in kinds())
    badges = (Badge(key, one.name, f"badges/{key}.svg") for key, one in report.components.items())
    example = next((key for key in report.components if f"api/v1/components/{key}.json" in there), None)
    return Offers(
        base=report.page.url.rstrip("/") + "/",
        kinds=tuple(kind for kind in known if kind.offers),
        badges=tuple(badge for badge in badges if badge.path in there),
        component=example and f"api/v1/components/{example}.json",
    )
