"""Lines of sealed days: their form, when a day may be sealed, and that the same ledger gives the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from rollup.histories import START, kept_lines, lay, steady, watched, watching

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS
from statusledger.model import Check, Counting
from statusledger.report.keeping import keep
from statusledger.rollup.policy import policy

NEXT = START + DAY_MS
NOON = START + 12 * HOUR_MS


@pytest.fixture
def root(tmp_path):
    """A history folder that does not exist yet."""
    return tmp_path / "history"


def test_a_sealed_day_is_one_line(root):
    """States by offset, counts and times by check, the policy's digest, and rows with digest by location."""
    lay(root, [(NOON, "up"), (NOON + 300_000, "down"), (NOON + 600_000, "down"), (NEXT - 60_000, "unknown")])
    lay(root, steady(NEXT, NEXT + HOUR_MS))

    keep(root, watching(), as_of=NEXT + HOUR_MS)

    rows = (f"api,{NOON},up,100,", f"api,{NOON + 300_000},down,,refused", f"api,{NOON + 600_000},down,,refused")
    rows = (*rows, f"api,{NEXT - 60_000},unknown,,refused")
    assert kept_lines(root) == [
        {
            "d": "2026-03-20",
            "c": "api",
            "rle": [[43_200_000, "up"], [43_500_000, "down"], [44_400_000, "unknown"]],
            "checks": {
                "api": {"n": 3, "fail": 2, "sum": 100, "min": 100, "max": 100, "h": [233, 1],
                        "last": 86_340_000, "known": 43_800_000}
            },
            "policy": policy(watched())["digest"],
            "src": {"eu": f"4:{hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:16]}"},
            "sealed": True,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("after", "as_of", "sealed"),
    [
        pytest.param([], NEXT + HOUR_MS, 0, id="nothing after it yet"),
        pytest.param(steady(NEXT, NEXT + 300_000), NEXT + HOUR_MS, 0, id="one sample where two bear on it"),
        pytest.param([(NEXT, "up"), (NEXT + 60_000, "unknown")], NEXT + HOUR_MS, 0, id="unknown bears on nothing"),
        pytest.param(steady(NEXT, NEXT + 600_000), NEXT + HOUR_MS, 1, id="two samples"),
        pytest.param([], NEXT + 48 * HOUR_MS, 0, id="48 hours"),
        pytest.param([], NEXT + 48 * HOUR_MS + 1, 1, id="more than 48 hours"),
    ],
)
def test_a_day_is_sealed_once_nothing_can_change_it(root, after, as_of, sealed):
    """N + M - 1 known samples after its end, or 48 hours."""
    lay(root, [*steady(NOON, NEXT), *after])

    keep(root, watching(), as_of=as_of)

    assert len([line for line in kept_lines(root) if line["d"] == "2026-03-20"]) == sealed


def test_every_location_of_the_day_and_the_day_before_has_to_go_on(root):
    """A location that fell silent is waited for, one that has been silent for a day is not."""
    lay(root, steady(START, NEXT + 2 * DAY_MS))
    lay(root, steady(START, NEXT - HOUR_MS), location="us")

    days = [[line["d"] for line in kept(root, NEXT + hours * HOUR_MS + 1)] for hours in (47, 48, 72)]

    assert days == [[], ["2026-03-20"], ["2026-03-20", "2026-03-21"]]


def kept(root, as_of):
    """The lines after the job has run."""
    keep(root, watching(), as_of=as_of)
    return kept_lines(root)


def test_a_day_without_a_row_is_sealed_as_unknown(root):
    """The record has no holes, so that a gap is told from a line that is missing."""
    lay(root, [*steady(START, START + HOUR_MS), *steady(START + 3 * DAY_MS, START + 3 * DAY_MS + HOUR_MS)])

    lines = kept(root, START + 3 * DAY_MS + HOUR_MS)

    assert [(line["d"], line["rle"]) for line in lines[1:]] == [
        ("2026-03-21", [[0, "unknown"]]),
        ("2026-03-22", [[0, "unknown"]]),
    ]


def test_the_same_ledger_gives_the_same_bytes(root, tmp_path):
    """Whether it was sealed day by day or all at once, and in whatever order rows were written."""
    rows = steady(START, START + 3 * DAY_MS, NOON, NOON + 300_000, NEXT, NEXT + 300_000)
    other = tmp_path / "other" / "history"
    for day in range(3):
        lay(root, rows[day * 288 : day * 288 + 288])
        keep(root, watching(), as_of=START + day * DAY_MS + 23 * HOUR_MS)
    lay(other, rows[::-1])
    keep(root, watching(), as_of=START + 3 * DAY_MS)
    keep(other, watching(), as_of=START + 3 * DAY_MS)

    (one,), (two,) = (sorted(place.glob("rollup/*")) for place in (root, other))
    assert one.read_bytes() == two.read_bytes()


def test_a_late_row_has_its_day_sealed_anew_and_neighbours_in_reach(root):
    """A failure at midnight that is confirmed by a late one changes the day before as well."""
    failed = NEXT - 5 * MINUTE_MS
    rows = [row for row in steady(START, NEXT + 6 * HOUR_MS, failed) if row[0] != NEXT]
    lay(root, [*rows, *steady(NEXT + DAY_MS, NEXT + DAY_MS + HOUR_MS)])
    before = kept(root, NEXT + DAY_MS + HOUR_MS)

    lay(root, [(NEXT, "down")])
    after = kept(root, NEXT + DAY_MS + HOUR_MS)[len(before) :]

    assert before[0]["rle"] == [[0, "up"], [86_100_000, "degraded"]]
    assert [(line["d"], line["rle"][-1], line["revision"]) for line in after] == [
        ("2026-03-20", [86_100_000, "down"], 1),
        ("2026-03-21", [21_900_000, "unknown"], 1),
    ]
    assert kept(root, NEXT + DAY_MS + HOUR_MS)[len(before) :] == after


def test_informational_checks_are_kept_and_count_for_nothing(root):
    """Their days are told, the component's states do not know them."""
    slow = replace(watched().checks[0], id="slow", informational=True)
    config = watching(watched(watched().checks[0], slow))
    lay(root, steady(START, NEXT + HOUR_MS))
    lay(root, [(t, "down") for t, _ in steady(START, NEXT + HOUR_MS)], check="slow")

    keep(root, config, as_of=NEXT + HOUR_MS)

    (line,) = kept_lines(root)
    assert (line["rle"], {name: one["fail"] for name, one in line["checks"].items()}) == (
        [[0, "up"]],
        {"api": 0, "slow": 288},
    )


def test_a_long_hold_reaches_into_later_days(root):
    """A daily check holds for three days, and their lines say so."""
    daily = Check("api", "api", "http", None, DAY_MS, 10_000, counting=Counting(1, 1, 3 * DAY_MS))
    lay(root, [(NOON, "up")])

    keep(root, watching(watched(daily)), as_of=START + 8 * DAY_MS)

    states = [line["rle"] for line in kept_lines(root)]
    assert states[:4] == [[[43_200_000, "up"]], [[0, "up"]], [[0, "up"]], [[0, "up"], [43_200_000, "unknown"]]]
