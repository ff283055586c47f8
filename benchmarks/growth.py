"""How large a ledger becomes: months of commits made with `git fast-import`, packed as a host packs them.

Commits arrive as loose objects, as pushes do, and `git gc` collects them every GC_DAYS days. The pack bytes per commit
at the end are held against those after the first days, twice: as gc left them (it keeps the differences that it once
chose) and after a repack from scratch (`git repack -adf`), which finds out whether the names of the files are good.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from statusledger.clock import DAY_MS, MINUTE_MS
from statusledger.history import raw_path

FIRST_DAYS = 4
GC_DAYS = 15
TICKS_A_DAY = 288
LIMIT = 1.2
SEALED_BYTES = 400  # a line of a few results for one recipient
START = 1_767_225_600_000  # 2026-01-01
AUTHOR = b"statusledger <statusledger@localhost>"


@dataclass(frozen=True, slots=True)
class Case:
    """Who writes how much: each writer (a location, or a shard of one) commits every `ticks` ticks of five minutes.

    `rows`: so many a tick, as a run writes that keeps sampling.
    `sealed`: each also has a private file of the same name, whose lines are random as encrypted ones are.
    """

    name: str
    writers: Sequence[tuple[str, tuple[int, int] | None]]
    checks: int
    days: int = 45
    ticks: int = 1
    rows: int = 1
    sealed: bool = False

    @property
    def commits(self) -> int:
        """Commits after all days."""
        return self.days * len(self.writers) * (TICKS_A_DAY // self.ticks)


TWELVE = ("fra", "lon", "nyc", "sfo", "tok", "sin", "sao", "jnb", "syd", "dxb", "tor", "bom")
CASES = (
    Case("30 checks, 2 locations, each tick a commit", [("eu", None), ("us", None)], 30),
    Case("30 checks, 12 locations, each hour a commit", [(code, None) for code in TWELVE], 30, ticks=12),
    Case("30 checks in 8 shards of one location, each 15 min", [("eu", (i, 8)) for i in range(1, 9)], 4, ticks=3),
    Case("30 checks, 2 locations, private ones too, each tick", [("eu", None), ("us", None)], 30, sealed=True),
    Case("30 checks, 2 locations, each 2 h, a year", [("eu", None), ("us", None)], 30, days=365, ticks=24),
)


def growth() -> None:
    """Pack bytes per commit, at the end : after the first days, by gc and by a repack from scratch, for each case."""
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            first, last = _packed(case, Path(folder))
        for how, start, end in zip(("gc", "repack -adf"), first, last, strict=True):
            ratio = end / start
            print(
                f"{case.name + ', ' + how:<66} {start:6.0f} -> {end:6.0f} B a commit  {ratio:5.2f} x  (<= {LIMIT:g})"
                f"  {'ok' if ratio <= LIMIT else 'OVER'}",
                flush=True,
            )


def _packed(case: Case, folder: Path) -> tuple[tuple[float, float], tuple[float, float]]:
    """Bytes a commit after the first days and after all of them, each by gc and by a repack from scratch."""
    repository, copy = folder / "ledger.git", folder / "copy.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    chance = np.random.default_rng(11)
    collected: dict[int, float] = {}
    scratch: dict[int, float] = {}
    day = 0
    for until in [FIRST_DAYS, *range(FIRST_DAYS + GC_DAYS, case.days, GC_DAYS), case.days]:
        fill(repository, case, range(day, until), chance)
        git(repository, "gc", "--quiet")
        commits, day = case.commits // case.days * until, until
        collected[until] = pack_bytes(repository) / commits
        if until in (FIRST_DAYS, case.days):
            shutil.copytree(repository, copy)
            git(copy, "repack", "-adfq")
            scratch[until] = pack_bytes(copy) / commits
            shutil.rmtree(copy)
    return (collected[FIRST_DAYS], scratch[FIRST_DAYS]), (collected[case.days], scratch[case.days])


def fill(repository: Path, case: Case, days: range, chance: np.random.Generator) -> None:
    """Adds the commits of these days as loose objects."""
    command = ["git", "-c", "fastimport.unpackLimit=1000000", "-c", "core.compression=1", "fast-import", "--quiet"]
    with subprocess.Popen([*command, "--depth=0"], cwd=repository, stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        if days.start:
            importer.stdin.write(b"reset refs/heads/main\nfrom refs/heads/main^0\n\n")
        for day in days:
            importer.stdin.writelines(_commits(case, day, chance))
    assert importer.returncode == 0


def _commits(case: Case, day: int, chance: np.random.Generator) -> Iterator[bytes]:
    """The day of all writers as a stream for fast-import, in the order of the clock."""
    at = START + day * DAY_MS
    lines = [_lines(case, at, chance) for _ in case.writers]
    closed = [_sealed_lines(chance) if case.sealed else [] for _ in case.writers]
    paths = [raw_path(Path(), code, at, shard).as_posix().encode() for code, shard in case.writers]
    for tick in range(case.ticks, TICKS_A_DAY + 1, case.ticks):
        seconds = (at + tick * 5 * MINUTE_MS) // 1000
        for path, own, private in zip(paths, lines, closed, strict=True):
            yield b"commit refs/heads/main\ncommitter %s %d +0000\ndata 19\nRecord measurements\n" % (AUTHOR, seconds)
            for folder, written in ((b"history/", own[:tick]), (b"history/sealed/", private[:tick])):
                content = b"".join(written)
                if content:
                    yield b"M 100644 inline %s%s\ndata %d\n%s\n" % (folder, path, len(content), content)


def _lines(case: Case, at: int, chance: np.random.Generator) -> list[bytes]:
    """What one writer adds to its file in each tick of a day: times that vary, and now and then a failure."""
    count = TICKS_A_DAY * case.rows
    times = chance.integers(50, 400, (count, case.checks)).tolist()
    failed = chance.random((count, case.checks)) < 0.001
    names = [f"check_{number}" for number in range(case.checks)]
    rows = (
        ",".join(
            f'"{name}":["down",{ms},"status:503"]' if bad else f'"{name}":{ms}'
            for name, ms, bad in zip(names, row, bads, strict=True)
        )
        for row, bads in zip(times, failed.tolist(), strict=True)
    )
    instants = (at + tick * 5 * MINUTE_MS + row * MINUTE_MS for tick in range(TICKS_A_DAY) for row in range(case.rows))
    lines = [f'{{"t":{t},"r":{{{row}}}}}\n'.encode() for t, row in zip(instants, rows, strict=True)]
    return [b"".join(lines[tick * case.rows : (tick + 1) * case.rows]) for tick in range(TICKS_A_DAY)]


def _sealed_lines(chance: np.random.Generator) -> list[bytes]:
    """A day of private lines of one writer."""
    return [b64encode(b"age-encryption.org/v1\n" + chance.bytes(SEALED_BYTES)) + b"\n" for _ in range(TICKS_A_DAY)]


def pack_bytes(repository: Path) -> int:
    """Bytes of all packs."""
    return sum(pack.stat().st_size for pack in (repository / "objects" / "pack").glob("*.pack"))


def git(folder: Path, *arguments: str) -> None:
    """Runs git there."""
    subprocess.run(["git", *arguments], cwd=folder, check=True)
