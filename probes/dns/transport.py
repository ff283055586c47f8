"""A question to one name server and its answer: over UDP, TCP (RFC 7766), TLS (RFC 7858) or HTTPS (RFC 8484).

Bytes are made and read by dnspython; sockets come from `probes.network` like all others.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from probes.certificates import tls_context
from probes.connecting import Securing
from probes.contract import Context, TargetError
from probes.network import Network

if TYPE_CHECKING:
    from dns.message import Message

    from probes.http import Request

Transport = Literal["udp", "tcp", "tls", "https"]
PORTS: Mapping[Transport, int] = {"udp": 53, "tcp": 53, "tls": 853, "https": 443}
MEDIA_TYPE = "application/dns-message"
# What arrives in one piece nearly everywhere; the value that name servers have agreed on (DNS flag day 2020).
UDP_ANSWER_BYTES = 1232


@dataclass(frozen=True, slots=True)
class NameServer:
    """Whom to ask, and how. `is_own`: this machine's resolver, which may be asked although its address is private."""

    host: str
    port: int
    transport: Transport = "udp"
    path: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: a name as text in ASCII, a type of record, RD and DO."""

    name: str
    record: str
    recursion: bool = True
    dnssec: bool = False

    def message(self, transport: Transport) -> Message:
        """The question as it is sent; over HTTPS without an id, so that it can be cached (RFC 8484 section 4.1)."""
        import dns.flags  # noqa: PLC0415 - 60 ms that a run without a DNS check never pays
        import dns.message  # noqa: PLC0415

        flags = dns.flags.RD if self.recursion else dns.flags.Flag(0)
        identity = 0 if transport == "https" else None
        return dns.message.make_query(
            self.name,
            self.record,
            use_edns=0,
            want_dnssec=self.dnssec,
            payload=UDP_ANSWER_BYTES,
            id=identity,
            flags=flags,
        )


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One question on its way to one server."""

    query: Message
    server: NameServer
    options: Securing
    context: Context


async def ask(question: Question, server: NameServer, options: Securing, context: Context) -> Message:
    """What the server answers to the question; TargetError when it does not, or in no words that can be read."""
    if server.is_own:
        context = replace(context, network=Network([server.host.partition("%")[0]]))
    exchange = _Exchange(question.message(server.transport), server, options, context)
    answer = await _TRANSPORTS[server.transport](exchange)
    context.trace.fault = None
    context.trace.enter(None)
    return answer


async def _over_udp(exchange: _Exchange) -> Message:
    """Asked again over TCP where the answer did not fit."""
    import dns.flags  # noqa: PLC0415 - imported by then

    answer = await _datagram(exchange)
    return await _over_stream(exchange) if answer.flags & dns.flags.TC else answer


async def _datagram(exchange: _Exchange) -> Message:
    """The first datagram that belongs to the question. Anyone may send others: they change only what silence means."""
    server, trace = exchange.server, exchange.context.trace
    datagrams = await exchange.context.network.datagrams(
        server.host, server.port, trace, family=exchange.options.family
    )
    try:
        trace.enter("dns")
        await datagrams.send(exchange.query.to_wire())
        while True:
            datagram = await datagrams.receive()
            try:
                return _read(datagram, exchange.query)
            except TargetError as error:
                trace.fault = error
            # Under a flood there is always a next one: the deadline must get its turn.
            await asyncio.sleep(0)
    finally:
        datagrams.close()


async def _over_stream(exchange: _Exchange) -> Message:
    """Over TCP, and TLS where that is the transport: messages with their length in two bytes before them."""
    server, options, trace = exchange.server, exchange.options, exchange.context.trace
    connection = await exchange.context.network.connect(server.host, server.port, trace, family=options.family)
    try:
        if server.transport == "tls":
            await connection.start_tls(tls_context(options.authority), options.server_name or server.host)
        trace.enter("dns")
        wire = exchange.query.to_wire()
        await connection.write(len(wire).to_bytes(2) + wire)
        size = int.from_bytes(await connection.read_exactly(2))
        return _read(await connection.read_exactly(size), exchange.query)
    finally:
        connection.close()


async def _over_https(exchange: _Exchange) -> Message:
    from probes.http_client import fetch  # noqa: PLC0415 - 400 ms that a run without an HTTP check never pays

    wire = base64.urlsafe_b64encode(exchange.query.to_wire()).rstrip(b"=").decode()
    answer = await fetch(https_request(exchange.server, exchange.options, wire), exchange.context)
    if answer.status != 200:
        raise TargetError(f"status:{answer.status}", "the name server answers with another status than 200")
    kind = answer.header("content-type") or "nothing"
    if kind.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise TargetError("protocol", f"the answer is {kind}, not {MEDIA_TYPE}")
    return _read(answer.body, exchange.query)


def https_request(server: NameServer, options: Securing, wire: str = "") -> Request:
    """The HTTP request that carries the question, in base64url, to this server."""
    from probes.http import Request  # noqa: PLC0415 - only checks over HTTPS need it

    host = f"[{server.host}]" if ":" in server.host else server.host
    return Request(
        url=f"https://{host}:{server.port}{server.path}?dns={wire}",
        headers={"accept": MEDIA_TYPE},
        **options.model_dump(include=set(Securing.model_fields)),
    )


def _read(wire: bytes, query: Message) -> Message:
    """The answer to this question; TargetError when the bytes are none."""
    import dns.exception  # noqa: PLC0415 - imported by then
    import dns.message  # noqa: PLC0415

    try:
        answer = dns.message.from_wire(wire)
    except (dns.exception.DNSException, ValueError) as error:
        raise TargetError("protocol", f"what came is no DNS message: {error or type(error).__name__}") from error
    if not query.is_response(answer):
        raise TargetError("protocol", "what came does not answer the question that was asked")
    return answer


_TRANSPORTS: Mapping[Transport, Callable[[_Exchange], Awaitable[Message]]] = {
    "udp": _over_udp,
    "tcp": _over_stream,
    "tls": _over_stream,
    "https": _over_https,
}
