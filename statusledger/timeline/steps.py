"""Step functions of time: what something was at every instant, from the beginning to the end of time.

A `Timeline` is never clipped before it is summed, so figures are additive over any split of a period. Everything is
int64 milliseconds; states are small integers in the order of `State`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from statusledger.model import State, Status

Instants = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Matrix = npt.NDArray[np.int8]

UP, DEGRADED, DOWN, UNKNOWN, MAINTENANCE, INACTIVE = range(6)
STATES = tuple(State)
STATUS_CODES = {status: code for code, status in enumerate(Status)}
BEGINNING = -(2**62)
TRUE = np.array([True])


@dataclass(frozen=True)
class Timeline:
    """A step function of time: `states[i]` holds on [starts[i], starts[i + 1]), the last one for ever.

    `starts` rises strictly from BEGINNING and neighbours differ; make one with `steps`.
    """

    starts: Instants
    states: Codes

    @cached_property
    def _before(self) -> npt.NDArray[np.int64]:
        """Milliseconds of each state before each start, one row a start."""
        spent = np.zeros((len(self.starts), len(STATES)), dtype=np.int64)
        rows = np.arange(1, len(self.starts))
        spent[rows, self.states[:-1]] = np.diff(self.starts)
        return np.cumsum(spent, axis=0)

    def at(self, instants: npt.ArrayLike) -> Codes:
        """The state at each instant."""
        return self.states[self.starts.searchsorted(instants, side="right") - 1]

    def spent(self, starts: npt.ArrayLike, ends: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Milliseconds in each state (columns as in `State`) for each interval [start, end); 0 where end <= start."""
        begin = np.asarray(starts, dtype=np.int64)
        edges = np.concatenate((begin, np.maximum(np.asarray(ends, dtype=np.int64), begin)))
        index = self.starts.searchsorted(edges, side="right") - 1
        until = self._before[index]
        until[np.arange(len(edges)), self.states[index]] += edges - self.starts[index]
        return until[len(begin) :] - until[: len(begin)]

    def spent_in(self, state: int, start: int, end: int) -> int:
        """Milliseconds in one state within [start, end); 0 where end <= start."""
        first = int(self.starts.searchsorted(start, side="right")) - 1
        last = int(self.starts.searchsorted(end, side="left"))
        if last - first == 1:
            return max(end - start, 0) if self.states[first] == state else 0
        return int(self.spent([start], [end])[0, state])

    def intervals(self, start: int, end: int) -> Iterator[tuple[int, int, State]]:
        """(start, end, state) of every stretch inside [start, end), cut at its edges."""
        if end <= start:
            return
        first = int(self.starts.searchsorted(start, side="right")) - 1
        last = int(self.starts.searchsorted(end, side="left"))
        edges = [start, *self.starts[first + 1 : last].tolist(), end]
        for index, (begin, finish) in enumerate(pairwise(edges)):
            yield begin, finish, STATES[self.states[first + index]]


def steps(starts: Instants, states: Codes) -> Timeline:
    """The step function with these steps in rising order; of several at one instant the last one counts."""
    last = np.concatenate((starts[1:] != starts[:-1], TRUE))
    starts, states = starts[last], states[last]
    changed = np.concatenate((TRUE, states[1:] != states[:-1]))
    return Timeline(starts[changed], states[changed])


def constant(state: int) -> Timeline:
    """The function that is in one state for ever."""
    return Timeline(np.array([BEGINNING], dtype=np.int64), np.array([state], dtype=np.int8))


def within(timeline: Timeline, start: int | None, end: int | None, outside: int) -> Timeline:
    """The function on [start, end), and `outside` before and after it; None leaves that side open."""
    begin = BEGINNING if start is None else start
    if end is not None and end <= begin:
        return constant(outside)
    inner = timeline.starts > begin
    if end is not None:
        inner &= timeline.starts < end
    starts = np.concatenate(([BEGINNING, begin], timeline.starts[inner], [] if end is None else [end]))
    states = np.concatenate(
        ([outside], timeline.at([begin]), timeline.states[inner], [] if end is None else [outside]),
    )
    return steps(starts.astype(np.int64), states.astype(np.int8))


def spliced(parts: Sequence[tuple[int, Timeline]]) -> Timeline:
    """The functions one after the other, each from the instant it is given with; the first from the beginning on."""
    if len(parts) == 1:
        return parts[0][1]
    starts, states = [], []
    for (start, timeline), end in zip(parts, [*(start for start, _ in parts[1:]), None], strict=True):
        inner = timeline.starts > start
        if end is not None:
            inner &= timeline.starts < end
        starts += [np.array([start], dtype=np.int64), timeline.starts[inner]]
        states += [timeline.at([start]), timeline.states[inner]]
    return steps(np.concatenate(starts), np.concatenate(states))


def all_starts(timelines: Sequence[Timeline]) -> Instants:
    """Every instant at which one of the functions changes, in rising order, each once."""
    starts: Instants = np.sort(np.concatenate([timeline.starts for timeline in timelines]))
    each_once: Instants = starts[np.concatenate((TRUE, starts[1:] != starts[:-1]))]
    return each_once


def merge(timelines: Sequence[Timeline], judge: Callable[[Matrix], Codes]) -> Timeline:
    """One function out of several: `judge` turns a matrix (a row per timeline, a column per stretch) into states."""
    if len(timelines) == 1:
        return steps(timelines[0].starts, judge(timelines[0].states[np.newaxis]).astype(np.int8))
    starts = all_starts(timelines)
    matrix = np.stack([timeline.at(starts) for timeline in timelines])
    return steps(starts, judge(matrix).astype(np.int8))
