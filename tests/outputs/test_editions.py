"""The pages in several languages: all of them under each path, linked with each other, and everything else once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from outputs import reports

from statusledger import outputs
from statusledger.outputs import theme

HREF = re.compile(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"')
HREFLANG = re.compile(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">')
COMPONENT = "components/api/index.html"


@pytest.fixture(scope="module")
def site() -> Mapping[str, bytes]:
    """A page at the root of a host in English, German and Arabic."""
    languages = theme.load(None, ("en", "de", "ar"))
    return {path.as_posix(): content for path, content in outputs.files(reports.major(), languages).items()}


def pages(site: Mapping[str, bytes]) -> dict[str, str]:
    """The pages that people read."""
    return {path: content.decode() for path, content in site.items() if path.endswith(".html")}


def test_every_page_is_there_in_every_language_and_everything_else_once(site: Mapping[str, bytes]) -> None:
    """Feeds, documents and static files have one address."""
    own = {path for path in pages(site) if not path.startswith(("de/", "ar/"))}

    assert COMPONENT in own
    assert pages(site).keys() == own | {f"{tag}/{path}" for tag in ("de", "ar") for path in own}
    assert not [path for path in site if path.startswith(("de/", "ar/")) and not path.endswith(".html")]


def test_links_lead_to_a_file_of_the_site_in_the_same_language(site: Mapping[str, bytes]) -> None:
    """Pages link to pages of their own language, but for the links to the other languages."""
    for path, text in pages(site).items():
        if path.endswith("404.html"):
            continue
        targets = {normpath(join(dirname(path), target)) for target in HREF.findall(text)}
        tags = [target.split("/")[0] for target in targets if target.endswith(".html")]
        here = path.split("/")[0]

        assert targets - site.keys() == set(), path
        assert [tags.count(tag) for tag in ("de", "ar") if tag != here] == [1] * (2 - (here in {"de", "ar"})), path


def test_pages_say_their_language_and_direction_and_where_the_others_are(site: Mapping[str, bytes]) -> None:
    """For assistive technology, browsers and search engines."""
    home = reports.major().page.url
    addresses = [
        ("en", f"{home}/components/api/"),
        ("de", f"{home}/de/components/api/"),
        ("ar", f"{home}/ar/components/api/"),
        ("x-default", f"{home}/components/api/"),
    ]
    for folder, tag, direction in (("", "en", "ltr"), ("de/", "de", "ltr"), ("ar/", "ar", "rtl")):
        text = pages(site)[folder + COMPONENT]

        assert f'<html lang="{tag}" dir="{direction}"' in text
        assert HREFLANG.findall(text) == addresses
        assert f'hreflang="{tag}" lang="{tag}" dir="{direction}" aria-current="true"' in text


def test_wrong_addresses_have_no_other_language(site: Mapping[str, bytes]) -> None:
    """They are offered the home pages, from wherever they are."""
    text = pages(site)["de/404.html"]

    assert HREFLANG.findall(text) == []
    assert 'href="/static/page.css"' in text
    assert 'href="/de/index.html"' in text


def test_sitemap_has_every_page_in_every_language(site: Mapping[str, bytes]) -> None:
    """Three addresses for each."""
    addresses = re.findall("<loc>(.*?)</loc>", site["sitemap.xml"].decode())
    expected = [path for path in pages(site) if not path.endswith("404.html")]

    assert len(addresses) == len(expected)
    assert f"{reports.major().page.url}/ar/components/api/" in addresses


def test_one_language_has_no_links_to_others() -> None:
    """Nothing to choose from."""
    text = reports.site("major")["index.html"].decode()

    assert HREFLANG.findall(text) == []
    assert 'aria-label="Languages"' not in text


def test_what_exists_once_is_in_the_first_language(tmp_path: Path) -> None:
    """A German page says so in its feed, whatever other languages there are."""
    report = reports.major()
    german = replace(report, page=replace(report.page, language="de", languages=("de", "en")))

    site = outputs.files(german, theme.load(tmp_path, german.page.languages))

    texts = {path.as_posix(): content.decode() for path, content in site.items() if path.suffix != ".svg"}
    assert "<language>de</language>" in texts["history.rss"]
    assert '<html lang="de" dir="ltr"' in texts["index.html"]
    assert '<html lang="en" dir="ltr"' in texts["en/index.html"]
    assert "Zum Inhalt springen" in texts["index.html"]
