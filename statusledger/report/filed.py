"""What people have announced and reported: all that readers and figures owe to files instead of measurements."""

from __future__ import annotations

from dataclasses import dataclass

from statusledger.config import Config
from statusledger.errors import Problem
from statusledger.incident_files import IncidentFile, MaintenanceFile, Reading
from statusledger.incidents.announced import Announced
from statusledger.incidents.told import reports
from statusledger.model import Maintenance
from statusledger.timeline import Reported


@dataclass(frozen=True, slots=True)
class Filed:
    """`plans` are maintenance windows with their announcements, `reported` the incidents that count.

    `incidents` and `maintenance` are what files say, `problems` what is wrong with those that are left out;
    `announced` judges what of `maintenance` counts.
    """

    plans: tuple[Maintenance, ...] = ()
    reported: tuple[Reported, ...] = ()
    incidents: tuple[IncidentFile, ...] = ()
    maintenance: tuple[MaintenanceFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    announced: Announced | None = None


NOTHING_FILED = Filed()


def filed(reading: Reading, config: Config, announced: Announced) -> Filed:
    """What the files of a repository say of these components."""
    return Filed(
        plans=tuple(plan for one in reading.maintenance for plan in announced.plans(one, config)),
        reported=tuple(report for one in reading.incidents for report in reports(one)),
        incidents=reading.incidents,
        maintenance=reading.maintenance,
        problems=reading.problems,
        announced=announced,
    )
