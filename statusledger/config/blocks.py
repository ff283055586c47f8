"""The blocks of checks.yml that are few and short: page, monitor, ledger, incidents, …; and the whole file.

Every field's description is its documentation; the reference page and the JSON Schema are made from them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from statusledger.config.alerting import AlertsBlock
from statusledger.config.page import BelowRoot, PageBlock
from statusledger.config.promised import ServiceBlock, SlaBlock
from statusledger.config.values import (
    Duration,
    LocationId,
    Network,
    SecretAddress,
    Text,
    Truth,
    Whole,
    matching,
)
from statusledger.config.watched import GroupBlock, Quorum, Tunable, written
from statusledger.written.block import Block

_STRING = WithJsonSchema({"type": "string"})
_BRANCH = r"(?!/|-|.*(//|\.\.|@\{|\.lock$|/$|\.$))[^\s~^:?*\[\\]+"

VariableName = Annotated[
    str,
    PlainValidator(matching("[A-Za-z_][A-Za-z0-9_]*", "a variable's name; write e.g. API_BASE_URL, without braces")),
    _STRING,
]
Branch = Annotated[str, PlainValidator(matching(_BRANCH, "a branch name; write e.g. main or ledger")), _STRING]
Recipient = Annotated[
    str, PlainValidator(matching(r"age1\S+", "an age recipient; write the line that begins with age1")), _STRING
]


class LocationBlock(Block):
    """A place that probes from now on; who counted in the past is in history."""

    id: LocationId = Field(description="Its code, 2 to 12 of a-z 0-9 -.", examples=["gh-us"])
    name: Text | None = Field(None, description="Its name on the page. Default: the id.", examples=["GitHub, US"])
    schedule: Duration | None = Field(
        None, description="How often the job is started there; a late one is reported.", examples=["5m"]
    )


def _bare_location(given: Any) -> Any:
    return {"id": given} if isinstance(given, str) else given


AnyLocation = Annotated[LocationBlock, BeforeValidator(_bare_location, json_schema_input_type=str | LocationBlock)]


class MonitorBlock(Block):
    """Who probes, and how."""

    locations: tuple[AnyLocation, ...] = Field(
        min_length=1, description="Who probes from now on; a bare id is fine.", examples=["[{id: gh-us, schedule: 5m}]"]
    )
    quorum: Quorum = Field(
        "majority", description="How many locations must see a failure: `any`, `majority`, `all` or a number."
    )
    min_known: Whole = Field(1, ge=1, description="With fewer locations that know, the state is unknown.")
    concurrency: Whole = Field(10, ge=1, le=1000, description="How many checks run at once.")
    canaries: tuple[Text, ...] | None = Field(
        None,
        description="Independent hosts, of several operators, that are asked when much fails at once: only when most "
        "of them fail too, the probe itself was offline and the failures become *unknown*. Default: three public "
        "resolvers. `[]`: nothing is ever excused.",
        examples=[["https://one.one.one.one/", "dns://9.9.9.9/example.com"]],
    )
    allow_networks: tuple[Network, ...] = Field(
        (), description="Addresses that are not public and may be probed all the same.", examples=[["10.0.0.0/8"]]
    )
    public_variables: tuple[VariableName, ...] = Field(
        (),
        description="Variables whose values may be shown; every other value from the environment is masked.",
        examples=[["API_BASE_URL"]],
    )
    heartbeat_url: SecretAddress | None = Field(
        None,
        description="Told after every good run, so that somebody else notices when runs stop.",
        examples=["{{ HEARTBEAT_URL | default('') }}"],
    )


class IncidentsBlock(Block):
    """When an outage becomes an incident."""

    after: Duration = written("2m", "An outage of at least this length gets a page and a feed entry.")
    open: Literal["pull_request", "commit", "off"] | None = Field(
        None,
        description="How a draft of an incident file is offered: as a pull request, as a commit on the default branch, "
        "or not at all. Default: `pull_request` in a workflow of the hosting service, `off` elsewhere.",
    )


class MaintenanceBlock(Block):
    """When maintenance counts as announced."""

    notice: Duration = written("24h", "How long before its start a window must be announced to count.")


class LedgerBlock(Block):
    """Where history is kept."""

    branch: Branch | None = Field(
        None,
        description="The branch that history is pushed to. Default: the one that is checked out. Another name keeps "
        "history on a branch of its own (a protected main refuses pushes).",
        examples=["main"],
    )


class RetentionBlock(Block):
    """How long things are kept."""

    raw: Duration = written("90d", "Raw rows, once their day is sealed.")
    details: Duration = written("180d", "Captured numbers, phase times and earlier facts that pages show.")
    evidence: Duration = written("365d", "Evidence of what went wrong, and logs. Private raw rows stay as long.")
    alerts: Duration = written("30d", "What was sent is kept for good, as auditors want it: leave this out.")
    keep_critical: Truth = Field(True, description="Keep the evidence of critical incidents (P1) for good.")


class PrivateBlock(Block):
    """What is kept from the public."""

    recipients: tuple[Recipient, ...] = Field((), description="age keys that private lines are encrypted to.")
    plain: Truth = Field(
        False, description="`true`: this repository is private, so private components may stand in checks.yml."
    )


class FileBlock(Block):
    """checks.yml, whole."""

    schema_: Literal[1] = Field(1, alias="schema", description="The version of this format.")
    include: tuple[BelowRoot, ...] = Field(
        (), description="More files with `groups:`, read after this one, by pattern.", examples=[["checks/*.yml"]]
    )
    page: PageBlock = Field(
        description="Who publishes the page.",
        examples=["{name: Acme Status, url: https://status.example.com, since: 2026-01-01}"],
    )
    monitor: MonitorBlock = Field(
        description="Who probes, and how.", examples=["{locations: [{id: gh-us, schedule: 5m}]}"]
    )
    defaults: Tunable = Field(
        default_factory=Tunable, description="What holds for all checks unless a nearer level says otherwise."
    )
    ledger: LedgerBlock = Field(default_factory=LedgerBlock, description="Where history is kept.")
    sla: SlaBlock = Field(default_factory=SlaBlock, description="What was promised.")
    groups: tuple[GroupBlock, ...] = Field(
        description="What is watched.", examples=["[{id: web, components: [{id: site, url: https://example.com/}]}]"]
    )
    services: tuple[ServiceBlock, ...] = Field((), description="Several components that are bought as one.")
    incidents: IncidentsBlock = Field(default_factory=IncidentsBlock, description="When an outage becomes an incident.")
    maintenance: MaintenanceBlock = Field(
        default_factory=MaintenanceBlock, description="When maintenance counts as announced."
    )
    alerts: AlertsBlock = Field(default_factory=AlertsBlock, description="Who is told of what.")
    retention: RetentionBlock = Field(default_factory=RetentionBlock, description="How long things are kept.")
    private: PrivateBlock = Field(default_factory=PrivateBlock, description="What is kept from the public.")
