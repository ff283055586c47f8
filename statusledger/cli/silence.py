"""The alerts of the watchdog's job: sent only while a location is silent, when no other job does.

While everything measures they are the publish job's, and two jobs at once would tell the same thing twice.
"""

from __future__ import annotations

import argparse

from statusledger.cli import alert
from statusledger.cli.place import place
from statusledger.cli.watchdog import watched


def run(arguments: argparse.Namespace) -> int:
    """As `alert` ends; 0 when nobody is silent."""
    where = place(arguments)
    if any(one.silent for one in watched(where, where.config(warns=False), arguments.location)):
        return alert.run(arguments)
    return 0
