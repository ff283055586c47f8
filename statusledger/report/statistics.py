"""Incidents of a period -> how many, how long, how soon over, how far apart.

Every stretch with counted downtime in the period is one, unless a file tells of several: those are one together. What
a file tells without downtime is counted as an incident of none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from statusledger.clock import Period
from statusledger.incidents import severity
from statusledger.model import IncidentStatus, Severity
from statusledger.report.evaluated import Evaluated
from statusledger.report.records import Downtime, IncidentReport, Statistics
from statusledger.timeline import merge
from statusledger.timeline.steps import DOWN, UP, Codes, Matrix


@dataclass(slots=True)
class _Counted:
    """One incident as it counts: its downtime in the period by component."""

    severity: Severity
    status: IncidentStatus
    started_at: int
    ended_at: int | None
    down_ms: Counter[str] = field(default_factory=Counter)


def statistics(
    public: Mapping[str, Evaluated], incidents: Sequence[IncidentReport], period: Period, as_of: int
) -> Statistics:
    """The statistics of these components and of all incidents that are told, over a period up to as_of."""
    counted = _counted(public, incidents, period)
    down_ms = sum(sum(one.down_ms.values()) for one in counted)
    over = [one.ended_at - one.started_at for one in counted if one.ended_at is not None]
    by_component: Counter[str] = Counter()
    for one in counted:
        by_component.update(one.down_ms.keys())
    return Statistics(
        period=period,
        total=len(counted),
        down_ms=down_ms,
        average_ms=Fraction(down_ms, len(counted)) if counted else None,
        mttr_ms=Fraction(sum(over), len(over)) if over else None,
        mtbf_ms=Fraction(_good_ms(public, period, as_of), len(counted)) if counted else None,
        by_severity={level: sum(one.severity is level for one in counted) for level in Severity},
        by_status={status: sum(one.status is status for one in counted) for status in IncidentStatus},
        by_component={name: by_component[name] for name in public if by_component[name]},
    )


def _counted(public: Mapping[str, Evaluated], incidents: Sequence[IncidentReport], period: Period) -> list[_Counted]:
    known = {one.id: one for one in incidents}
    owners = {covered.id: one.id for one in incidents for covered in one.covered}
    found = {one.id: _told(one) for one in incidents if _is_told_in(one, period)}
    for name, subject in public.items():
        for downtime in subject.downtimes(period):
            owner = owners.get(downtime.id, downtime.id)
            if owner not in found:
                found[owner] = _told(known[owner]) if owner in known else _untold(subject, downtime)
            found[owner].down_ms[name] += downtime.down_ms
    return list(found.values())


def _is_told_in(one: IncidentReport, period: Period) -> bool:
    """Whether a file tells of it in the period; what is measured alone is there by its downtime."""
    if one.file is None or not one.counts:
        return False
    return one.started_at < period.end_ms and (one.ended_at is None or one.ended_at > period.start_ms)


def _told(one: IncidentReport) -> _Counted:
    return _Counted(one.severity, one.status, one.started_at, one.ended_at)


def _untold(subject: Evaluated, downtime: Downtime) -> _Counted:
    """A stretch that is too short to be told, or that its dependencies explain."""
    status = IncidentStatus.INVESTIGATING if downtime.ended_at is None else IncidentStatus.RESOLVED
    level = severity(subject.component.tier, several_down=False)
    return _Counted(level, status, downtime.started_at, downtime.ended_at)


def _good_ms(public: Mapping[str, Evaluated], period: Period, as_of: int) -> int:
    """How long nothing was down since the first component was there."""
    born = [one.timeline.alive_from for one in public.values() if one.timeline.alive_from is not None]
    start, end = max(period.start_ms, min(born, default=as_of)), min(period.end_ms, as_of)
    if start >= end:
        return 0
    any_down = merge([one.classified for one in public.values()], _any_down)
    return end - start - any_down.spent_in(DOWN, start, end)


def _any_down(matrix: Matrix) -> Codes:
    return np.where((matrix == DOWN).any(axis=0), DOWN, UP).astype(np.int8)
