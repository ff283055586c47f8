"""The pages of service levels: an overview, the statements of a month, and one sheet per contract and month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from statusledger import words
from statusledger.config.currencies import decimals
from statusledger.language import gettext, markup
from statusledger.model import Shown
from statusledger.outputs.times import Times
from statusledger.outputs.views.statement import (
    Past,
    Statement,
    Subject,
    counted_up_to,
    credit_words,
    span,
    statement,
)
from statusledger.outputs.views.terms import Counting
from statusledger.report.promised import ContractPeriod, ContractReport, Revision
from statusledger.report.records import ComponentReport, IncidentReport, Report, ServiceReport
from statusledger.report.spans import Counted
from statusledger.sla import Figures, money

ON_A_MONTH_PAGE = 25
ON_ITS_OWN_PAGE = 1000
Measured = ComponentReport | ServiceReport


@dataclass(frozen=True, slots=True)
class Result:
    """A row of an overview: a subject in the running month; `path` leads to its statement."""

    id: str
    name: str
    path: str
    shown: Shown
    word: str
    target: str
    achieved: str
    coverage: str
    used: str
    allowed: str
    credit: str


@dataclass(frozen=True, slots=True)
class Long:
    """A subject's newest quarters and years: what each is called and what was achieved."""

    name: str
    achieved: tuple[str, ...]


def months(report: Report) -> tuple[str, ...]:
    """The keys of all months that have a statement, newest first; the running one is always among them."""
    keys = {key for component in report.components.values() for key in component.months}
    keys |= {key for contract in report.contracts for key in contract.months}
    return tuple(sorted(keys | {report.month.key}, reverse=True))


def overview(report: Report) -> tuple[Result, ...]:
    """Every component and service in the running month."""
    month = report.month.key
    return tuple(
        _result((one.id, one.name), f"sla/{month}/index.html#statement-{one.id}", of(one, month), one.target)
        for one in _subjects(report)
    )


def contracts(report: Report, month: str) -> tuple[Result, ...]:
    """Every contract that was in force in a month."""
    return tuple(
        _result(
            (one.contract.id, f"{one.contract.id}: {one.name}"),
            f"sla/contracts/{one.contract.id}/{month}/index.html",
            one.months[month].figures,
            one.contract.target,
            credit=owed(one, one.months[month]),
        )
        for one in report.contracts
        if month in one.months
    )


def longer(report: Report) -> tuple[tuple[str, ...], tuple[Long, ...]]:
    """(names of the two newest quarters and years, a row for each subject); empty where nothing was measured."""
    subjects = _subjects(report)
    quarters = sorted({key for one in subjects for key in one.quarters}, reverse=True)[:2]
    years = sorted({key for one in subjects for key in one.years}, reverse=True)[:2]
    names = tuple(map(words.quarter, quarters)), tuple(years)
    rows = tuple(
        Long(
            one.name,
            tuple(
                words.percentage(found[key].ratio) if key in found else words.DASH
                for keys, found in ((quarters, one.quarters), (years, one.years))
                for key in keys
            ),
        )
        for one in subjects
    )
    return (*names[0], *names[1]), rows if quarters else ()


def statements(report: Report, month: str, times: Times) -> tuple[Statement, ...]:
    """The statements of a month, for every component and service that was alive in it."""
    pairs = ((one, of(one, month)) for one in _subjects(report))
    return tuple(statement(_measured(report, one, figures, times), times) for one, figures in pairs if figures)


def contract_statements(report: Report) -> Iterator[tuple[str, str, Statement]]:
    """(contract, month, statement) for each month of each contract, in the contract's zone."""
    for one in report.contracts:
        times = Times(one.contract.terms.zone, report.built.as_of)
        for month, period in one.months.items():
            yield one.contract.id, month, statement(_contract(report, one, period, times), times)


def of(one: Measured, month: str) -> Figures | None:
    """The figures of a month; None when it was not alive then."""
    return one.months.get(month) or one.figures.get(month)


def owed(one: ContractReport, period: ContractPeriod) -> str:
    """`10 %, EUR 120.00`."""
    share = credit_words(period.figures.credit)
    currency = one.contract.currency
    if period.credit_amount is None or currency is None:
        return share
    return words.listed([share, words.money(money(period.credit_amount, decimals(currency)), currency)])


def _subjects(report: Report) -> tuple[Measured, ...]:
    """Every component in the order of checks.yml, then every service."""
    return (*report.components.values(), *report.services)


def _result(
    called: tuple[str, str], path: str, figures: Figures | None, target: Fraction, *, credit: str = ""
) -> Result:
    identity, name = called
    if figures is None:
        return Result(
            identity,
            name,
            path,
            Shown.NODATA,
            words.SHOWN_WORDS[Shown.NODATA],
            words.percentage(target),
            *(words.DASH,) * 5,
        )
    return Result(
        id=identity,
        name=name,
        path=path,
        shown=words.SHOWN_SLA[figures.status],
        word=words.SLA_WORDS[figures.status],
        target=words.percentage(figures.target),
        achieved=words.percentage(figures.ratio),
        coverage=words.percentage(figures.coverage, 2),
        used=words.counted_minutes(figures.used_ms),
        allowed=words.counted_minutes(figures.allowed_ms),
        credit=credit or credit_words(figures.credit),
    )


# --- what a statement is made of ----------------------------------------------------------------


def _measured(report: Report, one: Measured, figures: Figures, times: Times) -> Subject:
    members = one.members if isinstance(one, ServiceReport) else (one.id,)
    return Subject(
        option="service" if isinstance(one, ServiceReport) else "component",
        id=one.id,
        name=one.name,
        about=span(figures, times),
        figures=figures,
        intervals=one.intervals,
        incidents=_incidents(report, members),
        burns=one.burns,
        counting=Counting(
            one.promised,
            report.notice_ms,
            _policies(report, members),
            one.mode if isinstance(one, ServiceReport) else None,
        ),
        credit=credit_words(figures.credit),
        seal=counted_up_to(figures, times),
        document=f"api/v1/sla/months/{figures.period.key}.json",
        table=f"api/v1/sla/{figures.period.key}.csv",
        listed=ON_A_MONTH_PAGE,
    )


def _contract(report: Report, one: ContractReport, period: ContractPeriod, times: Times) -> Subject:
    contract, figures = one.contract, period.figures
    members = one.members or (contract.subject,)
    fee = ""
    if contract.fee is not None and contract.currency is not None:
        fee = words.money(money(contract.fee, decimals(contract.currency)), contract.currency)
    return Subject(
        option="contract",
        id=contract.id,
        name=one.name,
        about=markup(
            "Contract %(contract)s. %(span)s",
            contract=Markup("<b>{}</b>").format(contract.id),
            span=span(figures, times),
        ),
        figures=figures,
        intervals=period.intervals,
        incidents=_incidents(report, members),
        burns=one.burns,
        counting=Counting(period.promised, report.notice_ms, _policies(report, members), one.mode, fee),
        credit=owed(one, period),
        seal=_seal(period, times),
        document=f"api/v1/sla/contracts/{contract.id}/{figures.period.key}.json",
        table=f"api/v1/sla/{figures.period.key}.csv",
        listed=ON_ITS_OWN_PAGE,
        past=tuple(_past(one, revision, times) for revision in reversed(period.revisions)),
    )


def _incidents(report: Report, members: Sequence[str]) -> tuple[IncidentReport, ...]:
    return tuple(incident for incident in report.incidents if incident.component in members)


def _policies(report: Report, members: Sequence[str]) -> Mapping[str, Sequence[Counted]]:
    shown, private = report.components, report.stand_ins
    return dict(
        (shown[one].name, shown[one].counted) if one in shown else (f"private {one}", private[one]) for one in members
    )


def _seal(period: ContractPeriod, times: Times) -> Markup:
    if not period.revisions:
        told = counted_up_to(period.figures, times)
        open_ = markup("Final once every day in it is sealed.")
        return told if period.figures.running else Markup(" ").join((told, open_))
    last = period.revisions[-1]
    told = markup(
        "Final, revision %(revision)s, stated %(time)s. Input digest %(digest)s.",
        revision=last.number,
        time=times.full(last.as_of),
        digest=Markup("<code>{}</code>").format(last.inputs_digest),
    )
    if not period.inputs_changed:
        return told
    return Markup(" ").join((told, markup("What it was made from has changed since: a revision is due.")))


def _past(one: ContractReport, revision: Revision, times: Times) -> Past:
    amount, currency = revision.credit_amount, one.contract.currency
    credit = credit_words(None if revision.credit_percent is None else Fraction(revision.credit_percent))
    return Past(
        number=revision.number,
        when=times.full(revision.as_of),
        achieved=words.DASH if revision.uptime_percent is None else words.percent_of(revision.uptime_percent),
        credit=words.listed([credit, words.money(amount, currency)]) if amount and currency else credit,
        reason=revision.reason or gettext("First statement"),
    )
