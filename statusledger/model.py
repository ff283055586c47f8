"""The records that travel from a probe to a page, and the closed sets of words they use.

Instants and durations are integer milliseconds (`*_at` and bounds: since the epoch, UTC); targets, weights and
percentages are exact fractions of one. The words are the same in checks.yml, history, JSON and CSS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from string import ascii_lowercase, digits
from typing import Literal

Quorum = Literal["any", "majority", "all"] | int
Combination = Literal["worst", "best"] | int
UnknownAs = Literal["excluded", "up", "down"]
MaintenanceAs = Literal["excluded", "up", "ignore"]


PUBLIC_ID_CHARACTERS = 12


def public_id(identity: str) -> str:
    """12 characters a-z0-9 that stand for an id in interfaces of others: the same for ever."""
    number = int.from_bytes(sha256(identity.encode()).digest())
    found = ""
    while len(found) < PUBLIC_ID_CHARACTERS:
        number, rest = divmod(number, 36)
        found += (digits + ascii_lowercase)[rest]
    return found


class Status(StrEnum):
    """What one measurement says; `unknown` means that the probe itself could not run."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class State(StrEnum):
    """What a component was at an instant, as it is counted."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"
    INACTIVE = "inactive"


class Shown(StrEnum):
    """What a reader sees; the shapes, colours and icons of the pages have these names."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    PARTIAL = "partial"
    MAJOR = "major"
    MAINTENANCE = "maintenance"
    NODATA = "nodata"


class Tier(StrEnum):
    """How much a component matters; picks its target and the severity of its incidents."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Visibility(StrEnum):
    """Whether anything about a component may be published."""

    PUBLIC = "public"
    PRIVATE = "private"


class Severity(StrEnum):
    """How bad an incident is; P1 is the worst."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Level(StrEnum):
    """How urgent an alert is; routes choose by it."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class IncidentStatus(StrEnum):
    """Where an incident stands."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


# --- measured -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phases:
    """Where the time of one attempt went, in whole milliseconds; None where a phase did not happen."""

    dns: int | None = None
    connect: int | None = None
    tls: int | None = None
    ttfb: int | None = None
    body: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """One assertion that did not hold, told with what was expected and what was found (both masked)."""

    assertion: str
    expected: str
    actual: str
    severity: Status = Status.DOWN

    def __str__(self) -> str:
        return f"{self.assertion}: expected {self.expected}, found {self.actual}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the peer's certificate said, also when it could not be verified (`verify_code` None: nobody asked)."""

    not_after: int
    chain_not_after: int | None
    issuer: str
    san_match: bool
    verify_code: int | None
    tls_version: str
    cipher: str
    alpn: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a check; `ms` is its total time, None when it never got an answer to time."""

    status: Status
    code: str | None
    ms: int | None


@dataclass(frozen=True, slots=True)
class Observation:
    """The result of one check at one instant, from one location.

    `code` comes from the closed list in `probes.contract` with an optional public suffix (`status:503`);
    `ms` is the total of the last attempt; `detail` is masked text. `headers` of the answer and `excerpt`, how its body
    begins, are masked too, and there are none of an answer that was good.
    """

    check: str
    location: str
    scheduled_at: int
    started_at: int
    status: Status
    ms: int | None
    code: str | None = None
    detail: str | None = None
    attempts: tuple[Attempt, ...] = ()
    phases: Phases | None = None
    reused: bool = False
    address: str | None = None
    http_status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body_size: int | None = None
    excerpt: str | None = None
    certificate: Certificate | None = None
    failures: tuple[Failure, ...] = ()
    captured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tick:
    """The checks that were due at one instant at one location: one line of history.

    `t` is the start of the tick and the time of every sample in it; `scheduled_at` the earliest grid instant;
    `canaries` (passed, asked) is the evidence when the probe suspected itself.
    """

    t: int
    scheduled_at: int
    observations: tuple[Observation, ...]
    canaries: tuple[int, int] | None = None


# --- watched ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Performance:
    """Latency thresholds in milliseconds, compared with the total of the last attempt."""

    target_ms: int | None
    warn_ms: int
    critical_ms: int


@dataclass(frozen=True, slots=True)
class Counting:
    """How the samples of one check become states: N, M, H and what an unconfirmed failure counts as."""

    confirm_down: int = 2
    confirm_up: int = 1
    max_staleness_ms: int = 15 * 60_000
    unconfirmed_as: Status = Status.DEGRADED


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to measure. `options` is the probe type's own frozen Options, still with its `{{ NAME }}`s."""

    id: str
    name: str
    type: str
    options: object
    interval_ms: int
    timeout_ms: int
    retries: int = 2
    counting: Counting = field(default_factory=Counting)
    performance: Performance | None = None
    informational: bool = False
    public_details: bool = False
    locations: tuple[str, ...] = ()
    active: bool = True
    active_from: int | None = None
    active_until: int | None = None
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """What people know by name: one or several checks, and what was promised for it.

    `target` is the promised ratio (999/1000); `locations` of its checks are in the checks.
    """

    id: str
    name: str
    group: str
    checks: tuple[Check, ...]
    description: str | None = None
    tier: Tier | None = None
    target: Fraction = Fraction(999, 1000)
    visibility: Visibility = Visibility.PUBLIC
    depends_on: tuple[str, ...] = ()
    combination: Combination = "worst"
    quorum: Quorum = "majority"
    min_known: int = 1
    active: bool = True
    active_from: int | None = None
    active_until: int | None = None
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Components that stand together on the page, in the order of checks.yml."""

    id: str
    name: str
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Location:
    """Who probes, and how often it is started; `schedule_ms` is None where that is not known."""

    id: str
    name: str
    schedule_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A component's part in a service; the weight is used by `weighted` services only."""

    component: str
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Service:
    """Several components that a customer buys as one."""

    id: str
    name: str
    members: tuple[Member, ...]
    mode: Literal["all", "any", "weighted"] | int
    target: Fraction = Fraction(999, 1000)


# --- promised -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreditTier:
    """The credit that is owed while the exact ratio is at least `minimum` (and under the next tier's)."""

    minimum: Fraction
    credit: Fraction
    name: str


DEFAULT_TARGET = Fraction(999, 1000)
"""The target of what names none, and the only one that the default credit schedule was agreed for."""

DEFAULT_CREDITS = (
    CreditTier(Fraction(999, 1000), Fraction(0), "Excellent"),
    CreditTier(Fraction(99, 100), Fraction(10), "Good"),
    CreditTier(Fraction(95, 100), Fraction(50), "Acceptable"),
    CreditTier(Fraction(0), Fraction(100), "Poor"),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The contract terms that are applied when figures are read, never baked into history."""

    degraded_weight: Fraction = Fraction(0)
    unknown_as: UnknownAs = "excluded"
    maintenance_as: MaintenanceAs = "excluded"
    min_coverage: Fraction = Fraction(95, 100)
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Contract:
    """What one customer was promised for one component or service in [active_from, active_until).

    `fee` is paid per month, in `currency`.
    """

    id: str
    subject: str
    target: Fraction
    credits: tuple[CreditTier, ...]
    terms: Terms
    fee: Fraction | None = None
    currency: str | None = None
    active_from: int | None = None
    active_until: int | None = None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """An announced window [starts_at, ends_at) over components, groups or services (`*` is everything).

    `announced_at` None means that nothing is recorded and nothing claimed: the window is accepted.
    """

    id: str
    title: str
    components: tuple[str, ...]
    starts_at: int
    ends_at: int
    announced_at: int | None = None
    cancelled: bool = False
