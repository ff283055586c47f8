"""A website that a rehearsal switches on and off, and what else jobs talk to on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Website:
    """Answers with `status`; keeps what was posted to it."""

    url: str = ""
    status: int = 200
    posted: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def website() -> Iterator[Website]:
    """A website on loopback for as long as the block lasts."""
    site = Website()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"Example")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if site.status < 400:
                site.posted.append((self.path, json.loads(body) if body else None))
            self._answer(b"{}")

        def _answer(self, body: bytes) -> None:
            self.send_response(site.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
