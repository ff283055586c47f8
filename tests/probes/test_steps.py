"""Several requests in order: what is carried over, what is kept secret, where it ends."""

from __future__ import annotations

import asyncio
import json
import socket
from urllib.parse import quote

import pytest
from probing import TIMEOUT_MS, check, observed
from pydantic import ValidationError
from web_server import answer, listening, paths, redirect, request, web

from probes import PROBES

TOKEN = "t0ken-Of-the-session"
NEVER = {"body": {"contains_any": ["no such text"]}}


def walked(reply, steps, **settings):
    """The server and what a check with these steps says; addresses begin with /."""

    async def ask():
        async with web(reply) as server:
            return server, await observed(check("steps", {"steps": at(server, steps)}, **settings))

    return asyncio.run(ask())


def at(server, steps):
    """The steps with whole addresses."""
    return [{**step, "url": server.url(step["url"]) if step["url"].startswith("/") else step["url"]} for step in steps]


def portal(asked):
    """A site where a login hands out a token, which its profile wants."""
    if asked.target == "/login":
        good = json.loads(asked.body) == {"user": "me"}
        return answer(json.dumps({"token": TOKEN}) if good else "no", "200 OK" if good else "403 Forbidden")
    if asked.headers.get("authorization") != f"Bearer {TOKEN}":
        return answer("who?", "401 Unauthorized")
    return answer('{"name": "Me"}')


LOGIN = {"name": "login", "url": "/login", "method": "POST", "body": '{"user": "me"}', "carry": {"token": "$.token"}}
BEARER = {"Authorization": "Bearer ${token}"}


@pytest.mark.parametrize("asks", [{"headers": BEARER}, {"auth": {"bearer": "${token}"}}], ids=["header", "auth"])
def test_login_and_profile(asks):
    """The token of the first answer opens the second; each step has its connection and its time."""
    profile = {"url": "/profile", "validation": {"json": [{"path": "$.name", "equals": "Me"}]}, **asks}

    server, got = walked(portal, [LOGIN, profile])

    assert (got.status, got.detail, server.connections) == ("up", None, 2)
    assert got.captured.keys() == {"login_ms", "step_2_ms"}
    assert got.ms >= sum(got.captured.values()) - 2
    assert (got.http_status, got.reused) == (200, False)


def test_a_step_that_fails_ends_it():
    """The later ones are not asked, and the detail names the step."""
    server, got = walked(portal, [{**LOGIN, "body": "{}"}, {"url": "/profile", "headers": BEARER}])

    assert (got.status, got.code, got.http_status) == ("down", "status:403", 403)
    assert got.detail.startswith("login: status_code: expected 2xx, found 403")
    assert [asked.target for asked in server.asked] == ["/login"]
    assert got.captured.keys() == {"login_ms"}


def test_a_degraded_step_goes_on():
    """It is told at the end, beside what later steps say."""
    mild = {"validation": {"size": {"min": 1000, "severity": "degraded"}}}

    server, got = walked(portal, [{**LOGIN, **mild}, {"url": "/profile", "headers": BEARER}])

    assert (got.status, got.code, len(server.asked)) == ("degraded", "assertion", 2)
    assert got.detail.startswith("login: size: expected at least 1000 bytes")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("{}", "nothing there", id="missing"),
        pytest.param('{"token": null}', "nothing there", id="null"),
        pytest.param('{"token": {"a": 1}}', '{"a": 1}', id="object"),
        pytest.param('{"token": [1]}', "[1]", id="list"),
        pytest.param("hello", "nothing there", id="no JSON"),
    ],
)
def test_what_is_to_be_carried_is_not_there(body, found):
    """Down with a reason, and nothing is asked with an empty value."""
    steps = [{"url": "/", "carry": {"token": "$.token"}}, {"url": "/profile", "headers": BEARER}]

    server, got = walked(paths({"/": answer(body)}), steps)

    assert (got.status, got.code, len(server.asked)) == ("down", "assertion", 1)
    assert got.detail == f"step_1: carry.token: expected one value at $.token, found {found}"


def test_several_values_are_not_one():
    """Nobody knows which one it would be."""
    steps = [{"url": "/", "carry": {"token": "$.tokens[*]"}}]

    got = walked(paths({"/": answer('{"tokens": [1, 2]}')}), steps)[1]

    assert got.detail == "step_1: carry.token: expected one value at $.tokens[*], found 1, 2"


@pytest.mark.parametrize(
    ("value", "sent"),
    [("7", "7"), ("1.5", "1.5"), ("true", "true"), ('"a b"', "a b")],
    ids=["whole number", "fraction", "bool", "text"],
)
def test_what_is_carried_is_a_text(value, sent):
    """As JSON writes it; a text as it is."""
    steps = [{"url": "/", "carry": {"x": "$"}}, {"url": "/next", "method": "POST", "body": "x=${x}"}]

    server, _ = walked(lambda asked: answer(value), steps)

    assert server.asked[1].body.decode() == f"x={sent}"


def test_a_header_is_carried():
    """By its name, in any case."""
    steps = [{"url": "/", "carry": {"csrf": "header:x-csrf-TOKEN"}}, {"url": "/next", "headers": {"X-CSRF": "${csrf}"}}]

    server, got = walked(paths({"/": answer("", X_Csrf_Token="abc"), "/next": answer("")}), steps)

    assert (got.status, server.asked[1].headers["x-csrf"]) == ("up", "abc")


def test_a_header_that_is_not_there():
    """Down with a reason."""
    got = walked(paths({"/": answer("")}), [{"url": "/", "carry": {"csrf": "header:X-CSRF"}}])[1]

    assert got.detail == "step_1: carry.csrf: expected one value at header:X-CSRF, found nothing there"


@pytest.mark.parametrize("value", ["../../admin", "a/b?c=d&e#f", "100%", "ü", "a b", "@evil.test", "x\r\ny"])
def test_a_value_is_escaped_in_an_address(value):
    """It stays one part of the path, whatever stands in it."""
    steps = [{"url": "/", "carry": {"id": "$.id"}}, {"url": "/users/${id}/name?q=${id}"}]

    server, _ = walked(lambda asked: answer(json.dumps({"id": value})), steps)

    escaped = quote(value, safe="")
    assert server.asked[1].target == f"/users/{escaped}/name?q={escaped}"


def test_a_whole_address_is_carried():
    """As it is."""
    steps = [{"url": "/", "carry": {"next": "header:X-Next"}}, {"url": "${next}"}]

    async def ask():
        async with web(lambda asked: answer("", X_Next=f"http://{asked.headers['host']}/a?b=c")) as server:
            return server, await observed(check("steps", {"steps": at(server, steps)}))

    server, got = asyncio.run(ask())

    assert (got.status, server.asked[1].target) == ("up", "/a?b=c")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("http://169.254.169.254/", "blocked_address"), ("gopher://127.0.0.1/", "protocol"), ("x", "protocol"),
        ("http://[::1", "protocol"), ("http://xn--a/", "protocol"), ("http://a:99999/", "protocol"),
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere(value, code):
    """Down: it is the server that said so."""
    steps = [{"url": "/", "carry": {"next": "$.next"}}, {"url": "${next}"}]

    got = walked(lambda asked: answer(json.dumps({"next": value})), steps)[1]

    assert (got.status, got.code, got.detail.startswith("step_2: ")) == ("down", code, True)
    assert got.captured.keys() == {"step_1_ms"}


def test_a_header_that_cannot_hold_what_was_carried():
    """Down, and nothing of the long secret is left in what is told."""
    secret = "first-half-of-a-secret" * 4 + "\r\nX-Injected: 1"
    steps = [{"url": "/", "carry": {"token": "$.token"}}, {"url": "/profile", "headers": BEARER}]

    server, got = walked(lambda asked: answer(json.dumps({"token": secret})), steps)

    assert (got.status, got.code, len(server.asked)) == ("down", "protocol", 1)
    assert "no header can hold" in got.detail
    assert "half" not in repr(got)


@pytest.mark.parametrize("part", ["scheme", "host"])
def test_a_bad_address_does_not_tell_a_secret_in_it(part):
    """Neither whole nor in parts."""
    secret = "first-half-of-a-secret" * 4
    url = {"scheme": "ftp://example.test/${token}", "host": "${token}"}[part]

    got = walked(
        lambda asked: answer(json.dumps({"token": secret})), [{"url": "/", "carry": {"token": "$.token"}}, {"url": url}]
    )[1]

    assert (got.status, got.code) == ("down", "protocol")
    assert "half" not in repr(got)


# --- cookies ------------------------------------------------------------------------------------


def session(asked):
    """A site whose login sets a cookie, which every other page wants and repeats."""
    if asked.target == "/login":
        return answer("", Set_Cookie=f"session={TOKEN}; Path=/; HttpOnly")
    cookie = asked.headers.get("cookie", "none")
    return answer(f"you sent {cookie}", "200 OK" if cookie == f"session={TOKEN}" else "401 Unauthorized")


def test_a_cookie_session():
    """What a step was given is sent by the later ones."""
    server, got = walked(session, [{"url": "/login"}, {"url": "/profile"}])

    assert (got.status, "cookie" in server.asked[0].headers) == ("up", False)


def test_a_session_does_not_outlive_its_attempt():
    """Every attempt begins without cookies."""
    server, got = walked(session, [{"url": "/login"}, {"url": "/profile", "validation": NEVER}], retries=1)

    assert (got.code, len(server.asked)) == ("assertion", 4)
    assert "cookie" not in server.asked[2].headers


def test_a_cookie_that_is_given_on_the_way():
    """Also by a redirect, to the page that set it."""

    def reply(asked):
        return (
            answer("hello")
            if "cookie" in asked.headers
            else answer("", "302 Found", Location="/", Set_Cookie="seen=yes")
        )

    server, got = walked(reply, [{"url": "/", "max_redirects": 1}])

    assert (got.status, len(server.asked)) == ("up", 2)


def test_a_cookie_stays_with_its_port():
    """Another port is another origin, for a later step and for a redirect."""

    async def ask():
        async with web(session) as first, web(lambda _: answer("")) as second:
            steps = [
                {"url": first.url("/login")},
                {"url": second.url("/a")},
                {"url": first.url("/profile")},
            ]
            one = await observed(check("steps", {"steps": steps}))
            async with web(lambda _: answer("", "302 Found", Location=second.url("/b"), Set_Cookie="a=b")) as third:
                two = await observed(check("steps", {"steps": [{"url": third.url(), "max_redirects": 1}]}))
            return one, two, second

    one, two, second = asyncio.run(ask())

    assert (one.status, two.status, len(second.asked)) == ("up", "up", 2)
    assert not [asked for asked in second.asked if "cookie" in asked.headers]


def test_a_cookie_of_another_host():
    """It is not taken, and nobody else gets it."""

    async def lookup(host, port):
        return [(socket.AF_INET, ("127.0.0.1", port))]

    async def ask():
        async with web(lambda _: answer("", Set_Cookie="a=b; Domain=two.test")) as server:
            urls = [f"http://{host}:{server.port}/" for host in ("one.test", "two.test", "one.test")]
            await observed(check("steps", {"steps": [{"url": url} for url in urls]}), lookup=lookup)
            return server

    assert not [asked for asked in asyncio.run(ask()).asked[:2] if "cookie" in asked.headers]


@pytest.mark.parametrize(
    "cookie",
    ["a=\xff; Path=/", "a=b; Domai\xffn=x", "a=b; Max-Age", "=", ";;;", "a=b; Expires=never", "a=b; Version=x"],
)
def test_a_cookie_that_nobody_can_read(cookie):
    """It is as good as not set: neither a failure nor a warning."""
    got = walked(lambda _: answer("", Set_Cookie=cookie), [{"url": "/"}, {"url": "/next"}])[1]

    assert (got.status, got.code) == ("up", None)


# --- secrets ------------------------------------------------------------------------------------


def test_what_was_carried_is_masked():
    """The profile repeats the token in every spelling, in a body that fails an assertion."""

    def reply(asked):
        if asked.target == "/login":
            return answer(json.dumps({"token": f"a b/c+{TOKEN}"}))
        return answer(json.dumps(asked.headers["authorization"]) + asked.target)

    steps = [
        {"url": "/login", "carry": {"token": "$.token"}},
        {"url": "/profile/${token}", "headers": BEARER, "validation": NEVER},
    ]

    server, got = walked(reply, steps)

    assert (got.code, TOKEN in server.asked[1].headers["authorization"]) == ("assertion", True)
    assert TOKEN not in repr(got)


def test_the_step_that_hands_it_out_is_masked_as_well():
    """The answer that carries the token fails an assertion of its own."""
    got = walked(portal, [{**LOGIN, "validation": NEVER}])[1]

    assert (got.code, TOKEN in repr(got), "***" in got.detail) == ("assertion", False, True)


def test_a_cookie_is_masked():
    """Whoever knows the session could use it."""
    got = walked(session, [{"url": "/login"}, {"url": "/profile", "validation": NEVER}])[1]

    assert (got.code, TOKEN in repr(got), "you sent session=***" in got.detail) == ("assertion", False, True)


# --- time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [(b"", "ttfb_timeout"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "body_timeout")],
    ids=["silent", "half a body"],
)
def test_a_second_step_that_hangs(said, code):
    """The deadline is one for all; its code names the phase, its detail the step, and the first step's times stay."""

    async def deed(told, reader, writer):
        asked = await request(reader)
        writer.write(answer("hello") if asked.target == "/" else said)
        await writer.drain()
        await reader.read()

    async def ask():
        async with listening(deed) as server:
            steps = at(server, [{"url": "/"}, {"url": "/next", "name": "profile"}])
            return await observed(check("steps", {"steps": steps}, timeout_ms=TIMEOUT_MS))

    got = asyncio.run(ask())

    assert (got.status, got.code, got.detail) == ("down", code, "profile was too slow")
    assert None not in (got.phases.connect, got.phases.ttfb)
    assert TIMEOUT_MS <= got.ms < 5 * TIMEOUT_MS


def test_a_second_step_that_breaks():
    """The time of the first one is kept."""

    async def deed(told, reader, writer):
        asked = await request(reader)
        writer.write(answer("hello") if asked.target == "/" else b"")
        await writer.drain()

    async def ask():
        async with listening(deed) as server:
            return await observed(check("steps", {"steps": at(server, [{"url": "/"}, {"url": "/next"}])}))

    got = asyncio.run(ask())

    assert (got.code, got.captured.keys()) == ("reset", {"step_1_ms"})
    assert got.detail.startswith("step_2: the connection was closed")


# --- configuration ------------------------------------------------------------------------------

FIRST = {"url": "http://example.com/", "carry": {"token": "$.token"}}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        pytest.param([], "at least 1", id="none"),
        pytest.param([{"url": "http://example.com/${token}"}], r"step 1 uses \$\{token\}, which no step", id="not yet"),
        pytest.param([FIRST, {"url": "http://a/${tokn}"}], r"step 2 uses \$\{tokn\}", id="misspelt"),
        pytest.param([FIRST, {"url": "http://a/", "body": "${Token}"}], r"step 2 uses \$\{Token\}", id="no name"),
        pytest.param([{**FIRST, "headers": {"A": "${token}"}}], r"step 1 uses \$\{token\}", id="of itself"),
        pytest.param([FIRST, {"url": "http://a/", "auth": {"bearer": "${no}"}}], r"step 2 uses \$\{no\}", id="auth"),
        pytest.param([{"url": "ftp://a/"}], "is not an address", id="another scheme"),
        pytest.param([{**FIRST, "carry": {"token": "token"}}], "neither a JSON path nor a header", id="no path"),
        pytest.param([{**FIRST, "carry": {"token": "$["}}], "is not a JSON path", id="bad path"),
        pytest.param([{**FIRST, "carry": {"Token": "$.a"}}], "should match pattern", id="bad name"),
        pytest.param([{**FIRST, "carry": {"token": "header:X Y"}}], "neither a JSON path nor a header", id="header"),
        pytest.param([{**FIRST, "concurrency": 2}], "Extra inputs", id="an option of http alone"),
    ],
)
def test_wrong_steps(steps, words):
    """Told with the configuration."""
    with pytest.raises(ValidationError, match=words):
        PROBES["steps"].options.model_validate({"steps": steps})


def test_variables_are_not_what_was_carried():
    """`{{ NAME }}` is filled in before, also directly behind a dollar sign."""
    steps = [{"url": "/", "headers": {"X-Price": "${{ PRICE }}"}}]

    async def ask():
        async with web(lambda _: redirect("/", 200)) as server:
            await observed(check("steps", {"steps": at(server, steps)}), environ={"PRICE": "5"})
            return server

    assert asyncio.run(ask()).asked[0].headers["x-price"] == "$5"
