"""Several HTTP requests in order: what one answers is carried over to the next (log in, then fetch the profile)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import quote

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from probes.assertions.answer import MISSING, Answer
from probes.assertions.json_values import json_path, selected
from probes.comparison import shown
from probes.connecting import address
from probes.contract import Context, Options, ProbeType, TargetError
from probes.http import Request
from probes.http import warm as warm_http
from probes.trace import Trace
from statusledger.model import Check, Failure, Observation, Status

if TYPE_CHECKING:
    import httpx

_NAME = "[a-z][a-z0-9_]*"
_CARRIED = re.compile(rf"\$\{{({_NAME})\}}")
_USED = re.compile(r"\$\{([^{}]*)\}")
_HEADER = re.compile(r"header:([!#$%&'*+.^_`|~0-9A-Za-z-]+)")
_FILLED = ("url", "headers", "body", "auth")
_web_address = address("http", "https", port=False, example="https://example.com/login")


def _address(text: str) -> str:
    return text if "${" in text else _web_address(text)


def _source(text: str) -> str:
    if _HEADER.fullmatch(text):
        return text
    if not text.startswith(("$", "{{")):
        msg = f'"{text}" is neither a JSON path nor a header; write e.g. $.token or header:X-Token'
        raise ValueError(msg)
    return json_path(text)


Name = Annotated[str, StringConstraints(pattern=f"^{_NAME}$")]
Source = Annotated[str, AfterValidator(_source)]


class Step(Request):
    """One request; `${name}` in its address, headers, body or token is what an earlier step carried over."""

    url: Annotated[str, AfterValidator(_address)] = Field(description="Address, http:// or https://.")
    name: Name | None = Field(None, description="What to call it. Default: step_1, step_2, …")
    carry: Mapping[Name, Source] = Field(
        {},
        description="What later steps need of this answer, by name: a JSON path, or `header:NAME`. It is masked.",
        examples=['{token: "$.access_token"}'],
    )

    def filled(self, carried: Mapping[str, str]) -> Step:
        """The step with what earlier ones carried over; TargetError where it makes no request."""
        if not carried:
            return self
        written = self.model_dump(by_alias=True, exclude_unset=True)
        written |= {key: _filled(written[key], carried, as_part=key == "url") for key in _FILLED if key in written}
        try:
            return Step.model_validate(written)
        except ValidationError as error:
            # never with the input, which pydantic cuts: half a secret would not be masked
            fault = error.errors(include_url=False, include_input=False)[0]
            raise TargetError("protocol", f"what was carried over makes no request: {fault['msg']}") from None

    @property
    def uses(self) -> set[str]:
        """The names of what it needs from earlier steps."""
        return set(_USED.findall(json.dumps(self.model_dump(include=set(_FILLED)))))


class StepsOptions(Options):
    """The requests in their order. Each has a connection of its own; cookies are kept between them."""

    steps: tuple[Step, ...] = Field(min_length=1, description="The requests.")

    @property
    def host(self) -> str:
        """The host of the first request."""
        return self.steps[0].host

    @model_validator(mode="after")
    def _carried_before_it_is_used(self) -> Self:
        known: set[str] = set()
        for number, step in enumerate(self.steps, 1):
            if step.uses - known:
                msg = f"step {number} uses ${{{min(step.uses - known)}}}, which no step before it carries over"
                raise ValueError(msg)
            known |= set(step.carry)
        return self


def _filled(value: Any, carried: Mapping[str, str], *, as_part: bool) -> Any:
    """The same shape with every `${name}` replaced; a part of an address is escaped, a whole address is not."""
    if isinstance(value, Mapping):
        return {key: _filled(item, carried, as_part=as_part) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    escape: Callable[[str], str] = _escaped if as_part and not _CARRIED.fullmatch(value) else str
    return _CARRIED.sub(lambda match: escape(carried[match[1]]), value)


def _escaped(text: str) -> str:
    return quote(text, safe="")


async def probe(check: Check, options: StepsOptions, context: Context) -> Observation:
    """Up when every step holds; the first one that is down ends it. `<step>_ms` is kept for each."""
    import httpx  # noqa: PLC0415 - only the check that needs it pays for it

    from probes.http_client import out_of_time  # noqa: PLC0415 - see probes.http

    carried: dict[str, str] = {}
    failures: list[Failure] = []
    cookies = httpx.Cookies()
    for number, step in enumerate(options.steps, 1):
        name = step.name or f"step_{number}"
        apart = replace(context, trace=Trace())
        try:
            answer = await _asked(step.filled(carried), context, apart, cookies)
        except TargetError as error:
            return context.failed(check, TargetError(error.code, f"{name}: {error.detail}"))
        except asyncio.CancelledError:
            context.trace.fault = out_of_time(context.trace, name)
            raise
        context.trace.captured[f"{name}_ms"] = apart.trace.total_ms
        failures += _named(name, await context.aside(partial(step.validation.failures, answer, apart)))
        failures += _named(name, _carry(step, answer, carried, context))
        if any(failure.severity is Status.DOWN for failure in failures):
            break
    return context.judged(check, failures)


async def _asked(step: Step, context: Context, apart: Context, cookies: httpx.Cookies) -> Answer:
    """The answer to one step; the attempt takes over where its stopwatch stands, however it ends."""
    from probes.http_client import fetch  # noqa: PLC0415 - see probes.http

    try:
        answer = await fetch(step, apart, cookies)
    except BaseException:
        # the deadline blames the phase in which the step stands
        context.trace.adopt(apart.trace)
        raise
    apart.trace.stop()
    context.trace.adopt(apart.trace)
    return answer


def _carry(step: Step, answer: Answer, carried: dict[str, str], context: Context) -> Iterator[Failure]:
    """Takes what later steps need; a failure for what is not there."""
    for name, source in step.carry.items():
        header = _HEADER.fullmatch(source)
        found = [answer.header(header[1])] if header else _values(source, answer)
        if len(found) != 1 or found[0] is None or isinstance(found[0], dict | list):
            there = ", ".join(shown(value) for value in found if value is not None) or "nothing there"
            yield Failure(f"carry.{name}", f"one value at {source}", there)
            continue
        carried[name] = found[0] if isinstance(found[0], str) else json.dumps(found[0])
        context.hide(carried[name])


def _values(path: str, answer: Answer) -> list[Any]:
    return [] if answer.json is MISSING else selected(path, answer.json) or []


def _named(name: str, failures: Iterator[Failure] | tuple[Failure, ...]) -> Iterator[Failure]:
    return (replace(failure, assertion=f"{name}: {failure.assertion}") for failure in failures)


async def warm(options: StepsOptions) -> None:
    """Loads what every step needs before any clock runs."""
    for step in options.steps:
        if "${" not in step.url:
            await warm_http(step)


STEPS = ProbeType(
    name="steps",
    schemes=(),
    options=StepsOptions,
    probe=probe,
    summary="Sends several HTTP requests in order and carries values over from one to the next.",
    warm=warm,
)
