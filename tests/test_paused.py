"""Components that somebody paused: told as what they are, in the way of nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from outputs import reports

from statusledger.model import Shown, State
from statusledger.outputs.times import Times
from statusledger.outputs.views.home import home
from statusledger.report.records import ComponentReport
from statusledger.report.verdict import verdict

UP = reports.component("api", "API")
PAUSED = reports.component("old", "Old importer", state=State.INACTIVE, shown=Shown.NODATA)
SLOW = reports.component("web", "Web", state=State.DEGRADED, shown=Shown.DEGRADED)
NEVER = reports.component("new", "New", state=State.INACTIVE, shown=Shown.NODATA, first_sample_at=None)


@pytest.mark.parametrize(
    ("components", "shown", "told"),
    [
        pytest.param(
            [UP, PAUSED],
            Shown.OPERATIONAL,
            ["All systems operational", "1 component, none with downtime today.", "Old importer: inactive."],
            id="beside what is up",
        ),
        pytest.param(
            [UP, SLOW, PAUSED],
            Shown.DEGRADED,
            ["Web: degraded", "The other component is operational.", "Old importer: inactive."],
            id="beside what is slow",
        ),
        pytest.param([PAUSED], Shown.NODATA, ["Old importer: no data"], id="alone"),
        pytest.param([UP, NEVER], Shown.NODATA, ["New: no data", "The other component is operational."], id="never"),
    ],
)
def test_the_banner_speaks_of_what_is_watched(
    components: Sequence[ComponentReport], shown: Shown, told: Sequence[str]
) -> None:
    """A paused component neither spoils the verdict nor goes unmentioned; one that was never measured does spoil it."""
    found = verdict(components, reports.monitor(), zone="UTC", as_of=reports.NOW)

    assert found.shown is shown
    assert [str(found.headline), *map(str, found.lines)] == told


def test_its_row_says_inactive_and_its_group_counts_it_neither_way() -> None:
    """It is not affected, and not without data against anybody's will."""
    (group,) = home(reports.report({"Core": (UP, PAUSED)}), Times("UTC", reports.NOW)).groups

    assert [row.word for row in group.rows] == ["Operational", "Inactive"]
    assert group.affected == ""
