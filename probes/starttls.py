"""STARTTLS: what is said in plain text before TLS can begin, for each protocol that knows it.

A peer that does not offer TLS, or refuses it, is `tls_protocol`; one that turns everybody away is `status`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from probes.certificates import tls_context
from probes.comparison import shown
from probes.connecting import Securing
from probes.contract import Context, TargetError
from probes.lines import Reply, ask, first_line, next_line, read_reply, unlike
from probes.network import Connection, Prelude
from probes.trace import Trace

EHLO = "EHLO statusledger.invalid"
"""How SMTP is greeted: a name that belongs to nobody (RFC 2606)."""

StartTls = Literal["smtp", "imap", "pop3", "ftp", "xmpp", "postgres"]
Begin = Callable[[Connection, Trace, str], Awaitable[None]]

_LONGEST_FEATURES_BYTES = 16_384
_SSL_REQUEST = (8).to_bytes(4) + (80_877_103).to_bytes(4)
_XMPP_HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    " version='1.0' to='{}'>"
)
_XMPP_ENDS = ("</stream:features>", "</features>", "<stream:features/>", "<features/>", "</stream:error>")


async def secure(connection: Connection, options: Securing, context: Context, starttls: StartTls | None = None) -> None:
    """Agrees on TLS with the host of the address, after the dialogue that its protocol wants."""
    if starttls is not None:
        await _dialogue(starttls, options, context)(connection)
    await shake_hands(connection, options, context, starttls)


async def shake_hands(
    connection: Connection, options: Securing, context: Context, starttls: StartTls | None = None
) -> None:
    """Agrees on TLS where the dialogue of the protocol, if there is one, has been held already."""
    prelude = None if starttls is None else _dialogue(starttls, options, context)
    await connection.start_tls(tls_context(options.authority), _name(options), prelude=prelude)


def _dialogue(starttls: StartTls, options: Securing, context: Context) -> Prelude:
    begin = DIALOGUES[starttls].begin
    return lambda connection: begin(connection, context.trace, _name(options))


def _name(options: Securing) -> str:
    return options.server_name or options.host


async def _smtp(connection: Connection, trace: Trace, host: str) -> None:
    """RFC 3207."""
    (await read_reply(connection, trace)).require(220)
    hello = (await ask(connection, trace, EHLO)).require(250)
    await upgrade_smtp(connection, trace, hello)


async def upgrade_smtp(connection: Connection, trace: Trace, hello: Reply) -> None:
    """Asks a server that has answered EHLO for TLS."""
    if "STARTTLS" not in extensions(hello):
        raise TargetError("tls_protocol", f"STARTTLS is not offered; found {shown(hello.text)}")
    _granted(220, await ask(connection, trace, "STARTTLS"))


def extensions(hello: Reply) -> tuple[str, ...]:
    """The keywords that the reply to EHLO offers, in capitals (RFC 5321 section 4.1.1.1)."""
    return tuple(line.split()[0].upper() for line in hello.lines[1:] if line.strip())


async def _ftp(connection: Connection, trace: Trace, host: str) -> None:
    """RFC 4217 section 4."""
    (await read_reply(connection, trace)).require(220)
    _granted(234, await ask(connection, trace, "AUTH TLS"))


def _granted(code: int, reply: Reply) -> None:
    if reply.code != code:
        raise _refused(f"{reply.code} {reply.text}")


async def _imap(connection: Connection, trace: Trace, host: str) -> None:
    """RFC 9051 section 6.2.1."""
    greeting = await first_line(connection, trace)
    if greeting.upper().startswith("* BYE"):
        raise TargetError("status:bye", f"expected * OK, found {greeting}")
    if not greeting.upper().startswith("* OK"):
        raise unlike("an IMAP greeting (* OK)", greeting)
    await connection.write(b"a STARTTLS\r\n")
    line = await first_line(connection, trace)
    while line.startswith("* "):
        line = await next_line(connection, trace)
    if not line.upper().startswith("A OK"):
        raise _refused(line)


async def _pop3(connection: Connection, trace: Trace, host: str) -> None:
    """RFC 2595 section 4."""
    greeting = await first_line(connection, trace)
    if greeting.startswith("-ERR"):
        raise TargetError("status:err", f"expected +OK, found {greeting}")
    if not greeting.startswith("+OK"):
        raise unlike("a POP3 greeting (+OK)", greeting)
    await connection.write(b"STLS\r\n")
    line = await first_line(connection, trace)
    if not line.startswith("+OK"):
        raise _refused(line)


async def _xmpp(connection: Connection, trace: Trace, host: str) -> None:
    """RFC 6120 section 5.4."""
    await connection.write(_XMPP_HEADER.format(host).encode())
    features = await _first_tag(connection, trace)
    while not features.endswith(_XMPP_ENDS):
        if len(features) > _LONGEST_FEATURES_BYTES:
            raise TargetError("too_large", f"the stream's features are longer than {_LONGEST_FEATURES_BYTES} bytes")
        features += (await connection.read_until(b">")).decode("utf-8", "replace")
    if "<starttls" not in features:
        raise TargetError("tls_protocol", f"STARTTLS is not offered; found {shown(features)}")
    await connection.write(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    answer = await _first_tag(connection, trace)
    if not answer.startswith("<proceed"):
        raise _refused(answer)


async def _first_tag(connection: Connection, trace: Trace) -> str:
    """The tag with which an answer begins."""
    trace.enter("ttfb")
    first = await connection.read_exactly(1)
    trace.enter("body")
    if first != b"<":
        raise unlike("XML", first.decode("latin-1"))
    return (first + await connection.read_until(b">")).decode("utf-8", "replace")


async def _postgres(connection: Connection, trace: Trace, host: str) -> None:
    """Message SSLRequest of the PostgreSQL frontend/backend protocol."""
    await connection.write(_SSL_REQUEST)
    trace.enter("ttfb")
    answer = (await connection.read_exactly(1)).decode("latin-1")
    if answer in {"N", "E"}:
        raise _refused(answer)
    if answer != "S":
        raise unlike("S or N", answer)


def _refused(answer: str) -> TargetError:
    return TargetError("tls_protocol", f"the server refuses to start TLS: {shown(answer)}")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The usual port, and what is said on a fresh connection until TLS can begin."""

    port: int
    begin: Begin


DIALOGUES: Mapping[StartTls, Dialogue] = MappingProxyType(
    {
        "smtp": Dialogue(25, _smtp),
        "imap": Dialogue(143, _imap),
        "pop3": Dialogue(110, _pop3),
        "ftp": Dialogue(21, _ftp),
        "xmpp": Dialogue(5222, _xmpp),
        "postgres": Dialogue(5432, _postgres),
    }
)
"""What to say, by protocol."""
