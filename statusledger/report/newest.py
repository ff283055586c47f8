"""What readers are told of incidents and maintenance -> the part of it that is news, as rules look at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from statusledger.clock import DAY_MS
from statusledger.config import Config
from statusledger.config.alerting import MaintenanceSoonBlock
from statusledger.incident_files import MaintenanceFile
from statusledger.incident_files.rendering import to_text
from statusledger.model import State
from statusledger.report.evaluated import Evaluated
from statusledger.report.filed import Filed
from statusledger.report.maintenance import Planning, maintenance_reports
from statusledger.report.planned import Counts, MaintenanceReport
from statusledger.report.records import IncidentReport
from statusledger.report.telling import incident_reports, telling
from statusledger.rules.news import POSTMORTEM_MS
from statusledger.rules.told import News, Planned, Story

AROUND_MS = 8 * DAY_MS
"""How far windows are looked at on either side of now; MaintenanceSoon may ask for more ahead."""
BADNESS = (State.UP, State.DEGRADED, State.DOWN)


def newest_stories(config: Config, subjects: Mapping[str, Evaluated], filed: Filed, as_of: int) -> list[Story]:
    """The incidents that last or ended of late; older ones are not even looked at."""
    since = as_of - POSTMORTEM_MS
    first = min(
        (each.started_at for one in _ended_since(subjects, since).values() for each in one.incidents), default=since
    )
    files = [one for one in filed.incidents if _is_late(one.resolved_at, min(first, since))]
    known = _ended_since(subjects, min([since, *(one.started_at for one in files)]))
    source = telling(known, after_ms=config.incidents_after_ms, zone=config.sla.terms.zone, as_of=as_of, lanes=False)
    return stories(incident_reports(source, files), as_of)


def _ended_since(subjects: Mapping[str, Evaluated], since: int) -> dict[str, Evaluated]:
    """The same subjects with the incidents that last or ended after an instant."""
    late = {
        name: tuple(each for each in one.incidents if _is_late(each.ended_at, since)) for name, one in subjects.items()
    }
    return {
        name: one if len(late[name]) == len(one.incidents) else replace(one, incidents=late[name])
        for name, one in subjects.items()
    }


def stories(incidents: Iterable[IncidentReport], as_of: int) -> list[Story]:
    """Those of these incidents that last or ended of late."""
    return [_story(one) for one in incidents if _is_late(one.ended_at, as_of - POSTMORTEM_MS)]


def _is_late(ended_at: int | None, since: int) -> bool:
    return ended_at is None or ended_at > since


def _story(one: IncidentReport) -> Story:
    components = one.affected
    worst = max((part.worst for part in components), key=BADNESS.index, default=State.DOWN)
    return Story(
        id=one.id,
        title=str(one.title),
        components=tuple(part.component for part in components) or (one.component,),
        names=tuple(part.name for part in components) or (str(one.component_name),),
        severity=one.severity,
        status=one.status,
        state=worst,
        started_at=one.started_at,
        ended_at=one.ended_at,
        down_ms=one.down_ms,
        written=one.file is not None,
        covered=tuple((part.component, part.id) for part in one.covered),
        news=tuple(News(each.at, each.status, str(each.text)) for each in one.updates if each.markdown is not None),
        locations=one.locations,
        codes=one.codes,
        root_cause=one.root_cause,
        postmortem=None if one.postmortem is None else to_text(one.postmortem),
    )


# --- maintenance --------------------------------------------------------------------------------


def newest_plans(config: Config, subjects: Mapping[str, Evaluated], filed: Filed, as_of: int) -> list[Planned]:
    """The windows around now, the earliest first."""
    if filed.announced is None:
        return []
    span = around(config, as_of)
    near = [one for one in filed.maintenance if _may_be_near(one, span)]
    source = Planning(config, subjects, filed.announced, filed.plans)
    return plans(maintenance_reports(source, near), span)


def around(config: Config, as_of: int) -> tuple[int, int]:
    """The span of which windows may be told."""
    soon = config.alerts.rules.maintenance_soon
    ahead = soon.before if isinstance(soon, MaintenanceSoonBlock) else 0
    return as_of - AROUND_MS, as_of + max(AROUND_MS, ahead)


def _may_be_near(one: MaintenanceFile, span: tuple[int, int]) -> bool:
    return one.starts_at < span[1] and (one.repeats is not None or one.ends_at > span[0])


def plans(windows: Sequence[MaintenanceReport], span: tuple[int, int]) -> list[Planned]:
    """Those of these windows that share an instant with the span."""
    near = [one for one in windows if one.starts_at < span[1] and one.ends_at > span[0]]
    return [_planned(one) for one in reversed(near)]


def _planned(one: MaintenanceReport) -> Planned:
    return Planned(
        id=one.id,
        title=one.title,
        components=tuple(identity for identity, _ in one.components),
        names=tuple(name for _, name in one.components),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        cancelled=one.cancelled,
        counts=one.counts is Counts.WHOLE,
        overran=one.overran_ms > 0,
        summary=to_text(one.summary),
    )
