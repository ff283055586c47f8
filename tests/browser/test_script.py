"""The one script in a real browser: it adds what only the visitor's clock knows, and takes nothing away."""

from __future__ import annotations

import pytest
from browser.conftest import Open
from outputs import reports
from playwright.sync_api import Page

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS

pytestmark = pytest.mark.browser


def at(visit: Open, later_ms: int, state: str = "operational", **options: str) -> Page:
    """The home page as somebody sees it so long after it was built."""
    return visit(state, java_script_enabled=True, seen_at=reports.NOW + later_ms, **options)


@pytest.mark.parametrize(
    ("later_ms", "said"),
    [(2 * MINUTE_MS, "6 minutes ago"), (3 * HOUR_MS, "3 hours ago"), (3 * DAY_MS, "3 days ago")],
)
def test_age_is_told_by_the_clock_of_the_visitor(visit: Open, later_ms: int, said: str) -> None:
    """Measured four minutes before the build."""
    page = at(visit, later_ms)

    assert page.locator(".evidence [data-ago]").first.inner_text() == said


def test_a_clock_that_runs_behind_is_not_believed(visit: Open) -> None:
    """Nothing happened in the future: the words of the build stay."""
    page = at(visit, -HOUR_MS)

    assert page.locator(".evidence [data-ago]").first.inner_text() == "4\u202fmin before this page was built"
    assert page.locator(".aged").is_hidden()


@pytest.mark.parametrize(("later_ms", "old"), [(20 * MINUTE_MS, False), (22 * MINUTE_MS, True)], ids=["fresh", "old"])
def test_a_page_that_is_too_old_says_so_and_claims_nothing(visit: Open, later_ms: int, old: bool) -> None:
    """25 minutes after its newest measurement it is not believed any more: grey, with the reason above it."""
    page = at(visit, later_ms)

    assert page.locator(".aged").is_visible() is old
    assert page.locator(".verdict").get_attribute("data-status") == ("nodata" if old else "operational")
    assert page.locator(".verdict use").first.get_attribute("href") == ("#i-nodata" if old else "#i-operational")
    if old:
        assert (
            "its newest measurement is from 21 Nov 2026, 02:56 UTC (26 minutes ago)"
            in page.locator(".aged").inner_text()
        )


def test_a_page_left_open_grows_old_by_itself(visit: Open) -> None:
    """Nobody reloads at night: after half an hour the open page says that it is old."""
    page = at(visit, 0)
    assert page.locator(".aged").is_hidden()

    page.clock.fast_forward("31:00")

    assert page.locator(".aged").is_visible()


def test_times_are_told_in_the_zone_of_the_visitor_too(visit: Open) -> None:
    """Every time has the local one as its title; beside the updates of an outage it stands in the text."""
    page = at(visit, 0, "major", timezone_id="Asia/Tokyo")

    update = page.locator(".active .note").first
    assert update.inner_text() == "02:33 UTC (11:33 GMT+9)"
    assert page.locator(".evidence time").first.get_attribute("title") == "Sat, Nov 21, 2026, 11:56 GMT+9"


def test_visitors_in_the_zone_of_the_page_are_told_once(visit: Open) -> None:
    """The same clock time is not repeated."""
    page = at(visit, 0, "major", timezone_id="UTC")

    assert page.locator(".active .note").first.inner_text() == "02:33 UTC"
