"""The policy `immediate`: a check's rows of all locations, told at the first failed sample and at every change.

A check is as bad as the worst of its locations' newest samples. A spell lasts from the first one that is not up until
all are; it is one alert, whatever happens in it: degraded is a warning, down is critical, and each fifth failed sample
is told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from statusledger.clock import DAY_MS, to_datetime
from statusledger.config.telling import Alerting
from statusledger.model import Counting, Level, State
from statusledger.rules.alert import Alert, Watched
from statusledger.rules.outlook import Outlook, seen
from statusledger.timeline import CheckTimeline, effective, merge, quorum
from statusledger.timeline.steps import DEGRADED, DOWN, UP, Codes, Matrix

KEY_RULE = "ServiceDown"
RECENT_MS = DAY_MS
REPEATED_EVERY = 5
RULES = {
    State.DOWN: ("ServiceDown", Level.CRITICAL, "is down"),
    State.DEGRADED: ("ServiceDegraded", Level.WARNING, "is degraded"),
}
CODES = {State.DOWN: DOWN, State.DEGRADED: DEGRADED}


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch in which a check was not up at some location; `ended_at` None: it lasts.

    `state` is how bad it is, or was at its end; `frozen`: nothing is known of it now.
    """

    check: CheckTimeline
    started_at: int
    ended_at: int | None
    state: State
    frozen: bool

    @property
    def id(self) -> str:
        """What tells it from other spells of the same check, like the id of an incident."""
        return f"{self.check.check.id}-{to_datetime(self.started_at):%Y%m%dT%H%M%SZ}"


def changes(outlook: Outlook) -> Iterator[Alert]:
    """An alert for every spell that lasts, and for those that were over within a day."""
    for one in outlook.situation.subjects.values():
        if outlook.state(one) is State.INACTIVE:
            continue
        for check in one.timeline.counted:
            for spell in spells(check, outlook.alerting, outlook.as_of):
                if spell.ended_at is None or spell.ended_at > outlook.as_of - RECENT_MS:
                    yield _alert(outlook, one, spell)


def spells(check: CheckTimeline, alerting: Alerting, as_of: int) -> Iterator[Spell]:
    """Every spell in the samples at hand, oldest first; what its rule is switched off for is as good as up."""
    ignored = [CODES[state] for state, (rule, _, _) in RULES.items() if not alerting.is_on(rule)]
    first = check.first_sample_at
    if not check.samples or first is None:
        return
    at_once = Counting(1, 1, check.check.counting.max_staleness_ms)

    def worst(matrix: Matrix) -> Codes:
        found = quorum(matrix, "any", 1)
        return np.where(np.isin(found, ignored), UP, found).astype(np.int8)

    together = merge([effective(rows, at_once) for rows in check.samples.values()], worst)
    began: int | None = None
    state = State.UNKNOWN
    # one more millisecond, so that a sample of this very instant is seen
    for start, _, now in together.intervals(first, as_of + 1):
        if now in RULES:
            began, state = start if began is None else began, now
        elif now is State.UP and began is not None:
            yield Spell(check, began, start, state, frozen=False)
            began = None
    if began is not None:
        yield Spell(check, began, None, state, frozen=now not in RULES)


def _alert(outlook: Outlook, one: Watched, spell: Spell) -> Alert:
    check = spell.check.check
    name = f"{one.component.name} ({check.name})" if len(one.component.checks) > 1 else one.component.name
    rule, severity, what = RULES[spell.state]
    locations, codes, failed = _seen(spell)
    told = f"{'Down' if spell.state is State.DOWN else 'Degraded'} since {outlook.moment(spell.started_at)}"
    return Alert(
        rule=rule,
        severity=severity,
        subject=check.id,
        name=name,
        since=spell.started_at,
        headline=f"{name} {what}",
        reason=f"{told} ({failed} failed){seen(locations, codes)}.",
        episode=spell.id,
        locations=locations,
        codes=codes,
        held=outlook.held(one) or outlook.replaced(one.component.id),
        frozen=spell.frozen,
        ended_at=spell.ended_at,
        repeats=failed // REPEATED_EVERY,
        key_rule=KEY_RULE,
        **outlook.about(one) | {"state": spell.state},
    )


def _seen(spell: Spell) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """(locations that saw it, the codes of its samples, the newest first, how many failed)."""
    locations: list[str] = []
    newest: dict[str, int] = {}
    failed = 0
    for location, rows in spell.check.samples.items():
        inside = (rows.ts >= spell.started_at) & (spell.ended_at is None or rows.ts < (spell.ended_at or 0))
        bad = np.flatnonzero(inside & ((rows.status == DOWN) | (rows.status == DEGRADED)))
        failed += int((rows.status[bad] == DOWN).sum())
        locations += [location] if len(bad) else []
        newest |= {rows.codes[rows.code[index]]: int(rows.ts[index]) for index in bad.tolist()}
    return tuple(locations), _by_age(newest), failed


def _by_age(newest: dict[str, int]) -> tuple[str, ...]:
    found: Sequence[str] = sorted(newest, key=lambda code: (-newest[code], code))
    return tuple(code for code in found if code)
