"""Incidents that open and close, maintenance that comes, begins and ends: told once each, as information."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from statusledger import words
from statusledger.clock import DAY_MS, format_duration
from statusledger.config.alerting import MaintenanceSoonBlock
from statusledger.incidents import MeasuredIncident
from statusledger.model import Level, Maintenance, State
from statusledger.rules.alert import Alert, Watched, key
from statusledger.rules.outlook import Outlook, plain, seen, together

FRESH_MS = DAY_MS
"""How long something that is over is still news to whoever was not told that it began."""
REMEMBERED_MS = 7 * DAY_MS


def incidents(outlook: Outlook) -> Iterator[Alert]:
    """IncidentOpened while a measured incident lasts, IncidentResolved once it is over."""
    after_ms = outlook.situation.config.incidents_after_ms
    for one in outlook.situation.subjects.values():
        for incident in one.incidents:
            ended = incident.ended_at
            if incident.down_ms >= after_ms and (ended is None or ended > outlook.as_of - REMEMBERED_MS):
                yield _opened(outlook, one, incident) if ended is None else _resolved(outlook, one, incident)


def _opened(outlook: Outlook, one: Watched, incident: MeasuredIncident) -> Alert:
    told = f"Measured as down since {outlook.moment(incident.started_at)}"
    return Alert(
        rule="IncidentOpened",
        headline=f"Incident: {one.component.name} is down",
        reason=f"{told}{seen(incident.locations, incident.findings.codes)}.",
        held=outlook.excuse(one.component.id),
        **_of(outlook, one, incident),
    )


def _resolved(outlook: Outlook, one: Watched, incident: MeasuredIncident) -> Alert:
    ended = incident.ended_at or outlook.as_of
    lasted = plain(words.duration(incident.down_ms))
    return Alert(
        rule="IncidentResolved",
        headline=f"Incident over: {one.component.name} was down for {lasted}",
        reason=f"Down from {outlook.moment(incident.started_at)} to {outlook.moment(ended)}; {lasted} count.",
        until=ended + FRESH_MS,
        ended_at=ended,
        answers=key(outlook.situation.config.page.since, "IncidentOpened", one.component.id, incident.id),
        **_of(outlook, one, incident),
    )


def _of(outlook: Outlook, one: Watched, incident: MeasuredIncident) -> dict[str, Any]:
    return {
        "severity": Level.INFO,
        "subject": one.component.id,
        "name": one.component.name,
        "since": incident.started_at,
        "episode": incident.id,
        "locations": incident.locations,
        "codes": incident.findings.codes,
        "lasting": False,
        **outlook.about(one),
    }


# --- maintenance --------------------------------------------------------------------------------


def maintenance(outlook: Outlook) -> Iterator[Alert]:
    """MaintenanceSoon, MaintenanceStarted or MaintenanceEnded of every window around now."""
    soon = outlook.rules.maintenance_soon
    before = soon.before if isinstance(soon, MaintenanceSoonBlock) else 0
    for plan in outlook.situation.plans:
        if plan.cancelled or not plan.starts_at - before <= outlook.as_of < plan.ends_at + REMEMBERED_MS:
            continue
        if outlook.as_of < plan.starts_at:
            yield _soon(outlook, plan)
        elif outlook.as_of < plan.ends_at:
            yield _started(outlook, plan)
        else:
            yield _ended(outlook, plan)


def _soon(outlook: Outlook, plan: Maintenance) -> Alert:
    ahead = plain(words.duration(plan.starts_at - outlook.as_of))
    return Alert(
        rule="MaintenanceSoon",
        headline=f"Maintenance in {ahead}: {plan.title}",
        reason=_span(outlook, plan),
        until=plan.starts_at,
        **_of_plan(outlook, plan),
    )


def _started(outlook: Outlook, plan: Maintenance) -> Alert:
    return Alert(
        rule="MaintenanceStarted",
        headline=f"Maintenance has begun: {plan.title}",
        reason=_span(outlook, plan),
        until=plan.ends_at,
        **_of_plan(outlook, plan),
    )


def _ended(outlook: Outlook, plan: Maintenance) -> Alert:
    return Alert(
        rule="MaintenanceEnded",
        headline=f"Maintenance is over: {plan.title}",
        reason=f"{_span(outlook, plan)} What fails from now on counts again.",
        until=plan.ends_at + FRESH_MS,
        ended_at=plan.ends_at,
        answers=key(outlook.situation.config.page.since, "MaintenanceStarted", plan.id),
        **_of_plan(outlook, plan),
    )


def _of_plan(outlook: Outlook, plan: Maintenance) -> dict[str, Any]:
    named = [one for one in outlook.situation.subjects.values() if _names(outlook, plan, one)]
    about = outlook.about(named[0]) if len(named) == 1 == len(plan.components) else {}
    return {
        "severity": Level.INFO,
        "subject": plan.id,
        "name": plan.title,
        "since": plan.starts_at,
        "lasting": False,
        **outlook.about_all(named),
        **about,
        "state": State.MAINTENANCE,
    }


def _names(outlook: Outlook, plan: Maintenance, one: Watched) -> bool:
    """Whether the window covers the component: by its own id, its group's, a service's, or with all others."""
    services = [
        service.id
        for service in outlook.situation.config.services
        if any(member.component == one.component.id for member in service.members)
    ]
    return not {"*", one.component.id, one.component.group, *services}.isdisjoint(plan.components)


def _span(outlook: Outlook, plan: Maintenance) -> str:
    affected = "everything" if "*" in plan.components else together(plan.components)
    length = format_duration((plan.ends_at - plan.starts_at) // 1000 * 1000)
    return f"{outlook.moment(plan.starts_at)} to {outlook.moment(plan.ends_at)} ({length}), affects {affected}."
