"""The first stage of a job: history here becomes what the remote has, as far as the job reads it."""

from __future__ import annotations

import argparse
import logging
from pathlib import PurePosixPath

from probes.heartbeat import HeartbeatOptions
from statusledger.cli.place import place
from statusledger.cli.probe import location_of
from statusledger.clock import DAY_MS, to_datetime
from statusledger.config import Config
from statusledger.history import raw_location
from statusledger.receive import Wanted, everything, receive
from statusledger.schedule import PUSH

LOG = logging.getLogger("statusledger")


def run(arguments: argparse.Namespace) -> int:
    """0; PublishError (5) when the remote cannot be reached."""
    where = place(arguments)
    config = where.config()
    wanted: Wanted = everything
    if arguments.job == "probe":
        wanted = read_by_a_probe(config, location_of(config, arguments.location), where.started_at)
    received = receive(where.root, branch=config.ledger_branch, wanted=wanted, pull=arguments.pull)
    if received.files:
        LOG.info("receive: %d history file(s) brought up to the remote", received.files)
    if received.behind:
        LOG.warning("receive: the branch here stays where it is: %s", received.behind)
    return 0


def read_by_a_probe(config: Config, location: str, now: int) -> Wanted:
    """The files that tell a probe run what is due: of the location and of pushed reports, as far back as they count."""
    options = (check.options for check in config.checks.values())
    longest_ms = max(DAY_MS, *(one.allowed_ms for one in options if isinstance(one, HeartbeatOptions)), 0)
    days = {f"{to_datetime(day * DAY_MS):%Y-%m%d}" for day in range((now - longest_ms) // DAY_MS, now // DAY_MS + 1)}

    def wanted(path: PurePosixPath) -> bool:
        if path.parent.name == "facts":
            return path.stem == location
        return raw_location(path) in {location, PUSH} and f"{path.parent.name}-{path.stem[-4:]}" in days

    return wanted
