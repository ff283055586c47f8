"""ICMP echo (RFC 792, RFC 4443): how many of some packets come back, how fast, and how evenly.

The response time is that of the first reply. Jitter is the mean difference between one round trip and the next. A
machine that forbids pings makes the check unknown; a network that drops them without a word (some hosted runners are
in one) looks like a host that is gone, so measure from elsewhere there.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean
from typing import Annotated

from pydantic import AfterValidator, Field

from probes.assertions.measured import Measured
from probes.assertions.numbers import NumberAssertion
from probes.connecting import Connecting, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.trace import NANOSECONDS_PER_MS, Trace
from statusledger.model import Check, Failure, Observation

TOKEN_BYTES = 16
# Left of the check's time once the packets are counted, so that a partial loss is told before the deadline strikes.
SPARE_MS = 50
_HEADER = struct.Struct("!BBHHH")


@dataclass(frozen=True, slots=True)
class _Protocol:
    """ICMP over one version of IP: its number and the types of its messages."""

    number: int
    request: int
    reply: int


_PROTOCOLS: Mapping[socket.AddressFamily, _Protocol] = {
    socket.AF_INET: _Protocol(socket.IPPROTO_ICMP, request=8, reply=0),
    socket.AF_INET6: _Protocol(socket.IPPROTO_ICMPV6, request=128, reply=129),
}


@dataclass(slots=True)
class Echoes:
    """When each packet left and came back (ns of one clock), by its sequence number."""

    sent: dict[int, int] = field(default_factory=dict)
    returned: dict[int, int] = field(default_factory=dict)

    @property
    def round_trips(self) -> list[float]:
        """Milliseconds of each packet that came back, in the order in which they were sent."""
        return [(self.returned[one] - self.sent[one]) / NANOSECONDS_PER_MS for one in sorted(self.returned)]

    @property
    def numbers(self) -> dict[str, float]:
        """`loss_percent`, `rtt_ms` (mean) and, of two replies or more, `jitter_ms`."""
        times = self.round_trips
        found = {"loss_percent": round(100 * (1 - len(times) / len(self.sent)), 2), "rtt_ms": round(fmean(times), 3)}
        if len(times) > 1:
            found["jitter_ms"] = round(fmean(abs(later - earlier) for earlier, later in pairwise(times)), 3)
        return found


class IcmpValidation(Measured):
    """What the round trips must be; without conditions one reply is enough."""

    loss_percent: NumberAssertion | None = Field(None, description="Packets that did not come back, in per cent.")
    rtt_ms: NumberAssertion | None = Field(None, description="The mean round trip in milliseconds.")
    jitter_ms: NumberAssertion | None = Field(
        None, description="The mean difference between one round trip and the next; it takes two replies."
    )

    def failures(self, numbers: Mapping[str, float], context: Context) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        for name, unit in (("loss_percent", "%"), ("rtt_ms", "ms"), ("jitter_ms", "ms")):
            assertion: NumberAssertion | None = getattr(self, name)
            if assertion is not None:
                yield from assertion.failures(name, numbers.get(name), unit)
        yield from self.measured(context)


class IcmpOptions(Connecting):
    """Whom to ping, and how often."""

    url: Annotated[str, AfterValidator(address("icmp", port=False, example="icmp://example.com"))] = Field(
        description="Address, icmp://host."
    )
    packets: int = Field(3, ge=1, le=20, description="How many packets are sent; down when none comes back.")
    pause_ms: int = Field(100, ge=10, le=1000, description="From one packet to the next, in milliseconds.")
    wait_ms: int = Field(
        1000,
        ge=10,
        le=10_000,
        description="How long after the last packet replies may come, in milliseconds; what comes later is lost.",
    )
    validation: IcmpValidation = Field(default_factory=IcmpValidation, description="What the round trips must be.")


async def probe(check: Check, options: IcmpOptions, context: Context) -> Observation:
    """Up when a packet came back and the conditions hold; unknown where this machine may not ping."""
    try:
        echoes = await _echoes(check.timeout_ms, options, context)
    except TargetError as error:
        return context.failed(check, error)
    numbers = echoes.numbers
    return context.judged(check, list(options.validation.failures(numbers, context)), captured=numbers)


async def _echoes(timeout_ms: int, options: IcmpOptions, context: Context) -> Echoes:
    """What came back in time; TargetError when nothing did."""
    ends = asyncio.get_running_loop().time() + (timeout_ms - SPARE_MS) / 1000
    host, _ = place(options.url)
    family, where = (await context.network.resolve(host, 0, context.trace, family=options.family))[0]
    context.trace.address = where[0]
    with _socket(family) as opened:
        try:
            opened.connect(where)  # waits for nothing: it only says whom to hear
        except OSError as error:
            raise _send_error(error, where[0]) from error
        return await pinged(opened, options, context.trace, ends)


def _socket(family: socket.AddressFamily) -> socket.socket:
    """A socket for pings: the kind that needs no privilege, or else the raw kind."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        with contextlib.suppress(PermissionError):
            opened = socket.socket(family, kind, _PROTOCOLS[family].number)
            opened.setblocking(False)
            return opened
    advice = "allow it with CAP_NET_RAW, or with the sysctl net.ipv4.ping_group_range"
    raise TargetError("not_permitted", f"this machine does not let the probe send pings; {advice}")


async def pinged(opened: socket.socket, options: IcmpOptions, trace: Trace, ends: float) -> Echoes:
    """What the peer of this socket sends back before the loop's clock says `ends`; TargetError when that is nothing."""
    loop = asyncio.get_running_loop()
    pinging = _Pinging(opened, trace)
    trace.enter("ttfb")
    for sequence in range(options.packets):
        last = sequence == options.packets - 1
        patience = (options.wait_ms if last else options.pause_ms) / 1000
        await pinging.send(sequence)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(min(loop.time() + patience, ends)):
                await pinging.collect(until_complete=last)
    if not pinging.echoes.returned:
        raise TargetError("ttfb_timeout", f"{trace.address}: no reply to {options.packets} packets")
    return pinging.echoes


class _Pinging:
    """Packets to one address and back. They carry a token, so a reply to anybody else's ping is not taken for one."""

    def __init__(self, opened: socket.socket, trace: Trace) -> None:
        self.echoes = Echoes()
        self._socket = opened
        self._trace = trace
        self._protocol = _PROTOCOLS[socket.AddressFamily(opened.family)]
        self._token = secrets.token_bytes(TOKEN_BYTES)

    async def send(self, sequence: int) -> None:
        """Sends the packet of this number."""
        packet = _packet(self._protocol.request, sequence, self._token)
        self.echoes.sent[sequence] = time.perf_counter_ns()
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, packet)
        except OSError as error:
            self._lost(error)

    async def collect(self, *, until_complete: bool) -> None:
        """Takes replies: for ever, or until every packet that was sent has come back."""
        while not (until_complete and len(self.echoes.returned) == len(self.echoes.sent)):
            try:
                message = await asyncio.get_running_loop().sock_recv(self._socket, 2048)
            except OSError as error:
                self._lost(error)
            else:
                self._keep(message)
            # Under a flood there is always a next one: the deadline must get its turn.
            await asyncio.sleep(0)

    def _keep(self, message: bytes) -> None:
        now = time.perf_counter_ns()
        sequence = self._sequence(message)
        if sequence in self.echoes.sent:
            self._trace.stop()
            self.echoes.returned.setdefault(sequence, now)

    def _sequence(self, message: bytes) -> int | None:
        """The number of our packet that this replies to; None for any other message."""
        if self._socket.family == socket.AF_INET and self._socket.type == socket.SOCK_RAW:
            message = message[(message[0] & 0x0F) * 4 :]
        if message[_HEADER.size :] != self._token:
            return None
        kind, _, _, _, sequence = _HEADER.unpack_from(message)
        ours: int | None = sequence if kind == self._protocol.reply else None
        return ours

    def _lost(self, error: OSError) -> None:
        """A packet that could not arrive is one lost among others, or the whole answer if no other came back."""
        if not self.echoes.returned:
            raise _send_error(error, self._trace.address) from error


def _send_error(error: OSError, peer: str | None) -> TargetError:
    """No way to the peer, or a machine (a firewall on it) that forbids to take it."""
    code = "not_permitted" if isinstance(error, PermissionError) else "unreachable"
    return TargetError(code, f"{peer}: {error.strerror or error}")


def _packet(kind: int, sequence: int, token: bytes) -> bytes:
    """An echo request; over IPv6 the kernel computes the checksum again, without privileges it sets the identifier."""
    identifier = int.from_bytes(token[:2])
    checksum = _checksum(_HEADER.pack(kind, 0, 0, identifier, sequence) + token)
    return _HEADER.pack(kind, 0, checksum, identifier, sequence) + token


def _checksum(packet: bytes) -> int:
    """The internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


ICMP = ProbeType(
    name="icmp",
    schemes=("icmp",),
    options=IcmpOptions,
    probe=probe,
    summary="Sends a few pings and counts what comes back: loss, round trip, jitter.",
)
