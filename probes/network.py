"""The only door to sockets: resolve, guard, connect, time the phases.

Anyone can propose a check, so an address that is not public is refused unless its network is allowed, and the
connection goes to the very address that was looked at: a name that changes its answer in between gains nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from probes import certificates
from probes.contract import TargetError
from probes.trace import Trace

Address = tuple[socket.AddressFamily, Any]
"""A family and the socket address in it, as `socket.getaddrinfo` gives them."""
Lookup = Callable[[str, int], Awaitable[Sequence[Address]]]

_NAT64 = IPv6Network("64:ff9b::/96")
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_CONNECT_CODES = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ETIMEDOUT: "connect_timeout",
}
_FAMILY_NAMES = {None: "IP", socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
# Longer than any check's timeout: the deadline of the attempt is the only one.
_HANDSHAKE_SECONDS = 3600.0
_CERTIFICATE_SECONDS = 2.0


async def system_lookup(host: str, port: int) -> list[Address]:
    """The addresses of a name, in the order in which this machine would try them; OSError or UnicodeError."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Address]] = loop.create_future()

    def look() -> None:
        try:
            found = _numeric_or_named(host, port)
        except (OSError, UnicodeError) as error:
            settle(answer.set_exception, error)
        else:
            settle(answer.set_result, found)

    def settle(outcome: Callable[[Any], None], value: object) -> None:
        # a closed loop has nobody left who waits
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if answer.done() else outcome(value))

    # A thread of its own, and one that nobody joins: a resolver that hangs holds up neither other checks nor the exit.
    threading.Thread(target=look, name=f"resolve {host}", daemon=True).start()
    return await answer


def _numeric_or_named(host: str, port: int, flags: int = 0) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(info[0], info[4]) for info in found]


class Network:
    """Connections to public addresses, and to those in `allow_networks` (CIDR notation)."""

    def __init__(self, allow_networks: Iterable[str] = (), *, lookup: Lookup = system_lookup) -> None:
        self._allowed = tuple(ip_network(network) for network in allow_networks)
        self._lookup = lookup

    async def connect(
        self, host: str, port: int, trace: Trace, *, family: socket.AddressFamily | None = None
    ) -> Connection:
        """A fresh connection to the first address (of the family) that takes one; TargetError when none does."""
        refusal = TargetError("dns_nxdomain", f"{host} has no address")
        trace.certificate = None  # a redirect to plain HTTP must not keep the one of the hop before
        for family_, place in await self.resolve(host, port, trace, family=family):
            trace.enter("connect")
            trace.address = place[0]
            try:
                opened = await _opened(family_, place, socket.SOCK_STREAM)
            except OSError as error:
                refusal = connect_error(error, place)
            else:
                trace.enter(None)
                return Connection(opened, (family_, place), trace)
        raise refusal

    async def datagrams(
        self, host: str, port: int, trace: Trace, *, family: socket.AddressFamily | None = None
    ) -> Datagrams:
        """A socket for datagrams to and from the first address (of the family) alone; TargetError as for `connect`."""
        family_, place = (await self.resolve(host, port, trace, family=family))[0]
        trace.address = place[0]
        try:
            return Datagrams(await _opened(family_, place, socket.SOCK_DGRAM), place)
        except OSError as error:
            raise connect_error(error, place) from error

    async def resolve(
        self, host: str, port: int, trace: Trace, *, family: socket.AddressFamily | None = None
    ) -> Sequence[Address]:
        """The addresses (of the family) of the host that may be asked, at least one; TargetError when there is none."""
        found: Sequence[Address] | None = _literal(host, port)
        if found is None:
            trace.enter("dns")
            found = await self._looked_up(host, port)
            trace.enter(None)
        addresses = [(kind, place) for kind, place in found if family in (None, kind)]
        if not addresses:
            raise TargetError("dns_nxdomain", f"{host} has no {_FAMILY_NAMES[family]} address")
        permitted = [(kind, place) for kind, place in addresses if self.permits(place[0])]
        if not permitted:
            advice = "name its network in monitor.allow_networks to allow it"
            refused = f"{host} is {addresses[0][1][0]}, which is not a public address; {advice}"
            raise TargetError("blocked_address", refused)
        return permitted

    def pinned(self, host: str, address: Address) -> Network:
        """The same network, in which this host has this address alone."""

        async def lookup(name: str, port: int) -> Sequence[Address]:
            family, place = address
            return [(family, (place[0], port, *place[2:]))] if name == host else await self._lookup(name, port)

        return Network(map(str, self._allowed), lookup=lookup)

    async def _looked_up(self, host: str, port: int) -> Sequence[Address]:
        try:
            found = await self._lookup(host, port)
        except socket.gaierror as error:
            code = "dns_nxdomain" if error.errno in _NO_SUCH_NAME else "dns_error"
            raise TargetError(code, f"{host}: {error.strerror}") from error
        except (OSError, UnicodeError) as error:
            raise TargetError("dns_error", f"{host}: {error}") from error
        return found

    def permits(self, address: str) -> bool:
        """Whether this address may be asked."""
        reached = list(_reached(ip_address(address)))
        allowed = any(place in network for place in reached for network in self._allowed)
        return allowed or all(_is_public(place) for place in reached)


def _literal(host: str, port: int) -> list[Address] | None:
    """The address that the host spells out; None when it is a name; TargetError for a zone that is not here."""
    try:
        ip_address(host)
    except ValueError:
        return None
    try:
        return _numeric_or_named(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror as error:
        raise TargetError("dns_error", f"{host}: {error.strerror}") from error


def _reached(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and the IPv4 address that an IPv6 one is translated or tunnelled to."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
        return
    yield address
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not site_local


async def _opened(family: socket.AddressFamily, place: Any, kind: socket.SocketKind) -> socket.socket:
    opened = socket.socket(family, kind)
    opened.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(opened, place)
    except BaseException:
        opened.close()
        raise
    return opened


def connect_error(error: OSError, place: Sequence[Any]) -> TargetError:
    """A refused or impossible connection as the target's error."""
    code = _CONNECT_CODES.get(error.errno or 0, "unreachable")
    return TargetError(code, f"{place[0]} port {place[1]}: {error.strerror or error}")


class Datagrams:
    """A socket that sends to one address and hears from it alone."""

    def __init__(self, opened: socket.socket, place: Any) -> None:
        self._socket = opened
        self._place = place

    async def send(self, datagram: bytes) -> None:
        """Sends it; TargetError when the machine knows already that it cannot arrive."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, datagram)
        except OSError as error:
            raise connect_error(error, self._place) from error

    async def receive(self) -> bytes:
        """The next datagram; TargetError when the address answers that nothing listens there."""
        try:
            return await asyncio.get_running_loop().sock_recv(self._socket, 65_535)
        except OSError as error:
            raise connect_error(error, self._place) from error

    def close(self) -> None:
        """Ends it."""
        self._socket.close()


Prelude = Callable[["Connection"], Awaitable[None]]


class Connection:
    """One fresh connection; plain, until TLS is started."""

    def __init__(self, opened: socket.socket, address: Address, trace: Trace) -> None:
        self._socket = opened
        self._address = address
        self._trace = trace
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.at_end = False
        """Whether the peer has closed its side."""

    @property
    def address(self) -> str:
        """The address at the other end."""
        return str(self._address[1][0])

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS session; None while the connection is plain."""
        return self._streams[1].get_extra_info("ssl_object") if self._streams else None

    async def start_tls(self, context: ssl.SSLContext, host: str, *, prelude: Prelude | None = None) -> None:
        """Agrees on TLS with the host of that name; the facts of its certificate are in the trace either way.

        `prelude` is what was said before TLS could begin; it is said again where a refused certificate is looked at.
        """
        self._trace.enter("tls")
        try:
            await self._secured(context, host)
        except ssl.SSLCertVerificationError as error:
            self._trace.fault = certificates.refusal(error)
            self._trace.stop()
            await self._look_at_certificate(host, error.verify_code, prelude)
            raise self._trace.fault from error
        except ssl.SSLError as error:
            raise TargetError("tls_protocol", error.reason or str(error)) from error
        except OSError as error:
            raise TargetError("reset", "the connection was closed during the TLS handshake") from error
        if self.tls:
            verified = 0 if context.verify_mode is ssl.CERT_REQUIRED else None
            self._trace.certificate = certificates.facts(self.tls, host, verified)
        self._trace.enter(None)

    async def read(self, most: int = 65_536) -> bytes:
        """The next bytes, at most so many; none at the end."""
        reader, _ = await self._opened_streams()
        try:
            data = await reader.read(most)
        except OSError as error:
            raise _broken(error) from error
        self.at_end = not data
        return data

    async def read_until(self, separator: bytes, most: int = 65_536) -> bytes:
        """What comes up to and with the separator; TargetError when the end comes first, or it is too long."""
        return await self._whole(lambda reader: reader.readuntil(separator), most)

    async def read_exactly(self, count: int) -> bytes:
        """The next `count` bytes; TargetError when the end comes first."""
        return await self._whole(lambda reader: reader.readexactly(count), count)

    async def _whole(self, read: Callable[[asyncio.StreamReader], Awaitable[bytes]], most: int) -> bytes:
        reader, _ = await self._opened_streams()
        too_large = TargetError("too_large", f"the answer is longer than {most} bytes")
        try:
            data = await read(reader)
        except asyncio.IncompleteReadError as error:
            self.at_end = True
            raise TargetError("reset", "the connection was closed before the answer was complete") from error
        except asyncio.LimitOverrunError as error:
            raise too_large from error
        except OSError as error:
            raise _broken(error) from error
        if len(data) > most:
            raise too_large
        return data

    async def write(self, data: bytes) -> None:
        """Sends all of it."""
        _, writer = await self._opened_streams()
        try:
            writer.write(data)
            await writer.drain()
        except OSError as error:
            raise _broken(error) from error

    def close(self) -> None:
        """Ends the connection at once: nobody waits for a peer that does not answer a farewell."""
        if self._streams:
            self._streams[1].transport.abort()
        else:
            self._socket.close()

    async def _opened_streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(sock=self._socket)
        return self._streams

    async def _secured(self, context: ssl.SSLContext, host: str) -> None:
        """The handshake alone, on a connection that is fresh or in the middle of a dialogue."""
        secure: Any = {"server_hostname": host, "ssl_handshake_timeout": _HANDSHAKE_SECONDS}
        if self._streams is None:
            self._streams = await asyncio.open_connection(sock=self._socket, ssl=context, **secure)
            return
        reader, writer = self._streams
        if reader._buffer:  # type: ignore[attr-defined]
            # What came in plain text would be taken for something that was said under TLS (CVE-2011-0411).
            raise TargetError("protocol", "more was said in plain text after TLS had been agreed on")
        await writer.start_tls(context, **secure)

    async def _look_at_certificate(self, host: str, verify_code: int, prelude: Prelude | None) -> None:
        """A second handshake with the same address that accepts anything; what it cannot learn stays unknown."""
        with contextlib.suppress(OSError, TargetError):
            async with asyncio.timeout(_CERTIFICATE_SECONDS):
                again = Connection(await _opened(*self._address, socket.SOCK_STREAM), self._address, Trace())
                try:
                    if prelude is not None:
                        await prelude(again)
                    await again._secured(certificates.unverified_context(), host)
                    if again.tls:
                        self._trace.certificate = certificates.facts(again.tls, host, verify_code)
                finally:
                    again.close()


def _broken(error: OSError) -> TargetError:
    """A connection that broke while it was used."""
    if isinstance(error, ssl.SSLError):
        return TargetError("tls_protocol", error.reason or str(error))
    return TargetError("reset", error.strerror or "the connection was lost")
