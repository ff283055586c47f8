"""Redis against the real server, and against peers that are none."""

from __future__ import annotations

import asyncio

import pytest
import trustme
from database_servers import PASSWORD, redis_over_tls, redis_server
from one_check import TIMEOUT_MS, against, free_port, observation, observed, patience, reset, says, silence
from pydantic import ValidationError

from probes.redis import REDIS, RedisOptions, figures

URL = "redis://127.0.0.1:{}"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A Redis that anyone may use."""
    with redis_server(tmp_path_factory.mktemp("redis")) as port:
        yield port


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A Redis with a password for everyone, and a user of its own."""
    user = ["--user", "reader", "on", f">{PASSWORD}", "~*", "+@all"]
    with redis_server(tmp_path_factory.mktemp("locked"), "--requirepass", PASSWORD, *user) as port:
        yield port


@pytest.fixture(scope="module")
def authority():
    """Who vouches for the server."""
    return trustme.CA()


@pytest.fixture(scope="module")
def secured(tmp_path_factory, authority):
    """(port, file of the authority) of a Redis over TLS."""
    folder = tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    with redis_over_tls(folder, authority) as port:
        yield port, str(folder / "ca.pem")


def ask(port: int, url: str = URL, **options):
    """What a check of the Redis on that port says."""
    return observation(REDIS, {"url": url.format(port), **options})


@pytest.mark.service
@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        pytest.param({}, "up", None, id="PING"),
        pytest.param(
            {"command": ["ECHO", "hello"], "validation": {"reply": {"equals": "hello"}}}, "up", None, id="command"
        ),
        pytest.param({"command": ["DBSIZE"], "validation": {"reply": {"equals": "0"}}}, "up", None, id="number"),
        pytest.param(
            {"command": ["CONFIG", "GET", "maxmemory"], "validation": {"reply": {"equals": '["maxmemory", "0"]'}}},
            "up", None, id="list",
        ),
        pytest.param(
            {"command": ["ECHO", "hello"], "validation": {"reply": {"equals": "moon", "severity": "degraded"}}},
            "degraded", 'reply: expected equals "moon", found "hello"', id="another reply",
        ),
        pytest.param({"command": ["GET", "none"]}, "down", 'reply: expected contains "", found nothing', id="nil"),
        pytest.param({"command": ["NONSENSE"]}, "down", 'reply: expected no error, found "ERR unknown', id="error"),
        pytest.param({"validation": {"values": [{"name": "used_memory", "greater": 1000}]}}, "up", None, id="value"),
        pytest.param(
            {"validation": {"values": [{"name": "evicted_keys", "greater": 5}]}},
            "down", "evicted_keys: expected more than 5, found 0", id="value out of bounds",
        ),
        pytest.param(
            {"validation": {"values": [{"name": "no_such", "less": 5}]}},
            "down", "no_such: expected a number, found no such field in INFO", id="missing field",
        ),
        pytest.param(
            {"validation": {"values": [{"name": "redis_version", "less": 5}]}},
            "down", ", which is not a number", id="text is no number",
        ),
        pytest.param(
            {"validation": {"time": {"total": {"less": 0}}}}, "down", "time.total: expected less than 0 ms", id="time"
        ),
    ],
)  # fmt: skip
def test_replies_and_values(plain, options, status, told):
    """The reply and the numbers of INFO are held against their conditions, strictly."""
    got = ask(plain, **options)

    assert got.status == status
    assert told is None or told in got.detail
    assert got.code == (None if status == "up" else "assertion")


@pytest.mark.service
def test_the_hit_rate(tmp_path):
    """Hits of 100 look-ups; where nothing was looked up yet there is none, and that fails."""
    high = {"values": [{"name": "hit_rate_percent", "greater_equal": 50}]}

    with redis_server(tmp_path) as port:
        fresh = ask(port, validation=high)
        ask(port, command=["SET", "a", "1"])
        looked_up = [ask(port, command=["GET", key]).status for key in ("a", "b")]
        half = ask(port, validation=high, capture=["keyspace_hits"])

    assert (fresh.status, "found no key was looked up yet" in fresh.detail) == ("down", True)
    assert looked_up == ["up", "down"]
    assert (half.status, half.captured) == ("up", {"hit_rate_percent": 50.0, "keyspace_hits": 1.0})


@pytest.mark.service
def test_numbers_are_captured(plain):
    """Those that were asked for and are there; times are those of phases."""
    got = ask(plain, capture=["used_memory", "no_such_field", "redis_version"])

    assert got.status == "up"
    assert list(got.captured) == ["used_memory"]
    assert (got.phases.connect is not None, got.phases.ttfb is not None, got.phases.body is not None) == (True,) * 3


@pytest.mark.service
def test_the_database_is_chosen(plain):
    """`/1` is another one than `/0`; one that is not there is told."""
    ask(plain, URL + "/1", command=["SET", "only-here", "1"])

    assert ask(plain, URL + "/1", command=["GET", "only-here"]).status == "up"
    assert ask(plain, URL + "/0", command=["GET", "only-here"]).status == "down"
    assert 'database: expected no error, found "ERR DB index' in ask(plain, URL + "/99").detail


@pytest.mark.service
@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        pytest.param({"password": "{{ PASSWORD }}"}, "up", None, id="password"),
        pytest.param({"username": "reader", "password": "{{ PASSWORD }}"}, "up", None, id="user"),
        pytest.param({}, "down", 'reply: expected no error, found "NOAUTH', id="none"),
        pytest.param({"password": "wrong"}, "down", 'authentication: expected no error, found "WRONGPASS', id="wrong"),
    ],
)
def test_authentication(locked, options, status, told):
    """A refusal is a failed assertion, told in the server's words; the password shows nowhere."""
    got = observation(REDIS, {"url": URL.format(locked), **options}, environ={"PASSWORD": PASSWORD})

    assert got.status == status
    assert told is None or told in got.detail
    assert PASSWORD not in repr(got)


@pytest.mark.service
def test_a_reply_with_the_password_in_it_is_masked(locked):
    """What the server repeats is as secret as what was sent."""
    options = {"url": URL.format(locked), "password": "{{ PASSWORD }}", "command": ["ECHO", "{{ PASSWORD }}"]}

    got = observation(REDIS, {**options, "validation": {"reply": {"equals": "x"}}}, environ={"PASSWORD": PASSWORD})

    assert (got.status, PASSWORD in repr(got), "***" in got.detail) == ("down", False, True)


@pytest.mark.service
@pytest.mark.parametrize(
    ("host", "trusted", "code"),
    [
        pytest.param("localhost", True, None, id="trusted"),
        pytest.param("localhost", False, "tls_untrusted", id="unknown authority"),
        pytest.param("127.0.0.1", True, "tls_hostname", id="another host"),
    ],
)
def test_tls(secured, host, trusted, code):
    """The certificate is verified, and its facts are kept either way."""
    port, ca_file = secured
    options = {"ca_file": ca_file} if trusted else {}

    got = ask(port, f"rediss://{host}:{{}}", **options)

    assert (got.code, got.certificate is not None) == (code, True)


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        pytest.param(silence, "ttfb_timeout", id="silence"),
        pytest.param(reset, "reset", id="reset"),
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol", id="no Redis"),
        pytest.param(says(b"+PO"), "ttfb_timeout", id="half a reply"),
        pytest.param(says(b"+OK\r\n"), "assertion", id="not PONG"),
        pytest.param(says(b"-LOADING Redis is loading the dataset in memory\r\n"), "assertion", id="loading"),
        pytest.param(says(b"$2000000\r\n" + b"x" * 1_100_000), "too_large", id="a long reply"),
        pytest.param(says(b"*1\r\n*1000000000\r\n"), "too_large", id="room for a thousand million"),
    ],
)
def test_every_fault_has_its_code(deed, code):
    """The same word as on every other type, in time."""
    got = against(REDIS, deed, URL, timeout_ms=patience(code))

    assert (got.status, got.code) == ("down", code)
    assert got.ms < 5 * TIMEOUT_MS


def test_refused_and_blocked():
    """Nobody listens; or the address is not to be asked."""
    url = URL.format(free_port())

    assert observation(REDIS, {"url": url}).code == "refused"
    assert asyncio.run(observed(REDIS, {"url": url}, allow=())).code == "blocked_address"


def test_info_is_read():
    """Headings and empty lines are no fields; a value may hold a colon."""
    fields = figures.fields("# Server\r\nredis_version:7.0.15\r\n\r\ndb0:keys=1,expires=0\r\npath:a:b\r\n")

    assert fields == {"redis_version": "7.0.15", "db0": "keys=1,expires=0", "path": "a:b"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "http://x"}, "not an address of this type", id="scheme"),
        pytest.param({"url": "redis://x/first"}, "not the number of a database", id="database"),
        pytest.param({"url": "redis://:secret@x"}, "credentials do not belong in the address", id="credentials"),
        pytest.param({"url": "redis://x", "command": []}, "at least 1 item", id="no command"),
        pytest.param({"url": "redis://x", "username": "a"}, "username needs a password", id="user alone"),
        pytest.param({"url": "redis://x", "validation": {"values": [{"name": "a"}]}}, "asserts nothing", id="nothing"),
    ],
)
def test_options_that_are_wrong(options, message):
    """Found with the configuration, with what to write instead."""
    with pytest.raises(ValidationError, match=message):
        RedisOptions.model_validate(options)
