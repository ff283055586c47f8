"""Quantities as inline SVG: shares of a whole, one length beside others, percentiles on a scale, columns over time.

As in `charts`, positions are percentages, so that words and patterns keep their size at every width.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from statusledger.language import number
from statusledger.model import Severity, Shown
from statusledger.outputs.charts import LANE_HEIGHT, band
from statusledger.outputs.shapes import drawn

ROW_HEIGHT = 16
COLUMNS_HEIGHT, COLUMNS_FLOOR, COLUMNS_TOP = 160, 128, 12
# A share thinner than this could not be seen; it is drawn this wide and its figure stands in the table.
THINNEST = 0.6
SHORTEST = 0.006
# Fewer incidents than this do not fill the height of the columns.
LOWEST_TOP = 4
# Ink falls with severity, and each has a pattern of its own.
SEVERITY_FILLS: Mapping[Severity, str] = {
    Severity.P1: 'class="p1"',
    Severity.P2: 'fill="url(#hatch)"',
    Severity.P3: 'fill="url(#stripes)"',
    Severity.P4: 'class="p4"',
}


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, as a part of its length, with its word; a minor word gives way on a phone."""

    place: float
    word: str
    minor: bool = False


def shares(parts: Sequence[tuple[Shown, int]], labelled_by: str) -> Markup:
    """Parts of a whole side by side, each in the shape of its state; what is not nothing can be seen."""
    whole = sum(size for _, size in parts)
    wanted = [(shown, max(THINNEST, 100 * size / whole)) for shown, size in parts if size]
    scale = 100 / sum(width for _, width in wanted) if wanted else 1.0
    pieces, x = [], 0.0
    for shown, width in wanted:
        pieces.append(band(shown, f'x="{x:.3f}%" width="{width * scale:.3f}%"'))
        x += width * scale
    return Markup('<svg class="lane" height="{}" role="img" aria-labelledby="{}">{}</svg>').format(
        LANE_HEIGHT, labelled_by, drawn(pieces)
    )


def length(part: Fraction, kind: str) -> Markup:
    """A bar beside its figure, `part` of the longest one in its column; `kind` is its class."""
    return Markup(
        '<svg class="length" height="{}" aria-hidden="true"><rect class="{}" width="{}%" height="{}"/></svg>'
    ).format(ROW_HEIGHT, kind, f"{max(THINNEST, float(100 * part)):.2f}", ROW_HEIGHT)


# --- percentiles ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scale:
    """Milliseconds on a logarithmic scale from one power of ten to another."""

    lowest: int
    highest: int

    def place(self, value_ms: int) -> float:
        """Where a value lies, in percent of the scale."""
        first, last = math.log10(self.lowest), math.log10(self.highest)
        return 100 * (math.log10(max(value_ms, self.lowest)) - first) / (last - first)

    @property
    def steps(self) -> tuple[int, ...]:
        """The powers of ten from end to end."""
        return tuple(10**n for n in range(round(math.log10(self.lowest)), round(math.log10(self.highest)) + 1))


def scale(values_ms: Sequence[int]) -> Scale:
    """The powers of ten that hold all values."""
    low, high = max(1, min(values_ms, default=1)), max(10, max(values_ms, default=10))
    lowest = 10 ** math.floor(math.log10(low))
    highest = 10 ** math.ceil(math.log10(high))
    return Scale(lowest, max(highest, lowest * 10))


def percentiles(p50: int, p95: int, p99: int, on: Scale) -> Markup:
    """A mark at p50, from there a line to p95 and dots to p99; on a scale without a zero a bar would tell nothing."""
    grid = "".join(_upright("grid", on.place(step)) for step in on.steps)
    half, most, nearly_all = (on.place(value) for value in (p50, p95, p99))
    lines = _across("p95", half, most) + _across("p99", most, nearly_all) + _upright("p50", half)
    return Markup('<svg class="length range" height="{}" aria-hidden="true">{}</svg>').format(
        ROW_HEIGHT, drawn([grid, lines])
    )


def _upright(kind: str, x: float) -> str:
    return f'<line class="{kind}" x1="{x:.2f}%" x2="{x:.2f}%" y2="{ROW_HEIGHT}"/>'


def _across(kind: str, start: float, end: float) -> str:
    y = ROW_HEIGHT // 2
    return f'<line class="{kind}" x1="{start:.2f}%" x2="{end:.2f}%" y1="{y}" y2="{y}"/>'


# --- time ----------------------------------------------------------------------------------------


def stretches(spans: Sequence[tuple[float, float, Shown]], labelled_by: str) -> Markup:
    """States along a lane: start and end as parts of it; what is shorter than `SHORTEST` is drawn as long as that."""
    pieces = [f'<line class="before" x2="100%" y1="{LANE_HEIGHT - 0.5}" y2="{LANE_HEIGHT - 0.5}"/>']
    for start, end, shown in spans:
        width = max(end - start, SHORTEST)
        pieces.append(band(shown, f'x="{100 * min(start, 1 - width):.3f}%" width="{100 * width:.3f}%"'))
    return Markup('<svg class="lane" height="{}" role="img" aria-labelledby="{}">{}</svg>').format(
        LANE_HEIGHT, labelled_by, drawn(pieces)
    )


def axis(ticks: Sequence[Tick]) -> Markup:
    """The days under lanes, each word right of its tick."""
    return Markup('<svg class="marks" height="24" aria-hidden="true">{}</svg>').format(drawn(tick_marks(ticks, 0)))


def tick_marks(ticks: Sequence[Tick], y: int) -> Iterator[str]:
    """A mark for each tick, hanging from `y`, with its word at its right."""
    for tick in ticks:
        x = f"{100 * tick.place:.2f}%"
        minor = ' class="minor"' if tick.minor else ""
        yield f'<line class="tick" x1="{x}" x2="{x}" y1="{y}" y2="{y + 6}"/>'
        yield f'<text{minor} x="{x}" y="{y + 20}">{tick.word}</text>'


def columns(stacks: Sequence[Mapping[Severity, int]], ticks: Sequence[Tick], labelled_by: str) -> Markup:
    """A column per stretch of time, the gravest severity at its foot; the scale counts incidents."""
    top = max(LOWEST_TOP, *(sum(stack.values()) for stack in stacks))
    step = (COLUMNS_FLOOR - COLUMNS_TOP) / top
    parts = [*_counts(top, step)]
    for i, stack in enumerate(stacks):
        y = float(COLUMNS_FLOOR)
        place = f'x="{100 * (i + 0.12) / len(stacks):.2f}%" width="{76 / len(stacks):.2f}%"'
        for severity in Severity:
            count = stack.get(severity, 0)
            y -= count * step
            if count:
                parts.append(
                    f'<rect {SEVERITY_FILLS[severity]} {place} y="{y + 1:.1f}" height="{count * step - 1:.1f}"/>'
                )
    return Markup('<div class="chart"><svg height="{}" role="img" aria-labelledby="{}">{}</svg></div>').format(
        COLUMNS_HEIGHT, labelled_by, drawn([*parts, *tick_marks(ticks, COLUMNS_FLOOR)])
    )


def swatch(severity: Severity) -> Markup:
    """What a severity looks like in the columns, for their key."""
    return Markup(
        '<svg class="sample square" viewBox="0 0 12 12" aria-hidden="true"><rect {} width="12" height="12"/></svg>'
    ).format(drawn([SEVERITY_FILLS[severity]]))


def _counts(top: int, step: float) -> Iterator[str]:
    """Lines at whole counts, at most five of them."""
    every = -(-top // 4)
    for count in range(0, top + 1, every):
        y = COLUMNS_FLOOR - count * step
        yield f'<line class="grid" x2="100%" y1="{y:g}" y2="{y:g}"/>'
        yield f'<text x="-8" y="{y + 4:g}" text-anchor="end">{number(count)}</text>'
