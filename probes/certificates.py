"""TLS: shared client contexts in, certificate facts out, also of a certificate that failed its verification."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from probes.contract import TargetError
from statusledger.model import Certificate

EXPIRED = 10
HOST_MISMATCH = 62
ADDRESS_MISMATCH = 64
_CODES = {EXPIRED: "tls_expired", HOST_MISMATCH: "tls_hostname", ADDRESS_MISMATCH: "tls_hostname"}


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom a check trusts and who it says it is: PEM files of authorities (None: the machine's) and of the client."""

    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    verify: bool = True


@lru_cache(maxsize=64)
def tls_context(authority: Authority = Authority(), alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    """The one context for these authorities and these ALPN protocols; OSError for a file that cannot be used.

    Loading the authorities costs 20 ms of CPU, so a context is shared by all checks that agree on both.
    """
    context = ssl.create_default_context(cafile=authority.ca_file)
    if authority.client_certificate:
        context.load_cert_chain(authority.client_certificate, authority.client_key)
    if not authority.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


@lru_cache(maxsize=1)
def unverified_context() -> ssl.SSLContext:
    """A context that accepts any certificate: only for looking at one that was refused already."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def refusal(error: ssl.SSLCertVerificationError) -> TargetError:
    """The failed verification as the target's error."""
    return TargetError(_CODES.get(error.verify_code, "tls_untrusted"), error.verify_message)


def facts(tls: ssl.SSLObject, host: str, verify_code: int | None) -> Certificate:
    """What the peer's certificate says; `verify_code` is OpenSSL's (0: verified; None: nobody asked)."""
    # No public call decodes a certificate that was not verified before Python 3.13, and none a whole chain.
    chain: list[dict[str, Any]] = [sent.get_info() for sent in tls._sslobj.get_unverified_chain()]  # type: ignore[attr-defined]
    leaf, above = chain[0], chain[1:]
    cipher = tls.cipher()
    return Certificate(
        not_after=_not_after(leaf),
        chain_not_after=min(map(_not_after, above)) if above else None,
        issuer=_name(leaf["issuer"]),
        san_match=covers(leaf.get("subjectAltName", ()), host),
        verify_code=verify_code,
        tls_version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        alpn=tls.selected_alpn_protocol(),
    )


def covers(names: Sequence[tuple[str, str]], host: str) -> bool:
    """Whether one of a certificate's alternative names stands for the host (RFC 9525: `*` is one whole first label)."""
    try:
        address = ip_address(host)
    except ValueError:
        wanted = host.lower().rstrip(".")
        accepted = {wanted, f"*.{wanted.partition('.')[2]}"}
        return any(kind == "DNS" and name.lower() in accepted for kind, name in names)
    return any(kind == "IP Address" and ip_address(name.strip()) == address for kind, name in names)


def _not_after(certificate: dict[str, Any]) -> int:
    return int(ssl.cert_time_to_seconds(certificate["notAfter"])) * 1000


def _name(parts: Sequence[Sequence[tuple[str, str]]]) -> str:
    """The organisation, or else the common name, of a distinguished name."""
    fields = {key: value for part in parts for key, value in part}
    return fields.get("organizationName") or fields.get("commonName") or ""
