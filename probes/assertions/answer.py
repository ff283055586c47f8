"""What a server answered, as assertions look at it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MISSING = object()
"""Where JSON was expected and something else came; no JSON value is this."""


@dataclass(frozen=True)
class Answer:
    """Status, headers (names as sent, several of one name in order) and decoded body of the last answer of a chain.

    `url` is the address that answered, `redirects` those that were redirected to, in order; `at` is when the attempt
    began, epoch ms.
    """

    status: int | None
    headers: Sequence[tuple[str, str]]
    body: bytes
    url: str = ""
    http_version: str = ""
    redirects: tuple[str, ...] = ()
    at: int = 0

    @cached_property
    def text(self) -> str:
        """The body as UTF-8; what is not is replaced."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON (RFC 8259, which has no NaN); `MISSING` where it is none."""
        try:
            return json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return MISSING

    def header(self, name: str) -> str | None:
        """The values of a header joined by a comma; None where it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


def _no_constant(name: str) -> None:
    msg = f"{name} is not JSON"
    raise ValueError(msg)
