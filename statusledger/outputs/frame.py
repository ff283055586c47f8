"""What all pages of one build have in common: report, theme, zones, and the frame that every template stands in."""

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
from statusledger.outputs.views.site import Site, site
from statusledger.report.records import Report


@dataclass(frozen=True, slots=True)
class Frame:
    """Renders the pages of one report; `statement_times` tells instants in the zone of the statements."""

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


def frame(report: Report, theme: Theme) -> Frame:
    """The frame of a report's pages."""
    times = Times(report.page.timezone, report.built.as_of)
    statement_times = Times(report.sla_zone, report.built.as_of)
    return Frame(report, theme, times, statement_times, site(report, times, theme.static))
