"""The clean-up of `run publish`: raw files that have come of age are pruned, as soon as there are any.

What has to stay is told as `prune` tells it, and fails no job: nothing is worse for it.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from statusledger.cli import prune
from statusledger.cli.place import place
from statusledger.clock import DAY_MS
from statusledger.config import Config
from statusledger.git import Repository, find
from statusledger.history import raw_files
from statusledger.report.retention import kept_ms
from statusledger.rollup.sources import file_day

LOG = logging.getLogger("statusledger")


def run(arguments: argparse.Namespace) -> int:
    """0; PublishError (5) when the remote did not take it."""
    where = place(arguments)
    config = where.config(warns=False)
    raw, evidence = kept_ms(config, "raw"), kept_ms(config, "evidence")
    before = {where.history: where.started_at - raw, where.sealed: where.started_at - max(raw, evidence)}
    repository = find(where.root)
    # outside of a repository nothing keeps what is removed: there a person has to want it
    if repository is None or not any(_has_old(root, limit) for root, limit in before.items()):
        return 0
    if _lies_here_too(repository, where.history, config):
        LOG.warning("tidy: %s/raw is old, and on this branch too: git rm -r it here, then it goes", where.history.name)
        return 0
    prune.run(arguments)
    return 0


def _has_old(root: Path, before: int) -> bool:
    """Whether a raw file is named for a day that was over by then."""
    return any(file_day(path) + DAY_MS <= before for path in raw_files(root)[0])


def _lies_here_too(repository: Repository, history: Path, config: Config) -> bool:
    """Whether history has a branch of its own, and rows from before that are still on the one that is checked out.

    They would come back with every checkout.
    """
    if config.ledger_branch in {None, repository.branch()}:
        return False
    return bool(repository.answer("ls-tree", "HEAD", f"{history.resolve().relative_to(repository.top).as_posix()}/raw"))
