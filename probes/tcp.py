"""TCP: does the port take a connection, with TLS or STARTTLS if wanted, and does a dialogue go as it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from probes.assertions.measured import MeasuredTls
from probes.certificates import tls_context
from probes.connecting import Securing, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.dialogue import Dialogue, Step
from probes.starttls import StartTls, secure
from statusledger.model import Check, Failure, Observation


class TcpOptions(Securing):
    """Where to connect, and what is said there."""

    url: Annotated[str, AfterValidator(address("tcp", port=True, example="tcp://example.com:5432"))] = Field(
        description="Address, tcp://host:port."
    )
    tls: bool = Field(False, description="Agree on TLS first, and verify the certificate.")
    starttls: StartTls | None = Field(None, description="Agree on TLS after the dialogue that this protocol wants.")
    send: str | None = Field(None, description="Text to send once connected, as UTF-8.")
    expect: str | None = Field(None, description="Text that must be in what the server says.")
    dialogue: tuple[Step, ...] = Field(
        (), description="Several steps in order instead; under TLS where there is any.", examples=["[{expect: '220 '}]"]
    )
    validation: MeasuredTls = Field(MeasuredTls(), description="What the measurement must be.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.tls and self.starttls:
            msg = "starttls leads to TLS by itself; write either tls or starttls"
            raise ValueError(msg)
        if self.dialogue and (self.send is not None or self.expect is not None):
            msg = "send and expect are a dialogue of their own; write them as steps of dialogue"
            raise ValueError(msg)
        return self

    @property
    def steps(self) -> Iterator[tuple[str, Step]]:
        """(name, step) of the whole dialogue."""
        if self.send is not None:
            yield "send", Step(send=self.send)
        if self.expect is not None:
            yield "expect", Step(expect=self.expect)
        for index, step in enumerate(self.dialogue):
            yield f"dialogue[{index}].{step.condition}", step


async def probe(check: Check, options: TcpOptions, context: Context) -> Observation:
    """Up when the connection stands and everything that is expected was said."""
    try:
        failure = await _conversation(options, context)
    except TargetError as error:
        return context.failed(check, error)
    context.trace.stop()
    return context.judged(check, [*([failure] if failure else []), *options.validation.measured(context)])


async def _conversation(options: TcpOptions, context: Context) -> Failure | None:
    """What went wrong first."""
    connection = await context.network.connect(*place(options.url), context.trace, family=options.family)
    try:
        if options.tls or options.starttls:
            await secure(connection, options, context, options.starttls)
        dialogue = Dialogue(connection, context.trace)
        for name, step in options.steps:
            failure = await dialogue.take(step, name)
            if failure is not None:
                return failure
    finally:
        connection.close()
    return None


async def warm(options: TcpOptions) -> None:
    """Loads the authorities before any clock runs."""
    if options.tls or options.starttls:
        tls_context(options.authority)


TCP = ProbeType(
    name="tcp",
    schemes=("tcp",),
    options=TcpOptions,
    probe=probe,
    summary="Opens a connection, with TLS or STARTTLS if wanted, and may hold a dialogue.",
    warm=warm,
)
