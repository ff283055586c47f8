"""SMTP: the greeting, EHLO, STARTTLS if wanted, and a polite farewell. No mail is sent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from probes.assertions.assertion import Assertion
from probes.assertions.measured import MeasuredTls
from probes.assertions.texts import TextAssertion, Texts
from probes.certificates import tls_context
from probes.comparison import listed
from probes.connecting import Securing, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.lines import ask, read_reply
from probes.starttls import EHLO, extensions, secure, shake_hands, upgrade_smtp
from statusledger.model import Check, Failure, Observation

PORTS = {"smtp": 25, "smtps": 465}


class ExtensionsAssertion(Assertion):
    """Which extensions must be offered."""

    all_of: Texts = Field(description="Keywords, e.g. STARTTLS, SIZE, 8BITMIME.")

    def failures(self, offered: tuple[str, ...]) -> Iterator[Failure]:
        """At most one."""
        missing = [keyword for keyword in self.all_of if keyword.upper() not in offered]
        if missing:
            yield self.failure("extensions", listed(missing), f"not in {listed(offered)}")


class SmtpValidation(MeasuredTls):
    """What the server must say."""

    banner: TextAssertion | None = Field(None, description="Conditions on the greeting, without its code 220.")
    extensions: Texts | ExtensionsAssertion | None = Field(
        None, description="Keywords that EHLO must offer (under TLS where there is any), or {all_of: […], severity: …}."
    )

    def failures(self, said: Said) -> Iterator[Failure]:
        """One for each condition on what was said that does not hold."""
        if self.banner is not None:
            yield from self.banner.failures("banner", said.banner)
        if isinstance(self.extensions, ExtensionsAssertion):
            yield from self.extensions.failures(said.extensions)
        elif self.extensions is not None:
            yield from ExtensionsAssertion(all_of=self.extensions).failures(said.extensions)


class SmtpOptions(Securing):
    """Which server to greet."""

    url: Annotated[str, AfterValidator(address("smtp", "smtps", port=False, example="smtp://mail.example.com:25"))] = (
        Field(description="Address, smtp://host (port 25) or smtps://host (TLS first, port 465).")
    )
    starttls: bool = Field(False, description="STARTTLS must be offered, and TLS agreed on.")
    validation: SmtpValidation = Field(default_factory=SmtpValidation, description="What the server must say.")

    @model_validator(mode="after")
    def _tls_once(self) -> Self:
        if self.secure and self.starttls:
            msg = "smtps:// has TLS from the start; write smtp:// for starttls"
            raise ValueError(msg)
        return self

    @property
    def secure(self) -> bool:
        """Whether TLS comes first."""
        return urlsplit(self.url).scheme == "smtps"


@dataclass(frozen=True, slots=True)
class Said:
    """The greeting without its code, and the keywords that the last EHLO offered."""

    banner: str
    extensions: tuple[str, ...]


async def probe(check: Check, options: SmtpOptions, context: Context) -> Observation:
    """Up when the server greets, and what it says is as it should be."""
    try:
        said = await _conversation(options, context)
    except TargetError as error:
        return context.failed(check, error)
    return context.judged(check, [*options.validation.failures(said), *options.validation.measured(context)])


async def _conversation(options: SmtpOptions, context: Context) -> Said:
    host, port = place(options.url, PORTS["smtps" if options.secure else "smtp"])
    connection = await context.network.connect(host, port, context.trace, family=options.family)
    try:
        if options.secure:
            await secure(connection, options, context)
        greeting = (await read_reply(connection, context.trace)).require(220)
        hello = (await ask(connection, context.trace, EHLO)).require(250)
        if options.starttls:
            await upgrade_smtp(connection, context.trace, hello)
            await shake_hands(connection, options, context, "smtp")
            hello = (await ask(connection, context.trace, EHLO)).require(250)
        context.trace.stop()
        # Nobody waits for the answer, nor minds if the server has left already.
        with contextlib.suppress(TargetError):
            await connection.write(b"QUIT\r\n")
    finally:
        connection.close()
    return Said(greeting.text, extensions(hello))


async def warm(options: SmtpOptions) -> None:
    """Loads the authorities before any clock runs."""
    if options.secure or options.starttls:
        tls_context(options.authority)


SMTP = ProbeType(
    name="smtp",
    schemes=("smtp", "smtps"),
    options=SmtpOptions,
    probe=probe,
    summary="Is greeted by a mail server, with TLS or STARTTLS if wanted, and learns what it offers.",
    warm=warm,
)
