"""What names everything else: subscribe page, llms.txt, sitemap, robots.txt and headers name only what is there."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from outputs import reports

from statusledger.outputs import catalogue, markdown, theme
from statusledger.outputs.views.offers import kinds, offers

# A token of a language model is some 4 characters of English, some 3 of figures and names.
CHARACTERS_PER_TOKEN = 3.5
LINK = re.compile(r"(?<!\\)\[(?:\\.|[^\]\\])*\]\(([^)]*)\)")


def published(name: str) -> dict[str, str]:
    """The files of a state as text."""
    return {path: content.decode("utf-8", "replace") for path, content in reports.site(name).items()}


@pytest.mark.parametrize("name", ["operational", "major", "empty", "bare", "hostile", "crowded", "long_names"])
def test_markdown_begins_with_the_verdict_and_stays_short(name: str) -> None:
    """The first line says it; the whole is less than 2,000 tokens, whatever there is to tell; links lead somewhere."""
    report = reports.STATES[name]()
    files = published(name)

    for path in ("index.md", "llms.txt"):
        text = files[path]
        plain = text.replace("\\", "")
        targets = LINK.findall(text)
        assert report.verdict.headline[:50] in plain[:400], path
        assert len(text) / CHARACTERS_PER_TOKEN < 2000, path
        assert [one for one in targets if not (one in files or f"{one}index.html" in files)] == [], path


def test_markdown_names_what_is_wrong_first() -> None:
    """With more components than are listed, those that are not operational are among them."""
    text = published("crowded")["index.md"]

    components = [line for line in text.splitlines() if line.startswith("- [Component")]
    assert components[0].startswith("- [Component 3-7](components/c3-7/): degraded")
    assert len(components) == markdown.COMPONENTS
    assert LINK.findall(text)
    assert "- and 170 more: [all components](api/v1/components.json)" in text


def test_markdown_tells_percentages_with_window_and_coverage() -> None:
    """No figure without the time it stands for and how much of that was measured."""
    text = published("operational")["index.md"].replace("\u202f", " ")

    assert "- [API](components/api/): operational, 99.943 % in 90 days, 99.69 % measured" in text


def test_markup_in_names_is_not_markdown() -> None:
    """A name can be neither a heading, nor a link, nor HTML."""
    text = published("hostile")["index.md"]

    assert re.findall(r"(?<!\\)<|(?<!\\)>", text.replace("> ", "")) == []


def test_subscribe_page_offers_every_feed_and_document_that_is_published() -> None:
    """What is offered is there; nothing that an output does not make is named."""
    files = published("operational")
    known = {offer.path for kind in kinds() for offer in kind.offers}

    page = files["subscribe/index.html"]
    offered = {path for path in known if f'href="../{path}"' in page}

    assert offered == known & set(files)
    assert {"history.rss", "history.atom", "api/v1/summary.json"} <= offered
    assert "https://status.acme.example/history.rss" in page


def test_badges_are_offered_with_their_snippet_once_there_are_some() -> None:
    """A build that publishes a component's badge shows it and what to paste."""
    report = reports.operational()
    there = [PurePosixPath("badges/api.svg"), PurePosixPath("embed/index.html"), PurePosixPath("maintenance.ics")]

    page = catalogue.files(report, theme.load(), there)[catalogue.SUBSCRIBE].decode()

    assert '<img src="../badges/api.svg" alt="API"' in page
    assert "&lt;img src=&#34;https://status.acme.example/badges/api.svg&#34; alt=&#34;API&#34;&gt;" in page.replace(
        '"', "&#34;"
    )
    assert "https://status.acme.example/embed/</code>" in page
    assert "api/v1" not in page.partition("<main")[2].partition("</main")[0]


def test_offers_of_nothing_are_nothing() -> None:
    """Without a published file there is no kind to show."""
    assert offers(reports.operational(), ()).kinds == ()


def test_sitemap_lists_every_page_but_the_one_for_wrong_addresses() -> None:
    """Folders stand for their page."""
    files = published("operational")
    pages = {path for path in files if path.endswith("index.html")}

    listed = set(re.findall("<loc>https://status.acme.example/([^<]*)</loc>", files["sitemap.xml"]))

    assert listed == {path.removesuffix("index.html") for path in pages}


def test_headers_give_feeds_their_type_and_open_them_to_other_pages() -> None:
    """A rule for each file at the root that other programs read, none for what is not there."""
    headers = published("operational")["_headers"]

    assert "/history.rss\n  Access-Control-Allow-Origin: *\n  Content-Type: application/rss+xml" in headers
    assert "maintenance.ics" not in headers
