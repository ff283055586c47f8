"""A strict server of the pull-request API on loopback: what it accepts, refuses and limits is what the reference says.

https://docs.github.com/en/rest/pulls/pulls, https://docs.github.com/en/rest/issues/comments (2022-11-28)
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from repository import git

TOKEN = "job-token"
OWNER = "acme"
REPOSITORY = f"{OWNER}/status"
PULLS = f"/repos/{REPOSITORY}/pulls"
COMMENTS = re.compile(rf"/repos/{REPOSITORY}/issues/(\d+)/comments")
NOT_PERMITTED = "GitHub Actions is not permitted to create or approve pull requests."

Answer = tuple[int, dict[str, str], Any]


@dataclass
class Service:
    """The service's state: its pull requests, the repository behind them, and how it behaves.

    `first` are answers that are given before any other, as (status, headers, document).
    """

    remote: Path
    address: str
    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    first: list[Answer] = field(default_factory=list)
    may_open: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """What a job of the service has in its environment."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": self.address,
            "GITHUB_SERVER_URL": "https://forge.example",
        }

    def close(self, number: int, *, merged: bool) -> None:
        """What a person does with a pull request; the merge itself is done in git."""
        self.pulls[number - 1] |= {"state": "closed", "merged_at": "2026-04-01T01:00:00Z" if merged else None}

    def listed(self, query: dict[str, str]) -> Answer:
        """GET: a head that is not `owner:branch` filters nothing, as there."""
        owner, _, branch = query.get("head", "").partition(":")
        found = [pull for pull in self.pulls if not branch or pull["head"]["ref"] == branch]
        assert owner == OWNER
        return 200, {}, [pull for pull in found if query.get("state") == "all" or pull["state"] == "open"]

    def created(self, asked: dict[str, str]) -> Answer:
        """POST."""
        if not self.may_open:
            return 403, {}, {"message": NOT_PERMITTED}
        branch = asked["head"]
        if not git(self.remote, "branch", "--list", branch):
            return _invalid({"resource": "PullRequest", "field": "head", "code": "invalid"})
        if any(pull["state"] == "open" and pull["head"]["ref"] == branch for pull in self.pulls):
            return _invalid({"code": "custom", "message": f"A pull request already exists for {OWNER}:{branch}."})
        number = len(self.pulls) + 1
        place = {"head": {"ref": branch}, "base": {"ref": asked["base"]}}
        link = f"https://forge.example/{REPOSITORY}/pull/{number}"
        state = {"number": number, "state": "open", "merged_at": None, "html_url": link, **place}
        self.pulls.append({"title": asked["title"], "body": asked["body"], **state})
        return 201, {}, self.pulls[-1]

    def commented(self, number: int, asked: dict[str, str]) -> Answer:
        """POST to the comments of an issue."""
        self.comments.append((number, asked["body"]))
        return 201, {}, {"id": len(self.comments), "body": asked["body"]}

    def updated(self, number: int, asked: dict[str, str]) -> Answer:
        """PATCH."""
        self.pulls[number - 1] |= asked
        return 200, {}, self.pulls[number - 1]


def _invalid(fault: dict[str, str]) -> Answer:
    return 422, {}, {"message": "Validation Failed", "errors": [fault]}


def handler(service: Service) -> type[BaseHTTPRequestHandler]:
    """What answers for the service."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            self.answer(lambda _: service.listed(query))

        def do_POST(self) -> None:
            issue = COMMENTS.fullmatch(self.path)
            self.answer(partial(service.commented, int(issue[1])) if issue else service.created)

        def do_PATCH(self) -> None:
            self.answer(lambda asked: service.updated(int(self.path.rsplit("/", 1)[1]), asked))

        def log_message(self, *_: object) -> None:
            """Nothing: the test's output is not the server's."""

        def answer(self, do: Callable[[dict[str, str]], Answer]) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.asked.append(f"{self.command} {urlsplit(self.path).path.removeprefix(PULLS)}")
            status, headers, document = self.refused() or do(json.loads(asked or b"{}"))
            text = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def refused(self) -> Answer | None:
            if service.first:
                return service.first.pop(0)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return 401, {}, {"message": "Bad credentials"}
            known = (self.path.startswith(PULLS) or COMMENTS.fullmatch(self.path)) and self.headers.get("User-Agent")
            return None if known else (404, {}, {"message": "Not Found"})

    return Handler


@contextmanager
def serving(remote: Path) -> Iterator[Service]:
    """A service for a bare repository, while the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    service = Service(remote, f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = handler(service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield service
    server.shutdown()
    server.server_close()
    thread.join()
