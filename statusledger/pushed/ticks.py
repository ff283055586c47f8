"""Reported observations -> the ticks that history does not hold yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from statusledger.history import Row
from statusledger.model import Observation, Status, Tick

Result = tuple[int, str, str, int | None, str | None]  # t, check, status, ms, code


def unrecorded(observations: Iterable[Observation], rows: Iterable[Row]) -> list[Observation]:
    """The observations, each once, that the rows do not hold with the same instant and the same result."""
    recorded = {_result(row["t"], check, value) for row in rows for check, value in row["r"].items()}
    results = {(seen.started_at, seen.check, seen.status.value, seen.ms, seen.code): seen for seen in observations}
    return [seen for result, seen in results.items() if result not in recorded]


def ticks(observations: Iterable[Observation]) -> list[Tick]:
    """One tick an instant, and another where a check was reported differently for the same instant."""
    lines: dict[int, list[dict[str, Observation]]] = {}
    for seen in observations:
        alike = lines.setdefault(seen.started_at, [])
        line = next((line for line in alike if seen.check not in line), None)
        if line is None:
            line = {}
            alike.append(line)
        line[seen.check] = seen
    return [Tick(t, t, tuple(line.values())) for t, alike in sorted(lines.items()) for line in alike]


def _result(t: int, check: str, value: Any) -> Result:
    status, ms, code = (Status.UP.value, value, None) if isinstance(value, int) else value[:3]
    return t, check, status, ms, code
