"""The home page: the verdict's evidence, what is wrong now, every component by group, what was wrong before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from statusledger import words
from statusledger.language import gettext, markup, ngettext
from statusledger.model import Shown
from statusledger.outputs.times import Times
from statusledger.outputs.views import evidence, incident, maintenance
from statusledger.outputs.views.days import Axis, Bars, axis, bars
from statusledger.outputs.views.evidence import Anchor, Fact
from statusledger.report.records import ComponentReport, GroupReport, IncidentReport, Report, Verdict

NEWEST_BAD_DAYS = 5
NEWEST_INCIDENTS = 5
# With more components than this a group folds, and is open when it is not operational.
UNFOLDED_COMPONENTS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A component of a group: state, since when, bars."""

    id: str
    name: str
    shown: Shown
    word: str
    note: Markup
    bars: Bars


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group of rows; `affected` is empty when every one is operational, `shown` the worst state of any."""

    name: str
    shown: Shown
    affected: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence of how we count, with its first words set off."""

    lead: str
    text: str


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the home page."""

    verdict: Verdict
    facts: tuple[Fact, ...]
    active: tuple[incident.Active, ...]
    groups: tuple[GroupView, ...]
    folds: bool
    axis: Axis
    soon: tuple[maintenance.Window, ...]
    upcoming: tuple[maintenance.Window, ...]
    past: tuple[incident.Entry, ...]
    rules: tuple[Rule, ...]


def home(report: Report, times: Times) -> Home:
    """The home page of a report."""
    names = evidence.location_names(report.monitor)
    incidents = report.told
    folds = len(report.components) > UNFOLDED_COMPONENTS
    past = [entry for entry in report.incidents if not entry.lasts][:NEWEST_INCIDENTS]
    return Home(
        verdict=report.verdict,
        facts=_facts(report, times),
        active=tuple(incident.active(entry, times) for entry in report.active),
        groups=tuple(_group(group, times, incidents, names, folds=folds) for group in report.groups),
        folds=folds,
        axis=axis(times),
        soon=maintenance.soon(report.maintenance, times),
        upcoming=maintenance.upcoming(report.maintenance, times)[:NEWEST_INCIDENTS],
        past=tuple(incident.entry(entry, times) for entry in past),
        rules=rules(report),
    )


def rules(report: Report) -> tuple[Rule, ...]:
    """How we count, as the report words it, and what of the ledger could not be counted."""
    return tuple(_rule(str(text)) for text in (*report.how_we_count, *_left_out(report)))


def _rule(text: str) -> Rule:
    lead, colon, rest = text.partition(": ")
    return Rule(lead + ":", rest) if colon else Rule("", text)


def _left_out(report: Report) -> list[str]:
    damaged, future = len(report.monitor.damage), report.monitor.dropped_future
    sentences = []
    if damaged:
        sentences.append(
            ngettext(
                "Left out: %(count)s line of history that could not be read.",
                "Left out: %(count)s lines of history that could not be read.",
                damaged,
            )
        )
    if future:
        sentences.append(
            ngettext(
                "Not yet counted: %(count)s sample from later than this build.",
                "Not yet counted: %(count)s samples from later than this build.",
                future,
            )
        )
    return sentences


def _facts(report: Report, times: Times) -> tuple[Fact, ...]:
    monitor = report.monitor
    names = [entry.location.name or entry.location.id for entry in monitor.locations]
    overdue = [entry.location.name or entry.location.id for entry in monitor.locations if entry.overdue]
    return (
        evidence.last_measured(monitor.last_measured_at, times, evidence.how_we_count()),
        evidence.measured_from(names, overdue),
        evidence.coverage(monitor),
        _down_since(report.active[0], times) if report.active else _promise(report),
    )


def _down_since(worst: IncidentReport, times: Times) -> Fact:
    lasts = gettext("%(name)s, %(age)s so far", name=worst.component_name, age=words.age(times.now - worst.started_at))
    label = gettext("Down since") if worst.file is None else gettext("Incident since")
    return Fact(label, times.moment(worst.started_at), lasts)


def _promise(report: Report) -> Fact:
    figures = [component.figures.get(report.month.key) for component in report.components.values()]
    measured = [figure for figure in figures if figure is not None and figure.ratio is not None]
    on_target = sum(figure.ratio >= figure.target for figure in measured if figure.ratio is not None)
    label = gettext("SLA, %(month)s", month=words.month_name(report.month.key))
    figure = gettext("%(count)s of %(total)s on target", count=on_target, total=len(measured))
    return Fact(label, figure if measured else words.DASH, "", Anchor(gettext("Statements"), "sla/index.html"))


def _group(
    group: GroupReport, times: Times, incidents: Mapping[str, IncidentReport], names: Mapping[str, str], *, folds: bool
) -> GroupView:
    """A group; among many components those that are not operational come first, because nobody reads twenty rows."""
    members = group.components
    if folds:
        members = tuple(sorted(members, key=lambda one: one.shown is Shown.OPERATIONAL))
    rows = tuple(_row(component, times, incidents, names) for component in members)
    return GroupView(group.name, group.shown, _affected(group), rows)


def _affected(group: GroupReport) -> str:
    """How many are not operational; what was not measured is told apart, because nobody knows how it is."""
    states = [component.shown for component in group.components if not component.paused]
    unknown = states.count(Shown.NODATA)
    affected = len(states) - states.count(Shown.OPERATIONAL) - unknown
    total = len(group.components)
    told = []
    if affected:
        told.append(gettext("%(count)s of %(total)s affected", count=affected, total=total))
    if unknown:
        told.append(gettext("%(count)s of %(total)s without data", count=unknown, total=total))
    return words.listed(told) if told else ""


def _row(
    component: ComponentReport, times: Times, incidents: Mapping[str, IncidentReport], names: Mapping[str, str]
) -> Row:
    return Row(
        id=component.id,
        name=component.name,
        shown=component.shown,
        word=words.state_word(component.shown, paused=component.paused),
        note=_note(component, times, names),
        bars=bars(component, times, incidents, newest=NEWEST_BAD_DAYS),
    )


def _note(component: ComponentReport, times: Times, names: Mapping[str, str]) -> Markup:
    """Since when it is not operational, and from where it is seen down."""
    if component.shown is Shown.OPERATIONAL:
        return Markup("")
    down_at = words.listed(incident.named(component.down_at, names)) if component.down_at else ""
    since = evidence.since(component.since, times)
    if not down_at:
        return since
    if not since:
        return markup("down from %(locations)s", locations=down_at)
    return markup("%(since)s, down from %(locations)s", since=since, locations=down_at)
