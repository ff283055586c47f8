"""Secrets planted everywhere, and told back by servers in every way that they have: nothing that is kept has them."""

from __future__ import annotations

import asyncio
import json
import ssl
import textwrap
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import dns.message
import dns.rrset
import pytest
import trustme
from datagram_server import datagram_server
from leaks import found, objects, readings
from one_check import Deed, peer, says, silence
from repository import Ran, Repository, git, tree
from starttls_servers import plain, secured
from web_server import Asked, answer, proxy, redirect, web
from websockets.asyncio.server import ServerConnection, serve

# What headers can hold, what an address can hold as it is, a label of a name, and what somebody made up.
ENVIRONMENT = {
    "TOKEN": "skLive+9f/Qz7=Xw3-kV5_mT8.aB1cD2eF3gH4iJ5",
    "KEY": "K3y-For_The.Address~9xQ7",
    "LABEL": "zq7x9vk2mw4tj8",
    "TOKEN_HOST": "Hq4Tz8Rw2Lk9XbNm",
    "PIN": "48151623420",
    "PHRASE": "pa\"ss\\wo'rd 100%é&<b>~Zq#?/+k9 Lm3nB7",
}
# What a server hands out only when it is asked.
HANDED_OUT = "handed.Out+by/the-SERVER=9Zx8Cv7"
SECRETS = {**ENVIRONMENT, "HANDED_OUT": HANDED_OUT}
TOKEN, KEY, LABEL, TOKEN_HOST, PIN, PHRASE = ENVIRONMENT.values()
NOW, A_MINUTE_LATER = "2026-04-01T00:00:00Z", "2026-04-01T00:01:00Z"

# --- what gives the secrets back ----------------------------------------------------------------


TELLS: Mapping[str, bytes] = {
    "json": answer(json.dumps({"phrase": PHRASE, "token": TOKEN}, ensure_ascii=False)),
    "told": answer("told", X_Told=TOKEN),
    "status": answer(TOKEN, f"500 {TOKEN}"),
    "status-line": f"{TOKEN}\r\n\r\n".encode(),
    "header-line": f"HTTP/1.1 200 OK\r\n{TOKEN} {KEY}\r\n\r\n".encode(),
    "chunk": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n".encode(),
    "to-page": redirect(f"/line?key={TOKEN}"),
    "to-quoted": redirect(f"/line?key={quote(PHRASE, safe='')}"),
    "to-mail": redirect(f"mailto:{TOKEN}"),
    "to-nothing": redirect(f"http://[{TOKEN}/"),
    "to-host": redirect(f"http://{LABEL}.invalid/"),
    "login": answer(json.dumps({"token": HANDED_OUT}), Set_Cookie=f"session={HANDED_OUT}"),
    "oauth": answer(json.dumps({"access_token": HANDED_OUT, "token_type": "Bearer"})),
    "php-json": answer(json.dumps({"token": TOKEN}).replace("/", "\\/")),
    "encoding": answer("x", Content_Encoding=TOKEN),
    "number": answer('{"pin": 48151623420}'),
    "phrase-line": f"{PHRASE}\r\n\r\n".encode(),
    "to-mixed": redirect(f"http://{KEY.replace('_', '').replace('~', '')}.invalid/"),
    "rdap": answer(json.dumps({"objectClassName": "domain", "ldhName": TOKEN})),
}


def website(asked: Asked) -> bytes:
    """Tells what it should not, or repeats a part of what it was asked."""
    place, _, name = asked.target.partition("?")[0].strip("/").partition("/")
    if place in TELLS:
        return TELLS[place]
    if place == "to-itself":
        return redirect(asked.target)
    parts: dict[str, bytes | str] = {"body": asked.body, "header": asked.headers.get(name, "")}
    return answer(parts.get(place, asked.line))


async def chatting(connection: ServerConnection) -> None:
    """A WebSocket server that says where it was called, and with what key."""
    request = connection.request
    assert request is not None
    await connection.send(f"{request.headers.get('X-Key')} called {request.path}")
    await connection.wait_closed()


def repeating(*, stays: bool) -> Deed:
    """A server that repeats one line and stays, or leaves."""

    async def deed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        if stays:
            await silence(reader, writer)

    return deed


def name_server(asked: bytes) -> Sequence[bytes]:
    """A TXT record for every name."""
    reply = dns.message.make_response(dns.message.from_wire(asked))
    reply.answer.append(dns.rrset.from_text(reply.question[0].name, 60, "IN", "TXT", TOKEN))
    return [reply.to_wire()]


def postgres_error(message: str) -> bytes:
    """ErrorResponse of the PostgreSQL frontend/backend protocol."""
    fields = f"SFATAL\0VFATAL\0C28P01\0M{message}\0\0".encode()
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


def certified() -> ssl.SSLContext:
    """A server's context whose certificate names secrets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(organization_name=TOKEN).issue_cert("127.0.0.1", common_name=KEY).configure_cert(context)
    return context


DEEDS: Mapping[str, Deed] = {
    "repeats": repeating(stays=False),
    "repeats_and_stays": repeating(stays=True),
    "smtp": plain([(b"", f"220 {TOKEN}\r\n".encode()), (b"EHLO statusledger.invalid\r\n", b"250 mail\r\n")]),
    "smtp_busy": plain([(b"", f"554 {PHRASE}\r\n".encode())]),
    "nonsense": plain([(b"", f"{PHRASE} {TOKEN}\r\n".encode())]),
    "half": says(b"you said " + TOKEN[:20].encode()),
    "tls": secured([], certified()),
    "ssh": plain([(b"", f"SSH-2.0-{TOKEN}\r\n".encode())]),
    "redis_error": says(f"-ERR wrong password '{PHRASE}'\r\n".encode()),
    "redis_value": says(f"+{TOKEN}\r\n".encode()),
    "postgres": says(postgres_error(f'password "{PHRASE}" is wrong')),
    "no_upgrade": says(f"HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: {TOKEN}\r\n\r\n".encode()),
}


@asynccontextmanager
async def servers() -> AsyncIterator[dict[str, int]]:
    """Their ports by name."""
    async with AsyncExitStack() as stack:
        ports = {name: await stack.enter_async_context(peer(deed)) for name, deed in DEEDS.items()}
        ports["names"] = await stack.enter_async_context(datagram_server(name_server))
        ports["udp"] = await stack.enter_async_context(datagram_server(lambda asked: [asked]))
        ports["web"] = (await stack.enter_async_context(web(website))).port
        ports["proxy"] = (await stack.enter_async_context(proxy(refuses=f"403 {TOKEN}"))).port
        chat = await stack.enter_async_context(serve(chatting, "127.0.0.1", 0))
        ports["chat"] = next(iter(chat.sockets)).getsockname()[1]
        yield ports


# --- where they are planted ---------------------------------------------------------------------

NEVER = {"body": {"contains_any": ["moon"]}}


def page(path: str, **options: Any) -> dict[str, Any]:
    """A check of the website that fails by what it is told."""
    return {"url": f"http://127.0.0.1:$web/{path}", "validation": NEVER, **options}


def moved(path: str, **wanted: Any) -> dict[str, Any]:
    """A check that follows redirects and never ends where it should."""
    return page(path, max_redirects=3, validation={"redirects": wanted or {"final_url": {"equals": "moon"}}})


def at(kind: str, server: str, **options: Any) -> dict[str, Any]:
    """A check of one of the other servers."""
    return {"url": f"{kind}://127.0.0.1:${server}", **options}


def oauth(path: str, send_in: str) -> dict[str, Any]:
    """A check that fetches a token first."""
    client = {"client_id": "probe", "client_secret": "{{ PHRASE }}", "send_in": send_in}
    return page("header/authorization", auth={"oauth2": {"token_url": f"http://127.0.0.1:$web/{path}", **client}})


def walk(last: dict[str, Any]) -> dict[str, Any]:
    """A check of two steps, of which the first hands something out."""
    login = page("login", name="login", carry={"token": "$$.token"}, validation={})
    return {"type": "steps", "steps": [login, last]}


PLANTED: Mapping[str, dict[str, Any]] = {
    "path": page("line/{{ TOKEN }}"),
    "php_json": page("php-json"),
    "phrase_path": page("line/{{ PHRASE }}"),
    "circle": moved("to-itself?key={{ PHRASE }}"),
    "phrase_line": page("phrase-line"),
    "encoding": page("encoding"),
    "host": {"url": "http://{{ TOKEN_HOST }}.invalid/"},
    "hex": at("udp", "udp", send="{{ TOKEN }}", validation={"answer_hex": {"equals": "00"}}),
    "half": at("tcp", "half", send="{{ TOKEN }}\n", expect="moon", timeout="1s"),
    "number": page(
        "number", capture={"pin": "$$.pin"}, validation={"json": [{"path": "$$.pin", "equals": "{{ PIN }}"}]}
    ),
    "tls": at("tls", "tls", verify=False, validation={"certificate": {"issuer": {"equals": "moon"}}}),
    "query": page("line?key={{ TOKEN }}"),
    "header": page("header/x-key", headers={"X-Key": "{{ TOKEN }}"}),
    "body": page("body", method="POST", body="{{ PHRASE }}"),
    "form": page("body", method="POST", body="key={{ TOKEN }}&more=1"),
    "basic": page("header/authorization", auth={"basic": {"username": "ann", "password": "{{ PHRASE }}"}}),
    "basic_2": page("header/authorization", auth={"basic": {"username": "me", "password": "{{ TOKEN }}"}}),
    "bearer": page("header/authorization", auth={"bearer": "{{ TOKEN }}"}),
    "oauth_header": oauth("oauth", "header"),
    "oauth_body": oauth("oauth", "body"),
    "proxy": page("line", proxy="http://probe:{{ KEY }}@127.0.0.1:$proxy", url="https://127.0.0.1:$web/"),
    "expected": page("told", validation={"headers": {"X-Told": {"equals": "{{ PHRASE }}"}}}),
    "told_header": page("told", validation={"headers": {"X-Told": {"equals": "moon"}}}),
    "told_json": page("json", validation={"json": [{"path": f"$$.{key}", "equals": 1} for key in ("phrase", "token")]}),
    "json_path": page("json", validation={"json": [{"path": "$$['{{ KEY }}']", "equals": 1}]}),
    "schema": page("json", validation={"body": {"json_schema": {"properties": {"token": {"type": "number"}}}}}),
    "captured": page("json", capture={"token": "$$.token", "key": "$$['{{ KEY }}']"},
                     validation={"json": [{"path": "$$.token", "matches": "{{ KEY }}"}]}),
    "status": page("status?{{ TOKEN }}"),
    "status_line": page("status-line"),
    "header_line": page("header-line"),
    "chunk": page("chunk"),
    "redirected": moved("to-page"),
    "redirected_quoted": moved("to-quoted"),
    "redirected_chain": moved("to-page", chain=["moon"]),
    "redirected_to_mail": moved("to-mail"),
    "redirected_to_nothing": moved("to-nothing"),
    "redirected_to_host": moved("to-host"),
    "redirected_in_circles": moved("to-itself?key={{ TOKEN }}"),
    "steps_header": walk(page("header/x-key", headers={"X-Key": "$${token}"})),
    "steps_address": walk(page("line?key=$${token}")),
    "steps_cookie": walk(page("header/cookie")),
    "steps_nowhere": walk({"url": "$${token}"}),
    "name": {"url": "http://{{ LABEL }}.invalid/"},
    "dns": {"url": "dns://{{ LABEL }}.invalid/example.com"},
    "dns_records": at("dns", "names/{{ LABEL }}.example.com", record="TXT",
                      validation={"records": {"some": ["{{ PHRASE }}"]}}),
    "domain": {"url": "domain://{{ LABEL }}.example", "rdap_server": "http://127.0.0.1:$web/rdap/"},
    "websocket": at("ws", "chat/{{ TOKEN }}", headers={"X-Key": "{{ TOKEN }}"}, expect="moon"),
    "websocket_expected": at("ws", "chat", expect="{{ PHRASE }}"),
    "no_upgrade": at("ws", "no_upgrade"),
    "tcp": at("tcp", "repeats", send="{{ PHRASE }}\n", expect="moon"),
    "tcp_waiting": at("tcp", "repeats_and_stays", send="{{ TOKEN }}\n", expect="{{ PHRASE }}", timeout="1s"),
    "udp": at("udp", "udp", send="{{ PHRASE }}", validation={"answer": {"equals": "moon"}}),
    "smtp": at("smtp", "smtp", validation={"banner": {"equals": "moon"}}),
    "smtp_busy": at("smtp", "smtp_busy"),
    "smtp_nonsense": at("smtp", "nonsense"),
    "imap_nonsense": at("tcp", "nonsense", starttls="imap"),
    "ssh": at("ssh", "ssh", validation={"banner": {"equals": "moon"}}),
    "redis": at("redis", "redis_error", password="{{ PHRASE }}"),
    "redis_value": at("redis", "redis_value", command=["GET", "{{ KEY }}"], validation={"reply": {"equals": "moon"}}),
    "postgres": {"url": "postgres://probe@127.0.0.1:$postgres/shop", "password": "{{ PHRASE }}", "tls": "disable"},
}  # fmt: skip
OWN: Mapping[str, dict[str, Any]] = {
    how: {"type": "own", "how": how, "key": "{{ TOKEN }}"} for how in ("raises", "fails", "finds", "warms")
}
OWN_TYPE = textwrap.dedent('''\
    """A type that tells its key in every way that a type has."""

    from pydantic import Field

    from probes.contract import Options, ProbeType, TargetError
    from statusledger.model import Failure


    class OwnOptions(Options):
        """What to tell, and how."""

        how: str = Field(description="How.")
        key: str = Field(description="What.")


    async def probe(check, options, context):
        """Fails."""
        if options.how == "raises":
            raise RuntimeError(f"no such key: {options.key}")
        if options.how == "fails":
            return context.failed(check, TargetError("protocol", f"no such key: {options.key}"))
        return context.judged(check, [Failure(options.key, options.key, options.key)])


    async def warm(options):
        if options.how == "warms":
            raise OSError(f"no such file: {options.key}")


    PROBE = ProbeType(name="own", schemes=(), options=OwnOptions, probe=probe, warm=warm, summary="Tells its key.")
''')
UNUSABLE: Mapping[str, dict[str, Any]] = {
    "no_address": {"type": "http", "url": "{{ TOKEN }}"},
    "no_userinfo": {"url": "http://probe:{{ KEY }}@127.0.0.1:$web/line"},
    "no_port": {"url": "tcp://127.0.0.1:{{ TOKEN }}"},
    "no_header": page("line", headers={"X-Key": "{{ PHRASE }}"}),
    "no_expression": page("line", validation={"body": {"matches": "({{ PHRASE }}"}}),
    "no_path": page("line", validation={"json": [{"path": "{{ PHRASE }}", "exists": True}]}),
    "no_proxy": page("line", proxy="{{ TOKEN }}"),
    "no_digits": at("udp", "udp", send_hex="{{ TOKEN }}"),
    "no_record": {"url": "dns://127.0.0.1/x.test", "validation": {"records": {"some": ["{{ PHRASE }}"]}}},
    "no_question": {"url": "dns://127.0.0.1/{{ PHRASE }}/{{ TOKEN }}" + "x" * 300},
    "no_database": at("redis", "redis_value/{{ TOKEN }}"),
}


def configured(
    folder: Path, ports: Mapping[str, int], checks: Mapping[str, Mapping[str, Any]], **monitor: Any
) -> Repository:
    """A repository with these checks, each of which may tell its details."""
    components = [{"id": name, "name": name, "public_details": True, **check} for name, check in checks.items()]
    written = {
        "schema": 1,
        "page": {"name": "Acme", "url": "https://status.acme.example", "timezone": "UTC", "since": "2026-01-01"},
        "monitor": {"locations": ["eu"], "allow_networks": ["127.0.0.0/8"], "canaries": [], **monitor},
        "defaults": {"interval": "5m", "timeout": "20s", "retries": 0, "confirm_down": 1},
        "groups": [{"id": "core", "name": "Core", "components": components}],
        "private": {"plain": True},
    }
    # JSON is YAML
    text = Template(json.dumps(written, indent=1)).substitute(ports)
    return Repository(folder).write("checks.yml", text)


# --- everything that is kept --------------------------------------------------------------------


def with_remote(repository: Repository, remote: Path) -> None:
    """Makes it a clone of a bare repository."""
    git(repository.root, "init", "-q", "-b", "main")
    git(repository.root, "init", "-q", "--bare", "-b", "main", str(remote))
    git(repository.root, "add", "checks.yml")
    git(repository.root, "commit", "-q", "-m", "Begin")
    git(repository.root, "remote", "add", "origin", str(remote))
    git(repository.root, "push", "-q", "origin", "main")


async def job(folder: Path) -> dict[str, str]:
    """Everything that a run of the prober, a build and what they call leave behind or say, by place."""
    async with servers() as ports:
        circle = "http://127.0.0.1:$web/to-itself?key={{ TOKEN }}"
        main = configured(folder / "main", ports, PLANTED, canaries=[circle], heartbeat_url=circle)
        own = configured(folder / "own", ports, OWN).write("probes/local/own.py", OWN_TYPE)
        wrong = configured(folder / "wrong", ports, UNUSABLE)
        with_remote(main, folder / "remote.git")
        loud = ("-v", "--log-file", str(folder / "log"))
        commands: list[tuple[Repository, str]] = [
            (main, f"run probe --now {NOW}"),
            (own, f"probe --now {NOW}"),
            (wrong, "validate"),
            (wrong, f"probe --now {NOW}"),
            (main, f"run publish --now {A_MINUTE_LATER}"),
        ]
        said: list[Ran] = [
            await asyncio.to_thread(repository.run, *loud, *command.split(), environment=ENVIRONMENT)
            for repository, command in commands
        ]
    assert [ran.code for ran in said] == [0, 0, 0, 2, 0], [ran.err for ran in said]
    return {
        "standard output": "\n".join(ran.out for ran in said),
        "standard error": "\n".join(ran.err for ran in said),
        "log file": (folder / "log").read_text(),
        "history": texts(folder / "main" / "history") + texts(folder / "own" / "history"),
        "site": texts(folder / "main" / "_site"),
        "commits": objects(folder / "remote.git"),
    }


def texts(folder: Path) -> str:
    """The text of every file below the folder, and the files' names."""
    return "\n".join(f"{name}\n{content.decode('utf-8', 'replace')}" for name, content in tree(folder).items())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What is written and printed, by place."""
    return asyncio.run(job(tmp_path_factory.mktemp("secrets")))


@pytest.fixture(scope="module")
def searched(kept: Mapping[str, str]) -> Mapping[str, set[str]]:
    """The same without capitals, and as it reads when what JSON and HTML have escaped is read again."""
    return {place: readings(text) for place, text in kept.items()}


@pytest.mark.parametrize("place", ["standard output", "standard error", "log file", "history", "site", "commits"])
@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_a_secret_is_kept(searched: Mapping[str, set[str]], place: str, secret: str) -> None:
    """In no spelling, neither as it stands there nor when what JSON and HTML have escaped is read again."""
    assert found(SECRETS[secret], searched[place]) == []


@pytest.mark.parametrize("name", [*PLANTED, *OWN])
def test_every_planted_secret_was_told(kept: Mapping[str, str], name: str) -> None:
    """Or else nothing is proved: where it would stand there is a mask, on the console at least."""
    lines = (kept["standard output"] + kept["standard error"]).splitlines()

    told = [line for line in lines if name in line.replace(":", " ").split()]
    assert any("***" in line for line in told), told


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_value_that_cannot_be_used_is_told_by_its_check(kept: Mapping[str, str], name: str) -> None:
    """Which check and which key, without the value."""
    assert f"check {name}: " in kept["standard error"]


def test_history_and_site_tell_the_masked_detail(kept: Mapping[str, str]) -> None:
    """What is searched is what there is: details are public here, and published."""
    assert all("SSH-2.0-***" in kept[place] for place in ("history", "commits"))
    assert f'"id": "{next(iter(PLANTED))}"' in kept["site"]


def test_the_heartbeat_of_the_monitor_is_masked(kept: Mapping[str, str]) -> None:
    """The address that is told after a run is a secret, and told when it fails."""
    assert "monitor.heartbeat_url could not be told: redirect_loop redirected again to" in kept["standard error"]
