"""An RDAP server on loopback that is strict about what it is asked (RFC 7480, 9082) and answers by RFC 9083."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MEDIA_TYPE = "application/rdap+json"
CONFORMANCE = ["rdap_level_0"]
_QUERY = re.compile(r"/(?P<base>[a-z]+)/domain/(?P<name>[a-z0-9.-]+)")


def event(action: str, at: datetime) -> dict[str, str]:
    """Something that happened, or will."""
    return {"eventAction": action, "eventDate": at.isoformat().replace("+00:00", "Z")}


def domain(name: str, days: float | None = None, statuses: Sequence[str] = ("active",), **other: Any) -> dict[str, Any]:
    """An RDAP domain that expires in so many days; without them it does not say when."""
    now = datetime.now(UTC)
    events = [event("registration", now - timedelta(days=900)), event("last changed", now - timedelta(days=9))]
    if days is not None:
        events.append(event("expiration", now + timedelta(days=days)))
    return {
        "rdapConformance": CONFORMANCE,
        "objectClassName": "domain",
        "handle": f"H-{name}",
        "ldhName": name.upper(),
        "status": list(statuses),
        "events": events,
        "nameservers": [{"objectClassName": "nameserver", "ldhName": "ns1.example.net"}],
        **other,
    }


@dataclass
class Registry:
    """What is registered, what the list of servers says, and what was asked.

    Besides `/rdap/` there are `/moved/` (redirects there), `/limited/` (429) and `/broken/` (500).
    """

    port: int
    domains: dict[str, Any] = field(default_factory=dict)
    services: Any = ()
    asked: list[str] = field(default_factory=list)

    def base(self, name: str = "rdap") -> str:
        """The base address of one of its services."""
        return f"http://127.0.0.1:{self.port}/{name}/"

    @property
    def bootstrap(self) -> str:
        """The address of the list of servers."""
        return f"http://127.0.0.1:{self.port}/dns.json"

    def answer(self, path: str, accept: str) -> tuple[int, Mapping[str, str], Any]:
        """(status, headers, content) of the answer to one request."""
        self.asked.append(path)
        if path == "/dns.json":
            return 200, {"Content-Type": "application/json"}, {"version": "1.0", "services": self.services}
        query = _QUERY.fullmatch(path)
        if query is None:
            return 400, {}, _error(400, "not an RDAP query")
        if MEDIA_TYPE not in accept:
            return 406, {}, _error(406, f"ask for {MEDIA_TYPE}")
        return self._service(query["base"], query["name"])

    def _service(self, base: str, name: str) -> tuple[int, Mapping[str, str], Any]:
        if base == "moved":
            return 302, {"Location": f"{self.base()}domain/{name}"}, None
        if base in REFUSALS:
            return REFUSALS[base], {"Retry-After": "60"}, _error(REFUSALS[base], "not now")
        if name not in self.domains:
            return 404, {"Content-Type": MEDIA_TYPE}, _error(404, "no such domain")
        return 200, {"Content-Type": MEDIA_TYPE}, self.domains[name]


REFUSALS = {"limited": 429, "broken": 500}


def _error(code: int, title: str) -> dict[str, Any]:
    return {"rdapConformance": CONFORMANCE, "errorCode": code, "title": title}


@contextmanager
def registry() -> Iterator[Registry]:
    """The server, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        """Answers as the registry says; any other method than GET is 501."""

        def do_GET(self) -> None:
            """One answer."""
            status, headers, content = told.answer(self.path, self.headers.get("Accept", ""))
            body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *message: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Registry(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
