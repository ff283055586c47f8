"""Events of issues as the host sends them, with the body that it makes of a filled form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

INCIDENT = {
    "Affected components": "api: degraded",
    "What customers should know": "Requests time out.\r\n\r\nWe are looking.",
    "Where it stands": "investigating",
    "When it began": "_No response_",
    "Severity": "_No response_",
    "Who noticed": "measured: probes did, or will; this changes no figure",
}
MAINTENANCE = {
    "Affected components": "api",
    "When it begins": "2026-04-03T02:00Z",
    "When it is over": "2h",
    "When it comes again": "_No response_",
    "What customers should know": "_No response_",
}


def body(answers: Mapping[str, str], changed: Mapping[str, str] | None = None) -> str:
    """The body of an issue: every label a heading, its answer below."""
    return "\n\n".join(f"### {label}\n\n{answer}" for label, answer in {**answers, **(changed or {})}.items())


def event(
    text: str | None, *, title: str = "API is slow", action: str = "opened", author: str = "MEMBER", **more: Any
) -> dict[str, Any]:
    """What the host says of issue 12."""
    issue = {"number": 12, "title": title, "body": text, "author_association": author, "state": "open"}
    return {"action": action, "issue": {**issue, "created_at": "2026-04-01T00:31:20Z"}, **more}
