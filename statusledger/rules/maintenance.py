"""MaintenanceSoon, MaintenanceStarted and MaintenanceEnded: windows that come, begin and end, told once each.

A window is told by its start: one that is moved is told anew. One that is taken back is told to whoever was told of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from statusledger import words
from statusledger.clock import format_duration, to_datetime
from statusledger.config.alerting import MaintenanceSoonBlock
from statusledger.model import Level, State
from statusledger.rules.alert import Alert, key
from statusledger.rules.news import FRESH_MS, REMEMBERED_MS
from statusledger.rules.outlook import Outlook, brief, plain, together
from statusledger.rules.told import Planned

SOON, STARTED, ENDED = "MaintenanceSoon", "MaintenanceStarted", "MaintenanceEnded"
COUNTS_NOT = "It was not announced in time: what fails in it counts as downtime."


def maintenance(outlook: Outlook) -> Iterator[Alert]:
    """What is to be told of every window around now."""
    soon = outlook.rules.maintenance_soon
    before = soon.before if isinstance(soon, MaintenanceSoonBlock) else 0
    for plan in outlook.situation.plans:
        if plan.starts_at - before <= outlook.as_of < plan.ends_at + REMEMBERED_MS:
            yield _cancelled(outlook, plan) if plan.cancelled else _told(outlook, plan)


def _told(outlook: Outlook, plan: Planned) -> Alert:
    if outlook.as_of < plan.starts_at:
        ahead = plain(words.duration(plan.starts_at - outlook.as_of))
        return _alert(outlook, plan, SOON, f"Maintenance in {ahead}: {plan.title}", _span(outlook, plan),
                      until=plan.starts_at)  # fmt: skip
    if outlook.as_of < plan.ends_at:
        return _alert(outlook, plan, STARTED, f"Maintenance has begun: {plan.title}", _span(outlook, plan),
                      until=plan.ends_at)  # fmt: skip
    late = "Something is still down since then, and that counts." if plan.overran else "What fails from now on counts."
    return _alert(
        outlook,
        plan,
        ENDED,
        f"Maintenance is over: {plan.title}",
        f"{_span(outlook, plan)}\n{late}",
        until=plan.ends_at + FRESH_MS,
        ended_at=plan.ends_at,
        answers=(_key(outlook, plan, STARTED),),
    )


def _cancelled(outlook: Outlook, plan: Planned) -> Alert:
    """For nobody but those who were told that it comes, or that it began."""
    told = f"{_span(outlook, plan)}\nIt was taken back: whatever fails counts."
    answers = (_key(outlook, plan, SOON), _key(outlook, plan, STARTED))
    return _alert(outlook, plan, ENDED, f"Maintenance is cancelled: {plan.title}", told,
                  until=outlook.as_of, ended_at=outlook.as_of, answers=answers)  # fmt: skip


def _alert(outlook: Outlook, plan: Planned, rule: str, headline: str, reason: str, **changes: Any) -> Alert:
    named = [outlook.situation.subjects[one] for one in plan.components if one in outlook.situation.subjects]
    about = outlook.about(named[0]) if len(named) == 1 == len(plan.components) else {}
    return Alert(
        rule=rule,
        severity=Level.INFO,
        subject=plan.id,
        episode=_stamp(plan),
        name=plan.title,
        since=plan.starts_at,
        headline=headline,
        reason=reason,
        lasting=False,
        **{**outlook.about_all(named), **about, "state": State.MAINTENANCE, **changes},
    )


def _key(outlook: Outlook, plan: Planned, rule: str) -> str:
    return key(outlook.since, rule, plan.id, _stamp(plan))


def _stamp(plan: Planned) -> str:
    return f"{to_datetime(plan.starts_at):%Y%m%dT%H%M%SZ}"


def _span(outlook: Outlook, plan: Planned) -> str:
    length = format_duration((plan.ends_at - plan.starts_at) // 1000 * 1000)
    span = f"{outlook.moment(plan.starts_at)} to {outlook.moment(plan.ends_at)} ({length}), affects "
    lines = [span + together(plan.names) + ".", brief(plan.summary), "" if plan.counts else COUNTS_NOT]
    return "\n".join(filter(None, lines))
