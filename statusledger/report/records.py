"""What a page, a feed or a JSON file may show: only public facts, each computed once.

Outputs read these records and nothing else. Instants are epoch milliseconds; texts are plain text, never HTML,
except where a field says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from statusledger.clock import DAY_MS, Period
from statusledger.config import Page
from statusledger.history import Damage
from statusledger.language import Text
from statusledger.model import IncidentStatus, Location, Severity, Shown, State, Tier
from statusledger.report.promised import ContractReport
from statusledger.report.sights import OperatorsReport
from statusledger.report.spans import Counted
from statusledger.report.spans import Downtime as Downtime  # noqa: PLC0414 - outputs read it from here
from statusledger.report.spans import Interval as Interval  # noqa: PLC0414 - the same
from statusledger.sla import Burn, Figures, Promise


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of the page's zone, cut at as_of; the milliseconds of each class sum to its evaluated length.

    `length_ms` is the day's evaluated length, `shown` what its bar says, `incidents` the ids that touch it.
    """

    date: date
    shown: Shown
    length_ms: int
    up_ms: int
    degraded_ms: int
    down_ms: int
    unknown_ms: int
    maintenance_ms: int
    inactive_ms: int
    incidents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    """Response times of one hour in milliseconds; all None and no checks where nothing was measured."""

    start_ms: int
    count: int
    p50: int | None
    p95: int | None
    p99: int | None


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """The last seven days by hour, and the percentiles of the whole week (nearest rank)."""

    hours: tuple[Hour, ...]
    count: int
    p50: int | None
    p95: int | None
    p99: int | None
    target_ms: int | None
    warn_ms: int | None


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of the running month's downtime budget was used up at an instant, in exact milliseconds."""

    at: int
    used_ms: Fraction


@dataclass(frozen=True, slots=True)
class CapturedNumber:
    """A number out of an answer: as it was last read, or how much it grew a second; None where that is not known."""

    name: str
    value: float | None
    per_second: bool
    at: int


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check of a component, in words that may be published; `captured` is what is still fresh, by name."""

    id: str
    name: str
    type: str
    interval_ms: int
    informational: bool
    confirm_down: int
    max_staleness_ms: int
    warn_ms: int | None
    locations: tuple[str, ...]
    last_checked_at: int | None
    last_ms: int | None
    captured: tuple[CapturedNumber, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentReport:
    """One public component: what it is, since when, and how it did.

    `days` are the newest 366 local days, oldest first, starting with the first day that has data at the earliest;
    `figures` by period key (24h 7d 30d 60d 90d 365d and the current month, e.g. 2026-11); `months` the calendar months
    with data in the sla zone, newest first. `statements[month]` lists what was counted and what was left out.
    `spent` is the budget of the running month at the end of each of its days. `promised` is what figures are held
    against, `counted` how that was measured over time.
    `checks_total`, `checks_failed` and `downtimes` by the keys of `figures` and `months`; the first two are None where
    the raw rows at an edge of the period are gone. `policy` says how samples
    became states, with its digest.
    `days` are the newest 366 local days, oldest first, starting with the first day that has data at the earliest,
    `older_days` those before them; `figures` by period key (24h 7d 30d 60d 90d 365d and the current month, e.g.
    2026-11); `months`, `quarters` and `years` the calendar periods with data in the sla zone, newest first.
    `checks_total`, `checks_failed` and `downtimes` by the keys of all of them; the first two are None where the raw
    rows at an edge of the period are gone. `policy` says how samples became states, with its digest.
    """

    id: str
    name: str
    group: str
    description: str | None
    tier: Tier | None
    target: Fraction
    quorum: str
    state: State
    shown: Shown
    since: int | None
    down_at: tuple[str, ...]
    last_checked_at: int | None
    last_ms: int | None
    first_sample_at: int | None
    depends_on: tuple[str, ...]
    checks: tuple[CheckReport, ...]
    days: tuple[Day, ...]
    figures: Mapping[str, Figures]
    months: Mapping[str, Figures]
    intervals: tuple[Interval, ...]
    checks_total: Mapping[str, int | None]
    checks_failed: Mapping[str, int | None]
    response_times: ResponseTimes
    downtimes: Mapping[str, tuple[Downtime, ...]] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    spent: tuple[Spent, ...] = ()
    promised: Promise | None = None
    counted: tuple[Counted, ...] = ()
    quarters: Mapping[str, Figures] = field(default_factory=dict)
    years: Mapping[str, Figures] = field(default_factory=dict)
    burns: tuple[Burn, ...] = ()
    older_days: tuple[Day, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupReport:
    """A group that has at least one public component."""

    id: str
    name: str
    shown: Shown
    components: tuple[ComponentReport, ...]


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """Several components that are bought as one; figures and months as on a component."""

    id: str
    name: str
    members: tuple[str, ...]
    target: Fraction
    figures: Mapping[str, Figures]
    months: Mapping[str, Figures]
    quarters: Mapping[str, Figures] = field(default_factory=dict)
    years: Mapping[str, Figures] = field(default_factory=dict)
    intervals: tuple[Interval, ...] = ()
    downtimes: Mapping[str, tuple[Downtime, ...]] = field(default_factory=dict)
    burns: tuple[Burn, ...] = ()
    promised: Promise | None = None
    mode: str = "all"


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of an incident's trail; `text` is plain text."""

    at: int
    status: IncidentStatus
    text: Text


@dataclass(frozen=True, slots=True)
class Lane:
    """What one location saw around an incident (effective states); the last one is the verdict."""

    name: str
    verdict: bool
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """A stretch of measured downtime, told to readers.

    `ended_at` None: it lasts. `down_ms` is counted downtime up to as_of. The true start lies in
    (`last_ok_at`, `started_at`], the true end in (`last_fail_at`, `ended_at`]. `updates` oldest first.
    `codes` are the error codes seen (masked, public), most frequent first.
    """

    id: str
    title: Text
    component: str
    component_name: str
    severity: Severity
    status: IncidentStatus
    started_at: int
    detected_at: int
    ended_at: int | None
    down_ms: int
    response_due_at: int
    last_ok_at: int | None
    last_fail_at: int | None
    locations: tuple[str, ...]
    codes: tuple[str, ...]
    updates: tuple[Update, ...]
    lanes: tuple[Lane, ...]
    lanes_from: int
    lanes_to: int

    @property
    def lasts(self) -> bool:
        """Whether it is still going on."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class LocationReport:
    """One place that probes: when it last reported and whether that is overdue."""

    location: Location
    last_tick_at: int | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class MonitorReport:
    """How well the monitor itself did.

    `stale` : the newest sample is older than every component's hold, so nothing is known now.
    `offline`: the newest tick of every location that reported says that the probe itself had no network.
    `coverage_24h` over all public components; `dropped_future` counts samples after as_of.
    """

    locations: tuple[LocationReport, ...]
    last_measured_at: int | None
    coverage_24h: Fraction | None
    unknown_24h_ms: int
    stale: bool
    offline: bool
    damage: tuple[Damage, ...]
    dropped_future: int
    generated_until: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first thing a reader sees: a state, a headline that names what is affected, and at most two lines."""

    shown: Shown
    headline: Text
    lines: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class BuiltFrom:
    """What anyone needs to build the same site again: the tree that was read, and the engine that read it."""

    as_of: int
    commit: str | None
    engine: str
    schema: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that any output may show, at one instant.

    `incidents` newest first, all that are known; `active` those that last, worst first. `month` is the calendar
    month of the sla zone that holds as_of. `stand_ins` has how the private members of services are
    counted, by their opaque ids. `operators` is there on the site that only they may see.
    """

    page: Page
    built: BuiltFrom
    sla_zone: str
    month: Period
    verdict: Verdict
    groups: tuple[GroupReport, ...]
    incidents: tuple[IncidentReport, ...]
    monitor: MonitorReport
    how_we_count: tuple[Text, ...]
    services: tuple[ServiceReport, ...] = ()
    contracts: tuple[ContractReport, ...] = ()
    notice_ms: int = DAY_MS
    stand_ins: Mapping[str, tuple[Counted, ...]] = field(default_factory=dict)
    operators: OperatorsReport | None = None

    @property
    def components(self) -> dict[str, ComponentReport]:
        """Every component that is shown, by id, in the order of checks.yml."""
        return {component.id: component for group in self.groups for component in group.components}

    @property
    def active(self) -> tuple[IncidentReport, ...]:
        """The incidents that last, worst severity first, then oldest first."""
        lasting = [incident for incident in self.incidents if incident.lasts]
        return tuple(sorted(lasting, key=lambda incident: (incident.severity, incident.started_at)))
