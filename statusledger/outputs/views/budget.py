"""The downtime budget of the running month on a component's page: the line, the sentence, the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from statusledger import words
from statusledger.outputs import burn
from statusledger.outputs.times import Times, day_element
from statusledger.report.records import ComponentReport, Report


@dataclass(frozen=True, slots=True)
class SpentDay:
    """A day on which the budget was spent, and what was left at its end."""

    day: Markup
    used: str
    left: str


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of one component in the running month; `days` are those on which some of it was spent."""

    month: str
    zone: str
    drawing: Markup
    used: str
    allowed: str
    left: str
    overdrawn: bool
    until: Markup
    days: tuple[SpentDay, ...]


def budget(component: ComponentReport, report: Report) -> Budget | None:
    """What is left of the running month; None where no downtime is allowed or nothing was counted."""
    figures = component.figures.get(report.month.key)
    if figures is None or figures.ratio is None or not figures.allowed_ms or not component.spent:
        return None
    times = Times(report.sla_zone, report.built.as_of)
    over = words.counted_minutes(-figures.remaining_ms)
    return Budget(
        month=words.month_words(report.month.key),
        zone=report.sla_zone,
        drawing=burn.burn_down(component.spent, figures.allowed_ms, report.month, times, "budget budget-words"),
        used=words.counted_minutes(figures.used_ms),
        allowed=words.counted_minutes(figures.allowed_ms),
        left=words.minutes_left(figures.remaining_ms) if figures.remaining_ms >= 0 else over,
        overdrawn=figures.remaining_ms < 0,
        until=times.full(report.month.end_ms),
        days=tuple(_days(component, times)),
    )


def _days(component: ComponentReport, times: Times) -> Iterator[SpentDay]:
    figures = component.figures[times.month(times.now)]
    before = figures.used_ms * 0
    for point in component.spent:
        if point.used_ms > before:
            used = words.counted_minutes(point.used_ms - before)
            left = words.minutes_left(figures.allowed_ms - point.used_ms)
            yield SpentDay(day_element(times.day(point.at - 1)), used, left)
        before = point.used_ms
