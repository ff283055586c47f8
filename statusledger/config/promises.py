"""`sla:`, its contracts and `services:` as they are written -> records with exact terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from statusledger.config.currencies import decimals, is_payable
from statusledger.config.entries import blocks
from statusledger.config.promised import ContractBlock, CreditBlock, ServiceBlock, SlaBlock, TermsBlock
from statusledger.config.records import Sla
from statusledger.config.watching import target_of
from statusledger.model import DEFAULT_CREDITS, DEFAULT_TARGET, Contract, CreditTier, Member, Service, Terms
from statusledger.written.faults import Faults
from statusledger.written.source import Path

_TERMS = {
    "degraded_weight": "degraded_weight",
    "unknown_as": "unknown_as",
    "maintenance_as": "maintenance_as",
    "min_coverage": "min_coverage",
    "timezone": "zone",
}
"""The key of checks.yml and the field of `Terms` that it fills."""


def read_sla(data: Mapping[str, Any], block: SlaBlock, faults: Faults) -> Sla:
    """The terms of every figure and the contracts that can be read."""
    terms = _terms(block, Terms())
    credits = _credits(block.credits, ("sla", "credits"), faults)
    contracts = [
        _contract(contract, path, Sla(terms=terms, credits=credits), faults)
        for path, written in blocks(data.get("sla"), "contracts", ("sla",))
        if (contract := faults.block(ContractBlock, written, path))
    ]
    return Sla(terms, block.default_target, credits, tuple(contract for contract in contracts if contract))


def read_services(data: Mapping[str, Any], sla: SlaBlock, faults: Faults) -> tuple[Service, ...]:
    """The services that can be read."""
    return tuple(
        Service(
            id=service.id,
            name=service.name or service.id,
            members=tuple(Member(member.component, member.weight or Fraction(1)) for member in service.members),
            mode=service.mode,
            target=target_of(service.target, service.tier, sla),
        )
        for path, written in blocks(data, "services", ())
        if (service := faults.block(ServiceBlock, written, path))
    )


def _terms(block: TermsBlock, base: Terms) -> Terms:
    said = {field: getattr(block, key) for key, field in _TERMS.items()}
    kept = {field: getattr(base, field) for field in said}
    return Terms(**{field: kept[field] if value is None else value for field, value in said.items()})


def _credits(steps: Iterable[CreditBlock] | None, path: Path, faults: Faults) -> tuple[CreditTier, ...] | None:
    """The schedule, highest uptime first; credits are percent of the fee."""
    if steps is None:
        return None
    tiers = sorted(
        (CreditTier(step.min, step.credit * 100, step.name) for step in steps), key=lambda tier: -tier.minimum
    )
    if tiers[-1].minimum != 0:
        faults.add(path, "no step reaches down to 0; add one with min: 0")
    for higher, lower in pairwise(tiers):
        if higher.minimum == lower.minimum:
            faults.add(path, f"'{higher.name}' and '{lower.name}' begin at the same uptime; give each its own min")
        elif higher.credit > lower.credit:
            faults.add(
                path, f"'{higher.name}' owes more than '{lower.name}', which is worse; credits grow as uptime falls"
            )
    return tuple(tiers)


def _contract(block: ContractBlock, path: Path, sla: Sla, faults: Faults) -> Contract | None:
    credits = _credits(block.credits, (*path, "credits"), faults) or sla.credits
    if credits is None and block.target == DEFAULT_TARGET:
        credits = DEFAULT_CREDITS
    if credits is None:
        faults.add((*path, "target"), "no credits are agreed for this target; write credits: here or in sla:")
        return None
    _check_contract(block, path, faults)
    return Contract(
        id=block.id,
        subject=block.component or block.service or "",
        target=block.target,
        credits=credits,
        terms=_terms(block, sla.terms),
        fee=block.fee,
        currency=block.currency,
        active_from=block.active_from,
        active_until=block.active_until,
    )


def _check_contract(block: ContractBlock, path: Path, faults: Faults) -> None:
    """Its fee and its dates."""
    if (block.fee is None) != (block.currency is None):
        faults.add(path, "fee: and currency: go together; write both or neither")
    if block.fee is not None and block.currency is not None and not is_payable(block.fee, block.currency):
        places = decimals(block.currency)
        smallest = f"an amount of {block.currency} has {places} decimals" if places else "write a whole number"
        faults.add((*path, "fee"), f"{float(block.fee):.10g} {block.currency} cannot be paid; {smallest}")
    if block.active_from is not None and block.active_until is not None and block.active_until <= block.active_from:
        faults.add((*path, "active_until"), "is not after active_from; write a later instant or leave it out")
