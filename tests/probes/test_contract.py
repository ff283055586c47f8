"""What every registered type promises, and a fork's own types."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from probes import PROBES, local_types
from probes.contract import ERROR_CODES, error_code, is_error_code
from probes.run import Settings, run
from statusledger.clock import now_ms
from statusledger.errors import UsageError
from statusledger.model import Check
from statusledger.secrets import Secrets

PAGE = Path(__file__).resolve().parents[2] / "docs" / "probes.md"
URLS = {
    "http": "http://{place}/",
    "tcp": "tcp://{place}",
    "udp": "udp://{place}",
    "dns": "dns://{place}/example.com",
    "icmp": "icmp://{place}",
    "tls": "tls://{place}",
    "websocket": "ws://{place}/",
    "grpc": "grpc://{place}",
    "smtp": "smtp://{place}",
    "ssh": "ssh://{place}",
    "postgres": "postgres://status@{place}/shop",
    "redis": "redis://{place}",
}
MORE = {"tcp": {"expect": "a greeting"}, "udp": {"send": "hello"}}
TYPES = pytest.mark.parametrize("kind", PROBES.values(), ids=PROBES)
ASKING = [name for name in URLS if name != "icmp"]  # a ping has no port that could refuse it


def options_of(kind: str, place: str) -> dict:
    """The options of a check that asks this place (host and port)."""
    if kind == "steps":
        return {"steps": [{"url": f"http://{place}/"}]}
    if kind == "domain":
        return {"url": "domain://example.com", "rdap_server": f"http://{place}/"}
    if kind == "heartbeat":
        return {"every": "1h"}
    place = place.partition(":")[0] if kind == "icmp" else place
    return {"url": URLS[kind].format(place=place), **MORE.get(kind, {})}


def asked(kind: str, options: dict, **settings):
    """What a check of a type says, without retries."""
    one = Check("target", "target", kind, PROBES[kind].options.model_validate(options), 30_000, 500, retries=0)
    ticks = asyncio.run(
        run([(one, 0)], location="here", secrets=Secrets({}), now=now_ms,
            settings=Settings(allow_networks=("127.0.0.0/8",), **settings))
    )  # fmt: skip
    return ticks[0].observations[0]


@TYPES
def test_options_are_frozen_and_documented(kind):
    """Every key has a description, unknown keys are refused, nothing can be changed afterwards."""
    right = options_of(kind.name, "example.com:1")
    options = kind.options.model_validate(right)

    assert all(field.description for field in kind.options.model_fields.values())
    with pytest.raises(ValidationError):
        kind.options.model_validate({**right, "no_such_key": 1})
    with pytest.raises(ValidationError):
        setattr(options, next(iter(right)), "elsewhere")


@pytest.mark.parametrize("kind", URLS)
def test_options_take_variables(kind):
    """`{{ NAME }}` passes at configuration time."""
    PROBES[kind].options.model_validate({**options_of(kind, "x:1"), "url": "{{ ADDRESS }}"})


@TYPES
def test_options_have_a_schema(kind):
    """Editors complete the keys of every type."""
    properties = kind.options.model_json_schema()["properties"]

    assert properties.keys() == {field.alias or name for name, field in kind.options.model_fields.items()}


@pytest.mark.parametrize("kind", [*ASKING, "steps"])
def test_a_dead_target_is_a_value(kind):
    """Refused on every type, with the same word."""
    got = asked(kind, options_of(kind, "127.0.0.1:1"))

    assert (got.status, got.code, got.reused) == ("down", "refused", False)


@pytest.mark.parametrize("kind", [*URLS, "steps", "domain"])
def test_a_private_address_is_refused(kind):
    """The guard stands before every type."""
    got = asked(kind, options_of(kind, "169.254.169.254:80"))

    assert (got.code, got.ms) == ("blocked_address", None)


@pytest.mark.parametrize("kind", [*URLS, "steps"])
def test_a_name_that_cannot_exist(kind):
    """RFC 6761: `.invalid` has no address (a machine without a resolver says so in its own way)."""
    got = asked(kind, options_of(kind, "nothing.invalid:80"))

    assert (got.status, got.code in {"dns_nxdomain", "dns_error", "dns_timeout"}) == ("down", True)


@pytest.mark.parametrize("kind", [name for name in (*ASKING, "steps") if name not in {"udp", "dns"}])
def test_a_silent_server_ends_by_the_deadline(kind):
    """With the code of a phase (those that send datagrams have tests of their own)."""

    async def ask():
        async def silent(reader, writer):
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            options = PROBES[kind].options.model_validate(options_of(kind, f"127.0.0.1:{port}"))
            one = Check("target", "target", kind, options, 30_000, 300, retries=0)
            (tick,) = await run(
                [(one, 0)], location="here", secrets=Secrets({}), now=now_ms,
                settings=Settings(allow_networks=("127.0.0.0/8",)),
            )  # fmt: skip
            return tick.observations[0]

    assert asyncio.run(ask()).code == ("tls_timeout" if kind == "tls" else "ttfb_timeout")


@TYPES
def test_a_type_is_found_by_each_of_its_schemes(kind):
    """An address means one type, and the registry knows which without loading any."""
    assert {PROBES.of_scheme(scheme) for scheme in kind.schemes} <= {kind.name}


@pytest.mark.parametrize("kind", [kind for kind in PROBES.values() if kind.requires], ids=lambda kind: kind.name)
def test_a_library_that_is_missing_is_named_with_its_extra(kind, monkeypatch, caplog):
    """Unknown for that check alone, and what to install."""
    monkeypatch.setattr("probes.run.find_spec", lambda name: None)

    got = asked(kind.name, options_of(kind.name, "127.0.0.1:1"))

    assert (got.status, got.code) == ("unknown", "internal")
    assert f'pip install "statusledger[{kind.extra}]"' in caplog.text


@pytest.mark.parametrize("kind", [kind for kind in PROBES.values() if kind.extra], ids=lambda kind: kind.name)
def test_every_extra_is_declared(kind):
    """pyproject.toml has the extra that the message names."""
    project = tomllib.loads((PAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert kind.extra in project["optional-dependencies"]


def test_codes_follow_the_grammar():
    """A code of the list, with a public suffix or without."""
    assert is_error_code("status:503")
    assert not is_error_code("status:")
    assert not is_error_code("nonsense")
    with pytest.raises(ValueError, match="is not an error code"):
        error_code("nonsense")


def test_the_page_lists_every_code_with_its_meaning():
    """docs/probes.md is as old as the code."""
    section = PAGE.read_text(encoding="utf-8").partition("## Error codes")[2]

    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", section, re.MULTILINE))

    assert rows == dict(ERROR_CODES)


def test_importing_the_registry_is_cheap():
    """A tick pays for no library of a protocol that it does not measure."""
    heavy = [
        "httpx", "httpcore", "websockets", "jsonpath_rfc9535", "h2", "dns", "hiredis", "psycopg", "jsonschema", "numpy",
        "pandas",
    ]  # fmt: skip
    code = f"import sys, probes; list(probes.PROBES.values()); print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


# --- a fork's own types -------------------------------------------------------------------------


def example() -> str:
    """The worked example of the page."""
    return re.search(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]


class Gauge(asyncio.DatagramProtocol):
    """Answers every question with 41.5."""

    def connection_made(self, transport):
        """Remembers where to answer."""
        self.transport = transport

    def datagram_received(self, data, address):
        """One question."""
        self.transport.sendto(data.removeprefix(b"GET ") + b" = 41.5", address)


def test_the_worked_example_works(tmp_path, monkeypatch):
    """The type on the page is loaded from a file and measures a real server."""
    (tmp_path / "gauge.py").write_text(example())
    (gauge,) = local_types.load(tmp_path).values()
    monkeypatch.setitem(PROBES, "gauge", gauge)

    async def ask(most: float):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Gauge, local_addr=("127.0.0.1", 0))
        url = f"gauge://127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        try:
            given = {"url": url, "oid": "1.3.6", "validation": {"value": {"less_equal": most}}}
            one = Check("gauge", "gauge", "gauge", gauge.options.model_validate(given), 30_000, 2_000, retries=0)
            (tick,) = await run(
                [(one, 0)], location="here", secrets=Secrets({}), now=now_ms,
                settings=Settings(allow_networks=("127.0.0.0/8",)),
            )  # fmt: skip
            return tick.observations[0]
        finally:
            transport.close()

    good, bad = asyncio.run(ask(50)), asyncio.run(ask(40))

    assert (good.status, good.captured) == ("up", {"value": 41.5})
    assert bad.detail == "value: expected at most 40, found 41.5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("1 / 0", "cannot be loaded: ZeroDivisionError", id="it raises"),
        pytest.param("x = 1", "sets no PROBE", id="no PROBE"),
        pytest.param("def (", "cannot be loaded: SyntaxError", id="no Python"),
        pytest.param(
            "from probes.http import HTTP as PROBE", "there is a type http already", id="a name that is taken"
        ),
    ],
)
def test_a_local_type_that_is_wrong_is_named(tmp_path, text, message):
    """File, fault, and what to do; exit code 2."""
    (tmp_path / "mine.py").write_text(text)

    with pytest.raises(UsageError, match=rf"mine\.py: .*{message}"):
        local_types.load(tmp_path)
