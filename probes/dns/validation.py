"""What the answer to a DNS question must be: response code, records, their number and lifetime, flags, agreement."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated, Literal

from pydantic import Field, model_validator

from probes.assertions.assertion import Assertion, one_at_least
from probes.assertions.measured import MeasuredTls
from probes.assertions.numbers import NumberAssertion
from probes.assertions.texts import Texts
from probes.comparison import listed
from probes.contract import Context, TargetError
from probes.dns.answer import RecordType, Reply, written
from statusledger.model import Failure

Rcode = Literal["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]
_HOLDS: Mapping[str, Callable[[AbstractSet[Hashable], AbstractSet[Hashable]], bool]] = {
    "exactly": lambda found, wanted: found == wanted,
    "some": lambda found, wanted: bool(found & wanted),
    "every": lambda found, wanted: wanted <= found,
}


class RecordsAssertion(Assertion):
    """Which records must be answered, each as in a zone file."""

    exactly: Texts | None = Field(None, description="These records and no others, in any order.")
    some: Texts | None = Field(None, description="At least one of these records.")
    every: Texts | None = Field(None, description="All of these records; there may be more.")

    @model_validator(mode="after")
    def _says_something(self) -> RecordsAssertion:
        return one_at_least(self, "exactly", "some", "every")

    @property
    def texts(self) -> tuple[str, ...]:
        """All records that are written here."""
        return (*(self.exactly or ()), *(self.some or ()), *(self.every or ()))

    def failures(self, kind: RecordType, reply: Reply) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        found = reply.records.keys()
        for condition, holds in _HOLDS.items():
            texts: Texts | None = getattr(self, condition)
            if texts is None:
                continue
            wanted = written(kind, texts)
            if not holds(set(found), set(wanted)):
                yield self.failure(f"records.{condition}", listed(sorted(wanted.values())), reply.told)


class FlagAssertion(Assertion):
    """Whether a flag must be set."""

    equals: bool = Field(description="Whether it must be set.")


class AgreementAssertion(Assertion):
    """What it means that the name servers of the zone do not say the same."""


class DnsValidation(MeasuredTls):
    """What the answer must be. One without records fails, unless `count: {equals: 0}` wants it so."""

    rcode: Rcode | Annotated[tuple[Rcode, ...], Field(min_length=1)] = Field(
        "NOERROR", description="The response code, or a list of those that are good; another one is down."
    )
    records: RecordsAssertion | None = Field(None, description="Conditions on the records.")
    count: NumberAssertion | None = Field(None, description="How many records there are.")
    ttl: NumberAssertion | None = Field(None, description="For how many seconds the records may be kept.")
    aa: bool | FlagAssertion | None = Field(None, description="Whether the answer must (not) be authoritative.")
    ad: bool | FlagAssertion | None = Field(
        None, description="Whether the resolver must (not) have validated the answer with DNSSEC; ask with `dnssec`."
    )
    agreement: AgreementAssertion | None = Field(
        None, description="With `authoritative`: {severity: degraded} when its name servers differ. Default: down."
    )

    def refusal(self, reply: Reply) -> TargetError | None:
        """The error that the response code stands for, unless it is one of those that are good."""
        if reply.rcode == "NOERROR" or reply.rcode in self._rcodes:
            return None
        code = "dns_nxdomain" if reply.rcode == "NXDOMAIN" else "dns_error"
        return TargetError(code, f"the answer is {reply.rcode}, not {' or '.join(self._rcodes)}")

    def failures(self, kind: RecordType, reply: Reply, context: Context) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        if reply.rcode not in self._rcodes:
            yield Failure("rcode", " or ".join(self._rcodes), reply.rcode)
        elif reply.rcode == "NOERROR" and not reply.records and not self._wants_nothing:
            yield Failure("records", f"a record of type {kind}", reply.told)
        else:
            yield from self._of_records(kind, reply)
        yield from _flag_failures("aa", self.aa, is_set=reply.is_authoritative)
        yield from _flag_failures("ad", self.ad, is_set=reply.is_authenticated)
        yield from self.measured(context)

    def disagreements(self, replies: Mapping[str, Reply]) -> Iterator[Failure]:
        """One for each name server that has no authority, and one where they do not all say the same."""
        assertion = self.agreement or AgreementAssertion(severity="down")
        for server, reply in replies.items():
            if not reply.is_authoritative:
                yield assertion.failure("agreement", "an answer with authority", f"none from {server}")
        (first, said), *others = replies.items()
        for server, reply in others:
            if (reply.rcode, reply.everything) != (said.rcode, said.everything):
                told = f"{server}: {reply.told}; {first}: {said.told}"
                yield assertion.failure("agreement", "the same from every name server", told)
                return

    @property
    def _rcodes(self) -> tuple[str, ...]:
        return (self.rcode,) if isinstance(self.rcode, str) else self.rcode

    @property
    def _wants_nothing(self) -> bool:
        return self.count is not None and self.count.equals == 0

    def _of_records(self, kind: RecordType, reply: Reply) -> Iterator[Failure]:
        if self.records is not None:
            yield from self.records.failures(kind, reply)
        if self.count is not None:
            yield from self.count.failures("count", len(reply.records), "records")
        if self.ttl is not None:
            yield from self.ttl.failures("ttl", reply.ttl, "s")


def _flag_failures(name: str, wanted: bool | FlagAssertion | None, *, is_set: bool) -> Iterator[Failure]:
    if wanted is None:
        return
    assertion = wanted if isinstance(wanted, FlagAssertion) else FlagAssertion(equals=wanted)
    if assertion.equals != is_set:
        words = {True: "set", False: "not set"}
        yield assertion.failure(name, words[assertion.equals], words[is_set])
