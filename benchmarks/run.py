"""Measures the product against a floor in the same run and prints ratios: `make bench`, `make bench BENCH_ARGS=read`.

A ratio is the median of several rounds in which both sides take turns, so that a noisy machine bears on both.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import alerting
import auditing
import capacity
import cost
import growth
import ledger
import numpy as np
import orjson
import pages
import pandas as pd
import probing
import rollups

import incidents
from statusledger import frames
from statusledger.clock import DAY_MS, rolling, to_datetime
from statusledger.model import Check, Component, Counting
from statusledger.sla import count
from statusledger.timeline import classify, component_timeline, series

ROUNDS = 3
START = 1_767_225_600_000  # 2026-01-01
COMPONENTS, LOCATIONS, SAMPLES = 50, 3, 10_000_000


def timed(action: Callable[[], object]) -> float:
    """Seconds that the action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def compared(name: str, ours: Callable[[], object], floor: Callable[[], object], limit: float) -> None:
    """Prints the median ratio of our time to the floor's, beside what it should stay under."""
    rounds = [(timed(ours), timed(floor)) for _ in range(ROUNDS)]
    ratio = statistics.median(a / b for a, b in rounds)
    seconds = statistics.median(a for a, _ in rounds)
    verdict = "ok" if ratio <= limit else "OVER"
    print(f"{name:<58} {seconds:8.2f} s  {ratio:6.2f} x  (<= {limit:g})  {verdict}")


def timeline() -> None:
    """10 M sorted samples to all rolling figures, against numpy sorting the same instants."""
    table, instants = _samples()
    periods = [rolling(days, int(instants[-1])) for days in (1, 7, 30, 90, 365)]

    def figures() -> None:
        found = series(table)
        for index in range(COMPONENTS):
            component = _component(f"c{index}")
            count(classify(component_timeline(component, found), []), periods, int(instants[-1]))

    shuffled = np.random.default_rng(1).permutation(np.tile(instants, COMPONENTS * LOCATIONS))
    compared("10 M samples to figures : numpy stable sort", figures, lambda: np.argsort(shuffled, kind="stable"), 3)


def _samples() -> tuple[pd.DataFrame, np.ndarray]:
    each = SAMPLES // (COMPONENTS * LOCATIONS)
    instants = START + np.arange(each, dtype=np.int64) * 60_000
    total = each * COMPONENTS * LOCATIONS
    checks = np.repeat(np.arange(COMPONENTS), each * LOCATIONS)
    places = np.tile(np.repeat(np.arange(LOCATIONS), each), COMPONENTS)
    failed = np.random.default_rng(7).random(total) < 0.002
    columns = {
        "check": pd.Categorical.from_codes(checks, [f"c{index}" for index in range(COMPONENTS)]),
        "location": pd.Categorical.from_codes(places, ["ap", "eu", "us"]),
        "ts": np.tile(instants, COMPONENTS * LOCATIONS),
        "status": (failed * 2).astype(np.int8),
        "ms": np.full(total, 100, dtype=np.int32),
        "code": pd.Categorical.from_codes(np.zeros(total, dtype=np.int8), [""]),
    }
    return pd.DataFrame(columns, copy=False), instants


def _component(identity: str) -> Component:
    check = Check(identity, identity, "http", None, 60_000, 5_000, counting=Counting(2, 1, 900_000))
    return Component(identity, identity, "core", (check,))


def read() -> None:
    """A million results of raw history into columns, against parsing the same lines and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder) / "history"
        files = list(_raw_files(history))
        as_of = START + 400 * DAY_MS
        compared(
            "1 M results into columns : orjson alone",
            lambda: frames.load(history, as_of=as_of),
            lambda: [orjson.loads(line) for path in files for line in path.read_bytes().splitlines()],
            2,
        )


def _raw_files(history: Path) -> Iterator[Path]:
    """About 58 days of 30 checks at 2 locations, every five minutes."""
    chance = np.random.default_rng(3)
    for day in range(58):
        for location in ("eu", "us"):
            moment = to_datetime(START + day * DAY_MS)
            path = history / "raw" / f"{moment:%Y}" / f"{location}-{moment:%m%d}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = chance.integers(50, 400, (288, 30)).tolist()
            lines = (
                orjson.dumps(
                    {"t": START + day * DAY_MS + tick * 300_000, "r": {f"check_{i}": ms for i, ms in enumerate(row)}}
                )
                for tick, row in enumerate(rows)
            )
            path.write_bytes(b"\n".join(lines) + b"\n")
            yield path


def start() -> None:
    """`statusledger validate` on the starter, against an interpreter that does nothing."""
    tool = Path(sys.executable).with_name("statusledger")
    compared(
        "validate the starter : bare interpreter",
        lambda: subprocess.run([tool, "validate"], check=True, capture_output=True),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
        30,
    )


BENCHMARKS = {
    "timeline": timeline,
    "read": read,
    "start": start,
    "cpu": probing.cpu,
    "burst": probing.burst,
    "dead": probing.dead,
    "deadline": probing.deadline,
    "capacity": capacity.capacity,
    "ledger": ledger.ledger,
    "storm": alerting.storm,
    "year": rollups.year,
    "audit": auditing.history,
    "incidents": incidents.incidents,
    "cost": cost.cost,
    "pages": pages.all_pages,
    "growth": growth.growth,
}


def main() -> None:
    """Runs the named benchmarks, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which ones (default: all)")
    for name in parser.parse_args().names or BENCHMARKS:
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
