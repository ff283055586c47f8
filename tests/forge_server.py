"""The hosting service's API on loopback, strictly: what it accepts, refuses and limits is what the reference says.

Of issues and pull requests: https://docs.github.com/en/rest/pulls/pulls, https://docs.github.com/en/rest/issues/issues,
https://docs.github.com/en/rest/issues/comments (2022-11-28)
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from repository import git

TOKEN = "job-token"
OWNER = "acme"
REPOSITORY = f"{OWNER}/status"
ROOT = f"/repos/{REPOSITORY}/"
PLACE = re.compile(rf"{ROOT}(pulls|issues)(?:/(\d+)(/comments)?)?")
NOT_PERMITTED = "GitHub Actions is not permitted to create or approve pull requests."
NOT_ACCESSIBLE = "Resource not accessible by integration"

Answer = tuple[int, dict[str, str], Any]
NOT_FOUND: Answer = (404, {}, {"message": "Not Found"})


@dataclass
class Service:
    """The service's state: its pull requests and issues, the repository behind them, and how it behaves.

    `first` are answers that are given before any other, as (status, headers, document); without `may_write_issues` the
    token is one that may only read them.
    """

    remote: Path
    address: str
    pulls: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    first: list[Answer] = field(default_factory=list)
    may_open: bool = True
    may_write_issues: bool = True

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

    def answer(self, method: str, target: str, asked: dict[str, Any]) -> Answer:
        """What is said to somebody who may ask."""
        address = urlsplit(target)
        place = PLACE.fullmatch(address.path)
        if not place:
            return NOT_FOUND
        kind, number, comments = place[1], int(place[2] or 0), place[3] or ""
        if method != "GET" and kind == "issues" and not self.may_write_issues:
            return 403, {}, {"message": NOT_ACCESSIBLE}
        if method == "GET" and not number:
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            return {"pulls": self.pulls_listed, "issues": self.issues_listed}[kind](query)
        if method == "POST" and not number:
            return {"pulls": self.pull_created, "issues": self.issue_created}[kind](asked)
        if method == "POST" and kind + comments == "issues/comments":
            return self.commented(number, asked)
        return self.updated(kind, number, asked) if method == "PATCH" and number and not comments else NOT_FOUND

    def pulls_listed(self, query: dict[str, str]) -> Answer:
        """GET: a head that is not `owner:branch` filters nothing, as there."""
        owner, _, branch = query.get("head", "").partition(":")
        found = [pull for pull in self.pulls if not branch or pull["head"]["ref"] == branch]
        assert owner == OWNER
        return 200, {}, [pull for pull in found if query.get("state") == "all" or pull["state"] == "open"]

    def issues_listed(self, query: dict[str, str]) -> Answer:
        """GET: those that are open, unless others are asked for, of all these labels; a pull request is one too."""
        wanted, state = set(filter(None, query.get("labels", "").split(","))), query.get("state", "open")
        every = [*self.issues, *({**pull, "labels": [], "pull_request": {}} for pull in self.pulls)]
        named = [issue for issue in every if wanted <= {label["name"] for label in issue["labels"]}]
        return 200, {}, [issue for issue in named if state in {"all", issue["state"]}]

    def pull_created(self, asked: dict[str, Any]) -> Answer:
        """POST."""
        if not self.may_open:
            return 403, {}, {"message": NOT_PERMITTED}
        branch = asked["head"]
        if not git(self.remote, "branch", "--list", branch):
            return _invalid({"resource": "PullRequest", "field": "head", "code": "invalid"})
        if any(pull["state"] == "open" and pull["head"]["ref"] == branch for pull in self.pulls):
            return _invalid({"code": "custom", "message": f"A pull request already exists for {OWNER}:{branch}."})
        place = {"head": {"ref": branch}, "base": {"ref": asked["base"]}}
        self.pulls.append(
            {"title": asked["title"], "body": asked["body"], "merged_at": None, **place} | self._new("pull")
        )
        return 201, {}, self.pulls[-1]

    def issue_created(self, asked: dict[str, Any]) -> Answer:
        """POST."""
        if not asked.get("title"):
            return _invalid({"resource": "Issue", "field": "title", "code": "missing_field"})
        labels = [{"name": name} for name in asked.get("labels", [])]
        self.issues.append({**asked, "labels": labels} | self._new("issues"))
        return 201, {}, self.issues[-1]

    def commented(self, number: int, asked: dict[str, Any]) -> Answer:
        """POST to the comments of an issue."""
        self.comments.append((number, asked["body"]))
        return 201, {}, {"id": len(self.comments), "body": asked["body"]}

    def updated(self, kind: str, number: int, asked: dict[str, Any]) -> Answer:
        """PATCH."""
        there = self.pulls if kind == "pulls" else self.issues
        found = next((one for one in there if one["number"] == number), None)
        if found is None:
            return NOT_FOUND
        found |= asked
        return 200, {}, found

    def _new(self, place: str) -> dict[str, Any]:
        """The number, which issues and pull requests share, the state and the address of a new one."""
        number = len(self.pulls) + len(self.issues) + 1
        return {"number": number, "state": "open", "html_url": f"https://forge.example/{REPOSITORY}/{place}/{number}"}


def _invalid(fault: dict[str, str]) -> Answer:
    return 422, {}, {"message": "Validation Failed", "errors": [fault]}


def handler(service: Service) -> type[BaseHTTPRequestHandler]:
    """What answers for the service."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.asked.append(f"{self.command} {urlsplit(self.path).path.removeprefix(ROOT)}")
            said = self._refused() or service.answer(self.command, self.path, json.loads(asked or b"{}"))
            status, headers, document = said
            text = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - so the base class calls them

        def log_message(self, *_: object) -> None:
            """Nothing: the test's output is not the server's."""

        def _refused(self) -> Answer | None:
            if service.first:
                return service.first.pop(0)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return 401, {}, {"message": "Bad credentials"}
            return None if self.headers.get("User-Agent") else NOT_FOUND

    return Handler


@contextmanager
def serving(remote: Path) -> Iterator[Service]:
    """A service for a bare repository, while the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    service = Service(remote, f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = handler(service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
