"""`statusledger publish`: commit the history and push it."""

from __future__ import annotations

import argparse

from statusledger.cli.place import place
from statusledger.publish import publish

MESSAGE = "Record measurements"


def run(arguments: argparse.Namespace) -> int:
    """0 when everything that is in history here is on the remote too, or there is no remote; says what happened."""
    where = place(arguments)
    print(publish(where.root, arguments.message or MESSAGE, branch=where.config().ledger_branch))
    return 0
