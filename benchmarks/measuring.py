"""What one side of a comparison takes, in a process of its own: CPU, time, and memory beyond what it began with.

Other work on the machine bears least on CPU time, and two sides that take turns share what is left of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5
MEGABYTE = 1 << 20
Taken = Mapping[str, Any]
"""seconds, cpu (seconds), megabytes beyond what was taken before, peak (megabytes), answer (a digest)"""


def taken(script: str, *arguments: str) -> Taken:
    """What `script` with these arguments says of itself by `report`."""
    surroundings = {**os.environ, "POLARS_MAX_THREADS": "1"}
    command = [sys.executable, script, *arguments]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=surroundings).stdout
    return dict(json.loads(printed.splitlines()[-1]))


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, made from it by `said`, which is not measured; and the CPU seconds of each process of its own."""

    said: Callable[[], object]
    processes: Sequence[float] = ()


def report(action: Callable[[], Answer]) -> None:
    """Prints what an action takes in this process; its CPU is that on the longest way through its processes."""
    before, cpu, began = peak_megabytes(), time.process_time(), time.perf_counter()
    answer = action()
    seconds, cpu, peak = time.perf_counter() - began, time.process_time() - cpu, peak_megabytes()
    found = {
        "seconds": seconds,
        "cpu": cpu + max(answer.processes, default=0),
        "peak": peak,
        "megabytes": peak - before,
        "answer": hashlib.sha256(repr(answer.said()).encode()).hexdigest(),
    }
    print(json.dumps(found))


def told(name: str, rounds: Sequence[Mapping[str, Taken]], sides: tuple[str, str], figure: str, limit: float) -> None:
    """Prints the ratio of one side to the other, beside what it should stay under.

    What counts is the least that each took: other guests of a machine make a round slower by half, and none faster.
    """
    value, other = (min(one[side][figure] for one in rounds) for side in sides)
    ratio, unit = value / other, "MB" if figure == "megabytes" else "s"
    print(f"{name:<58} {value:8.2f} {unit:<2} {ratio:6.2f} x  (<= {limit:g})  {verdict(ratio, limit)}")


def told_alone(name: str, value: float, limit: float, *, unit: str = "s") -> None:
    """Prints a figure that is compared with nothing (seconds, or whole megabytes), beside what it should stay under."""
    decimals = 0 if unit == "MB" else 2
    print(f"{name:<58} {value:8.{decimals}f} {unit:<14}(<= {limit:g})  {verdict(value, limit)}")


def verdict(value: float, limit: float) -> str:
    """Whether a figure holds."""
    return "ok" if value <= limit else "OVER"


def peak_megabytes() -> float:
    """The most that this process ever had in memory; unlike getrusage's figure it knows nothing of the parent's."""
    return _megabytes(Path("/proc/self/status").read_text())


def bare_interpreter_megabytes() -> float:
    """The same of an interpreter that does nothing."""
    program = "print(open('/proc/self/status').read())"
    return _megabytes(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    )


def _megabytes(status: str) -> float:
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / MEGABYTE
