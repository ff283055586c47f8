"""A TCP proxy on loopback that hands a server's answer on in every bad way that a network knows."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from one_check import peer

DRIP_SECONDS = 0.02

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Fault = Callable[[Reader, Writer], Awaitable[None]]


async def _reset(answer: Reader, client: Writer) -> None:
    """Breaks the connection (RST)."""
    broken = client.get_extra_info("socket")
    broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.transport.abort()


async def _cut(answer: Reader, client: Writer) -> None:
    """Ends the connection in good order, too early."""
    client.close()


async def _half_close(answer: Reader, client: Writer) -> None:
    """Ends its own side and goes on listening."""
    client.write_eof()
    await asyncio.Event().wait()


async def _silence(answer: Reader, client: Writer) -> None:
    """Holds the rest back for ever."""
    await asyncio.Event().wait()


async def _drip(answer: Reader, client: Writer) -> None:
    """Hands the rest on byte by byte."""
    while data := await answer.read(1):
        client.write(data)
        await client.drain()
        await asyncio.sleep(DRIP_SECONDS)


FAULTS: Mapping[str, Fault] = {
    "reset": _reset, "cut": _cut, "half-close": _half_close, "silence": _silence, "drip": _drip,
}  # fmt: skip


@asynccontextmanager
async def fault_proxy(port: int, fault: str, *, after: int = 0) -> AsyncIterator[int]:
    """The port of a proxy of the server on `port`; the fault comes once `after` bytes of its answer were handed on."""

    async def relay(from_client: Reader, to_client: Writer) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
        asking = asyncio.create_task(_pass_on(from_client, to_server))
        try:
            await _pass_on(from_server, to_client, after)
            await FAULTS[fault](from_server, to_client)
        finally:
            asking.cancel()
            to_server.close()

    async with peer(relay) as proxy:
        yield proxy


async def _pass_on(source: Reader, sink: Writer, most: int = sys.maxsize) -> None:
    """Hands on so many bytes, as they come."""
    while most > 0 and (data := await source.read(min(most, 65_536))):
        most -= len(data)
        sink.write(data)
        await sink.drain()
