"""Many writers, lost answers and a writer that is killed again and again: every row arrives once, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from publish_race import KILL_POINTS, Course, race
from race_writer import row

FIRST, SECOND = "history/raw/2026/eu-1121.jsonl", "history/raw/2026/eu-1122.jsonl"


def test_every_row_of_every_writer_arrives_once_and_nothing_else_changes(tmp_path: Path) -> None:
    """Four writers; `python tests/publish_race.py` is the same race with eight, 20 runs each and five seeds."""
    outcome = race(tmp_path, writers=4, runs=7, seed=1)

    assert outcome.written.total() >= 4 * 8
    assert outcome.kills > 0
    assert outcome.faults == (0, 0, (), 0, ()), outcome


@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_killed_run_is_made_good_by_the_next_one(tmp_path: Path, point: str) -> None:
    """At each point where a writer can die: the run after it, on the next day, leaves both rows published and clean."""
    course = Course(tmp_path)
    course.prepare(["w0"])

    end = course.write("w0", [1], deadly=course.deadly(point, seconds_left=0.02))
    refused = course.write("w0", [2], day=1)

    assert (end, refused) == (-1, 0)
    assert course.published() == {row("w0", 1, 0): 1, row("w0", 2, 1): 1}
    assert course.changes() == ([], 0)
    assert course.unclean(["w0"]) == []
    assert (tmp_path / "w0" / FIRST).read_bytes() == row("w0", 1, 0)
    assert (tmp_path / "w0" / SECOND).read_bytes() == row("w0", 2, 1)
