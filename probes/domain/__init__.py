"""Domain: is the name still registered, for how long, and does its registry hold it back.

Only what the registry says of the domain makes a check up, degraded or down. A registry that does not answer, limits
us (429) or answers something else says nothing about the domain: that is unknown, with the reason as the detail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from probes import http
from probes.assertions.assertion import Assertion, one_at_least
from probes.assertions.measured import Measured, days_left
from probes.assertions.texts import Texts
from probes.comparison import listed
from probes.connecting import address
from probes.contract import Context, Options, ProbeType, TargetError
from probes.domain import rdap
from probes.domain.rdap import Registration
from probes.http import HttpOptions
from statusledger.clock import DAY_MS
from statusledger.model import Check, Failure, Observation, Status

IANA = "https://data.iana.org/rdap/dns.json"
HELD_BACK = ("client hold", "server hold", "redemption period", "pending delete")
# These are our own faults and not a registry's: an address that is not allowed, and a domain that has no server.
OWN_FAULTS = frozenset({"blocked_address", "not_permitted"})

_ADDRESS = re.compile(r"domain://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE)


def _domain(text: str) -> str:
    if "{{" in text or _ADDRESS.fullmatch(text):
        return text
    msg = f'"{text}" is not a domain; write e.g. domain://example.com (and other scripts in ASCII: xn--…)'
    raise ValueError(msg)


RdapAddress = Annotated[
    str, AfterValidator(address("http", "https", port=False, example="https://rdap.example.net/v1/"))
]


class StatusesAssertion(Assertion):
    """What states the registry may have put the domain into."""

    contains_all: Texts | None = Field(
        None, description="All of these states.", examples=["[client transfer prohibited]"]
    )
    not_contains: Texts | None = Field(None, description="None of these states.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        return one_at_least(self, "contains_all", "not_contains")

    def failures(self, statuses: Sequence[str]) -> Iterator[Failure]:
        """One for each condition that does not hold; states have no case."""
        told = listed(statuses) or "no status"
        held = {status.lower() for status in statuses}
        missing = [status for status in self.contains_all or () if status.lower() not in held]
        if missing:
            yield self.failure("status", listed(missing), told)
        present = [status for status in self.not_contains or () if status.lower() in held]
        if present:
            yield self.failure("status", f"not {listed(present)}", told)


class DomainValidation(Measured):
    """What the registration must be besides not expiring; times are those of the registry's server."""

    status: StatusesAssertion = Field(
        StatusesAssertion(not_contains=HELD_BACK),
        description=f"Conditions on the states of RFC 8056. Default: none of {', '.join(HELD_BACK)}.",
    )


class DomainOptions(Options):
    """Which domain, how early to warn, and whom to ask."""

    url: Annotated[str, AfterValidator(_domain)] = Field(description="The domain, domain://example.com.")
    warn_days: int = Field(30, ge=0, description="Degraded with fewer whole days left than this.")
    fail_days: int = Field(7, ge=0, description="Down with fewer whole days left than this.")
    rdap_server: RdapAddress | None = Field(
        None, description="Base address of the RDAP server. Default: the one that `bootstrap` names for the domain."
    )
    bootstrap: RdapAddress = Field(IANA, description="The list of all RDAP servers (RFC 9224).")
    validation: DomainValidation = Field(default_factory=DomainValidation, description="What the registration must be.")

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        if self.fail_days > self.warn_days:
            msg = f"fail_days is {self.fail_days} and warn_days {self.warn_days}; a warning has to come first"
            raise ValueError(msg)
        return self


async def probe(check: Check, options: DomainOptions, context: Context) -> Observation:
    """Up while the domain is registered, long enough, and not held back."""
    context.trace.fault = _unanswered("it did not answer in time")
    try:
        server = options.rdap_server or await rdap.server_of(options.host, options.bootstrap, context)
        found = await rdap.registration(options.host, server, context)
    except TargetError as error:
        told = error if error.code in OWN_FAULTS else _unanswered(f"{error.code}, {error.detail}")
        return context.failed(check, told)
    context.trace.stop()
    left = None if found is None or found.expires_at is None else days_left(found.expires_at, context.now)
    captured = {} if left is None else {"days_left": left}
    return context.judged(check, tuple(_failures(found, left, options, context)), captured)


def _unanswered(reason: str) -> TargetError:
    """The registry said nothing about the domain."""
    return TargetError("not_permitted", f"the RDAP server cannot be asked: {reason}")


def _failures(
    found: Registration | None, left: int | None, options: DomainOptions, context: Context
) -> Iterator[Failure]:
    if found is None:
        yield Failure("registered", "a registered domain", "404, no such domain")
    else:
        yield from _expiry(found.expires_at, left, options)
        yield from options.validation.status.failures(found.statuses)
    yield from options.validation.measured(context)


def _expiry(expires_at: int | None, left: int | None, options: DomainOptions) -> Iterator[Failure]:
    """At most one: too few days, or none that are told."""
    if expires_at is None or left is None:
        yield Failure("days_left", "an expiration in the answer", "none")
        return
    day = datetime.fromtimestamp(expires_at / 1000, UTC).date()
    for least, severity in ((options.fail_days, Status.DOWN), (options.warn_days, Status.DEGRADED)):
        if left < least:
            yield Failure("days_left", f"at least {least} days", f"{left} days, until {day}", severity)
            return


async def warm(options: DomainOptions) -> None:
    """Loads the client and the authorities before any clock runs."""
    await http.warm(HttpOptions(url=options.rdap_server or options.bootstrap))


DOMAIN = ProbeType(
    name="domain",
    schemes=("domain",),
    options=DomainOptions,
    probe=probe,
    summary="Asks the registry over RDAP how long a domain is registered, and whether it is held back.",
    longest_interval_ms=DAY_MS,
    warm=warm,
)
