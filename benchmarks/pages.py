"""All pages of a hundred components, a year and a thousand incidents: how long they take, and what a tick rewrites.

The ledger is real: hourly rows of one location, a few of them missing every day, in which each component is down for
two hours twelve times a year. A second build is five minutes and one tick later: one component has gone down.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from time import process_time

from ledger import configure
from measuring import told_alone

from statusledger import outputs
from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS
from statusledger.config import load
from statusledger.history import raw_path
from statusledger.outputs import pages, theme
from statusledger.outputs.write import write
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.records import BuiltFrom, Report

START = 1_767_225_600_000  # 2026-01-01
CHECKS, DAYS, OUTAGES = 100, 365, 12
END = START + DAYS * DAY_MS
MISSED = range(3, 7)  # one gap a day that the hold does not cover
LIMIT_SECONDS = 10


def all_pages() -> None:
    """Seconds of processor time for pages, and for the whole site; files that the next tick rewrites."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay(root)
        made = told(root, END)
        loaded = theme.load()
        began = process_time()
        found = pages.files(made, loaded)
        spent = process_time() - began
        name = f"{CHECKS} components, {DAYS} days, {len(made.incidents)} incidents: {len(found)} pages"
        told_alone(name, spent, LIMIT_SECONDS)
        _rewritten(root, made, loaded)


def _rewritten(root: Path, made: Report, loaded: theme.Theme) -> None:
    began = process_time()
    first = write(outputs.files(made, loaded), root / "_site")
    print(f"{f'all {first.total} files of that site':<58} {process_time() - began:8.2f} s")
    before = _states(root / "_site")
    _append(root, END + 5 * MINUTE_MS, {"check_7"})
    second = write(outputs.files(told(root, END + 6 * MINUTE_MS), loaded), root / "_site")
    after = _states(root / "_site")
    anew = sum(after[path] != state for path, state in before.items() if path in after)
    print(f"{'the next tick, one component down':<58} {anew:8d} of {second.total} files written anew")


def _states(site: Path) -> Mapping[PurePosixPath, tuple[int, int]]:
    """Inode and time of change of every file."""
    files = (path for path in site.rglob("*") if path.is_file())
    return {PurePosixPath(path.relative_to(site)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def told(root: Path, as_of: int) -> Report:
    """What a build at that instant reports."""
    config = load(root / "checks.yml")
    history = reading.read(root / "history", config, as_of=as_of)
    return report(config, history, BuiltFrom(as_of, None, "statusledger", 1))


def lay(root: Path) -> None:
    """The ledger up to END."""
    configure(root, CHECKS)
    checks = root / "checks.yml"
    checks.write_text(checks.read_text() + "defaults: {interval: 1h, confirm_down: 1}\n")
    for t in range(START, END, HOUR_MS):
        hour = (t - START) // HOUR_MS
        if hour % 24 in MISSED:
            continue
        _append(root, t, {f"check_{one}" for one in range(CHECKS) if (hour + one * 37) % (DAYS * 24 // OUTAGES) < 2})


def _append(root: Path, t: int, down: set[str]) -> None:
    row = {f"check_{one}": ["down", None, "timeout"] if f"check_{one}" in down else 80 + one for one in range(CHECKS)}
    path = raw_path(root / "history", "eu", t)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"t": t, "r": row}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    all_pages()
