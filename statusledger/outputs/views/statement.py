"""Service level statements: what was promised, what was achieved, from which intervals, for every component and month.

Every figure comes from the report; intervals are cut to the month and told in the zone of the statements.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from statusledger import words
from statusledger.clock import format_instant
from statusledger.model import Shown
from statusledger.outputs import charts
from statusledger.outputs.times import Times
from statusledger.outputs.views import intervals
from statusledger.outputs.views.intervals import Line
from statusledger.report.records import IncidentReport, Interval, Report
from statusledger.sla import Figures, minutes


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about: a component, or a service whose intervals stand in those of its members."""

    option: str
    id: str
    name: str
    target: Fraction
    figures: Mapping[str, Figures]
    months: Mapping[str, Figures]
    intervals: tuple[Interval, ...]
    incidents: tuple[IncidentReport, ...]
    members: tuple[tuple[str, str], ...]

    def of(self, month: str) -> Figures | None:
        """The figures of a month; None when it was not alive then."""
        return self.months.get(month) or self.figures.get(month)


@dataclass(frozen=True, slots=True)
class Statement:
    """One component or service in one month."""

    id: str
    name: str
    month: str
    span: Markup
    shown: Shown
    result: str
    sentence: str
    target: str
    achieved: str
    bounds: str
    coverage: str
    insufficient: bool
    credit: str
    budget: Markup
    budget_note: str
    used: str
    allowed: str
    remaining: str
    consumed: str
    counted: tuple[Line, ...]
    counted_minutes: str
    by_terms_minutes: str
    others: tuple[Line, ...]
    members: tuple[tuple[str, str], ...]
    how: tuple[tuple[str, str], ...]
    state: Markup
    command: str


@dataclass(frozen=True, slots=True)
class Result:
    """A component's or service's row in the overview of the running month."""

    id: str
    name: str
    shown: Shown
    word: str
    target: str
    achieved: str
    coverage: str
    used: str
    allowed: str


def months(report: Report) -> tuple[str, ...]:
    """The keys of all months that have a statement, newest first; the running one is always among them."""
    keys = {key for component in report.components.values() for key in component.months}
    return tuple(sorted(keys | {report.month.key}, reverse=True))


def subjects(report: Report) -> tuple[Subject, ...]:
    """Every component in the order of checks.yml, then every service."""
    names = {component.id: component.name for component in report.components.values()}
    incidents: dict[str, list[IncidentReport]] = {}
    for incident in report.incidents:
        incidents.setdefault(incident.component, []).append(incident)
    components = tuple(
        Subject(
            "component", c.id, c.name, c.target, c.figures, c.months, c.intervals, tuple(incidents.get(c.id, ())), ()
        )
        for c in report.components.values()
    )
    services = tuple(
        Subject("service", s.id, s.name, s.target, s.figures, s.months, (), (), tuple((m, names[m]) for m in s.members))
        for s in report.services
    )
    return components + services


def overview(report: Report) -> tuple[Result, ...]:
    """Every subject in the running month."""
    return tuple(_result(subject, subject.of(report.month.key)) for subject in subjects(report))


def _result(subject: Subject, figures: Figures | None) -> Result:
    if figures is None:
        target = words.percentage(subject.target)
        return Result(subject.id, subject.name, Shown.NODATA, "No data", target, *(words.DASH,) * 4)
    return Result(
        id=subject.id,
        name=subject.name,
        shown=words.SHOWN_SLA[figures.status],
        word=words.SLA_WORDS[figures.status],
        target=words.percentage(figures.target),
        achieved=words.percentage(figures.ratio),
        coverage=words.percentage(figures.coverage, 2),
        used=words.counted_minutes(figures.used_ms),
        allowed=words.counted_minutes(figures.allowed_ms),
    )


def statements(report: Report, month: str, times: Times) -> tuple[Statement, ...]:
    """The statements of a month, for everything that was alive in it."""
    pairs = ((subject, subject.of(month)) for subject in subjects(report))
    return tuple(_statement(subject, figures, times) for subject, figures in pairs if figures is not None)


def _statement(subject: Subject, figures: Figures, times: Times) -> Statement:
    begin, end = figures.period.start_ms, min(figures.period.end_ms, times.now)
    pieces = intervals.cut(subject.intervals, begin, end)
    by_terms = figures.used_ms - figures.down_ms
    return Statement(
        id=subject.id,
        name=subject.name,
        month=words.month_words(figures.period.key),
        span=Markup("{} to {}").format(times.full(begin), times.full(figures.period.end_ms)),
        shown=words.SHOWN_SLA[figures.status],
        result=words.SLA_WORDS[figures.status],
        sentence=_sentence(figures),
        target=words.percentage(figures.target),
        achieved=words.percentage(figures.ratio),
        bounds=words.between(figures.ratio_low, figures.ratio_high),
        coverage=words.percentage(figures.coverage),
        insufficient=figures.insufficient_data,
        credit=_credit(figures.credit),
        budget=charts.budget(figures.used_ms, figures.allowed_ms, f"budget-{subject.id} used-{subject.id}"),
        budget_note=_budget_note(figures),
        used=words.counted_minutes(figures.used_ms),
        allowed=words.counted_minutes(figures.allowed_ms),
        remaining=words.minutes_left(figures.remaining_ms),
        consumed=words.percentage(figures.consumed, 1),
        counted=intervals.down(pieces, times, subject.incidents),
        counted_minutes=minutes(figures.used_ms),
        by_terms_minutes=minutes(by_terms) if by_terms else "",
        others=intervals.others(pieces, times),
        members=subject.members,
        how=_how(figures),
        state=_state(figures, times),
        command=f"statusledger sla --{subject.option} {subject.id}"
        f" --from {format_instant(begin)} --to {format_instant(end)}",
    )


def _sentence(figures: Figures) -> str:
    """What was achieved beside what was promised."""
    promised = f"promised {words.percentage(figures.target)}"
    so_far = " so far" if figures.running else ""
    if figures.ratio is None:
        return f"No time that counts was measured{so_far}; {promised}."
    return f"Up {words.percentage(figures.ratio)} of the time that counts{so_far}, {promised}."


def _credit(credit: Fraction | None) -> str:
    return "None agreed" if credit is None else words.exact_percentage(credit / 100)


def _budget_note(figures: Figures) -> str:
    share = 1 - figures.target
    if share == 0:
        return "no downtime is allowed"
    counted = minutes(figures.allowed_ms / share).rstrip("0").rstrip(".")
    return f"{words.exact_percentage(share)} of {_thousands(counted)} minutes{' in the whole month' * figures.running}"


def _thousands(number: str) -> str:
    whole, dot, rest = number.partition(".")
    return f"{int(whole):,}{dot}{rest}"


def _how(figures: Figures) -> tuple[tuple[str, str], ...]:
    """The arithmetic of this statement, with its own numbers."""
    known = figures.up_ms + figures.degraded_ms + figures.down_ms
    fraction = ""
    if known and figures.ratio == Fraction(known - figures.down_ms, known):
        good = minutes(known - figures.down_ms)
        fraction = f": {_thousands(good)} \u00f7 {_thousands(minutes(known))} minutes"
    unknown = words.counted_minutes(figures.unknown_ms)
    return (
        ("Achieved", f"is time that counts and was not down, over time that counts{fraction}, cut to three decimals."),
        ("Bounds", f"are what was achieved if all {unknown} unknown had been down, and if all had been up."),
        ("Coverage", "is the measured part of the time in which something could have been measured."),
        ("Credit", _credit_rule(figures)),
    )


def _credit_rule(figures: Figures) -> str:
    if figures.credit is None:
        return "was not agreed for this target."
    name = f" ({figures.credit_name})" if figures.credit_name else ""
    rule = f"follows the exact ratio, before it is cut for display: {_credit(figures.credit)}{name}."
    if figures.running and figures.credit_locked is not None:
        rule += f" Provisional while the month runs; {_credit(figures.credit_locked)} can no longer be avoided."
    return rule


def _state(figures: Figures, times: Times) -> Markup:
    if figures.running:
        return Markup("The month still runs; counted up to {}.").format(times.full(times.now))
    return Markup("The month is over; counted as of {}.").format(times.full(times.now))
