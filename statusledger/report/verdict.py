"""The first thing a reader sees: what is affected, or that nothing is known, in words that stay true as they age."""

from __future__ import annotations

from collections.abc import Sequence

from statusledger import words
from statusledger.clock import local_date, to_datetime
from statusledger.language import Later, gettext, later, ngettext
from statusledger.model import Shown, State
from statusledger.report.records import ComponentReport, MonitorReport, Verdict

# Worst first: the banner takes the first state that any component is in.
GRAVITY = (Shown.MAJOR, Shown.PARTIAL, Shown.DEGRADED, Shown.NODATA, Shown.MAINTENANCE, Shown.OPERATIONAL)
NAMED = 2


def worst(components: Sequence[ComponentReport]) -> Shown:
    """The gravest of their states; no data where there is none. A paused one says nothing unless all are."""
    return min((one.shown for one in components if not one.paused), key=GRAVITY.index, default=Shown.NODATA)


def verdict(components: Sequence[ComponentReport], monitor: MonitorReport, *, zone: str, as_of: int) -> Verdict:
    """What the banner says of these components."""
    measured_at = monitor.last_measured_at
    if monitor.offline:
        return Verdict(Shown.NODATA, later(_offline), (later(_offline_line, measured_at, zone),))
    if measured_at is None:
        return Verdict(Shown.NODATA, later(_nothing), (later(_nothing_line),))
    if monitor.stale:
        return Verdict(Shown.NODATA, later(_old, as_of - measured_at), (later(_old_line, measured_at, zone),))
    shown = worst(components)
    paused = tuple(component.name for component in components if component.paused)
    watched = [component for component in components if not component.paused] or components
    aside = (later(_paused_line, paused),) if paused and watched is not components else ()
    if shown is Shown.OPERATIONAL:
        hit = tuple(component.name for component in watched if _down_today(component, zone, as_of))
        return Verdict(shown, later(_all_operational), (later(_all_operational_line, len(watched), hit), *aside))
    affected = tuple(component.name for component in watched if component.shown is shown)
    return Verdict(shown, later(_affected, affected, shown), (*_rest(watched, shown), *aside))


def _down_today(component: ComponentReport, zone: str, as_of: int) -> bool:
    days = component.days
    return bool(days) and days[-1].date == local_date(as_of, zone) and days[-1].down_ms > 0


# --- in words ------------------------------------------------------------------------------------


def _offline() -> str:
    return gettext("The monitor is offline")


def _offline_line(measured_at: int | None, zone: str) -> str:
    line = gettext("The probe could not reach its own reference hosts, so nothing is known of the services.")
    if measured_at is None:
        return line
    return " ".join((line, gettext("Last measured %(time)s.", time=_moment(measured_at, zone))))


def _nothing() -> str:
    return gettext("Nothing has been measured yet")


def _nothing_line() -> str:
    return gettext("No probe has reported a result so far.")


def _old(age_ms: int) -> str:
    return gettext("Data is %(age)s old", age=words.age(age_ms))


def _old_line(measured_at: int, zone: str) -> str:
    return gettext("Last measured %(time)s. What happened since is not known.", time=_moment(measured_at, zone))


def _all_operational() -> str:
    return gettext("All systems operational")


def _all_operational_line(count: int, hit: Sequence[str]) -> str:
    if not hit:
        return ngettext(
            "%(count)s component, none with downtime today.", "%(count)s components, none with downtime today.", count
        )
    return ngettext(
        "%(count)s component; %(names)s had downtime today.",
        "%(count)s components; %(names)s had downtime today.",
        count,
        names=_names(hit),
    )


def _affected(names: Sequence[str], shown: Shown) -> str:
    return gettext("%(names)s: %(state)s", names=_names(names), state=words.SHOWN_PHRASES[shown])


def _paused_line(names: Sequence[str]) -> str:
    state = words.STATE_PHRASES[State.INACTIVE]
    return gettext("%(names)s: %(state)s.", names=_names(names), state=state)


def _rest(components: Sequence[ComponentReport], shown: Shown) -> tuple[Later, ...]:
    """One line: who else is in another state than operational, and how many are fine; none where there is no one."""
    others = []
    for state in GRAVITY[GRAVITY.index(shown) + 1 : -1]:
        names = tuple(component.name for component in components if component.shown is state)
        if names:
            others.append((state, names))
    fine = sum(component.shown is Shown.OPERATIONAL for component in components)
    return (later(_rest_line, tuple(others), fine),) if others or fine else ()


def _rest_line(others: Sequence[tuple[Shown, Sequence[str]]], fine: int) -> str:
    sentences = [
        gettext("%(names)s: %(state)s.", names=_names(names), state=words.SHOWN_PHRASES[state])
        for state, names in others
    ]
    if fine:
        sentences.append(
            ngettext("The other component is operational.", "The other %(count)s components are operational.", fine)
        )
    return " ".join(sentences)


def _names(names: Sequence[str]) -> str:
    """`API`, `API and Search`, `API, Search and 2 more`."""
    if len(names) <= 1:
        return "".join(names)
    first, second = names[:NAMED]
    more = len(names) - NAMED
    if not more:
        return words.both(first, second)
    return ngettext(
        "%(first)s, %(second)s and %(count)s more",
        "%(first)s, %(second)s and %(count)s more",
        more,
        first=first,
        second=second,
    )


def _moment(instant: int, zone: str) -> str:
    moment = to_datetime(instant, zone)
    return words.dated(words.full_day(moment.date()), f"{moment:%H:%M} {moment.tzname()}")
