"""Files and measured incidents -> incidents as readers are told of them: one for each file, one for each other outage.

A file changes words: title, trail, severity, cause. What was measured stays beside what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from statusledger import words
from statusledger.clock import Period
from statusledger.errors import Problem
from statusledger.incident_files import Impact, IncidentFile
from statusledger.incident_files.rendering import to_text
from statusledger.incidents import MeasuredIncident, response_due, severity
from statusledger.incidents.dependencies import by_themselves, needed, opened, several
from statusledger.incidents.joining import join
from statusledger.incidents.told import known_at, told_down_ms, told_states
from statusledger.language import Text, gettext, later
from statusledger.model import IncidentStatus, Severity, State, Tier
from statusledger.report.evaluated import Evaluated
from statusledger.report.incidents import lanes, measured_report
from statusledger.report.records import Affected, Change, IncidentReport, Interval, Response, Update
from statusledger.timeline import Timeline
from statusledger.timeline.steps import BEGINNING

BADNESS = (State.UP, State.DEGRADED, State.DOWN)


@dataclass(frozen=True, slots=True)
class Telling:
    """What incidents are told from: the public components, when several of them were down, and the rules of the clock.

    An outage of less than `after_ms` is not told; `zone` rules the response clock. `alone` says of each component when
    it was down and nothing that it needs was, `needed_by` what needs it, directly or not, in the order of the page.
    With `lanes` what each location saw is told as well.
    """

    public: Mapping[str, Evaluated]
    alone: Mapping[str, Timeline]
    several: Timeline
    after_ms: int
    zone: str
    as_of: int
    needed_by: Mapping[str, Sequence[str]]
    lanes: bool

    def name(self, component: str) -> str:
        """What readers call it; one that is no longer configured stands for itself."""
        return self.public[component].component.name if component in self.public else component

    def tier(self, component: str) -> Tier | None:
        """How much it matters."""
        return self.public[component].component.tier if component in self.public else None


def telling(public: Mapping[str, Evaluated], *, after_ms: int, zone: str, as_of: int, lanes: bool = True) -> Telling:
    """What the incidents of these components are told from."""
    depends_on = _depends_on(public)
    needed_by: dict[str, list[str]] = {}
    for name in public:
        for other in needed(name, depends_on):
            needed_by.setdefault(other, []).append(name)
    alone = down_alone(public)
    return Telling(public, alone, several(alone.values()), after_ms, zone, as_of, needed_by, lanes)


def down_alone(public: Mapping[str, Evaluated]) -> Mapping[str, Timeline]:
    """Component -> when it was counted down and nothing that it needs was."""
    return by_themselves({name: one.classified for name, one in public.items()}, _depends_on(public))


def _depends_on(public: Mapping[str, Evaluated]) -> Mapping[str, Sequence[str]]:
    return {name: one.component.depends_on for name, one in public.items()}


def opened_incidents(
    public: Mapping[str, Evaluated], alone: Mapping[str, Timeline], *, after_ms: int, as_of: int
) -> dict[str, tuple[MeasuredIncident, ...]]:
    """Component -> its measured incidents that are told; `alone` as `down_alone` gives it."""
    return {
        name: tuple(opened(one.incidents, alone[name], after_ms=after_ms, as_of=as_of)) for name, one in public.items()
    }


def incident_reports(source: Telling, told: Sequence[IncidentFile]) -> tuple[IncidentReport, ...]:
    """Every incident that is told, newest first."""
    by_component = opened_incidents(source.public, source.alone, after_ms=source.after_ms, as_of=source.as_of)
    opened_ids = {incident.id for incidents in by_component.values() for incident in incidents}
    files = known_at(told, source.as_of)
    measured = [incident for one in source.public.values() for incident in one.incidents]
    joined = join(files, measured, source.as_of)
    owners = joined.owners
    reports = {
        incident.id: _measured(incident, source, is_opened=incident.id in opened_ids)
        for incident in measured
        if incident.id in opened_ids or incident.id in owners
    }
    alone = [report for identity, report in reports.items() if identity not in owners]
    from_files = [_from_file(one, [reports[covered.id] for covered in joined.covered[one.id]], source) for one in files]
    return tuple(sorted([*alone, *from_files], key=lambda incident: (-incident.started_at, incident.id)))


def unknown_covers(source: Telling, told: Sequence[IncidentFile]) -> Iterator[Problem]:
    """What files say to cover that was never measured: they are told without it."""
    measured = {incident.id for one in source.public.values() for incident in one.incidents}
    for one in known_at(told, source.as_of):
        for name in one.covers or ():
            if name not in measured:
                yield Problem(one.file, 0, 0, "covers", f"no measured incident '{name}'; it is told without that one")


# --- measured -----------------------------------------------------------------------------------


def _measured(incident: MeasuredIncident, source: Telling, *, is_opened: bool) -> IncidentReport:
    one = source.public[incident.component]
    report = measured_report(one, incident, source.several, source.zone, source.as_of)
    told_lanes = lanes(one, incident) if source.lanes else ()
    affected = Affected(
        component=incident.component,
        name=one.component.name,
        intervals=(Interval(incident.started_at, incident.ended_at, State.DOWN),),
        down_ms=incident.down_ms,
    )
    return replace(
        report,
        impact=_impact([affected], source),
        affected=(affected,),
        dependents=tuple(_dependents(incident, source)),
        response=_response(report.response_due_at, None, report.ended_at, source.as_of),
        is_opened=is_opened,
        lanes=told_lanes,
    )


def _dependents(incident: MeasuredIncident, source: Telling) -> Iterator[Affected]:
    """The components that need this one and went down with it."""
    for name in source.needed_by.get(incident.component, ()):
        one = source.public[name]
        stretches = [other for other in one.incidents if _overlap(incident, other)]
        if stretches:
            intervals = tuple(Interval(other.started_at, other.ended_at, State.DOWN) for other in stretches)
            yield Affected(name, one.component.name, intervals, sum(other.down_ms for other in stretches))


def _overlap(one: MeasuredIncident, other: MeasuredIncident) -> bool:
    first, second = sorted((one, other), key=lambda incident: incident.started_at)
    return first.ended_at is None or second.started_at < first.ended_at


# --- told by a file -----------------------------------------------------------------------------


def _from_file(one: IncidentFile, covered: Sequence[IncidentReport], source: Telling) -> IncidentReport:
    """The incident as the file tells it, with what it covers."""
    affected = tuple(_affected(one, covered, source))
    level = one.severity or _severity(affected, covered, source)
    detected_at = min((report.detected_at for report in covered), default=one.started_at)
    due_at = response_due(detected_at, level, source.zone)
    response_at = one.updates[0].at if one.updates else None
    lasts = one.resolved_at is None or any(report.lasts for report in covered)
    only = covered[0] if len(covered) == 1 else None
    return IncidentReport(
        id=one.id,
        title=one.title,
        component=affected[0].component,
        component_name=later(words.together, tuple(part.name for part in affected)),
        severity=level,
        status=_status(one, lasts=lasts),
        started_at=one.started_at,
        detected_at=detected_at,
        ended_at=None if lasts else one.resolved_at,
        down_ms=sum(part.down_ms for part in affected),
        response_due_at=due_at,
        last_ok_at=only.last_ok_at if only else None,
        last_fail_at=only.last_fail_at if only else None,
        locations=tuple(sorted({name for report in covered for name in report.locations})),
        codes=tuple(dict.fromkeys(code for report in covered for code in report.codes)),
        updates=_updates(one, covered, source),
        lanes=only.lanes if only else (),
        lanes_from=only.lanes_from if only else one.started_at,
        lanes_to=only.lanes_to if only else one.started_at,
        file=one.file,
        detected=one.detected,
        counts=one.counts,
        impact=one.impact or _impact(affected, source),
        affected=affected,
        dependents=_others(affected, covered),
        covered=tuple(covered),
        root_cause=one.root_cause,
        summary=one.summary,
        postmortem=one.postmortem,
        response_at=response_at,
        response=_response(due_at, response_at, None if lasts else one.resolved_at, source.as_of),
    )


def _affected(one: IncidentFile, covered: Sequence[IncidentReport], source: Telling) -> Iterator[Affected]:
    """Every component that the file or what it covers names, with what is told and what counts."""
    spans = told_states(one)
    measured: Counter[str] = Counter()
    for report in covered:
        measured[report.component] += report.down_ms
    for name in dict.fromkeys([*spans, *measured]):
        told = tuple(Interval(start, end, state) for start, end, state in spans.get(name, ()))
        intervals = told or tuple(
            part for report in covered for part in report.affected[0].intervals if report.component == name
        )
        told_ms = told_down_ms(one, name, source.as_of) if told else None
        down_ms = measured[name] + _reported_ms(one, name, source)
        yield Affected(name, source.name(name), intervals, down_ms, told_ms)


def _reported_ms(one: IncidentFile, component: str, source: Telling) -> int:
    """The downtime that the file adds to what was measured of a component."""
    subject = source.public.get(component)
    if subject is None or not any(report.incident == one.id for report in subject.reported):
        return 0
    everything = Period("", BEGINNING, source.as_of)
    return sum(part.down_ms for part in subject.downtimes(everything) if part.id == one.id)


def _severity(affected: Sequence[Affected], covered: Sequence[IncidentReport], source: Telling) -> Severity:
    """The worst of what it covers, and of what the file says: two components down, a tier down, or degraded."""
    levels = [report.severity for report in covered]
    down = [part for part in affected if part.worst is State.DOWN]
    levels += [severity(source.tier(part.component), several_down=len(down) > 1) for part in down]
    if any(part.worst is State.DEGRADED for part in affected):
        levels.append(Severity.P3)
    return min(levels, default=Severity.P4)


def _impact(affected: Sequence[Affected], source: Telling) -> Impact:
    """From its worst component: degraded minor, down major, several or a critical tier down critical."""
    down = [part for part in affected if part.worst is State.DOWN]
    if len(down) > 1 or any(source.tier(part.component) is Tier.CRITICAL for part in down):
        return Impact.CRITICAL
    if down:
        return Impact.MAJOR
    return Impact.MINOR if any(part.worst is State.DEGRADED for part in affected) else Impact.NONE


def _status(one: IncidentFile, *, lasts: bool) -> IncidentStatus:
    """Where it stands; what is still measured as down is not resolved, whatever a file says."""
    if not lasts:
        return IncidentStatus.RESOLVED
    newest = IncidentStatus(one.updates[-1].status) if one.updates else IncidentStatus.INVESTIGATING
    return IncidentStatus.MONITORING if newest is IncidentStatus.RESOLVED or one.resolved_at else newest


def _response(due_at: int, answered_at: int | None, ended_at: int | None, as_of: int) -> Response:
    if answered_at is not None:
        return Response.MET if answered_at <= due_at else Response.MISSED
    if ended_at is not None and ended_at <= due_at:
        return Response.NOT_NEEDED
    return Response.DUE if as_of <= due_at else Response.MISSED


def _others(affected: Sequence[Affected], covered: Sequence[IncidentReport]) -> tuple[Affected, ...]:
    """The dependents of what it covers, as far as the file does not name them itself."""
    named = {part.component for part in affected}
    found = {part.component: part for report in covered for part in report.dependents}
    return tuple(part for name, part in found.items() if name not in named)


# --- the trail ----------------------------------------------------------------------------------


def _updates(one: IncidentFile, covered: Sequence[IncidentReport], source: Telling) -> tuple[Update, ...]:
    """What people wrote and what was measured, oldest first; people have the word where both speak at one instant."""
    written = {update.at: update for update in _written(one, source)}
    measured = {at: update for at, update in _measured_updates(covered).items() if at not in written}
    return tuple(update for _, update in sorted({**measured, **written}.items()))


def _written(one: IncidentFile, source: Telling) -> Iterator[Update]:
    states = dict(one.components)
    for update in one.updates:
        changes = update.components
        if update.status is IncidentStatus.RESOLVED:
            changes = {**dict.fromkeys(states, State.UP), **changes}
        yield Update(
            at=update.at,
            status=IncidentStatus(update.status),
            text=to_text(update.text),
            markdown=update.text,
            changes=tuple(
                Change(name, source.name(name), states.get(name, State.UP), state) for name, state in changes.items()
            ),
        )
        states.update(changes)
    if one.resolved_at is not None and all(update.status is not IncidentStatus.RESOLVED for update in one.updates):
        yield Update(one.resolved_at, IncidentStatus.RESOLVED, "", markdown="")


def _measured_updates(covered: Sequence[IncidentReport]) -> dict[int, Update]:
    """The trails of what is covered as one; the end of an outage does not resolve what people are still working on."""
    names = {report.component for report in covered}
    found: dict[int, Update] = {}
    for report in covered:
        for update in report.updates:
            text = later(_of, report.component_name, update.text) if len(names) > 1 else update.text
            if update.at in found:
                text = later(_one_below_the_other, found[update.at].text, text)
            status = IncidentStatus.MONITORING if update.status is IncidentStatus.RESOLVED else update.status
            found[update.at] = replace(update, status=status, text=text)
    return found


def _of(name: str, text: Text) -> str:
    return gettext("%(name)s: %(text)s", name=name, text=str(text))


def _one_below_the_other(first: Text, second: Text) -> str:
    return f"{first}\n\n{second}"
