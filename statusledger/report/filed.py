"""What people have announced and reported: all that readers and figures owe to files instead of measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statusledger.errors import Problem
from statusledger.incident_files import IncidentFile, MaintenanceFile, Reading
from statusledger.incidents.told import reports
from statusledger.model import Maintenance
from statusledger.timeline import Reported


@dataclass(frozen=True, slots=True)
class Filed:
    """`plans` are maintenance windows with their announcements, `reported` the incidents that count.

    `incidents` and `maintenance` are what files say, `problems` what is wrong with those that are left out.
    """

    plans: tuple[Maintenance, ...] = ()
    reported: tuple[Reported, ...] = ()
    incidents: tuple[IncidentFile, ...] = ()
    maintenance: tuple[MaintenanceFile, ...] = ()
    problems: tuple[Problem, ...] = ()


NOTHING_FILED = Filed()


def filed(reading: Reading, plans: Sequence[Maintenance] = ()) -> Filed:
    """What the files of a repository say."""
    reported = tuple(report for one in reading.incidents for report in reports(one))
    return Filed(tuple(plans), reported, reading.incidents, reading.maintenance, reading.problems)
