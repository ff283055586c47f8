"""Every type of page on a ledger with every state in it: for everyone, at any size, with any input."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import every_state
from browser.checkers import AXE, need
from browser.conftest import Open
from playwright.sync_api import Page

from statusledger.clock import MINUTE_MS, parse_instant

pytestmark = pytest.mark.browser

SEEN_AT = parse_instant(every_state.NOW) + MINUTE_MS
# Looked at from left to right and from right to left.
TYPES = {
    "home": "index.html",
    "component": "components/api/index.html",
    "incident": "incidents/2026-10-14-a-migration/index.html",
    "history": "history/index.html",
    "month": "history/2026-10/index.html",
    "maintenance": "maintenance/index.html",
    "levels": "sla/index.html",
    "statements": "sla/2026-09/index.html",
    "contract": "sla/contracts/gold/2026-09/index.html",
    "insights": "insights/index.html",
    "subscribe": "subscribe/index.html",
}
# What else one of them can be, in another state.
STATES = {
    "down": ("everything", "components/payments/index.html"),
    "never measured": ("everything", "components/never/index.html"),
    "a name of 300 characters": ("everything", "components/long/index.html"),
    "lasting": ("everything", "incidents/2026-11-21-cards-are-refused/index.html"),
    "wrong address": ("everything", "404.html"),
    "for operators": ("operators", "evidence/payments/index.html"),
    "stale": ("stale", "index.html"),
}
# Made of the same parts: only their HTML is checked.
ALIKE = (
    ("everything", "components/paused/index.html"),
    ("everything", "incidents/api-20260922T035600Z/index.html"),
    ("everything", "incidents/api-20261014T035600Z/index.html"),
    ("everything", "sla/contracts/silver/2026-11/index.html"),
    ("operators", "evidence/index.html"),
)
LOOKS = {
    **{name: ("everything", path, "light") for name, path in TYPES.items()},
    **{f"{name}, right to left": ("everything", f"ar/{path}", "dark") for name, path in TYPES.items()},
    **{name: (*where, "light") for name, where in STATES.items()},
}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true })"
VIOLATIONS = """tags => axe.run(document, {runOnly: tags, resultTypes: ['violations'], preload: false, iframes: false})
    .then(({violations}) => violations.flatMap(one => one.nodes.map(
        node => `${one.id}: ${node.target}: ${node.failureSummary}`)))"""


def violations(page: Page) -> list[str]:
    """What axe finds: rule, place, reason."""
    need(AXE)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(VIOLATIONS, STANDARDS))


def look(visit: Open, site: str, path: str, **options: object) -> Page:
    """The page as somebody sees it a minute after it was built."""
    return visit(site, path, java_script_enabled=True, seen_at=SEEN_AT, **options)


@pytest.mark.parametrize(("site", "path", "scheme"), LOOKS.values(), ids=LOOKS)
def test_pages_are_for_everyone(visit: Open, site: str, path: str, scheme: str) -> None:
    """WCAG 2.2 AA and best practice, all unfolded; 320 px wide, or 1,280 at 400 %, nothing scrolls sideways."""
    page = look(visit, site, path, color_scheme=scheme)
    page.evaluate(UNFOLD)

    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_links_lead_somewhere(ledger: Path) -> None:
    """Every address on every page of the ledger is a file beside it, so pages work from a sub-path and from a disk."""
    site = ledger / "_site"
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]

    dead = {
        (page.relative_to(site).as_posix(), address)
        for page in pages
        for address in re.findall(r'(?:href|src)="([^":#?]+)["#?]', page.read_text(encoding="utf-8"))
        if not (page.parent / address).is_file()
    }

    assert len(pages) > 80
    assert dead == set()


def test_private_components_are_absent(ledger: Path) -> None:
    """What operators read of one stands in no file that is published, in no language."""
    told = {
        folder: [path for path in (ledger / folder).rglob("*") if path.is_file()] for folder in ("_site", "_private")
    }
    naming = {
        folder: [path for path in paths if b"Zanzibar" in (read := path.read_bytes()) or b"vault" in read]
        for folder, paths in told.items()
    }

    assert naming["_site"] == []
    assert len(naming["_private"]) > 10
