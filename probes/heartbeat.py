"""Heartbeat: did the job that reports to us do so in time? It is not asked: `statusledger ingest` takes its reports.

The probe sees one instant only, that of the newest good report in the ledger, so nothing is timed: `ms` is None.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator, Field

from probes.contract import Context, Options, ProbeType, TargetError
from statusledger.clock import DAY_MS, format_duration, format_instant, parse_duration
from statusledger.model import Check, Observation

LONGEST_MS = 366 * DAY_MS


def _duration(value: object) -> object:
    if not isinstance(value, str):
        msg = f"{value} is not a duration; write e.g. 10m, 1h or 24h"
        raise ValueError(msg)
    if parse_duration(value) > LONGEST_MS:
        msg = f"{value} is longer than allowed; write at most {format_duration(LONGEST_MS)}"
        raise ValueError(msg)
    return value


def _some_time(value: object) -> object:
    if isinstance(value, str) and parse_duration(value) == 0:
        msg = f"{value} is no time at all; write how often a report comes, e.g. 10m, 1h or 24h"
        raise ValueError(msg)
    return value


Duration = Annotated[str, BeforeValidator(_duration)]


class HeartbeatOptions(Options):
    """How often a report has to come."""

    every: Annotated[Duration, BeforeValidator(_some_time)] = Field(
        description="How often a good report comes, as a duration.", examples=["1h"]
    )
    grace: Duration = Field("10m", description="How much later than that it may be, as a duration.", examples=["15m"])

    @property
    def allowed_ms(self) -> int:
        """How old the newest good report may be, in milliseconds."""
        return parse_duration(self.every) + parse_duration(self.grace)


async def probe(check: Check, options: HeartbeatOptions, context: Context) -> Observation:
    """Up while the newest good report is not older than `every` + `grace`, else down."""
    last = context.last_report
    if last is not None and context.now - last <= options.allowed_ms:
        observation = context.judged(check)
    else:
        observation = context.failed(check, TargetError("missing_heartbeat", _missing(options, last)))
    return replace(observation, ms=None, phases=None)


def _missing(options: HeartbeatOptions, last: int | None) -> str:
    allowed = f"every {options.every} + grace {options.grace}"
    if last is None:
        return f"no good report came within {allowed}"
    return f"the last good report came at {format_instant(last)}, longer ago than {allowed}"


HEARTBEAT = ProbeType(
    name="heartbeat",
    schemes=(),
    options=HeartbeatOptions,
    probe=probe,
    summary="Down when no good report came in time; other systems push them to `statusledger ingest`.",
    asks=False,
)
