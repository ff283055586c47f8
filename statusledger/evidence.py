"""A measurement that did not go well -> all that is known of it: for operators only, so it is kept in sealed lines.

Told are each first failure and each change of what is wrong, not its repetitions. Instants are epoch milliseconds,
response times whole milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, astuple
from typing import Any

from statusledger.model import Observation, Status, Tick

Result = tuple[Status, str | None]
"""What a row says of a check: status and code."""

Mask = Callable[[str], str]


def evidence_line(tick: Tick, last: Mapping[str, Result], mask: Mask) -> bytes | None:
    """One line with every observation of the tick that is news, None when none is; to be sealed before it is kept.

    `last` has each check's result before this tick; a check without one was up. `mask` hides secrets in all texts.
    ValueError when a number is not finite, as of any other line.
    """
    news = {seen.check: _masked(_told(seen), mask) for seen in tick.observations if is_news(seen, last.get(seen.check))}
    if not news:
        return None
    text = json.dumps({"t": tick.t, "e": news}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # half a surrogate pair, as broken answers hold them, cannot be written as UTF-8
    return text.encode("utf-8", "replace") + b"\n"


def is_news(seen: Observation, last: Result | None) -> bool:
    """Whether it is a first failure, or fails in another way than before; one that passed at a retry is up."""
    return seen.status is not Status.UP and (seen.status, seen.code) != last


def results_of(tick: Tick) -> dict[str, Result]:
    """What the tick says of each check, for the next one to be compared with."""
    return {seen.check: (seen.status, seen.code) for seen in tick.observations}


def last_results(rows: Iterable[Mapping[str, Any]], *, now: int) -> dict[str, Result]:
    """The newest result of each check in these rows of history up to `now`; later ones had a wrong clock."""
    past = sorted((row for row in rows if row["t"] <= now), key=lambda row: row["t"])
    return {check: result_of(value) for row in past for check, value in row["r"].items()}


def result_of(value: Any) -> Result:
    """What a row says of a check."""
    return (Status.UP, None) if isinstance(value, int) else (Status(value[0]), value[2])


def _told(seen: Observation) -> dict[str, Any]:
    """All of it but what the line says already; what is empty is left out."""
    told = {
        "status": seen.status.value,
        "ms": seen.ms,
        "code": seen.code,
        "detail": seen.detail,
        "scheduled_at": seen.scheduled_at,
        "attempts": [[attempt.status.value, attempt.ms, attempt.code] for attempt in seen.attempts],
        "phases": astuple(seen.phases) if seen.phases else None,
        "reused": seen.reused or None,
        "address": seen.address,
        "http_status": seen.http_status,
        "headers": [list(header) for header in seen.headers],
        "body_size": seen.body_size,
        "excerpt": seen.excerpt or None,
        "certificate": asdict(seen.certificate) if seen.certificate else None,
        "failures": [asdict(failure) for failure in seen.failures],
        "captured": dict(seen.captured),
    }
    return {key: value for key, value in told.items() if value not in (None, [], {})}


def _masked(value: Any, mask: Mask) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: _masked(item, mask) for key, item in value.items()}
    return [_masked(item, mask) for item in value] if isinstance(value, list | tuple) else value
