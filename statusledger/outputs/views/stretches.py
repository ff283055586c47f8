"""What state everything was in over a span of days: all time together, then component by component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from markupsafe import Markup

from statusledger import words
from statusledger.clock import day_start
from statusledger.model import Shown, State
from statusledger.outputs import plots
from statusledger.outputs.times import Times
from statusledger.outputs.views import intervals
from statusledger.outputs.views.span import Span
from statusledger.report.records import ComponentReport, Day, Interval, Report

# Time by state, in the order in which it is told; what was inactive is no time at all.
CLASSES: Mapping[State, str] = {
    State.UP: "up_ms",
    State.DEGRADED: "degraded_ms",
    State.DOWN: "down_ms",
    State.MAINTENANCE: "maintenance_ms",
    State.UNKNOWN: "unknown_ms",
}
SHOWN = tuple(Shown)


@dataclass(frozen=True, slots=True)
class Share:
    """All time of one state: how long, and which part of everything."""

    shown: Shown
    word: str
    lasted: str
    share: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """All component time of a span by state; `rest` is drawn again without the time that was up."""

    whole: Markup
    rest: Markup | None
    rest_lasted: str
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One component over the span, and in how many days it was shown in each state."""

    id: str
    name: str
    drawing: Markup
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """The components that were not operational throughout, their axis, and how many others there are."""

    rows: tuple[LaneRow, ...]
    axis: Markup
    others: int


@dataclass(frozen=True, slots=True)
class MaintenanceRow:
    """One stretch of maintenance of one component."""

    id: str
    name: str
    when: Markup
    lasted: str


@dataclass(frozen=True, slots=True)
class MaintenanceView:
    """Every stretch of maintenance in the span: drawn by component, listed newest first."""

    lanes: Lanes
    rows: tuple[MaintenanceRow, ...]


def distribution(report: Report, span: Span) -> Distribution | None:
    """What all components together spent in each state; None when nothing was alive."""
    days = [day for component in report.components.values() for day in span.of(component)]
    spent = {state: sum(getattr(day, name) for day in days) for state, name in CLASSES.items()}
    whole = sum(spent.values())
    if not whole:
        return None
    parts = [(words.SHOWN_STATES[state], length) for state, length in spent.items()]
    rest = [(shown, length) for shown, length in parts if shown is not Shown.OPERATIONAL]
    not_up = whole - spent[State.UP]
    return Distribution(
        whole=plots.shares(parts, "distribution distribution-whole"),
        rest=plots.shares(rest, "distribution distribution-rest") if not_up else None,
        rest_lasted=words.duration(not_up),
        shares=tuple(_share(state, length, whole) for state, length in spent.items()),
    )


def _share(state: State, length: int, whole: int) -> Share:
    """Time that was up is cut, all other time rounded up."""
    ratio = Fraction(length, whole)
    up = state is State.UP
    share = words.percentage(ratio) if up else words.ceiled_percentage(ratio)
    lasted = words.age(length) if up else words.duration(length)
    return Share(words.SHOWN_STATES[state], words.STATE_WORDS[state], lasted, share)


def history(report: Report, span: Span) -> Lanes:
    """A lane per component with each day in its worst state."""
    odd = [(one, days) for one in report.components.values() if _is_odd(days := span.of(one))]
    rows = tuple(_history_row(component, days, span) for component, days in odd)
    return Lanes(rows, plots.axis(span.ticks), len(report.components) - len(rows))


def _is_odd(days: Sequence[Day]) -> bool:
    return any(day.shown is not Shown.OPERATIONAL for day in days)


def _history_row(component: ComponentReport, days: Sequence[Day], span: Span) -> LaneRow:
    drawing = plots.stretches(list(_runs(days, span)), f"h-{component.id} history")
    counts = tuple(sum(day.shown is shown for day in days) for shown in SHOWN)
    return LaneRow(component.id, component.name, drawing, counts)


def _runs(days: Sequence[Day], span: Span) -> Iterator[tuple[float, float, Shown]]:
    zone = span.times.zone
    for shown, group in groupby(days, key=lambda day: day.shown):
        members = list(group)
        start = day_start(members[0].date, zone)
        yield span.place(start), span.place(day_start(members[-1].date, zone) + members[-1].length_ms), shown


def maintenance(report: Report, span: Span) -> MaintenanceView:
    """Every stretch that was counted as maintenance."""
    found = [
        (component, start, end)
        for component in report.components.values()
        for start, end, _ in intervals.cut(_maintained(component), span.start_ms, span.times.now)
    ]
    rows = tuple(
        LaneRow(component.id, component.name, _windows([piece[1:] for piece in pieces], component.id, span), ())
        for component, pieces in _by_component(found)
    )
    newest_first = sorted(found, key=lambda piece: (-piece[1], piece[0].id))
    lanes = Lanes(rows, plots.axis(span.ticks), len(report.components) - len(rows))
    return MaintenanceView(lanes, tuple(_maintenance_row(*piece, span.times) for piece in newest_first))


def _maintained(component: ComponentReport) -> list[Interval]:
    return [one for one in component.intervals if one.state is State.MAINTENANCE]


_Piece = tuple[ComponentReport, int, int]


def _by_component(pieces: Sequence[_Piece]) -> Iterator[tuple[ComponentReport, list[_Piece]]]:
    for _, group in groupby(pieces, key=lambda piece: piece[0].id):
        members = list(group)
        yield members[0][0], members


def _windows(windows: Sequence[tuple[int, int]], key: str, span: Span) -> Markup:
    places = [(span.place(start), span.place(end), Shown.MAINTENANCE) for start, end in windows]
    return plots.stretches(places, f"w-{key} maintenance")


def _maintenance_row(component: ComponentReport, start: int, end: int, times: Times) -> MaintenanceRow:
    return MaintenanceRow(component.id, component.name, times.span(start, end), words.duration(end - start))
