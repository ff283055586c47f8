"""How a statement was counted, in words with its own numbers: the arithmetic, the schedule, the policy over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from markupsafe import Markup

from statusledger import words
from statusledger.language import Text, gettext, markup, ngettext, number, pgettext
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
    left = ngettext("%(count)s rule on the page.", "%(count)s rules on the page.", len(rules) - fitting)
    more = Rule(pgettext("rule", "More:"), left, "paper")
    return (*rules[:fitting], *(replace(rule, medium="screen") for rule in rules[fitting:]), more)


def _rules(figures: Figures, counting: Counting, times: Times) -> Iterator[Rule]:
    told = (
        (pgettext("rule", "Achieved"), _achieved(figures)),
        (pgettext("rule", "Bounds"), _bounds(figures)),
        (pgettext("rule", "Credit"), _credit(figures, counting)),
        *_combined(counting),
        *_terms(counting),
        *_policies(figures, counting, times),
    )
    return (Rule(lead, text) for lead, text in told)


def _achieved(figures: Figures) -> str:
    """The arithmetic, with its numbers where plain downtime over measured time is the whole truth."""
    known = figures.up_ms + figures.degraded_ms + figures.down_ms
    if not known or figures.ratio != Fraction(known - figures.down_ms, known):
        return gettext("is time that counts and was not down, over time that counts, cut to three decimals.")
    return gettext(
        "is time that counts and was not down, over time that counts: %(good)s \u00f7 %(known)s minutes, cut to three "
        "decimals.",
        good=number(minutes(known - figures.down_ms)),
        known=number(minutes(known)),
    )


def _bounds(figures: Figures) -> str:
    return gettext(
        "are what was achieved if all %(unknown)s unknown had been down, and if all had been up. Coverage is the part "
        "that was measured.",
        unknown=words.counted_minutes(figures.unknown_ms),
    )


def _credit(figures: Figures, counting: Counting) -> str:
    credits = counting.promised.credits if counting.promised else None
    if credits is None:
        return gettext("was not agreed for this target.")
    told = _schedule(credits, counting.fee)
    if not figures.running or figures.credit_locked is None:
        return told
    locked = gettext(
        "Provisional while the month runs; %(credit)s can no longer be avoided.",
        credit=words.exact_percentage(figures.credit_locked / 100),
    )
    return " ".join((told, locked))


def _schedule(credits: Sequence[CreditTier], fee: str) -> str:
    if not fee:
        return gettext(
            "follows the exact ratio, before it is cut for display: %(schedule)s.", schedule=schedule(credits)
        )
    return gettext(
        "follows the exact ratio, before it is cut for display: %(schedule)s of %(fee)s a month.",
        schedule=schedule(credits),
        fee=fee,
    )


def schedule(credits: Sequence[CreditTier]) -> str:
    """`0 % at 99.9 % or more, 10 % from 99 %, else 50 %`."""
    *above, last = credits
    told = [_tier(tier, first=index == 0) for index, tier in enumerate(above)]
    rest = gettext("else %(credit)s", credit=words.exact_percentage(last.credit / 100))
    return words.listed([*told, rest])


def _tier(tier: CreditTier, *, first: bool) -> str:
    credit, minimum = words.exact_percentage(tier.credit / 100), words.exact_percentage(tier.minimum)
    if first:
        return gettext("%(credit)s at %(minimum)s or more", credit=credit, minimum=minimum)
    return gettext("%(credit)s from %(minimum)s", credit=credit, minimum=minimum)


def _combined(counting: Counting) -> Iterator[Told]:
    """How members become one."""
    if counting.mode is None:
        return
    yield pgettext("rule", "The whole"), _mode(counting.mode, words.listed(counting.counted))


def _mode(mode: str, names: str) -> str:
    if mode == "all":
        return gettext("is up while all of %(names)s are.", names=names)
    if mode == "any":
        return gettext("is up while any of %(names)s is.", names=names)
    if mode == "weighted":
        return gettext("is as down as %(names)s are, each in proportion to its weight.", names=names)
    return ngettext(
        "is up while %(count)s of %(names)s is.", "is up while %(count)s of %(names)s are.", int(mode), names=names
    )


def _policies(figures: Figures, counting: Counting, times: Times) -> Iterator[Told]:
    """The policy of each component, one after the other where it changed in the period."""
    period = figures.period
    same: dict[tuple[tuple[int | None, Text], ...], list[str]] = {}
    for name, policies in counting.counted.items():
        dated = tuple((one.start_ms, one.rules) for one in policies if _in(one, period.start_ms, period.end_ms))
        same.setdefault(dated, []).append(name)
    for dated, names in same.items():
        whose = pgettext("rule", "Down")
        if len(counting.counted) > 1:
            whose = pgettext("rule", "Down (%(names)s)", names=words.listed(names))
        for start, rules in dated:
            changed = start is not None and start > period.start_ms
            lead = markup("%(rule)s since %(time)s:", rule=whose, time=times.full(start or 0)) if changed else whose
            yield lead, str(rules)


def _in(counted: Counted, begin: int, end: int) -> bool:
    return (counted.start_ms is None or counted.start_ms < end) and (counted.end_ms is None or counted.end_ms > begin)


def _terms(counting: Counting) -> Iterator[Told]:
    if counting.promised is None:
        return
    for told in terms_in_words(counting.promised.terms, counting.notice_ms):
        lead, colon, rest = str(told).partition(": ")
        yield lead + colon.strip(), rest
