"""The sample services that the demo watches on loopback: an HTTP API, a web front end, WebSocket, TCP, UDP and DNS.

Each takes a free port; `running` hands out the addresses as the environment variables that the demo's checks.yml
names. Alone, `python examples/demo/services.py` prints them as NAME=value lines and serves until Ctrl-C.

What is wrong with them, on purpose and by the clock (UTC):
- `/api/slow` always takes 0.7 s: its check is degraded.
- `/api/flaky` answers 503 in the minutes 3, 8, 13, ... of every hour (minute % 5 == 3) and 200 in the others.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import cast

import dns.message
import dns.rrset
from websockets.asyncio.server import Server, ServerConnection, serve

HOST = "127.0.0.1"
SLOW_SECONDS = 0.7
REQUEST_SECONDS = 5.0
FLAKY_EVERY_MINUTES = 5
FLAKY_MINUTE = 3
GONE = (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
BANNER = b"220 gateway.acme.example ready\r\n"
ADDRESS_OF_EVERYTHING = "192.0.2.10"
TOKEN = secrets.token_hex(16)

Clock = Callable[[], datetime]
Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route says; `delay_seconds` is how long it takes to say it."""

    body: bytes
    content_type: str = "application/json"
    status: HTTPStatus = HTTPStatus.OK
    delay_seconds: float = 0.0


Route = Callable[[datetime], Answer]


def _json(document: object, *, status: HTTPStatus = HTTPStatus.OK, delay_seconds: float = 0.0) -> Answer:
    return Answer(json.dumps(document).encode(), status=status, delay_seconds=delay_seconds)


def _page(title: str, text: str) -> Answer:
    html = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>'
    return Answer(html.encode(), "text/html; charset=utf-8")


def _root(_now: datetime) -> Answer:
    return _json({"version": "1.4.2", "status": "ok"})


def _health(now: datetime) -> Answer:
    return _json(
        {"status": "ok", "connections": 40 + now.minute % 10, "database": {"latency_ms": 8 + now.second % 5}},
    )


def _slow(_now: datetime) -> Answer:
    return _json({"status": "ok", "report": "monthly"}, delay_seconds=SLOW_SECONDS)


def _flaky(now: datetime) -> Answer:
    if now.minute % FLAKY_EVERY_MINUTES == FLAKY_MINUTE:
        return _json({"status": "unavailable"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return _json({"status": "ok"})


def _login(_now: datetime) -> Answer:
    return _json({"access_token": TOKEN})


def _profile(_now: datetime) -> Answer:
    return _json({"id": 7, "email": "probe@acme.example", "first_name": "Probe"})


def _search(_now: datetime) -> Answer:
    return _json({"hits": [{"title": "Invoices"}, {"title": "Insights"}]})


API: Mapping[str, Route] = {
    "/api/": _root,
    "/api/health": _health,
    "/api/slow": _slow,
    "/api/flaky": _flaky,
    "/api/login": _login,
    "/api/profile": _profile,
}
WEB: Mapping[str, Route] = {
    "/": lambda _now: _page("Acme", "Everything that a business needs."),
    "/docs/": lambda _now: _page("Acme documentation", "Start here."),
    "/search": _search,
}


@asynccontextmanager
async def running(clock: Clock = lambda: datetime.now(UTC)) -> AsyncIterator[dict[str, str]]:
    """The addresses of the services, by the names of their environment variables, while they are up."""
    async with AsyncExitStack() as stack:

        async def listen(handler: Connection) -> str:
            return _address(await stack.enter_async_context(await asyncio.start_server(handler, HOST, 0)))

        yield {
            "DEMO_API_URL": f"http://{await listen(partial(_answer_http, API, clock))}",
            "DEMO_WEB_URL": f"http://{await listen(partial(_answer_http, WEB, clock))}",
            "DEMO_TCP_URL": f"tcp://{await listen(_greet)}",
            "DEMO_WEBSOCKET_URL": f"ws://{_address(await stack.enter_async_context(serve(_talk, HOST, 0)))}",
            "DEMO_UDP_URL": f"udp://{await _datagrams(stack, _ping)}",
            "DEMO_DNS_URL": f"dns://{await _datagrams(stack, _name)}",
        }


async def _datagrams(stack: AsyncExitStack, answer: Callable[[bytes], bytes]) -> str:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(partial(_Datagrams, answer), local_addr=(HOST, 0))
    stack.callback(transport.close)
    return "{}:{}".format(*transport.get_extra_info("sockname"))


class _Datagrams(asyncio.DatagramProtocol):
    """Answers every datagram with one."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.sendto(self._answer(data), addr)


def _ping(data: bytes) -> bytes:
    return b"pong" if data == b"ping" else b"?"


def _name(data: bytes) -> bytes:
    """Every name has the same address."""
    question = dns.message.from_wire(data)
    answer = dns.message.make_response(question)
    answer.answer.append(dns.rrset.from_text(question.question[0].name, 300, "IN", "A", ADDRESS_OF_EVERYTHING))
    return answer.to_wire()


def _address(server: asyncio.Server | Server) -> str:
    host, port = next(iter(server.sockets)).getsockname()[:2]
    return f"{host}:{port}"


async def _answer_http(
    routes: Mapping[str, Route], clock: Clock, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """One request, one answer, one connection: nothing here keeps a connection alive."""
    with (
        closing(writer),
        suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError),
    ):
        async with asyncio.timeout(REQUEST_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        answer = _route(head, routes, clock())
        await asyncio.sleep(answer.delay_seconds)
        writer.write(
            f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
            f"Content-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(answer.body)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + answer.body
        )
        await writer.drain()


def _route(head: bytes, routes: Mapping[str, Route], now: datetime) -> Answer:
    method, _, rest = head.decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if method != ("POST" if path == "/api/login" else "GET"):
        return _json({"error": f"{method} is not answered here"}, status=HTTPStatus.METHOD_NOT_ALLOWED)
    if path == "/api/profile" and f"bearer {TOKEN}" not in head.decode("latin-1").lower():
        return _json({"error": "log in first"}, status=HTTPStatus.UNAUTHORIZED)
    route = routes.get(path)
    return route(now) if route else _json({"error": f"there is no {path}"}, status=HTTPStatus.NOT_FOUND)


async def _greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The banner of a mail-like gateway, then the end of the connection."""
    with closing(writer), suppress(ConnectionError):
        writer.write(BANNER)
        await writer.drain()


async def _talk(connection: ServerConnection) -> None:
    """`/health` answers every message with its state as JSON, every other path with the message itself."""
    health = connection.request is not None and connection.request.path == "/health"
    async for message in connection:
        connections = len(connection.server.connections)
        await connection.send(json.dumps({"status": "ok", "connections": connections}) if health else message)


async def _serve_until_stopped() -> None:
    async with running() as addresses:
        for name, address in addresses.items():
            print(f"{name}={address}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve_until_stopped())
