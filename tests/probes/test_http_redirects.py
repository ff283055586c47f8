"""Redirects: what goes along, what stays at home, where nobody is sent, and how it is told."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest
from probing import check, observed
from web_server import answer, paths, redirect, web

SECRET = "s3cr3t-t0ken-value"
SECRETS = {
    "X-Api-Key": "{{ KEY }}",
    "Authorization": "Bearer {{ KEY }}",
    "Cookie": "session={{ KEY }}",
    "X-Anything": "{{ KEY }}",
}
FOLLOWED = [301, 302, 303, 307, 308]


def chain(route, options: dict | None = None, **settings):
    """The two servers and what a check says; `route(first, second)` gives the answers of each by path."""

    async def ask():
        answers = [{}, {}]
        async with AsyncExitStack() as stack:
            first, second = [await stack.enter_async_context(web(paths(one))) for one in answers]
            for one, routes in zip(answers, route(first, second), strict=True):
                one.update(routes)
            asked = {"url": first.url("/"), "max_redirects": 5, **(options or {})}
            got = await observed(check("http", asked), environ={"KEY": SECRET}, **settings)
            return first, second, got

    return asyncio.run(ask())


def within(status: int):
    """From / to /end of the same server."""
    return lambda first, second: ({"/": redirect("/end", status), "/end": answer("end")}, {})


def away(status: int):
    """To the other server."""
    return lambda first, second: ({"/": redirect(second.url("/end"), status)}, {"/end": answer("end")})


def there_and_back(status: int):
    """To the other server, which sends it home again."""
    return lambda first, second: (
        {"/": redirect(second.url("/over"), status), "/end": answer("end")},
        {"/over": redirect(first.url("/end"), status)},
    )


@pytest.mark.parametrize("status", FOLLOWED)
def test_within_an_origin_everything_goes_along(status):
    """The same scheme, host and port: the same headers, also `Host` and `Cookie`."""
    headers = {**SECRETS, "Host": "virtual.test"}

    first, _, got = chain(within(status), {"headers": headers})

    assert (got.status, [asked.target for asked in first.asked]) == ("up", ["/", "/end"])
    assert first.asked[1].headers == first.asked[0].headers


@pytest.mark.parametrize("status", FOLLOWED)
@pytest.mark.parametrize(
    "auth", [None, {"bearer": "{{ KEY }}"}, {"basic": {"username": "me", "password": "{{ KEY }}"}}]
)
def test_another_port_is_another_origin(status, auth):
    """Nothing that was configured is told to it."""
    headers = {name: value for name, value in SECRETS.items() if not auth or name != "Authorization"}

    first, second, got = chain(away(status), {"headers": headers, "auth": auth})

    assert (got.status, len(second.asked)) == ("up", 1)
    assert first.asked[0].headers["x-api-key"] == SECRET
    assert second.asked[0].headers.keys() <= {"host", "user-agent", "accept", "accept-encoding"}


@pytest.mark.parametrize("status", FOLLOWED)
def test_whoever_left_comes_back_empty_handed(status):
    """The other server chose the address, so the secrets do not go there either."""
    first, second, got = chain(there_and_back(status), {"headers": SECRETS})

    assert (got.status, len(first.asked), len(second.asked)) == ("up", 2, 1)
    assert SECRET in repr(first.asked[0])
    assert SECRET not in repr([first.asked[1], *second.asked])


@pytest.mark.parametrize(
    ("status", "method", "sent"),
    [
        (301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"name=1"), (308, "POST", b"name=1"),
    ],
)  # fmt: skip
def test_a_body_that_is_redirected(status, method, sent):
    """307 and 308 repeat the request, the others ask for a page (RFC 9110 section 15.4)."""
    options = {"method": "POST", "body": "name=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}

    first, _, got = chain(within(status), options)

    assert (got.status, first.asked[1].method, first.asked[1].body) == ("up", method, sent)
    assert ("content-type" in first.asked[1].headers) == bool(sent)


@pytest.mark.parametrize("status", [307, 308])
def test_a_body_does_not_leave_its_origin(status):
    """Whatever is in it was meant for the first server."""
    _, second, got = chain(away(status), {"method": "POST", "body": "password={{ KEY }}"})

    assert (got.status, got.code, second.connections) == ("down", "protocol", 0)
    assert "with its body to another origin" in got.detail


def test_a_head_request_stays_one():
    """Also after a 303."""
    first, _, _ = chain(within(303), {"method": "HEAD"})

    assert [asked.method for asked in first.asked] == ["HEAD", "HEAD"]


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_what_is_no_redirect(status):
    """A Location does not make it one."""
    first, _, got = chain(lambda first, second: ({"/": redirect("/end", status)}, {}))

    assert (got.code, len(first.asked)) == (f"status:{status}", 1)


def test_a_redirect_without_location():
    """It is the answer."""
    assert chain(lambda first, second: ({"/": answer("", "302 Found")}, {}))[2].code == "status:302"


@pytest.mark.parametrize(
    ("location", "target"),
    [("end", "/end"), ("?q=1", "/?q=1"), ("/end#part", "/end"), ("/a/../end", "/end"), ("/ü", "/%C3%83%C2%BC")],
)
def test_relative_locations(location, target):
    """RFC 3986 section 5.2."""
    first, _, _ = chain(lambda first, second: ({"/": redirect(location.encode().decode("latin-1"))}, {}))

    assert first.asked[1].target == target


@pytest.mark.parametrize(
    "location",
    [
        "mailto:root@example.com", "ftp://127.0.0.1/", "file:///etc/passwd", "http://[::1", "http://xn--a/",
        "http://xn--zzzz---/", "http://h:99999/", "http://h:-1/", "http://h:x/", "http://[fe80::1%25lo]/",
        "http://a%20b/", "/" + "a" * 70_000,
    ],
)  # fmt: skip
def test_a_location_that_leads_nowhere(location):
    """Down and never unknown: a server cannot excuse itself with nonsense."""
    _, _, got = chain(lambda first, second: ({"/": redirect(location)}, {}))

    assert (got.status, got.code) == ("down", "protocol")


def test_redirects_are_asserted():
    """How many, through where, and to where in the end."""
    _, _, got = chain(there_and_back(302), {"validation": {"redirects": {"count": {"equals": 1}}}})
    assert got.detail == "redirects.count: expected 1, found 2"

    redirects = {"count": {"equals": 2}, "final_url": {"matches": "^http://127.0.0.1:[0-9]+/end$"}}
    assert chain(there_and_back(302), {"validation": {"redirects": redirects}})[2].status == "up"

    redirects = {"chain": ["http://127.0.0.1/end"], "final_url": {"contains": "/over"}}
    got = chain(within(302), {"validation": {"redirects": redirects}})[2]
    assert [failure.assertion for failure in got.failures] == ["redirects.final_url", "redirects.chain"]


def test_the_chain_is_asserted_whole():
    """Every address in its order, each as it was asked."""

    async def ask():
        answers = {"/": redirect("/b"), "/b": redirect("c"), "/c": answer("end")}
        async with web(paths(answers)) as server:
            wanted = {"redirects": {"chain": [server.url("/b"), server.url("/c")]}}
            options = {"url": server.url(), "max_redirects": 2, "validation": wanted}
            return await observed(check("http", options))

    assert asyncio.run(ask()).status == "up"


@pytest.mark.parametrize(("most", "code"), [(3, None), (2, "redirect_loop"), (0, "status:302")])
def test_how_many_are_followed(most, code):
    """As many as `max_redirects` says; with 0 the redirect is the answer."""
    answers = {"/": redirect("/1"), "/1": redirect("/2"), "/2": redirect("/3"), "/3": answer("end")}

    assert chain(lambda first, second: (answers, {}), {"max_redirects": most})[2].code == code


def test_a_form_that_leads_back_to_itself_is_no_circle():
    """POST, then GET of the same address."""

    def reply(asked):
        return redirect("/", 303) if asked.method == "POST" else answer("thank you")

    async def ask():
        async with web(reply) as server:
            return await observed(check("http", {"url": server.url(), "method": "POST", "max_redirects": 1}))

    assert asyncio.run(ask()).status == "up"


# --- where nobody is sent -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1/", "http://0.0.0.0/",
        "http://[::ffff:169.254.169.254]/", "http://[64:ff9b::a9fe:a9fe]/", "http://2852039166/",
    ],
)  # fmt: skip
def test_a_redirect_to_an_address_that_is_not_public(location):
    """However it is spelled: nothing is connected to."""
    _, _, got = chain(
        lambda first, second: ({"/": redirect(location)}, {}),
        allow_networks=("127.0.0.1/32",),
    )

    assert (got.status, got.code) == ("down", "blocked_address")


def test_a_redirect_to_a_name_that_is_private():
    """The name is looked up before it is trusted."""

    async def lookup(host, port):
        return [(socket.AF_INET, ("10.1.2.3" if host == "inside.test" else "127.0.0.1", port))]

    _, _, got = chain(lambda first, second: ({"/": redirect("http://inside.test/")}, {}), lookup=lookup)

    assert (got.code, "inside.test is 10.1.2.3" in got.detail) == ("blocked_address", True)


def test_a_name_that_changes_its_address_between_hops():
    """Every hop is looked at anew, also one to the same name."""
    answers = iter(["127.0.0.1", "169.254.169.254"])

    async def lookup(host, port):
        return [(socket.AF_INET, (next(answers), port))]

    async def ask():
        async with web(paths({"/": redirect("/latest/meta-data/")})) as server:
            options = {"url": f"http://rebinding.test:{server.port}/", "max_redirects": 1}
            return server, await observed(check("http", options), lookup=lookup)

    server, got = asyncio.run(ask())

    assert (got.status, got.code, len(server.asked)) == ("down", "blocked_address", 1)


def test_a_name_that_changes_its_address_in_between():
    """The connection goes to the very address that was looked at, which is looked up once."""
    answers = []

    async def lookup(host, port):
        answers.append("127.0.0.1" if not answers else "10.1.2.3")
        return [(socket.AF_INET, (answers[-1], port))]

    async def ask():
        async with web(paths({"/": answer("hello")})) as server:
            url = f"http://rebinding.test:{server.port}/"
            one = await observed(check("http", {"url": url}), lookup=lookup)
            two = await observed(check("http", {"url": url}), lookup=lookup)
            return one, two

    one, two = asyncio.run(ask())

    assert (one.status, one.address, two.code) == ("up", "127.0.0.1", "blocked_address")
    assert answers == ["127.0.0.1", "10.1.2.3"]
