"""DNS: a question to a resolver, or to every name server of the zone, and what the answers must be."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, model_validator

from probes.certificates import tls_context
from probes.connecting import Securing, place
from probes.contract import Context, ProbeType, TargetError
from probes.dns.answer import RecordType, Reply, written
from probes.dns.transport import PORTS, NameServer, Question, Transport, ask, https_request
from probes.dns.validation import DnsValidation
from probes.dns.zone import Zone
from statusledger.model import Check, Failure, Observation

LONGEST_NAME = 253


def _address(text: str) -> str:
    if "{{" in text:
        return text
    try:
        parts = urlsplit(text)
        extra = parts.query or parts.fragment or parts.port == 0
        asks = parts.scheme == "dns" and not extra and bool(_name(text))
    except ValueError:
        asks = False
    if not asks:
        msg = f'"{text}" is not a question; write e.g. dns://9.9.9.9/example.com or dns:///example.com'
        raise ValueError(msg)
    return text


def _name(url: str) -> str:
    """The name that is asked for, in ASCII; empty or ValueError (UnicodeError) where it can be no name."""
    text = unquote(urlsplit(url).path).removeprefix("/")
    name = text if text == "." else text.encode("idna").decode()
    return name if len(name.rstrip(".")) <= LONGEST_NAME and "\\" not in name else ""


class DnsOptions(Securing):
    """Whom to ask for what."""

    url: Annotated[str, AfterValidator(_address)] = Field(
        description="Address, dns://server/name or dns://server:port/name; dns:///name asks this machine's resolver."
    )
    record: RecordType = Field("A", description="Type of record. PTR takes an IP address as the name.")
    transport: Transport = Field("udp", description="How to ask; what does not fit over UDP is asked again over TCP.")
    path: str = Field("/dns-query", pattern=r"^/[^?#]*$", description="Path of the server, for transport https.")
    recursion: bool = Field(True, description="Ask the server to look further (RD).")
    dnssec: bool = Field(False, description="Ask for signatures and validation (DO).")
    authoritative: bool = Field(
        False,
        description="Find the name servers of the zone through the server, ask each of them, and compare: they must "
        "have authority and say the same (for SOA: the same serial).",
    )
    authoritative_port: int = Field(53, ge=1, le=65_535, description="The port of the name servers of the zone.")
    validation: DnsValidation = Field(default_factory=DnsValidation, description="What the answer must be.")

    @model_validator(mode="after")
    def _options_have_an_effect(self) -> Self:
        needs = {
            "path": ("transport: https", self.transport == "https"),
            "authoritative_port": ("authoritative: true", self.authoritative),
        }
        for option, (needed, given) in needs.items():
            if option in self.model_fields_set and not given:
                msg = f"{option} has no effect; write {needed} beside it"
                raise ValueError(msg)
        if self.validation.agreement is not None and not self.authoritative:
            msg = "validation.agreement has no effect; write authoritative: true"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _records_can_be_read(self) -> Self:
        if self.validation.records is not None:
            # A missing library is told elsewhere, with what to install, for every check of the type.
            with contextlib.suppress(ImportError):
                written(self.record, (text for text in self.validation.records.texts if "{{" not in text))
        return self

    @property
    def question(self) -> Question:
        """What is asked; for PTR of an address, its name in the reverse zone."""
        name = _name(self.url)
        with contextlib.suppress(ValueError):
            name = f"{ip_address(name).reverse_pointer}." if self.record == "PTR" else name
        return Question(name, self.record, self.recursion, self.dnssec)

    @property
    def server(self) -> NameServer:
        """Whom to ask; TargetError where that is this machine's resolver and it has none."""
        host, port = place(self.url, PORTS[self.transport])
        return NameServer(host, port, self.transport, self.path) if host else _own_resolver(self.transport)


def _own_resolver(transport: Transport) -> NameServer:
    """The first resolver that this machine is configured to ask."""
    from dns.resolver import NoResolverConfiguration, get_default_resolver  # noqa: PLC0415 - 60 ms others never pay

    try:
        resolver = get_default_resolver()
    except NoResolverConfiguration as error:
        raise TargetError("dns_error", "this machine has no resolver; write dns://server/name") from error
    port = resolver.port if transport in {"udp", "tcp"} else PORTS[transport]
    return NameServer(str(resolver.nameservers[0]), port, transport, is_own=True)


async def probe(check: Check, options: DnsOptions, context: Context) -> Observation:
    """Up when the answer, or that of every name server of the zone, is what it must be."""
    try:
        replies = await _replies(options, context)
        context.trace.stop()
        failures = list(_failures(replies, options, context))
    except TargetError as error:
        return context.failed(check, error)
    return context.judged(check, failures)


async def _replies(options: DnsOptions, context: Context) -> Mapping[str, Reply]:
    """What was answered, by the name of who answered it."""
    question, server = options.question, options.server
    if options.authoritative:
        return await Zone(server, options.authoritative_port, options, context).replies(question)
    return {server.host: Reply.of(await ask(question, server, options, context))}


def _failures(replies: Mapping[str, Reply], options: DnsOptions, context: Context) -> Iterator[Failure]:
    validation = options.validation
    for server, reply in replies.items():
        if refusal := validation.refusal(reply):
            raise TargetError(refusal.code, f"{server}: {refusal.detail}")
    if options.authoritative:
        yield from validation.disagreements(replies)
    yield from validation.failures(options.record, next(iter(replies.values())), context)


async def warm(options: DnsOptions) -> None:
    """Loads the library, the resolver of this machine and what the transport needs before any clock runs."""
    options.question.message(options.transport)
    with contextlib.suppress(TargetError):
        server = options.server
        if options.transport == "https":
            from probes.http import warm as warm_http  # noqa: PLC0415 - only checks over HTTPS need it

            await warm_http(https_request(server, options))
    if options.transport == "tls":
        tls_context(options.authority)


DNS = ProbeType(
    name="dns",
    schemes=("dns",),
    options=DnsOptions,
    probe=probe,
    summary="Asks a name server and holds response code, records, lifetime and flags of the answer against assertions.",
    extra="dns",
    requires=("dns",),
    warm=warm,
)
