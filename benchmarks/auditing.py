"""What an audit of 25,000 commits takes: 44 days of two locations, each tick a commit, sealed at the end."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import growth
import measuring
import numpy as np
from ledger import configure

from statusledger.clock import DAY_MS, HOUR_MS, format_instant

CASE = growth.Case("audit", [("eu", None), ("us", None)], 30, days=44)
LIMIT_SECONDS = 60


def history() -> None:
    """Seconds of the clock for the whole audit, from the start of the command."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "clone"
        made(Path(folder) / "ledger.git", root)
        began = time.perf_counter()
        _statusledger(root, "audit")
        seconds = time.perf_counter() - began
    measuring.told_alone(f"audit of {CASE.commits:,} commits", seconds, LIMIT_SECONDS)


def made(bare: Path, root: Path) -> None:
    """A clone whose past is sealed by a last commit."""
    growth.git(bare.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    growth.fill(bare, CASE, range(CASE.days), np.random.default_rng(11))
    growth.git(bare, "gc", "--quiet")
    growth.git(bare.parent, "clone", "--quiet", str(bare), str(root))
    configure(root, CASE.checks)
    _statusledger(root, "rollup", "--now", format_instant(growth.START + CASE.days * DAY_MS + HOUR_MS))
    growth.git(root, "add", "--all")
    identity = ("-c", "user.name=Pat", "-c", "user.email=pat@acme.example")
    growth.git(root, *identity, "commit", "--quiet", "--message", "Seal days")


def _statusledger(root: Path, *arguments: str) -> None:
    program = str(Path(sys.executable).with_name("statusledger"))
    subprocess.run([program, "--root", str(root), *arguments], check=True)
