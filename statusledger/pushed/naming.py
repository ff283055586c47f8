"""Which check a report means: by its id, an earlier id or its name, narrowed by component and service.

Only heartbeats take reports: whoever may send one must not be able to overwrite what was measured here. Nothing that
is told of a refusal names a private check, because the log of a CI job may be public.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from statusledger.config import Config
from statusledger.model import Check, Component, Visibility
from statusledger.written.wording import did_you_mean, found, listed

HEARTBEAT = "heartbeat"
LONGEST_ID = 63


@dataclass(frozen=True, slots=True)
class Named:
    """A check and all that it may be called; `surroundings` are the ids and names of what it is a part of, by key."""

    check: Check
    public: bool
    surroundings: Mapping[str, Sequence[str]]

    @property
    def names(self) -> Sequence[str]:
        """Its id, its earlier ids, and its name, which others may share."""
        return (self.check.id, *self.check.was, self.check.name)

    @property
    def takes_reports(self) -> bool:
        """Whether other systems may say how it is."""
        return self.check.type == HEARTBEAT


@dataclass(frozen=True, slots=True)
class Naming:
    """All checks of a configuration under all their names."""

    known: Sequence[Named]

    @classmethod
    def of(cls, config: Config) -> Naming:
        """The names in checks.yml."""
        return cls(
            [_named(check, component, config) for component in config.components.values() for check in component.checks]
        )

    def check(self, report: Mapping[str, Any]) -> Check:
        """The heartbeat that the report is about; ValueError says why there is none, or more than one."""
        name = report.get("name")
        alike = [one for one in self.known if name in one.names]
        if not alike:
            raise ValueError(self._unknown(name))
        narrowed = [one for one in alike if _belongs(one, report)]
        if not narrowed:
            msg = "no check of this name belongs to the component or service of the report; mend one of the three"
            raise ValueError(msg)
        beating = [one for one in narrowed if one.takes_reports]
        if not beating:
            msg = f"this check is measured here (type {narrowed[0].check.type}); only heartbeats take reports"
            raise ValueError(msg)
        meant = [one for one in beating if name == one.check.id] or beating
        if len(meant) > 1:
            msg = f"{len(meant)} heartbeats have this name; write the id of one{_public_ids(meant)}"
            raise ValueError(msg)
        return meant[0].check

    def _unknown(self, name: object) -> str:
        quoted = found(name) if all(one.public for one in self.known) else "this"
        beating = [one for one in self.known if one.takes_reports]
        close = did_you_mean(str(name)[:LONGEST_ID], [one.check.id for one in beating if one.public])
        return f"{quoted} is not the id or name of a check{close}; write that of a heartbeat{_public_ids(beating)}"


def _named(check: Check, component: Component, config: Config) -> Named:
    services = [one for one in config.services if component.id in {member.component for member in one.members}]
    return Named(
        check,
        component.visibility is Visibility.PUBLIC,
        {
            "component": (component.id, *component.was, component.name),
            "service": tuple(word for service in services for word in (service.id, service.name)),
        },
    )


def _belongs(one: Named, report: Mapping[str, Any]) -> bool:
    """Whether the check is a part of what the report says it is, as far as it says anything."""
    return all(report.get(key) is None or report[key] in names for key, names in one.surroundings.items())


def _public_ids(named: Sequence[Named]) -> str:
    ids = [one.check.id for one in named if one.public]
    return f": {listed(ids)}" if ids else ""
