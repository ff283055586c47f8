"""DNS against a real name server (NSD), and against peers that fail, cheat or say nothing."""

from __future__ import annotations

import asyncio
import base64
import ssl
from contextlib import asynccontextmanager, suppress
from functools import partial

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
import trustme
from datagram_server import datagram_server
from name_server import free_port, name_server
from one_check import TIMEOUT_MS, observation, observed
from pydantic import ValidationError

from probes.dns import DNS, DnsOptions

ZONE = """
$ORIGIN example.test.
$TTL 300
@ SOA ns1 host 7 3600 600 86400 60
@ NS ns1
@ NS ns2
@ MX 10 Mail
@ TXT "v=spf1 ip4:192.0.2.0/24 " "-all"
@ CAA 0 issue "ca.example.test"
ns1 A 127.0.0.1
ns2 A 127.0.0.2
www 60 A 192.0.2.1
www 60 A 192.0.2.2
www AAAA 2001:db8::1
alias CNAME www
away CNAME www.elsewhere.test.
around CNAME about
about CNAME around
_sip._udp SRV 0 5 5060 sip
"""
ZONE += "".join(f'long TXT "{number:03} {"x" * 200}"\n' for number in range(20))
REVERSE = """
$ORIGIN 2.0.192.in-addr.arpa.
$TTL 300
@ SOA ns1.example.test. host.example.test. 7 3600 600 86400 60
@ NS ns1.example.test.
1 PTR www.example.test.
"""


@pytest.fixture(scope="module")
def port():
    """The port of a server of example.test."""
    with name_server(ZONE) as server:
        yield server.port


def ask(port, name="www.example.test", **options):
    """What a check says of the name server on that port."""
    settings = {key: options.pop(key) for key in ("timeout_ms", "allow") if key in options}
    return observation(DNS, {"url": f"dns://127.0.0.1:{port}/{name}", **options}, **settings)


# --- a real name server ---------------------------------------------------------------------------------


@pytest.mark.service
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(
    ("name", "record", "records"),
    [
        pytest.param("www.example.test", "A", ["192.0.2.2", "192.0.2.1"], id="A"),
        pytest.param("WWW.example.TEST.", "A", ["192.0.2.2", "192.0.2.1"], id="case and final dot"),
        pytest.param("www.example.test", "AAAA", ["2001:DB8:0::1"], id="AAAA"),
        pytest.param("alias.example.test", "A", ["192.0.2.1", "192.0.2.2"], id="at the end of an alias"),
        pytest.param("alias.example.test", "CNAME", ["www.example.test"], id="CNAME"),
        pytest.param("example.test", "MX", ["10 mail.example.test"], id="MX"),
        pytest.param("example.test", "NS", ["ns1.example.test", "ns2.example.test."], id="NS"),
        pytest.param("example.test", "TXT", ["v=spf1 ip4:192.0.2.0/24 -all"], id="TXT"),
        pytest.param("example.test", "CAA", ['0 issue "ca.example.test"'], id="CAA"),
        pytest.param("_sip._udp.example.test", "SRV", ["0 5 5060 sip.example.test"], id="SRV"),
        pytest.param("example.test", "SOA", ["ns1.example.test host.example.test 7 3600 600 86400 60"], id="SOA"),
    ],
)
def test_every_type_of_record(port, transport, name, record, records):
    """Records compare as DNS compares them, not as texts."""
    got = ask(port, name, record=record, transport=transport, validation={"records": {"exactly": records}})

    assert (got.status, got.detail, got.address, got.reused) == ("up", None, "127.0.0.1", False)
    assert got.phases.dns is not None


@pytest.mark.service
@pytest.mark.parametrize("name", ["192.0.2.1", "1.2.0.192.in-addr.arpa"])
def test_the_name_of_an_address(name):
    """PTR of an address asks for its name in the reverse zone."""
    with name_server(REVERSE, zone="2.0.192.in-addr.arpa") as server:
        got = ask(server.port, name, record="PTR", validation={"records": {"exactly": ["www.example.test"]}})

    assert got.status == "up"


@pytest.mark.service
@pytest.mark.parametrize(
    ("options", "validation"),
    [
        pytest.param({}, {}, id="any record"),
        pytest.param({}, {"records": {"some": ["192.0.2.9", "192.0.2.1"]}}, id="some"),
        pytest.param({}, {"records": {"every": ["192.0.2.1"]}}, id="every"),
        pytest.param({}, {"count": {"equals": 2}, "ttl": {"equals": 60}, "aa": True, "ad": False}, id="numbers, flags"),
        pytest.param({}, {"time": {"dns": {"less": 20_000}}, "ip_family": "ipv4"}, id="the measurement"),
        pytest.param({"name": "none.example.test"}, {"rcode": "NXDOMAIN"}, id="NXDOMAIN is wanted"),
        pytest.param({"name": "none.example.test"}, {"rcode": ["NOERROR", "NXDOMAIN"]}, id="NXDOMAIN is good too"),
        pytest.param({"name": "www.other.test"}, {"rcode": "REFUSED"}, id="REFUSED is wanted"),
        pytest.param({"record": "MX"}, {"count": {"equals": 0}}, id="no records are wanted"),
        pytest.param({"name": "long.example.test", "record": "TXT"}, {"count": {"equals": 20}}, id="long, over TCP"),
        pytest.param({"recursion": False, "dnssec": True}, {}, id="without RD, with DO"),
    ],
)
def test_answers_that_hold(port, options, validation):
    """And the check is up."""
    got = ask(port, **options, validation=validation)

    assert (got.status, got.detail) == ("up", None)


@pytest.mark.service
@pytest.mark.parametrize(
    ("options", "validation", "told"),
    [
        pytest.param(
            {"record": "MX"},
            {},
            "records: expected a record of type MX, found nothing was answered: NOERROR without records",
            id="no records",
        ),
        pytest.param(
            {"record": "MX"}, {"count": {"less": 5}}, "nothing was answered", id="no records are not few records"
        ),
        pytest.param({"name": "away.example.test"}, {}, "an alias of www.elsewhere.test.", id="alias to nowhere"),
        pytest.param(
            {},
            {"records": {"exactly": ["192.0.2.1"]}},
            'records.exactly: expected "192.0.2.1", found "192.0.2.1", "192.0.2.2"',
            id="exactly",
        ),
        pytest.param({}, {"records": {"some": ["192.0.2.9"]}}, 'records.some: expected "192.0.2.9"', id="some"),
        pytest.param({}, {"records": {"every": ["192.0.2.1", "192.0.2.9"]}}, "records.every: expected", id="every"),
        pytest.param({}, {"count": {"greater": 2}}, "count: expected more than 2 records, found 2 records", id="count"),
        pytest.param({}, {"ttl": {"less": 60}}, "ttl: expected less than 60 s, found 60 s", id="ttl"),
        pytest.param({}, {"aa": False}, "aa: expected not set, found set", id="aa"),
        pytest.param({}, {"ad": True}, "ad: expected set, found not set", id="ad"),
        pytest.param({}, {"rcode": "NXDOMAIN"}, "rcode: expected NXDOMAIN, found NOERROR", id="it exists after all"),
        pytest.param(
            {"name": "none.example.test"},
            {"rcode": "NXDOMAIN", "records": {"some": ["192.0.2.1"]}},
            "nothing was answered: NXDOMAIN without records",
            id="records where there is no name",
        ),
        pytest.param(
            {"name": "none.example.test"},
            {"rcode": "NXDOMAIN", "ttl": {"less": 5}},
            "found nothing was measured",
            id="lifetime of nothing",
        ),
    ],
)
def test_a_failed_assertion_says_what_was_expected_and_found(port, options, validation, told):
    """What is not there fails, with that as its reason."""
    got = ask(port, **options, validation=validation)

    assert (got.status, got.code) == ("down", "assertion")
    assert told in got.detail


@pytest.mark.service
@pytest.mark.parametrize(
    "validation",
    [
        pytest.param({"records": {"exactly": ["192.0.2.1"], "severity": "degraded"}}, id="records"),
        pytest.param({"aa": {"equals": False, "severity": "degraded"}}, id="flag"),
        pytest.param({"count": {"equals": 1, "severity": "degraded"}}, id="count"),
    ],
)
def test_severity_degraded(port, validation):
    """A failure that was declared mild only degrades."""
    assert ask(port, validation=validation).status == "degraded"


@pytest.mark.service
@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        pytest.param("none.example.test", "dns_nxdomain", "the answer is NXDOMAIN, not NOERROR", id="no such name"),
        pytest.param(
            "www.other.test", "dns_error", "the answer is REFUSED, not NOERROR", id="a zone it does not serve"
        ),
    ],
)
def test_response_codes(port, name, code, told):
    """They have codes of their own."""
    got = ask(port, name)

    assert (got.status, got.code) == ("down", code)
    assert told in got.detail


@pytest.mark.service
def test_the_resolver_of_this_machine(port, monkeypatch):
    """It may be asked although its address is private; nobody but the machine chose it."""
    own = dns.resolver.Resolver(configure=False)
    own.nameservers, own.port = ["127.0.0.1"], port
    monkeypatch.setattr(dns.resolver, "default_resolver", own)

    got = observation(DNS, {"url": "dns:///www.example.test"}, allow=())

    assert (got.status, got.address) == ("up", "127.0.0.1")


def test_a_machine_without_a_resolver(monkeypatch, tmp_path):
    """It says so, and what to write."""
    empty = tmp_path / "resolv.conf"
    empty.touch()
    monkeypatch.setattr(dns.resolver, "default_resolver", None)
    monkeypatch.setattr(dns.resolver, "Resolver", partial(dns.resolver.Resolver, str(empty)))

    got = observation(DNS, {"url": "dns:///www.example.test"})

    assert got.code == "dns_error"
    assert "this machine has no resolver; write dns://server/name" in got.detail


# --- the name servers of the zone -----------------------------------------------------------------------

both_hosts = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])
WITHOUT_ADDRESS = ZONE.replace("ns2 A 127.0.0.2\n", "")


def ask_zone(second, *, first=ZONE, name="www.example.test", zone="example.test", **options):
    """What a check says of two name servers of a zone, of which the first is also the resolver."""
    with name_server(first) as one, name_server(second, zone=zone, address="127.0.0.2", port=one.port):
        return ask(one.port, name, authoritative=True, authoritative_port=one.port, **options)


@both_hosts
@pytest.mark.service
@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param("www.example.test", {}, id="A"),
        pytest.param("www.example.test", {"transport": "tcp", "validation": {"aa": True}}, id="over TCP"),
        pytest.param("example.test", {"record": "SOA"}, id="serial"),
        pytest.param("alias.example.test", {"validation": {"count": {"equals": 2}}}, id="alias"),
        pytest.param("none.example.test", {"validation": {"rcode": "NXDOMAIN"}}, id="they agree that there is nothing"),
    ],
)
def test_name_servers_that_agree(name, options):
    """All say the same, and the check is up."""
    got = ask_zone(ZONE, name=name, **options)

    assert (got.status, got.detail) == ("up", None)


@both_hosts
@pytest.mark.service
@pytest.mark.parametrize(
    ("second", "options", "code", "told"),
    [
        pytest.param(
            ZONE.replace("192.0.2.2", "192.0.2.3"),
            {},
            "assertion",
            'agreement: expected the same from every name server, found ns2.example.test (127.0.0.2): "192.0.2.1", ',
            id="another record",
        ),
        pytest.param(
            ZONE.replace("host 7", "host 6"), {"name": "example.test", "record": "SOA"}, "assertion", "agreement",
            id="an older serial",
        ),
        pytest.param(
            ZONE.replace("www 60 A", "web A"), {}, "assertion", "agreement", id="no records"
        ),
        pytest.param(
            ZONE.replace("www", "web"), {}, "dns_nxdomain", "ns2.example.test (127.0.0.2): the answer is NXDOMAIN",
            id="no such name",
        ),
        pytest.param(
            ZONE.replace("example.test", "other.test"), {"zone": "other.test"}, "dns_error",
            "ns2.example.test (127.0.0.2): the answer is REFUSED", id="it does not serve the zone",
        ),
    ],
)  # fmt: skip
def test_name_servers_that_disagree(second, options, code, told):
    """Down, with who said what."""
    got = ask_zone(second, **options)

    assert (got.status, got.code) == ("down", code)
    assert told in got.detail


@both_hosts
@pytest.mark.service
def test_a_mild_disagreement():
    """Its weight is chosen like that of every assertion."""
    second = ZONE.replace("192.0.2.2", "192.0.2.3")

    got = ask_zone(second, validation={"agreement": {"severity": "degraded"}})

    assert (got.status, got.code) == ("degraded", "assertion")


@both_hosts
@pytest.mark.service
def test_a_name_server_that_is_gone(port):
    """The other one answers, and yet the name of the one that does not is told."""
    got = ask(port, authoritative=True, authoritative_port=port)

    assert (got.status, got.code) == ("down", "refused")
    assert got.detail.startswith("ns2.example.test (127.0.0.2): ")


@both_hosts
@pytest.mark.service
def test_a_name_server_that_says_nothing(port):
    """The deadline tells of whom no answer came."""

    async def asked():
        async with datagram_server(lambda data: [], port, host="127.0.0.2"):
            url = f"dns://127.0.0.1:{port}/www.example.test"
            return await observed(
                DNS, {"url": url, "authoritative": True, "authoritative_port": port}, timeout_ms=1_000
            )

    got = asyncio.run(asked())

    assert (got.status, got.code) == ("down", "dns_timeout")
    assert got.detail == 'no answer from "ns2.example.test (127.0.0.2)"'


@pytest.mark.service
@pytest.mark.parametrize(
    ("first", "options", "code", "told"),
    [
        pytest.param(
            WITHOUT_ADDRESS, {}, "dns_nxdomain", "the name server ns2.example.test has no address", id="no address"
        ),
        pytest.param(
            ZONE, {"name": "www.other.test"}, "dns_error", "www.other.test. NS: the resolver answers REFUSED",
            id="a resolver that refuses",
        ),
        pytest.param(
            ZONE, {"ip_family": "ipv6"}, "dns_nxdomain", "has no IPv6 address", id="not over that family"
        ),
        pytest.param(
            ZONE + "".join(f"@ NS n{number}\nn{number} A 127.0.0.1\n" for number in range(31)),
            {}, "too_large", "the zone has 33 name servers; at most 32 are asked", id="a crowd",
        ),
        pytest.param(
            WITHOUT_ADDRESS + "".join(f"ns2 A 127.0.1.{number}\n" for number in range(40)),
            {}, "too_large", "the zone has 41 name servers", id="a crowd under one name",
        ),
    ],
)  # fmt: skip
def test_a_zone_that_cannot_be_asked(first, options, code, told):
    """Down, with the reason."""
    with name_server(first) as server:
        got = ask(server.port, authoritative=True, authoritative_port=server.port, **options)

    assert (got.status, got.code) == ("down", code)
    assert told in got.detail


@pytest.mark.service
def test_a_name_server_at_a_private_address_is_not_asked(port):
    """The guard stands before every server that a zone names: only the first was allowed here."""
    got = ask(port, authoritative=True, authoritative_port=port, allow=("127.0.0.1/32",))

    assert (got.status, got.code) == ("down", "blocked_address")


# --- peers that fail, cheat or say nothing --------------------------------------------------------------


def answered(wire, *, rcode=dns.rcode.NOERROR, records=("192.0.2.1",), flags=0, kind="A"):
    """The answer to a question, as bytes."""
    answer = dns.message.make_response(dns.message.from_wire(wire))
    answer.set_rcode(rcode)
    answer.flags |= flags
    if records:
        answer.answer.append(dns.rrset.from_text(answer.question[0].name, 60, "IN", kind, *records))
    return answer.to_wire()


def of_another_question(wire):
    """A good answer to what was not asked."""
    other = dns.message.make_query("www.other.test", "A", id=dns.message.from_wire(wire).id)
    return answered(other.to_wire())


def with_another_id(wire):
    """A good answer with the id of another question."""
    return bytes([wire[0] ^ 1]) + answered(wire)[1:]


def cut(wire):
    """An answer without records that says that there is more."""
    return answered(wire, records=(), flags=dns.flags.TC)


def ask_peer(answers, *, timeout_ms=20_000, **options):
    """What a check says of a peer that sends these datagrams."""

    async def asked():
        async with datagram_server(answers) as port:
            url = f"dns://127.0.0.1:{port}/www.example.test"
            return await observed(DNS, {"url": url, **options}, timeout_ms=timeout_ms)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("answers", "code", "told"),
    [
        pytest.param(
            lambda wire: [answered(wire, rcode=dns.rcode.SERVFAIL, records=())], "dns_error", "SERVFAIL", id="SERVFAIL"
        ),
        pytest.param(
            lambda wire: [answered(wire, rcode=dns.rcode.NOTIMP, records=())], "dns_error", "NOTIMP", id="NOTIMP"
        ),
        pytest.param(
            lambda wire: [answered(wire, kind="CNAME", records=("www.example.test.",))],
            "protocol",
            "the aliases in the answer lead nowhere",
            id="an alias of itself",
        ),
        pytest.param(lambda wire: [cut(wire)], "refused", "", id="cut, and nothing over TCP"),
    ],
)
def test_answers_that_are_none(answers, code, told):
    """Each has its code."""
    got = ask_peer(answers)

    assert (got.status, got.code) == ("down", code)
    assert told in got.detail


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        pytest.param(lambda wire: [], "dns_timeout", id="silence"),
        pytest.param(lambda wire: [b"\0\1garbage"], "protocol", id="garbage"),
        pytest.param(lambda wire: [b"\0"], "protocol", id="one byte"),
        pytest.param(lambda wire: [wire], "protocol", id="an echo"),
        pytest.param(lambda wire: [with_another_id(wire)], "protocol", id="another id"),
        pytest.param(lambda wire: [of_another_question(wire)], "protocol", id="another question"),
        pytest.param(lambda wire: [answered(wire)[:-3]], "protocol", id="half an answer"),
    ],
)
def test_nothing_that_belongs_to_the_question(answers, code):
    """A better answer is waited for until the deadline, which then says what came instead, if anything did."""
    got = ask_peer(answers, timeout_ms=TIMEOUT_MS)

    assert (got.status, got.code) == ("down", code)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(with_another_id, id="another id"),
        pytest.param(of_another_question, id="another question"),
        pytest.param(lambda wire: b"garbage", id="garbage"),
        pytest.param(lambda wire: wire, id="an echo"),
    ],
)
def test_what_does_not_belong_to_the_question_changes_nothing(other):
    """Whoever sends it gains nothing: the answer that belongs to it counts."""
    wanted = {"records": {"exactly": ["192.0.2.7"]}}

    got = ask_peer(lambda wire: [other(wire), answered(wire, records=("192.0.2.7",))], validation=wanted)

    assert (got.status, got.code) == ("up", None)


def test_an_answer_that_a_resolver_has_validated():
    """AD comes from the resolver; NSD never sets it."""
    got = ask_peer(lambda wire: [answered(wire, flags=dns.flags.AD)], dnssec=True, validation={"ad": True})

    assert got.status == "up"


def test_what_is_asked():
    """RD and DO as configured, and room for what arrives in one piece."""
    asked = []

    def answers(wire):
        asked.append(dns.message.from_wire(wire))
        return [answered(wire)]

    ask_peer(answers)
    ask_peer(answers, recursion=False, dnssec=True)

    assert [bool(query.flags & dns.flags.RD) for query in asked] == [True, False]
    assert [bool(query.ednsflags & dns.flags.DO) for query in asked] == [False, True]
    assert [query.payload for query in asked] == [1232, 1232]


def test_a_closed_port_is_refused():
    """Over UDP as over TCP."""
    closed = free_port()

    assert [ask(closed, transport=transport).code for transport in ("udp", "tcp")] == ["refused", "refused"]


def test_a_private_address_is_not_asked():
    """The guard stands before a server that the check names."""
    got = observation(DNS, {"url": "dns://169.254.169.254/www.example.test"})

    assert got.code == "blocked_address"


# --- over TCP, TLS and HTTPS ----------------------------------------------------------------------------


@asynccontextmanager
async def stream_server(deed, tls=None):
    """The port of a server that does this with every connection, for as long as the block lasts."""

    async def serve(reader, writer):
        with suppress(OSError, asyncio.IncompleteReadError):
            await deed(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def framed(answers):
    """A deed: one message with its length before it, and the bytes that the function makes of it."""

    async def deed(reader, writer):
        size = int.from_bytes(await reader.readexactly(2))
        writer.write(answers(await reader.readexactly(size)))
        await writer.drain()
        await reader.read()

    return deed


def whole(wire):
    """The answer with its length before it."""
    answer = answered(wire)
    return len(answer).to_bytes(2) + answer


async def hang_up(reader, writer):
    """A deed: takes the question and ends the connection."""
    await reader.readexactly(2)


def over_http(*, status="200 OK", kind="application/dns-message", answers=answered):
    """A deed: takes a GET with the question in its address and answers as RFC 8484 says, unless told otherwise."""

    async def deed(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        assert path.startswith("/dns-query?dns=")
        assert b"accept: application/dns-message" in head.lower()
        encoded = path.partition("=")[2]
        assert "=" not in encoded
        wire = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        assert wire[:2] == b"\0\0"
        body = answers(wire)
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()

    return deed


@pytest.fixture(scope="module")
def authority():
    """Who vouches for the servers."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority, tmp_path_factory):
    """The file of the authority."""
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="module")
def certified(authority):
    """The TLS side of a server at 127.0.0.1 and of that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "dns.example.test").configure_cert(context)
    return context


def ask_stream(deed, transport, *, tls=None, timeout_ms=20_000, **options):
    """What a check says of a server that does this."""

    async def asked():
        async with stream_server(deed, tls) as port:
            url = f"dns://127.0.0.1:{port}/www.example.test"
            return await observed(DNS, {"url": url, "transport": transport, **options}, timeout_ms=timeout_ms)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("transport", "deed"),
    [pytest.param("tls", framed(whole), id="tls"), pytest.param("https", over_http(), id="https")],
)
def test_over_tls(transport, deed, certified, ca_file):
    """The answer counts, and the facts of the certificate are kept."""
    wanted = {
        "records": {"exactly": ["192.0.2.1"]},
        "certificate": {"days_left": {"greater": 0}, "minimum_version": "TLSv1.2"},
    }

    got = ask_stream(deed, transport, tls=certified, ca_file=ca_file, validation=wanted)

    assert (got.status, got.detail, got.certificate.verify_code) == ("up", None, 0)
    assert got.phases.tls is not None


@pytest.mark.parametrize(("transport", "deed"), [("tls", framed(whole)), ("https", over_http())])
@pytest.mark.parametrize(
    ("trusted", "options", "code"),
    [
        pytest.param(False, {}, "tls_untrusted", id="unknown authority"),
        pytest.param(True, {"server_name": "other.example.test"}, "tls_hostname", id="another name"),
        pytest.param(True, {"server_name": "dns.example.test"}, None, id="the name that it has"),
        pytest.param(False, {"verify": False}, None, id="any certificate"),
    ],
)
def test_whom_to_trust(transport, deed, trusted, options, code, certified, ca_file):
    """As on every type that speaks TLS."""
    trust = {"ca_file": ca_file} if trusted else {}

    got = ask_stream(deed, transport, tls=certified, **trust, **options)

    assert got.code == code


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        pytest.param(framed(lambda wire: b""), "dns_timeout", id="silence"),
        pytest.param(framed(lambda wire: b"\0\4gone"), "protocol", id="garbage"),
        pytest.param(framed(lambda wire: whole(wire)[:20]), "dns_timeout", id="half an answer"),
        pytest.param(hang_up, "reset", id="hung up"),
    ],
)
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_faults_of_a_stream(transport, deed, code, certified, ca_file):
    """A stream has no strangers in it: what does not belong to the question fails at once."""
    secure = {"tls": certified, "ca_file": ca_file} if transport == "tls" else {}

    got = ask_stream(deed, transport, timeout_ms=1_000, **secure)

    assert (got.status, got.code) == ("down", code)


@pytest.mark.parametrize(
    ("deed", "code", "told"),
    [
        pytest.param(
            over_http(status="503 Service Unavailable"), "status:503", "another status than 200", id="another status"
        ),
        pytest.param(
            over_http(kind="text/html"), "protocol", "the answer is text/html, not application/dns-message", id="a page"
        ),
        pytest.param(over_http(answers=lambda wire: b"gone"), "protocol", "no DNS message", id="garbage"),
        pytest.param(
            over_http(answers=lambda wire: answered(wire, rcode=dns.rcode.NXDOMAIN, records=())),
            "dns_nxdomain",
            "NXDOMAIN",
            id="NXDOMAIN",
        ),
    ],
)
def test_faults_over_https(deed, code, told, certified, ca_file):
    """The codes are those of HTTP until there is an answer, and then those of DNS."""
    got = ask_stream(deed, "https", tls=certified, ca_file=ca_file)

    assert (got.status, got.code) == ("down", code)
    assert told in got.detail


def test_silence_over_https(certified, ca_file):
    """A web server that says nothing, as on every type that asks one."""

    async def deed(reader, writer):
        await reader.read()

    got = ask_stream(deed, "https", tls=certified, ca_file=ca_file, timeout_ms=1_000)

    assert (got.status, got.code) == ("down", "ttfb_timeout")


# --- configuration --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "record", "name"),
    [
        pytest.param("dns://9.9.9.9/example.com", "A", "example.com", id="name"),
        pytest.param("dns:///example.com.", "A", "example.com.", id="this machine's resolver"),
        pytest.param("dns://[2620:fe::fe]:5353/bücher.example", "A", "xn--bcher-kva.example", id="not ASCII"),
        pytest.param("dns://9.9.9.9/.", "NS", ".", id="the root"),
        pytest.param("dns://9.9.9.9/2001:db8::1", "PTR", f"1.{'0.' * 23}8.b.d.0.1.0.0.2.ip6.arpa.", id="reverse"),
    ],
)
def test_the_name_that_is_asked_for(url, record, name):
    """The path of the address."""
    assert DnsOptions(url=url, record=record).question.name == name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "dns://9.9.9.9"}, "write e.g. dns://9.9.9.9/example.com", id="no name"),
        pytest.param({"url": "http://9.9.9.9/a"}, "write e.g. dns://9.9.9.9/example.com", id="another scheme"),
        pytest.param({"url": "dns://9.9.9.9/a..b"}, "is not a question", id="an empty label"),
        pytest.param({"url": f"dns://9.9.9.9/{'a' * 64}.b"}, "is not a question", id="a long label"),
        pytest.param({"url": f"dns://9.9.9.9/{'a.' * 130}"}, "is not a question", id="a long name"),
        pytest.param({"url": "dns://9.9.9.9/a\\300"}, "is not a question", id="an escape"),
        pytest.param({"url": "dns://9.9.9.9/a?b"}, "is not a question", id="a query"),
        pytest.param({"record": "ANY"}, "Input should be", id="a type that is not asked for"),
        pytest.param(
            {"validation": {"records": {"some": ["999.1.1.1"]}}},
            '"999.1.1.1" is not a record of type A .+; write e.g. 192.0.2.1',
            id="no such record",
        ),
        pytest.param({"validation": {"records": {}}}, "asserts nothing", id="no condition"),
        pytest.param({"validation": {"rcode": []}}, "at least 1 item", id="no response code"),
        pytest.param({"path": "/x"}, "write transport: https beside it", id="a path without HTTPS"),
        pytest.param({"authoritative_port": 54}, "write authoritative: true beside it", id="a port of nobody"),
        pytest.param(
            {"validation": {"agreement": {"severity": "degraded"}}}, "write authoritative: true", id="nobody to agree"
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    """With the configuration, and with what to write instead."""
    with pytest.raises(ValidationError, match=message):
        DnsOptions.model_validate({"url": "dns://9.9.9.9/example.com", **options})


def test_variables_pass():
    """What they hold is judged when it is known."""
    options = DnsOptions(url="dns://{{ SERVER }}/{{ NAME }}", validation={"records": {"some": ["{{ ADDRESS }}"]}})

    assert options.validation.records.some == ("{{ ADDRESS }}",)


@pytest.mark.service
def test_variables_are_filled_in(port):
    """In the address and in the records."""
    options = {
        "url": f"dns://127.0.0.1:{port}/{{{{ NAME }}}}",
        "validation": {"records": {"some": ["{{ ADDRESS }}"]}},
    }

    got = observation(DNS, options, environ={"NAME": "www.example.test", "ADDRESS": "192.0.2.1"})

    assert got.status == "up"
