"""The built pages in a real browser: complete without JavaScript, silent, readable at every width and in the dark."""

from __future__ import annotations

import re

import pytest
from browser.conftest import Open
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGES = {
    "home": "index.html",
    "component": "components/api/index.html",
    "incident": "incidents/api-20261014T020000Z/index.html",
    "history": "history/index.html",
    "month": "history/2026-10/index.html",
    "levels": "sla/index.html",
    "statement": "sla/2026-10/index.html",
    "contract": "sla/contracts/gold/2026-10/index.html",
    "maintenance": "maintenance/index.html",
    "insights": "insights/index.html",
    "subscribe": "subscribe/index.html",
}
each_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)


def inner_width(page: Page) -> int:
    """How wide the content wants to be."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


def colours(page: Page) -> dict[str, str]:
    """What the page's ground, text and bars are painted with."""
    script = """() => ({
        ground: getComputedStyle(document.body).backgroundColor,
        text: getComputedStyle(document.body).color,
        bars: getComputedStyle(document.querySelector('.bars')).stroke,
    })"""
    return dict(page.evaluate(script))


def test_home_is_complete_without_javascript(visit: Open) -> None:
    """Verdict, evidence, bars, figures and incidents are there before any script could run."""
    page = visit("major")

    assert page.get_by_role("heading", level=1).inner_text() == "API: major outage"
    assert page.locator(".evidence > div").count() == 4
    assert page.locator(".bars").count() == 4
    assert all(bars.is_visible() for bars in page.locator(".bars").all())
    assert page.get_by_text("Active for 29\u202fmin").is_visible()
    assert page.get_by_role("heading", name="Past incidents").is_visible()
    assert page.locator(".figures >> visible=true").first.inner_text().startswith("90 days: 99.921\u202f%")


@each_page
def test_pages_work_from_a_folder(visit: Open, path: str) -> None:
    """As files: no message, no policy violation, no failed or foreign request; style sheets and the script do work."""
    page = visit("operational", path, from_disk=True, java_script_enabled=True)

    assert colours_applied(page)
    assert page.evaluate("[...document.querySelectorAll('time[datetime*=T]')].every(time => time.title)")


def colours_applied(page: Page) -> bool:
    """Whether the style sheets were allowed and understood."""
    return bool(page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--page') !== ''"))


def test_hostile_names_run_nothing(visit: Open) -> None:
    """Markup in names stays text: nothing is executed and nothing is asked for."""
    for path in (PAGES["home"], PAGES["component"], PAGES["incident"], PAGES["statement"]):
        page = visit("hostile", path, java_script_enabled=True)

        assert page.locator("main script, main img").count() == 0


@each_page
def test_nothing_is_cut_off_or_scrolls_sideways_at_320_pixels(visit: Open, path: str) -> None:
    """The narrowest phone, with names of 300 characters in one word."""
    own = path.replace("/api/", "/c1/").replace("api-", "c0-")

    page = visit("long_names", own, width=320, java_script_enabled=True)

    assert inner_width(page) == 320


@pytest.mark.parametrize(("width", "shown"), [(400, 30), (600, 60), (1000, 90)])
def test_the_width_decides_how_many_days_are_shown(visit: Open, width: int, shown: int) -> None:
    """30, 60 or 90 bars, at the end edge, with the figures and the first day that belong to them."""
    page = visit("operational", width=width, java_script_enabled=True)
    script = "e => e.getBoundingClientRect().width"
    visible = page.locator(".window").first.evaluate(script) / page.locator(".bars").first.evaluate(script) * 90
    ends = page.locator(".window").first.evaluate(
        "e => [e.getBoundingClientRect().right, e.firstElementChild.getBoundingClientRect().right]"
    )
    first_day = {30: "23 Oct", 60: "23 Sep", 90: "24 Aug"}[shown]

    assert round(visible) == shown
    assert abs(ends[0] - ends[1]) < 1
    assert page.locator(".axis").first.inner_text().startswith(first_day)
    assert page.locator(f".figures .w{shown}").first.is_visible()
    assert page.locator(".figures span[class^=w] >> visible=true").count() == 4


def test_dark_and_light_differ(visit: Open) -> None:
    """Ground, text and bars follow the visitor's preference."""
    light = colours(visit("operational", color_scheme="light", java_script_enabled=True))
    dark = colours(visit("operational", color_scheme="dark", java_script_enabled=True))

    assert all(light[name] != dark[name] for name in light)
    assert light["ground"] == "rgb(255, 255, 255)"


def test_paper_is_light_and_shows_the_bad_days(visit: Open) -> None:
    """Print ignores the dark preference and opens what is folded."""
    page = visit("operational", color_scheme="dark", java_script_enabled=True)

    page.emulate_media(media="print", color_scheme="dark")

    assert colours(page)["ground"] == "rgb(255, 255, 255)"
    assert page.locator("details:not([open]) table").first.is_visible()


def test_bad_days_open_with_the_keyboard(visit: Open) -> None:
    """Tab to the figures of a component, Enter, and the table of its bad days is there."""
    page = visit("operational")
    table = page.locator("details table").first
    assert not table.is_visible()

    page.locator("summary").first.focus()
    page.keyboard.press("Enter")

    assert table.is_visible()
    assert "Major outage" in table.inner_text()


def test_bars_have_a_name_that_tells_the_figures(visit: Open) -> None:
    """Assistive technology reads a sentence: the component, its figure, for which time, how much was measured."""
    page = visit("operational")

    names = re.findall(r'img "([^"]*)"', page.locator("main").aria_snapshot())

    assert names[0].replace("\u202f", " ") == ("API: 99.943 % up over 90 days, 2 days with downtime, 99.69 % measured.")


@pytest.mark.parametrize("state", ["empty", "bare", "offline", "young", "crowded"])
def test_every_state_has_a_readable_home(visit: Open, state: str) -> None:
    """One visible headline, whatever is missing."""
    page = visit(state)

    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator(".how").is_visible()


@pytest.mark.parametrize("month", ["2026-10", "2026-11"], ids=["final", "running"])
@pytest.mark.parametrize("state", ["operational", "full_sheet"])
def test_a_contract_and_month_is_one_sheet_of_paper(visit: Open, state: str, month: str) -> None:
    """Whatever happened in the month: what does not fit is summed, and every sum says so."""
    page = visit(state, f"sla/contracts/gold/{month}/index.html")
    on_screen = rows_shown(page)
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    page.emulate_media(media="print")

    assert sheets == 1
    assert page.locator(".seal").is_visible()
    if state == "full_sheet":
        assert (rows_shown(page) < 30, on_screen > 400) == (True, True)
        assert page.locator(".intervals .on-paper").first.is_visible()
    else:
        assert rows_shown(page) == on_screen


def rows_shown(page: Page) -> int:
    """How many lines of the table of intervals can be seen."""
    rows = "[...document.querySelectorAll('.intervals tbody tr')]"
    return int(page.evaluate(f"{rows}.filter(row => row.getClientRects().length).length"))
