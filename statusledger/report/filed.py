"""What people have announced and reported: all that figures owe to files instead of measurements."""

from __future__ import annotations

from dataclasses import dataclass

from statusledger.model import Maintenance
from statusledger.timeline import Reported


@dataclass(frozen=True, slots=True)
class Filed:
    """`plans` are maintenance windows with their announcements, `reported` the incidents that count."""

    plans: tuple[Maintenance, ...] = ()
    reported: tuple[Reported, ...] = ()


NOTHING_FILED = Filed()
