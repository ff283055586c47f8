"""What pages and files show of contracts: what was agreed, what each month came to, and what was said of it before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from statusledger.model import Contract
from statusledger.report.spans import Downtime, Interval
from statusledger.sla import Burn, Figures
from statusledger.sla.credit import Promise


@dataclass(frozen=True, slots=True)
class Revision:
    """One final statement of a month, as it was written down at `as_of`; `reason` is why it replaced the one before.

    `inputs_digest`: the first 16 hexadecimal digits of SHA-256 over the canonical JSON of its inputs.
    """

    number: int
    as_of: int
    reason: str | None
    uptime_percent: str | None
    credit_percent: str | None
    credit_amount: str | None
    inputs_digest: str


@dataclass(frozen=True, slots=True)
class ContractPeriod:
    """A contract in one period, under the terms that hold for it.

    `credit_amount` is in the contract's currency, of months only; `intervals` are all that was not plainly up.
    `revisions` are the final statements of the month, oldest first: the figures are those of the last one.
    `inputs_changed`: what it was made from says something else by now, so another one is due.
    """

    figures: Figures
    promised: Promise
    credit_amount: Fraction | None
    downtimes: tuple[Downtime, ...]
    intervals: tuple[Interval, ...]
    revisions: tuple[Revision, ...] = ()
    inputs_changed: bool = False

    @property
    def final(self) -> bool:
        """Whether it is over, and everything in it sealed and written down."""
        return bool(self.revisions)

    @property
    def revision(self) -> int | None:
        """The number of the statement that holds."""
        return self.revisions[-1].number if self.revisions else None


@dataclass(frozen=True, slots=True)
class ContractReport:
    """One contract about a public component or service; periods by key, newest first, in the contract's zone."""

    contract: Contract
    kind: str
    name: str
    members: tuple[str, ...]
    mode: str | None
    rolling: Mapping[str, Figures]
    months: Mapping[str, ContractPeriod]
    quarters: Mapping[str, ContractPeriod]
    years: Mapping[str, ContractPeriod]
    burns: tuple[Burn, ...]

    @property
    def periods(self) -> dict[str, ContractPeriod]:
        """Every calendar period by key."""
        return {**self.months, **self.quarters, **self.years}
