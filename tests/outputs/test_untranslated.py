"""Every word of every page is in every language: catalogues lack nothing, and no text goes past them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import messages
import pytest
from babel import Locale
from babel.support import NullTranslations
from outputs import reports
from telling import Acme

from statusledger import outputs
from statusledger.language import Language
from statusledger.outputs import theme
from statusledger.report.records import Report

NOW = "2026-11-21T12:00:00Z"
CONTRACT = 'sla: {contracts: [{id: gold, component: api, target: 99.9, fee: "100", currency: EUR}]}'
WINDOW = """---
title: Upgrade
components: [web]
starts: 2026-11-{}Z
ends: 2026-11-{}Z
announced: 2026-11-0{}T00:00Z{}
---
Plan.
"""
# What is the same in every language: names of formats, zones, units of the web, and what software prints.
SAME = re.compile(
    r"\b(UTC|SLA|RSS|Atom|JSON|API|HTTP|Markdown|CSV|HTML|P[1-4]|p\d\d|EUR|v\d|Statuspage|Prometheus|iCalendar|shields"
    r"|statusledger|Instatus|OpenAPI)\b"
)
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "title", "placeholder"}
SPOKEN_METAS = {"description", "og:title", "og:description"}
BLOCKS = {"article", "dd", "div", "dt", "h1", "h2", "h3", "li", "p", "section", "summary", "table", "td", "th"}
SILENT = {"code", "style", "script", "pre"}


class Brackets(NullTranslations):
    """A language in which every translated text stands in brackets."""

    def gettext(self, message: str) -> str:
        """The message itself."""
        return f"⟦{message}⟧"

    def ngettext(self, singular: str, plural: str, num: int) -> str:
        """The form of the count."""
        return f"⟦{singular if num == 1 else plural}⟧"

    def pgettext(self, context: str, message: str) -> str:
        """The message, whatever the context."""
        return f"⟦{message}⟧"


class Spoken(HTMLParser):
    """What stands outside of brackets of what a page tells a person, by eye or by ear."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = self._depth = self._block = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins with no bracket open; some attributes are spoken."""
        named = dict(attrs)
        self._silent += tag in SILENT
        if tag in BLOCKS:
            self._depth, self._block = 0, len(self.texts)
        said = [named[name] for name in SPOKEN_ATTRIBUTES & named.keys()]
        if (named.get("name") or named.get("property")) in SPOKEN_METAS:
            said.append(named["content"])
        outer, self._depth = self._depth, 0
        for text in said:
            self._hear(text or "")
        self._depth = outer

    def handle_endtag(self, tag: str) -> None:
        """The end of what is not spoken."""
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._silent:
            self._hear(data)

    def _hear(self, text: str) -> None:
        """Brackets may begin in one element and end in another; a rule that is cut at its colon has lost the first."""
        for part in re.split("([⟦⟧])", text):
            if part == "⟧" and not self._depth:
                del self.texts[self._block :]
            elif part in {"⟦", "⟧"}:
                self._depth += 1 if part == "⟦" else -1
            elif not self._depth:
                self.texts.append(part)


@pytest.mark.parametrize("tag", messages.catalogues())
def test_a_catalogue_has_every_message_and_no_other(tag: str) -> None:
    """`make translations` names what is missing; here it fails."""
    catalogue = messages.read(messages.catalogues()[tag])
    wanted = {(one.id, one.context) for one in extracted() if one.id}

    assert [one.id for one in messages.lacking(catalogue)] == []
    assert {(one.id, one.context) for one in catalogue if one.id} ^ wanted == set()


@cache
def extracted() -> messages.Catalog:
    """What templates and code say."""
    return messages.extracted()


def test_no_text_goes_past_the_catalogues(tmp_path: Path) -> None:
    """In a language of brackets nothing but names, and what people wrote, stands outside of them, on any page."""
    made = {"real": measured(tmp_path), "major": reports.major(), "stale": reports.stale(), "empty": reports.empty()}
    unruly = {name: replace(report, how_we_count=()) if name != "real" else report for name, report in made.items()}
    pages = {f"{name} {path}": texts for name, report in unruly.items() for path, texts in spoken(report).items()}

    assert {"home", "component", "incident", "maintenance", "statement", "contract"} <= kinds(pages)
    assert {path: texts for path, texts in pages.items() if texts} == {}


def kinds(pages: Collection[str]) -> set[str]:
    """Which of the pages that are easily forgotten are there."""
    paths = {
        "home": r"real index",
        "component": r"real components/api/",
        "incident": r"real incidents/2026",
        "maintenance": r"real maintenance/",
        "statement": r"real sla/2026-11/",
        "contract": r"real sla/contracts/gold/",
    }
    return {kind for kind, path in paths.items() if any(re.match(path, page) for page in pages)}


def measured(root: Path) -> Report:
    """A real report with incidents, maintenance in every state, services and a contract."""
    acme = Acme(root, more=CONTRACT).measured(700, api="10-55 400-700", db="100-115")
    acme.incident("slow", "components: {web: degraded}\nstarted: 2026-11-21T06:00Z", "Slow.\n\n## postmortem\nText.\n")
    windows = {
        "past": ("21T02:00", "21T02:30", 1, ""),
        "now": ("21T11:30", "21T12:30", 1, ""),
        "soon": ("22T01:00", "22T02:00", 1, ""),
        "never": ("23T01:00", "23T02:00", 1, "\ncancelled: true"),
    }
    for name, parts in windows.items():
        acme.write(f"maintenance/2026/2026-11-21-{name}.md", WINDOW.format(*parts))
    return acme.report(NOW)


def spoken(report: Report) -> dict[str, list[str]]:
    """What stands outside of brackets in each page, without what the report brings along."""
    renamed = replace(report, page=replace(report.page, name="Zork Blib"))
    language = Language("en", Locale("en"), Brackets())
    files = outputs.files(renamed, replace(theme.load(), languages=(language,)))
    known = sorted({"Zork", "Blib", *strings(renamed)}, key=len, reverse=True)
    written = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in known))
    return {
        path.as_posix(): [text for text in left(content.decode(), written) if re.search(r"[^\W\d_]{2}", text)]
        for path, content in files.items()
        if path.suffix == ".html"
    }


def left(page: str, written: re.Pattern[str]) -> Iterator[str]:
    """The texts of a page, less what is in brackets, what was written by people and what is the same everywhere."""
    parser = Spoken()
    parser.feed(page)
    return (SAME.sub("", written.sub("", text)) for text in parser.texts)


def strings(value: object) -> Iterator[str]:
    """Every text in a record, however deep; words that are chosen when they are printed are none."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield from (part for part in (value, *value.split("\n")) if len(part) > 1)
    elif is_dataclass(value):
        yield from (text for field in fields(value) for text in strings(getattr(value, field.name)))
    elif isinstance(value, dict):
        yield from (text for item in value.items() for one in item for text in strings(one))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (text for one in value for text in strings(one))
