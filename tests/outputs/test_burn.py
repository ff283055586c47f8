"""The downtime budget of the running month: what the line, the sentence and the table say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from outputs import reports

from statusledger.clock import MINUTE_MS, calendar
from statusledger.outputs import burn
from statusledger.outputs.times import Times
from statusledger.outputs.views.budget import budget
from statusledger.report.records import ComponentReport, Spent

MONTH = calendar("month", reports.TODAY, "UTC")
TIMES = Times("UTC", reports.NOW)


def component(**odd: int) -> ComponentReport:
    """An API that was down for some minutes on some days of November."""
    days = {date(2026, 11, int(day[1:])): {"down": minutes} for day, minutes in odd.items()}
    return reports.component("api", "API", days)


def drawn(*used_minutes: int, allowed: int = 40) -> str:
    """The line of a budget in minutes, a point at the end of each of the first days."""
    points = [
        Spent(MONTH.start_ms + (i + 1) * 86_400_000, Fraction(used * MINUTE_MS)) for i, used in enumerate(used_minutes)
    ]
    return str(burn.burn_down(points, Fraction(allowed * MINUTE_MS), MONTH, TIMES, "x"))


def line(drawing: str) -> list[tuple[float, float]]:
    """The points of what is left."""
    path = re.search(r'class="p50"[^>]* d="([^"]*)"', drawing)
    assert path is not None
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path[1])]


def test_line_begins_with_the_whole_budget_and_falls_with_what_is_used() -> None:
    """Half of it used on the second of thirty days: half the height from there on."""
    points = line(drawn(0, 20, 20))

    assert points == [
        (0, burn.TOP),
        (33.3, burn.TOP),
        (66.7, (burn.TOP + burn.FLOOR) / 2),
        (100.0, (burn.TOP + burn.FLOOR) / 2),
    ]


def test_overdrawn_budget_goes_below_zero() -> None:
    """Three times the budget is used: zero is a third of the way down, and what lies below is marked."""
    drawing = drawn(120)

    assert line(drawing)[-1][1] == burn.FLOOR
    assert 'class="overdrawn" y="64"' in drawing
    assert "\u221280" in drawing


def test_table_lists_the_days_on_which_something_was_used() -> None:
    """Two days of downtime, each with what was left after it."""
    api = component(d3=10, d12=5)

    found = budget(api, reports.report({"Core": (api,)}))

    allowed = Fraction(30 * 1440, 1000)
    assert found is not None
    assert [(day.used, day.left) for day in found.days] == [
        ("10.000\u202fmin", f"{float(allowed - 10):.3f}\u202fmin"),
        ("5.000\u202fmin", f"{float(allowed - 15):.3f}\u202fmin"),
    ]
    assert found.used == "15.000\u202fmin"
    assert not found.overdrawn


def test_more_than_the_budget_is_told_as_overdrawn() -> None:
    """50 minutes of 43.2: the sentence says by how much."""
    api = component(d3=50)

    found = budget(api, reports.report({"Core": (api,)}))

    assert found is not None
    assert found.overdrawn
    assert found.left == "6.800\u202fmin"


@pytest.mark.parametrize("case", ["nothing measured", "no downtime allowed"])
def test_no_budget_no_drawing(case: str) -> None:
    """Without a figure, or with a target of 100 %, there is nothing to burn down."""
    api = component()
    figures = api.figures[reports.MONTH.key]
    changed = {
        "nothing measured": replace(figures, ratio=None),
        "no downtime allowed": replace(figures, allowed_ms=Fraction(0)),
    }[case]
    api = replace(api, figures={**api.figures, reports.MONTH.key: changed})

    assert budget(api, reports.report({"Core": (api,)})) is None
