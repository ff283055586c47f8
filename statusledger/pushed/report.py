"""What one report says, read strictly: nothing is guessed, and every fault of every report is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from probes.contract import error_code
from statusledger.clock import MINUTE_MS, parse_instant
from statusledger.config import Config
from statusledger.errors import UsageError
from statusledger.history.reading import EARLIEST_MS, LONGEST_MS
from statusledger.model import Observation, Status
from statusledger.pushed.documents import reports
from statusledger.pushed.naming import Naming
from statusledger.schedule import PUSH
from statusledger.written.wording import found

AHEAD_MS = 2 * MINUTE_MS
"""How far the clock of a sender may be ahead of ours."""
FIRST_IN_MS = 10**11
"""Epoch times above this are milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973."""
REASON_CHARACTERS = 300

CODES = {
    Status.UP: None,
    Status.DEGRADED: error_code("status", Status.DEGRADED),
    Status.DOWN: error_code("status", Status.DOWN),
}
"""What may be reported, and its code in history: another status than expected, namely this one."""


class _RefusedError(Exception):
    """Why a report cannot be taken."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


def read(data: bytes, *, source: str, config: Config, now: int) -> list[Observation]:
    """What is reported, in order of time and of checks.yml; UsageError with all problems of all reports."""
    naming = Naming.of(config)
    observations, problems = [], []
    for place, written in reports(data, source):
        try:
            observations.append(_observation(written, naming, now))
        except _RefusedError as refused:
            problems += [f"{source}: {place}: {_one_line(reason)}" for reason in refused.reasons]
    if problems:
        raise UsageError("\n".join([*problems, f"{source}: nothing of it was recorded; mend it and send all of it"]))
    rank = {check: index for index, check in enumerate(config.checks)}
    return sorted(observations, key=lambda observation: (observation.started_at, rank[observation.check]))


def _observation(written: object, naming: Naming, now: int) -> Observation:
    if isinstance(written, ValueError):
        raise _RefusedError(f"is not JSON ({written})")
    if not isinstance(written, Mapping):
        raise _RefusedError(f"{found(written)} is not a report; write e.g. {{name: …, status: up}}")
    parts: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
        "name": naming.check,
        "status": _status,
        "response_time_ms": _response_time_ms,
        "timestamp": partial(_timestamp, now=now),
    }
    said, reasons = {}, []
    for key, part in parts.items():
        try:
            said[key] = part(written)
        except ValueError as error:
            reasons.append(f"{key}: {error}")
    if reasons:
        raise _RefusedError(*reasons)
    return Observation(
        check=said["name"].id,
        location=PUSH,
        scheduled_at=said["timestamp"],
        started_at=said["timestamp"],
        status=said["status"],
        ms=said["response_time_ms"],
        code=CODES[said["status"]],
    )


def _status(report: Mapping[str, Any]) -> Status:
    word = report.get("status")
    if word not in list(CODES):
        msg = f"{found(word)} is not a status; write up, degraded or down"
        raise ValueError(msg)
    return Status(word)


def _response_time_ms(report: Mapping[str, Any]) -> int | None:
    value = report.get("response_time_ms")
    if value is None:
        return None
    if not _is_number(value) or not 0 <= value <= LONGEST_MS:
        msg = f"{found(value)} is not a response time; write milliseconds from 0 to {LONGEST_MS}, or null"
        raise ValueError(msg)
    return _whole(Decimal(value))


def _timestamp(report: Mapping[str, Any], *, now: int) -> int:
    value = report.get("timestamp")
    if value is None:
        return now
    if _is_number(value):
        instant = _whole(Decimal(value) * (1 if value > FIRST_IN_MS else 1000))
    elif isinstance(value, str):
        instant = parse_instant(value)
    else:
        msg = f"{found(value)} is not an instant; write e.g. 2026-11-21T02:06:00Z, or seconds or ms since 1970"
        raise ValueError(msg)
    if instant < EARLIEST_MS:
        msg = f"{found(value)} is before the year 2000; write e.g. 2026-11-21T02:06:00Z, or seconds or ms since 1970"
        raise ValueError(msg)
    if instant > now + AHEAD_MS:
        msg = f"{found(value)} is more than 2 minutes ahead of the clock here; set the sender's clock"
        raise ValueError(msg)
    return instant


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_HALF_UP))


def _one_line(text: str) -> str:
    """The text without what would begin a new line or steer a terminal, cut to what a console line bears."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:REASON_CHARACTERS]
