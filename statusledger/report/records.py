"""What a page, a feed or a JSON file may show: only public facts, each computed once.

Outputs read these records and nothing else. Instants are epoch milliseconds; texts are plain text, never HTML,
except where a field says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from statusledger.clock import DAY_MS, Period
from statusledger.config import Page
from statusledger.errors import Problem
from statusledger.history import Damage
from statusledger.history.drafts import DraftRecord
from statusledger.incident_files import Detected, Impact
from statusledger.incident_files.rendering import plain_html, to_html
from statusledger.language import Text
from statusledger.model import IncidentStatus, Location, Severity, Shown, State, Tier
from statusledger.report.firing import AlertReport, ChannelReport
from statusledger.report.planned import MaintenanceReport
from statusledger.report.promised import ContractReport
from statusledger.report.sights import OperatorsReport
from statusledger.report.spans import Counted
from statusledger.report.spans import Downtime as Downtime  # noqa: PLC0414 - outputs read it from here
from statusledger.report.spans import Interval as Interval  # noqa: PLC0414 - the same
from statusledger.sla import Burn, Figures, Promise


class Day(NamedTuple):
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

    @property
    def paused(self) -> bool:
        """Whether it was measured once and is not meant to be now, as opposed to one that nobody could measure."""
        return self.state is State.INACTIVE and self.first_sample_at is not None

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
class Change:
    """A component whose state an update changes."""

    component: str
    name: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of an incident's trail; `text` is plain, `markdown` what a person wrote (None: it was measured)."""

    at: int
    status: IncidentStatus
    text: Text
    markdown: str | None = None
    changes: tuple[Change, ...] = ()

    @property
    def html(self) -> str:
        """Sanitised HTML of the text, its headings from the fourth level on."""
        return plain_html(str(self.text)) if self.markdown is None else to_html(self.markdown)


class Response(StrEnum):
    """Whether somebody answered in time; `not_needed`: it was over before an answer was due."""

    DUE = "due"
    MET = "met"
    MISSED = "missed"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Affected:
    """A component that an incident affects: its states as they are told, and its counted downtime.

    `told_ms` is how long a file says that it was down, None where no file says anything.
    """

    component: str
    name: str
    intervals: tuple[Interval, ...]
    down_ms: int
    told_ms: int | None = None

    @property
    def worst(self) -> State:
        """The worst that is told of it; down where downtime counts."""
        if self.down_ms or not self.intervals:
            return State.DOWN
        return max((interval.state for interval in self.intervals), key=tuple(State).index)


@dataclass(frozen=True, slots=True)
class Lane:
    """What one location saw around an incident (effective states); the last one is the verdict."""

    name: str
    verdict: bool
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """An outage, told to readers: measured downtime, or what a file says of it.

    `ended_at` None: it lasts. `down_ms` is counted downtime up to as_of. The true start lies in
    (`last_ok_at`, `started_at`], the true end in (`last_fail_at`, `ended_at`]. `updates` oldest first.
    `codes` are the error codes seen (masked, public), most frequent first.

    `file` tells of it (None: it was measured, and nobody wrote about it yet) and `covered` are the measured incidents
    that it explains, oldest first; `dependents` went down with it because they need it. `summary` and `postmortem` are
    Markdown. `response_at` is when people first answered. `is_opened` is False for a measured incident too short, or
    explained by another one, to be told without a file.
    """

    id: str
    title: Text
    component: str
    component_name: Text
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
    file: str | None = None
    detected: Detected = Detected.MEASURED
    counts: bool = True
    impact: Impact = Impact.MAJOR
    affected: tuple[Affected, ...] = ()
    dependents: tuple[Affected, ...] = ()
    covered: tuple[IncidentReport, ...] = ()
    root_cause: str | None = None
    summary: str = ""
    postmortem: str | None = None
    response_at: int | None = None
    response: Response = Response.DUE
    is_opened: bool = True

    @property
    def feed_id(self) -> str:
        """The id that feeds know it by: that of the earliest measured incident that was told before a file was."""
        return next((one.id for one in self.covered if one.is_opened), self.id)

    def concerns(self, component: str) -> bool:
        """Whether it affects the component."""
        return component == self.component or any(part.component == component for part in self.affected)

    @property
    def told_at(self) -> int:
        """When it was first told."""
        return self.updates[0].at if self.updates else self.started_at

    @property
    def updated_at(self) -> int:
        """When something was last told of it."""
        return self.updates[-1].at if self.updates else self.started_at

    @property
    def lasts(self) -> bool:
        """Whether it is still going on."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Incidents of a period: counts, and milliseconds; None where there was no incident to divide by.

    `mttr_ms` is from start to end of those that are over, `mtbf_ms` how long nothing was down for each incident.
    """

    period: Period
    total: int
    down_ms: int
    average_ms: Fraction | None
    mttr_ms: Fraction | None
    mtbf_ms: Fraction | None
    by_severity: Mapping[Severity, int]
    by_status: Mapping[IncidentStatus, int]
    by_component: Mapping[str, int]


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
    """What anyone needs to build the same site again: what was read, and the engine that read it.

    `commit` has the configuration and what people wrote, `ledger_commit` history; None: no commit is just that.
    """

    as_of: int
    commit: str | None
    engine: str
    schema: int
    ledger_commit: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that any output may show, at one instant.

    `incidents` newest first, all that are told; `active` those that last, worst first; `left_out` what is wrong with
    files about incidents and maintenance that could not be used. `month` is the calendar month of the sla zone that
    holds as_of. `stand_ins` has how the private members of services are counted, by their opaque ids. `operators` is
    there on the site that only they may see.
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
    left_out: tuple[Problem, ...] = ()
    unopened_drafts: tuple[DraftRecord, ...] = ()
    maintenance: tuple[MaintenanceReport, ...] = ()
    statistics: tuple[Statistics, ...] = ()
    alerts: tuple[AlertReport, ...] = ()
    channels: tuple[ChannelReport, ...] = ()

    @property
    def components(self) -> dict[str, ComponentReport]:
        """Every component that is shown, by id, in the order of checks.yml."""
        return {component.id: component for group in self.groups for component in group.components}

    @property
    def active(self) -> tuple[IncidentReport, ...]:
        """The incidents that last, worst severity first, then oldest first."""
        lasting = [incident for incident in self.incidents if incident.lasts]
        return tuple(sorted(lasting, key=lambda incident: (incident.severity, incident.started_at)))

    @property
    def told(self) -> dict[str, IncidentReport]:
        """The incident that tells of each id: its own, and those of measured incidents that it covers."""
        found = {incident.id: incident for incident in self.incidents}
        return {**{one.id: incident for incident in self.incidents for one in incident.covered}, **found}
