"""Policies are dated: a change holds from the next UTC day on, and never for days that were counted already."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rollup.histories import START, kept_lines, lay, steady, watched, watching

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, Period, format_instant
from statusledger.model import Counting
from statusledger.report import reading
from statusledger.report.evaluation import evaluate
from statusledger.report.keeping import Recompute, keep
from statusledger.rollup.policy import PolicyEntry, digest, eras, plain, policy, read

NOON = START + 12 * HOUR_MS
CHANGED = START + 2 * DAY_MS + HOUR_MS
STRICT = watched(replace(watched().checks[0], counting=Counting(1, 1, 10 * MINUTE_MS)))


@pytest.fixture
def root(tmp_path):
    """Five days, on each of which one sample fails at noon."""
    folder = tmp_path / "history"
    lay(folder, steady(START, START + 5 * DAY_MS, *(NOON + day * DAY_MS for day in range(5))))
    return folder


def down_by_day(root, config, *, full=False):
    """Minutes of downtime on each of the five days."""
    as_of = START + 5 * DAY_MS
    history = reading.read(root, config, as_of=as_of, full=full)
    evaluated = evaluate(config, history, as_of=as_of).components["api"]
    days = [Period("", START + day * DAY_MS, START + (day + 1) * DAY_MS) for day in range(5)]
    return [figures.down_ms // MINUTE_MS for figures in evaluated.figures(days)]


def test_a_change_holds_from_the_next_day_on(root):
    """N was 2 when it was told first, and 1 from the third day on: counted from the fourth."""
    keep(root, watching(), as_of=START + DAY_MS)
    keep(root, watching(STRICT), as_of=CHANGED)

    assert down_by_day(root, watching(STRICT)) == [0, 0, 0, 5, 5]
    assert down_by_day(root, watching(STRICT), full=True) == [0, 0, 0, 5, 5]
    assert [(line["from"], line["component"]) for line in kept_lines(root, "policy.jsonl")] == [
        (0, "api"),
        (CHANGED, "api"),
    ]


def test_without_the_file_the_current_policy_holds_for_all_days(root):
    """Also before its first entry."""
    late = PolicyEntry(CHANGED, "api", policy(STRICT))

    assert down_by_day(root, watching(STRICT)) == [5, 5, 5, 5, 5]
    assert [era.policy for era in eras(watched(), [late], {})] == [digest(policy(watched())), digest(policy(STRICT))]


def test_recomputing_under_the_current_policy_is_a_revision_that_says_so(root):
    """All days are counted anew, the lines and the entry are marked, and the past of the change stays told."""
    keep(root, watching(), as_of=CHANGED)

    kept = keep(root, watching(STRICT), as_of=START + 5 * DAY_MS, recompute=Recompute.CURRENT_POLICY)

    assert down_by_day(root, watching(STRICT)) == [5, 5, 5, 5, 5]
    assert [day.revision for day in kept.rolled.revised] == [1, 1]
    assert kept_lines(root, "policy.jsonl")[-1]["retroactive"] is True


def test_a_check_that_leaves_counts_until_then(root):
    """The day on which it left is not unknown for the rest of it."""
    more = replace(watched().checks[0], id="more")
    lay(root, steady(START, CHANGED), check="more")
    keep(root, watching(watched(watched().checks[0], more)), as_of=CHANGED - HOUR_MS)
    keep(root, watching(), as_of=CHANGED)

    history = reading.read(root, watching(), as_of=START + 5 * DAY_MS)

    evaluated = evaluate(watching(), history, as_of=START + 5 * DAY_MS).components["api"]
    (day,) = evaluated.figures([Period("", START + 2 * DAY_MS, START + 3 * DAY_MS)])
    assert (day.unknown_ms, day.up_ms, day.degraded_ms) == (0, DAY_MS - 5 * MINUTE_MS, 5 * MINUTE_MS)


def test_a_renamed_check_keeps_its_days(root):
    """Lines and policies under its old id are read under the new one, and nothing is sealed anew."""
    keep(root, watching(), as_of=CHANGED)
    renamed = watched(replace(watched().checks[0], id="web", was=("api",)))

    kept = keep(root, watching(renamed), as_of=CHANGED)

    assert kept.rolled.revised == ()
    assert down_by_day(root, watching(renamed)) == down_by_day(root, watching(renamed), full=True) == [0] * 5
    assert kept_lines(root, "policy.jsonl")[-1]["was"] == {"api": "web"}


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(PolicyEntry(0, "api", policy(watched())), id="first"),
        pytest.param(PolicyEntry(CHANGED, "api", policy(STRICT), retroactive=True, was={"old": "api"}), id="all"),
    ],
)
def test_a_line_is_read_as_it_was_written(entry):
    """And an instant may also be spelled as ISO 8601."""
    line = plain(entry)

    assert read(line) == entry
    assert read({**line, "from": format_instant(entry.since)}) == entry
