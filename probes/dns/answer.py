"""What a name server answered: the response code, the records at the end of any aliases, their lifetime, the flags.

Records are compared as DNS compares them: the case of names, the spelling of an IPv6 address and how a TXT record is
cut into strings make no difference.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from probes.comparison import listed
from probes.contract import TargetError

if TYPE_CHECKING:
    from dns.message import Message
    from dns.rdata import Rdata
    from dns.rrset import RRset

RecordType = Literal["A", "AAAA", "CNAME", "MX", "NS", "TXT", "SOA", "CAA", "SRV", "PTR"]
Records = Mapping[Hashable, str]
"""Records as they are shown, by what makes two of them the same."""
EXAMPLES: Mapping[RecordType, str] = {
    "A": "192.0.2.1",
    "AAAA": "2001:db8::1",
    "CNAME": "www.example.com",
    "MX": "10 mail.example.com",
    "NS": "ns1.example.com",
    "TXT": "v=spf1 -all",
    "SOA": "ns1.example.com host.example.com 7 3600 600 86400 300",
    "CAA": '0 issue "ca.example.com"',
    "SRV": "0 5 5060 sip.example.com",
    "PTR": "host.example.com",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What one name server said: the records of the type that was asked for, at the end of any aliases."""

    rcode: str
    records: Records
    everything: frozenset[Hashable]
    ttl: int | None
    is_authoritative: bool
    is_authenticated: bool
    alias_of: str | None

    @classmethod
    def of(cls, message: Message) -> Reply:
        """The reply in this message; TargetError when its aliases go in circles."""
        import dns.flags  # noqa: PLC0415 - imported by then
        import dns.rcode  # noqa: PLC0415

        found, alias_of = _chained(message) if message.rcode() == dns.rcode.NOERROR else (None, None)
        return cls(
            rcode=dns.rcode.to_text(message.rcode()),
            records=_records(found or ()),
            everything=_everything(message),
            ttl=found.ttl if found else None,
            is_authoritative=bool(message.flags & dns.flags.AA),
            is_authenticated=bool(message.flags & dns.flags.AD),
            alias_of=alias_of,
        )

    @property
    def told(self) -> str:
        """The records, or that there are none and why."""
        if self.records:
            return listed(sorted(self.records.values()))
        alias = f", an alias of {self.alias_of}" if self.alias_of else ""
        return f"nothing was answered: {self.rcode} without records{alias}"


def _chained(message: Message) -> tuple[RRset | None, str | None]:
    """The records of the type that was asked for, and the name that they have where aliases led away from the first."""
    import dns.exception  # noqa: PLC0415 - imported by then

    try:
        chain = message.resolve_chaining()  # type: ignore[attr-defined] # the answer to a query is a QueryMessage
    except dns.exception.DNSException as error:
        raise TargetError("protocol", f"the aliases in the answer lead nowhere: {error}") from error
    return chain.answer, str(chain.canonical_name) if chain.cnames else None


def _everything(message: Message) -> frozenset[Hashable]:
    """All that was answered but signatures, which servers make each for themselves."""
    import dns.rdatatype  # noqa: PLC0415 - imported by then

    sets = [one for one in message.answer if one.rdtype != dns.rdatatype.RRSIG]
    return frozenset((one.name, one.rdtype, key) for one in sets for key in _records(one))


def _records(found: Iterable[Rdata]) -> Records:
    return dict(map(_keyed, found))


def _keyed(record: Rdata) -> tuple[Hashable, str]:
    """What makes a record the same as another, and how it is shown; of a TXT record its text."""
    if record.rdtype.name != "TXT":
        return record, record.to_text()
    text = b"".join(record.strings).decode("utf-8", "replace")  # type: ignore[attr-defined] # a TXT record has them
    return text, text


def written(kind: RecordType, texts: Iterable[str]) -> Records:
    """Records as a person writes them: names need no final dot, TXT no quotes; ValueError for what is none."""
    if kind == "TXT":
        return {text: text for text in texts}
    import dns.exception  # noqa: PLC0415 - only checks that expect records pay for it
    import dns.name  # noqa: PLC0415
    import dns.rdata  # noqa: PLC0415

    found: dict[Hashable, str] = {}
    for text in texts:
        try:
            record = dns.rdata.from_text("IN", kind, text, origin=dns.name.root, relativize=False)
        except dns.exception.DNSException as error:
            msg = f'"{text}" is not a record of type {kind} ({error}); write e.g. {EXAMPLES[kind]}'
            raise ValueError(msg) from None
        found[record] = record.to_text()
    return found
