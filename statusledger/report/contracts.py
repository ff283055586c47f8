"""Contracts about public subjects -> what may be shown of them: every month, quarter and year, final or running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from statusledger.clock import Period
from statusledger.config import Config
from statusledger.history.statements import StatementRecord, inputs_digest
from statusledger.model import Contract
from statusledger.report.calendars import Unit, by_key, calendars, rolling_periods
from statusledger.report.causes import Cause, causes, downtimes, shared
from statusledger.report.evaluated import Evaluated, intervals, service_intervals
from statusledger.report.evaluation import Evaluation
from statusledger.report.promised import ContractPeriod, ContractReport, Revision
from statusledger.report.spans import Interval
from statusledger.report.statements import Records, Subject, again, change, stated, statement_of, subject_of, within
from statusledger.sla.statement import Statement


def is_public(one: Subject, public: Mapping[str, Evaluated]) -> bool:
    """Whether nothing private shows through its figures."""
    members = (one,) if isinstance(one, Evaluated) else one.members
    return all(member.component.id in public for member in members)


def contract_reports(
    config: Config, evaluation: Evaluation, public: Mapping[str, Evaluated], records: Records
) -> Iterator[ContractReport]:
    """Every contract whose subject is public, in the order of checks.yml."""
    for contract in config.sla.contracts:
        one = subject_of(contract, evaluation)
        if is_public(one, public):
            yield _Builder(contract, one, evaluation, records, config.maintenance_notice_ms).report()


@dataclass(frozen=True, slots=True)
class _Builder:
    contract: Contract
    one: Subject
    evaluation: Evaluation
    records: Records
    notice_ms: int

    def report(self) -> ContractReport:
        one, windows = self.one, rolling_periods(self.evaluation.as_of)
        return ContractReport(
            contract=self.contract,
            kind="component" if isinstance(one, Evaluated) else "service",
            name=one.component.name if isinstance(one, Evaluated) else one.service.name,
            members=() if isinstance(one, Evaluated) else tuple(member.component.id for member in one.members),
            rolling=by_key(windows, one.figures(windows)),
            mode=None if isinstance(one, Evaluated) else str(one.service.mode),
            months={period.key: self._month(period) for period in self._periods("month")},
            quarters={period.key: self._period(period) for period in self._periods("quarter")},
            years={period.key: self._period(period) for period in self._periods("year")},
            burns=one.burns(),
        )

    def _periods(self, unit: Unit) -> Iterator[Period]:
        """The periods of the contract's calendar in which it was in force, newest first."""
        for period in calendars(unit, self.contract.terms.zone, self.one.alive_from, self.evaluation.as_of):
            own = within(self.contract, period)
            if own is not None and own.start_ms < self.evaluation.as_of:
                yield own

    def _period(self, period: Period) -> ContractPeriod:
        """As it is now, under the terms of now."""
        one = self.one
        (figures,) = one.figures([period])
        return ContractPeriod(figures, one.promised, None, one.downtimes(period), one.intervals(period))

    def _month(self, period: Period) -> ContractPeriod:
        told = self.records.get((self.contract.id, period.key), ())
        if told:
            return self._stated(told)
        live = self._period(period)
        agreed = statement_of(self.contract, self.one, period, self.notice_ms).agreed
        return replace(live, credit_amount=agreed.amount(live.figures))

    def _stated(self, told: Sequence[StatementRecord]) -> ContractPeriod:
        """As it was written down last, whatever has changed since."""
        statement = stated(told[-1])
        now = again(told[-1], self.evaluation)
        figures, period = statement.figures(), statement.period
        return ContractPeriod(
            figures=figures,
            promised=statement.agreed.promised,
            credit_amount=statement.agreed.amount(figures),
            downtimes=downtimes(self._causes(statement), statement.counted(), period, period.end_ms),
            intervals=tuple(_intervals(statement)),
            revisions=tuple(map(_revision, told)),
            inputs_changed=now is None or change(told[-1], now) is not None,
        )

    def _causes(self, statement: Statement) -> tuple[Cause, ...]:
        """The incidents that are known now, with the reports that the statement counts."""
        known = self.evaluation.components
        found: list[Cause] = []
        for member in statement.members:
            incidents = known[member.component].incidents if member.component in known else ()
            found += causes(incidents, member.reported)
        return shared(found)


def _intervals(statement: Statement) -> Iterator[Interval]:
    service, period, end = statement.agreed.service, statement.period, statement.period.end_ms
    if service is None:
        return intervals(statement.counted(), period, end + 1)
    terms = statement.agreed.promised.terms
    return service_intervals(service, statement.members_counted(), period, terms=terms, as_of=end + 1)


def _revision(record: StatementRecord) -> Revision:
    told = record.figures
    return Revision(
        number=record.revision,
        as_of=record.as_of,
        reason=record.reason,
        uptime_percent=told.get("uptime_percent"),
        credit_percent=told.get("credit_percent"),
        credit_amount=told.get("credit_amount"),
        inputs_digest=inputs_digest(record),
    )
