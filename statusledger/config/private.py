"""private/checks.yml, which is kept encrypted: components nobody may name, and what stands for them.

An opaque id is `x` and the first 8 hexadecimal digits of HMAC-SHA256 over an id, the oldest one where there are earlier
ones. The key is the file's own `salt`, so nobody who cannot read the file can try names out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from statusledger.config.files import append_groups
from statusledger.config.records import Config
from statusledger.errors import ConfigurationError, Problem
from statusledger.model import Check, Component, Service
from statusledger.written.faults import Faults
from statusledger.written.source import Source, read

PRIVATE_FILE = "private/checks.yml"
OPAQUE = re.compile("x[0-9a-f]{8}")
EDIT = "`statusledger private edit`"
SERVICES = "services"

_SALT = re.compile("[0-9a-fA-F]{32,}")
_SALT_EXPECTED = f"write at least 32 random hexadecimal digits once, and never change them; {EDIT} begins with some"


@dataclass(frozen=True, slots=True)
class PrivateChecks:
    """The text of the private file, and what messages call it."""

    text: bytes
    name: str = PRIVATE_FILE


@dataclass(frozen=True, slots=True)
class PrivatePart:
    """What the private file adds to a tree: the groups from the one at `first` on, and the salt of its ids."""

    salt: str
    first: int


def opaque_id(salt: str, identity: str) -> str:
    """What stands for an id wherever others may read along."""
    digest = hmac.new(bytes.fromhex(salt[: len(salt) // 2 * 2]), identity.encode(), hashlib.sha256)
    return f"x{digest.hexdigest()[:8]}"


def salt_of(text: bytes) -> str | None:
    """The salt in the text of a private file, None where it has none."""
    data = read(text, PRIVATE_FILE).data
    salt = data.get("salt") if isinstance(data, dict) else None
    return None if salt is None else str(salt)


def append_private(source: Source, private: PrivateChecks) -> PrivatePart:
    """Puts the private groups behind the public ones; what is wrong is among the problems of the tree."""
    part = read(private.text, private.name)
    salt = part.data.get("salt") if isinstance(part.data, dict) else None
    if isinstance(part.data, dict) and (not isinstance(salt, str) or not _SALT.fullmatch(salt)):
        fault = "is missing" if salt is None else "is no salt"
        source.problems.append(part.problem(("salt",), f"{fault}; {_SALT_EXPECTED}"))
        salt = None
    first = len(source.data["groups"])
    append_groups(source, part, private.name, beside=frozenset({"salt"}))
    return PrivatePart(salt or "0" * 32, first)


def veiled(config: Config, part: PrivatePart) -> Config:
    """The configuration with opaque ids in place of those of the private file, which `opaque` has."""
    found: dict[str, str] = {}
    for component in (component for group in config.groups[part.first :] for component in group.components):
        named: tuple[Component | Check, ...] = (component, *component.checks)
        found |= {one.id: opaque_id(part.salt, one.was[0] if one.was else one.id) for one in named}
    groups = tuple(
        replace(group, components=tuple(_veiled(one, part.salt, found) for one in group.components))
        for group in config.groups[part.first :]
    )
    return replace(config, groups=config.groups[: part.first] + groups, opaque=found)


def _veiled(component: Component, salt: str, ids: Mapping[str, str]) -> Component:
    checks = tuple(replace(check, id=ids[check.id], was=_were(check, salt)) for check in component.checks)
    needs = tuple(ids.get(name, name) for name in component.depends_on)
    was = _were(component, salt)
    return replace(component, id=ids[component.id], was=was, checks=checks, depends_on=needs)


def _were(one: Component | Check, salt: str) -> tuple[str, ...]:
    """What earlier ids were written as, where it is not what the newest one is written as."""
    return tuple(opaque_id(salt, name) for name in (*one.was[1:], one.id)) if one.was else ()


# --- what only shows when both files are read ---------------------------------------------------


def check_collisions(config: Config, part: PrivatePart, faults: Faults) -> None:
    """Report ids whose opaque ids are taken; `config` is veiled."""
    public = {name for component in config.public.components.values() for name in (component.id, *component.was)}
    owners = dict.fromkeys(public, "")
    for written, opaque in config.opaque.items():
        if owners.setdefault(opaque, written) != written:
            faults.add(("groups", part.first), f"the opaque id {opaque} of '{written}' is taken; rename that")


def opaque_members(services: Iterable[Service]) -> list[str]:
    """The opaque ids among the members of services, each once."""
    names = (member.component for service in services for member in service.members)
    return list(dict.fromkeys(name for name in names if OPAQUE.fullmatch(name)))


def cautions_of_stand_ins(config: Config) -> Iterator[str]:
    """What is worth a look in the private members of public services, by their opaque ids; `config` is veiled.

    Their probe job writes one status a tick for everybody to read, so each has one check that counts.
    """
    private = config.private.components
    for stand_in in config.stand_ins:
        member = private.get(stand_in.id)
        if member is None:
            yield f"no private component has the opaque id {stand_in.id}; `statusledger private id` lists them"
        elif sum(not check.informational for check in member.checks) != 1:
            yield (
                f"{stand_in.id} has several checks that count, so nothing of it is told publicly, and the service is "
                "unknown; make it several components"
            )
        elif _rules(stand_in) != _rules(member):
            yield (
                f"{stand_in.id} is counted for the service as `defaults` and `monitor` say, because everybody must be "
                "able to; its own rules (confirm_*, max_staleness, interval, quorum, min_known) differ, and so will "
                "its own figures"
            )


def _rules(component: Component) -> tuple[object, ...]:
    counted = [check.counting for check in component.checks if not check.informational]
    return (component.quorum, component.min_known, *counted)


# --- what may be told of it ---------------------------------------------------------------------


def untold(error: ConfigurationError, name: str) -> ConfigurationError:
    """The same problems without a word of the private file, because the log of a CI job may be public."""
    hidden, beside = f"is not as it should be; {EDIT} says why", f"does not go with checks.yml; {EDIT} says why"
    told = {
        Problem(name, one.line, one.column, "", hidden) if one.file == name else Problem(name, 0, 0, "", beside)
        for one in error.problems
    }
    return ConfigurationError(tuple(told))


def warnings_untold(public: Sequence[Problem], whole: Iterable[Problem], name: str) -> tuple[Problem, ...]:
    """The warnings about the public file and its services, and how many more there are."""
    more = [one for one in whole if one not in public]
    told = [one for one in more if one.path.startswith(SERVICES)]
    count = len(more) - len(told)
    if count:
        warnings = "1 warning" if count == 1 else f"{count} warnings"
        told.append(Problem(name, 0, 0, "", f"{warnings} about private components; {EDIT} shows them"))
    return (*public, *told)


def private_path(root: FilePath) -> FilePath:
    """Where the private file lies, encrypted."""
    return root / f"{PRIVATE_FILE}.age"
