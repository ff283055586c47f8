"""The HTTP client: httpx and httpcore live behind this module alone, and get their sockets from `probes.network`.

Every request has a connection of its own; a redirect to another origin carries nothing that was configured.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from probes.assertions import Answer
from probes.body import Body
from probes.certificates import tls_context
from probes.contract import Context, TargetError
from probes.network import Connection, Network
from probes.trace import Trace

if TYPE_CHECKING:
    from probes.http import HttpOptions

DEFAULT_HEADERS = {"user-agent": "statusledger", "accept": "*/*", "accept-encoding": "gzip, deflate"}
PORTS = {"http": 80, "https": 443}
ALPN = ("http/1.1",)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# RFC 9110 section 15.4: these carry the method and the body along.
KEEPS_BODY = frozenset({307, 308})

# At INFO they log whole addresses, with whatever secret stands in them.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)


async def rehearse() -> None:
    """One request without a network: what the libraries load with their first one is loaded then."""
    door = httpcore.AsyncMockBackend([b"HTTP/1.1 204 No Content\r\n\r\n"])
    async with httpcore.AsyncConnectionPool(network_backend=door) as pool:
        await pool.request("GET", "http://rehearsal.invalid/")


async def fetch(options: HttpOptions, context: Context) -> Answer:
    """The answer to the last request of the chain; TargetError when there is none."""
    request = _first(options)
    seen = {str(request.url)}
    for _ in range(options.max_redirects):
        answer = await _hop(request, options, context)
        location = answer.header("location") if answer.status in REDIRECTS else None
        if location is None:
            return answer
        request = _redirected(request, answer, location, options.headers)
        if str(request.url) in seen:
            raise TargetError("redirect_loop", f"redirected again to {request.url}")
        seen.add(str(request.url))
    answer = await _hop(request, options, context)
    if options.max_redirects and answer.status in REDIRECTS:
        raise TargetError("redirect_loop", f"more than {options.max_redirects} redirects")
    return answer


def _first(options: HttpOptions) -> httpx.Request:
    try:
        return httpx.Request(
            options.method,
            options.url,
            headers={**DEFAULT_HEADERS, **{name.lower(): value for name, value in options.headers.items()}},
            content=options.body.encode() if options.body is not None else None,
        )
    except (httpx.InvalidURL, UnicodeEncodeError) as error:
        raise TargetError("protocol", f"the request cannot be sent: {error}") from error


def _redirected(request: httpx.Request, answer: Answer, location: str, configured: Mapping[str, str]) -> httpx.Request:
    """The next request of the chain."""
    target = _target(request.url, location)
    same = _origin(target) == _origin(request.url)
    dropped = {"host", "content-length", "transfer-encoding"} | (set() if same else set(map(str.lower, configured)))
    headers = [(name, value) for name, value in request.headers.multi_items() if name not in dropped]
    if answer.status not in KEEPS_BODY:
        method = "HEAD" if request.method == "HEAD" else "GET"
        return httpx.Request(method, target, headers=headers)
    if request.content and not same:
        raise TargetError(
            "protocol", f"redirected with its body to another origin, {target.host}; that is not followed"
        )
    return httpx.Request(request.method, target, headers=headers, content=request.content or None)


def _target(base: httpx.URL, location: str) -> httpx.URL:
    try:
        target = base.join(location)
    except httpx.InvalidURL as error:
        raise TargetError("protocol", f'redirected to "{location}", which is no address') from error
    if target.scheme not in PORTS or not target.host:
        raise TargetError("protocol", f'redirected to "{location}", which is not HTTP')
    return target


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or PORTS[url.scheme]


async def _hop(request: httpx.Request, options: HttpOptions, context: Context) -> Answer:
    """One request on one fresh connection."""
    door = _Door(context.network, context.trace)
    tls = tls_context(options.ca_file, ALPN) if request.url.scheme == "https" else None
    try:
        async with httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=1, max_keepalive_connections=0, network_backend=door
        ) as pool:
            answer = await _received(pool, request, options, context.trace)
            context.trace.reused |= door.connection is None
            return answer
    except httpcore.ProtocolError as error:
        if door.was_closed:
            raise TargetError("reset", "the connection was closed before the answer was complete") from error
        raise TargetError("protocol", f"the answer is not HTTP: {error}") from error
    finally:
        door.close()


async def _received(
    pool: httpcore.AsyncConnectionPool, request: httpx.Request, options: HttpOptions, trace: Trace
) -> Answer:
    async with pool.stream(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.content or None,
    ) as response:
        trace.enter("body")
        trace.http_status = response.status
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
        encoding = Answer(response.status, headers, b"").header("content-encoding") or ""
        body = Body("" if request.method == "HEAD" else encoding, options.max_bytes)
        async for chunk in response.aiter_stream():
            body.feed(chunk)
        content = body.finish()
        trace.body_size = len(content)
        trace.enter(None)
        return Answer(response.status, headers, content)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection of ours as httpcore wants it; its timeouts are ignored, the attempt has one deadline."""

    def __init__(self, connection: Connection, trace: Trace) -> None:
        self._connection = connection
        self._trace = trace

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._connection.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._trace.phase is None:
            self._trace.enter("ttfb")
        await self._connection.write(buffer)

    async def aclose(self) -> None:
        self._connection.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Stream:
        await self._connection.start_tls(ssl_context, server_hostname or "")
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._connection.tls if info == "ssl_object" else None


class _Door(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network; remembers whether it was used, and how the connection ended."""

    def __init__(self, network: Network, trace: Trace) -> None:
        self._network = network
        self._trace = trace
        self.connection: Connection | None = None

    @property
    def was_closed(self) -> bool:
        """Whether the peer closed the connection."""
        return self.connection is not None and self.connection.at_end

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> _Stream:
        self.connection = await self._network.connect(host, port, self._trace)
        return _Stream(self.connection, self._trace)

    def close(self) -> None:
        """Ends the connection, however far it came."""
        if self.connection is not None:
            self.connection.close()
