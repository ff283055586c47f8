"""What checks.yml says, resolved: every default inherited, every word an exact value, nothing left to guess.

Strings that name a `{{ VARIABLE }}` are kept as written; `statusledger.secrets` fills them in for the command that
uses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from statusledger.config.telling import Alerting
from statusledger.errors import Problem
from statusledger.model import Check, Component, Contract, CreditTier, Group, Location, Service, Terms, Visibility


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the page's footer."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Look:
    """What the page's colours and fonts are instead of the theme's: CSS tokens, colours by mode (`light`, `dark`)."""

    colours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fonts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Who publishes the page; `timezone` rules the days on it, `since` is part of every feed id.

    `languages` begins with `language`, the one of what exists once.
    """

    name: str
    url: str
    since: str
    timezone: str = "UTC"
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    environment: str | None = None
    logo: str | None = None
    favicon: str | None = None
    header: str | None = None
    footer: str | None = None
    links: tuple[Link, ...] = ()
    look: Look = field(default_factory=Look)


@dataclass(frozen=True, slots=True)
class Monitor:
    """How probing is done from now on; who counted in the past is in history."""

    locations: tuple[Location, ...]
    concurrency: int = 10
    canaries: tuple[str, ...] = ()
    allow_networks: tuple[str, ...] = ()
    public_variables: frozenset[str] = frozenset()
    heartbeat_url: str | None = None


@dataclass(frozen=True, slots=True)
class Sla:
    """The `sla:` block: the terms of component figures, the credit schedule, contracts.

    `credits` is None where the default schedule applies (only to targets of 99.9).
    """

    terms: Terms = field(default_factory=Terms)
    default_target: Fraction = Fraction(999, 1000)
    credits: tuple[CreditTier, ...] | None = None
    contracts: tuple[Contract, ...] = ()


@dataclass(frozen=True)
class Config:
    """checks.yml, whole. `warnings` are worth a look and never stop anything.

    `settings` keeps the blocks that later stages read (retention, private, ledger) as validated plain data.
    `stand_ins` are the private members of services as everybody can count them, `opaque` has what stands for each id of
    the private file.
    """

    path: Path
    page: Page
    monitor: Monitor
    sla: Sla
    groups: tuple[Group, ...]
    services: tuple[Service, ...] = ()
    incidents_after_ms: int = 120_000
    incidents_open: str | None = None
    maintenance_notice_ms: int = 86_400_000
    ledger_branch: str | None = None
    private_plain: bool = False
    alerts: Alerting = field(default_factory=Alerting)
    settings: Mapping[str, Any] = field(default_factory=dict)
    stand_ins: tuple[Component, ...] = ()
    opaque: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

    @cached_property
    def components(self) -> Mapping[str, Component]:
        """Every component by id, in the order of checks.yml."""
        return {component.id: component for group in self.groups for component in group.components}

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """Every check by id, in the order of checks.yml."""
        return {check.id: check for component in self.components.values() for check in component.checks}

    @cached_property
    def subjects(self) -> Mapping[str, Component]:
        """Everything that figures are made of, by id: the components and the stand-ins."""
        stand_ins = {one.id: one for one in self.stand_ins if one.id not in self.components}
        return {**self.components, **stand_ins}

    @cached_property
    def public(self) -> Config:
        """What everybody may see: public components, and the services and contracts about nothing else."""
        return self._part(Visibility.PUBLIC, self.stand_ins)

    @cached_property
    def private(self) -> Config:
        """The private components, and the services and contracts about nothing else."""
        return self._part(Visibility.PRIVATE, ())

    def _part(self, visibility: Visibility, stand_ins: tuple[Component, ...]) -> Config:
        groups = tuple(
            replace(group, components=tuple(one for one in group.components if one.visibility is visibility))
            for group in self.groups
        )
        part = replace(self, groups=groups, stand_ins=stand_ins)
        known = part.subjects
        services = tuple(one for one in self.services if all(member.component in known for member in one.members))
        subjects = {*part.components, *(one.id for one in services)}
        contracts = tuple(one for one in self.sla.contracts if one.subject in subjects)
        return replace(part, services=services, sla=replace(self.sla, contracts=contracts))
