"""UDP: one datagram out, one back. A port that says nothing may be closed, filtered or gone: silence is never up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from probes.assertions.measured import Measured
from probes.assertions.texts import TextAssertion
from probes.connecting import Connecting, address, place
from probes.contract import Context, ProbeType, TargetError
from statusledger.model import Check, Failure, Observation


def _hexadecimal(text: str) -> str:
    if "{{" not in text:
        try:
            bytes.fromhex(text)
        except ValueError:
            msg = f'"{text}" is not hexadecimal; write two digits for each byte, e.g. "1b 00 ff"'
            raise ValueError(msg) from None
    return text


class UdpValidation(Measured):
    """What the answer must be; without conditions any answer is good."""

    answer: TextAssertion | None = Field(None, description="Conditions on the answer, read as UTF-8.")
    answer_hex: TextAssertion | None = Field(
        None, description="Conditions on the answer as hexadecimal digits (lower case, no spaces)."
    )

    def failures(self, answer: bytes, context: Context) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        if self.answer is not None:
            yield from self.answer.failures("answer", answer.decode("utf-8", "replace"))
        if self.answer_hex is not None:
            yield from self.answer_hex.failures("answer_hex", answer.hex())
        yield from self.measured(context)


class UdpOptions(Connecting):
    """Where to send, and what."""

    url: Annotated[str, AfterValidator(address("udp", port=True, example="udp://example.com:514"))] = Field(
        description="Address, udp://host:port."
    )
    send: str | None = Field(None, description="What to send, as UTF-8; it must be something the server answers.")
    send_hex: Annotated[str, AfterValidator(_hexadecimal)] | None = Field(
        None, description="What to send, as hexadecimal digits, for a protocol that is not text."
    )
    validation: UdpValidation = Field(default_factory=UdpValidation, description="What the answer must be.")

    @model_validator(mode="after")
    def _one_datagram(self) -> Self:
        if (self.send is None) == (self.send_hex is None):
            msg = "nobody answers a datagram that was not sent; write either send or send_hex"
            raise ValueError(msg)
        return self

    @property
    def datagram(self) -> bytes:
        """What is sent."""
        return bytes.fromhex(self.send_hex) if self.send_hex is not None else (self.send or "").encode()


async def probe(check: Check, options: UdpOptions, context: Context) -> Observation:
    """Up when an answer came and holds."""
    try:
        answer = await _answer(options, context)
    except TargetError as error:
        return context.failed(check, error)
    context.trace.stop()
    return context.judged(check, list(options.validation.failures(answer, context)))


async def _answer(options: UdpOptions, context: Context) -> bytes:
    datagrams = await context.network.datagrams(*place(options.url), context.trace, family=options.family)
    try:
        context.trace.enter("ttfb")
        await datagrams.send(options.datagram)
        return await datagrams.receive()
    finally:
        datagrams.close()


UDP = ProbeType(
    name="udp",
    schemes=("udp",),
    options=UdpOptions,
    probe=probe,
    summary="Sends a datagram and waits for the one that answers it; silence is down.",
)
