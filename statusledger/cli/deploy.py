"""The last stage of `run publish`: the site goes to wherever --deploy says, if it was built."""

from __future__ import annotations

import argparse
import logging

from statusledger.cli.outcome import outcome
from statusledger.cli.place import place
from statusledger.deploy import deploy

LOG = logging.getLogger("statusledger")


def run(arguments: argparse.Namespace) -> int:
    """0; OutputError (2) when a place did not take the site."""
    told = outcome(arguments)
    if arguments.deploy and not told.built:
        LOG.warning("deploy: no site was built, so what is served stays as it is")
        return 0
    where = place(arguments)
    for target in arguments.deploy or ():
        did = deploy(arguments.out or where.root / "_site", where.root, target)
        print(did)
        told.did.append(did)
    return 0
