"""Measured and reported incidents of a component -> whose downtime every instant is.

Each instant has one cause, so that the downtime of the incidents of a period sums to the period's: a measured stretch
has all of its span, a reported incident what no measured one and no earlier reported one has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from statusledger.clock import Period
from statusledger.incidents import MeasuredIncident
from statusledger.model import Status
from statusledger.report.spans import Downtime
from statusledger.timeline import END, Reported, Timeline, Window, without
from statusledger.timeline.steps import DOWN


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
    """The causes of several components as those of one subject: where they overlap the earlier one has it."""
    taken: list[Window] = []
    apart = []
    for cause in sorted(found, key=_age):
        left = without(cause.spans, taken)
        taken += left
        apart.append(replace(cause, spans=tuple(left)))
    return tuple(apart)


def downtimes(found: Iterable[Cause], classified: Timeline, period: Period, as_of: int) -> tuple[Downtime, ...]:
    """The counted downtime of each cause in the period up to as_of, where there is any, oldest first."""
    return tuple(_downtimes(found, classified, period.start_ms, min(period.end_ms, as_of)))


def _downtimes(found: Iterable[Cause], classified: Timeline, begin: int, until: int) -> Iterator[Downtime]:
    for cause in found:
        starts = [max(start, begin) for start, _ in cause.spans]
        ends = [min(end, until) for _, end in cause.spans]
        down_ms = int(classified.spent(starts, ends)[:, DOWN].sum())
        if down_ms:
            yield Downtime(cause.incident, cause.started_at, cause.ended_at, down_ms)


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
