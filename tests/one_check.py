"""One check of a type, asked once by the real runner against loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from unittest import mock

from probes import PROBES
from probes.contract import ProbeType
from probes.run import Settings, run
from statusledger.clock import now_ms
from statusledger.model import Check, Observation
from statusledger.secrets import Secrets

LOOPBACK = ("127.0.0.0/8", "::1/128")
TIMEOUT_MS = 400
PATIENT_MS = 20_000

Deed = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def observed(
    kind: ProbeType,
    options: Mapping[str, Any],
    *,
    timeout_ms: int = PATIENT_MS,
    environ: Mapping[str, str] | None = None,
    allow: tuple[str, ...] = LOOPBACK,
) -> Observation:
    """What a check with these options says at its only attempt."""
    with mock.patch.dict(PROBES, {kind.name: kind}):
        one = Check("target", "target", kind.name, kind.options.model_validate(options), 30_000, timeout_ms, retries=0)
        (tick,) = await run(
            [(one, 0)],
            location="here",
            secrets=Secrets(environ or {}),
            settings=Settings(allow_networks=allow),
            now=now_ms,
        )
    return tick.observations[0]


def observation(kind: ProbeType, options: Mapping[str, Any], **settings: Any) -> Observation:
    """The same from where no loop runs."""
    return asyncio.run(observed(kind, options, **settings))


@asynccontextmanager
async def peer(deed: Deed) -> AsyncIterator[int]:
    """The port of a server that does one thing with every connection, for as long as the block lasts."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await deed(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and says nothing."""
    while await reader.read(65_536):
        pass


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hears the first words and breaks the connection."""
    await reader.read(1)
    writer.transport.abort()


def says(answer: bytes) -> Deed:
    """A deed: hears the first words, answers with these bytes whatever they were, and stays silent."""

    async def deed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()
        await silence(reader, writer)

    return deed


def patience(code: str | None) -> int:
    """How long to wait for an outcome, in ms: not long where it is that the time is up, else as long as it takes."""
    return TIMEOUT_MS if code and code.endswith("_timeout") else PATIENT_MS


def against(
    kind: ProbeType, deed: Deed, url: str, *, timeout_ms: int, options: Mapping[str, Any] | None = None
) -> Observation:
    """What a check says of a server that does this; `{}` in the address is its port."""

    async def ask() -> Observation:
        async with peer(deed) as port:
            return await observed(kind, {"url": url.format(port), **(options or {})}, timeout_ms=timeout_ms)

    return asyncio.run(ask())


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
