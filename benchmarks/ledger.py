"""Ten million results from files to daily figures, against duckdb and polars on the same results as rows.

All sides count the same: samples, failures, sum, least and most of the response times by day, location and check; their
answers are compared. One process of ours is held against one thread of a peer, by the CPU time that they take, on which
other work on the machine bears least. Each measurement is a process of its own (`ledger.py SIDE FOLDER`), the sides
take turns, and a ratio is the median of the rounds. Memory is what a process takes at most beyond what it took when its
libraries were loaded.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np

from statusledger.clock import DAY_MS, to_datetime
from statusledger.frames import STATUS_CODES, Block, read_raw
from statusledger.history import raw_files, raw_path

ROUNDS = 3
START = 1_767_225_600_000  # 2026-01-01
TICK_MS = 300_000
CHECKS, LOCATIONS, TICKS = 30, ("eu", "us"), 288
DAYS = 10_000_000 // (CHECKS * len(LOCATIONS) * TICKS) + 1
AS_OF = START + 2 * DAYS * DAY_MS
MEGABYTE = 1 << 20

Row = tuple[object, ...]
"""day, location, check, samples, failures, sum, least and most of the response times"""
Answer = Callable[[], Iterable[Row]]
"""What was counted, as it came; as rows when it is called, which is not measured."""


# --- the results, three times ---------------------------------------------------------------------


def write(folder: Path) -> None:
    """The same results as history, as rows with long keys and as rows with short ones, a file a location and day."""
    chance = np.random.default_rng(5)
    names = [f"check_{number}" for number in range(CHECKS)]
    for day in range(DAYS):
        for location in LOCATIONS:
            at = START + day * DAY_MS
            failed = chance.random((TICKS, CHECKS)) < 0.002
            times = np.where(failed, 10_000, chance.integers(50, 400, (TICKS, CHECKS)))
            ticks = [
                (at + tick * TICK_MS, list(zip(names, row, bad, strict=True)))
                for tick, (row, bad) in enumerate(zip(times.tolist(), failed.tolist(), strict=True))
            ]
            for kind, lines in (("history", _history), ("verbose", _verbose), ("short", _short)):
                path = raw_path(folder / kind, location, at)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(line for t, results in ticks for line in lines(t, location, results)))


def _history(t: int, _: str, results: list[tuple[str, int, bool]]) -> Iterator[str]:
    values = (f'"{name}":["down",{ms},"status:503"]' if bad else f'"{name}":{ms}' for name, ms, bad in results)
    yield f'{{"t":{t},"r":{{{",".join(values)}}}}}\n'


def _verbose(t: int, location: str, results: list[tuple[str, int, bool]]) -> Iterator[str]:
    at = f"{to_datetime(t):%Y-%m-%dT%H:%M:%SZ}"
    for name, ms, bad in results:
        status, error = ("down", '"status:503"') if bad else ("up", "null")
        yield (
            f'{{"timestamp":"{at}","check":"{name}","location":"{location}","status":"{status}",'
            f'"response_time_ms":{ms},"error":{error}}}\n'
        )


def _short(t: int, location: str, results: list[tuple[str, int, bool]]) -> Iterator[str]:
    for name, ms, bad in results:
        yield f'{{"t":{t},"c":"{name}","l":"{location}","s":"{"down" if bad else "up"}","m":{ms}}}\n'


# --- the sides --------------------------------------------------------------------------------------


def ours(folder: Path, processes: int = 1) -> Answer:
    """A day at a time: each raw file is read, counted and forgotten."""
    paths, _ = raw_files(folder / "history")
    counted = partial(_counted, folder / "history")
    if processes == 1:
        rows = counted(paths)
    else:
        with ProcessPoolExecutor(processes) as pool:
            rows = list(chain.from_iterable(pool.map(counted, (paths[first::8] for first in range(8)))))
    return lambda: rows


def _counted(history: Path, paths: Iterable[Path]) -> list[Row]:
    """Of each day, location and check the five figures."""
    return [
        (day, file.location, *figures)
        for file in read_raw(paths, history, as_of=AS_OF)
        for block in file.blocks
        for day in range(int(block.ts[0]) // DAY_MS, int(block.ts[-1]) // DAY_MS + 1)
        for figures in _figures(block, *np.searchsorted(block.ts, (day * DAY_MS, (day + 1) * DAY_MS)).tolist())
    ]


def _figures(block: Block, first: int, last: int) -> Iterator[Row]:
    """Check, and its five figures in some ticks of a block."""
    ms, odd = block.ms[first:last], block.odd
    if len(ms):
        is_down = (odd.status == STATUS_CODES["down"]) & (odd.row >= first) & (odd.row < last)
        columns = (
            np.bincount(odd.column[is_down], minlength=len(block.checks)),
            ms.sum(axis=0, dtype=np.int64),
            ms.min(axis=0),
            ms.max(axis=0),
        )
        yield from zip(block.checks, repeat(len(ms)), *(column.tolist() for column in columns), strict=False)


def duckdb_verbose(folder: Path) -> Answer:
    """Duckdb on rows with long keys."""
    columns = {
        "timestamp": "TIMESTAMP",
        "check": "VARCHAR",
        "location": "VARCHAR",
        "status": "VARCHAR",
        "response_time_ms": "INTEGER",
        "error": "VARCHAR",
    }
    day = '(epoch_ms("timestamp") // 86400000)'
    return _duckdb(folder / "verbose", columns, f'{day}, location, "check", status, response_time_ms')


def duckdb_short(folder: Path) -> Answer:
    """Duckdb on rows with short keys."""
    columns = {"t": "BIGINT", "c": "VARCHAR", "l": "VARCHAR", "s": "VARCHAR", "m": "INTEGER"}
    return _duckdb(folder / "short", columns, "(t // 86400000), l, c, s, m")


def _duckdb(folder: Path, columns: Mapping[str, str], selected: str) -> Answer:
    import duckdb  # noqa: PLC0415 - a peer, loaded by its own side only

    database = duckdb.connect(config={"threads": 1})
    day, location, check, status, ms = selected.split(", ")
    rows = database.execute(
        f"SELECT {day}, {location}, {check}, count(*), count(*) FILTER ({status} = 'down'), sum({ms})::BIGINT,"  # noqa: S608
        f" min({ms}), max({ms})"
        f" FROM read_json('{folder}/raw/*/*.jsonl', format = 'newline_delimited', columns = {dict(columns)})"
        " GROUP BY ALL"
    ).fetchall()
    return lambda: rows


def polars_verbose(folder: Path) -> Answer:
    """Polars on rows with long keys."""
    import polars as pl  # noqa: PLC0415 - a peer, loaded by its own side only

    schema = {
        "timestamp": pl.String,
        "check": pl.String,
        "location": pl.String,
        "status": pl.String,
        "response_time_ms": pl.Int64,
        "error": pl.String,
    }
    down, ms = pl.col("status") == "down", pl.col("response_time_ms")
    table = (
        pl.scan_ndjson(folder / "verbose" / "raw" / "*" / "*.jsonl", schema=schema)
        .group_by(pl.col("timestamp").str.slice(0, 10), "location", "check")
        .agg(pl.len(), down.sum().alias("failed"), ms.sum().alias("sum"), ms.min(), ms.max().alias("most"))
        .with_columns(pl.col("timestamp").str.to_date().cast(pl.Int32))
        .collect(engine="streaming")
    )
    return table.iter_rows


def bytes_alone(folder: Path) -> Answer:
    """Nothing but the lines of history, looked at by nobody."""
    for path in raw_files(folder / "history")[0]:
        path.read_bytes().split(b"\n")
    return tuple


SIDES: Mapping[str, Callable[[Path], Answer]] = {
    "ours": ours,
    "ours, two processes": partial(ours, processes=2),
    "duckdb, verbose": duckdb_verbose,
    "duckdb, short": duckdb_short,
    "polars, verbose": polars_verbose,
    "bytes": bytes_alone,
}


# --- the comparison -----------------------------------------------------------------------------------


def ledger() -> None:
    """Figures 1 to 6: time, memory and CPU of a full rebuild against each peer."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        rounds = [{side: _measured(side, Path(folder)) for side in SIDES} for _ in range(ROUNDS)]
    answers = {side: found["answer"] for side, found in rounds[0].items() if side != "bytes"}
    assert len(set(answers.values())) == 1, answers
    figures = (
        ("10 M results, one process : duckdb on verbose rows", "ours", "duckdb, verbose", "cpu", 0.40),
        ("10 M results, one process : polars on verbose rows", "ours", "polars, verbose", "cpu", 0.25),
        ("10 M results, one process : duckdb on short rows", "ours", "duckdb, short", "cpu", 0.50),
        ("10 M results, two processes : one", "ours, two processes", "ours", "seconds", 0.65),
        ("10 M results, peak memory : duckdb's", "ours", "duckdb, verbose", "megabytes", 0.10),
        ("10 M results, CPU : the bytes alone", "ours", "bytes", "cpu", 10),
    )
    for name, side, other, figure, limit in figures:
        ratio = statistics.median(one[side][figure] / one[other][figure] for one in rounds)
        value, unit = statistics.median(one[side][figure] for one in rounds), "MB" if figure == "megabytes" else "s"
        print(f"{name:<58} {value:8.2f} {unit:<2} {ratio:6.2f} x  (<= {limit:g})  {'ok' if ratio <= limit else 'OVER'}")
    peak = max(one["ours"]["peak"] for one in rounds) - _bare_interpreter_megabytes()
    verdict = "ok" if peak <= 200 else "OVER"
    print(f"{'10 M results, peak memory above a bare interpreter':<58} {peak:8.0f} MB            (<= 200)  {verdict}")


def _measured(side: str, folder: Path) -> dict[str, Any]:
    surroundings = {**os.environ, "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, __file__, side, str(folder)]
    return dict(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=surroundings).stdout))


def _measure(side: str, folder: Path) -> dict[str, object]:
    """What one side takes, in this process."""
    for peer in ("duckdb", "polars"):
        if side.startswith(peer):
            importlib.import_module(peer)
    before, cpu, began = _peak_megabytes(), time.process_time(), time.perf_counter()
    answer = SIDES[side](folder)
    seconds, cpu, peak = time.perf_counter() - began, time.process_time() - cpu, _peak_megabytes()
    rows = sorted(tuple(map(str, row)) for row in answer())
    return {
        "seconds": seconds,
        "cpu": cpu,
        "peak": peak,
        "megabytes": peak - before,
        "answer": hashlib.sha256(repr(rows).encode()).hexdigest(),
    }


def _peak_megabytes() -> float:
    """The most that this process ever had in memory; unlike getrusage's figure it knows nothing of the parent's."""
    return _megabytes(Path("/proc/self/status").read_text())


def _bare_interpreter_megabytes() -> float:
    program = "print(open('/proc/self/status').read())"
    return _megabytes(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    )


def _megabytes(status: str) -> float:
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / MEGABYTE


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]))))
