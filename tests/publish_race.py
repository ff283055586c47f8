"""Many writers and one remote that loses its answers: `python tests/publish_race.py` runs it at full scale.

Each writer is a process with a clone of its own, and half of them share a file. The remote takes a quarter of the
commits (those whose name begins with 0 to 3) and then dies before it has said so. One writer is killed with SIGKILL
time and again, at one of KILL_POINTS, and started anew.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random

from race_writer import row

from statusledger.git import Repository

WRITER = Path(__file__).with_name("race_writer.py")
LOCATIONS = ("eu", "us")
LAST_RUNS = 5
TIMEOUT_SECONDS = 300

LOSE_ANSWERS = """\
#!/bin/sh
# the branch has moved, nobody has been told
[ "$1" = committed ] || exit 0
while read -r _ new _; do case $new in [0-3]*) kill -9 "$PPID" ;; esac; done
"""

KILL_POINTS: Mapping[str, str] = {
    "before commit": '*commit-tree*) kill -9 "$PPID"; exit 1 ;;',
    "after commit": '*commit-tree*) $REAL_GIT "$@"; kill -9 "$PPID" ;;',
    "in mid-push, which goes on": 'push*) kill -9 "$PPID"; exec $REAL_GIT "$@" ;;',
    "in mid-push, which dies as well": 'push*) kill -9 "$PPID"; exec $CUT_SHORT $REAL_GIT "$@" ;;',
    "after push": 'push*) $REAL_GIT "$@"; kill -9 "$PPID" ;;',
    "before the index": 'update-index*--add*) kill -9 "$PPID"; exit 1 ;;',
    "before the branch": '*read-tree*-m*) kill -9 "$PPID"; exit 1 ;;',
}


@dataclass(frozen=True)
class Outcome:
    """What is on the remote after a race, beside what was written."""

    written: Counter[bytes]
    published: Counter[bytes]
    foreign: tuple[str, ...]
    taken_away: int
    unclean: tuple[str, ...]
    kills: int
    refused: int
    seconds: float

    @property
    def lost(self) -> int:
        """Rows that some writer has appended and the remote does not have."""
        return (self.written - self.published).total()

    @property
    def repeated(self) -> int:
        """Rows that the remote has oftener than they were written, or that nobody wrote."""
        return (self.published - self.written).total()

    @property
    def faults(self) -> tuple[object, ...]:
        """Everything of which there must be nothing."""
        return (self.lost, self.repeated, self.foreign, self.taken_away, self.unclean)

    def __str__(self) -> str:
        return (
            f"{self.written.total()} rows: {self.lost} lost, {self.repeated} repeated, {self.taken_away} taken away,"
            f" {len(self.foreign)} foreign changes, {len(self.unclean)} unclean clones;"
            f" {self.kills} kills, {self.refused} runs given up at first, {self.seconds:.0f} s"
        )


@dataclass(frozen=True)
class Course:
    """A folder with a bare remote and a clone for each writer; no configuration of anybody's bears on it."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What git and the writers see."""
        configuration = {"GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig"), "GIT_CONFIG_SYSTEM": os.devnull}
        return {**os.environ, **configuration, "HOME": str(self.folder)}

    @property
    def remote(self) -> Repository:
        """The bare repository that all push to."""
        return Repository(self.folder / "remote.git")

    def git(self, repository: Repository, *arguments: str) -> str:
        """What git says there."""
        return repository.text(*arguments, environment=self.environment)

    def prepare(self, writers: Sequence[str]) -> None:
        """The remote with a checks.yml, and the clones."""
        settings = "[user]\n\tname = Pat\n\temail = pat@example.org\n[init]\n\tdefaultBranch = main\n"
        (self.folder / "gitconfig").write_text(settings)
        here = Repository(self.folder)
        self.git(here, "init", "--quiet", "--bare", "remote.git")
        self.git(here, "clone", "--quiet", "remote.git", "seed")
        (self.folder / "seed" / "checks.yml").write_text("schema: 1\n")
        self.git(Repository(self.folder / "seed"), "add", ".")
        self.git(Repository(self.folder / "seed"), "commit", "--quiet", "-m", "Watch")
        self.git(Repository(self.folder / "seed"), "push", "--quiet", "origin", "main")
        for writer in writers:
            self.git(here, "clone", "--quiet", "remote.git", writer)
        hook = self.folder / "remote.git" / "hooks" / "reference-transaction"
        hook.write_text(LOSE_ANSWERS)
        hook.chmod(0o755)

    def write(self, writer: str, runs: Sequence[int], *, day: int = 0, deadly: Mapping[str, str] | None = None) -> int:
        """The number of runs that were given up at first; -1 when the writer was killed."""
        location = LOCATIONS[int(writer[1:]) % len(LOCATIONS)]
        done = subprocess.run(
            [sys.executable, WRITER, self.folder / writer, writer, location, str(day), *map(str, runs)],
            env={**self.environment, **(deadly or {})},
            stdout=subprocess.PIPE,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode == -9:
            return -1
        assert done.returncode == 0, f"{writer} ended with {done.returncode}"
        return int(done.stdout)

    def deadly(self, point: str, seconds_left: float = 0.0) -> Mapping[str, str]:
        """The surroundings in which git kills the writer that called it."""
        folder = self.folder / point.replace(" ", "-")
        folder.mkdir(exist_ok=True)
        real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
        wrapper = folder / "git"
        wrapper.write_text(f'#!/bin/sh\ncase "$*" in\n{KILL_POINTS[point]}\nesac\nexec $REAL_GIT "$@"\n')
        wrapper.chmod(0o755)
        return {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "REAL_GIT": real,
            "CUT_SHORT": f"timeout --foreground --signal KILL {seconds_left:.3f}",
        }

    def published(self) -> Counter[bytes]:
        """The rows on the remote."""
        listing = self.git(self.remote, "ls-tree", "-r", "--name-only", "main", "--", "history")
        rows = (self.remote.run("show", f"main:{path}").splitlines(keepends=True) for path in listing.splitlines())
        return Counter(chain.from_iterable(rows))

    def changes(self) -> tuple[list[str], int]:
        """What the commits touch besides history, merges included, and the number of lines that they take away."""
        root = self.git(self.remote, "rev-list", "--max-parents=0", "main")
        statistic = self.git(self.remote, "log", "--format=", "--numstat", "--no-renames", f"{root}..main")
        rows = [line.split("\t") for line in statistic.splitlines()]
        merges = self.git(self.remote, "rev-list", "--merges", "main").splitlines()
        foreign = [path for _, _, path in rows if not path.startswith("history/raw/")]
        return [*foreign, *merges], sum(int(removed) for _, removed, _ in rows)

    def unclean(self, writers: Iterable[str]) -> list[str]:
        """What a person would see changed in the clones."""
        seen = {writer: self.git(Repository(self.folder / writer), "status", "--porcelain") for writer in writers}
        return [f"{writer}: {status}" for writer, status in seen.items() if status]


def race(folder: Path, *, writers: int, runs: int, seed: int) -> Outcome:
    """The outcome of `runs` runs of each writer, the first of which is killed now and then.

    Afterwards each writer runs once more, on the next day, until it was not refused: that publishes what was left.
    """
    began, course, names = time.monotonic(), Course(folder), [f"w{number}" for number in range(writers)]
    course.prepare(names)
    with ThreadPoolExecutor(writers) as pool:
        killed = pool.submit(_run_and_die, course, names[0], runs, Random(seed))
        refused = sum(pool.map(lambda name: course.write(name, range(runs)), names[1:]))
    kills, refused_too = killed.result()
    written = Counter(row(name, run, 0) for name in names for run in range(runs))
    for name in names:
        for run in range(LAST_RUNS):
            written[row(name, run, 1)] += 1
            if course.write(name, [run], day=1) == 0:
                break
    foreign, taken_away = course.changes()
    return Outcome(
        written=written,
        published=course.published(),
        foreign=tuple(foreign),
        taken_away=taken_away,
        unclean=tuple(course.unclean(names)),
        kills=kills,
        refused=refused + refused_too,
        seconds=time.monotonic() - began,
    )


def _run_and_die(course: Course, writer: str, runs: int, chance: Random) -> tuple[int, int]:
    """How often the writer was killed, and how many of its other runs were given up at first."""
    points = [*KILL_POINTS] * (runs // len(KILL_POINTS))
    fates = chance.sample([*points, *[None] * (runs - len(points))], runs)
    ends = [
        course.write(writer, [run], deadly=course.deadly(point, chance.uniform(0, 0.1)) if point else None)
        for run, point in enumerate(fates)
    ]
    return ends.count(-1), sum(end for end in ends if end > 0)


def main() -> None:
    """Prints the outcome for each seed; ends with 1 when anything was lost, repeated or touched."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    good = True
    for seed in range(arguments.seeds):
        with tempfile.TemporaryDirectory() as folder:
            outcome = race(Path(folder), writers=arguments.writers, runs=arguments.runs, seed=seed)
        sys.stdout.write(f"seed {seed}: {outcome}\n")
        sys.stdout.flush()
        good = good and not any(outcome.faults)
    sys.exit(not good)


if __name__ == "__main__":
    main()
