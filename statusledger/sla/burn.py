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


def _rate(bad: Fraction, whole: int, promised: Promise) -> Fraction | None:
    """How many times faster than allowed the budget is being spent; None without data or with a target of 1."""
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
    each = list(zip(rules, judged_at, strict=True))
    windows = {(end - ms, end) for rule, at in each for ms in (rule.long_ms, rule.short_ms) for end in (as_of, at)}
    counts = counts_of([Period("", start, end) for start, end in windows])
    spent = {window: counted(one, promised.terms) for window, one in zip(windows, counts, strict=True)}
    rates = {window: _rate(*spent[window], promised) for window in windows if window[1] == as_of}
    return tuple(
        Burn(
            rule,
            rates[as_of - rule.long_ms, as_of],
            rates[as_of - rule.short_ms, as_of],
            firing=all(_burns(*spent[at - ms, at], promised, rule.factor) for ms in (rule.long_ms, rule.short_ms)),
            frozen_at=None if at == as_of else at,
        )
        for rule, at in each
    )


def _burns(bad: Fraction, whole: int, promised: Promise, factor: Fraction) -> bool:
    """Whether a window burns faster than the factor; where no downtime is allowed, whether there is any."""
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
