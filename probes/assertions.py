"""What an answer must be: assertions parsed with the configuration, evaluated on an answer, explained when they fail.

Nothing is coerced: a missing path, an absent header or a text where a number belongs fails, with that as its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from probes.comparison import CONDITIONS, fault, found, listed, shown
from statusledger.model import Failure, Status

_STATUS_CLASS = re.compile(r"([1-5])xx", re.IGNORECASE)
_STATUS_RANGE = re.compile(r"([1-5]\d\d)-([1-5]\d\d)")
_MISSING = object()


@dataclass(frozen=True)
class Answer:
    """What a server answered: status, headers (names as sent, several of one name in order) and the decoded body."""

    status: int | None
    headers: Sequence[tuple[str, str]]
    body: bytes

    @cached_property
    def text(self) -> str:
        """The body as UTF-8; what is not is replaced."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON (RFC 8259, which has no NaN); ValueError where it is none."""
        return json.loads(self.body, parse_constant=_no_constant)

    def header(self, name: str) -> str | None:
        """The values of a header joined by a comma; None where it is absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


def _no_constant(name: str) -> None:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _regular(text: str) -> str:
    if "{{" not in text:
        import regex  # noqa: PLC0415 - only checks with an expression pay for it

        try:
            regex.compile(text)
        except regex.error as error:
            msg = f'"{text}" is not a regular expression ({error})'
            raise ValueError(msg) from None
    return text


def _json_path(text: str) -> str:
    if "{{" not in text:
        from jsonpath_rfc9535 import JSONPathError, compile  # noqa: PLC0415 - 90 ms that most checks never need

        try:
            compile(text)
        except JSONPathError as error:
            msg = f'"{text}" is not a JSON path (RFC 9535): {error}; write e.g. $.database.latency_ms'
            raise ValueError(msg) from None
    return text


def _status_code(text: int | str) -> int | str:
    spelled = str(text)
    if isinstance(text, int) or spelled.isdigit():
        if 100 <= int(spelled) <= 599:
            return int(spelled)
    elif _STATUS_CLASS.fullmatch(spelled) or _STATUS_RANGE.fullmatch(spelled):
        return spelled.lower()
    msg = f'"{text}" is not a status; write e.g. 200, 2xx, 200-299 or a list of them'
    raise ValueError(msg)


Regular = Annotated[str, AfterValidator(_regular)]
JsonPath = Annotated[str, AfterValidator(_json_path)]
StatusCode = Annotated[int | str, AfterValidator(_status_code)]
Texts = Annotated[tuple[str, ...], Field(min_length=1)]


class _Assertion(BaseModel):
    """What every assertion may say of its own weight."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    severity: Literal["degraded", "down"] = Field("down", description="What the check is when this does not hold.")

    def failure(self, name: str, expected: str, actual: str) -> Failure:
        """One failure of this assertion."""
        return Failure(name, expected, actual, Status(self.severity))


class StatusAssertion(_Assertion):
    """Which status codes are good."""

    any_of: Annotated[tuple[StatusCode, ...], Field(min_length=1)] = Field(description="Statuses, classes or ranges.")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """At most one."""
        status = answer.status
        if status is None or not any(_is_status(status, wanted) for wanted in self.any_of):
            yield self.failure("status_code", " or ".join(map(str, self.any_of)), str(status))


class HeaderAssertion(_Assertion):
    """What one header must be."""

    exists: bool | None = Field(None, description="Whether the header must be there.")
    equals: str | None = Field(None, description="The exact value.")
    contains: str | None = Field(None, description="A part of the value.")
    matches: Regular | None = Field(None, description="A regular expression found in the value.")

    @model_validator(mode="after")
    def _says_something(self) -> HeaderAssertion:
        return _one_at_least(self, "exists", "equals", "contains", "matches")

    def failures(self, name: str, value: str | None) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        called = f"headers.{name}"
        if self.exists is not None and self.exists != (value is not None):
            yield self.failure(called, "to be there" if self.exists else "not to be there", shown(value))
        tests = {"equals": str.__eq__, "contains": str.__contains__, "matches": found}
        for condition, holds in tests.items():
            wanted = getattr(self, condition)
            if wanted is None:
                continue
            if value is None:
                yield self.failure(called, f"{condition} {shown(wanted)}", "no such header")
            elif not holds(value, wanted):
                yield self.failure(called, f"{condition} {shown(wanted)}", shown(value))


class BodyAssertion(_Assertion):
    """What the body must be or hold."""

    type: Literal["json", "text"] | None = Field(None, description="json: the body must be JSON.")
    contains_any: Texts | None = Field(None, description="At least one of these texts.")
    contains_all: Texts | None = Field(None, description="All of these texts.")
    not_contains: Texts | None = Field(None, description="None of these texts.")
    matches: Regular | None = Field(None, description="A regular expression found in the body.")

    @model_validator(mode="after")
    def _says_something(self) -> BodyAssertion:
        return _one_at_least(self, "type", "contains_any", "contains_all", "not_contains", "matches")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        text = answer.text
        if self.type == "json" and _json_of(answer) is _MISSING:
            yield self.failure("body.type", "JSON", shown(text))
        if self.contains_any and not any(part in text for part in self.contains_any):
            yield self.failure("body.contains_any", f"one of {listed(self.contains_any)}", shown(text))
        missing = [part for part in self.contains_all or () if part not in text]
        if missing:
            yield self.failure("body.contains_all", listed(missing), f"not in {shown(text)}")
        present = [part for part in self.not_contains or () if part in text]
        if present:
            yield self.failure("body.not_contains", f"no {listed(present)}", "it is there")
        if self.matches is not None and not found(text, self.matches):
            yield self.failure("body.matches", shown(self.matches), shown(text))


class JsonAssertion(_Assertion):
    """What stands at a path of a JSON body. Every value that the path selects has to hold."""

    path: JsonPath = Field(description="JSONPath (RFC 9535), e.g. $.database.latency_ms")
    exists: bool | None = Field(None, description="Whether the path selects anything.")
    equals: Any = Field(None, description="The exact value; null is said with exists.")
    not_equals: Any = Field(None, description="A value that it must not be.")
    less: float | None = Field(None, description="The number is less.")
    less_equal: float | None = Field(None, description="The number is less or equal.")
    greater: float | None = Field(None, description="The number is greater.")
    greater_equal: float | None = Field(None, description="The number is greater or equal.")
    matches: Regular | None = Field(None, description="A regular expression found in the text.")
    length: int | None = Field(None, ge=0, description="The length of the text, list or object.")

    @model_validator(mode="after")
    def _says_something(self) -> JsonAssertion:
        return _one_at_least(self, "exists", *CONDITIONS)

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        body = _json_of(answer)
        if body is _MISSING:
            yield self.failure(f"json {self.path}", "a JSON body", shown(answer.text))
            return
        selected = _selected(self.path, body)
        if selected is None:
            yield self.failure(f"json {self.path}", "a body that can be searched", "one that is nested too deeply")
            return
        if self.exists is not None and self.exists != bool(selected):
            yield self.failure(f"json {self.path}", "to exist" if self.exists else "not to exist", _values(selected))
        for condition, wanted in self.conditions():
            yield from self._judged(condition, wanted, selected)

    def conditions(self) -> Iterator[tuple[str, Any]]:
        """(name, wanted value) of every condition that was written."""
        for condition in CONDITIONS:
            if getattr(self, condition) is not None:
                yield condition, getattr(self, condition)

    def _judged(self, condition: str, wanted: Any, selected: Sequence[Any]) -> Iterator[Failure]:
        expected = f"{condition} {shown(wanted)}"
        if not selected:
            yield self.failure(f"json {self.path}", expected, "nothing at that path")
        for value in selected:
            wrong = fault(condition, wanted, value)
            if wrong is not None:
                yield self.failure(f"json {self.path}", expected, wrong)


class SizeAssertion(_Assertion):
    """How large the decoded body must be, in bytes."""

    min: int | None = Field(None, ge=0, description="At least so many bytes.")
    max: int | None = Field(None, ge=0, description="At most so many bytes.")

    @model_validator(mode="after")
    def _says_something(self) -> SizeAssertion:
        return _one_at_least(self, "min", "max")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """One for each bound that is broken."""
        size = len(answer.body)
        if self.min is not None and size < self.min:
            yield self.failure("size", f"at least {self.min} bytes", str(size))
        if self.max is not None and size > self.max:
            yield self.failure("size", f"at most {self.max} bytes", str(size))


class Validation(BaseModel):
    """What makes an answer a good one; without any status of its own, a good status is 2xx."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    status_code: StatusCode | tuple[StatusCode, ...] | StatusAssertion = Field(
        StatusAssertion(any_of=("2xx",)),
        description="200, 2xx, 200-299, a list, or {any_of: [...], severity: …}.",
    )
    headers: Mapping[str, HeaderAssertion] = Field({}, description="Conditions by name of the header.")
    body: BodyAssertion | None = Field(None, description="Conditions on the decoded body.")
    json_: tuple[JsonAssertion, ...] = Field((), alias="json", description="Conditions on values of a JSON body.")
    size: SizeAssertion | None = Field(None, description="Bounds of the decoded body in bytes.")

    def failures(self, answer: Answer) -> tuple[Failure, ...]:
        """Everything about the answer that is not as it should be."""
        return tuple(self._failures(answer))

    def _failures(self, answer: Answer) -> Iterator[Failure]:
        yield from self._status().failures(answer)
        for name, assertion in self.headers.items():
            yield from assertion.failures(name, answer.header(name))
        for part in (self.body, *self.json_, self.size):
            if part is not None:
                yield from part.failures(answer)

    def _status(self) -> StatusAssertion:
        if isinstance(self.status_code, StatusAssertion):
            return self.status_code
        wanted = self.status_code if isinstance(self.status_code, tuple) else (self.status_code,)
        return StatusAssertion(any_of=wanted)


Asserting = TypeVar("Asserting", bound=BaseModel)


def _one_at_least(assertion: Asserting, *conditions: str) -> Asserting:
    if all(getattr(assertion, condition) is None for condition in conditions):
        msg = f"asserts nothing; write at least one of {', '.join(conditions)}"
        raise ValueError(msg)
    return assertion


def _is_status(status: int, wanted: int | str) -> bool:
    if isinstance(wanted, int):
        return status == wanted
    if span := _STATUS_RANGE.fullmatch(wanted):
        return int(span[1]) <= status <= int(span[2])
    return wanted[0] == str(status)[0]


def _json_of(answer: Answer) -> Any:
    try:
        return answer.json
    except (ValueError, RecursionError):
        return _MISSING


def _selected(path: str, body: Any) -> list[Any] | None:
    """What the path selects; None for a body that was nested to break the search."""
    from jsonpath_rfc9535 import JSONPathError, find  # noqa: PLC0415 - 90 ms that most checks never need

    try:
        return find(path, body).values()
    except (JSONPathError, RecursionError):
        return None


def _values(selected: Sequence[Any]) -> str:
    return ", ".join(map(shown, selected)) or "nothing at that path"
