"""How a statement was counted, in words with its own numbers: the arithmetic, the schedule, the policy over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from markupsafe import Markup

from statusledger import words
from statusledger.model import CreditTier
from statusledger.outputs.times import Times
from statusledger.report.policy import terms_in_words
from statusledger.report.spans import Counted
from statusledger.sla import Figures, Promise, minutes

Told = tuple[str | Markup, str]
"""(first words, rest)"""
CHARACTERS_ON_PAPER = 1300


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its first words; `medium` is `screen` or `paper` where it is only told there."""

    lead: str | Markup
    text: str
    medium: str = ""


@dataclass(frozen=True, slots=True)
class Counting:
    """What a statement's rules are told from; `counted` has the policies of each component by its name.

    `fee` is what a full credit pays, in words; `mode` how a service is combined.
    """

    promised: Promise | None
    notice_ms: int
    counted: Mapping[str, Sequence[Counted]]
    mode: str | None = None
    fee: str = ""


def how(figures: Figures, counting: Counting, times: Times) -> tuple[Rule, ...]:
    """Every rule of the statement; on a sheet of paper there is room for some."""
    rules = tuple(_rules(figures, counting, times))
    lengths = accumulate(len(rule.lead) + len(rule.text) for rule in rules)
    fitting = sum(length <= CHARACTERS_ON_PAPER for length in lengths)
    if fitting == len(rules):
        return rules
    more = Rule("More:", f"{words.plural(len(rules) - fitting, 'rule')} on the page.", "paper")
    return (*rules[:fitting], *(replace(rule, medium="screen") for rule in rules[fitting:]), more)


def _rules(figures: Figures, counting: Counting, times: Times) -> Iterator[Rule]:
    told = (
        ("Achieved", f"is time that counts and was not down, over time that counts{_fraction(figures)}, cut to three "
         "decimals."),
        ("Bounds", _bounds(figures)),
        ("Credit", _credit(figures, counting)),
        *_combined(counting),
        *_terms(counting),
        *_policies(figures, counting, times),
    )  # fmt: skip
    return (Rule(lead, text) for lead, text in told)


def _fraction(figures: Figures) -> str:
    """`: 44,516 ÷ 44,568 minutes` where plain downtime over measured time is the whole truth."""
    known = figures.up_ms + figures.degraded_ms + figures.down_ms
    if not known or figures.ratio != Fraction(known - figures.down_ms, known):
        return ""
    return f": {thousands(minutes(known - figures.down_ms))} \u00f7 {thousands(minutes(known))} minutes"


def thousands(number: str) -> str:
    """`44,516.000` for `44516.000`."""
    whole, dot, rest = number.partition(".")
    return f"{int(whole):,}{dot}{rest}"


def _bounds(figures: Figures) -> str:
    unknown = words.counted_minutes(figures.unknown_ms)
    told = f"are what was achieved if all {unknown} unknown had been down, and if all had been up."
    return f"{told} Coverage is the part that was measured."


def _credit(figures: Figures, counting: Counting) -> str:
    credits = counting.promised.credits if counting.promised else None
    if credits is None:
        return "was not agreed for this target."
    told = f"follows the exact ratio, before it is cut for display: {schedule(credits)}{counting.fee}."
    if figures.running and figures.credit_locked is not None:
        locked = words.exact_percentage(figures.credit_locked / 100)
        told += f" Provisional while the month runs; {locked} can no longer be avoided."
    return told


def schedule(credits: Sequence[CreditTier]) -> str:
    """`0 % at 99.9 % or more, 10 % from 99 %, else 50 %`."""
    *above, last = credits
    told = [
        f"{words.exact_percentage(tier.credit / 100)} "
        f"{'from' if index else 'at'} {words.exact_percentage(tier.minimum)}{'' if index else ' or more'}"
        for index, tier in enumerate(above)
    ]
    return ", ".join([*told, f"else {words.exact_percentage(last.credit / 100)}"])


def _combined(counting: Counting) -> Iterator[Told]:
    """How members become one."""
    if counting.mode is None:
        return
    names = words.listed(counting.counted)
    rule = {
        "all": f"up while all of {names} are.",
        "any": f"up while any of {names} is.",
        "weighted": f"as down as {names} are, each in proportion to its weight.",
    }
    yield "The whole", f"is {rule.get(counting.mode, f'up while {counting.mode} of {names} are.')}"


def _policies(figures: Figures, counting: Counting, times: Times) -> Iterator[Told]:
    """The policy of each component, one after the other where it changed in the period."""
    period = figures.period
    same: dict[tuple[tuple[int | None, str], ...], list[str]] = {}
    for name, policies in counting.counted.items():
        dated = tuple((one.start_ms, one.rules) for one in policies if _in(one, period.start_ms, period.end_ms))
        same.setdefault(dated, []).append(name)
    for dated, names in same.items():
        whose = f"Down ({words.listed(names)})" if len(counting.counted) > 1 else "Down"
        for start, rules in dated:
            changed = start is not None and start > period.start_ms
            yield Markup("{} since {}:").format(whose, times.full(start or 0)) if changed else whose, rules


def _in(counted: Counted, begin: int, end: int) -> bool:
    return (counted.start_ms is None or counted.start_ms < end) and (counted.end_ms is None or counted.end_ms > begin)


def _terms(counting: Counting) -> Iterator[Told]:
    if counting.promised is None:
        return
    for told in terms_in_words(counting.promised.terms, counting.notice_ms):
        lead, colon, rest = told.partition(": ")
        yield lead + colon.strip(), rest
