"""The HTTP client: httpx and httpcore live behind this module alone, and get their sockets from `probes.network`.

Nothing is taken from the environment (no proxies, no .netrc). Every request has a connection of its own; a redirect to
another origin carries nothing that was configured.
"""

from __future__ import annotations

import logging
import ssl
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import h2.exceptions
import httpcore
import httpx

from probes.assertions.answer import Answer
from probes.authentication import authorization
from probes.body import Body
from probes.certificates import tls_context
from probes.contract import Context, TargetError
from probes.excerpt import BEGINNING_BYTES
from probes.network import Connection
from probes.trace import Trace

if TYPE_CHECKING:
    from probes.http import Request

DEFAULT_HEADERS = {"user-agent": "statusledger", "accept": "*/*", "accept-encoding": "gzip, deflate"}
PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# RFC 9110 section 15.4: these carry the method and the body along.
KEEPS_BODY = frozenset({307, 308})
# Content-Length may stand for a body that was not sent (RFC 9110 section 8.6).
NO_BODY = frozenset({204, 304})
ANONYMOUS = {"client_certificate": None, "client_key": None, "server_name": None}

# At INFO they log whole addresses, with whatever secret stands in them.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)


async def rehearse() -> None:
    """One request without a network: what the libraries load with their first one is loaded then."""
    door = httpcore.AsyncMockBackend([b"HTTP/1.1 204 No Content\r\n\r\n"])
    async with httpcore.AsyncConnectionPool(network_backend=door) as pool:
        await pool.request("GET", "http://rehearsal.invalid/")


def alpn(options: Request) -> tuple[str, ...]:
    """The protocols to offer, in the order in which httpcore would."""
    return ("http/1.1", "h2") if options.http2 else ("http/1.1",)


async def fetch(options: Request, context: Context, cookies: httpx.Cookies | None = None) -> Answer:
    """The answer to the last request of the chain; TargetError when there is none.

    `cookies` are sent where they belong, and take what servers set.
    """
    configured = {name.lower(): value for name, value in options.headers.items()}
    configured |= await authorization(options, context)
    request = _first(options, configured)
    asked: list[tuple[str, ...]] = []
    while True:
        if cookies is not None:
            cookies.set_cookie_header(request)
        # The same address again is no circle when a cookie was set or a form was sent in between.
        if (now := (str(request.url), request.method, request.headers.get("cookie", ""))) in asked:
            raise TargetError("redirect_loop", f"redirected again to {request.url}")
        asked.append(now)
        answer = await _hop(request, options, context, cookies)
        location = answer.header("location") if answer.status in REDIRECTS else None
        if location is None or not options.max_redirects:
            return replace(answer, url=str(request.url), redirects=tuple(url for url, *_ in asked[1:]))
        if len(asked) > options.max_redirects:
            raise TargetError("redirect_loop", f"more than {options.max_redirects} redirects")
        here, request = request, _redirected(request, answer, location, configured)
        if _origin(request.url) != _origin(here.url):
            options = options.model_copy(update=ANONYMOUS)


def out_of_time(trace: Trace, who: str) -> TargetError:
    """The error of somebody who was still in a phase of this trace when the time was up."""
    return trace.fault or TargetError(f"{trace.phase}_timeout" if trace.phase else "deadline", f"{who} was too slow")


def _first(options: Request, configured: Mapping[str, str]) -> httpx.Request:
    content = None if options.body is None else options.body.encode()
    try:
        return httpx.Request(options.method, options.url, headers={**DEFAULT_HEADERS, **configured}, content=content)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise TargetError("protocol", f"the request cannot be sent: {error}") from error


def _redirected(request: httpx.Request, answer: Answer, location: str, configured: Mapping[str, str]) -> httpx.Request:
    """The next request of the chain."""
    target = _target(request.url, location)
    same = _origin(target) == _origin(request.url)
    dropped = {"content-length", "transfer-encoding"} | ({"host", "cookie"} - set(configured))
    if not same:
        dropped |= set(configured)
    if answer.status not in KEEPS_BODY:
        dropped |= {"content-type"}
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
        # No name has a percent sign, and a zone (RFC 6874) means something on its own machine only.
        named = bool(target.host) and "%" not in target.host
        is_http = target.scheme in PORTS and named and 0 < (target.port or 1) < 65_536
    except (httpx.InvalidURL, ValueError) as error:
        raise TargetError("protocol", f'redirected to "{location}", which is no address') from error
    if not is_http:
        raise TargetError("protocol", f'redirected to "{location}", which is not HTTP')
    return target


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or PORTS[url.scheme]


async def _hop(request: httpx.Request, options: Request, context: Context, cookies: httpx.Cookies | None) -> Answer:
    """One request on one fresh connection."""
    door = _Door(context, options)
    tls = tls_context(options.authority, alpn(options)) if request.url.scheme == "https" else None
    try:
        async with _way(request, options, tls, door) as way:
            answer = await _received(way, request, options, context)
    except httpcore.ProxyError as error:
        raise TargetError("protocol", f"the proxy refused: {error}") from error
    # What breaks HTTP/2 while a body is read comes through as the library below saw it; a status that is no number too.
    except (httpcore.ProtocolError, h2.exceptions.H2Error, ValueError) as error:
        if door.was_closed:
            raise TargetError("reset", "the connection was closed before the answer was complete") from error
        raise TargetError("protocol", f"the answer is not HTTP: {error}") from error
    finally:
        door.close()
    context.trace.reused |= door.connection is None
    if cookies is not None:
        _keep(cookies, answer, request, context)
    return answer


def _keep(cookies: httpx.Cookies, answer: Answer, request: httpx.Request, context: Context) -> None:
    """Takes what the server has set: a secret, and for the port that it came from alone."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    with warnings.catch_warnings(action="ignore"):  # the library below warns of cookies that it cannot read
        cookies.extract_cookies(httpx.Response(answer.status or 0, headers=headers, request=request))
    for cookie in list(cookies.jar):
        cookie.port = cookie.port or str(request.url.port or 80)
        context.hide(cookie.value or "")
        if not f"{cookie.name}{cookie.value}".isascii():  # RFC 6265 section 4.1.1: it could not be sent back
            cookies.jar.clear(cookie.domain, cookie.path, cookie.name)


def _way(
    request: httpx.Request, options: Request, tls: ssl.SSLContext | None, door: _Door
) -> httpcore.AsyncHTTPConnection | httpcore.AsyncConnectionPool:
    """One connection to the server, or one through the proxy."""
    if options.proxy:
        return httpcore.AsyncConnectionPool(
            ssl_context=tls, proxy=_proxy(options.proxy), http2=options.http2, network_backend=door
        )
    scheme, host, port = _origin(request.url)
    origin = httpcore.Origin(scheme.encode(), host.encode(), port)
    return httpcore.AsyncHTTPConnection(origin, ssl_context=tls, http2=options.http2, network_backend=door)


def _proxy(url: str) -> httpcore.Proxy:
    parts = urlsplit(url)
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore.Proxy(f"http://{parts.netloc.rpartition('@')[2]}", auth=auth)


async def _received(
    way: httpcore.AsyncHTTPConnection | httpcore.AsyncConnectionPool,
    request: httpx.Request,
    options: Request,
    context: Context,
) -> Answer:
    trace = context.trace
    async with way.stream(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.content or None,
    ) as response:
        trace.enter("body")
        if not 100 <= response.status <= 999:
            raise TargetError("protocol", f"the answer is not HTTP: its status is {response.status}")
        trace.http_status = response.status
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
        version = response.extensions["http_version"].decode("ascii", "replace").removeprefix("HTTP/")
        answer = Answer(response.status, headers, b"", http_version=version, at=context.now)
        has_body = request.method != "HEAD" and response.status not in NO_BODY
        trace.headers = headers
        body = Body(answer.header("content-encoding") or "" if has_body else "", options.max_bytes)
        try:
            async for chunk in response.aiter_stream():
                body.feed(chunk)
            content = body.finish()
        finally:
            trace.beginning = body.beginning(BEGINNING_BYTES)
        trace.body_size = len(content)
        trace.enter(None)
        return replace(answer, body=content)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection of ours as httpcore wants it; its timeouts are ignored, the attempt has one deadline."""

    def __init__(self, connection: Connection, trace: Trace, server_name: str | None) -> None:
        self._connection = connection
        self._trace = trace
        self._server_name = server_name

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
        await self._connection.start_tls(ssl_context, self._server_name or server_hostname or "")
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._connection.tls if info == "ssl_object" else None


class _Door(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network; remembers whether it was used, and how the connection ended."""

    def __init__(self, context: Context, options: Request) -> None:
        self._context = context
        self._family = options.family
        self._server_name = options.server_name
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
        trace = self._context.trace
        self.connection = await self._context.network.connect(host, port, trace, family=self._family)
        return _Stream(self.connection, trace, self._server_name)

    def close(self) -> None:
        """Ends the connection, however far it came."""
        if self.connection is not None:
            self.connection.close()
