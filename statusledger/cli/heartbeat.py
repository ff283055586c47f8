"""`monitor.heartbeat_url`: told after every good run, so that somebody notices when runs stop (a dead man's switch)."""

from __future__ import annotations

import argparse
import asyncio
import logging

from probes import PROBES
from probes.run import Settings
from probes.run import run as ask
from statusledger.cli.place import place, secrets
from statusledger.model import Check, Status

LOG = logging.getLogger("statusledger")
TIMEOUT_MS = 10_000


def run(arguments: argparse.Namespace) -> int:
    """0 always: a switch that cannot be told raises its alarm by itself, that is what it is for."""
    where = place(arguments)
    config = where.config()
    known = secrets(config)
    url = known.fill(config.monitor.heartbeat_url or "")
    if not url:
        return 0
    check = Check(
        id="heartbeat_url",
        name="heartbeat_url",
        type="http",
        options=PROBES["http"].options.model_validate({"url": url, "max_redirects": 3}),
        interval_ms=TIMEOUT_MS,
        timeout_ms=TIMEOUT_MS,
    )
    settings = Settings(allow_networks=config.monitor.allow_networks)
    due = [(check, where.started_at)]
    (tick,) = asyncio.run(ask(due, location="heartbeat", secrets=known, settings=settings, now=where.clock()))
    told = tick.observations[0]
    if told.status is not Status.UP:
        LOG.warning("monitor.heartbeat_url could not be told: %s %s", told.code, told.detail or "")
    return 0
