"""One unary gRPC call on one fresh connection: `h2` speaks HTTP/2 without any input or output of its own.

Source: gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from probes.contract import TargetError
from probes.network import Connection
from probes.trace import Trace

if TYPE_CHECKING:
    from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamReset, TrailersReceived

LONGEST_BODY_BYTES = 65_536
STREAM = 1
# RFC 9113 section 3.4: what a server says first is a SETTINGS frame; the type is the fourth byte of its head.
SETTINGS = 4
FRAME_TYPE = 3
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """How a call ended: the number in `grpc-status`, its message, and the body."""

    status: int
    message: str
    body: bytes


class Call:
    """Bytes in, one reply out."""

    def __init__(self, connection: Connection, trace: Trace) -> None:
        from h2.config import H2Configuration  # noqa: PLC0415 - see probes.grpc.warm
        from h2.connection import H2Connection  # noqa: PLC0415

        self._connection = connection
        self._trace = trace
        self._session = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._head = b""
        self._metadata: dict[str, str] = {}
        self._body = b""
        self._ended = False

    async def reply(self, headers: Headers, message: bytes) -> Reply:
        """The reply to this message; TargetError when none comes or it is no gRPC."""
        from h2.exceptions import ProtocolError  # noqa: PLC0415 - see probes.grpc.warm

        self._session.initiate_connection()
        self._session.send_headers(STREAM, headers)
        self._session.send_data(STREAM, message, end_stream=True)
        self._trace.enter("ttfb")
        try:
            while not self._ended:
                await self._turn()
        except ProtocolError as error:
            raise TargetError("protocol", f"the answer is not HTTP/2: {error}") from error
        return Reply(self._status(), unquote(self._metadata.get("grpc-message", "")), self._body)

    async def _turn(self) -> None:
        """Sends what there is to send and takes what comes next."""
        await self._connection.write(self._session.data_to_send())
        data = await self._connection.read()
        if not data:
            raise TargetError("reset", "the connection was closed before the answer was complete")
        self._require_http2(data)
        for event in self._session.receive_data(data):
            take = getattr(self, f"_on_{type(event).__name__}", None)
            if take is not None and not self._ended:
                take(event)

    def _require_http2(self, data: bytes) -> None:
        """TargetError for another protocol: h2 would take its first words for the length of a long frame, and wait."""
        if len(self._head) <= FRAME_TYPE:
            self._head += data[: FRAME_TYPE + 1]
            if len(self._head) > FRAME_TYPE and self._head[FRAME_TYPE] != SETTINGS:
                raise TargetError("protocol", "the answer is not HTTP/2: it does not begin with its settings")

    def _on_ResponseReceived(self, event: ResponseReceived) -> None:  # noqa: N802 - named after the event
        headers = _texts(event.headers)
        self._trace.http_status = int(headers[":status"])
        self._trace.enter("body")
        if self._trace.http_status != 200:
            raise TargetError(f"status:{self._trace.http_status}", "the call was refused")
        if not headers.get("content-type", "").startswith("application/grpc"):
            raise TargetError("protocol", f'the answer is not gRPC but "{headers.get("content-type", "")}"')
        self._metadata.update(headers)

    def _on_DataReceived(self, event: DataReceived) -> None:  # noqa: N802
        self._body += event.data
        if len(self._body) > LONGEST_BODY_BYTES:
            raise TargetError("too_large", f"the answer is larger than {LONGEST_BODY_BYTES} bytes")
        self._session.acknowledge_received_data(event.flow_controlled_length, STREAM)

    def _on_TrailersReceived(self, event: TrailersReceived) -> None:  # noqa: N802
        self._metadata.update(_texts(event.headers))

    def _on_StreamEnded(self, event: object) -> None:  # noqa: N802
        self._ended = True

    def _on_StreamReset(self, event: StreamReset) -> None:  # noqa: N802
        raise TargetError("reset", f"the server reset the call, {_named(event.error_code)}")

    def _on_ConnectionTerminated(self, event: ConnectionTerminated) -> None:  # noqa: N802
        raise TargetError("reset", f"the server closed the connection, {_named(event.error_code)}")

    def _status(self) -> int:
        found = self._metadata.get("grpc-status", "")
        if not (found.isascii() and found.isdigit()):
            raise TargetError("protocol", f'grpc-status is "{found}", which is not a number')
        return int(found)


def _texts(headers: Any) -> Mapping[str, str]:
    return {bytes(name).decode("latin-1"): bytes(value).decode("latin-1") for name, value in headers}


def _named(code: Any) -> str:
    """`HTTP/2 error 7 REFUSED_STREAM`; a code that nobody knows has no name."""
    return f"HTTP/2 error {int(code)} {getattr(code, 'name', '')}".rstrip()
