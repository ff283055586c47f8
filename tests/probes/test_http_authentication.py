"""Who an HTTP check says it is: told to the one origin it is meant for, and shown to nobody else."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from contextlib import AsyncExitStack

import pytest
from one_check import free_port
from probing import check, limit_ms, observed
from pydantic import ValidationError
from web_server import TokenServer, answer, listening, request, web

from probes import PROBES

ID, SECRET = "status ledger:1", "s3cr3t/+ä %&token"
ENVIRON = {"CLIENT": ID, "SECRET": SECRET}
CLIENT = {"client_id": "{{ CLIENT }}", "client_secret": "{{ SECRET }}"}
TOKENS = TokenServer(ID, SECRET)


def protected(authorization: str):
    """A server that wants this header, and repeats what it got where it is another one."""

    def reply(asked):
        got = asked.headers.get("authorization", "")
        return answer("welcome") if got == authorization else answer(f"wrong: {got}", "401 Unauthorized")

    return reply


def echo(asked):
    """All that was asked, as the body of the answer."""
    return answer(json.dumps([asked.line, dict(asked.headers), asked.body.decode()]))


async def with_token(oauth2: dict, tokens, target=None, **settings):
    """What a check says that fetches a token first; (token server, target, observation)."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(web(tokens) if isinstance(tokens, TokenServer) else tokens)
        site = await stack.enter_async_context(web(target or protected(f"Bearer {TOKENS.token}")))
        auth = {"oauth2": {"token_url": server.url("/token"), **CLIENT, **oauth2}}
        options = {"url": site.url(), "auth": auth, **settings.pop("options", {})}
        return server, site, await observed(check("http", options, **settings), environ=ENVIRON)


def authenticated(auth: dict, reply, **settings):
    """The target and what a check with this `auth` says."""

    async def ask():
        async with web(reply) as site:
            options = {"url": site.url(), "auth": auth, **settings}
            return site, await observed(check("http", options), environ=ENVIRON)

    return asyncio.run(ask())


def test_basic():
    """RFC 7617: name and password in UTF-8."""
    pair = b64encode(f"me:{SECRET}".encode()).decode()

    _, got = authenticated({"basic": {"username": "me", "password": "{{ SECRET }}"}}, protected(f"Basic {pair}"))

    assert got.status == "up"


def test_bearer():
    """RFC 6750."""
    assert authenticated({"bearer": "abc.def"}, protected("Bearer abc.def"))[1].status == "up"


@pytest.mark.parametrize(
    ("oauth2", "scope"),
    [
        pytest.param({}, None, id="in the header"),
        pytest.param({"send_in": "body"}, None, id="in the body"),
        pytest.param({"scope": "read:status write&more"}, "read%3Astatus+write%26more", id="with a scope"),
    ],
)
def test_client_credentials(oauth2, scope):
    """RFC 6749 section 4.4, against a server that takes nothing else; one token request for one attempt."""
    server, site, got = asyncio.run(with_token(oauth2, TOKENS))

    assert (got.status, len(server.asked), len(site.asked)) == ("up", 1, 1)
    assert (f"scope={scope}" in server.asked[0].body.decode()) == (scope is not None)


def test_a_token_is_fetched_anew_for_every_attempt():
    """A retry has a fresh one."""
    server, site, got = asyncio.run(with_token({}, TOKENS, lambda _: answer("", "503 Busy"), retries=1))

    assert (got.code, len(server.asked), len(site.asked)) == ("status:503", 2, 2)


def test_the_time_of_the_token_server_is_not_counted():
    """Only the target is measured, and only its facts are told."""
    seconds = 0.3

    async def slow(told, reader, writer):
        asked = await request(reader)
        await asyncio.sleep(seconds)
        writer.write(TOKENS(asked))
        await writer.drain()

    _, _, got = asyncio.run(with_token({}, listening(slow)))

    assert (got.status, got.http_status) == ("up", 200)
    assert got.ms < seconds * 1000


async def _silent(told, reader, writer):
    while await reader.read(65_536):
        pass


async def _begins(told, reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await _silent(told, reader, writer)


async def _breaks(told, reader, writer):
    await request(reader)


@pytest.mark.parametrize(
    ("tokens", "code", "words"),
    [
        pytest.param(TokenServer(ID, "another"), "status:401", "the token server gave no token", id="refused"),
        pytest.param(web(lambda _: answer("{}")), "protocol", "without an access_token", id="no token"),
        pytest.param(web(lambda _: answer("[]")), "protocol", "without an access_token", id="no object"),
        pytest.param(web(lambda _: answer("<html>")), "protocol", "without an access_token", id="no JSON"),
        pytest.param(web(lambda _: answer('{"access_token": 7}')), "protocol", "without an access_token", id="number"),
        pytest.param(web(lambda _: answer('{"access_token": ""}')), "protocol", "without an access_token", id="empty"),
        pytest.param(
            web(lambda _: answer('{"access_token": "a\\r\\nX-Injected: 1"}')),
            "protocol",
            "without an access_token",
            id="a token of two lines",
        ),
        pytest.param(web(lambda _: answer("", "302 Found", Location="/")), "status:302", "no token", id="redirected"),
        pytest.param(listening(_breaks), "reset", "the token server: ", id="breaks"),
        pytest.param(listening(_silent), "ttfb_timeout", "the token server was too slow", id="hangs"),
        pytest.param(listening(_begins), "body_timeout", "the token server was too slow", id="hangs in the body"),
    ],
)
def test_a_token_server_that_fails(tokens, code, words):
    """Down, with the code and the phase of what the token server did; the target is not asked."""
    _, site, got = asyncio.run(with_token({}, tokens, timeout_ms=limit_ms(code)))

    assert (got.status, got.code, site.connections, got.http_status) == ("down", code, 0, None)
    assert words in got.detail
    assert SECRET not in repr(got)


def test_a_dead_token_server():
    """Refused, and told whose port it is."""
    options = {
        "url": "http://127.0.0.1:1/",
        "auth": {"oauth2": {"token_url": f"http://127.0.0.1:{free_port()}/", **CLIENT}},
    }

    got = asyncio.run(observed(check("http", options), environ=ENVIRON))

    assert (got.code, got.detail.startswith("the token server: 127.0.0.1 port")) == ("refused", True)


def test_a_token_server_at_a_private_address():
    """The guard stands before it as well."""
    options = {"url": "http://127.0.0.1:1/", "auth": {"oauth2": {"token_url": "http://169.254.169.254/", **CLIENT}}}

    assert asyncio.run(observed(check("http", options), environ=ENVIRON)).code == "blocked_address"


def spellings(secret: str) -> set[str]:
    """A secret in plain, as JSON and in base64."""
    return {secret, json.dumps(secret)[1:-1], b64encode(secret.encode()).decode()}


NEVER = {"body": {"contains_any": ["no such text"]}}


def test_a_token_is_masked_wherever_it_comes_back():
    """The target repeats the token in a body that fails an assertion."""
    _, site, got = asyncio.run(with_token({}, TOKENS, echo, options={"validation": NEVER}))

    assert (got.code, "Bearer ***" in repr(site.asked[0]), TOKENS.token in repr(site.asked[0])) == (
        "assertion", False, True,
    )  # fmt: skip
    assert not [part for part in spellings(TOKENS.token) if part in repr(got)]


@pytest.mark.parametrize("where", ["first", "last"])
def test_what_was_sent_is_masked_where_it_is_repeated(where):
    """Name and password, however short, as the pair that was sent; at either end of what is shown."""

    def reply(asked):
        sent = asked.headers["authorization"]
        return answer(sent + "x" * 500 if where == "first" else "x" * 40 + sent)

    _, got = authenticated({"basic": {"username": "me", "password": "pw"}}, reply, validation=NEVER)

    assert got.code == "assertion"
    assert b64encode(b"me:pw").decode() not in repr(got)
    assert "***" in got.detail


def test_a_token_server_that_repeats_the_secret():
    """What it says is not shown at all."""
    _, _, got = asyncio.run(with_token({"send_in": "body"}, web(lambda asked: answer(asked.body, "400 Bad Request"))))

    assert got.code == "status:400"
    assert "s3cr3t" not in repr(got)


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        pytest.param({}, "says nothing", id="none"),
        pytest.param({"bearer": "a", "basic": {"username": "a", "password": "b"}}, "basic and bearer", id="two"),
        pytest.param({"bearer": "abc\n"}, "no header can hold", id="line break"),
        pytest.param({"oauth2": {"token_url": "login", **CLIENT}}, '"login" is not an address', id="no address"),
        pytest.param({"oauth2": {"token_url": "ftp://a/", **CLIENT}}, "is not an address", id="another scheme"),
        pytest.param({"oauth2": {"token_url": "https://a/"}}, "client_id", id="no client"),
    ],
)
def test_wrong_options(auth, words):
    """Told with the configuration, not when it is too late."""
    with pytest.raises(ValidationError, match=words):
        PROBES["http"].options.model_validate({"url": "http://example.com/", "auth": auth})


@pytest.mark.parametrize(
    "headers",
    [{"X Key": "a"}, {"X-Key": "a\nb"}, {"X-Key": "ü"}, {"X-Key": " a"}, {"": "a"}, {"X-Key:": "a"}],
    ids=["space", "line break", "not ASCII", "leading space", "no name", "colon"],
)
def test_headers_that_cannot_be_sent(headers):
    """Told with the configuration; the value, which may be a secret, is not repeated by the words of the error."""
    with pytest.raises(ValidationError, match="header"):
        PROBES["http"].options.model_validate({"url": "http://example.com/", "headers": headers})
