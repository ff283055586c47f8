"""`statusledger incident ACTION`: what people do about incidents."""

from __future__ import annotations

import argparse

from statusledger.cli import drafts

ACTIONS = {"propose": drafts.run}


def run(arguments: argparse.Namespace) -> int:
    """The exit code of the action."""
    return ACTIONS[arguments.action](arguments)
