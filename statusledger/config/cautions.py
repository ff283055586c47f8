"""What is worth a look in a configuration that can be used as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from statusledger.clock import DAY_MS, format_duration
from statusledger.config.entries import entries
from statusledger.config.records import Config
from statusledger.model import Check
from statusledger.written.source import Path
from statusledger.written.wording import listed

MONTH_MS = 30 * DAY_MS
OVERRIDES = PurePosixPath("site_src/overrides")

Caution = tuple[Path, str]


def cautions(config: Config, data: Mapping[str, Any]) -> Iterator[Caution]:
    """The place and the text of each."""
    yield from _late_locations(config)
    yield from _early_confirmation(config)
    yield from _tight_targets(config, data)
    yield from _unheard(config)
    yield from _missing_pictures(config)
    yield from _forgotten_alerts(data)


def _forgotten_alerts(data: Mapping[str, Any]) -> Iterator[Caution]:
    """A wish that no audit would let pass."""
    retention = data.get("retention")
    if isinstance(retention, Mapping) and "alerts" in retention:
        yield (
            ("retention", "alerts"),
            "what was sent is kept for good: it is small, recoveries need it, and an audit proves by it who was told "
            "when; leave this key out",
        )


def _unheard(config: Config) -> Iterator[Caution]:
    """Channels that no alert can reach."""
    alerts = config.alerts
    told = [*(route.channels for route in alerts.routes), *(step.channels for step in alerts.escalate)]
    for name in alerts.channels:
        if not any(name in names for names in told):
            yield ("alerts", "channels", name), "no route and no escalation leads here, so nobody is told by it"


def _late_locations(config: Config) -> Iterator[Caution]:
    for index, location in enumerate(config.monitor.locations):
        longest = 3 * (location.schedule_ms or 0)
        late = [
            check
            for check in config.checks.values()
            if location.id in check.locations and longest > check.counting.max_staleness_ms
        ]
        if late:
            hold = format_duration(min(check.counting.max_staleness_ms for check in late))
            yield (
                ("monitor", "locations", index),
                f"3 x the schedule is {format_duration(longest)}, but samples of {_some(late)} hold for {hold} only, "
                "so late runs leave gaps; raise max_staleness or start it more often",
            )


def _early_confirmation(config: Config) -> Iterator[Caution]:
    slow = [check for check in config.checks.values() if len(check.locations) >= 3 and check.counting.confirm_down >= 2]
    if slow:
        yield (
            ("monitor", "locations"),
            f"with three or more locations confirm_down: 1 and quorum: majority see an outage sooner ({_some(slow)})",
        )


def _tight_targets(config: Config, data: Mapping[str, Any]) -> Iterator[Caution]:
    for path, target, checks in _promises(config, data):
        shown = f"{float(target * 100):.10g} %"
        interval = max((check.interval_ms for check in checks if not check.informational), default=0)
        allowed = int((1 - target) * MONTH_MS)
        if target == 1:
            yield path, f"a target of {shown} allows no downtime at all"
        elif allowed < 3 * interval:
            budget = format_duration(allowed // 1000 * 1000)
            yield (
                path,
                f"{shown} allows {budget} of downtime in 30 days, less than 3 intervals "
                f"of {format_duration(interval)}; measure more often or promise less",
            )


def _missing_pictures(config: Config) -> Iterator[Caution]:
    for key in ("logo", "favicon"):
        name = getattr(config.page, key)
        if name is None:
            continue
        if PurePosixPath(name).parent != OVERRIDES:
            yield ("page", key), f"{name} is not published; pictures are taken from {OVERRIDES}/ only, so move it there"
        elif not (config.path.parent / name).is_file():
            yield ("page", key), f"there is no {name}; the page has its own mark and icon until there is"


def _promises(config: Config, data: Mapping[str, Any]) -> Iterator[tuple[Path, Fraction, tuple[Check, ...]]]:
    components = config.components
    checks = {component.id: component.checks for component in config.subjects.values()}
    for service in config.services:
        checks[service.id] = tuple(check for member in service.members for check in checks[member.component])
    targets = {
        **{component.id: component.target for component in components.values()},
        **{service.id: service.target for service in config.services},
        **{contract.id: contract.target for contract in config.sla.contracts},
    }
    subjects = {contract.id: contract.subject for contract in config.sla.contracts}
    for entry in entries(data):
        if entry.id in targets and entry.kind != "check":
            key = "target" if entry.written.get("target") is not None else "tier"
            yield (*entry.path, key), targets[entry.id], checks[subjects.get(entry.id, entry.id)]


def _some(checks: Iterable[Check]) -> str:
    ids = [check.id for check in checks]
    return listed(ids if len(ids) <= 3 else [*ids[:2], f"{len(ids) - 2} more"], "and")
