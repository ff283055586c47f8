"""The page of one component: bars, uptime of five windows, response times, a year of days, what is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import groupby

from markupsafe import Markup

from statusledger import words
from statusledger.model import Shown
from statusledger.outputs import charts, drawings
from statusledger.outputs.times import Times, day_element
from statusledger.outputs.views import budget, evidence, response
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


def detail(component: ComponentReport, report: Report, times: Times) -> Detail:
    """The page of a component of the report."""
    names = evidence.location_names(report.monitor)
    incidents = [entry for entry in report.incidents if entry.component == component.id]
    state = words.SHOWN_WORDS[component.shown]
    first = component.days[0].date if component.days else None
    return Detail(
        id=component.id,
        name=component.name,
        group=_group_name(component, report),
        shown=component.shown,
        headline=f"{component.name}: {state.lower()}",
        description=component.description,
        since=evidence.since(component.since, times),
        facts=_facts(component, names, times),
        bars=bars(component, times, {entry.id: entry for entry in incidents}),
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
    )


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
    if total is None:
        return Fact(f"Checks, 24{words.THIN}h", words.DASH, "their raw rows are gone")
    note = f"{failed:,} failed" if failed else "none failed" if total else "nothing measured"
    return Fact(f"Checks, 24{words.THIN}h", f"{total:,}", note)


def _promise(component: ComponentReport) -> Fact:
    """The target, and how the newest whole month (the running one while there is none) stands to it."""
    newest = sorted(component.months.items(), reverse=True)
    over = [(key, figures) for key, figures in newest if not figures.running]
    target = words.percentage(component.target)
    if not newest:
        return Fact("Promised", target, "nothing counted yet")
    key, figures = (over or newest)[0]
    result = f"{words.percentage(figures.ratio)}, {words.SLA_WORDS[figures.status].lower()}"
    link = Anchor(f"{words.month_name(key)}: {result}", f"sla/{key}/index.html#statement-{component.id}")
    return Fact("Promised", target, "", link)


def _uptime(component: ComponentReport) -> tuple[UptimeRow, ...]:
    rows = []
    for key in UPTIME_WINDOWS:
        figures = component.figures.get(key)
        if figures is None:
            continue
        rows.append(
            UptimeRow(
                window=f"{key[:-1]}{words.THIN}{key[-1]}",
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
    facts = [
        ("Check", f"{check.type.upper()}{', informational: not counted' if check.informational else ''}"),
        ("Every", f"{words.interval(check.interval_ms)} from {_places(check, names)}"),
        ("Down when", _down_when(check, component)),
    ]
    if check.warn_ms is not None:
        facts.append(("Slow when", f"over {words.milliseconds(check.warn_ms)}"))
    facts.append(("Unknown after", f"{words.interval(check.max_staleness_ms)} without a result"))
    if check.last_ms is not None:
        facts.append(("Last answer", f"after {words.milliseconds(check.last_ms)}"))
    facts += map(_captured, check.captured)
    return CheckView(check.name, tuple(facts))


def _captured(number: CapturedNumber) -> tuple[str, str]:
    """`connections` 44 as (Connections, 44), `login_ms` 33 as (Login, 33 ms)."""
    timed = number.name.endswith("_ms") and number.value is not None
    name = (number.name.removesuffix("_ms") if timed else number.name).replace("_", " ")
    value = words.captured(number.value, per_second=number.per_second)
    return name[:1].upper() + name[1:], f"{value}{words.THIN}ms" if timed else value


def _places(check: CheckReport, names: Mapping[str, str]) -> str:
    return words.listed(named(check.locations, names)) if check.locations else "each location"


def _down_when(check: CheckReport, component: ComponentReport) -> str:
    failures = "1 failure" if check.confirm_down == 1 else f"{check.confirm_down} failures in a row"
    where = words.QUORUM_WORDS.get(component.quorum, f"at {component.quorum} of its locations")
    return f"{failures}, {where}"


def _incident(incident: IncidentReport, times: Times) -> IncidentLink:
    lasts = "still down" if incident.lasts else f"{words.duration(incident.down_ms)} down"
    return IncidentLink(incident.id, incident.title, Markup("{}, {}").format(times.day_of(incident.started_at), lasts))
