"""TCP: does the port take a connection, and with `expect`, does it say what it should."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from probes.certificates import tls_context
from probes.comparison import shown
from probes.contract import Context, Options, ProbeType, TargetError
from probes.network import Connection
from statusledger.model import Check, Failure, Observation

LONGEST_ANSWER_BYTES = 65_536


def _address(text: str) -> str:
    if "{{" in text:
        return text
    if _place(text) is None:
        msg = f'"{text}" is not an address with a port; write e.g. tcp://example.com:5432'
        raise ValueError(msg)
    return text


def _place(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (host, port) if parts.scheme == "tcp" and host and port else None


class TcpOptions(Options):
    """Where to connect, and what is said there."""

    url: Annotated[str, AfterValidator(_address)] = Field(description="Address, tcp://host:port.")
    tls: bool = Field(False, description="Agree on TLS first, and verify the certificate.")
    send: str | None = Field(None, description="Text to send once connected, as UTF-8.")
    expect: str | None = Field(None, description="Text that must be in what the server says.")
    ca_file: str | None = Field(None, description="Authorities (PEM file) to trust instead of the machine's.")


async def probe(check: Check, options: TcpOptions, context: Context) -> Observation:
    """Up when the connection stands and, where something is expected, it was said."""
    try:
        failures = await _dialogue(options, context)
    except TargetError as error:
        return context.failed(check, error)
    return context.judged(check, failures)


async def _dialogue(options: TcpOptions, context: Context) -> tuple[Failure, ...]:
    host, port = _place(options.url) or ("", 0)
    connection = await context.network.connect(host, port, context.trace)
    try:
        if options.tls:
            await connection.start_tls(tls_context(options.ca_file), host)
        context.trace.enter("ttfb")
        if options.send is not None:
            await connection.write(options.send.encode())
        if options.expect is None:
            return ()
        said = await _said(connection, options.expect.encode())
    finally:
        connection.close()
    if options.expect.encode() in said:
        return ()
    found = shown(said.decode("utf-8", "replace")) if said else "nothing, then the end"
    return (Failure("expect", shown(options.expect), found),)


async def _said(connection: Connection, wanted: bytes) -> bytes:
    """What the server says until the wanted text is in it, it ends, or it is too long to be an answer."""
    said = b""
    while wanted not in said and len(said) < LONGEST_ANSWER_BYTES:
        data = await connection.read()
        if not data:
            break
        said += data
    return said


TCP = ProbeType(
    name="tcp",
    schemes=("tcp",),
    options=TcpOptions,
    probe=probe,
    summary="Opens a connection, with TLS if wanted, and may hold a short dialogue.",
)
