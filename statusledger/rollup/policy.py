"""How samples are counted, as plain data with a digest; and since when: a policy is dated, never retroactive.

`history/policy.jsonl` has {from, component, policy} lines, `from` in epoch milliseconds. A UTC day is counted under the
newest line that is in force at its start; before the first one, or without any, as checks.yml says now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from statusledger.clock import DAY_MS, format_duration, format_instant, parse_duration, parse_instant
from statusledger.model import Check, Component, Counting, Status
from statusledger.rollup.days import day_of
from statusledger.timeline import END, Era
from statusledger.timeline.component import HEARTBEAT
from statusledger.timeline.steps import BEGINNING

SINCE_EVER = 0
Policy = Mapping[str, Any]


def policy(component: Component) -> dict[str, Any]:
    """How a component's samples become its states, as plain data with its digest; contract terms are not part of it.

    The digest is the first 16 hexadecimal digits of SHA-256 over the canonical JSON (sorted keys, no spaces) of the
    rest.
    """
    plain: dict[str, Any] = {
        "checks": {check.id: _counting(check) for check in component.checks if not check.informational},
        "combination": component.combination,
        "min_known": component.min_known,
        "quorum": component.quorum,
    }
    return {**plain, "digest": digest(plain)}


def digest(told: Policy) -> str:
    """The digest of a policy, whether it is in there already or not."""
    plain = {key: value for key, value in told.items() if key != "digest"}
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _counting(check: Check) -> dict[str, Any]:
    counting = check.counting
    plain: dict[str, Any] = {
        "confirm_down": counting.confirm_down,
        "confirm_up": counting.confirm_up,
        "max_staleness": format_duration(counting.max_staleness_ms),
        "unconfirmed_as": str(counting.unconfirmed_as),
    }
    if check.type == HEARTBEAT:  # its own reports stand beside the votes of the locations
        plain["type"] = HEARTBEAT
    if not check.active:
        plain["active"] = False
    if check.active_until is not None:
        plain["active_until"] = format_instant(check.active_until)
    return plain


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """One line of policy.jsonl: the component is counted so on the days that begin at `since` or later.

    `retroactive`: on all days, by a decision that was taken then (`rollup --recompute --policy current`). `was` has the
    earlier ids of its checks, because rows keep theirs when the check is gone.
    """

    since: int
    component: str
    policy: Policy
    retroactive: bool = False
    was: Mapping[str, str] = field(default_factory=dict)

    @property
    def holds_from(self) -> int:
        """The instant from which days are counted so."""
        return SINCE_EVER if self.retroactive else self.since


def plain(entry: PolicyEntry) -> dict[str, Any]:
    """The line's object."""
    line: dict[str, Any] = {"from": entry.since, "component": entry.component, "policy": entry.policy}
    if entry.retroactive:
        line["retroactive"] = True
    return {**line, "was": dict(entry.was)} if entry.was else line


def read(line: Mapping[str, Any]) -> PolicyEntry:
    """The record of a line's object; KeyError, TypeError or ValueError when it is not as it should be."""
    since = line["from"] if isinstance(line["from"], int) else parse_instant(line["from"])
    told = line["policy"]
    for counted in told["checks"].values():
        _counted(counted)
    return PolicyEntry(since, line["component"], told, line.get("retroactive") is True, was=dict(line.get("was", {})))


def in_force(entries: Sequence[PolicyEntry]) -> list[PolicyEntry]:
    """The entries that still hold somewhere, oldest first; a later line holds from its start on, whatever was said."""
    standing: list[PolicyEntry] = []
    for entry in entries:
        standing = [one for one in standing if one.holds_from < entry.holds_from]
        standing.append(entry)
    return standing


def entry(component: Component, since: int, *, retroactive: bool = False) -> PolicyEntry:
    """What is to be told of a component that is counted otherwise from an instant on."""
    was = {old: check.id for check in component.checks for old in check.was}
    return PolicyEntry(since, component.id, policy(component), retroactive, was)


def aliases(told: Iterable[PolicyEntry], components: Iterable[Component]) -> dict[str, str]:
    """Old id -> id of every check that was ever renamed; an id that is in use is nobody's old one."""
    checks = [check for component in components for check in component.checks]
    found = {old: new for entry in told for old, new in entry.was.items()}
    in_use = {check.id for check in checks}
    found |= {old: check.id for check in checks for old in check.was}
    return {old: new for old, new in found.items() if old not in in_use}


def eras(component: Component, entries: Sequence[PolicyEntry], names: Mapping[str, str]) -> tuple[Era, ...]:
    """The component as it is counted in each span of days, one era after the other for all time.

    `entries` in the order of the file, of this component only; `names` (old id -> id) of renamed checks. On the day
    on which a check left the policy it counts until then.
    """
    standing = in_force(entries)
    counted = [_as_counted(component, one.policy, names) for one in standing]
    dated = [(_first_day(one.holds_from), new, digest(one.policy)) for one, new in zip(standing, counted, strict=True)]
    for index, ((start, old, name), (_, new, _)) in enumerate(pairwise(dated)):
        dated[index] = (start, _until(old, new, standing[index + 1].since), name)
    if not dated or dated[0][0] > _first_day(SINCE_EVER):
        dated.insert(0, (BEGINNING, component, policy(component)["digest"]))
    starts = [BEGINNING, *(start for start, _, _ in dated[1:]), END]
    spans = zip(pairwise(starts), dated, strict=True)
    return tuple(Era(start, end, one, name) for (start, end), (_, one, name) in spans if start < end)


def _first_day(since: int) -> int:
    """The beginning of the first whole day from an instant on."""
    return day_of(since + DAY_MS - 1)


def _as_counted(component: Component, told: Policy, names: Mapping[str, str]) -> Component:
    """The component with the checks and the rules of a policy; itself where that is its own."""
    known = {check.id: check for check in component.checks}
    checks = []
    for written, counted in told["checks"].items():
        identity = names.get(written, written)
        before = known.get(identity) or Check(identity, identity, counted.get("type", ""), None, 0, 0)
        checks.append(replace(before, informational=False, **_counted(counted)))
    rules = {name: told[name] for name in ("combination", "min_known", "quorum")}
    dated = replace(component, checks=tuple(checks), **rules)
    return component if policy(dated) == policy(component) else dated


def _counted(counted: Mapping[str, Any]) -> dict[str, Any]:
    until = counted.get("active_until")
    return {
        "counting": Counting(
            int(counted["confirm_down"]),
            int(counted["confirm_up"]),
            parse_duration(counted["max_staleness"]),
            Status(counted["unconfirmed_as"]),
        ),
        "type": counted.get("type", ""),
        "active": bool(counted.get("active", True)),
        "active_until": None if until is None else parse_instant(until),
    }


def _until(old: Component, new: Component, changed_at: int) -> Component:
    """The old policy, in which the checks that the new one no longer counts end when it was told."""
    staying = {check.id for check in new.checks if not check.informational and check.active}
    checks = tuple(
        check if check.id in staying or check.informational or not check.active else _ended(check, changed_at)
        for check in old.checks
    )
    return old if checks == old.checks else replace(old, checks=checks)


def _ended(check: Check, at: int) -> Check:
    return replace(check, active_until=at if check.active_until is None else min(at, check.active_until))
