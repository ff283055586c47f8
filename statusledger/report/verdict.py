"""The first thing a reader sees: what is affected, or that nothing is known, in words that stay true as they age."""

from __future__ import annotations

from collections.abc import Sequence

from statusledger import words
from statusledger.clock import local_date, to_datetime
from statusledger.model import Shown
from statusledger.report.records import ComponentReport, MonitorReport, Verdict

# Worst first: the banner takes the first state that any component is in.
GRAVITY = (Shown.MAJOR, Shown.PARTIAL, Shown.DEGRADED, Shown.NODATA, Shown.MAINTENANCE, Shown.OPERATIONAL)
NAMED = 2


def worst(shown: Sequence[Shown]) -> Shown:
    """The gravest of the states; no data where there is none."""
    return min(shown, key=GRAVITY.index, default=Shown.NODATA)


def verdict(components: Sequence[ComponentReport], monitor: MonitorReport, *, zone: str, as_of: int) -> Verdict:
    """What the banner says of these components."""
    if monitor.last_measured_at is None and not monitor.offline:
        return Verdict(Shown.NODATA, "Nothing has been measured yet", ("No probe has reported a result so far.",))
    if monitor.offline:
        return _offline(monitor, zone)
    if monitor.stale and monitor.last_measured_at is not None:
        return _stale(monitor.last_measured_at, zone, as_of)
    shown = worst([component.shown for component in components])
    if shown is Shown.OPERATIONAL:
        return Verdict(shown, "All systems operational", (_all_up(components, zone, as_of),))
    affected = [component.name for component in components if component.shown is shown]
    headline = f"{_names(affected)}: {words.SHOWN_PHRASES[shown]}"
    return Verdict(shown, headline, tuple(_rest(components, shown)))


def _offline(monitor: MonitorReport, zone: str) -> Verdict:
    since = "" if monitor.last_measured_at is None else f" Last measured {_moment(monitor.last_measured_at, zone)}."
    line = f"The probe could not reach its own reference hosts, so nothing is known of the services.{since}"
    return Verdict(Shown.NODATA, "The monitor is offline", (line,))


def _stale(measured_at: int, zone: str, as_of: int) -> Verdict:
    line = f"Last measured {_moment(measured_at, zone)}. What happened since is not known."
    return Verdict(Shown.NODATA, f"Data is {words.age(as_of - measured_at)} old", (line,))


def _all_up(components: Sequence[ComponentReport], zone: str, as_of: int) -> str:
    today = local_date(as_of, zone)
    hit = [c.name for c in components if c.days and c.days[-1].date == today and c.days[-1].down_ms]
    count = words.plural(len(components), "component")
    return f"{count}, none with downtime today." if not hit else f"{count}; {_names(hit)} had downtime today."


def _rest(components: Sequence[ComponentReport], shown: Shown) -> list[str]:
    """One line: who else is in another state than operational, and how many are fine."""
    parts = []
    for state in GRAVITY[GRAVITY.index(shown) + 1 : -1]:
        names = [component.name for component in components if component.shown is state]
        if names:
            parts.append(f"{_names(names)}: {words.SHOWN_PHRASES[state]}.")
    fine = sum(component.shown is Shown.OPERATIONAL for component in components)
    if fine == 1:
        parts.append("The other component is operational.")
    elif fine:
        parts.append(f"The other {fine} components are operational.")
    return [" ".join(parts)] if parts else []


def _names(names: Sequence[str]) -> str:
    """`API`, `API and Search`, `API, Search and 2 more`."""
    if len(names) <= NAMED:
        return " and ".join(names)
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


def _moment(instant: int, zone: str) -> str:
    moment = to_datetime(instant, zone)
    return f"{words.full_day(moment.date())}, {moment:%H:%M} {moment.tzname()}"
