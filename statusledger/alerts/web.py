"""A request to another machine, and what became of it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator

import httpx

from statusledger.channels.contract import Answer, Outcome, Request

ANSWER_BYTES = 64 * 1024

# what happened before anything was sent, and what may have happened after it arrived
_HTTP_FAULTS: tuple[tuple[type[Exception], str, bool], ...] = (
    (httpx.ConnectTimeout, "connect_timeout", False),
    (httpx.PoolTimeout, "connect_timeout", False),
    (httpx.ConnectError, "refused", False),
    (httpx.ProxyError, "refused", False),
    (httpx.ReadTimeout, "ttfb_timeout", True),
    (httpx.TimeoutException, "deadline", True),
    (httpx.TransportError, "reset", True),
)


def asked(request: Request, timeout_seconds: float, tls: ssl.SSLContext) -> Answer | Outcome:
    """The answer, or why there is none."""
    deadline = time.monotonic() + 2 * timeout_seconds
    try:
        with (
            httpx.Client(timeout=timeout_seconds, verify=tls) as client,
            client.stream(request.method, request.url, content=request.body, headers=dict(request.headers)) as response,
        ):
            body = b""
            for part in response.iter_bytes(4096):
                body += part
                # an answer without an end says enough by its beginning
                if len(body) >= ANSWER_BYTES or time.monotonic() > deadline:
                    break
            return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError) as error:
        return Outcome("protocol", f"the address or a header cannot be used: {error}", permanent=True)
    except httpx.HTTPError as error:
        code, doubtful = next((code, doubt) for kind, code, doubt in _http_faults() if isinstance(error, kind))
        return Outcome(code, str(error), doubtful=doubtful)


def _http_faults() -> Iterator[tuple[type[Exception], str, bool]]:
    yield from _HTTP_FAULTS
    yield httpx.HTTPError, "protocol", True
