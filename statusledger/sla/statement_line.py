"""A statement <-> its line in `history/statements/<YYYY>.jsonl`.

{contract, period, revision, as_of, terms, figures, inputs, reason}: instants and durations in milliseconds, fractions
as `num/den` in lowest terms. `figures` repeat what follows from `terms` and `inputs`, for readers who do not compute.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from statusledger.clock import Period
from statusledger.config.currencies import decimals
from statusledger.model import CreditTier, Member, Service, State, Status, Terms
from statusledger.sla.credit import Promise
from statusledger.sla.display import money, percent
from statusledger.sla.statement import Agreed, MemberInput, Statement
from statusledger.timeline import Reported

Plain = Mapping[str, Any]


def plain_terms(agreed: Agreed) -> dict[str, Any]:
    """The line's `terms`."""
    promised, terms = agreed.promised, agreed.promised.terms
    return {
        **({"component": agreed.component} if agreed.service is None else {"service": _service(agreed.service)}),
        "target": _exact(promised.target),
        "credits": [
            {"min": _exact(tier.minimum), "credit": _exact(tier.credit), "name": tier.name}
            for tier in promised.credits or ()
        ],
        "degraded_weight": _exact(terms.degraded_weight),
        "unknown_as": terms.unknown_as,
        "maintenance_as": terms.maintenance_as,
        "min_coverage": _exact(terms.min_coverage),
        "timezone": terms.zone,
        "notice_ms": agreed.notice_ms,
        "fee": None if agreed.fee is None else _exact(agreed.fee),
        "currency": agreed.currency,
    }


def plain_inputs(statement: Statement) -> dict[str, Any]:
    """The line's `inputs`; offsets count from the beginning of the period."""
    begin = statement.period.start_ms
    return {
        "from": begin,
        "to": statement.period.end_ms,
        "components": [_member(member, begin) for member in statement.members],
    }


def plain_figures(statement: Statement) -> dict[str, Any]:
    """The line's `figures`."""
    figure, agreed = statement.figures(), statement.agreed
    amount = agreed.amount(figure)
    return {
        "up_ms": figure.up_ms,
        "degraded_ms": figure.degraded_ms,
        "down_ms": figure.down_ms,
        "unknown_ms": figure.unknown_ms,
        "maintenance_ms": figure.maintenance_ms,
        "inactive_ms": figure.inactive_ms,
        "ratio": _maybe(figure.ratio),
        "uptime_percent": None if figure.ratio is None else percent(figure.ratio),
        "coverage": _maybe(figure.coverage),
        "used_ms": _exact(figure.used_ms),
        "allowed_ms": _exact(figure.allowed_ms),
        "status": str(figure.status),
        "credit_percent": _maybe(figure.credit),
        "credit_amount": None if amount is None else money(amount, decimals(agreed.currency or "")),
    }


def read(period: str, terms: Plain, inputs: Plain) -> Statement:
    """The statement of a line; KeyError, TypeError or ValueError when it is not as it should be."""
    begin, end = int(inputs["from"]), int(inputs["to"])
    members = tuple(_read_member(member, begin) for member in inputs["components"])
    agreed = _read_terms(terms)
    if len(members) != (1 if agreed.service is None else len(agreed.service.members)):
        msg = f"{len(members)} components"
        raise ValueError(msg)
    return Statement(Period(period, begin, end), agreed, members)


def _service(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "mode": service.mode,
        "members": [{"component": member.component, "weight": _exact(member.weight)} for member in service.members],
    }


def _member(member: MemberInput, begin: int) -> dict[str, Any]:
    was = {"was": list(member.was)} if member.was else {}
    return {
        "component": member.component,
        **was,
        "alive": None if member.alive is None else [edge - begin for edge in member.alive],
        "rle": [[start - begin, str(state)] for start, state in member.measured],
        "maintenance": [[edge - begin for edge in window] for window in member.windows],
        "reported": [
            [one.incident, one.start_ms - begin, (one.end_ms or 0) - begin, str(one.state)] for one in member.reported
        ],
    }


def _read_terms(terms: Plain) -> Agreed:
    schedule = tuple(
        CreditTier(Fraction(tier["min"]), Fraction(tier["credit"]), tier["name"]) for tier in terms["credits"]
    )
    told = Terms(
        Fraction(terms["degraded_weight"]),
        terms["unknown_as"],
        terms["maintenance_as"],
        Fraction(terms["min_coverage"]),
        terms["timezone"],
    )
    service = terms.get("service")
    return Agreed(
        component=terms.get("component"),
        service=None if service is None else _read_service(service),
        promised=Promise(Fraction(terms["target"]), schedule or None, told),
        notice_ms=int(terms["notice_ms"]),
        fee=None if terms["fee"] is None else Fraction(terms["fee"]),
        currency=terms["currency"],
    )


def _read_service(service: Plain) -> Service:
    members = tuple(Member(one["component"], Fraction(one["weight"])) for one in service["members"])
    return Service(service["id"], service["id"], members, service["mode"])


def _read_member(member: Plain, begin: int) -> MemberInput:
    alive = member["alive"]
    component = member["component"]
    return MemberInput(
        component,
        None if alive is None else (begin + int(alive[0]), begin + int(alive[1])),
        tuple((begin + int(offset), State(state)) for offset, state in member["rle"]),
        tuple((begin + int(start), begin + int(end)) for start, end in member["maintenance"]),
        tuple(
            Reported(incident, component, begin + int(start), begin + int(end), Status(state))
            for incident, start, end, state in member["reported"]
        ),
        was=tuple(member.get("was", ())),
    )


def _exact(number: Fraction) -> str:
    return f"{number.numerator}/{number.denominator}"


def _maybe(number: Fraction | None) -> str | None:
    return None if number is None else _exact(number)
