"""Days as inline SVG: the bars of 90 days with their evidence rail, and the cells of a month.

A run of operational days is one path, a dashed line 36 units thick that draws 90 bars in some 50 bytes; it has one
title. Every other day has a shape and a title of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby

from markupsafe import Markup

from statusledger import words
from statusledger.clock import MINUTE_MS
from statusledger.language import gettext
from statusledger.model import Shown
from statusledger.outputs.shapes import CELL, CELL_PITCH, PITCH, TALL, drawn
from statusledger.report.records import Day

RAIL_Y = 40.5
BARS_HEIGHT = 41
# Less than this part of a day without a measurement is too short to see in a bar 4 units wide.
UNSEEN = Fraction(2, 100)


def columns(days: Sequence[Day], last: date, count: int = 90) -> list[tuple[date, Day | None]]:
    """The `count` dates that end with `last`, oldest first, each with what is known of it."""
    known = {day.date: day for day in days}
    dates = (last - timedelta(days=back) for back in range(count - 1, -1, -1))
    return [(day, known.get(day)) for day in dates]


def bars(days: Sequence[Day], last: date, label: str) -> Markup:
    """A column for each of 90 days, oldest first; days before the component existed are a thin dashed line.

    `label` is what the drawing says to those who do not see it.
    """
    strip = columns(days, last)
    parts: list[str] = []
    for first, run in _runs([day.shown if day else None for _, day in strip]):
        members = strip[first : first + len(run)]
        if run[0] is None:
            parts.append(
                _line(
                    first,
                    len(run),
                    35.5,
                    gettext("%(days)s: before the first measurement", days=_dates(members)),
                    "before",
                )
            )
        elif run[0] is Shown.OPERATIONAL:
            parts.append(_line(first, len(run), TALL // 2, _run_title(members)))
        else:
            parts += [
                f'<use href="#b-{run[0]}" x="{(first + i) * PITCH}"><title>{_title(day)}</title></use>'
                for i, (_, day) in enumerate(members)
                if day
            ]
    parts.append(_rail([day for _, day in strip]))
    return Markup(
        '<svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(len(strip) * PITCH - 1, BARS_HEIGHT, label, drawn(parts))


def month(days: Sequence[Day], labelled_by: str) -> Markup:
    """The cells of one calendar month, a row per week from Monday; days that are not in `days` stay empty."""
    parts: list[str] = []
    for week, members in groupby(days, key=_week):
        row = list(members)
        for first, run in _runs([day.shown for day in row]):
            x, y = (row[first].date.weekday()) * CELL_PITCH, week * CELL_PITCH
            if run[0] is Shown.OPERATIONAL:
                parts.append(f'<path d="M{x} {y + CELL // 2}h{len(run) * CELL_PITCH - 3}"/>')
                continue
            parts += [
                f'<use href="#c-{run[0]}" x="{x + i * CELL_PITCH}" y="{y}"><title>{_title(day)}</title></use>'
                for i, day in enumerate(row[first : first + len(run)])
            ]
    return Markup('<svg class="month" viewBox="0 0 102 87" role="img" aria-labelledby="{}">{}</svg>').format(
        labelled_by, drawn(parts)
    )


def unmeasured(day: Day) -> Fraction:
    """The part of a day's evaluated length in which nothing was measured."""
    return Fraction(day.unknown_ms, day.length_ms) if day.length_ms else Fraction(0)


def _week(day: Day) -> int:
    return (day.date.replace(day=1).weekday() + day.date.day - 1) // 7


def _runs(states: Sequence[Shown | None]) -> Iterator[tuple[int, list[Shown | None]]]:
    position = 0
    for _, group in groupby(states):
        run = list(group)
        yield position, run
        position += len(run)


def _line(first: int, count: int, y: float, title: str, css: str = "") -> str:
    kind = f' class="{css}"' if css else ""
    return f'<path{kind} d="M{first * PITCH} {y:g}h{count * PITCH - 1}"><title>{title}</title></path>'


def _run_title(members: Sequence[tuple[date, Day | None]]) -> str:
    day = members[0][1]
    return _title(day) if len(members) == 1 and day else gettext("%(days)s: up", days=_dates(members))


def _dates(members: Sequence[tuple[date, Day | None]]) -> str:
    first, last = members[0][0], members[-1][0]
    if first == last:
        return words.short_day(first)
    return gettext("%(first)s \u2013 %(last)s", first=words.short_day(first), last=words.short_day(last))


def _title(day: Day) -> str:
    """`14 Oct: major outage, 1399 min up, 41 min down`: the minutes of every class that is not empty."""
    state = gettext("%(day)s: %(state)s", day=words.short_day(day.date), state=words.SHOWN_PHRASES[day.shown])
    return words.listed([state, *_minutes(day)])


def _minutes(day: Day) -> Iterator[str]:
    """Time that was up is cut to whole minutes, all other time rounded up."""
    parts: Sequence[tuple[int, int, Callable[[str], str]]] = (
        (day.up_ms, day.up_ms // MINUTE_MS, lambda time: gettext("%(time)s up", time=time)),
        (day.degraded_ms, -(-day.degraded_ms // MINUTE_MS), lambda time: gettext("%(time)s degraded", time=time)),
        (day.down_ms, -(-day.down_ms // MINUTE_MS), lambda time: gettext("%(time)s down", time=time)),
        (day.unknown_ms, -(-day.unknown_ms // MINUTE_MS), lambda time: gettext("%(time)s not measured", time=time)),
        (
            day.maintenance_ms,
            -(-day.maintenance_ms // MINUTE_MS),
            lambda time: gettext("%(time)s maintenance", time=time),
        ),
    )
    return (told(words.unit(minutes, "min")) for ms, minutes, told in parts if ms)


def _rail(days: Sequence[Day | None]) -> str:
    """A line under the days that breaks for as long as nothing was measured."""
    spans: list[tuple[float, float]] = []
    start, end = 0.0, 0.0
    for i, day in enumerate(days):
        missing = unmeasured(day) if day else Fraction(1)
        if missing < UNSEEN:
            end = (i + 1) * PITCH
            continue
        spans.append((start, i * PITCH + float(PITCH * (1 - missing)) if missing < 1 else i * PITCH - 1))
        start = end = (i + 1) * PITCH
    spans.append((start, min(end, len(days) * PITCH - 1)))
    drawn = "".join(f"M{a:g} {RAIL_Y}H{round(b, 1):g}" for a, b in spans if b > a)
    return f'<path class="rail" d="{drawn}"/>' if drawn else ""
