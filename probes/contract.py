"""What every probe agrees on: its options, the context it runs in, and the closed list of words it answers with.

A probe is `async def probe(check, options, context) -> Observation`. A failing target is a value: the probe catches
`TargetError` and answers `context.failed(...)`. Whatever else a probe raises is our own fault, not the target's.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from probes.excerpt import excerpt, kept_headers
from probes.trace import Trace
from statusledger.clock import HOUR_MS
from statusledger.model import Check, Failure, Observation, Status

if TYPE_CHECKING:
    from probes.network import Network

DETAIL_CHARACTERS = 200
EXCERPT_CHARACTERS = 80
Judged = TypeVar("Judged")
NO_NUMBERS: Mapping[str, float] = MappingProxyType({})

ERROR_CODES: Mapping[str, str] = MappingProxyType(
    {
        "dns_nxdomain": "the name does not exist, or has no address",
        "dns_timeout": "the name was not resolved in time",
        "dns_error": "the name could not be resolved",
        "refused": "nothing listens on that port",
        "unreachable": "there is no route to the address",
        "connect_timeout": "no connection in time",
        "tls_expired": "the certificate has expired",
        "tls_hostname": "the certificate is for another name",
        "tls_untrusted": "the certificate comes from nobody who is trusted",
        "tls_protocol": "no TLS could be agreed on",
        "tls_timeout": "the TLS handshake did not end in time",
        "reset": "the connection was closed before the answer was complete",
        "ttfb_timeout": "no answer began in time",
        "body_timeout": "the answer began but did not end in time",
        "deadline": "the time was up outside of any phase",
        "too_large": "the answer is larger than the cap",
        "redirect_loop": "redirected in a circle, or too often",
        "status": "another status than expected; the suffix is the status",
        "assertion": "an assertion did not hold",
        "slow": "past the critical response time",
        "retried": "passed, but not at the first attempt; the suffix is what failed before",
        "protocol": "what was answered is not the protocol that was spoken",
        "blocked_address": "the address is not public and not in `monitor.allow_networks`",
        "not_permitted": "this machine forbids the measurement",
        "missing_heartbeat": "no good report came in time",
        "probe_offline": "the probe itself had no network; the suffix is what it saw",
        "internal": "the probe itself failed",
    }
)
"""Every error code and what it says about the target; the same for the same fault on every type."""

_CODE = re.compile(r"(?P<base>[a-z_]+)(?::(?P<suffix>[a-z0-9_.-]+))?")
_NOTHING_TIMED = frozenset({"blocked_address", "internal", "not_permitted", "missing_heartbeat"})


def error_code(base: str, suffix: str | int | None = None) -> str:
    """`base` or `base:suffix`; ValueError for a code that is not in the closed list."""
    code = base if suffix is None else f"{base}:{suffix}"
    if not is_error_code(code):
        msg = f'"{code}" is not an error code; there are {", ".join(ERROR_CODES)}, each with an optional :suffix'
        raise ValueError(msg)
    return code


def is_error_code(text: str) -> bool:
    """Whether the text follows the grammar `code[:suffix]` with a code of the closed list."""
    match = _CODE.fullmatch(text)
    return match is not None and match["base"] in ERROR_CODES


def base_code(code: str) -> str:
    """The code without its suffix: `status` of `status:503`."""
    return code.partition(":")[0]


class TargetError(Exception):
    """The target did not do what it was asked for; `code` and `detail` say what it did."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = error_code(*code.split(":", 1))
        self.detail = detail
        super().__init__(f"{code}: {detail}")


class MissingLibrary(Exception):  # noqa: N818 - it names what happened
    """The check needs a library that is not installed; the message says how to install it."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f'{library} is not installed; install it with: pip install "statusledger[{extra}]"')


class Options(BaseModel):
    """The keys that a check of one type may have; text may hold `{{ NAME }}` until the check is run."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @property
    def host(self) -> str:
        """The name of the host in `url`; empty for a type that asks none in particular."""
        return urlsplit(str(getattr(self, "url", ""))).hostname or ""

    @property
    def rates(self) -> frozenset[str]:
        """The names of the captured numbers that count up, of which the growth is shown."""
        return frozenset()

    @property
    def series(self) -> Mapping[str, Options]:
        """What has to be measured apart, by what to add to the id of the check; one series without a name mostly."""
        return {"": self}


@dataclass(frozen=True, slots=True)
class Context:
    """What one attempt may use: the door to the network, the stopwatch, the mask.

    `mask` replaces every secret in a text, `hide` makes one more text a secret (a token that was handed out). `now` is
    the instant it began, `last_report` that of the newest good report of a heartbeat (both epoch ms).
    """

    location: str
    scheduled_at: int
    now: int
    network: Network
    trace: Trace
    mask: Callable[[str], str]
    hide: Callable[[str], None]
    last_report: int | None = None

    async def aside(self, judge: Callable[[], Judged]) -> Judged:
        """What it gives, worked out beside the loop and past the deadline.

        An expression that takes half a second must neither slow the other checks down nor count as the target's time.
        """
        work = asyncio.ensure_future(asyncio.to_thread(judge))
        while not work.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(work)
        return work.result()

    def judged(
        self, check: Check, failures: Sequence[Failure] = (), captured: Mapping[str, float] = NO_NUMBERS
    ) -> Observation:
        """Up when nothing failed, else as bad as the worst failure."""
        self.trace.captured |= captured
        if not failures:
            return self._observation(check, Status.UP)
        status = Status.DOWN if any(failure.severity is Status.DOWN for failure in failures) else Status.DEGRADED
        by_status = any(_is_of_status(failure) and failure.severity is status for failure in failures)
        code = error_code("status", self.trace.http_status) if by_status else "assertion"
        masked = tuple(
            replace(failure, expected=self._excerpt(failure.expected), actual=self._excerpt(failure.actual))
            for failure in failures
        )
        detail = "; ".join(map(str, masked))
        return self._observation(check, status, code, detail, failures=masked)

    def _may_be_kept(self, number: float) -> bool:
        """Whether it is no secret; TypeError for what is no number, which history could not hold."""
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            msg = f"a captured number is {type(number).__name__}, which is not a finite number"
            raise TypeError(msg)
        return self.mask(str(number)) == str(number)

    def _excerpt(self, text: str) -> str:
        """The text masked, and only then cut: half a secret would not be recognised."""
        masked = self.mask(text)
        return masked if len(masked) <= EXCERPT_CHARACTERS else masked[: EXCERPT_CHARACTERS - 1] + "…"

    def failed(self, check: Check, error: TargetError) -> Observation:
        """Down, with the code of the error; unknown where this machine may not measure at all."""
        status = Status.UNKNOWN if error.code == "not_permitted" else Status.DOWN
        return self._observation(check, status, error.code, error.detail)

    def broken(self, check: Check, detail: str | None = None) -> Observation:
        """Unknown: our own fault, which says nothing about the target."""
        return self._observation(check, Status.UNKNOWN, "internal", detail)

    def _observation(
        self, check: Check, status: Status, code: str | None = None, detail: str | None = None, **facts: Any
    ) -> Observation:
        trace = self.trace
        trace.stop()
        if status is not Status.UP:
            facts |= {"headers": kept_headers(trace.headers, self.mask), "excerpt": excerpt(trace.beginning, self.mask)}
        return Observation(
            check=check.id,
            location=self.location,
            scheduled_at=self.scheduled_at,
            started_at=self.now,
            status=status,
            ms=None if code in _NOTHING_TIMED else trace.total_ms,
            code=code,
            detail=None if detail is None else self.mask(detail)[:DETAIL_CHARACTERS],
            phases=trace.phases,
            reused=trace.reused,
            address=None if trace.address is None else self.mask(trace.address),
            http_status=trace.http_status,
            body_size=trace.body_size,
            certificate=trace.certificate and replace(trace.certificate, issuer=self.mask(trace.certificate.issuer)),
            captured={name: number for name, number in trace.captured.items() if self._may_be_kept(number)},
            **facts,
        )


def _is_of_status(failure: Failure) -> bool:
    """Whether the HTTP status was wrong, of the one request or of a named step."""
    return failure.assertion.rpartition(": ")[2] == "status_code"


Probe = Callable[[Check, Any, Context], Awaitable[Observation]]


@dataclass(frozen=True, slots=True)
class ProbeType:
    """One protocol: the options of its checks and how to measure them.

    `schemes` are the address schemes that mean this type; `extra` is the pip extra that it needs, if any, and
    `requires` the modules that come with it; `longest_interval_ms` is how seldom it may be measured. A type that `asks`
    nobody is not repeated when it fails. `warm` does, before any clock runs, what would otherwise make the first check
    of this type look slow.
    """

    name: str
    schemes: tuple[str, ...]
    options: type[Options]
    probe: Probe
    summary: str
    extra: str | None = None
    requires: tuple[str, ...] = ()
    longest_interval_ms: int = HOUR_MS
    asks: bool = True
    warm: Callable[[Any], Awaitable[None]] | None = None
