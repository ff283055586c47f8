"""TLS: the handshake alone, to see whether the certificate is good for this host and for how many more days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from probes.assertions.measured import MeasuredTls, days_left
from probes.certificates import tls_context
from probes.connecting import Securing, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.starttls import DIALOGUES, StartTls, secure
from statusledger.model import Check, Failure, Observation, Status

PORT = 443


class Expiry(BaseModel):
    """How many whole days the certificate must be good for: with fewer, the check is degraded, and later down."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    warn_days: int = Field(14, ge=0, description="Degraded with fewer whole days left than these; 0 never warns.")
    fail_days: int = Field(0, ge=0, description="Down with fewer whole days left than these; 0 waits for the expiry.")

    @model_validator(mode="after")
    def _warns_first(self) -> Self:
        # without warn_days of its own, a longer fail_days simply leaves nothing to warn of
        if "warn_days" in self.model_fields_set and self.warn_days < self.fail_days:
            msg = f"a warning {self.warn_days} days before the end comes after the failure; write warn_days > fail_days"
            raise ValueError(msg)
        return self

    def failures(self, left: int) -> Iterator[Failure]:
        """At most one, the worst."""
        for least, severity in ((self.fail_days, Status.DOWN), (self.warn_days, Status.DEGRADED)):
            if left < least:
                yield Failure("expiry", f"at least {least} days left", f"{left} days", severity)
                return


class TlsValidation(MeasuredTls):
    """What the certificate must be, beyond being valid for the host."""

    expiry: Expiry = Field(Expiry(), description="From how many days left on the check is degraded, and down.")


class TlsOptions(Securing):
    """Whose certificate to look at."""

    url: Annotated[str, AfterValidator(address("tls", port=False, example="tls://example.com"))] = Field(
        description="Address, tls://host; the port is 443, or the usual one of `starttls`, if it names none."
    )
    starttls: StartTls | None = Field(None, description="Begin with the dialogue that this protocol wants.")
    validation: TlsValidation = Field(default_factory=TlsValidation, description="What the certificate must be.")

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return place(self.url, DIALOGUES[self.starttls].port if self.starttls else PORT)


async def probe(check: Check, options: TlsOptions, context: Context) -> Observation:
    """Up when the certificate is valid for the host, for long enough, and as it should be."""
    try:
        await _handshake(options, context)
    except TargetError as error:
        return replace(context.failed(check, error), captured=_captured(context))
    context.trace.stop()
    captured = _captured(context)
    failures = [*options.validation.measured(context)]
    if "days_left" in captured:
        failures += options.validation.expiry.failures(captured["days_left"])
    return context.judged(check, failures, captured)


async def _handshake(options: TlsOptions, context: Context) -> None:
    connection = await context.network.connect(*options.place, context.trace, family=options.family)
    try:
        await secure(connection, options, context, options.starttls)
    finally:
        connection.close()


def _captured(context: Context) -> Mapping[str, int]:
    """The days that are left of the certificate; also of one that was refused, and nothing where none was seen."""
    certificate = context.trace.certificate
    return {"days_left": days_left(certificate.not_after, context.now)} if certificate else {}


async def warm(options: TlsOptions) -> None:
    """Loads the authorities before any clock runs."""
    tls_context(options.authority)


TLS = ProbeType(
    name="tls",
    schemes=("tls",),
    options=TlsOptions,
    probe=probe,
    summary="Looks at a certificate: its chain, its host, and how many days are left of it; also after STARTTLS.",
    warm=warm,
)
