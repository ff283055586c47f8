"""The ledger with every state in it by keyboard, by ear, without colours and without a script."""

from __future__ import annotations

import re

import pytest
from browser.conftest import Open
from browser.test_every_state import SEEN_AT, STATES, TYPES, look
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

STOPS = """() => {
    window.stops = [...document.querySelectorAll('a[href], summary')].filter(one => one.checkVisibility());
    return window.stops.length;
}"""
STOP = """() => {
    const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
    return {
        place: window.stops.indexOf(one),
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
        words: one.textContent.trim(),
    };
}"""


def test_keyboard_reaches_everything_and_shows_where_it_is(visit: Open) -> None:
    """Each link and fold of the home page is a stop of the tab key, in the page's order, in view, with a ring."""
    page = visit("major")
    count = page.evaluate(STOPS)

    stops = []
    for _ in range(count):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(STOP))

    assert stops[0]["words"] == "Skip to content"
    assert [stop["place"] for stop in stops] == list(range(count))
    assert [stop["words"] for stop in stops if not (stop["ring"] and stop["seen"])] == []
    page.keyboard.press("Tab")
    assert page.evaluate(STOP)["place"] in {-1, 0}


def test_skip_link_leads_past_the_header(visit: Open) -> None:
    """Tab, Enter, Tab: the next stop is in the content."""
    page = visit("everything")

    for key in ("Tab", "Enter", "Tab"):
        page.keyboard.press(key)

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_folded_group_opens_with_the_keyboard(visit: Open) -> None:
    """What is well is folded, what is not is open; Enter and the space bar open and close."""
    page = visit("everything")
    folds = page.locator("details.fold")
    regions = folds.filter(has=page.get_by_role("heading", name="Regions"))
    component = regions.get_by_role("link", name="Region 3")

    assert [fold.get_attribute("open") is not None for fold in folds.all()] == [True, True, True, False]
    assert not component.is_visible()
    regions.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert component.is_visible()
    page.keyboard.press("Space")
    assert not component.is_visible()


def test_a_row_reads_as_sentences(visit: Open) -> None:
    """The name, the state, since when; then one sentence for the bars, with what a figure is worth."""
    page = visit("everything")
    rows = {name: page.locator("li.entry", has=page.get_by_role("link", name=name)) for name in ("API", "Exports")}

    heard = {name: row.first.aria_snapshot().replace("\u202f", " ") for name, row in rows.items()}

    assert 'img "API: 99.810 % up since 7 Sep, 4 days with downtime, 99.66 % measured."' in heard["API"]
    assert re.search(
        r'heading "Exports".*- paragraph: Degraded\s+- paragraph:\s+- text: since', heard["Exports"], re.DOTALL
    )


@pytest.mark.parametrize("path", [TYPES["home"], STATES["lasting"][1], TYPES["contract"]])
def test_nothing_is_missing_without_javascript(visit: Open, path: str) -> None:
    """The same words with and without the script, but for the ages that it tells by the visitor's clock."""
    plain = visit("everything", path)
    scripted = look(visit, "everything", path, timezone_id="UTC")

    assert _without_ages(plain) == _without_ages(scripted)


def _without_ages(page: Page) -> list[str]:
    ages = re.compile(r"\d+\s\w+ (ago|before this page was built)")
    return [ages.sub("…", line) for line in page.locator("body").aria_snapshot().splitlines()]


def test_forced_colours_keep_shapes_and_edges(visit: Open) -> None:
    """Two colours of the system: the banner has an edge, every bar is painted in the colour of the text."""
    page = visit("everything", forced_colors="active")

    style = page.evaluate(
        """() => {
            const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
            return {
                edge: of('.verdict', 'borderTopStyle'), ground: of('body', 'backgroundColor'),
                ink: ['body', '#b-major', '#b-partial', '.verdict .icon'].map(selector => of(selector, 'color')),
                bars: of('.bars', 'stroke'),
            };
        }"""
    )

    assert style["edge"] == "solid"
    assert {*style["ink"], style["bars"]} == {style["ink"][0]} != {style["ground"]}


def test_nothing_moves(visit: Open) -> None:
    """There is no animation or transition to reduce, whatever the visitor prefers."""
    for preference in ("reduce", "no-preference"):
        page = look(visit, "everything", "index.html", reduced_motion=preference)

        assert page.evaluate("document.getAnimations().length") == 0
        moves = "[...document.querySelectorAll('*')].some(e => parseFloat(getComputedStyle(e).transitionDuration) > 0)"
        assert page.evaluate(moves) is False
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_an_old_page_says_so(visit: Open) -> None:
    """Read three hours later it claims nothing any more."""
    page = visit("everything", java_script_enabled=True, seen_at=SEEN_AT + 3 * 3_600_000)

    assert page.locator(".aged").is_visible()
    assert page.locator(".verdict").get_attribute("data-status") == "nodata"
