"""`statusledger sla`: exact figures of any interval, as a table or as JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from statusledger import words
from statusledger.cli import files
from statusledger.cli.ledgers import private_part
from statusledger.cli.place import Place, place
from statusledger.clock import Period, calendar, format_instant, local_date
from statusledger.config import Config
from statusledger.errors import UsageError
from statusledger.model import Contract
from statusledger.outputs.api.contracts import of_contract
from statusledger.outputs.api.document import document
from statusledger.outputs.api.figures import figures as plain_figures
from statusledger.outputs.api.figures import incidents
from statusledger.outputs.api.sla import service as plain_service
from statusledger.outputs.api.sla import subject
from statusledger.report import reading
from statusledger.report.evaluation import Evaluation, evaluate
from statusledger.report.statements import subject_of, within
from statusledger.rollup.policy import policy
from statusledger.rollup.reading import joined
from statusledger.sealed import IDENTITY_VARIABLE

COLUMNS = ("", "uptime", "coverage", "down", "unknown", "budget left", "status")


def run(arguments: argparse.Namespace) -> int:
    """Prints the figures of [--from, --to) up to now."""
    where = place(arguments)
    if arguments.end <= arguments.start:
        message = f"--to {format_instant(arguments.end)} is not after --from {format_instant(arguments.start)}"
        raise UsageError(message)
    period = Period("", arguments.start, arguments.end)
    config, evaluation = _evaluated(where, _past(period, where.started_at), private=arguments.private)
    arguments.component = config.opaque.get(arguments.component, arguments.component)
    answer = _answer(config, evaluation, period, arguments)
    if arguments.json:
        sys.stdout.buffer.write(document(answer))
    else:
        _table(answer, {opaque: written for written, opaque in config.opaque.items()})
    return 0


def _evaluated(where: Place, past: Period, *, private: bool) -> tuple[Config, Evaluation]:
    """What everybody knows; and with `private` components the rest, but for services: these stay as they are."""
    config, as_of = where.config().public, where.started_at
    filed = files.filed(where, config)
    history, evaluation = reading.evaluated(where.history, config, as_of=as_of, periods=[past], filed=filed)
    if not private:
        return config, evaluation
    part = private_part(where)
    if part is None:
        message = f"--private: there is nothing private here, or it cannot be read: {IDENTITY_VARIABLE} is not set"
        raise UsageError(message)
    whole = where.whole_config(warns=False)
    hidden = reading.read(part.root, part.config, as_of=as_of, periods=[past], open_line=part.open_line)
    everything = evaluate(whole, joined(history, hidden), as_of=as_of, filed=files.filed(where, whole))
    return whole, replace(everything, services={**everything.services, **evaluation.services})


def _answer(config: Config, evaluation: Evaluation, period: Period, arguments: argparse.Namespace) -> dict[str, Any]:
    components = _chosen({name: evaluation.components[name] for name in config.components}, arguments, "component")
    services = _chosen(evaluation.services, arguments, "service")
    contracts = _chosen({contract.id: contract for contract in config.sla.contracts}, arguments, "contract")
    return {
        "schema": 1,
        "as_of": format_instant(evaluation.as_of),
        "from": format_instant(period.start_ms),
        "to": format_instant(period.end_ms),
        "policy": {identity: policy(one.component) for identity, one in components.items()},
        "components": {
            identity: subject(
                one.figures([period])[0],
                one.timeline.checks_in([_past(period, evaluation.as_of)])[0] or (None, None),
                one.downtimes(period),
                one.component.tier,
            )
            for identity, one in components.items()
        },
        "services": {
            identity: plain_service(
                one.figures([period])[0], [member.component.id for member in one.members], one.downtimes(period)
            )
            for identity, one in services.items()
        },
        "contracts": {
            identity: _contract(one, evaluation, span)
            for identity, one in contracts.items()
            if (span := _in_force(one, period, asked=arguments.contract == identity))
        },
    }


def _past(period: Period, as_of: int) -> Period:
    return Period(period.key, period.start_ms, min(period.end_ms, as_of))


def _in_force(contract: Contract, period: Period, *, asked: bool) -> Period | None:
    """The part of the period in which the contract is in force; one that was `asked` for by name must have one."""
    span = within(contract, period)
    if span is None and asked:
        begins, ends = contract.active_from, contract.active_until
        told = [f"from {format_instant(begins)}"] if begins is not None else []
        told += [f"until {format_instant(ends)}"] if ends is not None else []
        message = f"--contract: {contract.id} is in force {' '.join(told)}; nothing of that is in the interval"
        raise UsageError(message)
    return span


def _contract(contract: Contract, evaluation: Evaluation, period: Period) -> dict[str, Any]:
    """The subject's own time in a period in which the contract is in force, held against its terms as they are now."""
    one = subject_of(contract, evaluation)
    (figures,) = one.figures([period])
    return {
        "from": format_instant(period.start_ms),
        "to": format_instant(period.end_ms),
        **plain_figures(figures),
        **of_contract(contract, figures if _is_month(contract, period) else None),
        "incidents": incidents(one.downtimes(period)),
    }


def _is_month(contract: Contract, period: Period) -> bool:
    """Whether this is what the contract has in one month of its calendar, of which a credit is a part of the fee."""
    zone = contract.terms.zone
    month = within(contract, calendar("month", local_date(period.start_ms, zone), zone))
    return month is not None and (month.start_ms, month.end_ms) == (period.start_ms, period.end_ms)


def _chosen(subjects: Mapping[str, Any], arguments: argparse.Namespace, kind: str) -> dict[str, Any]:
    """The subjects of one kind that were asked for: all of them, one, or none because another kind was."""
    asked = {name: getattr(arguments, name) for name in ("component", "service", "contract")}
    if not any(asked.values()):
        return dict(subjects)
    name = asked[kind]
    if name is None:
        return {}
    if name not in subjects:
        known = ", ".join(subjects) or "there is none"
        message = f'--{kind}: there is no {kind} "{name}"; known: {known}'
        raise UsageError(message)
    return {name: subjects[name]}


def _table(answer: Mapping[str, Any], names: Mapping[str, str]) -> None:
    rows: list[tuple[str, ...]] = [COLUMNS]
    for kind in ("components", "services", "contracts"):
        rows.extend(_row(names.get(identity, identity), one) for identity, one in answer[kind].items())
    widths = [max(len(row[index]) for row in rows) for index in range(len(COLUMNS))]
    print(f"{answer['from']} to {answer['to']}, as of {answer['as_of']}")
    for row in rows:
        print("  ".join(_aligned(row, widths)).rstrip())


def _row(identity: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    share = [words.DASH if one[key] is None else f"{one[key]} %" for key in ("uptime_percent", "coverage_percent")]
    unknown = words.duration(one["unknown_ms"]).replace(words.THIN, " ")
    left = f"{one['remaining_minutes']} of {one['allowed_minutes']} min"
    return (identity, *share, f"{one['downtime_minutes']} min", unknown, left, one["status"])


def _aligned(row: tuple[str, ...], widths: list[int]) -> Iterable[str]:
    """Names to the start, figures to the end."""
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.ljust(width) if index in {0, len(row) - 1} else cell.rjust(width)
