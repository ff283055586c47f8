"""A component's timeline -> its stretches of downtime, each under the id that it was first told by.

An incident is a maximal stretch of unmasked down; unknown time inside does not close it, because nobody saw it end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from statusledger.clock import MINUTE_MS, to_datetime
from statusledger.history.incidents import ClosedIncident, IncidentRecord
from statusledger.incidents.findings import Findings, findings_of
from statusledger.model import State
from statusledger.timeline import ComponentTimeline, Timeline
from statusledger.timeline.steps import DOWN

LANE_MARGIN_MS = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class MeasuredIncident:
    """One stretch of downtime of one component.

    `ended_at` None: nobody has seen it end by as_of. `down_ms` is what counts against the target (maintenance and
    unknown time left out). `record` is what is kept of it; `kept`: the findings are the record's, because raw rows are
    not at hand. `shown` is the span that is drawn, `span` the one that the findings come from.
    """

    id: str
    component: str
    started_at: int
    ended_at: int | None
    down_ms: int
    findings: Findings
    shown: tuple[int, int]
    span: tuple[int, int]
    record: IncidentRecord | None = None
    kept: bool = False

    @property
    def detected_at(self) -> int:
        """The instant of the sample that completed the confirmation at quorum."""
        return self.findings.detected_at

    @property
    def last_ok_at(self) -> int | None:
        """The newest good sample before it."""
        return self.findings.last_ok_at

    @property
    def last_fail_at(self) -> int | None:
        """The newest failed sample in it."""
        return self.findings.last_fail_at

    @property
    def locations(self) -> tuple[str, ...]:
        """The locations that saw it."""
        return self.findings.locations


Stretch = tuple[int, int | None]


def measured_incidents(
    component: ComponentTimeline, classified: Timeline, *, as_of: int, records: Sequence[IncidentRecord] = ()
) -> list[MeasuredIncident]:
    """Every stretch of a component up to as_of, oldest first, whatever its length and whether it counts or not.

    `records` of this component, oldest first: a stretch that one of them is about has its id.
    """
    stretches = list(_stretches(component, as_of))
    told = _recorded(stretches, records)
    taken = {record.id for record in records}
    found: list[MeasuredIncident] = []
    for stretch, record in zip(stretches, told, strict=True):
        identity = record.id if record else _new_id(component.component.id, stretch[0], taken)
        taken.add(identity)
        found.append(_incident(component, classified, (identity, record, stretch), as_of))
    return found


def _new_id(component: str, started_at: int, taken: Collection[str]) -> str:
    """The component and the start in UTC seconds, with a number where that is taken."""
    name = f"{component}-{to_datetime(started_at):%Y%m%dT%H%M%SZ}"
    numbered = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _recorded(stretches: Sequence[Stretch], records: Sequence[IncidentRecord]) -> list[IncidentRecord | None]:
    """For each stretch the first record that is about it: one of downtime that it shares an instant with."""
    free = list(records)
    found: list[IncidentRecord | None] = []
    for start, end in stretches:
        about = [one for one in free if one.detected_at >= start and (end is None or one.started_at < end)]
        found.append(about[0] if about else None)
        free = [one for one in free if one not in about[:1]]
    return found


def _stretches(component: ComponentTimeline, as_of: int) -> Iterator[Stretch]:
    """(start, end) of each maximal stretch of down; end None where no known other state followed by as_of."""
    if component.alive_from is None:
        return
    until = as_of if component.alive_until is None else min(as_of, component.alive_until)
    started: int | None = None
    for start, _end, state in component.state.intervals(component.alive_from, until):
        if state is State.DOWN and started is None:
            started = start
        elif started is not None and state in {State.UP, State.DEGRADED}:
            yield started, start
            started = None
    if started is not None:
        yield started, until if until < as_of else None


def _incident(
    component: ComponentTimeline, classified: Timeline, told: tuple[str, IncidentRecord | None, Stretch], as_of: int
) -> MeasuredIncident:
    identity, record, (started_at, ended_at) = told
    until = as_of if ended_at is None else ended_at
    counted = component.era_at(started_at).counted
    shown, reach = (
        _shown(started_at, until, as_of),
        max((c.check.counting.max_staleness_ms for c in counted), default=0),
    )
    span = min(shown[0], started_at - reach), max(shown[1], min(started_at + reach, as_of))
    closed = record.closed if record and (record.started_at, _end_of(record)) == (started_at, ended_at) else None
    kept = closed is not None and component.kept.touched(*span)
    return MeasuredIncident(
        id=identity,
        component=component.component.id,
        started_at=started_at,
        ended_at=ended_at,
        down_ms=classified.spent_in(DOWN, started_at, until),
        findings=_kept(closed) if closed and kept else findings_of(component, counted, (started_at, until)),
        shown=shown,
        span=span,
        record=record,
        kept=kept,
    )


def _end_of(record: IncidentRecord) -> int | None:
    return record.closed.ended_at if record.closed else None


def _shown(started_at: int, until: int, as_of: int) -> tuple[int, int]:
    """The incident with a tenth of its length (at least five minutes) on either side."""
    margin = max(LANE_MARGIN_MS, (until - started_at) // 10)
    return started_at - margin, min(until + margin, as_of)


def _kept(closed: ClosedIncident) -> Findings:
    return Findings(
        closed.detected_at, closed.last_ok_at, closed.last_fail_at, closed.locations, closed.asked, closed.codes
    )
