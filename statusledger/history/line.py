"""A tick -> its line of history, with everything in it that may be public and nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import astuple
from typing import Any

from statusledger.clock import SECOND_MS, format_instant
from statusledger.errors import LedgerError
from statusledger.model import Observation, Status, Tick

DETAIL_CHARACTERS = 200
DRIFT_MS = SECOND_MS


def tick_line(tick: Tick, *, details: Collection[str] = (), phases: Collection[str] = ()) -> bytes:
    """One line of history with its newline; checks stand in the order of the tick's observations.

    `details` names the checks whose detail may be public, `phases` those whose phase times are due although all is
    well. LedgerError when a number is not finite: JSON has no word for it.
    """
    observations = tick.observations
    _require_finite(tick)
    line: dict[str, Any] = {
        "t": tick.t,
        "r": {seen.check: _result(seen, seen.check in details) for seen in observations},
    }
    spent = {
        seen.check: list(astuple(seen.phases))
        for seen in observations
        if seen.phases and (seen.check in phases or not _plainly_up(seen))
    }
    captured = {seen.check: dict(seen.captured) for seen in observations if seen.captured}
    if spent:
        line["p"] = spent
    if abs(tick.t - tick.scheduled_at) > DRIFT_MS:
        line["s"] = tick.scheduled_at
    if tick.canaries:
        line["c"] = list(tick.canaries)
    if captured:
        line["x"] = captured
    return json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _plainly_up(seen: Observation) -> bool:
    return seen.status is Status.UP and seen.code is None and seen.ms is not None


def _result(seen: Observation, with_detail: bool) -> int | list[str | int | None]:
    if _plainly_up(seen) and seen.ms is not None:
        return seen.ms
    result: list[str | int | None] = [seen.status.value, seen.ms, seen.code]
    if with_detail and seen.detail:
        # half a surrogate pair, as broken answers hold them, cannot be written as UTF-8
        result.append(seen.detail[:DETAIL_CHARACTERS].encode("utf-8", "replace").decode())
    return result


def _require_finite(tick: Tick) -> None:
    for seen in tick.observations:
        for name, number in {"ms": seen.ms, **seen.captured}.items():
            if number is not None and not math.isfinite(number):
                msg = (
                    f"{seen.check} at {format_instant(tick.t)}: {name} is {number}; history takes finite numbers only,"
                    " so nothing of this tick was written"
                )
                raise LedgerError(msg)
