"""Measured and reported incidents of a component -> whose downtime every instant is.

Each instant has one cause, so that the downtime of the incidents of a period sums to the period's: a measured stretch
has all of its span, a reported incident what no measured one and no earlier reported one has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from statusledger.clock import Period
from statusledger.incidents import MeasuredIncident
from statusledger.model import Status
from statusledger.report.spans import Downtime
from statusledger.timeline import END, Reported, Timeline, Window, without
from statusledger.timeline.steps import BEGINNING, DOWN


@dataclass(frozen=True, slots=True)
class Cause:
    """One incident of a component with the instants that are put down to it; `ended_at` None: it lasts."""

    incident: str
    started_at: int
    ended_at: int | None
    spans: tuple[Window, ...]


def causes(incidents: Sequence[MeasuredIncident], reported: Iterable[Reported]) -> tuple[Cause, ...]:
    """One for each incident, oldest first."""
    found = [Cause(one.id, one.started_at, one.ended_at, ((one.started_at, _end(one.ended_at)),)) for one in incidents]
    taken = [span for cause in found for span in cause.spans]
    told = shared(replace(cause, spans=tuple(without(cause.spans, taken))) for cause in _reported(reported))
    return tuple(sorted([*found, *told], key=_age))


def shared(found: Iterable[Cause]) -> tuple[Cause, ...]:
    """The causes of several components as those of one subject: where they overlap the one that began first has it."""
    causes = sorted(found, key=_age)
    spans = sorted((start, index, end) for index, cause in enumerate(causes) for start, end in cause.spans)
    apart: list[list[Window]] = [[] for _ in causes]
    reached = BEGINNING
    for start, index, end in spans:
        if end > reached:
            apart[index].append((max(start, reached), end))
            reached = end
    return tuple(replace(cause, spans=tuple(left)) for cause, left in zip(causes, apart, strict=True))


def downtimes(found: Sequence[Cause], classified: Timeline, period: Period, as_of: int) -> tuple[Downtime, ...]:
    """The counted downtime of each cause in the period up to as_of, where there is any, oldest first."""
    found = [cause for cause in found if _touches(cause, period)]
    if not found:
        return ()
    owners = [index for index, cause in enumerate(found) for _ in cause.spans]
    spans = np.array([span for cause in found for span in cause.spans], dtype=np.int64).reshape(-1, 2)
    spans = np.clip(spans, period.start_ms, max(min(period.end_ms, as_of), period.start_ms))
    spent = np.zeros(len(found), dtype=np.int64)
    np.add.at(spent, owners, classified.spent(spans[:, 0], spans[:, 1])[:, DOWN])
    return tuple(
        Downtime(cause.incident, cause.started_at, cause.ended_at, down_ms)
        for cause, down_ms in zip(found, spent.tolist(), strict=True)
        if down_ms
    )


def _touches(cause: Cause, period: Period) -> bool:
    return cause.started_at < period.end_ms and (cause.ended_at is None or cause.ended_at > period.start_ms)


def _reported(reported: Iterable[Reported]) -> Iterator[Cause]:
    """Reported downtime by incident, with the spans that overlap others."""
    spans: dict[str, list[Window]] = {}
    for one in reported:
        if one.state is Status.DOWN:
            spans.setdefault(one.incident, []).append((one.start_ms, _end(one.end_ms)))
    for incident, whole in spans.items():
        last = max(end for _, end in whole)
        yield Cause(incident, min(start for start, _ in whole), None if last == END else last, tuple(whole))


def _age(cause: Cause) -> tuple[int, str]:
    return cause.started_at, cause.incident


def _end(instant: int | None) -> int:
    return END if instant is None else instant
