"""The same targets asked by Debian's blackbox exporter and by us: the same verdict, or a reason why not."""

from __future__ import annotations

import asyncio
import datetime
import http.client
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlencode

import pytest
import trustme
from database_servers import program, running
from datagram_server import datagram_server
from fault_proxy import FAULTS
from name_server import free_port, name_server
from one_check import peer, says, silence
from probing import check, observed
from starttls_servers import GRANTED, UNDER_TLS, plain, secured
from web_server import answer, nginx, written

pytestmark = pytest.mark.service

QUICK_SECONDS = 1
PATIENT_SECONDS = 10
# Loopback but for one address, which stands for all that is nobody's business.
ALLOWED = ("127.0.0.1/32", "::1/128")
ELSEWHERE = "127.0.0.2"

Options = Mapping[str, Any]
Server = Callable[[], AbstractAsyncContextManager[int]]


@dataclass(frozen=True)
class Case:
    """One target as both are told to ask it, our verdict, and why theirs is another one (empty: it is not).

    `module` is the exporter's configuration, `target` what it asks; `url` and `options` are ours. `$name` stands for a
    port or a file.
    """

    module: Options
    target: str
    url: str
    up: bool
    options: Options = field(default_factory=dict)
    because: str = ""
    seconds: int = PATIENT_SECONDS


def web(url: str, up: bool, theirs: Options, ours: Options, **more: Any) -> Case:
    """A case of HTTP."""
    trusted = {"ca_file": "$ca", **ours} if url.startswith("https") else ours
    tls = {"tls_config": {"ca_file": "$ca", **theirs.get("tls_config", {})}}
    return Case({"prober": "http", "http": {**theirs, **tls}}, url, url, up, trusted, **more)


def site(path: str, up: bool, theirs: Options | None = None, ours: Options | None = None, **more: Any) -> Case:
    """A case of HTTP at nginx."""
    return web(f"http://127.0.0.1:$plain{path}", up, theirs or {}, ours or {}, **more)


def tcp(place: str, up: bool, theirs: Options | None = None, ours: Options | None = None, **more: Any) -> Case:
    """A case of TCP."""
    tls = {"tls_config": {"ca_file": "$ca"}} if theirs and "tls" in str(theirs) else {}
    trusted = {"ca_file": "$ca"} if tls else {}
    module = {"prober": "tcp", "tcp": {**(theirs or {}), **tls}}
    return Case(module, place, f"tcp://{place}", up, {**trusted, **(ours or {})}, **more)


def dns(
    name: str, record: str, up: bool, theirs: Options | None = None, ours: Options | None = None, **more: Any
) -> Case:
    """A case of DNS, mostly at NSD."""
    place = more.pop("place", "127.0.0.1:$names")
    module = {"prober": "dns", "dns": {"query_name": name, "query_type": record, **(theirs or {})}}
    return Case(module, place, f"dns://{place}/{name}", up, {"record": record, **(ours or {})}, **more)


def header(name: str, regexp: str, *, there: bool) -> Options:
    """The exporter's condition on a header."""
    return {f"fail_if_header{'_not' if there else ''}_matches": [{"header": name, "regexp": regexp}]}


def valid(**validation: Any) -> Options:
    """Our conditions."""
    return {"validation": validation}


def lines(*expected: str) -> Options:
    """The exporter's conditions on what is said, line by line; `> ` begins what it says itself."""
    said = [{"send": line[2:]} if line.startswith("> ") else {"expect": line} for line in expected]
    return {"query_response": said}


# --- the table ----------------------------------------------------------------------------------

IPV4_ONLY = {"preferred_ip_protocol": "ip4", "ip_protocol_fallback": False}
IPV6_ONLY = {"preferred_ip_protocol": "ip6", "ip_protocol_fallback": False}
TLS_1_3 = valid(certificate={"minimum_version": "TLSv1.3"})
HTTP_2 = ({"valid_http_versions": ["HTTP/2.0"]}, {"http2": True, **valid(http_version="2")})
UNVERIFIED = ({"tls_config": {"insecure_skip_verify": True}}, {"verify": False})
FOLLOWED, NOT_FOLLOWED = {"follow_redirects": True}, {"follow_redirects": False}
NO_REDIRECT_LIMIT = {"max_redirects": 10}
STAYS_SECURE = valid(redirects={"final_url": {"matches": "^https:"}})
EHLO = "> EHLO statusledger.invalid\r"
STARTTLS = lines("^220 ", EHLO, "^250 starttls", "> STARTTLS\r", "^220 ")["query_response"]

HTTP: Mapping[str, Case] = {
    "200": site("/ok", True),
    "204": site("/204", True),
    "404": site("/404", False),
    "500": site("/500", False),
    "503": site("/503", False),
    "503 is wanted": site("/503", True, {"valid_status_codes": [503]}, valid(status_code=503)),
    "204 is not wanted": site("/204", False, {"valid_status_codes": [200]}, valid(status_code=200)),
    "one of several": site("/204", True, {"valid_status_codes": [200, 204]}, valid(status_code=[200, 204])),
    "301, not followed": site("/301", False, NOT_FOLLOWED),
    "301 is wanted": site("/301", True, {**NOT_FOLLOWED, "valid_status_codes": [301]}, valid(status_code=301)),
    "301, followed": site("/301", True, FOLLOWED, NO_REDIRECT_LIMIT),
    "301, nothing said": site("/301", False, because="a redirect is an answer of its own unless it is to be followed"),
    "redirected in a circle": site("/circle", False, FOLLOWED, NO_REDIRECT_LIMIT),
    "redirected to a private network": site(
        "/inside", False, FOLLOWED, NO_REDIRECT_LIMIT,
        because="no redirect leads to an address that monitor.allow_networks does not name",
    ),
    "HEAD": site("/ok", True, {"method": "HEAD"}, {"method": "HEAD"}),
    "POST": site("/form", True, {"method": "POST", "body": "a=1"}, {"method": "POST", "body": "a=1"}),
    "GET where POST is wanted": site("/form", False),
    "request header": site("/key", True, {"headers": {"X-Key": "k3y"}}, {"headers": {"X-Key": "k3y"}}),
    "request header that is missing": site("/key", False),
    "virtual host": site(
        "/host", True,
        {"headers": {"Host": "other.test"}, "fail_if_body_not_matches_regexp": ["^other.test$"]},
        {"headers": {"Host": "other.test"}, **valid(body={"matches": "^other.test$"})},
    ),
    "basic authentication": site(
        "/basic", True,
        {"basic_auth": {"username": "ann", "password": "s3cret"}},
        {"auth": {"basic": {"username": "ann", "password": "s3cret"}}},
    ),
    "basic authentication that is wrong": site(
        "/basic", False,
        {"basic_auth": {"username": "ann", "password": "guess"}},
        {"auth": {"basic": {"username": "ann", "password": "guess"}}},
    ),
    "bearer token": site(
        "/bearer", True, {"authorization": {"credentials": "t0ken"}}, {"auth": {"bearer": "t0ken"}}
    ),
    "body, there": site(
        "/ok", True, {"fail_if_body_not_matches_regexp": ["hello.w"]}, valid(body={"matches": "hello.w"})
    ),
    "body, not there": site(
        "/ok", False, {"fail_if_body_not_matches_regexp": ["moon"]}, valid(body={"matches": "moon"})
    ),
    "body, not wanted": site(
        "/ok", False, {"fail_if_body_matches_regexp": ["hello"]}, valid(body={"not_contains": ["hello"]})
    ),
    "header, there": site(
        "/header", True, header("X-Cache", "^HIT$", there=True), valid(headers={"X-Cache": {"matches": "^HIT$"}})
    ),
    "header, another value": site(
        "/header", False, header("X-Cache", "^MISS$", there=True), valid(headers={"X-Cache": {"equals": "MISS"}})
    ),
    "header, absent": site(
        "/ok", False, header("X-Cache", "HIT", there=True), valid(headers={"X-Cache": {"contains": "HIT"}})
    ),
    "header, not wanted": site(
        "/header", False, header("X-Cache", ".", there=False), valid(headers={"X-Cache": {"exists": False}})
    ),
    "compressed body": site(
        "/gzip", True,
        {
            "compression": "gzip", "headers": {"Accept-Encoding": "gzip"},
            **header("Content-Encoding", "^gzip$", there=True), "fail_if_body_not_matches_regexp": ["hello world"],
        },
        valid(headers={"Content-Encoding": {"equals": "gzip"}}, body={"matches": "hello world"}),
    ),
    "compressed body that nobody asked for": web(
        "http://127.0.0.1:$unasked_gzip/", False, {}, {},
        because="a body that cannot be decoded is no answer, whoever asked for the encoding",
    ),
    "large body": web(
        "http://127.0.0.1:$large/", False, {}, {},
        because="more than max_bytes (1 MiB) is not read, and not called good",
    ),
    "large body that is expected": web("http://127.0.0.1:$large/", True, {}, {"max_bytes": 4_000_000}),
    "body that is cut short": web("http://127.0.0.1:$cut/", False, {}, {}),
    "not HTTP": web("http://127.0.0.1:$not_http/", False, {}, {}),
    "refused": web("http://127.0.0.1:$closed/", False, {}, {}),
    "silent": web("http://127.0.0.1:$silent/", False, {}, {}, seconds=QUICK_SECONDS),
    "reset": web("http://127.0.0.1:$reset/", False, {}, {}),
    "IPv4": site("/ok", True, IPV4_ONLY, {"ip_family": "ipv4"}),
    "IPv6": web("http://[::1]:$plain6/ok", True, IPV6_ONLY, {"ip_family": "ipv6"}),
    "IPv6 only, and there is IPv4 alone": site("/ok", False, IPV6_ONLY, {"ip_family": "ipv6"}),
    "IPv4 only, and there is IPv6 alone": web("http://[::1]:$plain6/ok", False, IPV4_ONLY, {"ip_family": "ipv4"}),
    "TLS is wanted, and there is none": site(
        "/ok", False, {"fail_if_not_ssl": True}, valid(certificate={"minimum_version": "TLSv1.2"})
    ),
}  # fmt: skip

HTTPS: Mapping[str, Case] = {
    "good": web("https://127.0.0.1:$good/", True, {"fail_if_not_ssl": True}, {}),
    "HTTP/2": web("https://127.0.0.1:$good/", True, *HTTP_2),
    "HTTP/2 is wanted, and there is none": web("https://127.0.0.1:$tls13/", False, *HTTP_2),
    "TLS 1.2, and no newer one is wanted": web("https://127.0.0.1:$tls12/", True, {}, {}),
    "TLS 1.2, and 1.3 is wanted": web(
        "https://127.0.0.1:$tls12/", False, {"tls_config": {"min_version": "TLS13"}}, TLS_1_3
    ),
    "TLS 1.3, and 1.2 is enough": web(
        "https://127.0.0.1:$tls13/", True, {"tls_config": {"min_version": "TLS12"}},
        valid(certificate={"minimum_version": "TLSv1.2"}),
    ),
    "TLS 1.3, and 1.3 is wanted": web(
        "https://127.0.0.1:$tls13/", True, {"tls_config": {"min_version": "TLS13"}}, TLS_1_3
    ),
    "expired": web("https://127.0.0.1:$expired/", False, {}, {}),
    "expired, unverified": web("https://127.0.0.1:$expired/", True, *UNVERIFIED),
    "for another host": web("https://127.0.0.1:$elsewhere/", False, {}, {}),
    "under its own name": web(
        "https://127.0.0.1:$elsewhere/", True, {"tls_config": {"server_name": "example.org"}},
        {"server_name": "example.org"},
    ),
    "under another name": web(
        "https://127.0.0.1:$good/", False, {"tls_config": {"server_name": "example.org"}},
        {"server_name": "example.org"},
    ),
    "unknown authority": web("https://127.0.0.1:$unknown/", False, {}, {}),
    "self-signed": web("https://127.0.0.1:$self_signed/", False, {}, {}),
    "self-signed, unverified": web("https://127.0.0.1:$self_signed/", True, *UNVERIFIED),
    "HTTP behind https": web("https://127.0.0.1:$plain/ok", False, {}, {}),
    "HTTPS behind http": web("http://127.0.0.1:$good/", False, {}, {}),
    "redirected to HTTP": web(
        "https://127.0.0.1:$good/plain", False, {**FOLLOWED, "fail_if_not_ssl": True},
        {**NO_REDIRECT_LIMIT, **STAYS_SECURE},
    ),
    "client certificate": web(
        "https://127.0.0.1:$strict/", True, {"tls_config": {"cert_file": "$client", "key_file": "$client"}},
        {"client_certificate": "$client"},
    ),
    "client certificate that is missing": web("https://127.0.0.1:$strict/", False, {}, {}),
    "silent in the handshake": web("https://127.0.0.1:$silent/", False, {}, {}, seconds=QUICK_SECONDS),
}  # fmt: skip

TCP: Mapping[str, Case] = {
    "connection": tcp("127.0.0.1:$silent", True),
    "refused": tcp("127.0.0.1:$closed", False),
    "greeting": tcp("127.0.0.1:$ssh", True, lines("^SSH-2.0-"), {"expect": "SSH-2.0-"}),
    "another greeting": tcp(
        "127.0.0.1:$ssh", False, lines("^220 "), {"expect": "220 "}, seconds=QUICK_SECONDS
    ),
    "silent": tcp("127.0.0.1:$silent", False, lines("^220 "), {"expect": "220 "}, seconds=QUICK_SECONDS),
    "reset": tcp("127.0.0.1:$reset", False, lines("> PING", "^.PONG"), {"send": "PING\n", "expect": "+PONG"}),
    "question and answer": tcp(
        "127.0.0.1:$pong", True, lines("> PING\r", "^.PONG"), {"send": "PING\r\n", "expect": "+PONG"}
    ),
    "dialogue": tcp(
        "127.0.0.1:$smtp", True, lines("^220 ", EHLO, "^250 starttls"),
        {"dialogue": [{"expect_matches": "^220 "}, {"send": EHLO[2:] + "\n"}, {"expect_matches": "^250 starttls"}]},
    ),
    "dialogue that ends otherwise": tcp(
        "127.0.0.1:$smtp", False, lines("^220 ", EHLO, "^250 AUTH"),
        {"dialogue": [{"expect_matches": "^220 "}, {"send": EHLO[2:] + "\n"}, {"expect_matches": "^250 AUTH"}]},
        seconds=QUICK_SECONDS,
    ),
    "answer without the end of a line": tcp(
        "127.0.0.1:$prompt", True, lines("^login:"), {"expect": "login:"}, seconds=QUICK_SECONDS,
        because="what is expected is looked for in all that was said, also in a prompt that waits on its line",
    ),
    "TLS": tcp("127.0.0.1:$good", True, {"tls": True}, {"tls": True}),
    "TLS, expired": tcp("127.0.0.1:$expired", False, {"tls": True}, {"tls": True}),
    "TLS, unknown authority": tcp("127.0.0.1:$unknown", False, {"tls": True}, {"tls": True}),
    "TLS, for another host": tcp("127.0.0.1:$elsewhere", False, {"tls": True}, {"tls": True}),
    "TLS, and there is none": tcp("127.0.0.1:$ssh", False, {"tls": True}, {"tls": True}),
    "STARTTLS": tcp(
        "127.0.0.1:$starttls", True,
        {"query_response": [*STARTTLS, {"starttls": True}, {"expect": UNDER_TLS.decode().strip()}]},
        {"starttls": "smtp", "expect": UNDER_TLS.decode().strip()},
    ),
    "STARTTLS, unknown authority": tcp(
        "127.0.0.1:$starttls_unknown", False, {"query_response": [*STARTTLS, {"starttls": True}, {"expect": "now"}]},
        {"starttls": "smtp"},
    ),
    "STARTTLS that is not offered": tcp(
        "127.0.0.1:$no_starttls", False, {"query_response": [*STARTTLS, {"starttls": True}]}, {"starttls": "smtp"},
        seconds=QUICK_SECONDS,
    ),
    "certificate that ends in ten days": Case(
        {"prober": "tcp", "tcp": {"tls": True, "tls_config": {"ca_file": "$ca"}}},
        "127.0.0.1:$soon", "tls://127.0.0.1:$soon", False, {"ca_file": "$ca"},
        because="the type tls is degraded from two weeks before the end on; there it is a number to alert on",
    ),
}  # fmt: skip

DNS: Mapping[str, Case] = {
    "A": dns("www.example.test", "A", True),
    "AAAA": dns("www.example.test", "AAAA", True),
    "CNAME": dns("alias.example.test", "CNAME", True),
    "MX": dns("example.test", "MX", True),
    "TXT": dns("example.test", "TXT", True),
    "SOA": dns("example.test", "SOA", True),
    "NS": dns("example.test", "NS", True),
    "A behind an alias": dns("alias.example.test", "A", True),
    "over TCP": dns("www.example.test", "A", True, {"transport_protocol": "tcp"}, {"transport": "tcp"}),
    "record, there": dns(
        "www.example.test", "A", True,
        {"validate_answer_rrs": {"fail_if_none_matches_regexp": [r"192\.0\.2\.1$"]}},
        valid(records={"some": ["192.0.2.1"]}),
    ),
    "record, not there": dns(
        "www.example.test", "A", False,
        {"validate_answer_rrs": {"fail_if_none_matches_regexp": [r"192\.0\.2\.9$"]}},
        valid(records={"some": ["192.0.2.9"]}),
    ),
    "NXDOMAIN": dns("nothing.example.test", "A", False),
    "NXDOMAIN is wanted": dns(
        "nothing.example.test", "A", True, {"valid_rcodes": ["NXDOMAIN"]}, valid(rcode="NXDOMAIN")
    ),
    "NXDOMAIN is wanted, and there is an answer": dns(
        "www.example.test", "A", False, {"valid_rcodes": ["NXDOMAIN"]}, valid(rcode="NXDOMAIN")
    ),
    "REFUSED": dns("www.example.org", "A", False),
    "REFUSED is wanted": dns("www.example.org", "A", True, {"valid_rcodes": ["REFUSED"]}, valid(rcode="REFUSED")),
    "no data": dns(
        "mail.example.test", "AAAA", False, because="an empty answer to a question for records is no good answer"
    ),
    "no data is wanted": dns("mail.example.test", "AAAA", True, {}, valid(count={"equals": 0})),
    "alias that leads out of the zone": dns(
        "away.example.test", "A", False, because="an alias without the address behind it is no address"
    ),
    "answer to another question": dns(
        "www.example.test", "A", False, place="127.0.0.1:$another_question", seconds=QUICK_SECONDS,
        because="an answer has to repeat the question, or anybody could have sent it",
    ),
    "refused": dns("www.example.test", "A", False, place="127.0.0.1:$closed", seconds=QUICK_SECONDS),
    "silent": dns("www.example.test", "A", False, place="127.0.0.1:$no_answer", seconds=QUICK_SECONDS),
}  # fmt: skip

ICMP: Mapping[str, Case] = {
    "ping": Case({"prober": "icmp"}, "127.0.0.1", "icmp://127.0.0.1", True, {"packets": 1}),
}
GROUPS = {"http": HTTP, "https": HTTPS, "tcp": TCP, "dns": DNS, "icmp": ICMP}
CASES: Mapping[str, Case] = {
    f"{group}: {name}": case for group, cases in GROUPS.items() for name, case in cases.items()
}


# --- the targets --------------------------------------------------------------------------------

BASIC = b64encode(b"ann:s3cret").decode()
SITE = """
    location = /ok { return 200 "hello world"; }
    location = /204 { return 204; }
    location = /301 { return 301 /ok; }
    location = /404 { return 404; }
    location = /500 { return 500; }
    location = /503 { return 503; }
    location = /circle { return 302 /circle; }
    location = /inside { return 302 http://%(elsewhere)s:$server_port/ok; }
    location = /form { if ($request_method != POST) { return 405; } return 200 "thanks"; }
    location = /key { if ($http_x_key != k3y) { return 403; } return 200 "in"; }
    location = /host { return 200 $host; }
    location = /basic { if ($http_authorization != "Basic %(basic)s") { return 401; } return 200 "in"; }
    location = /bearer { if ($http_authorization != "Bearer t0ken") { return 401; } return 200 "in"; }
    location = /header { add_header X-Cache HIT; return 200 "hello world"; }
    location = /gzip { gzip on; gzip_min_length 1; gzip_types *; return 200 "hello world"; }
"""
SECURE_SITE = """
    location = / { return 200 "hello world"; }
    location = /plain { return 302 http://127.0.0.1:%(plain)s/ok; }
"""
ZONE = """
$ORIGIN example.test.
$TTL 300
@ SOA ns1 host 7 3600 600 86400 60
@ NS ns1
@ MX 10 mail
@ TXT "v=spf1 -all"
ns1 A 127.0.0.1
mail A 192.0.2.3
www A 192.0.2.1
www AAAA 2001:db8::1
alias CNAME www
away CNAME www.elsewhere.test.
"""


@dataclass(frozen=True)
class Certificates:
    """Who vouches for most servers, somebody whom nobody knows, and a folder for what they sign."""

    authority: trustme.CA
    stranger: trustme.CA
    folder: Path

    def file(self, name: str, *pems: trustme.Blob) -> str:
        """A file with these PEM blobs."""
        return str(written(self.folder, f"{name}.pem", *pems))

    def issued(self, name: str, host: str = "127.0.0.1", *, days: int = 100, known: bool = True) -> str:
        """The file with a certificate for the host that is good for so many days, its chain and its key."""
        now = datetime.datetime.now(datetime.UTC)
        ends = now + datetime.timedelta(days=days, hours=12)
        begun = min(now, ends) - datetime.timedelta(days=1)
        issuer = self.authority if known else self.stranger
        made = issuer.issue_cert(host, not_before=begun, not_after=ends)
        return self.file(name, made.private_key_and_cert_chain_pem)

    def context(self, *, known: bool = True) -> ssl.SSLContext:
        """A server's TLS context."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (self.authority if known else self.stranger).issue_cert("127.0.0.1").configure_cert(context)
        return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """One set for all tests."""
    return Certificates(trustme.CA(), trustme.CA(), tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def files(certificates: Certificates) -> Mapping[str, str]:
    """The files that `$name` stands for."""
    return {
        "ca": certificates.file("ca", certificates.authority.cert_pem),
        "client": certificates.issued("client", "client.test"),
    }


def over_tls(certificates: Certificates, ca: str) -> Mapping[str, tuple[str, str]]:
    """The flags of `listen` and the directives of each server of nginx that speaks TLS."""
    stranger = certificates.stranger
    kinds = {
        "good": ("ssl http2", certificates.issued("good"), ""),
        "tls12": ("ssl", certificates.issued("tls12"), "ssl_protocols TLSv1.2;"),
        "tls13": ("ssl", certificates.issued("tls13"), "ssl_protocols TLSv1.3;"),
        "expired": ("ssl", certificates.issued("expired", days=-10), ""),
        "elsewhere": ("ssl", certificates.issued("elsewhere", "example.org"), ""),
        "soon": ("ssl", certificates.issued("soon", days=10), ""),
        "unknown": ("ssl", certificates.issued("unknown", known=False), ""),
        "self_signed": ("ssl", certificates.file("self", stranger.private_key_pem, stranger.cert_pem), ""),
        "strict": ("ssl", certificates.issued("strict"), f"ssl_verify_client on; ssl_client_certificate {ca};"),
    }
    return {
        name: (flags, f"ssl_certificate {pem}; ssl_certificate_key {pem}; {more}")
        for name, (flags, pem, more) in kinds.items()
    }


@pytest.fixture(scope="module")
def nginx_ports(
    certificates: Certificates, files: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, int]]:
    """The ports of nginx that `$name` stands for."""
    plain, six = free_port(), free_port("::1")
    listens = "".join(f"listen {place};" for place in (f"127.0.0.1:{plain}", f"{ELSEWHERE}:{plain}", f"[::1]:{six}"))
    kinds = over_tls(certificates, files["ca"])
    secure = [(flags, directives + SECURE_SITE % {"plain": plain}) for flags, directives in kinds.values()]
    unsecured = ("", listens + SITE % {"elsewhere": ELSEWHERE, "basic": BASIC})
    with nginx(tmp_path_factory.mktemp("nginx"), unsecured, *secure) as (_, *ports):
        yield {"plain": plain, "plain6": six, **dict(zip(kinds, ports, strict=True))}


@pytest.fixture(scope="module")
def places(nginx_ports: Mapping[str, int], files: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """The ports of all servers that are there throughout, and the files."""
    with name_server(ZONE) as names:
        yield {**files, **nginx_ports, "names": names.port, "closed": free_port()}


@pytest.fixture(scope="module")
def servers(certificates: Certificates) -> Mapping[str, Server]:
    """The servers that are there for one case each, by the name of their port."""
    greeting, ehlo, _ = GRANTED["smtp"]
    deeds = {
        "silent": silence,
        "reset": FAULTS["reset"],
        "cut": cut_short,
        "unasked_gzip": says(answer(b"this is not gzip", Content_Encoding="gzip")),
        "not_http": says(b"hello\r\n\r\n"),
        "large": says(answer(b"x" * 2_000_000)),
        "ssh": plain([(b"", b"SSH-2.0-OpenSSH_9.2\r\n")]),
        "pong": plain([(b"PING\r\n", b"+PONG\r\n")]),
        "prompt": plain([(b"", b"login: ")]),
        "smtp": plain(GRANTED["smtp"][:2]),
        "no_starttls": plain([greeting, (ehlo[0], b"250 mail.example.org\r\n")]),
        "starttls": secured(GRANTED["smtp"], certificates.context()),
        "starttls_unknown": secured(GRANTED["smtp"], certificates.context(known=False)),
    }
    datagrams = {"no_answer": lambda asked: [], "another_question": answer_to_another_question}
    return {
        **{name: partial(peer, deed) for name, deed in deeds.items()},
        **{name: partial(datagram_server, answers) for name, answers in datagrams.items()},
    }


async def cut_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An HTTP server that leaves in the middle of the body."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def answer_to_another_question(asked: bytes) -> Sequence[bytes]:
    """The address of another name, with the identity of what was asked (RFC 1035 section 4.1)."""
    question = b"\x05other\x04test\x00\x00\x01\x00\x01"
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x07"
    return [asked[:2] + b"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" + question + record]


# --- the two of them ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exporter(files: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an exporter that has a module for each case."""
    modules = {name: {**case.module, "timeout": f"{case.seconds}s"} for name, case in CASES.items()}
    config = tmp_path_factory.mktemp("exporter") / "modules.yml"
    # JSON is YAML
    config.write_text(Template(json.dumps({"modules": modules})).safe_substitute(files), encoding="utf-8")
    port = free_port()
    blackbox = program("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    with running([blackbox, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"], "Listening on"):
        yield port


def theirs(port: int, module: str, target: str) -> bool:
    """The exporter's verdict."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=2 * PATIENT_SECONDS)
    try:
        asked.request("GET", f"/probe?{urlencode({'module': module, 'target': target})}")
        answered = asked.getresponse()
        said = answered.read().decode()
    finally:
        asked.close()
    assert answered.status == 200, said
    return "\nprobe_success 1\n" in said


async def ours(case: Case, places: Mapping[str, Any]) -> bool:
    """Our verdict."""
    filled = json.loads(Template(json.dumps({**case.options, "url": case.url})).safe_substitute(places))
    kind = case.url.partition(":")[0].replace("https", "http")
    got = await observed(check(kind, filled, timeout_ms=case.seconds * 1000), allow_networks=ALLOWED)
    return got.status == "up"


@asynccontextmanager
async def with_ports(
    text: str, servers: Mapping[str, Server], places: Mapping[str, Any]
) -> AsyncIterator[Mapping[str, Any]]:
    """All places, those of servers included that the text names and that are there only now."""
    async with AsyncExitStack() as stack:
        named = [name for name in Template(text).get_identifiers() if name in servers]
        yield {**places, **{name: await stack.enter_async_context(servers[name]()) for name in named}}


def may_ping() -> bool:
    """Whether this machine lets us."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except OSError:
            continue
        return True
    return False


forbidden = pytest.mark.skipif(not may_ping(), reason="this machine forbids ICMP")
ROWS = [pytest.param(name, id=name, marks=forbidden if case in ICMP.values() else ()) for name, case in CASES.items()]


@pytest.mark.parametrize("name", ROWS)
def test_the_verdict_is_the_same_or_there_is_a_reason(
    name: str, exporter: int, places: Mapping[str, Any], servers: Mapping[str, Server]
) -> None:
    """Asked at the same time; a reason stands exactly where the two differ."""
    case = CASES[name]

    async def ask() -> tuple[bool, bool]:
        async with with_ports(case.target, servers, places) as known:
            target = Template(case.target).substitute(known)
            return await asyncio.gather(ours(case, known), asyncio.to_thread(theirs, exporter, name, target))

    our_verdict, their_verdict = asyncio.run(ask())

    assert our_verdict == case.up
    assert (our_verdict != their_verdict) == bool(case.because)
