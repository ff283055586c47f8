"""`statusledger ingest`: what other systems report -> lines of location `push`; all of it, or nothing."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from statusledger import history, pushed, schedule, sealed
from statusledger.cli import confidential
from statusledger.cli.outcome import outcome
from statusledger.cli.place import place
from statusledger.errors import UsageError
from statusledger.model import Observation

LOG = logging.getLogger("statusledger")
STANDARD_INPUT = "-"


def run(arguments: argparse.Namespace) -> int:
    """0; UsageError (2) tells every problem of every report, and then nothing was recorded."""
    where = place(arguments)
    config = where.config()  # where lines are sealed no private check takes reports
    data, source = _input(arguments.file)
    reported = pushed.read(data, source=source, config=config, now=where.started_at)
    taken = [seen for seen in reported if schedule.is_active(config.checks[seen.check], seen.started_at)]
    if len(taken) < len(reported):
        LOG.warning("%d report(s) left out: their checks were not active at the time", len(reported) - len(taken))
    private = config.private.checks.keys()
    guard = confidential.guard(config)
    new = _record(where.history, [seen for seen in taken if seen.check not in private])
    if guard:
        new += _record(where.sealed, [seen for seen in taken if seen.check in private], guard, where.opener())
    LOG.info("%d report(s) recorded, %d were already in history", len(new), len(taken) - len(new))
    _print(taken, private)
    outcome(arguments).did.append(f"{len(new)} report(s) recorded")
    return 0


def _input(file: Path | str) -> tuple[bytes, str]:
    """What was sent, and what to call it."""
    if str(file) == STANDARD_INPUT:
        return sys.stdin.buffer.read(), "standard input"
    try:
        return Path(file).read_bytes(), str(file)
    except OSError as error:
        message = f"{file}: could not be read: {error.strerror}; write a file of reports, or - for standard input"
        raise UsageError(message) from error


def _record(
    root: Path,
    observations: Sequence[Observation],
    guard: sealed.Guard = bytes,
    open_line: sealed.OpenLine | None = None,
) -> list[Observation]:
    """Appends what history does not hold yet, and says what that was; what cannot be opened may be told again."""
    new: list[Observation] = []
    days: dict[Path, list[Observation]] = {}
    for seen in observations:
        days.setdefault(history.raw_path(root, schedule.PUSH, seen.started_at), []).append(seen)
    for path, reported in days.items():
        rows, _ = history.read_lines(path, root=root, open_line=open_line)
        missing = pushed.unrecorded(reported, rows)
        history.append(path, [guard(history.tick_line(tick)) for tick in pushed.ticks(missing)])
        new += missing
    return new


def _print(observations: Iterable[Observation], private: Collection[str]) -> None:
    """A line a public report; private ones are only counted, because a CI log may be public."""
    hidden = 0
    for seen in observations:
        if seen.check in private:
            hidden += 1
            continue
        time = "-" if seen.ms is None else f"{seen.ms} ms"
        print(f"{seen.status:<8} {seen.check:<24} {time:>9}  {seen.code or ''}".rstrip())
    if hidden:
        print(f"and {hidden} private")
