"""UptimeSLAWarning, UptimeSLACritical, BurnRate and SLABreach: budgets that are spent too fast, or for good."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial

from statusledger import words
from statusledger.clock import DAY_MS, Period
from statusledger.config.alerting import UptimeSLACriticalBlock, UptimeSLAWarningBlock
from statusledger.language import later
from statusledger.model import Level, State
from statusledger.rules.alert import Alert, Watched
from statusledger.rules.outlook import Outlook, plain
from statusledger.sla import BURN_RULES, Burn, BurnRule, Counts, SlaStatus, burns, count
from statusledger.sla.figures import counted
from statusledger.timeline.steps import DEGRADED, DOWN, UNKNOWN
from statusledger.written.wording import plural

LONGEST_MS = max(rule.long_ms for rule in BURN_RULES)
SPENT_MS = DAY_MS


def spending(outlook: Outlook) -> Iterator[Alert]:
    """The budget of each component, by the windows of all rules at once.

    UptimeSLA*: the rolling 24 hours, two names, two thresholds. BurnRate: the four pairs of windows of the SLA
    definition, of which a page is critical and a ticket a warning.
    """
    levels = [
        (rule, severity, BurnRule("ticket", SPENT_MS, SPENT_MS, block.burn))
        for rule, severity, block in (
            ("UptimeSLACritical", Level.CRITICAL, outlook.rules.uptime_sla_critical),
            ("UptimeSLAWarning", Level.WARNING, outlook.rules.uptime_sla_warning),
        )
        if isinstance(block, UptimeSLAWarningBlock | UptimeSLACriticalBlock)
    ]
    windows = [*(window for _, _, window in levels), *(BURN_RULES if outlook.alerting.is_on("BurnRate") else ())]
    for one in _spending(outlook) if windows else ():
        found = _burns(outlook, one, windows)
        for (rule, severity, _), burn in zip(levels, found, strict=False):
            if burn.firing:
                yield _alert(outlook, one, (rule, severity), [burn])
        firing = [burn for burn in found[len(levels) :] if burn.firing]
        if firing:
            pages = any(burn.rule.kind == "page" for burn in firing)
            yield _alert(outlook, one, ("BurnRate", Level.CRITICAL if pages else Level.WARNING), firing)


def _spending(outlook: Outlook) -> Iterator[Watched]:
    """The components that may have spent anything of late, or of which nothing is known."""
    windows = [outlook.as_of - LONGEST_MS], [outlook.as_of]
    for one in outlook.situation.subjects.values():
        spent = one.classified.spent(*windows)[0]
        alive = outlook.state(one) is not State.INACTIVE
        if alive and (spent[DOWN] or spent[DEGRADED] or spent[UNKNOWN]):
            yield one


def _burns(outlook: Outlook, one: Watched, rules: Sequence[BurnRule]) -> tuple[Burn, ...]:
    counts: Callable[[Sequence[Period]], Sequence[Counts]] = partial(count, one.classified, as_of=outlook.as_of)
    return burns(counts, one.classified, one.promised, outlook.as_of, rules=rules)


def _alert(outlook: Outlook, one: Watched, told: tuple[str, Level], firing: Sequence[Burn]) -> Alert:
    rule, severity = told
    return Alert(
        rule=rule,
        severity=severity,
        subject=one.component.id,
        name=one.component.name,
        since=_bad_since(outlook, one),
        headline=later(_headline, outlook, one, rule),
        reason=later(_reason, firing, one.promised.target),
        held=outlook.held(one),
        told_with=outlook.told_with(one.component.id),
        frozen=all(burn.frozen_at is not None for burn in firing),
        **outlook.about(one),
    )


def _headline(outlook: Outlook, one: Watched, rule: str) -> str:
    """`API had 97.560 % uptime in 24 h`, or that its budget goes too fast."""
    name = one.component.name
    if rule != "BurnRate":
        day = Period("24h", outlook.as_of - DAY_MS, outlook.as_of)
        bad, whole = counted(count(one.classified, [day], outlook.as_of)[0], one.promised.terms)
        if whole:
            return f"{name} had {plain(words.percentage((whole - bad) / whole))} uptime in 24 h"
    return f"{name} spends its downtime budget too fast"


def _reason(firing: Sequence[Burn], target: Fraction) -> str:
    """How fast the shortest windows burn, and how many longer ones do; the rest is on the page."""
    burn, allowed = firing[0], plain(words.exact_percentage(target))
    long, short = (plain(words.duration(ms)) for ms in (burn.rule.long_ms, burn.rule.short_ms))
    if burn.long is None:
        return f"Something failed in {long}, and a target of {allowed} allows no downtime."
    also = f" ({_times(burn.short)} in the last {short})" if short != long and burn.short is not None else ""
    told = f"In {long} the downtime budget burned {_times(burn.long)} as fast as a target of {allowed} allows{also}"
    more = f" So did {plural(len(firing) - 1, 'longer window')}." if len(firing) > 1 else ""
    return f"{told}; told above {float(burn.rule.factor):g}.{more}"


def _times(rate: Fraction) -> str:
    """`215.6 times`, cut after one decimal."""
    return f"{math.floor(rate * 10) / 10:,g} times"


def _bad_since(outlook: Outlook, one: Watched) -> int:
    """When the newest stretch that spends began."""
    weighs = one.promised.terms.degraded_weight > 0
    bad = {State.DOWN, State.DEGRADED} if weighs else {State.DOWN}
    starts = [
        start for start, _, state in one.classified.intervals(outlook.as_of - LONGEST_MS, outlook.as_of) if state in bad
    ]
    return max(starts, default=outlook.as_of - LONGEST_MS)


# --- contracts ----------------------------------------------------------------------------------


def sla_breach(outlook: Outlook) -> Iterator[Alert]:
    """One for every contract whose running period cannot be kept any more."""
    if not outlook.alerting.is_on("SLABreach"):
        return
    for standing in outlook.situation.contracts:
        month, contract = standing.figures, standing.contract
        if month.status is not SlaStatus.BREACHED or not month.running:
            continue
        one = outlook.situation.subjects.get(contract.subject)
        used, allowed = (plain(words.counted_minutes(ms)) for ms in (month.used_ms, month.allowed_ms))
        credit = "no credit was agreed" if month.credit_locked is None else _credit(month.credit_locked)
        yield Alert(
            rule="SLABreach",
            severity=Level.CRITICAL,
            subject=contract.id,
            name=contract.id,
            since=standing.period.start_ms,
            headline=f"Contract {contract.id} is breached in {standing.period.key}",
            reason=f"{used} of downtime, {allowed} allowed against {plain(words.exact_percentage(contract.target))}; "
            f"tier {month.credit_name or words.DASH}, {credit}.",
            episode=standing.period.key,
            **(outlook.about(one) if one else {}),
        )


def _credit(locked: Fraction) -> str:
    return f"at least {float(locked):g} % credit is owed"
