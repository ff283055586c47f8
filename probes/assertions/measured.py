"""Conditions on the measurement itself, which every type has: its times, the family of the address, the certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from probes.assertions.assertion import Assertion, one_at_least
from probes.assertions.numbers import NumberAssertion
from probes.assertions.texts import TextAssertion
from statusledger.clock import DAY_MS
from statusledger.model import Certificate, Failure

if TYPE_CHECKING:
    from probes.contract import Context

TimedPhase = Literal["total", "dns", "connect", "tls", "ttfb", "body"]
TlsVersion = Literal["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
TLS_VERSIONS: tuple[TlsVersion, ...] = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class FamilyAssertion(Assertion):
    """Over which IP the target was reached."""

    equals: Literal["ipv4", "ipv6"] = Field(description="The family of the address that was used.")

    def failures(self, address: str | None) -> Iterator[Failure]:
        """At most one."""
        family = f"ipv{ip_address(address.partition('%')[0]).version}" if address else "no address"
        if family != self.equals:
            yield self.failure("ip_family", self.equals, family)


class CertificateAssertion(Assertion):
    """What the certificate of the target must be."""

    days_left: NumberAssertion | None = Field(None, description="Whole days until the certificate expires.")
    chain_days_left: NumberAssertion | None = Field(
        None, description="Whole days until the first certificate above it in the chain that was sent expires."
    )
    issuer: TextAssertion | None = Field(None, description="The organisation that issued it.")
    minimum_version: TlsVersion | None = Field(None, description="The oldest version of TLS that is good enough.")

    @model_validator(mode="after")
    def _says_something(self) -> CertificateAssertion:
        return one_at_least(self, "days_left", "chain_days_left", "issuer", "minimum_version")

    def failures(self, certificate: Certificate | None, now: int) -> Iterator[Failure]:
        """One for each condition that does not hold; without a certificate, each of them."""
        if self.days_left:
            left = days_left(certificate.not_after, now) if certificate else None
            yield from self.days_left.failures("certificate.days_left", left, "days")
        if self.chain_days_left:
            above = certificate.chain_not_after if certificate else None
            left = None if above is None else days_left(above, now)
            yield from self.chain_days_left.failures("certificate.chain_days_left", left, "days")
        if self.issuer:
            yield from self.issuer.failures("certificate.issuer", certificate.issuer if certificate else None)
        if self.minimum_version:
            yield from self._version(certificate.tls_version if certificate else "no TLS")

    def _version(self, spoken: str) -> Iterator[Failure]:
        wanted = TLS_VERSIONS.index(self.minimum_version or "TLSv1")
        if spoken not in TLS_VERSIONS[wanted:]:
            yield self.failure("certificate.minimum_version", f"{self.minimum_version} or newer", spoken)


def days_left(not_after: int, now: int) -> int:
    """Whole days from now until the instant (both epoch ms), rounded down; negative once it has passed."""
    return (not_after - now) // DAY_MS


class Measured(BaseModel):
    """Conditions that every type has; a type adds those on its own answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    time: Mapping[TimedPhase, NumberAssertion] = Field(
        {}, description="Conditions on milliseconds: of `total`, or of one phase.", examples=["{dns: {less: 50}}"]
    )
    ip_family: Literal["ipv4", "ipv6"] | FamilyAssertion | None = Field(
        None, description="ipv4 or ipv6, or {equals: ipv6, severity: degraded}."
    )

    def measured(self, context: Context) -> Iterator[Failure]:
        """One for each of these conditions that the finished measurement does not meet."""
        trace = context.trace
        for phase, assertion in self.time.items():
            spent = trace.total_ms if phase == "total" else getattr(trace.phases, phase)
            yield from assertion.failures(f"time.{phase}", spent, "ms")
        if isinstance(self.ip_family, str):
            yield from FamilyAssertion(equals=self.ip_family).failures(trace.address)
        elif self.ip_family is not None:
            yield from self.ip_family.failures(trace.address)


class MeasuredTls(Measured):
    """Conditions of the types that speak TLS."""

    certificate: CertificateAssertion | None = Field(None, description="Conditions on the certificate.")

    def measured(self, context: Context) -> Iterator[Failure]:
        """One for each of these conditions that the finished measurement does not meet."""
        yield from super().measured(context)
        if self.certificate is not None:
            yield from self.certificate.failures(context.trace.certificate, context.now)
