"""`statusledger incident propose`: offer files that explain what was measured, as branches and pull requests."""

from __future__ import annotations

import argparse
import os

from statusledger.cli import build, files
from statusledger.cli.place import Place, place
from statusledger.config import Config
from statusledger.forge import forge
from statusledger.history.drafts import append_drafts, draft_records
from statusledger.operators.drafts import Desk, Drafted, Outcome

PULL_REQUEST, COMMIT, OFF = "pull_request", "commit", "off"


def run(arguments: argparse.Namespace) -> int:
    """0, also where a pull request may not be opened; says what became of each draft, unless nothing was to be done."""
    where = place(arguments)
    config = where.config().public
    how = config.incidents_open or (PULL_REQUEST if os.environ.get("GITHUB_ACTIONS") == "true" else OFF)
    if how == OFF:
        if arguments.command != "run":
            print("drafts: incidents.open is off, so nothing is offered")
        return 0
    drafted = propose(where, config, how)
    for one in drafted:
        print(f"drafts: {_told(one)}")
    return 1 if any(one.outcome is Outcome.FAILED for one in drafted) else 0


def propose(where: Place, config: Config, how: str) -> list[Drafted]:
    """What became of the drafts; what changed since the last time is in history afterwards."""
    if not where.history.is_dir():
        return []
    report = build.make(where, config)
    desk = Desk(where.root, files.names(where, config), config.page.timezone, forge(os.environ), commit=how == COMMIT)
    drafted = list(desk.propose(report))
    known, _ = draft_records(where.history, as_of=where.started_at)
    records = [one.record(where.started_at) for one in drafted]
    append_drafts(where.history, [one for one in records if one and not one.says_the_same(known.get(one.id))])
    return drafted


def _told(one: Drafted) -> str:
    place = f" {one.link}" if one.link else f" on branch {one.branch}"
    why = f" ({one.reason})" if one.reason else ""
    return f"{one.incident}: {one.outcome}{place}{why}"
