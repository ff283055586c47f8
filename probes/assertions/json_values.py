"""Conditions on the values at a path of a JSON text, and the numbers that are taken out of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from probes.assertions.answer import MISSING, Answer
from probes.assertions.assertion import Assertion, one_at_least
from probes.assertions.numbers import Finite
from probes.assertions.texts import Regular
from probes.comparison import CONDITIONS, fault, shown
from statusledger.model import Failure

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathQuery


def json_path(text: str) -> str:
    """The path; ValueError when it is none. One with a variable in it is judged when that is filled in."""
    if "{{" not in text:
        from jsonpath_rfc9535 import JSONPathError, compile  # noqa: PLC0415 - 90 ms that most checks never need

        try:
            compile(text)
        except JSONPathError as error:
            msg = f'"{text}" is not a JSON path (RFC 9535): {error}; write e.g. $.database.latency_ms'
            raise ValueError(msg) from None
    return text


JsonPath = Annotated[str, AfterValidator(json_path)]


class JsonAssertion(Assertion):
    """What stands at a path of a JSON body. Every value that the path selects has to hold."""

    path: JsonPath = Field(description="JSONPath (RFC 9535), e.g. $.database.latency_ms")
    exists: bool | None = Field(None, description="Whether the path selects anything.")
    equals: Any = Field(None, description="The exact value; null is said with exists.")
    not_equals: Any = Field(None, description="A value that it must not be.")
    less: Finite | None = Field(None, description="The number is less.")
    less_equal: Finite | None = Field(None, description="The number is less or equal.")
    greater: Finite | None = Field(None, description="The number is greater.")
    greater_equal: Finite | None = Field(None, description="The number is greater or equal.")
    matches: Regular | None = Field(None, description="A regular expression found in the text.")
    length: int | None = Field(None, ge=0, description="The length of the text, list or object.")

    @model_validator(mode="after")
    def _says_something(self) -> JsonAssertion:
        return one_at_least(self, "exists", *CONDITIONS)

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        if answer.json is MISSING:
            yield self.failure(f"json {self.path}", "a JSON body", shown(answer.text))
            return
        values = selected(self.path, answer.json)
        if values is None:
            yield self.failure(f"json {self.path}", "a body that can be searched", "one that is nested too deeply")
            return
        if self.exists is not None and self.exists != bool(values):
            there = ", ".join(map(shown, values)) or "nothing at that path"
            yield self.failure(f"json {self.path}", "to exist" if self.exists else "not to exist", there)
        for condition, wanted in self.conditions():
            yield from self._judged(condition, wanted, values)

    def conditions(self) -> Iterator[tuple[str, Any]]:
        """(name, wanted value) of every condition that was written."""
        for condition in CONDITIONS:
            if getattr(self, condition) is not None:
                yield condition, getattr(self, condition)

    def _judged(self, condition: str, wanted: Any, values: Sequence[Any]) -> Iterator[Failure]:
        expected = f"{condition} {shown(wanted)}"
        if not values:
            yield self.failure(f"json {self.path}", expected, "nothing at that path")
        for value in values:
            wrong = fault(condition, wanted, value)
            if wrong is not None:
                yield self.failure(f"json {self.path}", expected, wrong)


@lru_cache(maxsize=1024)
def _compiled(path: str) -> JSONPathQuery:
    from jsonpath_rfc9535 import compile  # noqa: PLC0415 - see json_path

    return compile(path)


def selected(path: str, body: Any) -> list[Any] | None:
    """The values that the path selects; None for a body that was nested to break the search."""
    from jsonpath_rfc9535 import JSONPathError  # noqa: PLC0415 - 90 ms that most checks never need

    try:
        return _compiled(path).find(body).values()
    except (JSONPathError, RecursionError):
        return None
