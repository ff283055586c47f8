"""An alert -> the channels that are told of it, by what it is about and by the time of day."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from statusledger.clock import to_datetime
from statusledger.config.alerting import Hours
from statusledger.config.telling import Alerting, Escalation, Route
from statusledger.rules import Alert


def leads(alert: Alert, channel: str, alerting: Alerting, minute: int) -> bool:
    """Whether some route leads an alert to the channel at a minute of the day."""
    return any(channel in route.channels and _fits(route, alert, minute) for route in alerting.routes)


def escalations(alert: Alert, channel: str, alerting: Alerting) -> list[Escalation]:
    """The escalations of an alert that tell the channel."""
    return [step for step in alerting.escalate if channel in step.channels and alert.severity in step.severities]


def minute_of_day(instant: int, zone: str) -> int:
    """The minute of the local day."""
    moment = to_datetime(instant, zone)
    return moment.hour * 60 + moment.minute


def _fits(route: Route, alert: Alert, minute: int) -> bool:
    return (
        _one_of([alert.severity], route.severities)
        and _one_of([alert.component, *alert.members], route.components)
        and _one_of([alert.group, *alert.groups], route.groups)
        and _one_of([alert.tier, *alert.tiers], route.tiers)
        and _one_of(alert.locations, route.locations)
        and (route.hours is None or _within(minute, route.hours))
    )


def _one_of(found: Sequence[object], wanted: Collection[object]) -> bool:
    """Whether nothing in particular is wanted, or one of them is."""
    return not wanted or any(one in wanted for one in found)


def _within(minute: int, hours: Hours) -> bool:
    start, end = hours
    return start <= minute < end if start < end else minute >= start or minute < end
