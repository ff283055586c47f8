"""The product against the slow evaluator, on histories that were made to be nasty."""

from __future__ import annotations

import random

import pytest
import reference
import samples as s

from statusledger.clock import MINUTE_MS, Period
from statusledger.model import Status
from statusledger.sla import count
from statusledger.timeline import Reported, classify, component_timeline, merged, series

HOURS_3 = 180 * MINUTE_MS
CLASSES = ("up", "degraded", "down", "unknown", "maintenance", "inactive")


def nasty_rows(chance: random.Random) -> list[tuple[int, str]]:
    """Five-minute samples with jitter, gaps, one-millisecond neighbours, duplicates and conflicts."""
    rows: list[tuple[int, str]] = []
    ts = s.APRIL + chance.randrange(-20 * MINUTE_MS, 40 * MINUTE_MS)
    status = "up"
    for _ in range(chance.randrange(45)):
        ts += chance.choice(
            [5 * MINUTE_MS, 5 * MINUTE_MS, 5 * MINUTE_MS + chance.randrange(-90_000, 90_000), 1, 25 * MINUTE_MS]
        )
        if chance.random() < 0.4:
            status = chance.choice(["up", "up", "down", "down", "degraded", "unknown"])
        rows += [(ts, status)] * chance.choice([1, 1, 1, 2])
        if chance.random() < 0.1:
            rows.append((ts, chance.choice(["up", "down", "degraded", "unknown"])))
    chance.shuffle(rows)
    return rows


def nasty_subject(chance: random.Random) -> tuple[reference.Subject, dict[str, dict[str, list[tuple[int, str]]]]]:
    """One to three checks, one to three locations, any rules."""
    checks = [f"c{index}" for index in range(chance.choice([1, 1, 2, 3]))]
    places = ["us", "eu", "ap"][: chance.choice([1, 2, 3])]
    rows = {check: {place: nasty_rows(chance) for place in places} for check in checks}
    rules = {
        check: reference.Rules(
            chance.randint(1, 3),
            chance.randint(1, 3),
            chance.choice([4, 10, 15]) * MINUTE_MS,
            chance.choice(["degraded", "up"]),
        )
        for check in checks
    }
    begin = chance.choice([None, None, s.APRIL + 7 * MINUTE_MS])
    end = chance.choice([None, None, s.APRIL + 150 * MINUTE_MS])
    rule = chance.choice(["any", "majority", "all", 2])
    combination = chance.choice(["worst", "best", 2])
    return reference.Subject(rows, rules, rule, chance.randint(1, 2), combination, begin, end), rows


def nasty_report(chance: random.Random) -> tuple[int, int | None, str]:
    """What somebody reported: overlapping, inverted, open, in the future, of any state."""
    start = s.at(chance.randrange(-20, 200))
    end = chance.choice([None, start + chance.randrange(-5, 60) * MINUTE_MS])
    return start, end, chance.choice(["down", "down", "degraded", "up"])


def product(subject, rows, period, as_of, windows, reports):
    """The same question to the product."""
    checks = tuple(
        s.check(name, n=one.n, m=one.m, h=one.h / MINUTE_MS, unconfirmed_as=one.unconfirmed)
        for name, one in subject.rules.items()
    )
    component = s.component(
        *checks,
        quorum=subject.rule,
        min_known=subject.min_known,
        combination=subject.combination,
        active_from=subject.active_from,
        active_until=subject.active_until,
    )
    flat = [
        (check, place, ts, status)
        for check, places in rows.items()
        for place, samples in places.items()
        for ts, status in samples
        if ts <= as_of
    ]
    timeline = component_timeline(component, series(s.frame(flat)))
    reported = [Reported("x", "api", first, last, Status(state)) for first, last, state in reports]
    (counts,) = count(classify(timeline, merged(windows), reported), [period], as_of)
    return {name: getattr(counts, f"{name}_ms") for name in CLASSES}


@pytest.mark.parametrize("seed", range(300))
def test_every_millisecond_agrees(seed):
    """Both evaluators put every millisecond of a random history into the same class."""
    chance = random.Random(seed)
    subject, rows = nasty_subject(chance)
    as_of = s.APRIL + chance.choice([HOURS_3, HOURS_3 // 2, 100 * MINUTE_MS + 1])
    windows = [tuple(sorted(s.at(chance.randrange(180)) for _ in range(2))) for _ in range(chance.choice([0, 0, 1, 3]))]
    reports = [nasty_report(chance) for _ in range(chance.choice([0, 0, 1, 3]))]
    period = Period("", s.APRIL, s.APRIL + HOURS_3)

    expected = reference.classes(subject, period.start_ms, period.end_ms, as_of, windows, reports)

    assert product(subject, rows, period, as_of, windows, reports) == expected
