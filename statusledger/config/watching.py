"""Groups, components and checks as they are written -> records with everything inherited and resolved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from probes import PROBES
from probes.contract import Options
from statusledger.clock import format_duration
from statusledger.config.blocks import MonitorBlock, PrivateBlock
from statusledger.config.entries import Written, blocks
from statusledger.config.levels import Levels
from statusledger.config.options import read_options
from statusledger.config.promised import SlaBlock
from statusledger.config.watched import CheckBlock, ComponentBlock, Dated, GroupBlock, Measured
from statusledger.model import Check, Component, Group, Tier, Visibility
from statusledger.written.faults import Faults
from statusledger.written.source import Path
from statusledger.written.wording import did_you_mean

DEFAULT_TIERS = {
    Tier.CRITICAL: Fraction(999, 1000),
    Tier.HIGH: Fraction(995, 1000),
    Tier.MEDIUM: Fraction(99, 100),
    Tier.LOW: Fraction(95, 100),
}

HEARTBEAT = "heartbeat"

_PRIVATE = (
    "a private component may not stand in a file that anyone can read; write private: {plain: true} if this repository "
    "is private, else move the component to the private file (`statusledger private edit`)"
)
_PUBLIC = "what stands in the private file is private; remove the line, or move the component to checks.yml"
_HEARTBEAT = (
    "the reports of a private heartbeat would be sealed to private.recipients, and the probe job that has to notice "
    "when one is missing cannot read them; measure it in another way, or make it public under a name that tells nothing"
)


def target_of(target: Fraction | None, tier: Tier | None, sla: SlaBlock) -> Fraction:
    """What is promised: the target that is written, else the tier's, else the default one."""
    if target is not None:
        return target
    return {**DEFAULT_TIERS, **sla.tiers}[tier] if tier else sla.default_target


@dataclass(frozen=True, slots=True)
class Watching:
    """Reads what is watched.

    `monitor`, `sla` and `private` are what the rest of the file says about it, `ids` all that are written in it. The
    groups from the one at `first_private` on stand in the private file.
    """

    monitor: MonitorBlock
    sla: SlaBlock
    private: PrivateBlock
    ids: Collection[str]
    faults: Faults
    first_private: int | None = None

    def groups(self, data: Mapping[str, object], levels: Levels) -> tuple[Group, ...]:
        """Every group that can be read; `faults` has what is wrong with the others."""
        return tuple(
            group for path, written in blocks(data, "groups", ()) if (group := self._group(written, path, levels))
        )

    def _group(self, written: Written, path: Path, levels: Levels) -> Group | None:
        block = self.faults.block(GroupBlock, written, path, apart=("components",))
        inner = levels.under(path, block)
        components = [
            component
            for place, item in blocks(written, "components", path)
            if (component := self._component(item, place, inner, block.id if block else ""))
        ]
        return Group(block.id, block.name or block.id, tuple(components)) if block else None

    def _component(self, written: Written, path: Path, levels: Levels, group: str) -> Component | None:
        block = self.faults.block(ComponentBlock, written, path, apart=("checks",))
        checks = tuple(self._checks(written, path, levels.under(path, block), block))
        if block is None:
            return None
        visibility = self._visibility(block, path)
        if visibility is Visibility.PRIVATE:
            self._check_heartbeats(checks, path)
        self._check_dates(block, path)
        self._check_combination(block, checks, path)
        return Component(
            id=block.id,
            name=block.name or block.id,
            group=group,
            checks=checks,
            description=block.description,
            tier=block.tier,
            target=target_of(block.target, block.tier, self.sla),
            visibility=visibility,
            depends_on=block.depends_on,
            combination=block.combination,
            quorum=block.quorum or self.monitor.quorum,
            min_known=block.min_known or self.monitor.min_known,
            active=block.active,
            active_from=block.active_from,
            active_until=block.active_until,
            was=block.was,
        )

    def _checks(
        self, written: Written, path: Path, levels: Levels, component: ComponentBlock | None
    ) -> Iterator[Check]:
        """The checks of a component; without `checks:` the component is its own check."""
        if written.get("checks") is None:
            options = read_options(written, path, self.faults, inline=True)
            if component and options:
                yield from self._series(self._record(component, component, options, levels), path)
            return
        self._refuse_check_keys(written, path)
        for place, item in blocks(written, "checks", path):
            block = self.faults.block(CheckBlock, item, place)
            options = read_options(item, place, self.faults, inline=False)
            if block:
                self._check_dates(block, place)
            if block and options:
                yield from self._series(self._record(block, component, options, levels.under(place, block)), place)

    def _series(self, check: Check, path: Path) -> Iterator[Check]:
        """The check, or one for each of the series that it has to be measured as (`ip_family: both`)."""
        longest = PROBES[check.type].longest_interval_ms
        if check.interval_ms > longest:
            said = f"every {format_duration(check.interval_ms)} is too seldom for a check of type {check.type}"
            self.faults.add(path, f"{said}; write interval: {format_duration(longest)} or less")
        for suffix, options in cast(Options, check.options).series.items():
            identity = f"{check.id}{suffix}"
            if suffix and identity in self.ids:
                message = f"ip_family: both makes the check '{identity}', but that id is in use; rename one of them"
                self.faults.add(path, message)
            name = f"{check.name} ({suffix.strip('-')})" if suffix else check.name
            was = tuple(former + suffix for former in check.was)
            yield replace(check, id=identity, name=name, options=options, was=was)

    def _record(
        self,
        check: CheckBlock | ComponentBlock,
        component: ComponentBlock | None,
        options: tuple[str, object],
        levels: Levels,
    ) -> Check:
        """The check; it is measured only while its component is active."""
        both = (check, component) if component else (check,)
        starts = [block.active_from for block in both if block.active_from is not None]
        ends = [block.active_until for block in both if block.active_until is not None]
        return Check(
            id=check.id,
            name=check.name or check.id,
            type=options[0],
            options=options[1],
            interval_ms=levels.value("interval"),
            timeout_ms=levels.value("timeout"),
            retries=levels.value("retries"),
            counting=levels.counting(),
            performance=levels.performance(self.faults),
            informational=check.informational,
            public_details=check.public_details,
            locations=levels.value("locations") or tuple(location.id for location in self.monitor.locations),
            active=all(block.active for block in both),
            active_from=max(starts, default=None),
            active_until=min(ends, default=None),
            was=check.was,
        )

    def stand_in(self, name: str, levels: Levels) -> Component:
        """A private member of a service as everybody can count it: one check, by the rules that hold for all."""
        check = Check(
            id=name,
            name=name,
            type="",
            options=None,
            interval_ms=levels.value("interval"),
            timeout_ms=levels.value("timeout"),
            counting=levels.counting(),
            locations=levels.value("locations") or tuple(location.id for location in self.monitor.locations),
        )
        return Component(
            id=name,
            name=name,
            group="",
            checks=(check,),
            visibility=Visibility.PRIVATE,
            quorum=self.monitor.quorum,
            min_known=self.monitor.min_known,
        )

    def _visibility(self, block: ComponentBlock, path: Path) -> Visibility:
        """Who may see it; in the private file nothing is public, and in the public one nothing private."""
        said = "visibility" in block.model_fields_set
        if self.first_private is not None and cast(int, path[1]) >= self.first_private:
            if said and block.visibility is Visibility.PUBLIC:
                self.faults.add((*path, "visibility"), _PUBLIC)
            return Visibility.PRIVATE
        if block.visibility is Visibility.PRIVATE and not self.private.plain:
            self.faults.add((*path, "visibility"), _PRIVATE)
        return block.visibility

    def _check_heartbeats(self, checks: tuple[Check, ...], path: Path) -> None:
        """Sealed reports are closed to the probe job, which would miss each of them."""
        if self.private.recipients and any(check.type == HEARTBEAT for check in checks):
            self.faults.add(path, _HEARTBEAT)

    def _refuse_check_keys(self, written: Written, path: Path) -> None:
        """A component with `checks:` has no keys of a check of its own."""
        own = set(ComponentBlock.model_fields) - (set(Measured.model_fields) - set(Dated.model_fields))
        for key in written:
            if key not in own:
                meant = did_you_mean(key, own)
                known = (
                    f"unknown key '{key}'{meant}" if meant else f"'{key}' belongs on one of the checks; move it there"
                )
                self.faults.add((*path, key), known)

    def _check_dates(self, block: Dated, path: Path) -> None:
        if block.active_from is not None and block.active_until is not None and block.active_until <= block.active_from:
            self.faults.add((*path, "active_until"), "is not after active_from; write a later instant or leave it out")

    def _check_combination(self, block: ComponentBlock, checks: tuple[Check, ...], path: Path) -> None:
        counted = sum(not check.informational for check in checks)
        if checks and not counted:
            self.faults.add(path, "every check is informational, so nothing would count; leave one of them to count")
        elif isinstance(block.combination, int) and block.combination > counted > 0:
            message = f"{block.combination} checks must be good, but {counted} count; write a smaller number"
            self.faults.add((*path, "combination"), message)
