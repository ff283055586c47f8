"""The host of the repository, by its REST API: issues and pull requests (GitHub; Forgejo has the same paths).

Source: https://docs.github.com/rest/issues/issues, https://docs.github.com/rest/pulls/pulls
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from statusledger.errors import ForgeError

TIMEOUT_SECONDS = 20.0
VARIABLES = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN")
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
FORBIDDEN = 403
LACKS = "the job lacks issues: write or pull-requests: write, or the repository does not let jobs open pull requests"
SAID = 300  # characters of an answer that a message quotes


@dataclass(frozen=True, slots=True)
class Forge:
    """One repository on its host, in the name of a job."""

    api_url: str
    repository: str
    token: str

    def open_issues(self, label: str) -> list[Mapping[str, Any]]:
        """The issues with this label that are open, newest first; pull requests are none."""
        found = self._asked("GET", f"issues?state=open&labels={label}&per_page=100")
        return [one for one in found if "pull_request" not in one]

    def open_issue(self, title: str, body: str, labels: Sequence[str]) -> str:
        """The address of a new issue."""
        return str(self._asked("POST", "issues", {"title": title, "body": body, "labels": list(labels)})["html_url"])

    def comment(self, number: int, body: str) -> None:
        """Says something on an issue or a pull request."""
        self._asked("POST", f"issues/{number}/comments", {"body": body})

    def close_issue(self, number: int) -> None:
        """Closes an issue as done."""
        self._asked("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})

    def open_pull_request(self, branch: str, base: str, title: str, body: str) -> str:
        """The address of a pull request for the branch: of the one that is open, or of a new one."""
        owner = self.repository.partition("/")[0]
        known = self._asked("GET", f"pulls?state=open&head={owner}:{branch}")
        if known:
            return str(known[0]["html_url"])
        return str(
            self._asked("POST", "pulls", {"head": branch, "base": base, "title": title, "body": body})["html_url"]
        )

    def _asked(self, method: str, path: str, content: Mapping[str, object] | None = None) -> Any:
        """What the host answers; ForgeError when it does not, or refuses."""
        url = f"{self.api_url}/repos/{self.repository}/{path}"
        headers = {**HEADERS, "Authorization": f"Bearer {self.token}"}
        try:
            answer = httpx.request(method, url, json=content, headers=headers, timeout=TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            message = f"{method} {path}: {self.api_url} did not answer: {error}"
            raise ForgeError(message) from error
        if answer.is_error:
            raise ForgeError(self._refusal(method, path, answer))
        return answer.json()

    def _refusal(self, method: str, path: str, answer: httpx.Response) -> str:
        said = answer.text[:SAID].replace(self.token, "***")
        advice = f"; {LACKS}" if answer.status_code == FORBIDDEN else ""
        return f"{method} {path}: answered with {answer.status_code}{advice}: {said}"


def from_environment(environment: Mapping[str, str]) -> Forge:
    """The repository of the job that we run in; ForgeError if it does not say which that is."""
    missing = [name for name in VARIABLES if not environment.get(name)]
    if missing:
        message = f"{', '.join(missing)}: not set; a job of GitHub Actions sets it, but for GITHUB_TOKEN under env:"
        raise ForgeError(message)
    return Forge(*(environment[name].rstrip("/") for name in VARIABLES))
