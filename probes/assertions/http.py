"""Conditions on an HTTP answer: status, headers, body, size, redirects, version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from probes.assertions.answer import MISSING, Answer
from probes.assertions.assertion import Assertion, one_at_least
from probes.assertions.json_schema import JsonSchema, schema_fault
from probes.assertions.json_values import JsonAssertion
from probes.assertions.measured import MeasuredTls
from probes.assertions.numbers import NumberAssertion
from probes.assertions.texts import Regular, TextAssertion, Texts
from probes.comparison import found, listed, shown
from statusledger.model import Failure

if TYPE_CHECKING:
    from probes.contract import Context

_STATUS_CLASS = re.compile(r"([1-5])xx", re.IGNORECASE)
_STATUS_RANGE = re.compile(r"([1-5]\d\d)-([1-5]\d\d)")


def _status_code(text: int | str) -> int | str:
    spelled = str(text)
    if isinstance(text, int) or spelled.isdigit():
        if 100 <= int(spelled) <= 599:
            return int(spelled)
    elif _STATUS_CLASS.fullmatch(spelled):
        return spelled.lower()
    elif (span := _STATUS_RANGE.fullmatch(spelled)) and span[1] <= span[2]:
        return spelled
    msg = f'"{text}" is not a status; write e.g. 200, 2xx, 200-299 or a list of them'
    raise ValueError(msg)


StatusCode = Annotated[int | str, AfterValidator(_status_code)]
StatusCodes = Annotated[tuple[StatusCode, ...], Field(min_length=1)]


class StatusAssertion(Assertion):
    """Which status codes are good."""

    any_of: StatusCodes = Field(description="Statuses, classes or ranges.")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """At most one."""
        status = answer.status
        if status is None or not any(_is_status(status, wanted) for wanted in self.any_of):
            yield self.failure("status_code", " or ".join(map(str, self.any_of)), str(status))


def _is_status(status: int, wanted: int | str) -> bool:
    if isinstance(wanted, int):
        return status == wanted
    if span := _STATUS_RANGE.fullmatch(wanted):
        return int(span[1]) <= status <= int(span[2])
    return wanted[0] == str(status)[0]


class HeaderAssertion(Assertion):
    """What one header must be."""

    exists: bool | None = Field(None, description="Whether the header must be there.")
    equals: str | None = Field(None, description="The exact value.")
    contains: str | None = Field(None, description="A part of the value.")
    matches: Regular | None = Field(None, description="A regular expression found in the value.")
    age: NumberAssertion | None = Field(
        None, description="Seconds since the date in the header (Last-Modified, Date), or the seconds in Age."
    )

    @model_validator(mode="after")
    def _says_something(self) -> HeaderAssertion:
        return one_at_least(self, "exists", "equals", "contains", "matches", "age")

    def failures(self, name: str, answer: Answer) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        value, called = answer.header(name), f"headers.{name}"
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
        if self.age is not None:
            yield from self._of_age(self.age, called, value, answer.at)

    def _of_age(self, age: NumberAssertion, called: str, value: str | None, at: int) -> Iterator[Failure]:
        seconds = None if value is None else _age_seconds(value, at)
        if seconds is None:
            yield self.failure(called, "a date or a number of seconds", shown(value))
        else:
            yield from age.failures(f"{called} age", seconds, "s")


def _age_seconds(value: str, at: int) -> float | None:
    """How old what the header speaks of is, in seconds; None where it says no date and no number."""
    if re.fullmatch("[0-9]{1,18}", value):
        return int(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return round(at / 1000 - (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp(), 3)


class BodyAssertion(Assertion):
    """What the body must be or hold."""

    type: Literal["json", "text"] | None = Field(None, description="json: the body must be JSON.")
    contains_any: Texts | None = Field(None, description="At least one of these texts.")
    contains_all: Texts | None = Field(None, description="All of these texts.")
    not_contains: Texts | None = Field(None, description="None of these texts.")
    matches: Regular | None = Field(None, description="A regular expression found in the body.")
    json_schema: JsonSchema | None = Field(
        None, description="A JSON Schema that the body fulfils (needs the extra `json-schema`)."
    )

    @model_validator(mode="after")
    def _says_something(self) -> BodyAssertion:
        return one_at_least(self, "type", "contains_any", "contains_all", "not_contains", "matches", "json_schema")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        text = answer.text
        if self.type == "json" and answer.json is MISSING:
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
        if self.json_schema is not None:
            yield from self._by_schema(self.json_schema, answer)

    def _by_schema(self, schema: Mapping[str, Any], answer: Answer) -> Iterator[Failure]:
        if answer.json is MISSING:
            yield self.failure("body.json_schema", "JSON", shown(answer.text))
        elif (wrong := schema_fault(schema, answer.json)) is not None:
            yield self.failure("body.json_schema", "a body as the schema says", wrong)


class SizeAssertion(Assertion):
    """How large the decoded body must be, in bytes."""

    min: int | None = Field(None, ge=0, description="At least so many bytes.")
    max: int | None = Field(None, ge=0, description="At most so many bytes.")

    @model_validator(mode="after")
    def _says_something(self) -> SizeAssertion:
        if self.min is not None and self.max is not None and self.min > self.max:
            msg = f"min {self.min} is more than max {self.max}; no size is both"
            raise ValueError(msg)
        return one_at_least(self, "min", "max")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """One for each bound that is broken."""
        size = len(answer.body)
        if self.min is not None and size < self.min:
            yield self.failure("size", f"at least {self.min} bytes", str(size))
        if self.max is not None and size > self.max:
            yield self.failure("size", f"at most {self.max} bytes", str(size))


class RedirectAssertion(Assertion):
    """Where the request was redirected to; needs `max_redirects`."""

    count: NumberAssertion | None = Field(None, description="How many redirects there were.")
    final_url: TextAssertion | None = Field(None, description="The address that answered in the end.")
    chain: Texts | None = Field(None, description="The addresses that were redirected to, all of them in this order.")

    @model_validator(mode="after")
    def _says_something(self) -> RedirectAssertion:
        return one_at_least(self, "count", "final_url", "chain")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        if self.count is not None:
            yield from self.count.failures("redirects.count", len(answer.redirects))
        if self.final_url is not None:
            yield from self.final_url.failures("redirects.final_url", answer.url)
        if self.chain is not None and self.chain != answer.redirects:
            yield self.failure("redirects.chain", listed(self.chain), listed(answer.redirects) or "no redirect")


class VersionAssertion(Assertion):
    """Which HTTP was spoken."""

    equals: Literal["1.0", "1.1", "2"] = Field(description="The version of the answer.")

    def failures(self, answer: Answer) -> Iterator[Failure]:
        """At most one."""
        if answer.http_version != self.equals:
            yield self.failure("http_version", self.equals, answer.http_version)


class Validation(MeasuredTls):
    """What makes an answer a good one; without any status of its own, a good status is 2xx."""

    status_code: StatusCode | StatusCodes | StatusAssertion = Field(
        StatusAssertion(any_of=("2xx",)),
        description="200, 2xx, 200-299, a list, or {any_of: [...], severity: …}.",
    )
    headers: Mapping[str, HeaderAssertion] = Field({}, description="Conditions by name of the header.")
    body: BodyAssertion | None = Field(None, description="Conditions on the decoded body.")
    json_: tuple[JsonAssertion, ...] = Field((), alias="json", description="Conditions on values of a JSON body.")
    size: SizeAssertion | None = Field(None, description="Bounds of the decoded body in bytes.")
    redirects: RedirectAssertion | None = Field(None, description="Conditions on the redirects.")
    http_version: Literal["1.0", "1.1", "2"] | VersionAssertion | None = Field(
        None, description='"1.0", "1.1" or "2", or {equals: "2", severity: degraded}.'
    )

    def failures(self, answer: Answer, context: Context) -> tuple[Failure, ...]:
        """Everything about the answer and its measurement that is not as it should be."""
        return (*self._of_answer(answer), *self.measured(context))

    def _of_answer(self, answer: Answer) -> Iterator[Failure]:
        yield from self._status().failures(answer)
        for name, assertion in self.headers.items():
            yield from assertion.failures(name, answer)
        for part in (self.body, *self.json_, self.size, self.redirects, self._version()):
            if part is not None:
                yield from part.failures(answer)

    def _status(self) -> StatusAssertion:
        if isinstance(self.status_code, StatusAssertion):
            return self.status_code
        wanted = self.status_code if isinstance(self.status_code, tuple) else (self.status_code,)
        return StatusAssertion(any_of=wanted)

    def _version(self) -> VersionAssertion | None:
        return VersionAssertion(equals=self.http_version) if isinstance(self.http_version, str) else self.http_version
