"""history.rss and history.atom: an entry per incident whose id never changes and whose trail is told newest first.

An id is made from page.since and the incident's id alone, so a new domain, title or slug leaves readers undisturbed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from markupsafe import Markup

from statusledger import words
from statusledger.clock import parse_instant, to_datetime
from statusledger.incident_files.rendering import to_html
from statusledger.language import gettext, markup
from statusledger.outputs.theme import Theme
from statusledger.report.records import Report

NEWEST = 50
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/statusledger/statusledger")
# What XML 1.0 cannot hold at all, escaped or not (section 2.2 "Characters").
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Told:
    """An entry: permanent id, when it was first and last told, its address below the page, and its story."""

    id: str
    title: str
    address: str
    published: int
    updated: int
    content: Markup


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
    told = sorted((*_incidents(report), *_windows(report)), key=lambda one: (-one.published, one.id))[:NEWEST]
    newest = to_datetime(max((one.updated for one in told), default=_since(report)))
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
    for one in told:
        _entry(feed.add_entry(order="append"), one, f"{home}/{one.address}")
    return feed


def _since(report: Report) -> int:
    return parse_instant(f"{report.page.since}T00:00:00Z")


def _incidents(report: Report) -> Iterator[_Told]:
    for one in report.incidents:
        title = Markup("<p><strong>{}</strong></p>").format(gettext("Postmortem")) if one.postmortem else Markup("")
        trail = _trail(report, [(words.INCIDENT_WORDS[step.status], step.at, step.html) for step in one.updates])
        yield _Told(
            id=urn(report.page.since, one.feed_id),
            title=str(one.title),
            address=f"incidents/{one.id}/",
            published=one.told_at,
            updated=one.updated_at,
            content=Markup("").join([title, _html(one.postmortem or ""), trail, _html(one.summary)]),
        )


def _windows(report: Report) -> Iterator[_Told]:
    for one in report.maintenance:
        if one.told_at <= report.built.as_of:
            trail = _trail(report, [(one.word(step.status), step.at, step.html) for step in one.steps])
            start, end = _moment(report, one.starts_at), _moment(report, one.ends_at)
            planned = Markup("<p>{}</p>").format(markup("Planned from %(start)s to %(end)s.", start=start, end=end))
            cancelled = gettext("Maintenance, cancelled: %(title)s", title=one.title)
            yield _Told(
                id=urn(report.page.since, one.id),
                title=cancelled if one.cancelled else gettext("Maintenance: %(title)s", title=one.title),
                address=f"maintenance/#{one.id}",
                published=one.told_at,
                updated=one.updated_at,
                content=Markup("").join([planned, trail, _html(one.summary)]),
            )


def _entry(entry: FeedEntry, one: _Told, address: str) -> None:
    updated = to_datetime(one.updated)
    entry.id(one.id)
    entry.guid(one.id, permalink=False)
    entry.title(_text(one.title))
    entry.content(_text(str(one.content)), type="html")
    entry.published(to_datetime(one.published))
    entry.updated(updated)
    entry.pubDate(updated)
    entry.link(href=address, rel="alternate")


def _trail(report: Report, steps: Sequence[tuple[str, int, str]]) -> Markup:
    """The whole story, newest first, as HTML."""
    return Markup("").join(
        Markup("<p><strong>{}</strong> {}</p>{}").format(
            word,
            _moment(report, at),
            Markup(body),  # noqa: S704 - sanitised
        )
        for word, at, body in reversed(steps)
    )


def _moment(report: Report, at: int) -> Markup:
    machine = f"{to_datetime(at):%Y-%m-%dT%H:%M:%SZ}"
    shown = f"{to_datetime(at, report.page.timezone):%Y-%m-%d %H:%M %Z}"
    return Markup("<time datetime='{}'>{}</time>").format(machine, shown)


def _html(markdown: str) -> Markup:
    return Markup(to_html(markdown))  # noqa: S704 - sanitised


def _text(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
