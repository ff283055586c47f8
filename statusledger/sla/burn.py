"""How fast a budget is being spent: 1 spends it exactly over the period that it was agreed for.

An alert fires while a long window (it matters) and a short one (it still goes on) both burn faster than a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, Period
from statusledger.model import Terms
from statusledger.sla.credit import Promise
from statusledger.sla.figures import Counts, counted
from statusledger.timeline import Timeline
from statusledger.timeline.steps import MAINTENANCE, UNKNOWN

CountsOf = Callable[[Sequence[Period]], Sequence[Counts]]


@dataclass(frozen=True, slots=True)
class BurnRule:
    """Fires while both windows burn faster than `factor`; `page` wakes somebody, `ticket` can wait."""

    kind: Literal["page", "ticket"]
    long_ms: int
    short_ms: int
    factor: Fraction


BURN_RULES = (
    BurnRule("page", HOUR_MS, 5 * MINUTE_MS, Fraction(144, 10)),
    BurnRule("page", 6 * HOUR_MS, 30 * MINUTE_MS, Fraction(6)),
    BurnRule("ticket", DAY_MS, 2 * HOUR_MS, Fraction(3)),
    BurnRule("ticket", 3 * DAY_MS, 6 * HOUR_MS, Fraction(1)),
)


@dataclass(frozen=True, slots=True)
class Burn:
    """A rule at an instant: what both windows burn, None where nothing in them counts or no downtime is allowed.

    `frozen_at`: nothing that counts has been measured in the short window since, so what held then stands.
    """

    rule: BurnRule
    long: Fraction | None
    short: Fraction | None
    firing: bool
    frozen_at: int | None


def burn_rate(counts: Counts, promised: Promise) -> Fraction | None:
    """How many times faster than allowed the budget is being spent; None without data or with a target of 1."""
    bad, whole = counted(counts, promised.terms)
    if not whole or promised.target == 1:
        return None
    target = promised.target
    allowed = target.denominator - target.numerator
    return Fraction(bad.numerator * target.denominator, bad.denominator * whole * allowed)


def burns(
    counts_of: CountsOf, state: Timeline, promised: Promise, as_of: int, *, rules: Sequence[BurnRule] = BURN_RULES
) -> tuple[Burn, ...]:
    """Each rule at as_of; `counts_of` counts periods and `state` says when there was anything to count."""
    until = _last_counted(state, promised.terms, as_of)
    if until is None:
        return tuple(Burn(rule, None, None, False, None) for rule in rules)
    # the last instant at which each short window still reached something that counts
    judged_at = [min(as_of, until + rule.short_ms - 1) for rule in rules]
    now = counts_of([window for rule in rules for window in _windows(rule, as_of)])
    then = now
    if any(instant != as_of for instant in judged_at):
        each = zip(rules, judged_at, strict=True)
        then = counts_of([window for rule, instant in each for window in _windows(rule, instant)])
    return tuple(
        Burn(
            rule,
            burn_rate(now[2 * index], promised),
            burn_rate(now[2 * index + 1], promised),
            firing=all(_burns(counts, promised, rule.factor) for counts in then[2 * index : 2 * index + 2]),
            frozen_at=None if judged_at[index] == as_of else judged_at[index],
        )
        for index, rule in enumerate(rules)
    )


def _windows(rule: BurnRule, end: int) -> list[Period]:
    return [Period("", end - length, end) for length in (rule.long_ms, rule.short_ms)]


def _burns(counts: Counts, promised: Promise, factor: Fraction) -> bool:
    """Whether a window burns faster than the factor; where no downtime is allowed, whether there is any."""
    bad, whole = counted(counts, promised.terms)
    target = promised.target
    # bad > factor * (1 - target) * whole, multiplied out: this is asked of every window of every component
    allowed = factor.numerator * (target.denominator - target.numerator) * whole
    return bad.numerator * factor.denominator * target.denominator > allowed * bad.denominator


def _last_counted(state: Timeline, terms: Terms, as_of: int) -> int | None:
    """The end of the newest stretch up to as_of that counts under the terms; None where nothing ever did."""
    counts = state.states < UNKNOWN
    if terms.unknown_as != "excluded":
        counts |= state.states == UNKNOWN
    if terms.maintenance_as == "up":
        counts |= state.states == MAINTENANCE
    begun = np.flatnonzero(counts & (state.starts < as_of))
    if not len(begun):
        return None
    following: list[int] = state.starts[begun[-1] + 1 : begun[-1] + 2].tolist()
    return min([as_of, *following])
