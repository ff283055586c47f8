"""checks.yml -> Config, or every problem at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import BaseModel

from statusledger.config.alerting import AlertsBlock
from statusledger.config.blocks import (
    FileBlock,
    IncidentsBlock,
    LedgerBlock,
    MaintenanceBlock,
    MonitorBlock,
    PrivateBlock,
    RetentionBlock,
)
from statusledger.config.canaries import read_canaries
from statusledger.config.cautions import cautions
from statusledger.config.entries import entries
from statusledger.config.files import read_files
from statusledger.config.levels import Levels
from statusledger.config.page import PageBlock, ThemeBlock
from statusledger.config.placeholders import check_placeholders
from statusledger.config.private import (
    SERVICES,
    PrivateChecks,
    PrivatePart,
    append_private,
    cautions_of_stand_ins,
    check_collisions,
    opaque_members,
    untold,
    veiled,
    warnings_untold,
)
from statusledger.config.promised import SlaBlock
from statusledger.config.promises import read_services, read_sla
from statusledger.config.records import Config, Link, Look, Monitor, Page
from statusledger.config.references import check_references
from statusledger.config.shapes import check_shapes
from statusledger.config.telling import read_alerts
from statusledger.config.watched import Tunable
from statusledger.config.watching import Watching
from statusledger.errors import ConfigurationError
from statusledger.model import Location
from statusledger.written.block import keys_of
from statusledger.written.faults import Faults
from statusledger.written.source import Source

B = TypeVar("B", bound=BaseModel)

_STAND_IN: Mapping[type[BaseModel], Mapping[str, Any]] = {
    PageBlock: {"name": "-", "url": "https://example.com", "since": "2026-01-01"},
    MonitorBlock: {"locations": ["none"]},
}
"""What the rest of a file is read with where such a block is wrong; never part of a result."""


def load(path: FilePath, private: PrivateChecks | None = None, *, tells: bool = False) -> Config:
    """What checks.yml says, resolved; ConfigurationError with all problems, UsageError when there is no such file.

    With the `private` file its components are there too, under opaque ids. What is wrong with them is told by its place
    only, unless `tells`: then nobody else reads along.
    """
    public = _load(path, None)
    if private is None:
        return public
    try:
        whole = _load(path, private)
    except ConfigurationError as error:
        raise error if tells else untold(error, private.name) from None
    return whole if tells else replace(whole, warnings=warnings_untold(public.warnings, whole.warnings, private.name))


def _load(path: FilePath, private: PrivateChecks | None) -> Config:
    source = read_files(path)
    part = append_private(source, private) if private and not source.problems else None
    faults = Faults(source)
    config = _read(path, source, faults, part) if isinstance(source.data, dict) else None
    if faults or config is None:
        raise ConfigurationError(tuple(faults))
    found = [source.problem(place, message) for place, message in cautions(config, source.data)]
    if part:
        config = veiled(config, part)
        check_collisions(config, part, faults)
        found += [source.problem((SERVICES,), message) for message in cautions_of_stand_ins(config)]
    if faults:
        raise ConfigurationError(tuple(faults))
    return replace(config, warnings=tuple(sorted(found)))


def _read(path: FilePath, source: Source, faults: Faults, part: PrivatePart | None) -> Config:
    """The configuration; it means something only while `faults` stays empty."""
    data = source.data
    check_placeholders(data, faults)
    _check_top(data, faults)
    check_shapes(data, faults)
    check_references(data, source.places, faults)
    monitor = _section(MonitorBlock, "monitor", data, faults)
    sla = _section(SlaBlock, "sla", data, faults, apart=("contracts",))
    incidents = _section(IncidentsBlock, "incidents", data, faults)
    ledger = _section(LedgerBlock, "ledger", data, faults)
    private = _section(PrivateBlock, "private", data, faults)
    defaults = _section(Tunable, "defaults", data, faults)
    alerts = read_alerts(data, _section(AlertsBlock, "alerts", data, faults), faults)
    ids = {entry.id for entry in entries(data) if entry.id}
    watching = Watching(monitor, sla, private, ids, faults, part.first if part else None)
    levels = Levels().under(("defaults",), defaults)
    groups, services = watching.groups(data, levels), read_services(data, sla, faults)
    known = {component.id for group in groups for component in group.components}
    retention = _section(RetentionBlock, "retention", data, faults)
    return Config(
        path=path,
        page=_page(_section(PageBlock, "page", data, faults)),
        monitor=_monitor(monitor, data, faults),
        sla=read_sla(data, sla, faults),
        groups=groups,
        services=services,
        stand_ins=tuple(watching.stand_in(name, levels) for name in opaque_members(services) if name not in known),
        incidents_after_ms=incidents.after,
        incidents_open=incidents.open,
        maintenance_notice_ms=_section(MaintenanceBlock, "maintenance", data, faults).notice,
        ledger_branch=ledger.branch,
        private_plain=private.plain,
        alerts=alerts,
        settings={
            "ledger": _plain(ledger),
            "private": _plain(private),
            "retention": _plain(retention),
        },
    )


def _check_top(data: Mapping[str, Any], faults: Faults) -> None:
    """Report blocks that are unknown or missing; what is in them is read block by block."""
    apart = [key for key in keys_of(FileBlock) if key not in ("schema", "include") and data.get(key) is not None]
    faults.block(FileBlock, data, (), apart=apart)


def _section(kind: type[B], key: str, data: Mapping[str, Any], faults: Faults, *, apart: Collection[str] = ()) -> B:
    """The block under a key, or one with all defaults where it is absent or wrong."""
    given = data.get(key)
    block = faults.block(kind, given, (key,), apart=apart) if given is not None else None
    return block or kind.model_validate(_STAND_IN.get(kind, {}))


def _page(block: PageBlock) -> Page:
    return Page(
        name=block.name,
        url=block.url,
        since=block.since,
        timezone=block.timezone,
        language=block.language,
        languages=tuple(dict.fromkeys((block.language, *block.languages))),
        environment=block.environment,
        logo=block.logo,
        favicon=block.favicon,
        header=block.header,
        footer=block.footer,
        links=tuple(Link(link.name, link.url) for link in block.links),
        look=_look(block.theme),
    )


def _look(block: ThemeBlock) -> Look:
    """Every token that was written, under its name in CSS."""
    written = {name.replace("_", "-"): value for name, value in block if value is not None}
    fonts = {name: value for name, value in written.items() if isinstance(value, str)}
    return Look({name: value for name, value in written.items() if name not in fonts}, fonts)


def _monitor(block: MonitorBlock, data: Mapping[str, Any], faults: Faults) -> Monitor:
    return Monitor(
        locations=tuple(Location(place.id, place.name or place.id, place.schedule) for place in block.locations),
        concurrency=block.concurrency,
        canaries=read_canaries(data, faults),
        allow_networks=block.allow_networks,
        public_variables=frozenset(block.public_variables),
        heartbeat_url=block.heartbeat_url,
    )


def _plain(value: Any) -> Any:
    """Mappings, tuples and exact values (pydantic's own dump would turn fractions into text)."""
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value
