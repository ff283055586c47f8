"""`statusledger publish`: commit the history and push it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

from statusledger.cli.outcome import outcome
from statusledger.cli.place import Place, place
from statusledger.config import Config
from statusledger.publish import PublishResult, publish

MESSAGE = "Record measurements"


def run(arguments: argparse.Namespace) -> int:
    """0 when everything that is in history here is on the remote too, or there is no remote; says what happened."""
    where = place(arguments)
    published = publisher(where, where.config(), arguments.message)()
    print(published)
    if published.commit:
        told = outcome(arguments)
        told.changed = True
        told.did.append(f"published {published.lines} line(s)")
    return 0


def publisher(where: Place, config: Config, message: str | None) -> Callable[[], PublishResult]:
    """What publishes this repository's history; PublishError (5) when the remote does not take it."""
    return partial(publish, where.root, message or MESSAGE, branch=config.ledger_branch)
