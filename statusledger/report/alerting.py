"""An evaluation, and what else the ledger says -> the situation that rules look at."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from statusledger.clock import calendar, local_date
from statusledger.config import Config
from statusledger.frames import Ledger
from statusledger.history import Captured
from statusledger.report.evaluated import Evaluated
from statusledger.report.evaluation import Evaluation
from statusledger.report.filed import Filed
from statusledger.report.monitor import monitor_report
from statusledger.report.newest import newest_plans, newest_stories
from statusledger.report.statements import subject_of, within
from statusledger.rollup.reading import History
from statusledger.rules import ContractStanding, Situation
from statusledger.rules.told import Planned, Story

DAYS_LEFT = "days_left"


@dataclass(frozen=True, slots=True)
class Known:
    """One part of a ledger, the public or the private one, evaluated."""

    config: Config
    evaluation: Evaluation
    history: History


def survey(parts: Sequence[Known], plans: Sequence[Planned] = (), stories: Sequence[Story] = ()) -> Situation:
    """Everything that rules look at, of the public part and, where it can be read, of the private one.

    `plans` and `stories` are what is told of the components of all parts.
    """
    public, as_of = parts[0], parts[0].evaluation.as_of
    subjects = subjects_of(parts)
    shown = [subjects[name] for name in public.config.components]
    ledgers = [part.history.ledger for part in parts]
    return Situation(
        as_of=as_of,
        config=public.config,
        subjects=subjects,
        contracts=[standing for part in parts for standing in _contracts(part)],
        last_ticks=_last_ticks(ledgers),
        coverage=monitor_report(public.config, ledgers[0], shown, as_of=as_of).coverage_24h,
        certificates={check: seen for part in parts for check, seen in part.history.certificates.items()},
        days_left=days_left(ledger.captured for ledger in ledgers),
        plans=plans,
        stories=stories,
    )


def with_files(parts: Sequence[Known], filed: Filed) -> Situation:
    """The same with what files say of the components of all parts."""
    services = {one.id: one for part in parts for one in part.config.services}
    config = replace(parts[0].config, services=tuple(services.values()))
    subjects, as_of = subjects_of(parts), parts[0].evaluation.as_of
    return survey(parts, newest_plans(config, subjects, filed, as_of), newest_stories(config, subjects, filed, as_of))


def subjects_of(parts: Sequence[Known]) -> dict[str, Evaluated]:
    """Every component that is told of, by id."""
    return {name: part.evaluation.components[name] for part in parts for name in part.config.components}


def _last_ticks(ledgers: Iterable[Ledger]) -> dict[str, int]:
    found: dict[str, int] = {}
    for ledger in ledgers:
        for location, tick in ledger.last_ticks.items():
            found[location] = max(tick, found.get(location, tick))
    return found


def _contracts(part: Known) -> Iterator[ContractStanding]:
    """Every contract about something of this part, in the month of its zone that holds as_of."""
    as_of, evaluation = part.evaluation.as_of, part.evaluation
    for contract in part.config.sla.contracts:
        if contract.subject in part.config.components or contract.subject in evaluation.services:
            zone = contract.terms.zone
            period = within(contract, calendar("month", local_date(as_of, zone), zone))
            if period is not None:
                yield ContractStanding(contract, period, subject_of(contract, evaluation).figures([period])[0])


def days_left(captured: Iterable[Mapping[tuple[str, str], Captured]]) -> dict[str, tuple[int, float]]:
    """(when it was read, days that were left then) by check."""
    return {
        check: (one.newest.at, one.newest.value)
        for (check, name), one in ChainMap(*map(dict, captured)).items()
        if name == DAYS_LEFT
    }
