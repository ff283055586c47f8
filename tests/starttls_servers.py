"""Servers that hold the plain dialogue of a protocol word by word, and then speak TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence

from one_check import Deed, silence

HOST = "127.0.0.1"
UNDER_TLS = b"now in private\r\n"

Turns = Sequence[tuple[bytes, bytes]]
"""What a server wants to hear (nothing before a greeting), and what it says then."""

_EHLO = b"EHLO statusledger.invalid\r\n"
_XMPP = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    b" version='1.0' to='127.0.0.1'>"
)
_XMPP_OPENED = b"<?xml version='1.0'?><stream:stream from='127.0.0.1' version='1.0'><stream:features>"
_XMPP_ASKED = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")

GRANTED: Mapping[str, Turns] = {
    "smtp": [
        (b"", b"220-mail.example.org\r\n220 ready\r\n"),
        (_EHLO, b"250-mail.example.org\r\n250-SIZE 1000\r\n250 starttls\r\n"),
        (b"STARTTLS\r\n", b"220 go ahead\r\n"),
    ],
    "imap": [(b"", b"* OK ready\r\n"), (b"a STARTTLS\r\n", b"* CAPABILITY IMAP4rev1\r\na OK go ahead\r\n")],
    "pop3": [(b"", b"+OK ready\r\n"), (b"STLS\r\n", b"+OK go ahead\r\n")],
    "ftp": [(b"", b"220-Welcome\r\n  to 220 files\r\n220 ready\r\n"), (b"AUTH TLS\r\n", b"234 go ahead\r\n")],
    "xmpp": [
        (_XMPP, _XMPP_OPENED + b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"),
        (_XMPP_ASKED, b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    ],
    "postgres": [(_SSL_REQUEST, b"S")],
}
"""Each protocol as it goes when all is well."""

Case = tuple[str, Turns, str]
REFUSED: Mapping[str, Case] = {
    "smtp turns away": ("smtp", [(b"", b"554 no\r\n")], "status:554"),
    "smtp does not know EHLO": ("smtp", [(b"", b"220 ready\r\n"), (_EHLO, b"502 what?\r\n")], "status:502"),
    "smtp offers nothing": ("smtp", [(b"", b"220 ready\r\n"), (_EHLO, b"250 mail\r\n")], "tls_protocol"),
    "smtp refuses": ("smtp", [*GRANTED["smtp"][:2], (b"STARTTLS\r\n", b"454 later\r\n")], "tls_protocol"),
    "smtp is ssh": ("smtp", [(b"", b"SSH-2.0-OpenSSH_9.2\r\n")], "protocol"),
    "smtp never ends": ("smtp", [(b"", b"220-on and on\r\n" * 200)], "too_large"),
    "imap turns away": ("imap", [(b"", b"* BYE too busy\r\n")], "status:bye"),
    "imap refuses": ("imap", [GRANTED["imap"][0], (b"a STARTTLS\r\n", b"a NO\r\n")], "tls_protocol"),
    "imap is smtp": ("imap", [(b"", b"220 ready\r\n")], "protocol"),
    "pop3 turns away": ("pop3", [(b"", b"-ERR too busy\r\n")], "status:err"),
    "pop3 refuses": ("pop3", [GRANTED["pop3"][0], (b"STLS\r\n", b"-ERR what?\r\n")], "tls_protocol"),
    "pop3 is smtp": ("pop3", [(b"", b"220 ready\r\n")], "protocol"),
    "ftp turns away": ("ftp", [(b"", b"421 too many users\r\n")], "status:421"),
    "ftp refuses": ("ftp", [GRANTED["ftp"][0], (b"AUTH TLS\r\n", b"502 what?\r\n")], "tls_protocol"),
    "ftp is pop3": ("ftp", [(b"", b"+OK ready\r\n")], "protocol"),
    "xmpp offers nothing": ("xmpp", [(_XMPP, _XMPP_OPENED + b"</stream:features>")], "tls_protocol"),
    "xmpp refuses": ("xmpp", [GRANTED["xmpp"][0], (_XMPP_ASKED, b"<failure/>")], "tls_protocol"),
    "xmpp never ends": ("xmpp", [(_XMPP, _XMPP_OPENED + b"<more/>" * 5_000)], "too_large"),
    "xmpp is http": ("xmpp", [(_XMPP, b"HTTP/1.1 400 Bad Request\r\n\r\n")], "protocol"),
    "postgres refuses": ("postgres", [(_SSL_REQUEST, b"N")], "tls_protocol"),
    "postgres fails": ("postgres", [(_SSL_REQUEST, b"E")], "tls_protocol"),
    "postgres is http": ("postgres", [(_SSL_REQUEST, b"HTTP/1.1 400 Bad Request\r\n\r\n")], "protocol"),
}
"""(protocol, dialogue, error code) of the ways in which it never comes to TLS."""


def plain(turns: Turns) -> Deed:
    """A server that holds this dialogue and says no more; another word than expected, and it leaves."""

    async def deed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _hold(turns, reader, writer)
        await silence(reader, writer)

    return deed


def secured(turns: Turns, context: ssl.SSLContext) -> Deed:
    """A server that holds this dialogue, starts TLS and says `UNDER_TLS`."""

    async def deed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _hold(turns, reader, writer)
        await writer.start_tls(context)
        writer.write(UNDER_TLS)
        await writer.drain()
        await silence(reader, writer)

    return deed


async def _hold(turns: Turns, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for wanted, answer in turns:
        heard = await reader.readexactly(len(wanted))
        if heard != wanted:
            raise ConnectionAbortedError(heard)
        writer.write(answer)
        await writer.drain()
