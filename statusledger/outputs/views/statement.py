"""Service level statements: what was promised, what was achieved, from which intervals, for one subject and month.

Every figure comes from the report; intervals are cut to the month and told in the zone of the statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from statusledger import words
from statusledger.clock import format_instant
from statusledger.language import gettext, markup, number, pgettext
from statusledger.model import Shown, Terms
from statusledger.outputs import charts
from statusledger.outputs.times import Times
from statusledger.outputs.views.intervals import Line, Listing, pieces
from statusledger.outputs.views.terms import Counting, Rule, how
from statusledger.report.records import IncidentReport, Interval
from statusledger.sla import Burn, Figures, minutes

BURN_DECIMALS = 10
"""Rates are shown with one decimal, cut."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast the budget burns in a pair of windows: `1 h and 5 min`, `166.6 and 0.0 times`."""

    windows: str
    rates: str
    firing: str


@dataclass(frozen=True, slots=True)
class Past:
    """One final statement of the month, as it was written down."""

    number: int
    when: Markup
    achieved: str
    credit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about and all that it is made of.

    `option` is that of `statusledger sla`; `about` is the line under the heading, `credit` what is owed in words,
    `seal` how far the statement holds; `document` and `table` are the paths of its JSON and CSV. At most `listed`
    intervals are listed.
    """

    option: str
    id: str
    name: str
    about: Markup
    figures: Figures
    intervals: Sequence[Interval]
    incidents: Sequence[IncidentReport]
    burns: Sequence[Burn]
    counting: Counting
    credit: str
    seal: Markup
    document: str
    table: str
    listed: int
    past: tuple[Past, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One subject in one month, ready to be laid out."""

    id: str
    name: str
    month: str
    key: str
    zone: str
    about: Markup
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
    rates: tuple[Rate, ...]
    counted: tuple[Line, ...]
    counted_minutes: str
    others: tuple[Line, ...]
    how: tuple[Rule, ...]
    past: tuple[Past, ...]
    seal: Markup
    command: str
    document: str
    table: str


def statement(subject: Subject, times: Times) -> Statement:
    """The statement of a subject."""
    figures = subject.figures
    begin, end = figures.period.start_ms, min(figures.period.end_ms, times.now)
    terms = subject.counting.promised.terms if subject.counting.promised else Terms()
    found = pieces(subject.intervals, begin, end, terms)
    listing = Listing(times, terms, subject.incidents, subject.listed)
    return Statement(
        id=subject.id,
        name=subject.name,
        month=words.month_words(figures.period.key),
        key=figures.period.key,
        zone=times.zone,
        about=subject.about,
        shown=words.SHOWN_SLA[figures.status],
        result=words.SLA_WORDS[figures.status],
        sentence=_sentence(figures),
        target=words.percentage(figures.target),
        achieved=words.percentage(figures.ratio),
        bounds=words.between(figures.ratio_low, figures.ratio_high),
        coverage=words.percentage(figures.coverage),
        insufficient=figures.insufficient_data,
        credit=subject.credit,
        budget=charts.budget(figures.used_ms, figures.allowed_ms, f"budget-{subject.id} used-{subject.id}"),
        budget_note=_budget_note(figures),
        used=words.counted_minutes(figures.used_ms),
        allowed=words.counted_minutes(figures.allowed_ms),
        remaining=words.minutes_left(figures.remaining_ms),
        consumed=words.percentage(figures.consumed, 1),
        rates=tuple(_rate(burn) for burn in subject.burns) if figures.running else (),
        counted=listing.counted(found),
        counted_minutes=number(minutes(figures.used_ms)),
        others=listing.others(found),
        how=how(figures, subject.counting, times),
        past=subject.past,
        seal=subject.seal,
        command=f"statusledger sla --{subject.option} {subject.id}"
        f" --from {format_instant(begin)} --to {format_instant(end)}",
        document=subject.document,
        table=subject.table,
    )


def span(figures: Figures, times: Times) -> Markup:
    """From when to when, with the zone."""
    return markup(
        "%(start)s to %(end)s", start=times.full(figures.period.start_ms), end=times.full(figures.period.end_ms)
    )


def credit_words(credit: Fraction | None) -> str:
    """`10 %`, or that none was agreed."""
    return gettext("None agreed") if credit is None else words.exact_percentage(credit / 100)


def counted_up_to(figures: Figures, times: Times) -> Markup:
    """How far a month that is not final was counted."""
    if figures.running:
        return markup("The month still runs; counted up to %(time)s.", time=times.full(times.now))
    return markup("The month is over; counted as of %(time)s.", time=times.full(times.now))


def _sentence(figures: Figures) -> str:
    """What was achieved beside what was promised."""
    told = {"uptime": words.percentage(figures.ratio), "target": words.percentage(figures.target)}
    if figures.ratio is None and figures.running:
        return gettext("No time that counts was measured so far; promised %(target)s.", **told)
    if figures.ratio is None:
        return gettext("No time that counts was measured; promised %(target)s.", **told)
    if figures.running:
        return gettext("Up %(uptime)s of the time that counts so far, promised %(target)s.", **told)
    return gettext("Up %(uptime)s of the time that counts, promised %(target)s.", **told)


def _budget_note(figures: Figures) -> str:
    share = 1 - figures.target
    if share == 0:
        return gettext("no downtime is allowed")
    counted = number(minutes(figures.allowed_ms / share).rstrip("0").rstrip("."))
    part = words.exact_percentage(share)
    if figures.running:
        return gettext("%(share)s of %(minutes)s minutes in the whole month", share=part, minutes=counted)
    return gettext("%(share)s of %(minutes)s minutes", share=part, minutes=counted)


def _rate(burn: Burn) -> Rate:
    rule = burn.rule
    windows = words.both(words.duration(rule.long_ms), words.duration(rule.short_ms))
    return Rate(windows, words.both(_times(burn.long), _times(burn.short)), _firing(burn))


def _firing(burn: Burn) -> str:
    if not burn.firing:
        return ""
    rate = _times(burn.rule.factor)
    if burn.rule.kind == "page":
        return pgettext("alert", "page above %(rate)s", rate=rate)
    return pgettext("alert", "ticket above %(rate)s", rate=rate)


def _times(rate: Fraction | None) -> str:
    """`14.4` and a multiplication sign, cut after one decimal."""
    if rate is None:
        return words.DASH
    whole, rest = divmod(rate.numerator * BURN_DECIMALS // rate.denominator, BURN_DECIMALS)
    return f"{number(f'{whole}.{rest}')}\u00d7"
