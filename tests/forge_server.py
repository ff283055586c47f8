"""The REST API of a forge on loopback, as documented and strict: issues and pull requests of one repository."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "acme/status"
TOKEN = "job-token"


@dataclass
class ForgeServer:
    """What it was asked for; `may` are the things that the token may write."""

    url: str = ""
    may: set[str] = field(default_factory=lambda: {"issues", "pulls"})
    issues: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What a job has of it."""
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TOKEN": TOKEN}

    def answer(self, method: str, target: str, token: str | None, content: dict[str, Any]) -> tuple[int, Any]:
        """Status and document."""
        parts, prefix = urlsplit(target), f"/repos/{REPOSITORY}/"
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if not parts.path.startswith(prefix):
            return 404, {"message": "Not Found"}
        path, query = parts.path.removeprefix(prefix), {k: v[0] for k, v in parse_qs(parts.query).items()}
        kind = path.partition("/")[0]
        if method != "GET" and kind not in self.may:
            return 403, {"message": "Resource not accessible by integration"}
        if method == "GET":
            return 200, [one for one in getattr(self, kind) if self._wanted(one, query)]
        if method == "POST" and path in {"issues", "pulls"}:
            return self._opened(path, content)
        return self._changed(method, path, content)

    def _wanted(self, one: dict[str, Any], query: dict[str, str]) -> bool:
        labelled = {label["name"] for label in one.get("labels", [])}
        return (
            one["state"] == query.get("state", "open")
            and query.get("labels", "") in {"", *labelled}
            and query.get("head", one.get("head")) == one.get("head")
        )

    def _opened(self, kind: str, content: dict[str, Any]) -> tuple[int, Any]:
        required = {"issues": {"title"}, "pulls": {"title", "head", "base"}}[kind]
        if not required <= content.keys():
            return 422, {"message": "Validation Failed"}
        number = len(self.issues) + len(self.pulls) + 1
        labels = [{"name": name} for name in content.get("labels", [])]
        head = f"acme:{content['head']}" if "head" in content else None
        url = f"https://forge.example/{REPOSITORY}/{kind}/{number}"
        made = {**content, "number": number, "state": "open", "labels": labels, "head": head, "html_url": url}
        getattr(self, kind).append(made)
        return 201, made

    def _changed(self, method: str, path: str, content: dict[str, Any]) -> tuple[int, Any]:
        found = re.fullmatch(r"issues/(\d+)(/comments)?", path)
        issue = next((one for one in self.issues + self.pulls if found and one["number"] == int(found[1])), None)
        if not found or issue is None:
            return 404, {"message": "Not Found"}
        if found[2] and method == "POST":
            self.comments.append((issue["number"], content["body"]))
            return 201, {}
        issue.update(content)
        return 200, issue


@contextmanager
def forge_server() -> Iterator[ForgeServer]:
    """A forge for as long as the block lasts."""
    forge = ForgeServer()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = json.loads(body) if body else {}
            status, document = forge.answer(self.command, self.path, self.headers.get("Authorization"), content)
            told = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - so the base class calls them

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forge.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield forge
        finally:
            server.shutdown()
            thread.join()
