"""A contract's statement of one period: terms and inputs, and the figures that follow from nothing else.

A statement holds everything that its figures follow from, so that anybody can compute them again from one line of
history: what was agreed, and what each component was at every instant of the period.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from statusledger.clock import Period
from statusledger.config.currencies import decimals
from statusledger.model import Service, State
from statusledger.sla.credit import Promise, credit_amount
from statusledger.sla.figures import Counts, Figures, count, figures
from statusledger.sla.services import combined, service_counts
from statusledger.timeline import STATES, Reported, Timeline, Window
from statusledger.timeline.maintenance import counted_state
from statusledger.timeline.steps import BEGINNING, UNKNOWN, steps


@dataclass(frozen=True, slots=True)
class Agreed:
    """The terms of a contract as they stand in a statement; `service` None: it is about one component."""

    component: str | None
    service: Service | None
    promised: Promise
    notice_ms: int
    fee: Fraction | None
    currency: str | None

    def amount(self, figure: Figures) -> Fraction | None:
        """The credit as money; None where no fee was agreed."""
        if self.fee is None or self.currency is None or figure.credit is None:
            return None
        return credit_amount(self.fee, figure.credit, decimals(self.currency))


@dataclass(frozen=True, slots=True)
class MemberInput:
    """One component over a period, everything cut to it: measured states, announced windows, reports.

    `measured` has (since when, state) and begins with the period; `alive` None: not for an instant of it. `was` are
    earlier ids, under which a part of it may have been sealed.
    """

    component: str
    alive: Window | None
    measured: tuple[tuple[int, State], ...]
    windows: tuple[Window, ...]
    reported: tuple[Reported, ...]
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What was agreed, and what the period was like."""

    period: Period
    agreed: Agreed
    members: tuple[MemberInput, ...]

    def counted(self) -> Timeline:
        """What the subject was at every instant of the period."""
        members = [self._classified(member) for member in self.members]
        return members[0] if self.agreed.service is None else combined(self.agreed.service, members)

    def members_counted(self) -> list[Timeline]:
        """The same of each component."""
        return [self._classified(member) for member in self.members]

    def figures(self) -> Figures:
        """D7 to D9 of the whole period, which is over."""
        return figures(self.period, self._counts(), self.agreed.promised, self.period.end_ms)

    def _counts(self) -> Counts:
        members, end = self.members_counted(), self.period.end_ms
        service = self.agreed.service
        if service is None:
            return count(members[0], [self.period], end)[0]
        weight = self.agreed.promised.terms.degraded_weight
        return service_counts(service, members, [self.period], degraded_weight=weight, as_of=end)[0]

    def _classified(self, member: MemberInput) -> Timeline:
        starts = np.array([BEGINNING, *(start for start, _ in member.measured)], dtype=np.int64)
        states = np.array([UNKNOWN, *(STATES.index(state) for _, state in member.measured)], dtype=np.int8)
        windows = () if self.agreed.promised.terms.maintenance_as == "ignore" else member.windows
        return counted_state(steps(starts, states), member.alive or (None, None), windows, member.reported)
