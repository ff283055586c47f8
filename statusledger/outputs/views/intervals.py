"""The intervals behind a statement: every piece that counts and every piece that does not, cut to the period.

On paper a statement is one sheet, so there the longest pieces are listed and the others summed; so they are on the
screen, where a schedule that slips leaves hundreds of short gaps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from markupsafe import Markup

from statusledger import words
from statusledger.language import gettext, nmarkup, number
from statusledger.model import Shown, State, Terms
from statusledger.outputs.times import Times
from statusledger.report.records import IncidentReport, Interval
from statusledger.sla import minutes

NOTHING = Fraction(0)
COUNTED_ON_PAPER = 6
OTHERS_ON_PAPER = 4
# States that are not downtime by themselves, and what they mean where they do not count.
WHY: Mapping[State, str] = words.Vocabulary(
    {
        State.DOWN: lambda: gettext("Measured as down"),
        State.MAINTENANCE: lambda: gettext("Announced in time"),
        State.UNKNOWN: lambda: gettext("Nothing was measured: in the bounds"),
        State.DEGRADED: lambda: gettext("Slow, or a failure that was not confirmed"),
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch in one state, and how much of it counts against the target, in exact milliseconds."""

    start_ms: int
    end_ms: int
    state: State
    bad_ms: Fraction
    share: Fraction | None

    @property
    def length_ms(self) -> int:
        """How long it was."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Line:
    """An interval of a statement, or the sum of those that are not listed; `incident` is (id, title).

    `medium` is `screen` or `paper` for a line that is only there.
    """

    shown: Shown
    word: str
    when: Markup
    minutes: str
    why: str
    incident: tuple[str, str] | None
    medium: str = ""


def cut(intervals: Sequence[Interval], begin: int, end: int) -> list[tuple[int, int, State]]:
    """What of the intervals lies in [begin, end): start, end and state of each."""
    return [(start, stop, interval.state) for start, stop, interval in _cut(intervals, begin, end)]


def pieces(intervals: Sequence[Interval], begin: int, end: int, terms: Terms) -> list[Piece]:
    """The same with what each counts for under the terms; time that is in no figure is left out."""
    found = []
    for start, stop, interval in _cut(intervals, begin, end):
        if interval.state is not State.INACTIVE:
            share = _share(interval, terms)
            bad_ms = share * (stop - start) if share else NOTHING  # a year of gaps is mostly this
            found.append(Piece(start, stop, interval.state, bad_ms, interval.share))
    return found


def _cut(intervals: Sequence[Interval], begin: int, end: int) -> Iterator[tuple[int, int, Interval]]:
    """Intervals are in order and do not overlap, so the search for the first one is short."""
    for index in range(bisect_right(intervals, float(begin), key=_end), len(intervals)):
        interval = intervals[index]
        if interval.start_ms >= end:
            return
        start = max(begin, interval.start_ms)
        stop = end if interval.end_ms is None else min(end, interval.end_ms)
        if stop > start:
            yield start, stop, interval


def _end(interval: Interval) -> float:
    return inf if interval.end_ms is None else interval.end_ms


def _share(interval: Interval, terms: Terms) -> Fraction:
    """How much of it counts against the target."""
    if interval.state is State.UNKNOWN:
        return Fraction(1) if terms.unknown_as == "down" else NOTHING
    if interval.share is not None:
        return interval.share
    return {State.DOWN: Fraction(1), State.DEGRADED: terms.degraded_weight}.get(interval.state, NOTHING)


@dataclass(frozen=True, slots=True)
class Listing:
    """Tells pieces as lines, at most `listed` of them on the screen."""

    times: Times
    terms: Terms
    incidents: Sequence[IncidentReport]
    listed: int

    def counted(self, pieces: Iterable[Piece]) -> tuple[Line, ...]:
        """Every piece that counts, with the incident that tells of it."""
        return self._lines([piece for piece in pieces if piece.bad_ms], COUNTED_ON_PAPER)

    def others(self, pieces: Iterable[Piece]) -> tuple[Line, ...]:
        """Every piece that does not."""
        return self._lines([piece for piece in pieces if not piece.bad_ms], OTHERS_ON_PAPER)

    def _lines(self, pieces: Sequence[Piece], on_paper: int) -> tuple[Line, ...]:
        longest_first = sorted(pieces, key=lambda piece: (-piece.length_ms, piece.start_ms))
        listed, printed = longest_first[: self.listed], set(longest_first[:on_paper])
        lines = [self._line(piece, "" if piece in printed else "screen") for piece in sorted(listed, key=_start)]
        both = len(longest_first) <= min(self.listed, on_paper)
        lines += [] if both else self._sums(longest_first[self.listed :], "screen")
        lines += [] if both else self._sums(longest_first[on_paper:], "paper")
        return tuple(lines)

    def _line(self, piece: Piece, medium: str) -> Line:
        told = (one for one in self.incidents if _overlaps(one, piece))
        incident = next(told, None) if piece.state is State.DOWN or piece.share else None
        return Line(
            shown=words.SHOWN_STATES[piece.state],
            word=words.STATE_WORDS[piece.state],
            when=self.times.span(piece.start_ms, piece.end_ms, seconds=True),
            minutes=number(minutes(piece.bad_ms or piece.length_ms)),
            why=self._why(piece),
            incident=(incident.id, str(incident.title)) if incident else None,
            medium=medium,
        )

    def _why(self, piece: Piece) -> str:
        terms = self.terms
        if piece.state is State.UNKNOWN and terms.unknown_as == "down":
            return gettext("Nothing was measured: down by the terms")
        if piece.state is State.UNKNOWN and terms.unknown_as == "up":
            return gettext("Nothing was measured: up by the terms")
        if piece.share is not None and piece.bad_ms:
            return gettext("%(share)s of the members by weight", share=str(piece.share))
        if piece.state is State.DEGRADED and piece.bad_ms:
            return gettext("Degraded counts as %(weight)s", weight=str(terms.degraded_weight))
        if piece.state is State.MAINTENANCE and terms.maintenance_as == "up":
            return gettext("Announced in time: up by the terms")
        return WHY[piece.state]

    def _sums(self, pieces: Sequence[Piece], medium: str) -> Iterator[Line]:
        """A line for the shorter pieces of each state."""
        for state in WHY:
            shorter = [piece for piece in pieces if piece.state is state]
            if shorter:
                whole = sum(piece.length_ms for piece in shorter if not piece.bad_ms)
                total = number(minutes(whole + sum((one.bad_ms for one in shorter if one.bad_ms), NOTHING)))
                when = nmarkup("%(count)s shorter one", "%(count)s shorter ones", len(shorter))
                why = gettext("In JSON") if medium == "screen" else gettext("On the page and in JSON")
                yield Line(words.SHOWN_STATES[state], words.STATE_WORDS[state], when, total, why, None, medium)


def _start(piece: Piece) -> int:
    return piece.start_ms


def _overlaps(incident: IncidentReport, piece: Piece) -> bool:
    ended = incident.ended_at
    return incident.started_at < piece.end_ms and (ended is None or ended > piece.start_ms)
