"""The preview's server: the built site as files, each page with a script that loads it again after the next build.

The script exists here only; no build writes it. It asks for `changed` as one more script, which this server holds back
until there is something newer: the pages' own policy allows that, so the preview needs no other one.
"""

from __future__ import annotations

import html
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
OURS = "/-/"
HELD_SECONDS = 20.0
RELOAD = """(() => {
  const wait = () => {
    const script = document.createElement("script");
    script.src = "/-/changed.js?since=%s&" + Math.random();
    script.onload = () => { script.remove(); wait(); };
    script.onerror = () => { script.remove(); setTimeout(wait, 1000); };
    document.head.append(script);
  };
  addEventListener("load", wait);
})();
"""
FAILED = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not built</title></head>
<body><h1>Not built</h1><p>The page comes back by itself once this is mended:</p><pre>%s</pre></body></html>"""


@dataclass(slots=True)
class Preview:
    """What is shown: a folder, the number of its last build, and why that failed if it did.

    Numbers go on from the time of day, so that a page left open learns of a preview that was started anew.
    `path` is where page.url has the site: addresses that begin with it are understood too.
    """

    folder: Path
    path: str = "/"
    build: int = field(default_factory=time.time_ns)
    failure: str | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def built(self, failure: str | None = None) -> None:
        """Tells every open page that there was a build."""
        with self._changed:
            self.build += 1
            self.failure = failure
            self._changed.notify_all()

    def is_newer(self, since: str, *, within_seconds: float = HELD_SECONDS) -> bool:
        """Whether another build than `since` is the last one; waits for one."""
        with self._changed:
            return self._changed.wait_for(lambda: str(self.build) != since, within_seconds)


def server(preview: Preview, port: int) -> ThreadingHTTPServer:
    """A server on loopback that is not running yet; OSError where the port is taken."""
    return _Server((HOST, port), partial(_Handler, preview))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that left in the middle of an answer is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(SimpleHTTPRequestHandler):
    """Files of the site; pages are never cached and reload themselves."""

    def __init__(self, preview: Preview, *arguments: object) -> None:
        self._preview = preview
        super().__init__(*arguments, directory=str(preview.folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path.startswith(OURS):
            self._script()
            return
        page = self._page()
        if page is None:
            super().do_GET()
        else:
            self._send(*page, "text/html; charset=utf-8")

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix(self._preview.path))

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: a line for every file would bury what the build says."""

    def _script(self) -> None:
        address = urlsplit(self.path)
        since = parse_qs(address.query).get("since", ["0"])[0]
        if address.path == f"{OURS}reload.js":
            text = RELOAD % int(since)
        else:
            text = "location.reload();" if self._preview.is_newer(since) else ""
        self._send(HTTPStatus.OK, text.encode(), "text/javascript; charset=utf-8")

    def _page(self) -> tuple[HTTPStatus, bytes] | None:
        """The page at the address with the script in it; None where it is no page."""
        path = Path(self.translate_path(self.path))
        if path.is_dir() and urlsplit(self.path).path.endswith("/"):
            path /= "index.html"
        missing = not path.exists()
        if not missing and path.suffix != ".html":
            return None
        build, failure = (
            self._preview.build,
            self._preview.failure,
        )  # before the page is read: it may be newer, not older
        if failure is not None:
            return HTTPStatus.INTERNAL_SERVER_ERROR, _reloading((FAILED % html.escape(failure)).encode(), build)
        try:
            content = (self._preview.folder / "404.html" if missing else path).read_bytes()
        except OSError:
            return None  # a build removed it just now
        return HTTPStatus.NOT_FOUND if missing else HTTPStatus.OK, _reloading(content, build)

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _reloading(page: bytes, build: int) -> bytes:
    tag = f'<script src="{OURS}reload.js?since={build}" defer></script></head>'
    return page.replace(b"</head>", tag.encode(), 1)
