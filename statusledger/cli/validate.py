"""`statusledger validate`: every problem of checks.yml at once."""

from __future__ import annotations

import argparse

from statusledger import words
from statusledger.cli.place import place


def run(arguments: argparse.Namespace) -> int:
    """0 if the configuration is usable; the loader raises with every problem otherwise."""
    where = place(arguments)
    config = where.config()
    counts = f"{words.plural(len(config.components), 'component')}, {words.plural(len(config.checks), 'check')}"
    warned = f", {words.plural(len(config.warnings), 'warning')}" if config.warnings else ""
    print(f"{where.config_path}: valid, {counts}{warned}")
    return 0
