"""A web server on loopback that misbehaves in every way that a target may, by path."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Writer = asyncio.StreamWriter
DRIP_SECONDS = 0.02
HEALTH = b'{"status":"ok","database":{"latency_ms":12},"connections":"7","tags":["a","b"],"nothing":null}'


@dataclass
class FaultServer:
    """Where it listens, and what it was asked: a list of (request line, headers) and the number of connections."""

    port: int = 0
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connections: int = 0
    other: str = ""

    def url(self, path: str, scheme: str = "http") -> str:
        """The address of a path."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A complete answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _drip(writer: Writer, piece: bytes) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def _header_drip(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _drip(writer, b"X-Drip: y\r\n")


async def _body_drip(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    await _drip(writer, b"x")


async def _hang(writer: Writer) -> None:
    await asyncio.Event().wait()


async def _huge(writer: Writer) -> None:
    size = 100 * 1024 * 1024
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
    for _ in range(size // 65_536):
        writer.write(b"x" * 65_536)
        await writer.drain()


async def _reset(writer: Writer) -> None:
    writer.transport.abort()


async def _cut(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()


BOMB = gzip.compress(b"\0" * 50_000_000, compresslevel=9)
ANSWERS: Mapping[str, bytes] = {
    "/ok": answer(b"hello world", Content_Type="text/plain", X_Cache="HIT"),
    "/health": answer(HEALTH, Content_Type="application/json"),
    "/503": answer(b"sorry", "503 Service Unavailable"),
    "/garbage": b"\x00\x01\x02 not http at all\r\n\r\n",
    "/bomb": answer(BOMB, Content_Encoding="gzip"),
    "/gzip": answer(gzip.compress(b"hello world"), Content_Encoding="gzip"),
    "/bad-gzip": answer(b"this is not gzip", Content_Encoding="gzip"),
    "/loop": answer(b"", "302 Found", Location="/loop"),
    "/a": answer(b"", "302 Found", Location="/b"),
    "/b": answer(b"", "302 Found", Location="/a"),
    "/moved": answer(b"", "302 Found", Location="/ok"),
    "/metadata": answer(b"", "302 Found", Location="http://169.254.169.254/latest/meta-data/"),
    "/nested": answer(b'{"a":' * 400 + b"1" + b"}" * 400),
    "/nan": answer(b'{"latency_ms": NaN}'),
    "/many-a": answer(b"a" * 60 + b"!"),
    "/mailto": answer(b"", "302 Found", Location="mailto:root@example.com"),
}
DEEDS: Mapping[str, Callable[[Writer], Awaitable[None]]] = {
    "/header-drip": _header_drip,
    "/body-drip": _body_drip,
    "/hang": _hang,
    "/huge": _huge,
    "/reset": _reset,
    "/cut": _cut,
}


@asynccontextmanager
async def fault_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultServer]:
    """The server, for as long as the block lasts."""
    told = FaultServer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        told.connections += 1
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            told.requests.append((head[0], dict(line.split(": ", 1) for line in head[1:] if ": " in line)))
            await _deed(head[0].split()[1], writer, told)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _deed(path: str, writer: Writer, told: FaultServer) -> None:
    if path == "/elsewhere":
        writer.write(answer(b"", "302 Found", Location=told.other))
    elif path in DEEDS:
        await DEEDS[path](writer)
    else:
        writer.write(ANSWERS.get(path, answer(b"nothing here", "404 Not Found")))
    await writer.drain()
