"""An HTTP proxy that was configured, and none that was not."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
import trustme
from one_check import free_port
from probing import check, limit_ms, observed
from pydantic import ValidationError
from web_server import TokenServer, answer, listening, paths, proxy, server_context, web, written

from probes import PROBES

CREDENTIALS = "me:s3cr3t/p:ass"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Whoever issues the certificates, and the file that makes a check trust it."""
    made = trustme.CA()
    return made, str(written(tmp_path_factory.mktemp("authority"), "ca.pem", made.cert_pem))


def through(forwarding, options: dict, *, tls=None, user: str = "", **settings):
    """(proxy, target, observation) of a check of http(s)://site.test through this proxy, which knows that name."""

    async def ask():
        async with AsyncExitStack() as stack:
            door = await stack.enter_async_context(forwarding)
            site = await stack.enter_async_context(web(paths({"/": answer("hello")}), tls=tls))
            asked = {
                "url": f"{site.scheme}://site.test:{site.port}/",
                "proxy": f"http://{user}127.0.0.1:{door.port}",
                **options,
            }
            environ = {"SECRET": "s3cr3t%2Fp%3Aass"}
            return door, site, await observed(check("http", asked, **settings), environ=environ)

    return asyncio.run(ask())


def test_plain_http_is_forwarded():
    """The proxy gets the whole address, and its own credentials are not passed on."""
    door, site, got = through(proxy(credentials=CREDENTIALS), {}, user="me:{{ SECRET }}@")

    assert (got.status, got.address, got.reused) == ("up", "127.0.0.1", False)
    assert door.asked[0].target == f"http://site.test:{site.port}/"
    assert (len(site.asked), "proxy-authorization" in site.asked[0].headers) == (1, False)
    assert "s3cr3t" not in repr(got)


@pytest.mark.parametrize("http2", [False, True])
def test_https_goes_through_a_tunnel(http2, authority):
    """CONNECT, then TLS with the target itself; the request shows neither the proxy's credentials nor itself to it."""
    tls = server_context(authority[0], "site.test")
    options = {"ca_file": authority[1], "http2": http2, "headers": {"X-Api-Key": "abc"}}

    door, site, got = through(proxy(credentials=CREDENTIALS), options, tls=tls, user="me:s3cr3t%2Fp%3Aass@")

    assert (got.status, got.certificate.san_match, got.certificate.verify_code) == ("up", True, 0)
    assert [asked.line for asked in door.asked] == [f"CONNECT site.test:{site.port} HTTP/1.1"]
    assert "x-api-key" not in door.asked[0].headers
    assert "proxy-authorization" not in site.asked[0].headers
    assert None not in (got.phases.connect, got.phases.tls, got.phases.ttfb)


def test_the_certificate_is_verified_through_a_tunnel(authority):
    """A proxy in between makes nobody trustworthy."""
    _, site, got = through(proxy(), {}, tls=server_context(authority[0], "site.test"))

    assert (got.code, site.asked) == ("tls_untrusted", [])


def test_server_name_through_a_tunnel(authority):
    """The name that was configured is asked for and verified there as well."""
    tls = server_context(authority[0], "other.test")

    assert through(proxy(), {"ca_file": authority[1]}, tls=tls)[2].code == "tls_hostname"
    assert through(proxy(), {"ca_file": authority[1], "server_name": "other.test"}, tls=tls)[2].status == "up"


@pytest.mark.parametrize(
    ("forwarding", "user", "plain", "tunnel"),
    [
        pytest.param(lambda: proxy(credentials=CREDENTIALS), "", "status:407", "407", id="no credentials"),
        pytest.param(lambda: proxy(credentials=CREDENTIALS), "me:no@", "status:407", "407", id="wrong credentials"),
        pytest.param(lambda: proxy(refuses="403 Forbidden"), "", "status:403", "403", id="forbidden"),
    ],
)
def test_a_proxy_that_refuses(forwarding, user, plain, tunnel, authority):
    """A plain request has the proxy's status, a tunnel says that it was the proxy."""
    _, site, got = through(forwarding(), {}, user=user)
    assert (got.status, got.code, site.connections) == ("down", plain, 0)

    _, site, got = through(forwarding(), {}, tls=server_context(authority[0], "site.test"), user=user)
    assert (got.status, got.code, site.connections) == ("down", "protocol", 0)
    assert got.detail.startswith(f"the proxy refused: {tunnel}")


async def _silent(told, reader, writer):
    while await reader.read(65_536):
        pass


async def _breaks(told, reader, writer):
    await reader.readuntil(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("deed", "code"), [(_silent, "ttfb_timeout"), (_breaks, "reset")], ids=["silent", "breaks the connection"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_does_not_answer(deed, code, scheme):
    """The code of the phase, as for a target."""

    async def ask():
        async with listening(deed) as door:
            options = {"url": f"{scheme}://site.test/", "proxy": door.url("")}
            return await observed(check("http", options, timeout_ms=limit_ms(code)))

    assert asyncio.run(ask()).code == code


def test_a_dead_proxy():
    """Refused."""
    options = {"url": "http://site.test/", "proxy": f"http://127.0.0.1:{free_port()}"}

    assert asyncio.run(observed(check("http", options))).code == "refused"


def test_a_proxy_at_a_private_address():
    """The guard stands before the proxy."""
    options = {"url": "http://site.test/", "proxy": "http://10.0.0.1:3128"}

    assert asyncio.run(observed(check("http", options))).code == "blocked_address"


def test_the_token_is_fetched_through_the_proxy():
    """It is for all that the check asks."""
    tokens = TokenServer("id", "secret-secret")

    async def ask():
        async with AsyncExitStack() as stack:
            door = await stack.enter_async_context(proxy())
            server = await stack.enter_async_context(web(tokens))
            auth = {
                "token_url": f"http://login.test:{server.port}/",
                "client_id": "id",
                "client_secret": "secret-secret",
            }
            site = await stack.enter_async_context(web(paths({"/": answer("hello")})))
            options = {"url": f"http://site.test:{site.port}/", "proxy": door.url(""), "auth": {"oauth2": auth}}
            return door, await observed(check("http", options))

    door, got = asyncio.run(ask())

    assert (got.status, [asked.method for asked in door.asked]) == ("up", ["POST", "GET"])


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_proxy_of_the_environment_is_ignored(name, secure, authority, monkeypatch):
    """What happens to be set on the machine is not what was configured."""
    monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")

    async def ask():
        tls = server_context(authority[0], "127.0.0.1") if secure else None
        async with web(paths({"/": answer("hello")}), tls=tls) as site:
            return await observed(check("http", {"url": site.url(), "ca_file": authority[1]}))

    assert asyncio.run(ask()).status == "up"


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_an_exception_of_the_environment_is_ignored(name, monkeypatch):
    """A configured proxy is used, whatever the machine makes an exception of."""
    monkeypatch.setenv(name, "*")

    door, _, got = through(proxy(), {})

    assert (got.status, len(door.asked)) == ("up", 1)


@pytest.mark.parametrize(
    "url", ["proxy.example:3128", "http://proxy.example", "socks5://a:1", "https://a:1", "http://:1"]
)
def test_what_is_no_proxy(url):
    """http:// with a host and a port."""
    with pytest.raises(ValidationError, match="is not an address"):
        PROBES["http"].options.model_validate({"url": "http://example.com/", "proxy": url})


def test_all_addresses_through_a_proxy():
    """It is the proxy that looks the name up, so there are no addresses to ask one by one."""
    with pytest.raises(ValidationError, match="all_addresses and proxy"):
        PROBES["http"].options.model_validate(
            {"url": "http://example.com/", "proxy": "http://a:1", "all_addresses": True}
        )
