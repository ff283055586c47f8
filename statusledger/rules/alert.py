"""What should be told at an instant, and all that decides it: plain records, the same for every rule.

Instants are epoch milliseconds. Texts are plain text without secrets: they name components, locations and error codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from statusledger.clock import Period
from statusledger.config import Config
from statusledger.history.facts import CertificateFacts
from statusledger.incidents import MeasuredIncident
from statusledger.language import Text
from statusledger.model import Component, Contract, IncidentStatus, Level, State
from statusledger.rules.told import Planned, Story
from statusledger.sla import Figures, Promise
from statusledger.timeline import ComponentTimeline, Timeline

SEVERAL = "several"
"""The subject of an alert that stands for many."""


class Watched(Protocol):
    """One component at as_of, as the report evaluates it."""

    @property
    def component(self) -> Component:
        """What it is."""

    @property
    def timeline(self) -> ComponentTimeline:
        """What was measured."""

    @property
    def classified(self) -> Timeline:
        """How every instant is counted."""

    @property
    def promised(self) -> Promise:
        """What it is held against."""

    @property
    def incidents(self) -> Sequence[MeasuredIncident]:
        """Every stretch of measured downtime, oldest first."""


@dataclass(frozen=True, slots=True)
class ContractStanding:
    """A contract in its running period."""

    contract: Contract
    period: Period
    figures: Figures


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that rules look at, at `as_of`.

    `last_ticks` by location; `coverage` of the last 24 hours; `certificates` by check, the one that ends first;
    `days_left` of domains by check: (instant of the reading, days). `plans` are the windows around now, `stories` the
    incidents of late.
    """

    as_of: int
    config: Config
    subjects: Mapping[str, Watched]
    contracts: Sequence[ContractStanding] = ()
    last_ticks: Mapping[str, int] = field(default_factory=dict)
    coverage: Fraction | None = None
    certificates: Mapping[str, CertificateFacts] = field(default_factory=dict)
    days_left: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    plans: Sequence[Planned] = ()
    stories: Sequence[Story] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that holds at as_of and may be told; few of many are, so its words are chosen when they are.

    `subject` is its id in the deduplication key, with `episode` (an incident, a period) where there are several of it.
    `held`: why nothing new is told of it; what was told stays open. `frozen`: nothing is known now, so nothing changes.
    `lasting`: it has an end, which is told; what has none is told once, until `until`, or, when it `answers` other
    keys, to whoever was told one of them. It may have been told under one of `also` before; a message under one of
    `told_with` says the same. `story` is the incident that it is about, as readers know it, `status` where that
    stands. `failed_at` are the instants of the failed samples that make it up, rising; `repeats` counts them where each
    fifth is told (`immediate`). `members` are the components that it stands for, with their `groups` and `tiers`.
    `ended_at`: it is over already, and told only if nothing was told of it yet (`immediate`). `acknowledges` is the key
    of an alert that a person has answered.
    """

    rule: str
    severity: Level
    subject: str
    name: str
    since: int
    headline: Text
    reason: Text
    episode: str | None = None
    component: str | None = None
    group: str | None = None
    tier: str | None = None
    locations: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    state: State = State.UNKNOWN
    held: str | None = None
    frozen: bool = False
    lasting: bool = True
    until: int | None = None
    ended_at: int | None = None
    answers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    told_with: tuple[str, ...] = ()
    story: str | None = None
    status: IncidentStatus | None = None
    failed_at: Sequence[int] = field(default=(), compare=False)
    repeats: int | None = None
    members: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    private: bool = False
    key_rule: str | None = None
    acknowledges: str | None = None

    def key(self, since: str) -> str:
        """The deduplication key on a page that began on the day `since`."""
        return key(since, self.key_rule or self.rule, self.subject, self.episode)

    @property
    def firing(self) -> bool:
        """Whether it holds now and nothing speaks against telling it."""
        return self.held is None and self.lasting and self.ended_at is None


def key(since: str, rule: str, subject: str, episode: str | None = None) -> str:
    """`statusledger/2026-01-01/ServiceDown/api/api-20261121T020600Z`."""
    return "/".join(["statusledger", since, rule, subject, *([episode] if episode else [])])
