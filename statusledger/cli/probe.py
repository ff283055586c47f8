"""`statusledger probe`: the checks that are due -> one line of history, and a line a check for whoever watches."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
from collections.abc import Collection

from statusledger.cli import confidential, publish
from statusledger.cli.outcome import Outcome, outcome
from statusledger.cli.place import Place, place, secrets
from statusledger.cli.progress import Progress
from statusledger.cli.pushing import pusher
from statusledger.cli.recording import recorder
from statusledger.cli.sampling import Sampler, milliseconds
from statusledger.config import Config
from statusledger.config.private import PRIVATE_FILE
from statusledger.errors import ConfigurationError, UsageError
from statusledger.model import Check, Status

LOG = logging.getLogger("statusledger")
NOTHING_KNOWN = 3
WORST_FIRST = (Status.DOWN, Status.DEGRADED, Status.UNKNOWN, Status.UP)


def run(arguments: argparse.Namespace) -> int:
    """0; 3 when something was due and nothing at all could be learned about it; 5 when --publish was refused."""
    where = place(arguments)
    config, fault = configured(where)
    with Progress() as progress:
        sampler = sampler_of(where, config, arguments, progress)
        if arguments.only:
            asyncio.run(sampler.tick([(check, where.started_at) for check in _named(config, arguments.only)]))
        elif arguments.for_ms is None:
            asyncio.run(sampler.once())
        else:
            asyncio.run(sampler.sample(where.started_at + arguments.for_ms))
    if not sampler.statuses:
        LOG.info("nothing is due at location %s", sampler.location)
    _pass_on(outcome(arguments), sampler)
    if arguments.publish and not arguments.dry_run:
        publish.run(arguments)
    return fault or (NOTHING_KNOWN if set(sampler.statuses) == {Status.UNKNOWN} else 0)


def configured(where: Place) -> tuple[Config, int]:
    """What to measure; without the private checks, and with an exit code, where only these cannot be used."""
    try:
        config = where.whole_config()
    except (ConfigurationError, UsageError) as error:
        public = where.config()
        LOG.error("%s", error)
        return public, error.exit_code
    if confidential.is_closed(where.root):
        LOG.warning("warning: %s.age is not measured here: %s is not set", PRIVATE_FILE, confidential.VARIABLE)
    return config, 0


def _pass_on(told: Outcome, sampler: Sampler) -> None:
    """What the job tells of its checks: the worst result, and a row a public check with the newest one."""
    newest = [seen for check in sampler.config.checks if (seen := sampler.latest.get(check))]
    told.status = next((str(status) for status in WORST_FIRST if any(seen.status is status for seen in newest)), "")
    told.did.append(f"{sampler.statuses.total()} result(s) at {sampler.location}")
    told.columns = ("Check", "Result", "Time", "")
    told.rows = [
        (sampler.names.get(seen.check, seen.check), str(seen.status), milliseconds(seen.ms), seen.code or "")
        for seen in newest
    ]


def sampler_of(where: Place, config: Config, arguments: argparse.Namespace, progress: Progress) -> Sampler:
    """The prober of this place, as the options of `probe` have it."""
    location, known, clock = location_of(config, arguments.location), secrets(config), where.clock()
    recording = recorder(where, config, location, shard=arguments.shard, secrets=known)
    pushes = arguments.publish or arguments.command == "run"
    push = publish.publisher(where, config, arguments.message)
    return Sampler(
        where=where,
        config=config,
        location=location,
        shard=arguments.shard,
        secrets=known,
        recorder=recording,
        writes=not arguments.dry_run,
        pusher=pusher(config.checks, recording.results, push, clock=clock) if pushes and arguments.for_ms else None,
        clock=clock,
        progress=progress,
        hidden=() if arguments.private else recording.private,
        names={opaque: written for written, opaque in config.opaque.items()},
    )


def location_of(config: Config, asked: str | None) -> str:
    """The location that was asked for, by option or environment, or else the only one there is."""
    known = [place.id for place in config.monitor.locations]
    chosen = asked or os.environ.get("STATUSLEDGER_LOCATION")
    if chosen is None and len(known) == 1:
        return known[0]
    if chosen in known:
        return str(chosen)
    found = "no location is chosen" if chosen is None else f'there is no location "{chosen}"'
    message = (
        f"{found}: write --location ID or set STATUSLEDGER_LOCATION to one of {', '.join(known)} (monitor.locations)"
    )
    raise UsageError(message)


def _named(config: Config, names: Collection[str]) -> list[Check]:
    """The checks of these ids, and of the components of these ids."""
    components, checks = config.components, config.checks
    names = [config.opaque.get(name, name) for name in names]
    unknown = sorted(set(names) - set(components) - set(checks))
    if unknown:
        message = f"--only: there is no check or component {', '.join(unknown)} in {config.path}"
        raise UsageError(message)
    chosen = {check.id for name in names if name in components for check in components[name].checks} | set(names)
    return [check for check in checks.values() if check.id in chosen]
