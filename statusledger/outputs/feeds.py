"""history.rss and history.atom: an entry per incident whose id never changes and whose trail is told newest first.

An id is made from page.since and the incident's id alone, so a new domain, title or slug leaves readers undisturbed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from markupsafe import Markup

from statusledger import words
from statusledger.clock import parse_instant, to_datetime
from statusledger.incident_files.rendering import to_html
from statusledger.language import gettext
from statusledger.outputs.theme import Theme
from statusledger.report.records import IncidentReport, Report

NEWEST = 50
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/statusledger/statusledger")
# What XML 1.0 cannot hold at all, escaped or not (section 2.2 "Characters").
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """Both feeds of the newest 50 incidents."""
    del theme
    return {
        PurePosixPath("history.rss"): _feed(report, "history.rss").rss_str(pretty=True),
        PurePosixPath("history.atom"): _feed(report, "history.atom").atom_str(pretty=True),
    }


def urn(*parts: str) -> str:
    """The permanent id of something that is published."""
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, '/'.join(parts))}"


def _feed(report: Report, name: str) -> FeedGenerator:
    """One feed; the alternate link comes last because RSS takes the last one as the channel's."""
    page, home = report.page, report.page.url.rstrip("/")
    incidents = report.incidents[:NEWEST]
    newest = _newest(report, incidents)
    feed = FeedGenerator()
    feed.id(urn(page.since))
    feed.title(_text(gettext("%(name)s: incident history", name=page.name)))
    feed.subtitle(_text(gettext("Incidents of %(name)s", name=page.name)))
    feed.author({"name": _text(page.name)})
    feed.language(page.language)
    feed.generator("Statusledger")
    feed.docs("https://www.rssboard.org/rss-specification")
    feed.updated(newest)
    feed.lastBuildDate(newest)
    feed.link(href=f"{home}/{name}", rel="self")
    feed.link(href=f"{home}/", rel="alternate")
    for incident in incidents:
        _entry(feed.add_entry(order="append"), report, incident)
    return feed


def _newest(report: Report, incidents: Sequence[IncidentReport]) -> datetime:
    """When the feed last changed: its newest update, or the day the page began."""
    changed = [incident.updated_at for incident in incidents]
    return to_datetime(max(changed, default=parse_instant(f"{report.page.since}T00:00:00Z")))


def _entry(entry: FeedEntry, report: Report, incident: IncidentReport) -> None:
    address = f"{report.page.url.rstrip('/')}/incidents/{incident.id}/"
    updated = to_datetime(incident.updated_at)
    identity = urn(report.page.since, incident.feed_id)
    entry.id(identity)
    entry.guid(identity, permalink=False)
    entry.title(_text(str(incident.title)))
    entry.content(str(_trail(report, incident)), type="html")
    entry.published(to_datetime(incident.told_at))
    entry.updated(updated)
    entry.pubDate(updated)
    entry.link(href=address, rel="alternate")


def _trail(report: Report, incident: IncidentReport) -> Markup:
    """The whole story, newest first, as HTML: postmortem, updates, and what it is about."""
    zone = report.page.timezone
    trail = Markup("").join(
        Markup("<p><strong>{}</strong> <time datetime='{}'>{}</time></p>{}").format(
            words.INCIDENT_WORDS[update.status],
            f"{to_datetime(update.at):%Y-%m-%dT%H:%M:%SZ}",
            f"{to_datetime(update.at, zone):%Y-%m-%d %H:%M %Z}",
            Markup(_text(update.html)),  # noqa: S704 - sanitised
        )
        for update in reversed(incident.updates)
    )
    around = (_text(to_html(text)) for text in (incident.postmortem or "", incident.summary))
    postmortem, summary = (Markup(text) for text in around)  # noqa: S704 - sanitised
    title = Markup("<p><strong>Postmortem</strong></p>") if postmortem else ""
    return Markup("").join([title, postmortem, trail, summary])


def _text(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
