"""Evaluated contracts -> the statements of their months: the first one once a month is final, then revisions.

The terms of a statement stay as they were written down; what it was made from may turn out otherwise later (a row that
came in late, a report, a window that was withdrawn), and then a revision says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from statusledger import words
from statusledger.clock import Period
from statusledger.history.statements import Key, StatementRecord
from statusledger.model import Contract
from statusledger.report.calendars import calendars
from statusledger.report.evaluated import Evaluated, EvaluatedService
from statusledger.report.evaluation import Evaluation
from statusledger.rollup.days import between, day_of, spelled
from statusledger.sla import promise, statement_line
from statusledger.sla.statement import Agreed, MemberInput, Statement
from statusledger.timeline import Reported, Window
from statusledger.timeline.reported import counting

Subject = Evaluated | EvaluatedService
Records = Mapping[Key, Sequence[StatementRecord]]
Sealed = Callable[[str, Iterable[int]], bool]
"""(component, days) -> whether nothing on them may change in time any more."""


def subject_of(contract: Contract, evaluation: Evaluation) -> Subject:
    """What the contract is about, under the contract's own terms."""
    one = evaluation.components.get(contract.subject) or evaluation.services[contract.subject]
    return one.held_against(promise(contract.target, contract.credits, contract.terms))


def within(contract: Contract, period: Period) -> Period | None:
    """The part of a period in which the contract is in force."""
    start = period.start_ms if contract.active_from is None else max(period.start_ms, contract.active_from)
    end = period.end_ms if contract.active_until is None else min(period.end_ms, contract.active_until)
    return Period(period.key, start, end) if start < end else None


def statement_of(contract: Contract, one: Subject, period: Period, notice_ms: int) -> Statement:
    """The contract's statement of a period under the terms of the contract as it is now."""
    agreed = Agreed(
        component=contract.subject if isinstance(one, Evaluated) else None,
        service=None if isinstance(one, Evaluated) else one.service,
        promised=one.promised,
        notice_ms=notice_ms,
        fee=contract.fee,
        currency=contract.currency,
    )
    members = (one,) if isinstance(one, Evaluated) else one.members
    return Statement(period, agreed, tuple(_member(member, period) for member in members))


def stated(record: StatementRecord) -> Statement:
    """The statement that was written down."""
    return statement_line.read(record.period, record.terms, record.inputs)


def again(record: StatementRecord, evaluation: Evaluation) -> Statement | None:
    """What the statement would say now, under its own terms; None where one of its components is not configured."""
    before = stated(record)
    known = {name: one for one in evaluation.components.values() for name in (*one.component.was, one.component.id)}
    members = [known.get(member.component) for member in before.members]
    if any(member is None for member in members):
        return None
    now = tuple(_member(member, before.period) for member in members if member is not None)
    return Statement(before.period, before.agreed, now)


def change(record: StatementRecord, now: Statement) -> str | None:
    """Why the statement does not hold any more; None while it does."""
    inputs = statement_line.plain_inputs(now)
    pairs = zip(record.inputs["components"], inputs["components"], now.members, strict=True)
    told = [f"{member.component}: {reason}" for old, new, member in pairs if (reason := _change(old, new, now.period))]
    return "; ".join(told) or None


def new_statements(
    contracts: Iterable[Contract], evaluation: Evaluation, records: Records, *, sealed: Sealed, notice_ms: int
) -> Iterator[StatementRecord]:
    """The statements that are due: months that became final, and those of which an input has changed."""
    for contract in contracts:
        one = subject_of(contract, evaluation)
        for period in _over(contract, one, evaluation.as_of):
            told = records.get((contract.id, period.key), ())
            now = again(told[-1], evaluation) if told else statement_of(contract, one, period, notice_ms)
            if now is None or not _is_sealed(now, sealed):
                continue
            reason = change(told[-1], now) if told else None
            if not told or reason:
                revision = told[-1].revision + 1 if told else 0
                yield _record(contract.id, now, (revision, reason), evaluation.as_of)


def _over(contract: Contract, one: Subject, as_of: int) -> Iterator[Period]:
    """The months of a contract that are over, oldest first."""
    for month in reversed(calendars("month", contract.terms.zone, one.alive_from, as_of)):
        period = within(contract, month)
        if period is not None and period.end_ms <= as_of:
            yield period


def _is_sealed(statement: Statement, sealed: Sealed) -> bool:
    days = between(statement.period.start_ms, statement.period.end_ms)
    return all(sealed(member.component, days) for member in statement.members)


def _record(contract: str, now: Statement, revised: tuple[int, str | None], as_of: int) -> StatementRecord:
    revision, reason = revised
    return StatementRecord(
        contract=contract,
        period=now.period.key,
        revision=revision,
        as_of=as_of,
        terms=statement_line.plain_terms(now.agreed),
        figures=statement_line.plain_figures(now),
        inputs=statement_line.plain_inputs(now),
        reason=reason,
    )


# --- inputs -------------------------------------------------------------------------------------


def _member(one: Evaluated, period: Period) -> MemberInput:
    start, end = period.start_ms, period.end_ms
    timeline = one.timeline
    life = _cut((timeline.alive_from, timeline.alive_until), period) if timeline.alive_from is not None else None
    return MemberInput(
        component=one.component.id,
        alive=life,
        measured=tuple((begin, state) for begin, _, state in timeline.state.intervals(start, end)),
        windows=tuple(window for whole in one.windows if (window := _cut(whole, period))),
        reported=tuple(sorted(_reports(one.reported, period), key=lambda told: (told.start_ms, told.incident))),
        was=one.component.was,
    )


def _cut(span: tuple[int | None, int | None], period: Period) -> Window | None:
    """The part of a span in the period; None when there is none."""
    first, last = span
    start = period.start_ms if first is None else max(period.start_ms, first)
    end = period.end_ms if last is None else min(period.end_ms, last)
    return (start, end) if start < end else None


def _reports(reported: Sequence[Reported], period: Period) -> Iterator[Reported]:
    for one in counting(reported):
        span = _cut((one.start_ms, one.end_ms), period)
        if span is not None:
            yield replace(one, start_ms=span[0], end_ms=span[1])


# --- what changed -------------------------------------------------------------------------------


def _change(old: Mapping[str, Any], new: Mapping[str, Any], period: Period) -> str:
    """What one component's inputs say otherwise, in words."""
    told = []
    if old["rle"] != new["rle"]:
        told.append(f"measured otherwise on {words.listed(_days_that_differ(old['rle'], new['rle'], period))}")
    if old["alive"] != new["alive"]:
        told.append("counted from or until another instant")
    if old["maintenance"] != new["maintenance"]:
        told.append("other announced maintenance")
    if old["reported"] != new["reported"]:
        differ = {row[0] for row in old["reported"]} ^ {row[0] for row in new["reported"]}
        names = differ or {row[0] for row in (*old["reported"], *new["reported"])}
        told.append(f"other reported incidents ({words.listed(sorted(names))})")
    return ", ".join(told)


def _days_that_differ(old: Sequence[Sequence[Any]], new: Sequence[Sequence[Any]], period: Period) -> list[str]:
    """The UTC days of the period on which two run-length encodings say different things."""
    edges = sorted({offset for offset, _ in (*old, *new)} | set(_midnights(period)))
    before, after = ([rle[bisect_right([at for at, _ in rle], edge) - 1][1] for edge in edges] for rle in (old, new))
    found = {edge for edge, one, other in zip(edges, before, after, strict=True) if one != other}
    return sorted({spelled(day_of(period.start_ms + edge)) for edge in found})


def _midnights(period: Period) -> Iterator[int]:
    days = between(period.start_ms, period.end_ms)
    return (day - period.start_ms for day in days if day >= period.start_ms)
