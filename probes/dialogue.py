"""Send and expect: what is said to a server, and what must be in what it says, one step after the other."""

from __future__ import annotations

import codecs
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from probes.assertions.texts import Regular
from probes.comparison import LONGEST_SEARCH_SECONDS, shown
from probes.contract import TargetError
from probes.network import Connection
from probes.trace import Trace
from statusledger.model import Failure

LONGEST_ANSWER_CHARACTERS = 65_536


class Step(BaseModel):
    """One thing to send, or one to wait for; what was found once is not looked at again by a later step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    send: str | None = Field(None, description="Text to send, as UTF-8.")
    expect: str | None = Field(None, description="Text that must be in what the server says next.")
    expect_matches: Regular | None = Field(
        None,
        description="A regular expression found in what the server says next; ^ and $ are the ends of any line.",
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(part is not None for part in (self.send, self.expect, self.expect_matches)) != 1:
            msg = "a step does one thing; write either send, expect or expect_matches"
            raise ValueError(msg)
        return self

    @property
    def condition(self) -> str:
        """The key that was written."""
        return next(iter(self.model_dump(exclude_none=True)))


class Dialogue:
    """A connection as text: says what a step says, or hears until it has what the step expects."""

    def __init__(self, connection: Connection, trace: Trace) -> None:
        self._connection = connection
        self._trace = trace
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._heard = ""
        self._position = 0

    async def take(self, step: Step, name: str) -> Failure | None:
        """What is wrong with the answer once it has ended; None when the step could be taken."""
        if step.send is not None:
            await self._connection.write(step.send.encode())
            return None
        expected = shown(step.expect if step.expect is not None else step.expect_matches)
        self._trace.enter("body" if self._unread else "ttfb")
        while (end := self._end_of(step)) is None:
            data = await self._connection.read()
            if not data:
                return Failure(name, expected, shown(self._unread) if self._unread else "nothing, then the end")
            self._hear(data)
            told = f"{name}: expected {expected}, found {shown(self._unread)} and no more in time"
            self._trace.fault = TargetError("body_timeout", told)
        self._position, self._trace.fault = end, None
        return None

    @property
    def _unread(self) -> str:
        return self._heard[self._position :]

    def _hear(self, data: bytes) -> None:
        self._trace.enter("body")
        self._heard += self._decoder.decode(data)
        if len(self._unread) > LONGEST_ANSWER_CHARACTERS:
            raise TargetError("too_large", f"the answer is longer than {LONGEST_ANSWER_CHARACTERS} characters")

    def _end_of(self, step: Step) -> int | None:
        """Where in what was heard that ends which the step expects; None when it is not there yet."""
        if step.expect is not None:
            start = self._heard.find(step.expect, self._position)
            return None if start < 0 else start + len(step.expect)
        return _end_of_match(step.expect_matches or "", self._heard, self._position)


def _end_of_match(pattern: str, text: str, position: int) -> int | None:
    """Where the first match after the position ends; None without one, or if looking takes too long."""
    import regex  # noqa: PLC0415 - only checks with an expression pay for it

    # WORD lets a line end in \r\n as well; the position keeps ^ from matching in the middle of a line.
    expression = regex.compile(pattern, regex.MULTILINE | regex.WORD)
    try:
        match = expression.search(text, position, timeout=LONGEST_SEARCH_SECONDS)
    except TimeoutError:
        return None
    return match.end() if match else None
