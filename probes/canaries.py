"""The probe suspects itself: independent hosts that are asked when checks fail, before a service is accused.

Only canaries can excuse a tick. With none configured nothing is ever excused, because all of one's hosts may really be
down.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from secrets import token_bytes
from urllib.parse import SplitResult, urlsplit

from probes.certificates import tls_context
from probes.contract import TargetError
from probes.network import Connection, Network
from probes.trace import Trace

TIMEOUT_SECONDS = 5.0
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "dns": 53}


def can_be_asked(canary: str) -> bool:
    """Whether it is an address with a host, and with a port where the scheme has none of its own."""
    try:
        parts = urlsplit(canary)
        return bool(parts.hostname) and bool(parts.port or PORTS.get(parts.scheme))
    except ValueError:
        return False


async def passed(canaries: Sequence[str], network: Network) -> int:
    """How many of the canaries can be reached, all asked at once."""
    return sum(await asyncio.gather(*(_reached(canary, network) for canary in canaries)))


async def _reached(canary: str, network: Network) -> bool:
    """Whether the network carries to this host.

    A web address must answer (whatever it says; over HTTPS its certificate proves that it is the one that was meant),
    a resolver must answer a question, with all others a connection is enough.
    """
    try:
        parts = urlsplit(canary)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            if parts.scheme == "dns":
                return await _answers(network, (host, port), parts.path.strip("/"))
            connection = await network.connect(host, port, Trace())
            try:
                return parts.scheme not in {"http", "https"} or await _greets(connection, parts)
            finally:
                connection.close()
    # ValueError: what a variable held is no address.
    except (TargetError, TimeoutError, ValueError):
        return False


async def _greets(connection: Connection, parts: SplitResult) -> bool:
    """Whether a web server answers at all."""
    host = parts.hostname or ""
    if parts.scheme == "https":
        await connection.start_tls(tls_context(), host)
    await connection.write(f"HEAD {parts.path or '/'} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    return (await connection.read_until(b"\r\n")).startswith(b"HTTP/")


async def _answers(network: Network, server: tuple[str, int], name: str) -> bool:
    """Whether a resolver answers at all (RFC 1035 section 4.1): the identity comes back in a response."""
    identity = token_bytes(2)
    labels = b"".join(bytes([len(label)]) + label for label in name.encode("idna").split(b".") if label)
    question = identity + struct.pack("!5H", 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)
    door = await network.datagrams(*server, Trace())
    try:
        await door.send(question)
        answer = await door.receive()
    finally:
        door.close()
    return answer[:2] == identity and len(answer) > 2 and bool(answer[2] & 0x80)
