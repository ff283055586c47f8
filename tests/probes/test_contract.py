"""What every registered type promises, and a fork's own types."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
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
NOWHERE = {"http": "http://127.0.0.1:1/", "tcp": "tcp://127.0.0.1:1", "websocket": "ws://127.0.0.1:1/"}
TYPES = pytest.mark.parametrize("kind", PROBES.values(), ids=PROBES)


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
    options = kind.options.model_validate({"url": NOWHERE[kind.name]})

    assert all(field.description for field in kind.options.model_fields.values())
    with pytest.raises(ValidationError):
        kind.options.model_validate({"url": NOWHERE[kind.name], "no_such_key": 1})
    with pytest.raises(ValidationError):
        options.url = "elsewhere"


@TYPES
def test_options_take_variables_and_have_a_schema(kind):
    """`{{ NAME }}` passes at configuration time; editors get a JSON Schema."""
    kind.options.model_validate({"url": "{{ ADDRESS }}"})

    assert "url" in kind.options.model_json_schema()["properties"]


@TYPES
def test_a_dead_target_is_a_value(kind):
    """Refused on every type, with the same word."""
    got = asked(kind.name, {"url": NOWHERE[kind.name]})

    assert (got.status, got.code, got.reused) == ("down", "refused", False)


@TYPES
def test_a_private_address_is_refused(kind):
    """The guard stands before every type."""
    url = NOWHERE[kind.name].replace("127.0.0.1", "169.254.169.254")

    assert asked(kind.name, {"url": url}).code == "blocked_address"


@TYPES
def test_a_name_that_cannot_exist(kind):
    """RFC 6761: `.invalid` has no address (a machine without a resolver says so in its own way)."""
    url = NOWHERE[kind.name].replace("127.0.0.1", "nothing.invalid")

    assert asked(kind.name, {"url": url}).code in {"dns_nxdomain", "dns_error", "dns_timeout"}


@TYPES
def test_a_silent_server_ends_by_the_deadline(kind):
    """With the code of a phase."""

    async def ask():
        async def silent(reader, writer):
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            options = {"url": NOWHERE[kind.name].replace(":1", f":{port}")}
            if kind.name == "tcp":
                options["expect"] = "a greeting"
            one = Check("target", "target", kind.name, kind.options.model_validate(options), 30_000, 300, retries=0)
            (tick,) = await run(
                [(one, 0)], location="here", secrets=Secrets({}), now=now_ms,
                settings=Settings(allow_networks=("127.0.0.0/8",)),
            )  # fmt: skip
            return tick.observations[0]

    assert asyncio.run(ask()).code == "ttfb_timeout"


def test_schemes_are_unique():
    """An address means one type."""
    schemes = [scheme for kind in PROBES.values() for scheme in kind.schemes]

    assert len(schemes) == len(set(schemes))


def test_codes_follow_the_grammar():
    """A code of the list, with a public suffix or without."""
    assert is_error_code("status:503")
    assert not is_error_code("status:")
    assert not is_error_code("nonsense")
    with pytest.raises(ValueError, match="is not an error code"):
        error_code("nonsense")


def test_the_page_lists_every_code_with_its_meaning():
    """docs/probes.md is as old as the code."""
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))

    assert rows == dict(ERROR_CODES)


def test_importing_the_registry_is_cheap():
    """A tick pays for no library of a protocol that it does not measure."""
    heavy = ["httpx", "httpcore", "websockets", "jsonpath_rfc9535", "numpy", "pandas"]
    code = f"import sys, probes; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


# --- a fork's own types -------------------------------------------------------------------------


def example() -> str:
    """The worked example of the page."""
    return re.search(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]


def test_the_worked_example_works(tmp_path, monkeypatch):
    """The type on the page is loaded from a file and measures a real server."""
    (tmp_path / "gauge.py").write_text(example())
    (gauge,) = local_types.load(tmp_path).values()
    monkeypatch.setitem(PROBES, "gauge", gauge)

    async def ask(most: float):
        async def serve(reader, writer):
            await reader.readline()
            writer.write(b"41.5\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            url = f"gauge://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            options = gauge.options.model_validate({"url": url, "most": most})
            one = Check("gauge", "gauge", "gauge", options, 30_000, 2_000, retries=0)
            (tick,) = await run(
                [(one, 0)], location="here", secrets=Secrets({}), now=now_ms,
                settings=Settings(allow_networks=("127.0.0.0/8",)),
            )  # fmt: skip
            return tick.observations[0]

    assert asyncio.run(ask(50)).status == "up"
    assert asyncio.run(ask(40)).detail == "gauge: expected at most 40, found 41.5"


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
