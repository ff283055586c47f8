"""Incidents that people report -> the state that is counted: the worse of what was measured and what was reported.

A report adds what probes could not see and never takes anything away: it is laid over the measured state, which stays
as it is in the ledger, before it is cut to the component's life and masked by maintenance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from statusledger.model import Status
from statusledger.timeline.steps import BEGINNING, STATUS_CODES, UNKNOWN, UP, Codes, Matrix, Timeline, merge, steps


@dataclass(frozen=True, slots=True)
class Reported:
    """What an incident file that counts says of one component on [start_ms, end_ms); `end_ms` None: it lasts.

    A component whose state changes in the course of the incident has one of these for each state. `up` and `unknown`
    say nothing that counts: nobody can report time to be good.
    """

    incident: str
    component: str
    start_ms: int
    end_ms: int | None
    state: Status


def laid_over(state: Timeline, reported: Sequence[Reported]) -> Timeline:
    """The worse of the measured state and the reports of the same component; unknown counts as what was reported."""
    layers = [_layer(one) for one in counting(reported)]
    return merge([state, *layers], _worse) if layers else state


def counting(reported: Iterable[Reported]) -> list[Reported]:
    """The reports that change anything."""
    return [one for one in reported if one.state in {Status.DEGRADED, Status.DOWN} and _lasts(one)]


def _lasts(one: Reported) -> bool:
    return one.end_ms is None or one.end_ms > one.start_ms


def _layer(one: Reported) -> Timeline:
    """What is reported while it is, UP before and after."""
    edges = [BEGINNING, one.start_ms] + ([] if one.end_ms is None else [one.end_ms])
    states = [UP, STATUS_CODES[one.state], UP][: len(edges)]
    return steps(np.array(edges, dtype=np.int64), np.array(states, dtype=np.int8))


def _worse(matrix: Matrix) -> Codes:
    """The first row is what was measured, every other one a report."""
    measured: Codes = matrix[0]
    worst: Codes = matrix[1:].max(axis=0)
    told = (worst > UP) & ((measured == UNKNOWN) | (worst > measured))
    return np.where(told, worst, measured).astype(np.int8)
