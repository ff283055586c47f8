"""A heartbeat's own reports stand beside the verdict of the locations that wait for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import samples as s


def states(quorum: str, **by_location: str) -> str:
    """(minute, state) of every change within the hour, for rows written as `up 0, down 5`."""
    beat = replace(s.check(h=15), type="heartbeat")
    watched = s.component(beat, quorum=quorum)
    timeline = s.measured(watched, {place: s.spelled(text) for place, text in by_location.items()})
    return ", ".join(f"{state} {(start - s.APRIL) // 60_000}" for start, _, state in timeline.state.intervals(*HOUR))


HOUR = (s.at(0), s.at(60))
LATE = "up 0, up 10, up 20, down 30, down 40, down 50"
FINE = "up 0, up 10, up 20, up 30, up 40, up 50"


@pytest.mark.parametrize("quorum", ["majority", "any", "all"])
@pytest.mark.parametrize(
    ("eu", "push", "told"),
    [
        pytest.param(LATE, "up 0, up 20", "up 0, down 30", id="an old good report does not outvote the silence"),
        pytest.param(FINE, "up 0, down 20, up 30", "up 0, down 20, up 30", id="reported down, in time"),
        pytest.param(FINE, "up 0, degraded 20, up 30", "up 0, degraded 20, up 30", id="reported degraded, in time"),
        pytest.param(FINE, "down 20", "up 0, down 20, up 35", id="a report holds as long as any sample"),
        pytest.param("up 0", FINE, "up 0", id="reports alone keep it known"),
    ],
)
def test_the_worse_of_verdict_and_report_holds(eu, push, told, quorum):
    """Whatever the quorum of the locations is: they only read the same reports."""
    assert states(quorum, eu=eu, push=push) == told


def test_two_locations_vote_before_the_report_is_held_against_them():
    """One stale clone does not decide."""
    assert states("majority", eu=FINE, us=LATE, ap=FINE, push=FINE) == "up 0"


def test_reports_alone_are_the_state():
    """No location waits for them yet."""
    assert states("majority", push="up 0, down 10") == "up 0, down 10, unknown 25"
