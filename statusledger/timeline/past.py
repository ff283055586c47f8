"""What a component's timeline is put together from beside its samples: dated policies, and days that are kept.

A kept day has its states and counts; its samples need not be at hand any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from statusledger.clock import DAY_MS
from statusledger.model import Component
from statusledger.timeline.samples import Series, SeriesByLocation
from statusledger.timeline.steps import BEGINNING, Codes, Instants, Timeline, steps

END = 2**62


@dataclass(frozen=True, slots=True)
class Era:
    """The days from `start` up to `end`, on which the component is counted as `component` says; `policy` names how."""

    start: int
    end: int
    component: Component
    policy: str = ""

    @property
    def counted(self) -> frozenset[str]:
        """The ids of the checks that count."""
        return frozenset(check.id for check in self.component.checks if not check.informational)


def visible(check: str, samples: SeriesByLocation, eras: Sequence[Era], since: int) -> SeriesByLocation:
    """The samples from an instant on and of the eras that count the check: before, it was no part of the component."""
    spans = [(max(era.start, since), era.end) for era in eras if check in era.counted]
    if len(spans) == len(eras) and since == BEGINNING:
        return samples
    return {location: rows for location, series in samples.items() if len((rows := _inside(series, spans)).ts)}


def _inside(rows: Series, spans: Sequence[tuple[int, int]]) -> Series:
    chosen = np.zeros(len(rows.ts), dtype=np.bool_)
    for start, end in spans:
        chosen |= (rows.ts >= start) & (rows.ts < end)
    return Series(rows.ts[chosen], rows.status[chosen], rows.ms[chosen], rows.code[chosen], rows.codes)


@dataclass(frozen=True, slots=True)
class KeptDays:
    """UTC days that are taken from the ledger's rollups.

    `days` are their beginnings in rising order, `starts` and `states` the steps inside of them (each day begins with
    one), `counts` a row (known, failed) for each day, `at_hand` whether the day's samples are read as well.
    """

    days: Instants
    starts: Instants
    states: Codes
    counts: npt.NDArray[np.int64]
    at_hand: npt.NDArray[np.bool_]

    def over(self, state: Timeline) -> Timeline:
        """The function, and on the kept days what is kept of them."""
        if not len(self.days):
            return state
        ends = np.setdiff1d(self.days + DAY_MS, self.days)
        outside = ~self.hold(state.starts)
        starts = np.concatenate((state.starts[outside], ends, self.starts))
        states = np.concatenate((state.states[outside], state.at(ends), self.states))
        order = np.argsort(starts, kind="stable")
        return steps(starts[order], states[order])

    def hold(self, instants: Instants) -> npt.NDArray[np.bool_]:
        """Whether each instant lies on a kept day."""
        index = np.searchsorted(self.days, instants, side="right") - 1
        return (index >= 0) & (instants < self.days[index] + DAY_MS)

    def touched(self, start: int, end: int) -> bool:
        """Whether a kept day has a part in [start, end)."""
        return bool(np.searchsorted(self.days, end) > np.searchsorted(self.days, start - DAY_MS, side="right"))


def no_days() -> KeptDays:
    """Nothing is kept."""
    empty = np.array([], dtype=np.int64)
    return KeptDays(empty, empty, empty.astype(np.int8), empty.reshape(0, 2), empty.astype(np.bool_))


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """Instants that kept lines tell of a check: the first of the kept days that has it, its newest samples."""

    first_day: int | None
    last_sample_at: int | None
    last_known_at: int | None


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a component beside the samples that are read; those before `since` are no longer complete."""

    eras: tuple[Era, ...]
    kept: KeptDays = field(default_factory=no_days)
    checks: Mapping[str, KeptCheck] = field(default_factory=dict)
    first_sample_at: int | None = None
    since: int = BEGINNING


def undated(component: Component) -> Past:
    """The past of a component of which nothing is kept: it was always counted as now."""
    return Past((Era(BEGINNING, END, component),))
