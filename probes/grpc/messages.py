"""The messages of the standard gRPC health service, written and read by hand: they have one field each.

Sources: grpc.health.v1 (https://github.com/grpc/grpc/blob/master/doc/health-checking.md), the protobuf wire format
(https://protobuf.dev/programming-guides/encoding/), and message framing of gRPC over HTTP/2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

PATH = "/grpc.health.v1.Health/Check"
SERVING = "SERVING"
SERVING_STATUS: Mapping[int, str] = {0: "UNKNOWN", 1: SERVING, 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
STATUS_CODES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
"""The names of grpc-status 0 to 16."""

_PREFIX_BYTES = 5
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}
_STATUS_FIELD = 1


def request(service: str) -> bytes:
    """The framed HealthCheckRequest for a service; the empty name is the server as a whole."""
    name = service.encode()
    message = bytes([_STATUS_FIELD << 3 | _BYTES]) + _varint(len(name)) + name if name else b""
    return bytes([0]) + len(message).to_bytes(4, "big") + message


def serving_status(body: bytes) -> str:
    """The status in a framed HealthCheckResponse, by name; ValueError where the body is not exactly one."""
    if len(body) < _PREFIX_BYTES or len(body) - _PREFIX_BYTES != int.from_bytes(body[1:_PREFIX_BYTES], "big"):
        msg = "the body is not exactly one message"
        raise ValueError(msg)
    if body[0]:
        msg = "the message is compressed, which was not offered"
        raise ValueError(msg)
    found = 0
    for field, kind, value in _fields(body[_PREFIX_BYTES:]):
        if field == _STATUS_FIELD:
            if kind != _VARINT:
                msg = "the status is not a number"
                raise ValueError(msg)
            found = value
    return SERVING_STATUS.get(found, f"status {found}")


def status_code(code: int) -> str:
    """`5 NOT_FOUND` for 5."""
    return f"{code} {STATUS_CODES[code]}" if code < len(STATUS_CODES) else str(code)


def _fields(message: bytes) -> Iterator[tuple[int, int, int]]:
    """(field, wire type, number) of every field; the number of one that holds bytes is their length."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        field, kind = tag >> 3, tag & 7
        value = 0
        if kind in {_VARINT, _BYTES}:
            value, at = _read_varint(message, at)
        elif kind not in _WIDTHS:
            msg = f"no field has the wire type {kind}"
            raise ValueError(msg)
        at += value if kind == _BYTES else _WIDTHS.get(kind, 0)
        if field == 0 or at > len(message):
            msg = "the message is cut off or damaged"
            raise ValueError(msg)
        yield field, kind, value


def _varint(number: int) -> bytes:
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """(the number, where the next thing begins); ten bytes at most, as 64 bits need."""
    number = 0
    for shift, byte in enumerate(message[at : at + 10]):
        number |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return number, at + shift + 1
    msg = "a number in the message is cut off or too long"
    raise ValueError(msg)
