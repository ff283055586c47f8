"""What holds for every ledger: order, splits, sums, bounds, maintenance, targets and tiers."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import samples as s
from hypothesis import given, settings
from hypothesis import strategies as st

from statusledger.clock import HOUR_MS, MINUTE_MS, Period
from statusledger.model import CreditTier, Terms
from statusledger.sla import Counts, SlaStatus, count, figures, minutes, percent, promise
from statusledger.timeline import classify, merged

STATUSES = st.sampled_from(["up", "up", "up", "degraded", "down", "down", "unknown"])
# jitter, gaps and neighbours one millisecond apart
INSTANTS = st.one_of(
    st.integers(0, 30).map(lambda i: i * 5 * MINUTE_MS), st.integers(0, 3 * HOUR_MS), st.integers(600_000, 600_003)
)
ROWS = st.lists(st.tuples(INSTANTS, STATUSES), max_size=40).map(
    lambda rows: [(s.APRIL + ts, status) for ts, status in rows]
)
LEDGERS = st.dictionaries(st.sampled_from(["us", "eu", "ap"]), ROWS, min_size=1)
WINDOWS = st.lists(st.tuples(st.integers(0, 180), st.integers(0, 180)), max_size=4).map(
    lambda spans: [(s.at(a), s.at(b)) for a, b in spans]
)
COUNTING = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 30))
QUORUM = st.sampled_from(["any", "majority", "all", 1, 2])
THREE_HOURS = Period("", s.APRIL, s.APRIL + 3 * HOUR_MS)


def evaluated(ledger, counting=(2, 1, 10), rule="majority"):
    """The component of these rows."""
    n, m, h = counting
    return s.measured(s.component(s.check(n=n, m=m, h=h), quorum=rule), ledger)


def spent(timeline, windows=(), period=THREE_HOURS):
    """Its counts in three hours."""
    return count(classify(timeline, merged(windows)), [period], period.end_ms)[0]


@given(LEDGERS, COUNTING, QUORUM, st.randoms(use_true_random=False))
def test_order_and_duplicates_change_nothing(ledger, counting, rule, chance: random.Random):
    """A ledger that is read in another order, or twice, says the same."""
    shuffled = {place: chance.sample(rows * 2, 2 * len(rows)) for place, rows in reversed(ledger.items())}

    assert spent(evaluated(ledger, counting, rule)) == spent(evaluated(shuffled, counting, rule))


@given(LEDGERS, COUNTING, QUORUM, WINDOWS, st.lists(st.integers(0, 3 * HOUR_MS), max_size=6))
def test_any_split_adds_up_to_the_window(ledger, counting, rule, windows, cuts):
    """The classes of the parts sum to those of the whole, and those to its length."""
    classified = classify(evaluated(ledger, counting, rule), merged(windows))
    edges = [0, *sorted(cuts), 3 * HOUR_MS]
    parts = [Period("", s.APRIL + a, s.APRIL + b) for a, b in pairwise(edges)]

    whole = classified.spent([THREE_HOURS.start_ms], [THREE_HOURS.end_ms])
    by_parts = classified.spent([part.start_ms for part in parts], [part.end_ms for part in parts])

    assert np.array_equal(whole[0], by_parts.sum(axis=0))
    assert int(whole.sum()) == 3 * HOUR_MS


@given(LEDGERS, COUNTING, QUORUM, WINDOWS)
def test_intervals_tell_the_same_as_sums(ledger, counting, rule, windows):
    """Walking the stretches gives what the prefix sums give."""
    classified = classify(evaluated(ledger, counting, rule), merged(windows))
    walked = dict.fromkeys(("up", "degraded", "down", "unknown", "maintenance", "inactive"), 0)

    for start, end, state in classified.intervals(THREE_HOURS.start_ms, THREE_HOURS.end_ms):
        walked[state] += end - start

    assert list(walked.values()) == classified.spent([THREE_HOURS.start_ms], [THREE_HOURS.end_ms])[0].tolist()


@given(LEDGERS, WINDOWS, st.tuples(st.integers(0, 180), st.integers(0, 180)))
def test_more_maintenance_never_raises_downtime(ledger, windows, more):
    """Another window takes from the states, it never adds to them."""
    timeline = evaluated(ledger)
    wider = [*windows, (s.at(min(more)), s.at(max(more)))]

    assert spent(timeline, wider).down_ms <= spent(timeline, windows).down_ms


COUNTS = st.builds(Counts, *[st.integers(0, 10**10)] * 7)
RATIOS = st.fractions(0, 1, max_denominator=10_000)
TERMS = st.builds(
    Terms,
    degraded_weight=RATIOS,
    unknown_as=st.sampled_from(["excluded", "up", "down"]),
    maintenance_as=st.sampled_from(["excluded", "up"]),
)


def judged(counts, target, terms, credits=None):
    """Figures of these counts for a period that still runs."""
    return figures(Period("", 0, 2), counts, promise(target, credits, terms), 1)


@given(COUNTS, RATIOS, TERMS)
def test_bounds_bracket_the_ratio_and_only_one_shows_100(counts, target, terms):
    """What unknown time could change is between the bounds, and no rounding reaches 100."""
    got = judged(counts, target, terms)

    if got.ratio is None:
        assert got.status is SlaStatus.NO_DATA
        return
    assert got.ratio_low <= got.ratio <= got.ratio_high
    assert (percent(got.ratio) == "100.000") == (got.ratio == 1)
    assert Fraction(percent(got.ratio)) <= got.ratio * 100
    assert Fraction(minutes(got.used_ms)) * MINUTE_MS >= got.used_ms


@given(COUNTS, RATIOS, RATIOS, TERMS)
def test_a_higher_target_never_improves_the_status(counts, one, other, terms):
    """Compliant, warning, breached: a harder promise is never kept better."""
    order = [SlaStatus.COMPLIANT, SlaStatus.WARNING, SlaStatus.BREACHED]
    easy, hard = (judged(counts, target, terms).status for target in sorted((one, other)))

    assert easy is hard is SlaStatus.NO_DATA or order.index(easy) <= order.index(hard)


@given(COUNTS, TERMS, RATIOS, RATIOS)
def test_a_lower_minimum_never_raises_the_credit(counts, terms, one, other):
    """Easier tiers owe the same or less."""

    def credit(minimum):
        schedule = (CreditTier(minimum, Fraction(0), "kept"), CreditTier(Fraction(0), Fraction(100), "broken"))
        return judged(counts, Fraction(1, 2), terms, schedule).credit

    low, high = sorted((one, other))
    assert credit(low) <= credit(high)


@settings(max_examples=200)
@given(COUNTS, RATIOS, TERMS)
def test_the_locked_credit_is_never_more_than_the_provisional_one(counts, target, terms):
    """Nothing bad from now on can only make the credit smaller."""
    schedule = (CreditTier(Fraction(9, 10), Fraction(0), "kept"), CreditTier(Fraction(0), Fraction(100), "broken"))

    got = judged(counts, target, terms, schedule)

    assert got.ratio is None or got.credit_locked <= got.credit
