"""The name servers of the zone that a name is in, found through a resolver, and what each of them answers.

They are asked at the same time, each directly and without recursion: what one of them has forgotten, or says in another
version of the zone, is seen even while resolvers happen to ask the others.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from probes.comparison import listed
from probes.connecting import Securing
from probes.contract import Context, TargetError
from probes.dns.answer import Reply
from probes.dns.transport import NameServer, Question, ask
from probes.trace import Trace

if TYPE_CHECKING:
    from dns.message import Message

MOST_SERVERS = 32
_ADDRESS_RECORDS: Mapping[socket.AddressFamily | None, tuple[str, ...]] = {
    socket.AF_INET: ("A",),
    socket.AF_INET6: ("AAAA",),
    # Many machines have no IPv6, and few name servers have nothing else.
    None: ("A", "AAAA"),
}


@dataclass(frozen=True, slots=True)
class Zone:
    """A way to ask about a zone: through this resolver for its name servers, and then those at this port."""

    resolver: NameServer
    port: int
    options: Securing
    context: Context

    async def replies(self, question: Question) -> dict[str, Reply]:
        """What each name server of the zone answers, by its name and address; TargetError when one of them does not."""
        transport = self.resolver.transport if self.resolver.transport == "tcp" else "udp"
        servers: dict[str, NameServer] = {}
        for name in _bounded(await self._names(question.name)):
            for address in await self._addresses(name):
                servers[f"{name} ({address})"] = NameServer(address, self.port, transport)
        return await self._answers(_bounded(servers), replace(question, recursion=False))

    async def _names(self, name: str) -> Sequence[str]:
        """The name servers of the closest zone around the name."""
        import dns.name  # noqa: PLC0415 - imported by then
        import dns.rdataclass  # noqa: PLC0415
        import dns.rdatatype  # noqa: PLC0415

        zone = dns.name.from_text(name)
        while True:
            answer = await self._resolved(zone.to_text(), "NS")
            # An alias would lead to the name servers of another zone: only those of this very name count.
            found = answer.get_rrset(answer.answer, zone, dns.rdataclass.IN, dns.rdatatype.NS)
            if found:
                return sorted(record.target.to_text(omit_final_dot=True) for record in found)
            if zone == dns.name.root:
                raise TargetError("dns_error", f"no name servers were found for {name} or any zone above it")
            zone = zone.parent()

    async def _addresses(self, name: str) -> Sequence[str]:
        """The addresses of a name server, of one family."""
        for record in _ADDRESS_RECORDS[self.options.family]:
            reply = Reply.of(await self._resolved(name, record))
            if reply.records:
                return sorted(reply.records.values())
        raise TargetError("dns_nxdomain", f"the name server {name} has no address")

    async def _resolved(self, name: str, record: str) -> Message:
        import dns.rcode  # noqa: PLC0415 - imported by then

        answer = await ask(Question(name, record), self.resolver, self.options, self.context)
        if answer.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            told = f"the resolver answers {dns.rcode.to_text(answer.rcode())}"
            raise TargetError("dns_error", f"{name} {record}: {told}")
        return answer

    async def _answers(self, servers: Mapping[str, NameServer], question: Question) -> dict[str, Reply]:
        trace, waiting = self.context.trace, set(servers)
        trace.enter("dns")

        async def answer(name: str) -> Reply:
            # a stopwatch of its own: phases of several servers at once would end one another
            apart = replace(self.context, trace=Trace())
            try:
                reply = Reply.of(await ask(question, servers[name], self.options, apart))
            except TargetError as error:
                raise TargetError(error.code, f"{name}: {error.detail}") from error
            waiting.discard(name)
            trace.fault = TargetError("dns_timeout", f"no answer from {listed(sorted(waiting))}")
            return reply

        tasks = {name: asyncio.ensure_future(answer(name)) for name in servers}
        try:
            await asyncio.gather(*tasks.values())
        finally:
            for task in tasks.values():
                task.cancel()
        trace.fault = None
        trace.enter(None)
        return {name: task.result() for name, task in tasks.items()}


Servers = TypeVar("Servers", bound=Sized)


def _bounded(servers: Servers) -> Servers:
    """These servers; TargetError for a crowd, which a zone could make this machine bother at once."""
    if len(servers) > MOST_SERVERS:
        raise TargetError("too_large", f"the zone has {len(servers)} name servers; at most {MOST_SERVERS} are asked")
    return servers
