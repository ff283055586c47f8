"""One writer of the race, as a process of its own: appends a row and publishes it, run after run.

`race_writer.py CLONE WRITER LOCATION DAY RUN...`; a run that was refused leaves its row to the next one, and the last
line of output is the number of such runs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from statusledger.clock import DAY_MS, parse_instant
from statusledger.errors import PublishError
from statusledger.history import append, raw_path
from statusledger.publish import Retry, publish

T = parse_instant("2026-11-21T02:06:00Z")
PATIENCE = Retry(attempts=12, first_seconds=0.05, longest_seconds=0.8)


def row(writer: str, run: int, day: int) -> bytes:
    """The row that nobody else writes."""
    return b'{"t":%d,"r":{"%s":%d}}\n' % (T + day * DAY_MS, writer.encode(), run)


def main() -> None:
    """Every run that was asked for."""
    clone, writer, location, day, *runs = sys.argv[1:]
    refused = 0
    for run in map(int, runs):
        line = row(writer, run, int(day))
        append(raw_path(Path(clone) / "history", location, T + int(day) * DAY_MS), [line])
        try:
            publish(Path(clone), f"{writer} {run}", retry=PATIENCE)
        except PublishError:
            refused += 1
    sys.stdout.write(f"{refused}\n")


if __name__ == "__main__":
    main()
