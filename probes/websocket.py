"""WebSocket: the upgrade, a ping that must be answered, and with `expect`, a message that must come.

RFC 6455 is spoken by the sans-I/O half of `websockets`; sockets come from `probes.network` like all others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from probes.certificates import tls_context
from probes.comparison import shown
from probes.contract import Context, Options, ProbeType, TargetError
from probes.network import Connection
from statusledger.model import Check, Failure, Observation

if TYPE_CHECKING:
    from websockets.client import ClientProtocol
    from websockets.frames import Frame

LONGEST_MESSAGE_BYTES = 1_048_576
PING = b"statusledger"
PORTS = {"ws": 80, "wss": 443}


def _address(text: str) -> str:
    if "{{" in text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in PORTS or not parts.hostname:
        msg = f'"{text}" is not a WebSocket address; write e.g. wss://example.com/live'
        raise ValueError(msg)
    return text


class WebsocketOptions(Options):
    """Where to connect, and what is said there."""

    url: Annotated[str, AfterValidator(_address)] = Field(description="Address, ws:// or wss://.")
    headers: Mapping[str, str] = Field({}, description="Headers of the upgrade request.")
    ping: bool = Field(True, description="Whether a ping must be answered.")
    send: str | None = Field(None, description="Text message to send once connected.")
    expect: str | None = Field(None, description="Text that must be in the first message that comes.")
    ca_file: str | None = Field(None, description="Authorities (PEM file) to trust instead of the machine's.")


async def probe(check: Check, options: WebsocketOptions, context: Context) -> Observation:
    """Up when the upgrade, the ping and the expected message all came."""
    try:
        failures = await _conversation(options, context)
    except TargetError as error:
        return context.failed(check, error)
    return context.judged(check, failures)


async def _conversation(options: WebsocketOptions, context: Context) -> tuple[Failure, ...]:
    from websockets.client import ClientProtocol  # noqa: PLC0415 - 70 ms that a run without such a check never pays
    from websockets.uri import parse_uri  # noqa: PLC0415

    address = parse_uri(options.url)
    connection = await context.network.connect(address.host, address.port, context.trace)
    try:
        if address.secure:
            await connection.start_tls(tls_context(options.ca_file), address.host)
        session = _Session(connection, ClientProtocol(address, max_size=LONGEST_MESSAGE_BYTES))
        context.trace.enter("ttfb")
        await session.upgrade(options.headers, context)
        context.trace.enter("body")
        failures = await _exchange(session, options)
        context.trace.stop()
        await session.leave()
        return failures
    finally:
        connection.close()


async def _exchange(session: _Session, options: WebsocketOptions) -> tuple[Failure, ...]:
    if options.send is not None:
        session.protocol.send_text(options.send.encode())
    if options.ping:
        session.protocol.send_ping(PING)
    answered, message, whole = not options.ping, b"", False
    async for frame in session.frames():
        answered = answered or frame.opcode.name == "PONG"
        if frame.opcode.name in {"TEXT", "BINARY", "CONT"} and not whole:
            message, whole = message + bytes(frame.data), frame.fin
        if answered and (options.expect is None or whole):
            break
    text = message.decode("utf-8", "replace")
    if options.expect is None or options.expect in text:
        return ()
    return (Failure("expect", shown(options.expect), shown(text)),)


class _Session:
    """One WebSocket connection: bytes in, frames out."""

    def __init__(self, connection: Connection, protocol: ClientProtocol) -> None:
        self.protocol = protocol
        self._connection = connection

    async def upgrade(self, headers: Mapping[str, str], context: Context) -> None:
        """Asks for the upgrade; TargetError when it is refused or what comes is not HTTP."""
        request = self.protocol.connect()
        for name, value in headers.items():
            request.headers[name] = value
        self.protocol.send_request(request)
        while self.protocol.state.name == "CONNECTING" and self.protocol.handshake_exc is None:
            await self._turn()
        if self.protocol.handshake_exc is not None:
            raise _refused(self.protocol.handshake_exc, context, closed=self._connection.at_end)
        context.trace.http_status = 101

    async def frames(self) -> AsyncIterator[Frame]:
        """The frames as they come; TargetError when the connection ends first or the peer breaks the protocol."""
        from websockets.frames import Frame  # noqa: PLC0415 - imported by then

        while True:
            for event in self.protocol.events_received():
                if isinstance(event, Frame):
                    yield event
            if self.protocol.parser_exc is not None:
                raise TargetError("protocol", f"not a WebSocket message: {self.protocol.parser_exc}")
            if self.protocol.close_rcvd is not None:
                raise TargetError("protocol", f"closed with code {self.protocol.close_rcvd.code}")
            if self._connection.at_end:
                raise TargetError("reset", "the connection was closed before the answer was complete")
            await self._turn()

    async def leave(self) -> None:
        """Says goodbye (1000, normal closure) without waiting for an answer."""
        self.protocol.send_close(1000)
        await self._send()

    async def _turn(self) -> None:
        """Sends what there is to send and takes what comes next."""
        await self._send()
        data = await self._connection.read()
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()

    async def _send(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                await self._connection.write(data)


def _refused(error: Exception, context: Context, *, closed: bool) -> TargetError:
    """A failed upgrade as the target's error."""
    from websockets.exceptions import InvalidStatus  # noqa: PLC0415 - imported by then

    if isinstance(error, InvalidStatus):
        context.trace.http_status = error.response.status_code
        return TargetError(f"status:{error.response.status_code}", "the upgrade was refused")
    if closed:
        return TargetError("reset", "the connection was closed before the upgrade was complete")
    return TargetError("protocol", f"the answer is no upgrade: {error}")


async def warm(options: WebsocketOptions) -> None:
    """Loads the protocol and the authorities before any clock runs."""
    import websockets.client  # noqa: F401, PLC0415 - for its import alone

    if options.url.startswith("wss"):
        tls_context(options.ca_file)


WEBSOCKET = ProbeType(
    name="websocket",
    schemes=("ws", "wss"),
    options=WebsocketOptions,
    probe=probe,
    summary="Upgrades to a WebSocket, has a ping answered and may hold a short dialogue.",
    warm=warm,
)
