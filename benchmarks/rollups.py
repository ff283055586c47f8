"""A year of a hundred components: what a build of every tick takes, where all days but today are sealed.

Both sides end with everything that pages say of it (the report), which is the same; one comes from sealed days and the
raw rows of today and of what periods cut, the other from every raw row. Each measurement is a process of its own
(`rollups.py SIDE FOLDER`), and they take turns.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import measuring
import numpy as np
from ledger import configure
from measuring import Answer

from statusledger.clock import DAY_MS, HOUR_MS
from statusledger.config import load
from statusledger.history import raw_path
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.calendars import UNITS, calendars, standing
from statusledger.report.evaluation import Evaluation, evaluate
from statusledger.report.keeping import keep
from statusledger.report.records import BuiltFrom

START = 1_767_225_600_000  # 2026-01-01
TICK_MS = 300_000
CHECKS, LOCATIONS, DAYS = 100, ("eu", "us"), 365
AS_OF = START + DAYS * DAY_MS + 10 * HOUR_MS


def write(folder: Path, *, checks: int = CHECKS, days: int = DAYS) -> int:
    """So many days and ten hours of raw history at two locations, every five minutes, with the days sealed; its end."""
    configure(folder, checks)
    chance = np.random.default_rng(5)
    over = START + days * DAY_MS
    for day in range(START, over + DAY_MS, DAY_MS):
        instants = range(day, min(day + DAY_MS, over + 10 * HOUR_MS), TICK_MS)
        for location in LOCATIONS:
            times = chance.integers(50, 400, (len(instants), checks)).tolist()
            failed = (chance.random((len(instants), checks)) < 0.0005).tolist()
            path = raw_path(folder / "history", location, day)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(map(_line, instants, times, failed)))
    keep(folder / "history", load(folder / "checks.yml"), as_of=over + HOUR_MS)
    return over + 10 * HOUR_MS


def _line(t: int, times: list[int], failed: list[bool]) -> str:
    values = (
        f'"check_{number}":["down",10000,"timeout"]' if bad else f'"check_{number}":{ms}'
        for number, (ms, bad) in enumerate(zip(times, failed, strict=True))
    )
    return f'{{"t":{t},"r":{{{",".join(values)}}}}}\n'


def built(folder: Path, *, full: bool) -> Answer:
    """The report, as its digest."""
    config = load(folder / "checks.yml")
    history, evaluation = reading.evaluated(folder / "history", config, as_of=AS_OF, full=full)
    made = report(config, history, BuiltFrom(AS_OF, None, "", 1), evaluation=evaluation)
    return Answer(lambda: hashlib.sha256(repr(made).encode()).hexdigest())


SIDES: Mapping[str, Callable[[Path], Answer]] = {
    "tick": partial(built, full=False),
    "full": partial(built, full=True),
}


def year() -> None:
    """Figure 7, and how long all periods of all components take from sealed days."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        rounds = [{side: measuring.taken(__file__, side, folder) for side in SIDES} for _ in range(measuring.ROUNDS)]
        config = load(Path(folder) / "checks.yml")
        history = reading.read(Path(folder) / "history", config, as_of=AS_OF)
        spent = statistics.median(_cpu(lambda: _all_periods(evaluate(config, history, as_of=AS_OF))) for _ in range(3))
    assert len({one["answer"] for found in rounds for one in found.values()}) == 1
    measuring.told("100 checks, a year, build from rollups : from raw rows", rounds, ("tick", "full"), "cpu", 0.3)
    measuring.told_alone("100 components, a year of rollups, all periods", spent, 1)


def _all_periods(evaluation: Evaluation) -> None:
    """The figures of all components in all periods that any page shows."""
    for one in evaluation.components.values():
        past = (calendars(unit, "UTC", one.timeline.alive_from, AS_OF) for unit in UNITS)
        one.figures([*standing("UTC", AS_OF), *(period for periods in past for period in periods)])


def _cpu(action: Callable[[], None]) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


if __name__ == "__main__":
    measuring.report(partial(SIDES[sys.argv[1]], Path(sys.argv[2])))
