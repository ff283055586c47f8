"""The subscribe page: every way to follow or to embed the page, of those that this build published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

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


KINDS: Sequence[Kind] = (
    Kind(
        "feeds",
        "Feeds",
        (
            Offer("RSS", "history.rss", "an entry per incident, updated while it lasts"),
            Offer("Atom", "history.atom", "an entry per incident, updated while it lasts"),
            Offer("JSON Feed", "feed.json", "an entry per incident, updated while it lasts"),
            Offer("Updates, RSS", "updates.rss", "an entry per update, for chat rooms"),
            Offer("Updates, Atom", "updates.atom", "an entry per update, for chat rooms"),
        ),
    ),
    Kind("calendar", "Calendar", (Offer("iCalendar", "maintenance.ics", "every maintenance window; subscribe to it"),)),
    Kind(
        "api",
        "Data",
        (
            Offer("Summary", "api/v1/summary.json", "the verdict and a word per component, for pollers"),
            Offer("Status", "api/v1/status.json", "the status page as data"),
            Offer("Components", "api/v1/components.json", "state, uptime with bounds, response times"),
            Offer("Service levels", "api/v1/sla.json", "the month to date, exactly"),
            Offer("Incidents", "api/v1/incidents.json", "every incident with its trail"),
            Offer("Monitor", "api/v1/health.json", "how well the monitor itself does"),
            Offer("Metrics", "metrics.txt", "for Prometheus"),
            Offer("Status API v2", "api/v2/summary.json", "what most status clients speak"),
            Offer("OpenAPI", "api/v1/openapi.json", "the description of all documents"),
        ),
    ),
    Kind("embed", "Embed", (Offer("Banner", "embed/index.html", "the verdict alone, for a frame in another page"),)),
)


def offers(report: Report, published: Collection[PurePosixPath]) -> Offers:
    """What of the known offers is among the published paths."""
    there = {path.as_posix() for path in published}
    kinds = (Kind(kind.key, kind.title, tuple(offer for offer in kind.offers if offer.path in there)) for kind in KINDS)
    badges = (Badge(key, one.name, f"badges/{key}.svg") for key, one in report.components.items())
    example = next((key for key in report.components if f"api/v1/components/{key}.json" in there), None)
    return Offers(
        base=report.page.url.rstrip("/") + "/",
        kinds=tuple(kind for kind in kinds if kind.offers),
        badges=tuple(badge for badge in badges if badge.path in there),
        component=example and f"api/v1/components/{example}.json",
    )
