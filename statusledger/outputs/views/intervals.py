"""The intervals behind a statement: each piece of downtime, and everything that was left out, cut to the month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from statusledger import words
from statusledger.model import Shown, State
from statusledger.outputs.times import Times
from statusledger.report.records import IncidentReport, Interval
from statusledger.sla import minutes

# A month of a schedule that slips has hundreds of short gaps: the longest are listed, the others summed.
LONGEST_PER_STATE = 25
# States that are not downtime by themselves, and what they mean.
WHY: Mapping[State, str] = {
    State.MAINTENANCE: "Announced in time",
    State.UNKNOWN: "Nothing was measured: in the bounds",
    State.DEGRADED: "Slow, or a failure that was not confirmed",
}

Piece = tuple[int, int, State]


@dataclass(frozen=True, slots=True)
class Line:
    """An interval of a statement, or the sum of those too short to list; `incident` is (id, title)."""

    shown: Shown
    word: str
    when: Markup
    minutes: str
    why: str
    incident: tuple[str, str] | None


def cut(intervals: Sequence[Interval], begin: int, end: int) -> list[Piece]:
    """What of the intervals lies in [begin, end): start, end and state of each."""
    found = []
    for interval in intervals:
        start = max(begin, interval.start_ms)
        stop = end if interval.end_ms is None else min(end, interval.end_ms)
        if stop > start:
            found.append((start, stop, interval.state))
    return found


def down(pieces: Sequence[Piece], times: Times, incidents: Sequence[IncidentReport]) -> tuple[Line, ...]:
    """Every piece of downtime, with the incident that tells of it."""
    return tuple(_line(piece, times, incidents) for piece in pieces if piece[2] is State.DOWN)


def others(pieces: Sequence[Piece], times: Times) -> tuple[Line, ...]:
    """The longest pieces of each other state in the order of time, then one line for the shorter ones of each."""
    listed: list[Piece] = []
    sums: list[Line] = []
    for state in WHY:
        longest_first = sorted((p for p in pieces if p[2] is state), key=lambda p: (p[0] - p[1], p[0]))
        listed += longest_first[:LONGEST_PER_STATE]
        if shorter := longest_first[LONGEST_PER_STATE:]:
            sums.append(_sum_line(state, shorter))
    return (*(_line(piece, times) for piece in sorted(listed)), *sums)


def _line(piece: Piece, times: Times, incidents: Sequence[IncidentReport] = ()) -> Line:
    start, end, state = piece
    incident = next((one for one in incidents if _overlaps(one, start, end)), None) if state is State.DOWN else None
    return Line(
        shown=words.SHOWN_STATES[state],
        word=words.STATE_WORDS[state],
        when=times.span(start, end, seconds=True),
        minutes=minutes(end - start),
        why=WHY.get(state, words.DASH),
        incident=(incident.id, incident.title) if incident else None,
    )


def _overlaps(incident: IncidentReport, start: int, end: int) -> bool:
    return incident.started_at < end and (incident.ended_at is None or incident.ended_at > start)


def _sum_line(state: State, pieces: Sequence[Piece]) -> Line:
    total = minutes(sum(end - start for start, end, _ in pieces))
    when = Markup("{} shorter ones").format(f"{len(pieces):,}")
    return Line(words.SHOWN_STATES[state], words.STATE_WORDS[state], when, total, WHY[state], None)
