"""The blocks of checks.yml that say what was promised: `sla`, its contracts, and `services`, as they are written.

Every field's description is its documentation; the reference page and the JSON Schema are made from them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from statusledger.config.values import (
    Id,
    Instant,
    Percent,
    Positive,
    Target,
    Text,
    Weight,
    Zone,
    matching,
    word_or_count,
)
from statusledger.config.watched import written
from statusledger.model import MaintenanceAs, Tier, UnknownAs
from statusledger.written.block import Block

Currency = Annotated[
    str,
    PlainValidator(matching("[A-Z]{3}", "a currency; write an ISO 4217 code, e.g. EUR")),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"}),
]


class CreditBlock(Block):
    """One step of a credit schedule."""

    min: Percent = Field(description="The uptime in percent from which it holds.", examples=[99.9])
    credit: Percent = Field(description="What is owed, in percent of the fee.", examples=[10])
    name: Text = Field(description="What the step is called.", examples=["Good"])


class TermsBlock(Block):
    """How time becomes a ratio; applied when figures are read, so a change shows at once."""

    degraded_weight: Weight | None = Field(None, description="How much of degraded time counts as down, 0 to 1.")
    unknown_as: UnknownAs | None = Field(None, description="What unmonitored time counts as.")
    maintenance_as: MaintenanceAs | None = Field(None, description="What announced maintenance counts as.")
    min_coverage: Target | None = Field(
        None, description="With less of the time measured than this percentage, a figure carries a badge."
    )
    timezone: Zone | None = Field(None, description="The zone of months, quarters and years.")


class ContractBlock(TermsBlock):
    """What one customer was promised for one component or service. Terms left out are those of `sla`."""

    id: Id = Field(description="Its id; unique in the whole file.", examples=["gold"])
    component: Id | None = Field(None, description="The component that was promised (or `service`).", examples=["api"])
    service: Id | None = Field(None, description="The service that was promised (or `component`).")
    target: Target = Field(description="The promised uptime in percent.", examples=[99.95])
    credits: tuple[CreditBlock, ...] | None = Field(
        None, min_length=1, description="Its credit schedule. Default: that of `sla`."
    )
    fee: Positive | None = Field(None, description="What is paid per month; needs `currency`.", examples=[1200])
    currency: Currency | None = Field(None, description="The ISO 4217 code of the fee.", examples=["EUR"])
    active_from: Instant | None = Field(
        None, description="When it begins: earlier time is in none of its figures.", examples=["2026-01-01T00:00Z"]
    )
    active_until: Instant | None = Field(None, description="When it ends: later time is in none of its figures.")


class SlaBlock(TermsBlock):
    """What was promised.

    Terms that are not written: degraded time has no weight, unknown time and announced maintenance are excluded,
    95 percent of the time must be measured, the zone is UTC.
    """

    tiers: dict[Tier, Target] = Field(
        {},
        description="The target of each tier in percent.",
        json_schema_extra={"default": {"critical": 99.9, "high": 99.5, "medium": 99.0, "low": 95.0}},
    )
    default_target: Target = written("99.9", "The target in percent of components and services without a tier.")
    credits: tuple[CreditBlock, ...] | None = Field(
        None,
        min_length=1,
        description="The credit schedule, applied as written. Default: 0 from 99.9, 10 from 99, 50 from 95, else 100 "
        "percent, and only for targets of 99.9.",
    )
    contracts: tuple[ContractBlock, ...] = Field((), description="Promises to single customers.")


class MemberBlock(Block):
    """A component's part in a service."""

    component: Id = Field(description="The component.", examples=["api"])
    weight: Positive | None = Field(
        None, description="Its weight, with `mode: weighted` only.", json_schema_extra={"default": 1}, examples=["1/2"]
    )


def _bare_member(given: Any) -> Any:
    return {"component": given} if isinstance(given, str | int) else given


AnyMember = Annotated[MemberBlock, BeforeValidator(_bare_member, json_schema_input_type=str | MemberBlock)]
Mode = Annotated[
    Literal["all", "any", "weighted"] | int,
    PlainValidator(word_or_count("all", "any", "weighted")),
    WithJsonSchema({"anyOf": [{"enum": ["all", "any", "weighted"]}, {"type": "integer", "minimum": 1}]}),
]


class ServiceBlock(Block):
    """Several components that are bought as one."""

    id: Id = Field(description="Its id; unique in the whole file.", examples=["platform"])
    name: Text | None = Field(None, description="Its name on the page. Default: the id.")
    members: tuple[AnyMember, ...] = Field(
        min_length=1, description="Its components; a bare id is fine.", examples=["[api, web]"]
    )
    mode: Mode = Field("all", description="How many members must work: `all`, `any`, a number; or `weighted`.")
    tier: Tier | None = Field(None, description="Picks its target from `sla.tiers`.")
    target: Target | None = Field(None, description="The promised uptime in percent; beats the tier.")
