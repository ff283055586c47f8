"""The blocks of checks.yml that say what is watched: `defaults`, groups, components and checks, as they are written.

Every field's description is its documentation; the reference page and the JSON Schema are made from them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema

from statusledger.config.values import (
    Duration,
    Id,
    Instant,
    Interval,
    LocationId,
    Target,
    Text,
    Timeout,
    Truth,
    Whole,
    word_or_count,
)
from statusledger.model import Combination as Combined
from statusledger.model import Quorum as Voted
from statusledger.model import Status, Tier, Visibility
from statusledger.written.block import Block

BUILT_IN: dict[str, Any] = {
    "interval": "60s",
    "timeout": "10s",
    "retries": 2,
    "confirm_down": 2,
    "confirm_up": 1,
    "unconfirmed_as": "degraded",
}
"""What holds where no level of checks.yml says otherwise."""

_COUNT = {"type": "integer", "minimum": 1}

Quorum = Annotated[
    Voted,
    PlainValidator(word_or_count("any", "majority", "all")),
    WithJsonSchema({"anyOf": [{"enum": ["any", "majority", "all"]}, _COUNT]}),
]
Combination = Annotated[
    Combined,
    PlainValidator(word_or_count("worst", "best")),
    WithJsonSchema({"anyOf": [{"enum": ["worst", "best"]}, _COUNT]}),
]


def _inherited(name: str, description: str) -> Any:
    return Field(None, description=description, json_schema_extra={"default": BUILT_IN[name]})


def written(default: str, description: str) -> Any:
    """A field whose default reads as people would write it."""
    return Field(default, description=description)


class PerformanceBlock(Block):
    """How fast an answer should be. Compared with the total time of the last attempt."""

    target_ms: Whole | None = Field(
        None,
        ge=1,
        description="The response time that is aimed at, in milliseconds. A level that sets it inherits no thresholds.",
    )
    warn_threshold_ms: Whole | None = Field(
        None, ge=1, description="Slower than this is slow (HighResponseTime). Default: `warn_percent` of the target."
    )
    critical_threshold_ms: Whole | None = Field(
        None,
        ge=1,
        description="Slower than this is degraded. Default: the larger of `critical_percent` of the target and "
        "1.5 x the warn threshold.",
    )
    warn_percent: Whole | None = Field(
        None, ge=1, description="Where warning begins, in percent of the target.", json_schema_extra={"default": 100}
    )
    critical_percent: Whole | None = Field(
        None,
        ge=1,
        description="Where degraded begins, in percent of the target.",
        json_schema_extra={"default": 150},
    )


class Tunable(Block):
    """What may be set once in `defaults` and again on a group, a component or a check; the nearest one holds."""

    interval: Interval | None = _inherited(
        "interval", "How often to measure, 10s to 3600s; what changes slowly (`domain`) up to 24h."
    )
    timeout: Timeout | None = _inherited(
        "timeout", "The deadline of one attempt, name lookup to last byte; at most 60s."
    )
    retries: Annotated[Whole, Field(ge=0, le=10)] | None = _inherited(
        "retries", "How often a failed attempt is repeated at once before the failure counts."
    )
    confirm_down: Annotated[Whole, Field(ge=1, le=100)] | None = _inherited(
        "confirm_down", "How many failed samples in a row make *down* (then from the first of them)."
    )
    confirm_up: Annotated[Whole, Field(ge=1, le=100)] | None = _inherited(
        "confirm_up", "How many good samples in a row end *down*."
    )
    max_staleness: Duration | None = Field(
        None,
        description="How long a sample holds; later nothing is known. Default: 3 x the interval, at least 15m.",
        examples=["15m"],
    )
    unconfirmed_as: Literal[Status.DEGRADED, Status.UP] | None = _inherited(
        "unconfirmed_as", "What failures count as that were too few to confirm."
    )
    performance: PerformanceBlock | None = Field(None, description="Response time target and thresholds.")
    locations: tuple[LocationId, ...] | None = Field(
        None,
        min_length=1,
        description="Which of `monitor.locations` measure it. Default: all of them.",
        examples=[["gh-us"]],
    )


class Dated(Tunable):
    """When something is watched, and what it was called before."""

    active: Truth = Field(True, description="`false` stops measuring; what was recorded stays.")
    active_from: Instant | None = Field(
        None, description="The instant from which it counts, with an offset.", examples=["2026-01-01T00:00:00Z"]
    )
    active_until: Instant | None = Field(
        None, description="The instant until which it counts, with an offset.", examples=["2026-12-31T23:00:00Z"]
    )
    was: tuple[Id, ...] = Field(
        (), description="Earlier ids: their history is read as this one's.", examples=[["old_id"]]
    )


class Measured(Dated):
    """The keys of a check that every type has; all other keys belong to its type."""

    model_config = ConfigDict(extra="allow")

    type: Text | None = Field(
        None, description="How to measure. Default: taken from the scheme of `url`.", examples=["http"]
    )
    informational: Truth = Field(False, description="Measured and shown, but never counted.")
    public_details: Truth = Field(False, description="Publish what a failure said (masked), not only its code.")


class CheckBlock(Measured):
    """One thing to measure."""

    id: Id = Field(description="Its name in history, for ever; unique in the whole file.", examples=["api_root"])
    name: Text | None = Field(None, description="Its name on the page. Default: the id.", examples=["API root"])


class ComponentBlock(Measured):
    """What people know by name. With one check only, the check's keys may stand here, without `checks`."""

    id: Id = Field(description="Its name in history and addresses; unique in the whole file.", examples=["api"])
    name: Text | None = Field(None, description="Its name on the page. Default: the id.", examples=["API"])
    description: Text | None = Field(None, description="A sentence for readers of the page.")
    tier: Tier | None = Field(None, description="How much it matters; picks its target from `sla.tiers`.")
    target: Target | None = Field(None, description="The promised uptime in percent; beats the tier.", examples=[99.95])
    visibility: Visibility = Field(
        Visibility.PUBLIC, description="`private` keeps everything about it out of what is published."
    )
    depends_on: tuple[Id, ...] = Field((), description="Components that it needs to work.", examples=[["database"]])
    combination: Combination = Field(
        "worst", description="How several checks make one state: `worst`, `best`, or how many must be good."
    )
    quorum: Quorum | None = Field(
        None, description="How many locations must agree, as in `monitor.quorum`, for this component."
    )
    min_known: Whole | None = Field(None, ge=1, description="As in `monitor.min_known`, for this component.")
    checks: tuple[CheckBlock, ...] = Field((), description="What is measured to know its state.")


class GroupBlock(Tunable):
    """Components that stand together on the page."""

    id: Id = Field(description="Its id; unique in the whole file.", examples=["core"])
    name: Text | None = Field(None, description="Its heading on the page. Default: the id.", examples=["Core services"])
    components: tuple[ComponentBlock, ...] = Field((), description="What stands in it, in this order.")
