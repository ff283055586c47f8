"""Ten million results from files to daily figures, against duckdb and polars on the same results as rows.

All sides count the same: samples, failures, sum, least and most of the response times by day, location and check; their
answers are compared. Nobody makes histograms or digests. The lines of history are those that the probes write, without
phase times, which the rows of the others have not either. One process of ours is held against one thread of a peer, by
CPU time. Each measurement is a process of its own (`ledger.py SIDE FOLDER`), the sides take turns, and a ratio is that
of the least that each took. Two processes are held against one by the longest way: CPU of the first and of the busier
other, which is the time they take where cores are free.

The commands are measured on the same history: what `build --full` and the first `rollup` take beyond their imports.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import measuring
import numpy as np
import numpy.typing as npt
from measuring import Answer

from statusledger.cli.main import main
from statusledger.clock import DAY_MS, format_instant, to_datetime
from statusledger.frames import STATUS_CODES, Block, read_raw
from statusledger.history import raw_files, raw_path

START = 1_767_225_600_000  # 2026-01-01
TICK_MS = 300_000
CHECKS, LOCATIONS, TICKS = 30, ("eu", "us"), 288
DAYS = 10_000_000 // (CHECKS * len(LOCATIONS) * TICKS) + 1
AS_OF = START + 2 * DAYS * DAY_MS
AFTER = START + (DAYS + 2) * DAY_MS

Row = tuple[object, ...]
"""day, location, check, samples, failures, sum, least and most of the response times"""
Counted = tuple[int, str, tuple[str, ...], npt.NDArray[np.int64]]


# --- the results, three times ---------------------------------------------------------------------


CONFIG = """\
schema: 1
page: {{name: Bench, url: https://status.acme.example, since: 2026-01-01}}
monitor: {{locations: [{{id: eu, name: EU, schedule: 5m}}, {{id: us, name: US, schedule: 5m}}]}}
groups:
  - id: core
    name: Core
    components:
{components}
"""
COMPONENT = "      - {{id: c{0}, name: C{0}, checks: [{{id: check_{0}, url: 'https://c{0}.acme.example/'}}]}}"


def configure(folder: Path, checks: int) -> None:
    """A component for each of so many checks."""
    components = "\n".join(COMPONENT.format(number) for number in range(checks))
    (folder / "checks.yml").write_text(CONFIG.format(components=components))


def write(folder: Path) -> None:
    """The same results as history, as rows with long keys and as rows with short ones, a file a location and day."""
    configure(folder, CHECKS)
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


def ours(folder: Path) -> Answer:
    """A file at a time: read, counted and forgotten."""
    counted = _counted(folder / "history", raw_files(folder / "history")[0])
    return _answer(_rows(counted))


def ours_in_two(folder: Path) -> Answer:
    """The same by two processes."""
    paths, _ = raw_files(folder / "history")
    busy: dict[int, float] = {}
    counted: list[Counted] = []
    with ProcessPoolExecutor(2) as pool:
        for process, cpu, found in pool.map(partial(_part, folder / "history"), [paths[i::8] for i in range(8)]):
            busy[process] = cpu
            counted += found
    return _answer(_rows(counted), *busy.values())


def _part(history: Path, paths: Iterable[Path]) -> tuple[int, float, list[Counted]]:
    """Which process counted, its CPU so far, and what it found."""
    counted = _counted(history, paths)
    return os.getpid(), time.process_time(), counted


def _counted(history: Path, paths: Iterable[Path]) -> list[Counted]:
    """Of each day and location its checks, and a line with the five figures for each of them."""
    return [
        (day, file.location, block.checks, _figures(block, first, last))
        for file in read_raw(paths, history, as_of=AS_OF)
        for block in file.blocks
        for day in range(int(block.ts[0]) // DAY_MS, int(block.ts[-1]) // DAY_MS + 1)
        for first, last in [np.searchsorted(block.ts, (day * DAY_MS, (day + 1) * DAY_MS)).tolist()]
        if first < last
    ]


def _figures(block: Block, first: int, last: int) -> npt.NDArray[np.int64]:
    """The five figures of each check in some ticks of a block."""
    ms, odd = block.ms[first:last], block.odd
    is_down = (odd.status == STATUS_CODES["down"]) & (odd.row >= first) & (odd.row < last)
    figures = np.full((len(block.checks), 5), len(ms))
    figures[:, 1] = np.bincount(odd.column[is_down], minlength=len(block.checks))
    figures[:, 2] = ms.sum(axis=0, dtype=np.int64)
    figures[:, 3], figures[:, 4] = ms.min(axis=0), ms.max(axis=0)
    return figures


def _rows(counted: Iterable[Counted]) -> Iterator[Row]:
    for day, location, checks, figures in counted:
        yield from ((day, location, check, *five) for check, five in zip(checks, figures.tolist(), strict=True))


def _answer(rows: Iterable[Row], *processes: float) -> Answer:
    return Answer(lambda: sorted(tuple(map(str, row)) for row in rows), processes)


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
    return _answer(rows)


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
    return _answer(table.iter_rows())


def bytes_alone(folder: Path) -> Answer:
    """Nothing but the lines of history, looked at by nobody."""
    for path in raw_files(folder / "history")[0]:
        path.read_bytes().split(b"\n")
    return Answer(tuple)


def build(folder: Path) -> Answer:
    """`statusledger build --full` from nothing but raw rows."""
    return _command(folder, "build", "--full", "--out", str(folder / "_site"))


def rollup(folder: Path) -> Answer:
    """The first `statusledger rollup`, which seals every day."""
    return _command(folder, "rollup")


def _command(folder: Path, command: str, *options: str) -> Answer:
    with contextlib.redirect_stdout(sys.stderr):
        main(["--root", str(folder), "--now", format_instant(AFTER), command, *options])
    return Answer(tuple)


PEERS: Mapping[str, Callable[[Path], Answer]] = {
    "ours": ours,
    "ours, two processes": ours_in_two,
    "duckdb, verbose": duckdb_verbose,
    "duckdb, short": duckdb_short,
    "polars, verbose": polars_verbose,
    "bytes": bytes_alone,
}
COMMANDS: Mapping[str, Callable[[Path], Answer]] = {"build": build, "rollup": rollup}
LOADED_BEFORE = {
    "duckdb": ("duckdb",),
    "polars": ("polars",),
    "build": ("statusledger.cli.build",),
    "rollup": ("statusledger.cli.rollup",),
}


# --- the comparison -----------------------------------------------------------------------------------


def ledger() -> None:
    """Figures 1 to 6: time, memory and CPU of a full rebuild against each peer; and the memory of the commands."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        rounds = [{side: measuring.taken(__file__, side, folder) for side in PEERS} for _ in range(measuring.ROUNDS)]
        commands = {command: measuring.taken(__file__, command, folder) for command in COMMANDS}
    answers = {side: found["answer"] for side, found in rounds[0].items() if side != "bytes"}
    assert len(set(answers.values())) == 1, answers
    figures = (
        ("10 M results, one process : duckdb on verbose rows", "ours", "duckdb, verbose", "cpu", 0.40),
        ("10 M results, one process : polars on verbose rows", "ours", "polars, verbose", "cpu", 0.25),
        ("10 M results, one process : duckdb on short rows", "ours", "duckdb, short", "cpu", 0.50),
        ("10 M results, two processes : one", "ours, two processes", "ours", "cpu", 0.65),
        ("10 M results, peak memory : duckdb's", "ours", "duckdb, verbose", "megabytes", 0.10),
        ("10 M results, CPU : the bytes alone", "ours", "bytes", "cpu", 10),
    )
    for name, side, other, figure, limit in figures:
        measuring.told(name, rounds, (side, other), figure, limit)
    peak = max(one["ours"]["peak"] for one in rounds) - measuring.bare_interpreter_megabytes()
    measuring.told_alone("10 M results, peak memory above a bare interpreter", peak, 200, unit="MB")
    for command, found in commands.items():
        measuring.told_alone(
            f"10 M results, first {command}, peak memory above imports", found["megabytes"], 200, unit="MB"
        )


if __name__ == "__main__":
    side = sys.argv[1]
    for library in LOADED_BEFORE.get(side.partition(",")[0], ()):
        importlib.import_module(library)
    measuring.report(partial({**PEERS, **COMMANDS}[side], Path(sys.argv[2])))
