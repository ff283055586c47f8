"""The hosting service's issues and pull requests, over its REST API (GitHub's, which Forgejo and Gitea speak as well).

Sources: https://docs.github.com/en/rest/pulls/pulls, https://docs.github.com/en/rest/issues. The token comes from the
environment of the job and is in no message of ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from statusledger.errors import ForgeError

API = "https://api.github.com"
SERVER = "https://github.com"
VERSION = "2022-11-28"
TIMEOUT_SECONDS = 10.0
ATTEMPTS = 4
LONGEST_PAUSE_SECONDS = 30.0
SAID_LENGTH = 200
LATER = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, *(code for code in HTTPStatus if code >= HTTPStatus.INTERNAL_SERVER_ERROR)}
)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request; `is_declined`: closed by somebody without being merged."""

    number: int
    url: str
    is_open: bool
    is_declined: bool
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Forge:
    """One repository at the service; `repository` is `owner/name`."""

    repository: str
    token: str
    api: str = API
    server: str = SERVER
    sleep: Callable[[float], None] = time.sleep

    def compare_link(self, base: str, branch: str) -> str:
        """Where a person opens the pull request by hand."""
        return f"{self.server}/{self.repository}/compare/{quote(base)}...{quote(branch)}?expand=1"

    def newest(self, branch: str) -> PullRequest | None:
        """The newest pull request of a branch of this repository, open or not; None where there never was one."""
        owner = self.repository.split("/")[0]
        query = {"head": f"{owner}:{branch}", "state": "all", "sort": "created", "direction": "desc", "per_page": "100"}
        found = self._ask("GET", "pulls", query=query)
        # a service that does not know `head` answers with everything
        own = [one for one in found if _words(one, "head", "ref") == branch]
        return max(map(_pull_request, own), key=lambda one: (one.is_open, one.number), default=None)

    def open(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """A new pull request, or the one that is open already."""
        try:
            asked = {"title": title, "head": branch, "base": base, "body": body}
            return _pull_request(self._ask("POST", "pulls", body=asked))
        except ForgeError as error:
            there = self.newest(branch) if error.status == HTTPStatus.UNPROCESSABLE_ENTITY else None
            if there is None or not there.is_open:
                raise
            return there

    def describe(self, number: int, title: str, body: str) -> None:
        """Gives a pull request this title and description."""
        self._ask("PATCH", f"pulls/{number}", body={"title": title, "body": body})

    def comment(self, number: int, body: str) -> None:
        """Says something on an issue or a pull request."""
        self._ask("POST", f"issues/{number}/comments", body={"body": body})

    def open_issues(self, label: str) -> list[Mapping[str, Any]]:
        """The issues with this label that are open, newest first; pull requests are none."""
        found = self._ask("GET", "issues", query={"state": "open", "labels": label, "per_page": "100"})
        return [one for one in found if "pull_request" not in one]

    def open_issue(self, title: str, body: str, labels: Sequence[str]) -> str:
        """The address of a new issue."""
        return str(self._ask("POST", "issues", body={"title": title, "body": body, "labels": labels})["html_url"])

    def close_issue(self, number: int) -> None:
        """Closes an issue as done."""
        self._ask("PATCH", f"issues/{number}", body={"state": "closed", "state_reason": "completed"})

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:
        url = f"{self.api}/repos/{self.repository}/{path}"
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "statusledger",
            "X-GitHub-Api-Version": VERSION,
        }
        with httpx.Client(timeout=TIMEOUT_SECONDS, headers=headers) as client:
            for pause in _pauses():
                try:
                    answer = client.request(method, url, params=query, json=body)
                except httpx.HTTPError as error:
                    refusal, wait = ForgeError(f"{self.api} did not answer ({type(error).__name__})"), pause
                else:
                    if answer.is_success:
                        return _document(answer)
                    refusal, wait = _refusal(answer), _wait(answer, pause)
                if wait is None:
                    break
                self.sleep(wait)
        raise refusal


def forge(environment: Mapping[str, str]) -> Forge | None:
    """The repository that a CI job runs for, None where the environment names none or has no token."""
    repository, token = environment.get("GITHUB_REPOSITORY"), environment.get("GITHUB_TOKEN")
    if not repository or not token:
        return None
    return Forge(
        repository,
        token,
        environment.get("GITHUB_API_URL", API).rstrip("/"),
        environment.get("GITHUB_SERVER_URL", SERVER).rstrip("/"),
    )


def _pauses() -> Iterator[float | None]:
    """Seconds to wait after each attempt; None after the last one."""
    yield from (float(2**attempt) for attempt in range(ATTEMPTS - 1))
    yield None


def _wait(answer: httpx.Response, pause: float | None) -> float | None:
    """How long to wait before this is asked again; None when that is of no use in this run."""
    limited = answer.status_code == HTTPStatus.FORBIDDEN and (
        answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
    )
    if pause is None or not (limited or answer.status_code in LATER):
        return None
    asked = answer.headers.get("retry-after", "")
    if not asked.isdigit() and answer.headers.get("x-ratelimit-remaining") == "0":
        return None  # it starts again within the hour, and so does this job
    wait = float(asked) if asked.isdigit() else pause
    return wait if wait <= LONGEST_PAUSE_SECONDS else None


def _refusal(answer: httpx.Response) -> ForgeError:
    """What the service said."""
    said = " ".join(_said(answer).split())[:SAID_LENGTH]
    message = f"{answer.request.method} {answer.url.path}: {answer.status_code} {said}"
    return ForgeError(message, status=answer.status_code)


def _said(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return answer.text
    if not isinstance(told, dict):
        return answer.text
    errors = told.get("errors") or []
    return "; ".join([str(told.get("message", "")), *(str(one.get("message", "")) for one in errors if _is_map(one))])


def _document(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        msg = f"{answer.request.method} {answer.url.path}: {answer.status_code}, but no JSON"
        raise ForgeError(msg, status=answer.status_code) from None


def _pull_request(told: Any) -> PullRequest:
    try:
        closed = told["state"] != "open"
        return PullRequest(
            number=int(told["number"]),
            url=str(told["html_url"]),
            is_open=not closed,
            is_declined=closed and not told.get("merged_at"),
            title=str(told["title"]),
            body=str(told.get("body") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"the answer is no pull request ({type(error).__name__}: {error})"
        raise ForgeError(msg) from None


def _words(told: Any, *path: str) -> object:
    for key in path:
        told = told.get(key) if _is_map(told) else None
    return told


def _is_map(value: object) -> bool:
    return isinstance(value, dict)
