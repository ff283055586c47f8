"""api/v1/sla/contracts/<id>/<period>.json: what one customer was promised, what it came to, what is owed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from statusledger.clock import Period
from statusledger.config.currencies import decimals
from statusledger.model import Contract, CreditTier
from statusledger.outputs.api.burns import burn_rates
from statusledger.outputs.api.document import decimal, exact, head, instant
from statusledger.outputs.api.figures import figures, incidents
from statusledger.report.promised import ContractPeriod, ContractReport, Revision
from statusledger.report.records import Report
from statusledger.sla import Figures, credit_amount, money
from statusledger.sla.credit import Promise


def files(report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path below sla/contracts/, document) for every calendar period of every contract."""
    for one in report.contracts:
        for key, period in one.periods.items():
            yield f"{one.contract.id}/{key}", _document(report, one, period)


def in_period(contracts: Iterable[ContractReport], period: Period) -> Iterator[tuple[str, dict[str, Any]]]:
    """The contracts that have figures of exactly this period: rolling windows, and months where the zones agree."""
    for one in contracts:
        rolling = one.rolling.get(period.key)
        own = one.periods.get(period.key)
        if rolling is not None:
            yield one.contract.id, {**figures(rolling), **of_contract(one.contract, None)}
        elif own is not None and own.figures.period == period:
            yield one.contract.id, {**figures(own.figures), **settled(one, own)}


def terms(promised: Promise, zone: str) -> dict[str, Any]:
    """What was agreed, in the words of checks.yml; percentages as they were written."""
    return {
        "target_percent": decimal(promised.target * 100),
        "credits": None if promised.credits is None else [_tier(tier) for tier in promised.credits],
        "degraded_weight": exact(promised.terms.degraded_weight),
        "unknown_as": promised.terms.unknown_as,
        "maintenance_as": promised.terms.maintenance_as,
        "min_coverage_percent": decimal(promised.terms.min_coverage * 100),
        "timezone": zone,
    }


def _document(report: Report, one: ContractReport, period: ContractPeriod) -> dict[str, Any]:
    bounds = period.figures.period
    return {
        **head(report),
        "contract": one.contract.id,
        "period": bounds.key,
        "from": instant(bounds.start_ms),
        "to": instant(bounds.end_ms),
        **figures(period.figures),
        **settled(one, period),
        "terms": terms(period.promised, one.contract.terms.zone),
        "incidents": incidents(period.downtimes),
        "intervals": [
            {
                "from": instant(interval.start_ms),
                "to": instant(interval.end_ms),
                "state": str(interval.state),
                "share": exact(interval.share),
            }
            for interval in period.intervals
        ],
        "revisions": [_revision(revision) for revision in period.revisions],
        "inputs_changed": period.inputs_changed,
        "burn_rates": burn_rates(one.burns) if period.figures.running else [],
    }


def _of(one: ContractReport) -> dict[str, Any]:
    contract = one.contract
    fee = None
    if contract.fee is not None and contract.currency is not None:
        fee = money(contract.fee, decimals(contract.currency))
    return {
        "subject": contract.subject,
        "subject_kind": one.kind,
        "timezone": contract.terms.zone,
        "fee": fee,
        "currency": contract.currency,
    }


def of_contract(contract: Contract, month: Figures | None) -> dict[str, Any]:
    """Whose contract it is; and what is owed where the figures are those of a month."""
    currency = contract.currency
    digits = decimals(currency or "")
    amount = None
    if month is not None and month.credit is not None and contract.fee is not None:
        amount = money(credit_amount(contract.fee, month.credit, digits), digits)
    return {
        "subject": contract.subject,
        "timezone": contract.terms.zone,
        "fee": None if contract.fee is None else money(contract.fee, digits),
        "currency": currency,
        "credit_amount": amount,
    }


def settled(one: ContractReport, period: ContractPeriod) -> dict[str, Any]:
    """Whose contract it is, what is owed for a period, and whether that is final."""
    amount, digits = period.credit_amount, decimals(one.contract.currency or "")
    return {
        **of_contract(one.contract, None),
        "credit_amount": None if amount is None else money(amount, digits),
        "final": period.final,
        "revision": period.revision,
    }


def _tier(tier: CreditTier) -> dict[str, Any]:
    return {"min_percent": decimal(tier.minimum * 100), "credit_percent": decimal(tier.credit), "name": tier.name}


def _revision(revision: Revision) -> dict[str, Any]:
    return {
        "revision": revision.number,
        "as_of": instant(revision.as_of),
        "reason": revision.reason,
        "uptime_percent": revision.uptime_percent,
        "credit_percent": revision.credit_percent,
        "credit_amount": revision.credit_amount,
        "inputs_digest": revision.inputs_digest,
    }
