"""ServiceDown, MultipleServicesDown and LongOutage: components that are confirmed down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from statusledger.clock import format_duration
from statusledger.config.alerting import LongOutageBlock, ServiceDownBlock
from statusledger.incidents import MeasuredIncident
from statusledger.language import later
from statusledger.model import Level, State
from statusledger.rules.alert import SEVERAL, Alert
from statusledger.rules.outlook import Many, Outage, Outlook, seen, together


def service_down(outlook: Outlook) -> Iterator[Alert]:
    """One alert for every outage that lasts."""
    rule = outlook.rules.service_down
    if isinstance(rule, ServiceDownBlock):
        for outage in outlook.outages.values():
            counted = outage.incident.down_ms
            early = f"counted down for less than {format_duration(rule.after)}" if counted < rule.after else None
            yield _alert(outlook, outage, "ServiceDown", early)


def long_outage(outlook: Outlook) -> Iterator[Alert]:
    """One for every outage that has counted for longer than it should; one for several together."""
    rule = outlook.rules.long_outage
    if not isinstance(rule, LongOutageBlock):
        return
    for outage in outlook.outages.values():
        if outage.incident.down_ms > rule.after:
            yield _alert(outlook, outage, "LongOutage", None)
    found = outlook.many
    if found and outlook.as_of - found.since > rule.after:
        yield Alert("LongOutage", **_several(outlook, found, "have been down for long"))


def multiple(outlook: Outlook) -> Iterator[Alert]:
    """One for all of them."""
    found = outlook.many
    if found:
        yield Alert("MultipleServicesDown", **_several(outlook, found, "are down"))


def _alert(outlook: Outlook, outage: Outage, rule: str, early: str | None) -> Alert:
    one, incident = outage.subject, outage.incident
    name, since = one.component.name, incident.started_at
    what = "is down" if rule == "ServiceDown" else f"has been down for {outlook.lasted(since)}"
    return Alert(
        rule=rule,
        severity=Level.CRITICAL,
        subject=one.component.id,
        name=name,
        since=since,
        headline=f"{name} {what}",
        reason=later(_since, outlook, incident),
        episode=incident.id,
        locations=incident.locations,
        codes=incident.findings.codes,
        held=outlook.held(one) or early or outlook.replaced(one.component.id),
        frozen=outage.frozen,
        failed_at=outage.failed_at,
        **outlook.about(one),
    )


def _since(outlook: Outlook, incident: MeasuredIncident) -> str:
    since = f"{outlook.moment(incident.started_at)} ({outlook.lasted(incident.started_at)})"
    return f"Down since {since}{seen(incident.locations, incident.findings.codes)}."


def _several(outlook: Outlook, found: Many, what: str) -> dict[str, Any]:
    names = [outage.subject.component.name for outage in found.outages]
    since = f"At least {found.least} at once since {outlook.moment(found.since)} ({outlook.lasted(found.since)})"
    each = [f"{one.subject.component.name} since {outlook.moment(one.incident.started_at)}" for one in found.outages]
    return {
        "severity": Level.CRITICAL,
        "subject": SEVERAL,
        "name": f"{len(names):,} components",
        "since": found.since,
        "headline": f"{together(names)} {what}",
        "reason": f"{since}: {together(each, 5)}.",
        "locations": tuple(sorted({place for outage in found.outages for place in outage.incident.locations})),
        "codes": _codes(found.outages),
        "state": State.DOWN,
        "frozen": found.frozen,
        **outlook.about_all([outage.subject for outage in found.outages]),
    }


def _codes(outages: Sequence[Outage]) -> tuple[str, ...]:
    """The error codes of all of them, the most frequent first."""
    codes = [code for outage in outages for code in outage.incident.findings.codes]
    return tuple(sorted(set(codes), key=lambda code: (-codes.count(code), code)))
