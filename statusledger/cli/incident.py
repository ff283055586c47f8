"""`statusledger incident`: what is told of incidents, and the files that tell it."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping

# action -> (module below statusledger.cli, its function)
ACTIONS: Mapping[str, tuple[str, str]] = {
    "new": ("incident_writing", "new"),
    "resolve": ("incident_writing", "resolve"),
    "list": ("incident_telling", "listed"),
    "show": ("incident_telling", "show"),
    "stats": ("incident_telling", "stats"),
    "propose": ("drafts", "run"),
}


def run(arguments: argparse.Namespace) -> int:
    """0 when it was done."""
    module, name = ACTIONS[arguments.action]
    return int(getattr(importlib.import_module(f"statusledger.cli.{module}"), name)(arguments))
