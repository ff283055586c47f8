"""PostgreSQL through libpq, step by step: a login that ends at once when the time is up.

psycopg's own connections wait for a cancelled query; its layer `psycopg.pq` is libpq itself, which never waits. The
text of libpq's messages is all that it tells of a failed connection, so the codes are read from that text.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.contract import TargetError
from probes.network import Address, connect_error
from probes.trace import Phase, Trace

if TYPE_CHECKING:
    from psycopg.pq import PollingStatus
    from psycopg.pq.abc import PGconn

# Read from the environment by libpq whatever its parameters say.
ALWAYS_READ = ("PGSERVICE", "PGSERVICEFILE", "PGDATESTYLE", "PGTZ", "PGGEQO")
NO_FILE = str(Path(os.devnull) / "none")
# A binary libpq brings its own OpenSSL, which does not know where this machine keeps its authorities.
AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)

# As `FATAL:  password authentication failed`, in the server's language: its words are not libpq's.
_SAID_BY_SERVER = re.compile(r"[^\s:]+:  ")
_ERRNOS = {
    os.strerror(number): number
    for number in (errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT)
}
_CODES: Mapping[str, str] = {
    "server does not support SSL": "tls_protocol",
    "SSL error": "tls_protocol",
    "server certificate": "tls_protocol",
    "received invalid response": "protocol",
    "received unencrypted data": "protocol",
    "from server, but received": "protocol",
    "server closed the connection": "reset",
    "could not receive data": "reset",
    "could not send": "reset",
    "EOF detected": "reset",
    "SSL SYSCALL error": "reset",
}
"""What libpq says, and the code for it; the first that is found counts."""


class Refused(Exception):  # noqa: N818 - it names what happened
    """PostgreSQL itself refused a step, in its own words."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in where, and over what."""

    host: str
    port: int
    user: str
    database: str
    password: str = field(repr=False)
    tls: str
    ca_file: str | None


def prepare() -> None:
    """Loads libpq, and takes from the environment what would change its behaviour."""
    from psycopg import pq  # noqa: F401, PLC0415 - an optional library

    for name in ALWAYS_READ:
        os.environ.pop(name, None)


async def connected(login: Login, place: Address, trace: Trace) -> PGconn:
    """A session on a fresh connection to this very address; TargetError or Refused."""
    from psycopg import pq  # noqa: PLC0415 - see prepare

    trace.enter("connect")
    trace.address = place[1][0]
    session = pq.PGconn.connect_start(_parameters(login, place))
    try:
        await _established(session, trace)
        if session.status != pq.ConnStatus.OK:
            raise _refusal(session.get_error_message(), place)
    except BaseException:
        session.finish()
        raise
    trace.enter(None)
    return session


async def _established(session: PGconn, trace: Trace) -> None:
    """Takes the steps of the login until it stands or has failed."""
    from psycopg.pq import ConnStatus, PollingStatus  # noqa: PLC0415 - see prepare

    polled = PollingStatus.WRITING
    while session.status != ConnStatus.BAD and polled in {PollingStatus.READING, PollingStatus.WRITING}:
        await ready(session.socket, polled)
        before = session.status
        polled = PollingStatus(session.connect_poll())
        if session.status != ConnStatus.BAD:
            trace.enter(_phase(before, session.status))


def _phase(before: int, after: int) -> Phase:
    from psycopg.pq import ConnStatus  # noqa: PLC0415 - see prepare

    if after == ConnStatus.STARTED:
        return "connect"
    # the first wait is for the answer whether there is TLS at all, and only then begins the handshake
    return "tls" if before == after == ConnStatus.SSL_STARTUP else "ttfb"


async def ready(descriptor: int, polled: PollingStatus) -> None:
    """Waits until the socket can be read or written."""
    from psycopg.pq import PollingStatus  # noqa: PLC0415 - see prepare

    loop = asyncio.get_running_loop()
    reading = polled == PollingStatus.READING
    add, remove = (loop.add_reader, loop.remove_reader) if reading else (loop.add_writer, loop.remove_writer)
    event = asyncio.Event()
    add(descriptor, event.set)
    try:
        await event.wait()
    finally:
        remove(descriptor)


def _parameters(login: Login, place: Address) -> bytes:
    """Every parameter spelled out: what is left out, libpq reads from the environment or from files at home."""
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - see prepare

    given: dict[str, Any] = {
        "host": login.host,
        "hostaddr": place[1][0],
        "port": login.port,
        "user": login.user,
        "password": login.password,
        "dbname": login.database,
        "sslmode": login.tls,
        "sslrootcert": _authorities(login.ca_file) if login.tls == "verify-full" else NO_FILE,
    }
    return make_conninfo(**{**_neutral(), **given}).encode()


@cache
def _neutral() -> Mapping[str, str]:
    """Each parameter that has a variable of the environment, with what it is where that is not set."""
    from psycopg.pq import Conninfo  # noqa: PLC0415 - see prepare

    compiled = {
        option.keyword.decode(): (option.compiled or b"").decode()
        for option in Conninfo.get_defaults()
        if option.envvar and option.keyword not in {b"service", b"servicefile"}
    }
    set_here = {
        "application_name": "statusledger",
        "client_encoding": "UTF8",
        "gssencmode": "disable",
        "max_protocol_version": "3.0",
        "min_protocol_version": "3.0",
        "passfile": NO_FILE,
        "require_auth": "none,password,md5,scram-sha-256",
        "sslcertmode": "disable",
        "sslcrl": NO_FILE,
    }
    return {**compiled, **{name: value for name, value in set_here.items() if name in compiled}}


def _authorities(ca_file: str | None) -> str:
    """The file of the authorities to trust; FileNotFoundError where there is none."""
    machine = ssl.get_default_verify_paths().cafile
    for file in (ca_file,) if ca_file else (machine, *AUTHORITIES):
        if file and Path(file).is_file():
            return file
    message = f"{ca_file or 'the file of the authorities of this machine'} was not found; name one with ca_file"
    raise FileNotFoundError(message)


def _refusal(message: str, place: Address) -> TargetError | Refused:
    """A failed login as the target's error, or as what PostgreSQL itself had to say."""
    told = message.partition(" failed: ")[2] or message
    first = told.partition("\n")[0].strip()
    if _SAID_BY_SERVER.match(first):
        return Refused(first)
    for text, number in _ERRNOS.items():
        if text in told:
            return connect_error(OSError(number, text), place[1])
    for text, code in _CODES.items():
        if text in told:
            return TargetError(code, first)
    return Refused(first)
