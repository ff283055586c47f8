"""What a page costs, for docs/cost.md: bytes of the ledger a day, of the site, of a visit; seconds of a build.

Rows are as `probe --for 4m` writes them (four a run at an interval of 60 s, one at 5 m), a commit a run, 288 runs a day
at one location. The build is `statusledger build` of 90 sealed days at two locations.
"""

from __future__ import annotations

import gzip
import subprocess
import tempfile
from pathlib import Path

import growth
import numpy as np
import rollups
from capacity import ran

from statusledger.clock import format_instant

SIZES = (5, 30, 200)
DAYS = 3
BUILT_DAYS = 90


def cost() -> None:
    """A line a figure, for each number of checks."""
    for checks in SIZES:
        for interval, rows in (("60 s", 4), ("5 m", 1)):
            packed, tree, fetched = ledger(growth.Case("cost", [("eu", None)], checks, days=DAYS, rows=rows))
            print(
                f"{checks:4} checks, {interval:>4}: {packed / 1000:7.0f} kB a day in packs, "
                f"{tree / 1000:7.0f} kB a day in the checkout, "
                f"{fetched / 1000:7.0f} kB a day of raw rows in a clone of depth 1",
                flush=True,
            )
        print(f"{checks:4} checks: {page(checks)}", flush=True)


def ledger(case: growth.Case) -> tuple[float, float, float]:
    """Bytes a day: of all packs after `git gc`, of the files, of what a clone of depth 1 fetches."""
    with tempfile.TemporaryDirectory() as folder:
        repository, shallow = Path(folder) / "ledger.git", Path(folder) / "shallow.git"
        growth.git(Path(folder), "init", "--quiet", "--bare", "--initial-branch=main", str(repository))
        growth.fill(repository, case, range(case.days), np.random.default_rng(11))
        growth.git(repository, "gc", "--quiet")
        command = ["git", "ls-tree", "-r", "-l", "main"]
        listed = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True).stdout
        tree = sum(int(line.split()[3]) for line in listed.splitlines())
        growth.git(Path(folder), "clone", "--quiet", "--bare", "--depth=1", f"file://{repository}", str(shallow))
        return growth.pack_bytes(repository) / case.days, tree / case.days, growth.pack_bytes(shallow) / case.days


def page(checks: int) -> str:
    """What a build takes, and how large its site is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        as_of = rollups.write(folder, checks=checks, days=BUILT_DAYS)
        sealed = sum(path.stat().st_size for path in (folder / "history" / "rollup").iterdir())
        took = ran("--root", str(folder), "-q", "--now", format_instant(as_of), "build")
        files = [path for path in (folder / "_site").rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        packed = sum(len(gzip.compress(path.read_bytes())) for path in files)
        home = [folder / "_site" / "index.html", *(folder / "_site" / "static").glob("*.css")]
        visit = sum(len(gzip.compress(path.read_bytes())) for path in home)
        return (
            f"build {took.seconds:.1f} s ({took.cpu_seconds:.1f} s of CPU, {took.megabytes:.0f} MB); "
            f"site {len(files)} files, {size / 1e6:.1f} MB, {packed / 1e6:.1f} MB compressed; "
            f"home page {visit / 1000:.0f} kB compressed; "
            f"rollups {sealed / BUILT_DAYS / 1000:.1f} kB a day"
        )
