"""D6: announced maintenance masks a component's state when it is classified, and is never stored in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from statusledger.model import Maintenance
from statusledger.timeline.component import ComponentTimeline
from statusledger.timeline.reported import Reported, laid_over
from statusledger.timeline.steps import BEGINNING, INACTIVE, MAINTENANCE, UP, Timeline, constant, merge, steps, within

Window = tuple[int, int]
EVERYTHING = "*"


def counted_windows(plans: Iterable[Maintenance], subjects: Collection[str], notice_ms: int) -> list[Window]:
    """The instants [start, end) that count as maintenance for a subject, as disjoint windows in rising time.

    `subjects` are the ids that name it: its own, its group's, its services'. A plan counts if it is not cancelled,
    ends after it starts, and was announced at least `notice_ms` ahead (or nothing is known of its announcement).
    """
    named = {*subjects, EVERYTHING}
    return merged(
        (plan.starts_at, plan.ends_at)
        for plan in plans
        if named.intersection(plan.components) and not plan.cancelled and _announced(plan, notice_ms)
    )


def _announced(plan: Maintenance, notice_ms: int) -> bool:
    return plan.announced_at is None or plan.announced_at <= plan.starts_at - notice_ms


def merged(windows: Iterable[Window]) -> list[Window]:
    """The union of the windows that have a length."""
    union: list[Window] = []
    for start, end in sorted(window for window in windows if window[1] > window[0]):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return union


def without(spans: Iterable[Window], taken: Sequence[Window]) -> list[Window]:
    """What is left of the spans, as disjoint ones in rising time, when others are cut out of them."""
    left: list[Window] = []
    holes = merged(taken)
    for start, end in merged(spans):
        at = start
        for first, last in holes:
            left.append((at, min(first, end)))
            at = max(at, last)
        left.append((at, end))
    return merged(left)


def classify(component: ComponentTimeline, windows: Sequence[Window], reported: Sequence[Reported] = ()) -> Timeline:
    """The state that is counted at every instant of a component; `reported` is what incident files say of it."""
    return counted_state(component.state, (component.alive_from, component.alive_until), windows, reported)


def counted_state(
    measured: Timeline, life: tuple[int | None, int | None], windows: Sequence[Window], reported: Sequence[Reported]
) -> Timeline:
    """Inactive outside of its life [from, until), then maintenance, then the worse of measured and reported."""
    alive_from, alive_until = life
    if alive_from is None:
        return constant(INACTIVE)
    state = laid_over(measured, reported)
    if windows:
        state = merge(
            [state, _mask(windows)], lambda matrix: np.where(matrix[1] == MAINTENANCE, MAINTENANCE, matrix[0])
        )
    return within(state, alive_from, alive_until, INACTIVE)


def _mask(windows: Sequence[Window]) -> Timeline:
    edges = [BEGINNING, *(edge for window in windows for edge in window)]
    states = [UP, *([MAINTENANCE, UP] * len(windows))]
    return steps(np.array(edges, dtype=np.int64), np.array(states, dtype=np.int8))
