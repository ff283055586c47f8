"""Sealed days of a component -> what its timeline takes from them instead of counting raw rows."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from statusledger.rollup.subject import Subject
from statusledger.timeline import KeptCheck, KeptDays, Past
from statusledger.timeline.steps import UNKNOWN


def past(subject: Subject, kept: Collection[int], at_hand: Collection[int], since: int) -> Past:
    """The component's past: `kept` days are taken from their lines, the rows of those `at_hand` are read as well.

    Rows before `since` are no longer complete.
    """
    days = sorted(kept)
    return Past(
        eras=subject.eras,
        kept=_kept_days(subject, days, at_hand),
        checks=_checks(subject, frozenset(kept)),
        first_sample_at=_first_sample(subject, days),
        since=since,
    )


def _kept_days(subject: Subject, days: list[int], at_hand: Collection[int]) -> KeptDays:
    starts: list[int] = []
    states: list[int] = []
    known: list[int] = []
    failed: list[int] = []
    aliases = subject.aliases
    for day in days:
        sealed = subject.days[day]
        if not sealed.steps or sealed.steps[0][0]:
            starts.append(day)
            states.append(UNKNOWN)
        for offset, state in sealed.steps:
            starts.append(day + offset)
            states.append(state)
        counted = subject.counted(day)
        checks = [check for name, check in sealed.checks.items() if aliases.get(name, name) in counted]
        known.append(sum([check.known for check in checks]))
        failed.append(sum([check.failed for check in checks]))
    return KeptDays(
        np.array(days, dtype=np.int64),
        np.array(starts, dtype=np.int64),
        np.array(states, dtype=np.int8),
        np.array([known, failed], dtype=np.int64).T,
        np.array([day in at_hand for day in days], dtype=np.bool_),
    )


def _checks(subject: Subject, kept: Collection[int]) -> dict[str, KeptCheck]:
    """What all lines tell of each check that counted, under the name that it has now."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    last_known: dict[str, int] = {}
    for day, sealed in sorted(subject.days.items()):
        counted = subject.counted(day)
        for written, check in sealed.checks.items():
            identity = subject.aliases.get(written, written)
            if identity not in counted:
                continue
            if day in kept:
                first.setdefault(identity, day)
            if check.last is not None:
                last[identity] = day + check.last
                if check.known:
                    last_known[identity] = day + (check.last if check.last_known is None else check.last_known)
    return {
        identity: KeptCheck(first.get(identity), last.get(identity), last_known.get(identity))
        for identity in first.keys() | last.keys()
    }


def _first_sample(subject: Subject, days: list[int]) -> int | None:
    """The first sample that counted: the first state of the first kept day that has one."""
    return next((day + sealed.steps[0][0] for day in days if (sealed := subject.days[day]).steps), None)
