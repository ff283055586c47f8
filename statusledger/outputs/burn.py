"""The downtime budget of a month as it goes down: what is left, and what would be left if it were spent evenly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

from markupsafe import Markup

from statusledger import words
from statusledger.clock import Period, day_start
from statusledger.outputs.charts import LABEL_HEIGHT
from statusledger.outputs.plots import Tick, tick_marks
from statusledger.outputs.shapes import drawn
from statusledger.outputs.times import Times
from statusledger.report.records import Spent

HEIGHT, TOP, FLOOR = 200, 12, 168
UNITS = 1000
EVERY_DAYS = 7


def burn_down(spent: Sequence[Spent], allowed: Fraction, month: Period, times: Times, labelled_by: str) -> Markup:
    """A line of what is left over the whole month; below zero the budget is overdrawn, which is an outage's colour."""
    left = [(month.start_ms, allowed), *((point.at, allowed - point.used_ms) for point in spent)]
    lowest = min(Fraction(0), *(value for _, value in left))

    def y(value: Fraction) -> float:
        return round(TOP + float((allowed - value) / (allowed - lowest)) * (FLOOR - TOP), 1)

    def x(instant: int) -> float:
        return round(UNITS * (instant - month.start_ms) / month.length_ms, 1)

    line = "".join(f"{'L' if i else 'M'}{x(at):g} {y(value):g}" for i, (at, value) in enumerate(left))
    plot = (
        f'<path class="goal" vector-effect="non-scaling-stroke" d="M0 {y(allowed):g}L{UNITS} {y(Fraction(0)):g}"/>'
        f'<path class="p50" vector-effect="non-scaling-stroke" d="{line}"/>'
    )
    return Markup(
        '<div class="chart"><svg height="{0}" role="img" aria-labelledby="{1}">{2}'
        '<svg viewBox="0 0 {3} {0}" preserveAspectRatio="none" width="100%" height="{0}">{4}</svg>{5}</svg></div>'
    ).format(
        HEIGHT,
        labelled_by,
        drawn(_grid(allowed, lowest, y)),
        UNITS,
        drawn([plot]),
        drawn(tick_marks(_days(month, times), FLOOR)),
    )


def _grid(allowed: Fraction, lowest: Fraction, y: Callable[[Fraction], float]) -> Iterator[str]:
    """Lines at the whole budget, at nothing, and at the lowest point where that is below nothing."""
    zero = y(Fraction(0))
    if lowest < 0:
        yield f'<rect class="overdrawn" y="{zero:g}" width="100%" height="{y(lowest) - zero:g}"/>'
    for value in (allowed, Fraction(0), lowest):
        yield f'<line class="grid" x2="100%" y1="{y(value):g}" y2="{y(value):g}"/>'
    yield _label(y(allowed), words.scale_minutes(allowed))
    if zero - y(allowed) >= LABEL_HEIGHT:
        yield _label(zero, "0")
    if y(lowest) - zero >= LABEL_HEIGHT:
        yield _label(y(lowest), words.scale_minutes(lowest))


def _label(y: float, text: str) -> str:
    return f'<text x="-8" y="{y + 4:g}" text-anchor="end">{text}</text>'


def _days(month: Period, times: Times) -> list[Tick]:
    """The first day and every seventh after it."""
    first = times.day(month.start_ms)
    days = [first + timedelta(days=count) for count in range(0, 28, EVERY_DAYS)]
    places = [(day_start(day, times.zone) - month.start_ms) / month.length_ms for day in days]
    return [Tick(place, words.short_day(day)) for day, place in zip(days, places, strict=True)]
