"""The shapes of the six states: bars, cells of the year and icons, defined once per page and pointed at from there.

A shape is a path in `currentColor` whose pattern is what is missing from it, so it reads the same on any background,
on paper and in forced colours. Units: a bar is 4 of 6 wide and 36 high, a cell 12 of 15 square, an icon 20 square.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from markupsafe import Markup

from statusledger.model import Shown

PITCH, BAR, TALL = 6, 4, 36
CELL_PITCH, CELL = 15, 12


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}z"


def _cross(x: float, y: float, size: float, thick: float) -> str:
    """An X that fills the square at (x, y), to be cut out with the even-odd rule."""
    half, t = size / 2, thick
    into, out = f"{half - t:g}", f"{t - half:g}"
    return (
        f"M{x:g} {y:g}h{t:g}l{into} {into}l{into} {out}h{t:g}v{t:g}l{out} {into}"
        f"l{into} {into}v{t:g}h{-t:g}l{out} {out}l{out} {into}h{-t:g}v{-t:g}l{into} {out}l{out} {out}z"
    )


def _hatch(width: float, bottom: float, top: float, *, thick: float, gap: float) -> str:
    """Slanted stripes between top and bottom; the last one is cut off flat."""
    rise = 4
    stripes, y = "", top
    while y + rise + thick <= bottom + 0.01:
        stripes += f"M0 {y + rise:g}L{width:g} {y:g}v{thick:g}L0 {y + rise + thick:g}z"
        y += thick + gap
    return stripes + f"M0 {bottom:g}V{y + rise:g}L{width:g} {y:g}V{bottom:g}z"


BARS: Mapping[Shown, str] = {
    Shown.OPERATIONAL: _rectangle(0, 0, BAR, TALL),
    Shown.DEGRADED: _rectangle(0, 0, BAR, 6) + _rectangle(0, 10, BAR, 26),
    Shown.PARTIAL: _hatch(BAR, TALL, 12, thick=3.5, gap=2),
    Shown.MAJOR: _rectangle(0, 0, BAR, TALL) + "".join(_cross(0, y, 4, 0.8) for y in (3, 12, 21, 30)),
    Shown.MAINTENANCE: _rectangle(0.5, 0.5, BAR - 1, TALL - 1),
    Shown.NODATA: _rectangle(0.5, TALL - 7.5, BAR - 1, 7),
}
CELLS: Mapping[Shown, str] = {
    Shown.OPERATIONAL: _rectangle(0, 0, CELL, CELL),
    Shown.DEGRADED: _rectangle(0, 0, CELL, 2) + _rectangle(0, 4.5, CELL, 7.5),
    Shown.PARTIAL: _hatch(CELL, CELL, 3, thick=2, gap=1.6),
    Shown.MAJOR: _rectangle(0, 0, CELL, CELL) + _cross(2, 2, 8, 1.3),
    Shown.MAINTENANCE: _rectangle(0.5, 0.5, CELL - 1, CELL - 1),
    Shown.NODATA: _rectangle(0.5, CELL - 4.5, CELL - 1, 4),
}
ICONS: Mapping[Shown, str] = {
    Shown.OPERATIONAL: '<circle cx="10" cy="10" r="7.5"/><path d="m6.5 10.2 2.5 2.5 4.6-5"/>',
    Shown.DEGRADED: '<circle cx="10" cy="10" r="7.5"/><path class="ink" d="M2.5 10a7.5 7.5 0 0 0 15 0z"/>',
    Shown.PARTIAL: '<path d="M10 2.8 18 16.8H2z"/><path d="M10 8v4m0 2.1v.3"/>',
    Shown.MAJOR: (
        '<path class="solid" fill-rule="evenodd" d="M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z'
        "M5.7 7.3 8.4 10l-2.7 2.7 1.6 1.6 2.7-2.7 2.7 2.7 1.6-1.6-2.7-2.7 2.7-2.7-1.6-1.6L10 8.4 7.3 5.7z"
        '"/>'
    ),
    Shown.MAINTENANCE: (
        '<path d="M17.2 6.2a4.6 4.6 0 0 1-6.1 5.6l-5.3 5.3a2 2 0 0 1-2.9-2.9l5.3-5.3'
        'a4.6 4.6 0 0 1 5.6-6.1l-2.6 2.6.6 2.8 2.8.6z"/>'
    ),
    Shown.NODATA: '<circle cx="10" cy="10" r="7.5" stroke-dasharray="2.6 2.1"/><path d="M6.8 10h6.4"/>',
}
# Tiled fills for bands of any width; they keep their scale where a stretched shape would not.
PATTERNS = (
    '<pattern id="hatch" width="12" height="12" patternUnits="userSpaceOnUse" data-status="major">'
    '<path class="solid" d="M0 0h12v12H0z"/><path class="cut" d="m3 3 6 6m0-6-6 6"/></pattern>'
    '<pattern id="stripes" width="4" height="4" patternUnits="userSpaceOnUse" data-status="partial">'
    '<path class="solid" d="M0 4 4 0v2.2L2.2 4zM0 0h2L0 2z"/></pattern>'
)
OUTLINES: Mapping[Shown, str] = {Shown.MAINTENANCE: " dotted", Shown.NODATA: " outline"}


@cache
def sprite(*, cells: bool = False, patterns: bool = False) -> Markup:
    """Icons and bars of one page, with the cells of the year and the patterns where it draws them."""
    parts = [f'<symbol id="i-{state}" viewBox="0 0 20 20">{paths}</symbol>' for state, paths in ICONS.items()]
    parts += [_shape("b", "shape", state, path) for state, path in BARS.items()]
    if cells:
        parts += [_shape("c", "cell", state, path) for state, path in CELLS.items()]
    if patterns:
        parts.append(PATTERNS)
    return Markup('<svg class="sprite" aria-hidden="true" width="0" height="0"><defs>{}</defs></svg>').format(
        drawn(parts)
    )


def drawn(parts: Iterable[str]) -> Markup:
    """Pieces of a drawing as markup: only for what this package drew itself, never for a text of the report."""
    return Markup("".join(parts))  # noqa: S704 - shapes, numbers, dates and words of our own


def _shape(prefix: str, kind: str, state: Shown, path: str) -> str:
    outline = OUTLINES.get(state, "")
    rule = ' fill-rule="evenodd"' if state is Shown.MAJOR else ' vector-effect="non-scaling-stroke"' if outline else ""
    return f'<path id="{prefix}-{state}" class="{kind}{outline}" data-status="{state}"{rule} d="{path}"/>'
