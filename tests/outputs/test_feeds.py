"""The feeds: read by an independent reader, permanent ids, nothing that depends on when they were built."""

from __future__ import annotations

from dataclasses import replace

import feedparser
import pytest
from outputs import reports

from statusledger.outputs import feeds, theme

NAMES = ("history.rss", "history.atom")


def built(report) -> dict[str, bytes]:
    """Both feeds by name."""
    return {str(path): content for path, content in feeds.files(report, theme.load()).items()}


@pytest.fixture(scope="module")
def outage():
    """A page with one incident that lasts and some that are over."""
    return reports.major()


@pytest.mark.parametrize("name", NAMES)
def test_feedparser_reads_every_entry(name, outage):
    """Well-formed, an entry per incident, newest first, with a link and dates."""
    got = feedparser.parse(built(outage)[name])

    assert got.bozo == 0
    assert [entry.link for entry in got.entries] == [
        f"{outage.page.url.rstrip('/')}/incidents/{incident.id}/" for incident in outage.incidents
    ]
    assert all(entry.id.startswith("urn:uuid:") and entry.published_parsed for entry in got.entries)


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_trail_is_told_newest_first(name, outage):
    """A reader that was away sees what happened without opening the page."""
    incident = max(outage.incidents, key=lambda one: len(one.updates))

    (entry,) = [one for one in feedparser.parse(built(outage)[name]).entries if incident.id in one.link]

    told = entry.content[0].value if name.endswith("atom") else entry.summary
    places = [told.index(update.text.partition("\n")[0]) for update in reversed(incident.updates)]
    assert places == sorted(places)


def test_ids_survive_a_new_domain_and_a_new_title(outage):
    """Neither the address nor the words of a page are part of an id."""
    moved = replace(outage, page=replace(outage.page, url="https://elsewhere.example", name="Other"))
    renamed = replace(moved, incidents=tuple(replace(one, title="Renamed") for one in moved.incidents))

    ids = [[entry.id for entry in feedparser.parse(built(one)["history.atom"]).entries] for one in (outage, renamed)]

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(outage.incidents)


def test_rss_and_atom_agree(outage):
    """One incident has one id in both."""
    rss, atom = (feedparser.parse(built(outage)[name]).entries for name in NAMES)

    assert [entry.id for entry in rss] == [entry.id for entry in atom]


def test_a_later_build_without_news_is_the_same_feed(outage):
    """Nothing in a feed tells when it was built, so a quiet page is never downloaded twice."""
    later = replace(outage, built=replace(outage.built, as_of=outage.built.as_of + 3_600_000, commit="f" * 40))

    assert built(later) == built(outage)


@pytest.mark.parametrize("make", [reports.empty, reports.hostile], ids=["empty", "hostile"])
@pytest.mark.parametrize("name", NAMES)
def test_odd_pages_stay_readable(name, make):
    """No incident at all, or names that try to be markup."""
    content = built(make())[name]

    assert feedparser.parse(content).bozo == 0
    assert b"<script" not in content


@pytest.mark.parametrize("name", NAMES)
def test_characters_that_xml_cannot_hold_are_replaced(name, outage):
    """A NUL, a lone surrogate and a form feed from a title do not break the feed."""
    broken = replace(outage, incidents=(replace(outage.incidents[0], title="a\x00b\ud800c\x0cd"),))

    got = feedparser.parse(built(broken)[name])

    assert (got.bozo, got.entries[0].title) == (0, "a\ufffdb\ufffdc\ufffdd")


def test_only_the_newest_fifty_are_carried():
    """The feed stays small for years; the history pages hold the rest."""
    report = reports.major()
    many = tuple(replace(report.incidents[-1], id=f"api-{index}") for index in range(60))

    got = feedparser.parse(built(replace(report, incidents=many))["history.atom"])

    assert len(got.entries) == 50


def test_the_feed_names_itself_and_the_page(outage):
    """rel=self for readers, the page as the alternate, in both formats."""
    atom, rss = (feedparser.parse(built(outage)[name]) for name in ("history.atom", "history.rss"))
    home = outage.page.url.rstrip("/")

    links = {(link["rel"], link["href"]) for link in atom.feed.links}
    assert {("self", f"{home}/history.atom"), ("alternate", f"{home}/")} <= links
    assert rss.feed.link == f"{home}/"
    assert atom.feed.author == outage.page.name
