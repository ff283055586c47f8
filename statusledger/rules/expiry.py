"""CertificateExpiring and DomainExpiring: days that are left."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from statusledger.clock import DAY_MS
from statusledger.config.alerting import ExpiringBlock
from statusledger.model import Check, Level
from statusledger.rules.alert import Alert, Watched
from statusledger.rules.outlook import Outlook
from statusledger.written.wording import plural


@dataclass(frozen=True, slots=True)
class Expiry:
    """When something ends; `frozen`: nobody has looked for a while."""

    ends_at: int
    told: str
    frozen: bool = False


def certificates(outlook: Outlook) -> Iterator[Alert]:
    """One for every check whose certificate, or one in its chain, ends soon."""
    for one, check in _checks(outlook):
        known = outlook.situation.certificates.get(check.id)
        if known is not None:
            ends = min(at for at in (known.not_after, known.chain_not_after) if at is not None)
            told = f"the certificate by {known.issuer}" if ends == known.not_after else "a certificate in the chain"
            expiry = Expiry(ends, told)
            yield from _alerts(outlook, (one, check), expiry, "CertificateExpiring")


def domains(outlook: Outlook) -> Iterator[Alert]:
    """One for every domain whose registration ends soon."""
    for one, check in _checks(outlook):
        reading = outlook.situation.days_left.get(check.id)
        if reading is not None and check.type == "domain":
            at, days = reading
            stale = outlook.as_of - at > check.counting.max_staleness_ms
            expiry = Expiry(at + math.floor(days) * DAY_MS, "the registration of the domain", stale)
            yield from _alerts(outlook, (one, check), expiry, "DomainExpiring")


def _checks(outlook: Outlook) -> Iterator[tuple[Watched, Check]]:
    for one in outlook.situation.subjects.values():
        if one.component.active:
            yield from ((one, check) for check in one.component.checks if check.active)


def _alerts(outlook: Outlook, subject: tuple[Watched, Check], expiry: Expiry, rule: str) -> Iterator[Alert]:
    block = outlook.rules.certificate_expiring if rule == "CertificateExpiring" else outlook.rules.domain_expiring
    days = (expiry.ends_at - outlook.as_of) // DAY_MS
    if not isinstance(block, ExpiringBlock) or days >= block.warn_days:
        return
    one, check = subject
    critical = days < block.critical_days
    several = len(one.component.checks) > 1
    name = f"{one.component.name} ({check.name})" if several else one.component.name
    what = "certificate" if rule == "CertificateExpiring" else "domain"
    left = f"expires in {plural(days, 'day')}" if days >= 0 else "has expired"
    yield Alert(
        rule=rule,
        severity=Level.CRITICAL if critical else Level.WARNING,
        subject=check.id,
        name=name,
        since=expiry.ends_at - block.warn_days * DAY_MS,
        headline=f"The {what} of {name} {left}",
        reason=f"{expiry.told[:1].upper()}{expiry.told[1:]} ends on {outlook.moment(expiry.ends_at)}.",
        frozen=expiry.frozen,
        **outlook.about(one),
    )
