"""What names everything else, and is therefore made last: the subscribe page, llms.txt, sitemap, robots, headers."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

from statusledger.outputs import hosting, markdown
from statusledger.outputs.frame import Frame, editions
from statusledger.outputs.theme import Theme
from statusledger.outputs.views.offers import offers
from statusledger.report.records import Report

SUBSCRIBE = PurePosixPath("subscribe/index.html")
NOT_FOUND = PurePosixPath("404.html")


def files(report: Report, theme: Theme, published: Collection[PurePosixPath]) -> dict[PurePosixPath, bytes]:
    """The catalogue of what the other outputs published: it never names what is not there."""
    url = report.page.url
    offered = offers(report, published)
    subscribe = editions(report, theme, lambda pages: _subscribe(pages, published))
    pages = {path for path in published if path.name == "index.html"} | subscribe.keys()
    return {
        **subscribe,
        PurePosixPath("llms.txt"): markdown.llms(report, offered),
        PurePosixPath("robots.txt"): hosting.robots(url),
        PurePosixPath("sitemap.xml"): hosting.sitemap(url, pages),
        PurePosixPath("_headers"): hosting.headers(published),
    }


def _subscribe(pages: Frame, published: Collection[PurePosixPath]) -> dict[PurePosixPath, bytes]:
    return {SUBSCRIBE: pages.page(SUBSCRIBE, "subscribe.html", offers=offers(pages.report, published))}
