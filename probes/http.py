"""HTTP and HTTPS: one cold connection per request, an answer held against its assertions, redirects only when asked."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from probes.assertions.answer import MISSING, Answer
from probes.assertions.http import Validation
from probes.assertions.json_values import JsonPath, selected
from probes.authentication import Authentication
from probes.certificates import tls_context
from probes.connecting import Securing, address
from probes.contract import DETAIL_CHARACTERS, Context, ProbeType, TargetError
from probes.headers import Headers
from probes.trace import Trace
from statusledger.model import Check, Observation, Status

MEBIBYTE = 1_048_576
_WORST_FIRST = (Status.DOWN, Status.UNKNOWN, Status.DEGRADED, Status.UP)


class Capture(BaseModel):
    """A number that is taken out of a JSON answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    path: JsonPath = Field(description="Where the number stands, e.g. $.evicted")
    rate: bool = Field(False, description="It counts up: show how much a second, not the number itself.")


class Request(Securing):
    """What to ask for, and what makes the answer good."""

    url: Annotated[str, AfterValidator(address("http", "https", port=False, example="https://example.com/health"))] = (
        Field(description="Address, http:// or https://.")
    )
    method: str = Field("GET", pattern="^[A-Z]+$", description="Request method.")
    headers: Headers = Field({}, description="Request headers; never sent to another origin.")
    auth: Authentication | None = Field(None, description="Who asks; never told to another origin.")
    body: str | None = Field(None, description="Request body, sent as UTF-8.")
    http2: bool = Field(False, description="Offer HTTP/2 (over TLS); the server chooses.")
    proxy: (
        Annotated[str, AfterValidator(address("http", port=True, example="http://proxy.example:3128", userinfo=True))]
        | None
    ) = Field(
        None, description="An HTTP proxy to go through. It looks the host up, so only its own address is checked."
    )
    validation: Validation = Field(default_factory=Validation, description="What the answer must be.")
    max_redirects: int = Field(0, ge=0, le=10, description="How many redirects are followed; 0: a 3xx is the answer.")
    max_bytes: int = Field(MEBIBYTE, ge=0, description="How long the decoded body may be; a longer one fails.")


class HttpOptions(Request):
    """One request, or several at once."""

    capture: Mapping[str, JsonPath | Capture] = Field(
        {},
        description="Numbers to keep, by name: a JSON path, or {path: …, rate: true} for one that counts up.",
        examples=['{connections: "$.connections"}'],
    )
    concurrency: int = Field(1, ge=1, le=50, description="Requests at once; all must pass, the slowest is kept.")
    all_addresses: bool = Field(
        False, description="Ask every address that the host has; all must pass, the slowest is kept."
    )

    @property
    def rates(self) -> frozenset[str]:
        """The names of the captured numbers that count up."""
        named = self.capture.items()
        return frozenset(name for name, wanted in named if isinstance(wanted, Capture) and wanted.rate)

    @model_validator(mode="after")
    def _one_way_to_ask_more(self) -> Self:
        if self.concurrency > 1 and self.all_addresses:
            msg = "concurrency and all_addresses cannot be combined; make two checks of it"
            raise ValueError(msg)
        if self.proxy and self.all_addresses:
            msg = "all_addresses and proxy cannot be combined: the proxy looks the host up"
            raise ValueError(msg)
        return self


async def probe(check: Check, options: HttpOptions, context: Context) -> Observation:
    """Up when every request that was asked for holds; status, size and certificate are those of the worst."""
    try:
        if options.all_addresses:
            return await _at_all_addresses(check, options, context)
        if options.concurrency > 1:
            apart = [_apart(context) for _ in range(options.concurrency)]
            return _concurrent(await _together(check, options, context, apart))
        return await _once(check, options, context)
    except TargetError as error:
        return context.failed(check, error)


async def _once(check: Check, options: HttpOptions, context: Context) -> Observation:
    from probes.http_client import fetch  # noqa: PLC0415 - 400 ms that a run without an HTTP check never pays

    try:
        answer = await fetch(options, context)
    except TargetError as error:
        return context.failed(check, error)
    context.trace.stop()  # judging the answer takes time that is not the service's
    failures, numbers = await context.aside(
        lambda: (options.validation.failures(answer, context), dict(_captured(options, answer)))
    )
    return context.judged(check, failures, numbers)


def _captured(options: HttpOptions, answer: Answer) -> Iterator[tuple[str, float]]:
    """Each number that is there, by name. What is no number is not known: only an assertion makes it a failure."""
    for name, wanted in options.capture.items():
        path = wanted.path if isinstance(wanted, Capture) else wanted
        values = [] if answer.json is MISSING else selected(path, answer.json) or []
        if len(values) == 1 and _is_finite_number(values[0]):
            yield name, values[0]


def _is_finite_number(value: Any) -> bool:
    """Whether history can hold it: JSON may say 1e999, or a whole number of a thousand digits."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


# --- several at once ----------------------------------------------------------------------------


def _apart(context: Context) -> Context:
    """The same with a stopwatch of its own."""
    return replace(context, trace=Trace())


async def _together(
    check: Check, options: HttpOptions, context: Context, apart: Sequence[Context]
) -> list[Observation]:
    """What each of them saw; when the time is up, the attempt stands where the first unfinished one stands."""
    try:
        return await asyncio.gather(*(_once(check, options, one) for one in apart))
    except asyncio.CancelledError:
        context.trace.adopt(next((one.trace for one in apart if not one.trace.has_stopped), context.trace))
        raise


def _concurrent(seen: list[Observation]) -> Observation:
    """The worst of them, with the time of the slowest and the 95th percentile (nearest rank)."""
    times = sorted(one.ms for one in seen if one.ms is not None)
    captured = {"slowest_ms": times[-1], "p95_ms": times[-(-95 * len(times) // 100) - 1]} if times else {}
    failed = sum(one.status is Status.DOWN for one in seen)
    worst = min(seen, key=_badness)
    detail = f"{failed} of {len(seen)} requests failed: {worst.detail}" if failed else worst.detail
    return replace(worst, detail=detail and detail[:DETAIL_CHARACTERS], captured={**worst.captured, **captured})


async def _at_all_addresses(check: Check, options: HttpOptions, context: Context) -> Observation:
    """The worst of all addresses, each with a time of its own: `address_1_ms` is that of the lowest address."""
    parts = urlsplit(options.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = await context.network.resolve(host, port, context.trace, family=options.family)
    places = sorted(dict.fromkeys(found), key=lambda place: (place[0], place[1][0]))
    apart = [replace(_apart(context), network=context.network.pinned(host, place)) for place in places]
    seen = await _together(check, options, context, apart)
    times = {f"address_{index}_ms": one.ms for index, one in enumerate(seen, 1) if one.status is not Status.DOWN}
    worst = min(seen, key=_badness)
    detail = f"{worst.address}: {worst.detail}"[:DETAIL_CHARACTERS] if worst.detail else None
    counted = {"addresses": len(seen), **{name: ms for name, ms in times.items() if ms is not None}}
    return replace(worst, detail=detail, captured={**worst.captured, **counted})


def _badness(seen: Observation) -> tuple[int, int]:
    return _WORST_FIRST.index(seen.status), -(seen.ms or 0)


async def warm(options: Request) -> None:
    """Loads the client, the authorities and the languages of the assertions before any clock runs."""
    from probes.http_client import alpn, rehearse  # noqa: PLC0415 - see probe

    await rehearse()
    if options.validation.json_:
        import jsonpath_rfc9535  # noqa: F401, PLC0415 - for its import alone
    if options.url.startswith("https"):
        tls_context(options.authority, alpn(options))


HTTP = ProbeType(
    name="http",
    schemes=("http", "https"),
    options=HttpOptions,
    probe=probe,
    summary="Asks a web server and holds the answer against assertions: status, headers, body, JSON, size, times.",
    warm=warm,
)
