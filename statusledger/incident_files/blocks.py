"""The front matter of both kinds of file, as it is written.

Every field's description is its documentation.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, StrictBool

from statusledger.incident_files.records import Detected, Impact
from statusledger.incident_files.recurrence import rule
from statusledger.model import Severity, State
from statusledger.written.block import Block
from statusledger.written.severity import read_severity
from statusledger.written.values import instant, text
from statusledger.written.wording import did_you_mean, found

STATES = (State.UP, State.DEGRADED, State.DOWN)


def state(value: object) -> State:
    """What a component is told to be."""
    if value not in tuple(STATES):
        msg = f"{found(value)} is none of {', '.join(STATES)}{did_you_mean(value, STATES)}"
        raise ValueError(msg)
    return State(str(value))


def _line(value: object) -> str:
    """Text on one line."""
    return " ".join(text(value).split())


def _states(value: Any) -> Any:
    if not isinstance(value, dict) or not value:
        msg = f"{found(value) if value else 'nothing'} says no component's state; write e.g. {{api: down}}"
        raise ValueError(msg)
    return value


def _several(value: Any) -> Any:
    """A single name is as good as a list of one."""
    if value == []:
        msg = "names nothing; write e.g. [api, web]"
        raise ValueError(msg)
    return [value] if isinstance(value, str) else value


Line = Annotated[str, PlainValidator(_line)]
Instant = Annotated[int, PlainValidator(instant)]
States = Annotated[dict[str, Annotated[State, PlainValidator(state)]], BeforeValidator(_states)]
Several = Annotated[tuple[Line, ...], BeforeValidator(_several)]


class IncidentBlock(Block):
    """The front matter of an incident."""

    title: Line = Field(description="What happened, in a few words.", examples=["API requests fail"])
    severity: Annotated[Severity, PlainValidator(read_severity)] | None = Field(None, description="How bad it is.")
    impact: Impact | None = Field(None, description="How much customers notice. Default: from the states.")
    components: States = Field(
        description="What was affected, and its state from the start.", examples=["{api: down, web: degraded}"]
    )
    started: Instant = Field(description="When it began.", examples=["2026-11-21T02:06Z"])
    resolved: Instant | None = Field(None, description="When it ended; absent while it lasts.")
    detected: Detected = Field(Detected.MEASURED, description="`reported` where probes could not see it.")
    counts: StrictBool = Field(True, description="`false`: a reported one is shown, but not counted.")
    root_cause: Line | None = Field(None, description="Why it happened, in a sentence.")
    covers: Several | None = Field(None, description="Measured incidents that it explains. Default: by overlap.")


class MaintenanceBlock(Block):
    """The front matter of a maintenance window."""

    title: Line = Field(description="What is done, in a few words.", examples=["Database upgrade"])
    components: Several = Field(description="Components, groups or services, or everything.", examples=["[api, web]"])
    starts: Instant = Field(description="When it begins.", examples=["2026-11-28T02:00Z"])
    ends: Instant = Field(description="When it is over.", examples=["2026-11-28T04:00Z"])
    announced: Instant | None = Field(
        None, description="When it was announced; counts only outside of a git repository."
    )
    cancelled: StrictBool = Field(False, description="`true`: it does not take place.")
    impact: Impact | None = Field(None, description="How much customers will notice.")
    repeats: Annotated[str, PlainValidator(rule)] | None = Field(
        None, description="A recurrence rule of RFC 5545, on the clock of the page's zone.", examples=["FREQ=WEEKLY"]
    )
