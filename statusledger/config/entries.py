"""What checks.yml names: its groups, components, checks, services and contracts, as they are written.

Reads the plain tree and steps over whatever has the wrong shape, so that one fault hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from statusledger.written.source import Path

Kind = Literal["group", "component", "check", "service", "contract"]
Written = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something with an id. `inline`: a check whose keys stand on its component, so that they share the id."""

    kind: Kind
    path: Path
    written: Written
    inline: bool = False

    @property
    def id(self) -> str | None:
        """Its id, where one is written that could be meant."""
        return word(self.written.get("id"))


def word(value: object) -> str | None:
    """The text that a name in the file stands for; None where it is something else."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def blocks(written: object, key: str, path: Path) -> Iterator[tuple[Path, Written]]:
    """The mappings in the list under a key, with their paths."""
    for position, item in values(written, key, path):
        if isinstance(item, Mapping):
            yield position, item


def values(written: object, key: str, path: Path) -> Iterator[tuple[Path, Any]]:
    """What stands in the list under a key, with its paths."""
    listed = written.get(key) if isinstance(written, Mapping) else None
    if isinstance(listed, list):
        yield from (((*path, key, index), item) for index, item in enumerate(listed))


def entries(data: object) -> Iterator[Entry]:
    """Everything that has an id, in the order of the file."""
    for group_path, group in blocks(data, "groups", ()):
        yield Entry("group", group_path, group)
        for component_path, component in blocks(group, "components", group_path):
            yield Entry("component", component_path, component)
            if component.get("checks") is None:
                yield Entry("check", component_path, component, inline=True)
            for check_path, check in blocks(component, "checks", component_path):
                yield Entry("check", check_path, check)
    for path, service in blocks(data, "services", ()):
        yield Entry("service", path, service)
    sla = data.get("sla") if isinstance(data, Mapping) else None
    for path, contract in blocks(sla, "contracts", ("sla",)):
        yield Entry("contract", path, contract)
