"""MonitorStale: nobody measures, or too little is measured for figures to mean much."""

from __future__ import annotations

from collections.abc import Iterator

from statusledger import words
from statusledger.clock import DAY_MS
from statusledger.config.alerting import MonitorStaleBlock
from statusledger.model import Level, Location
from statusledger.rules.alert import Alert
from statusledger.rules.outlook import Outlook, plain

COVERAGE = "coverage"


def monitor_stale(outlook: Outlook) -> Iterator[Alert]:
    """One for every location that is overdue, and one for coverage."""
    rule = outlook.rules.monitor_stale
    if not isinstance(rule, MonitorStaleBlock):
        return
    for location in outlook.situation.config.monitor.locations:
        last = outlook.situation.last_ticks.get(location.id)
        allowed = (location.schedule_ms or 0) * rule.schedules
        if allowed and (last is None or outlook.as_of - last > allowed):
            yield _silent(outlook, location, last, allowed)
    coverage = outlook.situation.coverage
    if coverage is not None and coverage < rule.coverage:
        share = plain(words.percentage(coverage))
        yield Alert(
            rule="MonitorStale",
            severity=Level.WARNING,
            subject=COVERAGE,
            name="Coverage",
            since=outlook.as_of - DAY_MS,
            headline=f"Only {share} of the last 24 h was measured",
            reason=f"Coverage is {share}, less than {plain(words.exact_percentage(rule.coverage))}: "
            "what happened in the rest is unknown.",
        )


def _silent(outlook: Outlook, location: Location, last: int | None, allowed: int) -> Alert:
    since = outlook.as_of if last is None else last
    told = "It has never reported" if last is None else f"Its last tick was {outlook.moment(last)}"
    return Alert(
        rule="MonitorStale",
        severity=Level.WARNING,
        subject=location.id,
        name=location.name,
        since=since,
        headline=f"{location.name} does not report" + ("" if last is None else f" for {outlook.lasted(last)}"),
        reason=f"{told}; expected every {plain(words.interval(location.schedule_ms or 0))}, "
        f"overdue after {plain(words.interval(allowed))}.",
        locations=(location.id,),
    )
