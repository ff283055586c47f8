"""Measurements over time as inline SVG: lanes of locations, response times, the downtime budget, coverage.

Words sit in an outer svg without a view box, at percentages; only the plot inside stretches, so text keeps its size
at every width without a script or an inline style. Charts are ink; only an outage has a colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

from markupsafe import Markup

from statusledger import words
from statusledger.clock import HOUR_MS
from statusledger.language import gettext, markup, nmarkup, number, pgettext
from statusledger.model import Shown
from statusledger.outputs.shapes import drawn
from statusledger.outputs.times import Times
from statusledger.report.records import Hour, Interval, Lane, ResponseTimes

CHART_HEIGHT, CHART_TOP, CHART_FLOOR = 240, 16, 208
LANE_HEIGHT = 24
TOPS: Mapping[Shown, int] = {Shown.NODATA: 16, Shown.PARTIAL: 8}
FILLS: Mapping[Shown, str] = {Shown.MAJOR: ' fill="url(#hatch)"', Shown.PARTIAL: ' fill="url(#stripes)"'}
# The labels of a gap and of the target need this much room, in units of the chart.
GAP_LABEL_HOURS = 6
LABEL_HEIGHT = 14
# Two marks nearer than this part of a lane turn their words away from each other.
NEAR = 0.3
EDGE = 0.06


# --- lanes ---------------------------------------------------------------------------------------


def lane(seen: Lane, begin: int, end: int, times: Times, labelled_by: str) -> Markup:
    """What one location saw between two instants, a continuous band; nothing is drawn where nothing is told."""
    return Markup('<svg class="lane" height="{}" role="img" aria-labelledby="{}">{}</svg>').format(
        LANE_HEIGHT, labelled_by, drawn(_bands(seen.intervals, begin, end, times))
    )


def _bands(intervals: Iterable[Interval], begin: int, end: int, times: Times) -> Iterator[str]:
    length = max(1, end - begin)
    for interval in intervals:
        start, stop = max(begin, interval.start_ms), min(end, end if interval.end_ms is None else interval.end_ms)
        if stop <= start:
            continue
        shown = words.SHOWN_STATES[interval.state]
        place = f'x="{100 * (start - begin) / length:.3f}%" width="{100 * (stop - start) / length:.3f}%"'
        title = gettext(
            "%(start)s to %(end)s: %(state)s",
            start=times.clock(start),
            end=times.clock(stop),
            state=words.STATE_PHRASES[interval.state],
        )
        yield f"<g><title>{title}</title>{band(shown, place)}</g>"


def band(shown: Shown, place: str) -> str:
    """A piece of a lane in the shape of its state; `place` says where and how wide it is."""
    if shown is Shown.DEGRADED:
        return f'<rect class="{shown}" {place} height="4"/><rect class="{shown}" {place} y="7" height="17"/>'
    top = TOPS.get(shown, 0)
    return f'<rect class="{shown}" {place} y="{top}" height="{LANE_HEIGHT - top}"{FILLS.get(shown, "")}/>'


def marks(instants: Sequence[int], begin: int, end: int, times: Times) -> Markup:
    """The given instants under the lanes, the last one with its zone."""
    places = [(instant - begin) / max(1, end - begin) for instant in instants]
    parts = []
    for i, (instant, place) in enumerate(zip(instants, places, strict=True)):
        zone = f" {times.zone_name(instant)}" if i == len(instants) - 1 else ""
        x = f"{100 * place:.2f}%"
        parts.append(
            f'<line class="tick" x1="{x}" x2="{x}" y2="6"/>'
            f'<text x="{x}" y="20" text-anchor="{_anchor(places, i)}">{times.clock(instant)}{zone}</text>'
        )
    return Markup('<svg class="marks" height="24" aria-hidden="true">{}</svg>').format(drawn(parts))


def _anchor(places: Sequence[float], i: int) -> str:
    if places[i] < EDGE:
        return "start"
    if places[i] > 1 - EDGE:
        return "end"
    near = any(abs(a - b) < NEAR for a, b in pairwise(places))
    return "middle" if not near else "end" if i == 0 else "start"


# --- response times ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours [first, first + count) of a chart in which nothing was measured."""

    first: int
    count: int


def gaps(hours: Sequence[Hour]) -> list[Gap]:
    """The stretches without a measurement, in whole hours of the chart."""
    found, position = [], 0
    for missing, group in groupby(hours, key=lambda hour: hour.p50 is None):
        count = len(list(group))
        if missing:
            found.append(Gap(position, count))
        position += count
    return found


def response_times(measured: ResponseTimes, times: Times, labelled_by: str) -> Markup:
    """Percentiles by hour: lines for p50, p95 and p99, the target, and a marked hole where nothing was measured."""
    hours = measured.hours
    top = _top([value for hour in hours for value in (hour.p50, hour.p95, hour.p99, measured.target_ms) if value])

    def y(value: float) -> float:
        return round(CHART_FLOOR - value / top * (CHART_FLOOR - CHART_TOP), 1)

    holes = drawn(_hole(gap, len(hours)) for gap in gaps(hours))
    series = (("p50", [h.p50 for h in hours]), ("p95", [h.p95 for h in hours]), ("p99", [h.p99 for h in hours]))
    lines = drawn(
        f'<path class="{name}" vector-effect="non-scaling-stroke" d="{_polyline(values, y)}"/>'
        for name, values in series
    )
    return Markup(
        '<div class="chart"><svg height="{0}" role="img" aria-labelledby="{1}">{2}{3}'
        '<svg viewBox="0 0 {4} {0}" preserveAspectRatio="none" width="100%" height="{0}">{5}</svg>{6}</svg></div>'
    ).format(
        CHART_HEIGHT,
        labelled_by,
        holes,
        drawn(_grid(top, measured.target_ms, y)),
        len(hours),
        lines,
        drawn(_day_axis(hours, times)),
    )


def _top(values: Sequence[int]) -> int:
    """The smallest of 4 x 1, 2, 2.5 or 5 x 10^n that holds every value, so that four grid lines have round labels."""
    highest, scale = max(values, default=100), 1
    while True:
        for step in (10, 20, 25, 50):
            if highest <= 4 * step * scale:
                return 4 * step * scale
        scale *= 10


def _grid(top: int, target: int | None, y: Callable[[float], float]) -> Iterator[str]:
    values = range(0, top + 1, top // 4)
    yield from (f'<line class="grid" x2="100%" y1="{y(value):g}" y2="{y(value):g}"/>' for value in values)
    labelled = [value for value in values if target is None or abs(y(value) - y(target)) >= LABEL_HEIGHT]
    for value in labelled:
        yield _scale_label(y(value), words.milliseconds(value) if value == labelled[-1] else number(value))
    if target is not None:
        yield f'<line class="goal" x2="100%" y1="{y(target):g}" y2="{y(target):g}"/>'
        yield _scale_label(y(target), pgettext("on a scale", "target"))


def _scale_label(y: float, text: str) -> str:
    return f'<text x="-8" y="{y + 4:g}" text-anchor="end">{text}</text>'


def _hole(gap: Gap, hours: int) -> str:
    start, width = 100 * gap.first / hours, 100 * gap.count / hours
    place = f'x="{start:.2f}%" width="{width:.2f}%"'
    words_of_gap = pgettext("in a chart", "not measured")
    label = f'<text x="{start + width / 2:.2f}%" y="10" text-anchor="middle">{words_of_gap}</text>'
    return (
        f'<rect class="hole" {place} y="{CHART_TOP}" height="{CHART_FLOOR - CHART_TOP}"/>'
        f'<rect class="stub" {place} y="{CHART_FLOOR - 8}" height="8"/>{label if gap.count >= GAP_LABEL_HOURS else ""}'
    )


def _polyline(values: Sequence[int | None], y: Callable[[float], float]) -> str:
    drawn, pen = "", "M"
    for x, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        drawn += f"{pen}{x + 0.5:g} {y(value):g}"
        pen = "L"
    return drawn


def _day_axis(hours: Sequence[Hour], times: Times) -> Iterator[str]:
    """A tick at the start of each local day, its name in the middle of those of its hours that are shown."""
    position = 0
    for i, (day, members) in enumerate(groupby(hours, key=lambda hour: times.day(hour.start_ms))):
        count = len(list(members))
        tick, middle = 100 * position / len(hours), 100 * (position + count / 2) / len(hours)
        x = f"{tick:.2f}%"
        yield f'<line class="tick" x1="{x}" x2="{x}" y1="{CHART_FLOOR}" y2="{CHART_FLOOR + 6}"/>'
        if count >= 12:
            minor = ' class="minor"' if i % 2 else ""
            place = f'x="{middle:.2f}%" y="{CHART_FLOOR + 22}"'
            yield f'<text{minor} {place} text-anchor="middle">{words.day_of_week(day)}</text>'
        position += count


def gap_words(measured: ResponseTimes, times: Times) -> Markup:
    """A sentence about the hours without a measurement; empty where there are none."""
    found = gaps(measured.hours)
    if not found:
        return Markup("")
    if len(found) > 2:
        missing = sum(gap.count for gap in found) * HOUR_MS
        return nmarkup(
            "Nothing was measured in %(count)s stretch, %(duration)s in all.",
            "Nothing was measured in %(count)s stretches, %(duration)s in all.",
            len(found),
            duration=words.duration(missing),
        )
    spans = [_gap_span(gap, measured.hours, times) for gap in found]
    if len(spans) == 1:
        return markup("Nothing was measured from %(span)s.", span=spans[0])
    return markup("Nothing was measured from %(first)s and from %(second)s.", first=spans[0], second=spans[1])


def _gap_span(gap: Gap, hours: Sequence[Hour], times: Times) -> Markup:
    start = hours[gap.first].start_ms
    return times.span(start, min(times.now, hours[gap.first + gap.count - 1].start_ms + HOUR_MS))


# --- budget and coverage -------------------------------------------------------------------------


def budget(used: Fraction, allowed: Fraction, labelled_by: str) -> Markup:
    """Ink up to what was allowed; what goes beyond is cross-hatched in the colour of an outage."""
    whole = max(used, allowed) or Fraction(1)
    limit, within, beyond = (
        float(100 * part / whole) for part in (allowed, min(used, allowed), max(Fraction(0), used - allowed))
    )
    return Markup(
        '<svg class="budget" height="24" role="img" aria-labelledby="{0}">'
        '<rect class="track" width="{1}%" height="24"/><rect class="spent" width="{2}%" height="24"/>'
        '<rect class="major" x="{1}%" width="{3}%" height="24" fill="url(#hatch)"/>'
        '<line class="limit" x1="{1}%" x2="{1}%" y1="-4" y2="28"/></svg>'
    ).format(labelled_by, f"{limit:.2f}", f"{within:.2f}", f"{beyond:.2f}")


def meter(ratio: Fraction) -> Markup:
    """A small coverage gauge beside its figure."""
    return Markup(
        '<svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="empty" d="M0 3h100"/><path d="M0 3h{}"/></svg>'
    ).format(f"{float(ratio) * 100:.1f}")
