"""A server on loopback that hears datagrams and answers each with whatever a function says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

Answers = Callable[[bytes], Sequence[bytes]]


class _Server(asyncio.DatagramProtocol):
    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        for answer in self._answers(data):
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def datagram_server(answers: Answers, port: int = 0, *, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """The port of the server, for as long as the block lasts."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Server(answers), local_addr=(host, port))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
