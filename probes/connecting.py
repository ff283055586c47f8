"""The options that all types share that open a connection: the address, the IP family, TLS and whom it trusts."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from probes.certificates import Authority
from probes.contract import Options

FAMILIES: Mapping[str, socket.AddressFamily] = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
BOTH = "both"


class Connecting(Options):
    """How to get there."""

    ip_family: Literal["any", "ipv4", "ipv6", "both"] = Field(
        "any",
        description="Over which IP: `both` measures it twice, as two checks that end in `-ipv4` and `-ipv6`.",
    )

    @property
    def family(self) -> socket.AddressFamily | None:
        """The only family of addresses that may be used; None when any may."""
        return FAMILIES.get(self.ip_family)

    @property
    def series(self) -> Mapping[str, Options]:
        """One series, or one for each family."""
        if self.ip_family != BOTH:
            return {"": self}
        return {f"-{family}": self.model_copy(update={"ip_family": family}) for family in FAMILIES}


class Securing(Connecting):
    """How to get there over TLS."""

    ca_file: str | None = Field(None, description="Authorities (PEM file) to trust instead of the machine's.")
    client_certificate: str | None = Field(None, description="The certificate to show (PEM file, may hold the key).")
    client_key: str | None = Field(None, description="The key of the client certificate (PEM file).")
    verify: bool = Field(
        True, description="`false` accepts any certificate; what it says is still recorded. Better: `ca_file`."
    )
    server_name: str | None = Field(
        None, description="The name that the certificate must be for. Default: the host of the address."
    )

    @model_validator(mode="after")
    def _key_of_a_certificate(self) -> Self:
        if self.client_key and not self.client_certificate:
            msg = "client_key is of no use without client_certificate; write both"
            raise ValueError(msg)
        return self

    @property
    def authority(self) -> Authority:
        """Whom to trust and who to be."""
        return Authority(self.ca_file, self.client_certificate, self.client_key, self.verify)


def address(*schemes: str, port: bool, example: str, userinfo: bool = False) -> Callable[[str], str]:
    """A validator of addresses with one of these schemes, a host and (`port`) a port; variables pass unread.

    A name or password in the address is refused (and not repeated) where the type would not use it (`userinfo`).
    """

    def validate(text: str) -> str:
        if "{{" in text:
            return text
        try:
            parts = urlsplit(text)
            named = parts.scheme in schemes and bool(parts.hostname) and (parts.port or not port)
        except ValueError:
            named = False
        if named and "@" in parts.netloc and not userinfo:
            msg = f"the address holds a name or password before its host, which is not sent; write e.g. {example}"
            raise ValueError(msg)
        if not named:
            msg = f'"{text}" is not an address of this type; write e.g. {example}'
            raise ValueError(msg)
        return text

    return validate


def place(url: str, default_port: int = 0) -> tuple[str, int]:
    """Host and port of an address that was validated before."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or default_port
