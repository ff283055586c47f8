"""The page of one component: bars, uptime of five windows, response times, a year of days, what is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import groupby

from markupsafe import Markup

from statusledger import words
from statusledger.language import gettext, markup, ngettext, number, pgettext
from statusledger.model import Shown
from statusledger.outputs import charts, drawings
from statusledger.outputs.times import Times, day_element
from statusledger.outputs.views import budget, evidence, maintenance, response
from statusledger.outputs.views.days import Axis, Bars, axis, bars
from statusledger.outputs.views.evidence import Anchor, Fact
from statusledger.outputs.views.incident import named
from statusledger.report.records import CapturedNumber, CheckReport, ComponentReport, Day, IncidentReport, Report

UPTIME_WINDOWS = ("24h", "7d", "30d", "90d", "365d")
NEWEST_INCIDENTS = 5
MONTHS = 12
LONGEST_WINDOW = 365


@dataclass(frozen=True, slots=True)
class UptimeRow:
    """Uptime of one window with what it rests on."""

    window: str
    uptime: str
    down: str
    unknown: str
    between: str
    coverage: str
    meter: Markup


@dataclass(frozen=True, slots=True)
class MonthView:
    """One month of the year: its name, uptime and cells."""

    key: str
    name: str
    uptime: str
    drawing: Markup


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check in words: pairs of term and description."""

    name: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class IncidentLink:
    """An incident of this component, beside the page's main column."""

    id: str
    title: str
    note: Markup


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything on a component's page."""

    id: str
    name: str
    group: str
    shown: Shown
    headline: str
    description: str | None
    since: Markup
    facts: tuple[Fact, ...]
    bars: Bars
    axis: Axis
    uptime: tuple[UptimeRow, ...]
    first_day: Markup | None
    young: bool
    chart: response.Chart | None
    budget: budget.Budget | None
    months: tuple[MonthView, ...]
    months_zone: str
    checks: tuple[CheckView, ...]
    depends_on: tuple[tuple[str, str], ...]
    incidents: tuple[IncidentLink, ...]
    maintenance: tuple[maintenance.Window, ...]


def detail(component: ComponentReport, report: Report, times: Times) -> Detail:
    """The page of a component of the report."""
    names = evidence.location_names(report.monitor)
    incidents = [entry for entry in report.incidents if entry.concerns(component.id)]
    first = component.days[0].date if component.days else None
    return Detail(
        id=component.id,
        name=component.name,
        group=_group_name(component, report),
        shown=component.shown,
        headline=gettext(
            "%(names)s: %(state)s",
            names=component.name,
            state=words.state_phrase(component.shown, paused=component.paused),
        ),
        description=component.description,
        since=evidence.since(component.since, times),
        facts=_facts(component, names, times),
        bars=bars(component, times, report.told),
        axis=axis(times),
        uptime=_uptime(component),
        first_day=None if first is None else day_element(first, words.full_day(first)),
        young=first is not None and first > times.today - timedelta(days=LONGEST_WINDOW),
        chart=response.chart(component.response_times, times),
        budget=budget.budget(component, report),
        months=_months(component),
        months_zone="" if report.sla_zone == times.zone else report.sla_zone,
        checks=tuple(_check(check, component, names) for check in component.checks),
        depends_on=tuple(
            (key, report.components[key].name) for key in component.depends_on if key in report.components
        ),
        incidents=tuple(_incident(entry, times) for entry in incidents[:NEWEST_INCIDENTS]),
        maintenance=_maintenance(component, report, times),
    )


def _maintenance(component: ComponentReport, report: Report, times: Times) -> tuple[maintenance.Window, ...]:
    """What goes on or is to come for this component."""
    about = [one for one in report.maintenance if component.id in dict(one.components)]
    return (*maintenance.active(about, times), *maintenance.upcoming(about, times))


def _group_name(component: ComponentReport, report: Report) -> str:
    groups = {member.id: group.name for group in report.groups for member in group.components}
    return groups.get(component.id, component.group)


def _facts(component: ComponentReport, names: Mapping[str, str], times: Times) -> tuple[Fact, ...]:
    locations = dict.fromkeys(name for check in component.checks for name in named(check.locations, names))
    return (
        evidence.last_measured(component.last_checked_at, times),
        evidence.measured_from(tuple(locations)),
        _checks_fact(component),
        _promise(component),
    )


def _checks_fact(component: ComponentReport) -> Fact:
    total, failed = component.checks_total.get("24h"), component.checks_failed.get("24h")
    label = gettext("Checks, %(window)s", window=words.window("24h"))
    if total is None:
        return Fact(label, words.DASH, gettext("their raw rows are gone"))
    if not total:
        return Fact(label, number(total), gettext("nothing measured"))
    note = ngettext("%(count)s failed", "%(count)s failed", failed) if failed else gettext("none failed")
    return Fact(label, number(total), note)


def _promise(component: ComponentReport) -> Fact:
    """The target, and how the newest whole month (the running one while there is none) stands to it."""
    newest = sorted(component.months.items(), reverse=True)
    over = [(key, figures) for key, figures in newest if not figures.running]
    target = words.percentage(component.target)
    if not newest:
        return Fact(gettext("Promised"), target, gettext("nothing counted yet"))
    key, figures = (over or newest)[0]
    result = gettext(
        "%(month)s: %(uptime)s, %(result)s",
        month=words.month_name(key),
        uptime=words.percentage(figures.ratio),
        result=words.SLA_PHRASES[figures.status],
    )
    return Fact(gettext("Promised"), target, "", Anchor(result, f"sla/{key}/index.html#statement-{component.id}"))


def _uptime(component: ComponentReport) -> tuple[UptimeRow, ...]:
    rows = []
    for key in UPTIME_WINDOWS:
        figures = component.figures.get(key)
        if figures is None:
            continue
        rows.append(
            UptimeRow(
                window=words.window(key),
                uptime=words.percentage(figures.ratio),
                down=words.duration(figures.down_ms),
                unknown=words.duration(figures.unknown_ms),
                between=words.between(figures.ratio_low, figures.ratio_high),
                coverage=words.percentage(figures.coverage, 2),
                meter=charts.meter(figures.coverage or Fraction(0)),
            )
        )
    return tuple(rows)


# --- a year --------------------------------------------------------------------------------------


def _months(component: ComponentReport) -> tuple[MonthView, ...]:
    """The newest twelve months that have days; the uptime is the one of the month's statement."""
    by_month = [(key, list(days)) for key, days in groupby(component.days, key=lambda day: f"{day.date:%Y-%m}")]
    shown = by_month[-MONTHS:]
    return tuple(_month(key, days, component, first=i == 0) for i, (key, days) in enumerate(shown))


def _month(key: str, days: Sequence[Day], component: ComponentReport, *, first: bool) -> MonthView:
    figures = component.months.get(key)
    begins = days[0].date
    with_year = first or begins.month == 1
    return MonthView(
        key=key,
        name=words.short_month_words(key) if with_year else words.short_month(begins.month),
        uptime=words.percentage(figures.ratio if figures else None),
        drawing=drawings.month(days, f"m-{key}"),
    )


# --- beside the main column ----------------------------------------------------------------------


def _check(check: CheckReport, component: ComponentReport, names: Mapping[str, str]) -> CheckView:
    return CheckView(check.name, tuple(_check_facts(check, component, names)))


def _check_facts(check: CheckReport, component: ComponentReport, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    kind = check.type.upper()
    told = gettext("%(type)s, informational: not counted", type=kind) if check.informational else kind
    yield pgettext("about a check", "Check"), told
    yield pgettext("about a check", "Every"), _every(check, names)
    yield pgettext("about a check", "Down when"), _down_when(check, component)
    if check.warn_ms is not None:
        time = words.milliseconds(check.warn_ms)
        yield pgettext("about a check", "Slow when"), pgettext("slow when", "over %(time)s", time=time)
    time = words.interval(check.max_staleness_ms)
    yield pgettext("about a check", "Unknown after"), gettext("%(time)s without a result", time=time)
    if check.last_ms is not None:
        time = words.milliseconds(check.last_ms)
        yield pgettext("about a check", "Last answer"), pgettext("last answer", "after %(time)s", time=time)
    yield from map(_captured, check.captured)


def _captured(captured: CapturedNumber) -> tuple[str, str]:
    """`connections` 44 as (Connections, 44), `login_ms` 33 as (Login, 33 ms)."""
    timed = captured.name.endswith("_ms") and captured.value is not None
    name = (captured.name.removesuffix("_ms") if timed else captured.name).replace("_", " ")
    value = words.captured(captured.value, per_second=captured.per_second)
    return name[:1].upper() + name[1:], words.in_milliseconds(value) if timed else value


def _every(check: CheckReport, names: Mapping[str, str]) -> str:
    time = words.interval(check.interval_ms)
    if not check.locations:
        return gettext("%(time)s from each location", time=time)
    return gettext("%(time)s from %(locations)s", time=time, locations=words.listed(named(check.locations, names)))


def _down_when(check: CheckReport, component: ComponentReport) -> str:
    return ngettext(
        "%(count)s failure, %(where)s",
        "%(count)s failures in a row, %(where)s",
        check.confirm_down,
        where=words.quorum(component.quorum),
    )


def _incident(incident: IncidentReport, times: Times) -> IncidentLink:
    day = times.day_of(incident.started_at)
    note = markup("%(day)s, still down", day=day)
    if not incident.lasts:
        note = markup("%(day)s, %(duration)s down", day=day, duration=words.duration(incident.down_ms))
    return IncidentLink(incident.id, str(incident.title), note)
