"""WebSocket: the upgrade, a ping that must be answered, and with `expect`, a message that must come.

RFC 6455 is spoken by the sans-I/O half of `websockets`; sockets come from `probes.network` like all others.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from probes.assertions.answer import Answer
from probes.assertions.json_values import JsonAssertion
from probes.assertions.measured import MeasuredTls
from probes.assertions.numbers import NumberAssertion
from probes.assertions.texts import TextAssertion
from probes.certificates import tls_context
from probes.comparison import shown
from probes.connecting import Securing, address
from probes.contract import Context, ProbeType, TargetError
from probes.headers import Headers
from probes.network import Connection
from probes.trace import NANOSECONDS_PER_MS
from statusledger.model import Check, Failure, Observation

if TYPE_CHECKING:
    from websockets.client import ClientProtocol
    from websockets.frames import Frame

LONGEST_MESSAGE_BYTES = 1_048_576
PING = b"statusledger"
# The library reads a refusal's body, which may never end, before it tells the status.
_REFUSAL = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d)[ \r].*?\r\n\r\n", re.DOTALL)


class WebsocketValidation(MeasuredTls):
    """What makes the conversation a good one."""

    message: TextAssertion | None = Field(None, description="Conditions on the first message that comes.")
    json_: tuple[JsonAssertion, ...] = Field(
        (), alias="json", description="Conditions on values of the first message, which is JSON then."
    )
    ping_ms: NumberAssertion | None = Field(None, description="Conditions on the milliseconds of ping to pong.")
    close_code: int | None = Field(
        None, ge=1000, le=4999, description="The code with which the server ends the connection after our farewell."
    )

    def failures(self, heard: Heard) -> Iterator[Failure]:
        """One for each condition on what was heard that does not hold."""
        if self.message is not None:
            yield from self.message.failures("message", heard.message)
        for assertion in self.json_:
            yield from assertion.failures(Answer(None, (), (heard.message or "").encode()))
        if self.ping_ms is not None:
            yield from self.ping_ms.failures("ping_ms", heard.ping_ms, "ms")
        if self.close_code is not None and heard.close_code != self.close_code:
            yield Failure("close_code", str(self.close_code), shown(heard.close_code))

    @property
    def needs_message(self) -> bool:
        """Whether a message has to come."""
        return self.message is not None or bool(self.json_)


class WebsocketOptions(Securing):
    """Where to connect, and what is said there."""

    url: Annotated[
        str, AfterValidator(address("ws", "wss", port=False, example="wss://example.com/live", userinfo=True))
    ] = Field(description="Address, ws:// or wss://.")
    headers: Headers = Field({}, description="Headers of the upgrade request.")
    subprotocols: tuple[str, ...] = Field((), description="Protocols to offer; the server must choose one of them.")
    ping: bool = Field(True, description="Whether a ping must be answered; how long it took is kept as `ping_ms`.")
    send: str | None = Field(None, description="Text message to send once connected.")
    expect: str | None = Field(None, description="Text that must be in the first message that comes.")
    validation: WebsocketValidation = Field(
        default_factory=WebsocketValidation, description="What the answers must be."
    )


@dataclass(slots=True)
class Heard:
    """What the server said: the first whole message, milliseconds from ping to pong, the code it closed with."""

    message: str | None = None
    ping_ms: float | None = None
    close_code: int | None = None

    def suffices(self, options: WebsocketOptions) -> bool:
        """Whether all has come that was waited for."""
        wanted = options.expect is not None or options.validation.needs_message
        return (self.ping_ms is not None or not options.ping) and (self.message is not None or not wanted)


async def probe(check: Check, options: WebsocketOptions, context: Context) -> Observation:
    """Up when the upgrade, the ping and the expected message all came."""
    try:
        heard = await _conversation(options, context)
    except TargetError as error:
        return context.failed(check, error)
    failures = [*options.validation.failures(heard), *options.validation.measured(context)]
    if options.expect is not None and options.expect not in (heard.message or ""):
        failures.insert(0, Failure("expect", shown(options.expect), shown(heard.message)))
    return context.judged(check, failures, {} if heard.ping_ms is None else {"ping_ms": heard.ping_ms})


async def _conversation(options: WebsocketOptions, context: Context) -> Heard:
    from websockets.client import ClientProtocol  # noqa: PLC0415 - 70 ms that a run without such a check never pays
    from websockets.exceptions import InvalidURI  # noqa: PLC0415
    from websockets.uri import parse_uri  # noqa: PLC0415

    try:
        place = parse_uri(options.url)
    except (InvalidURI, UnicodeError) as error:
        raise TargetError("protocol", f"the request cannot be sent: {error}") from error
    connection = await context.network.connect(place.host, place.port, context.trace, family=options.family)
    try:
        if place.secure:
            await connection.start_tls(tls_context(options.authority), options.server_name or place.host)
        protocol = ClientProtocol(
            place,
            subprotocols=options.subprotocols or None,  # type: ignore[arg-type]
            max_size=LONGEST_MESSAGE_BYTES,
        )
        session = _Session(connection, protocol)
        context.trace.enter("ttfb")
        await session.upgrade(options.headers, context)
        if options.subprotocols and protocol.subprotocol is None:
            raise TargetError("protocol", f"none of the subprotocols {', '.join(options.subprotocols)} was chosen")
        context.trace.enter("body")
        heard = await _exchange(session, options)
        context.trace.stop()
        heard.close_code = await session.leave(wait=options.validation.close_code is not None)
        return heard
    finally:
        connection.close()


async def _exchange(session: _Session, options: WebsocketOptions) -> Heard:
    heard, message = Heard(), b""
    asked_at = time.perf_counter_ns()
    if session.is_open and options.send is not None:
        session.protocol.send_text(options.send.encode())
    if session.is_open and options.ping:
        session.protocol.send_ping(PING)
    if heard.suffices(options):
        return heard
    async for frame in session.frames():
        # A pong that nobody asked for is allowed (RFC 6455 section 5.5.3) and answers nothing.
        if frame.opcode.name == "PONG" and bytes(frame.data) == PING and heard.ping_ms is None:
            heard.ping_ms = round((time.perf_counter_ns() - asked_at) / NANOSECONDS_PER_MS, 3)
        if frame.opcode.name in {"TEXT", "BINARY", "CONT"} and heard.message is None:
            message += bytes(frame.data)
            heard.message = message.decode("utf-8", "replace") if frame.fin else None
        if heard.suffices(options):
            break
    return heard


class _Session:
    """One WebSocket connection: bytes in, frames out."""

    def __init__(self, connection: Connection, protocol: ClientProtocol) -> None:
        self.protocol = protocol
        self._connection = connection

    @property
    def is_open(self) -> bool:
        """Whether anything can be said: a server may upgrade and say goodbye in one breath."""
        return self.protocol.state.name == "OPEN"

    async def upgrade(self, headers: Mapping[str, str], context: Context) -> None:
        """Asks for the upgrade; TargetError when it is refused or what comes is not HTTP."""
        request = self.protocol.connect()
        for name, value in headers.items():
            request.headers.pop(name, None)
            request.headers[name] = value
        self.protocol.send_request(request)
        head = b""
        while self.protocol.state.name == "CONNECTING" and self.protocol.handshake_exc is None:
            head += await self._turn()
            if refusal := _REFUSAL.match(head):
                raise _refused(int(refusal[1]), context)
        if self.protocol.handshake_exc is not None:
            raise _failed(self.protocol.handshake_exc, context, closed=self._connection.at_end)
        context.trace.http_status = 101

    async def frames(self) -> AsyncIterator[Frame]:
        """The frames as they come; TargetError when the connection ends first or the peer breaks the protocol."""
        from websockets.exceptions import PayloadTooBig  # noqa: PLC0415 - imported by then
        from websockets.frames import Frame  # noqa: PLC0415

        while True:
            for event in self.protocol.events_received():
                if isinstance(event, Frame):
                    yield event
            if self.protocol.close_rcvd is not None:
                raise TargetError("protocol", f"closed with code {self.protocol.close_rcvd.code}")
            if self._connection.at_end:
                raise TargetError("reset", "the connection was closed before the answer was complete")
            if isinstance(self.protocol.parser_exc, PayloadTooBig):
                raise TargetError("too_large", f"the message is longer than {LONGEST_MESSAGE_BYTES} bytes")
            if self.protocol.parser_exc is not None:
                raise TargetError("protocol", f"not a WebSocket message: {self.protocol.parser_exc}")
            await self._turn()

    async def leave(self, *, wait: bool) -> int | None:
        """Says goodbye (1000, normal closure); the code of the answer where it is waited for, None when none came."""
        if self.is_open:
            self.protocol.send_close(1000)
        # All else has been said, and the peer may have gone already.
        with contextlib.suppress(TargetError):
            await self._send()
            while wait and self.protocol.close_rcvd is None and not self._connection.at_end:
                await self._turn()
                self.protocol.events_received()  # or they would pile up
        return self.protocol.close_rcvd.code if self.protocol.close_rcvd else None

    async def _turn(self) -> bytes:
        """What comes next, once all that there is to send has been sent."""
        await self._send()
        data = await self._connection.read()
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
        return data

    async def _send(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                await self._connection.write(data)


def _refused(status: int, context: Context) -> TargetError:
    """Another status than 101 as the target's error."""
    context.trace.http_status = status
    return TargetError(f"status:{status}", "the upgrade was refused")


def _failed(error: Exception, context: Context, *, closed: bool) -> TargetError:
    """A failed upgrade as the target's error."""
    from websockets.exceptions import InvalidStatus  # noqa: PLC0415 - imported by then

    if isinstance(error, InvalidStatus):
        return _refused(error.response.status_code, context)
    if closed:
        return TargetError("reset", "the connection was closed before the upgrade was complete")
    return TargetError("protocol", f"the answer is no upgrade: {error}")


async def warm(options: WebsocketOptions) -> None:
    """Loads the protocol and the authorities before any clock runs."""
    import websockets.client  # noqa: F401, PLC0415 - for its import alone

    if options.url.startswith("wss"):
        tls_context(options.authority)


WEBSOCKET = ProbeType(
    name="websocket",
    schemes=("ws", "wss"),
    options=WebsocketOptions,
    probe=probe,
    summary="Upgrades to a WebSocket, has a ping answered and may hold a short dialogue.",
    warm=warm,
)
