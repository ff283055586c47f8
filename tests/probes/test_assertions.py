"""Assertions on answers that were made to break them: nothing is coerced, and nothing turns a failure into unknown."""

from __future__ import annotations

import asyncio
import importlib.abc
import json
import sys
import time

import pytest
from probing import check, observed, ticks
from pydantic import ValidationError
from web_server import answer, paths, web

from probes.assertions.answer import MISSING, Answer
from probes.assertions.http import Validation
from probes.assertions.measured import days_left
from probes.assertions.numbers import NumberAssertion
from probes.assertions.texts import TextAssertion
from statusledger.clock import now_ms

AT = 1_800_000_000_000  # 2027-01-15T08:00:00Z


def failures(validation: dict, body: str | bytes = b"", **headers: str) -> list[str]:
    """What is wrong with an answer, in words."""
    content = body.encode() if isinstance(body, str) else body
    given = Answer(200, [(name.replace("_", "-"), value) for name, value in headers.items()], content, at=AT)
    wanted = Validation.model_validate(validation)
    return [str(failure) for failure in wanted._of_answer(given)]


def refused(validation: dict) -> str:
    """Why a configuration is wrong."""
    with pytest.raises(ValidationError) as error:
        Validation.model_validate(validation)
    return str(error.value)


# --- headers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        pytest.param({"Last_Modified": "Fri, 15 Jan 2027 07:59:00 GMT"}, {"equals": 60}, id="a minute"),
        pytest.param({"Last_Modified": "Fri, 15 Jan 2027 08:59:00 +0100"}, {"equals": 60}, id="another zone"),
        pytest.param({"Last_Modified": "Fri, 15 Jan 2027 07:59:00 -0000"}, {"equals": 60}, id="no zone"),
        pytest.param({"Last_Modified": "Friday, 15-Jan-27 07:59:00 GMT"}, {"equals": 60}, id="RFC 850"),
        pytest.param({"Last_Modified": "Fri, 15 Jan 2027 08:01:00 GMT"}, {"less": 0}, id="in the future"),
        pytest.param({"Last_Modified": "60"}, {"equals": 60}, id="seconds"),
        pytest.param({"Last_Modified": "0"}, {"equals": 0}, id="no second"),
    ],
)
def test_the_age_of_a_header(headers, age):
    """Seconds since a date, or the seconds themselves."""
    assert failures({"headers": {"last-modified": {"age": age}}}, **headers) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param("yesterday", '"yesterday"', id="words"),
        pytest.param("", '""', id="empty"),
        pytest.param("-5", '"-5"', id="negative"),
        pytest.param("1.5", '"1.5"', id="fraction"),
        pytest.param("١٢", '"١٢"', id="digits of another script"),
        pytest.param("9" * 500, '"99', id="five hundred digits"),
        pytest.param("9" * 5_000, '"99', id="five thousand digits"),
        pytest.param("Fri, 99 Jan 2027 07:59:00 GMT", '"Fri', id="no such day"),
        pytest.param("Fri, 15 Jan 99999999999999999999 07:59:00 GMT", '"Fri', id="no such year"),
        pytest.param("Fri, 15 Jan 2027 07:59:00 +999999", '"Fri', id="no such zone"),
        pytest.param("2027-01-15T07:59:00Z", '"2027', id="ISO 8601"),
    ],
)
def test_an_age_that_is_none(value, found):
    """It fails with what was found."""
    (told,) = failures({"headers": {"age": {"age": {"less": 60}}}}, Age=value)

    assert told.startswith(f"headers.age: expected a date or a number of seconds, found {found}")


def test_the_age_of_a_header_that_is_absent():
    """It fails."""
    (told,) = failures({"headers": {"age": {"age": {"less": 60}}}})

    assert told == "headers.age: expected a date or a number of seconds, found nothing"


def test_an_old_page():
    """With the unit."""
    (told,) = failures({"headers": {"age": {"age": {"less": 60}}}}, Age="3600")

    assert told == "headers.age age: expected less than 60 s, found 3600 s"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"exists": True}, None),
        ({"equals": "a, b"}, None),
        ({"contains": "b"}, None),
        ({"matches": "^a, b$"}, None),
        ({"equals": "a"}, 'headers.VIA: expected equals "a", found "a, b"'),
        ({"exists": False}, 'headers.VIA: expected not to be there, found "a, b"'),
    ],
)
def test_a_header_that_comes_twice(wanted, told):
    """Both values, joined as RFC 9110 section 5.3 has it."""
    given = Answer(200, [("Via", "a"), ("via", "b")], b"")

    assert [str(one) for one in Validation.model_validate({"headers": {"VIA": wanted}})._of_answer(given)] == (
        [told] if told else []
    )


# --- JSON ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"equals": 1}, "1", True),
        ({"equals": 1}, "1.0", True),
        ({"equals": 1}, "true", False),
        ({"equals": 1}, '"1"', False),
        ({"equals": True}, "true", True),
        ({"equals": True}, "1", False),
        ({"equals": 0}, "false", False),
        ({"equals": 0}, "-0.0", True),
        ({"equals": {"a": [1]}}, '{"a": [1.0]}', True),
        ({"equals": {"a": True}}, '{"a": 1}', False),
        ({"equals": {"a": [1]}}, '{"a": [true]}', False),
        ({"equals": [{"a": 1}]}, '[{"a": true}]', False),
        ({"not_equals": 1}, "2", True),
        ({"not_equals": 1}, "1", False),
        ({"not_equals": 1}, '"1"', True),
        ({"less": 10}, "9.99", True),
        ({"less": 10}, '"9"', False),
        ({"less": 10}, "null", False),
        ({"less": 10}, "true", False),
        ({"less": 10}, "[]", False),
        ({"less": 10}, "-1e999", True),
        ({"less": 10}, "1" + "0" * 400, False),
        ({"greater": 10}, "1" + "0" * 400, True),
        ({"length": 2}, '"ab"', True),
        ({"length": 2}, "[1]", False),
        ({"length": 2}, "12", False),
        ({"matches": "^a"}, '"abc"', True),
        ({"matches": "1"}, "1", False),
        ({"matches": "x"}, '"abc"', False),
        ({"exists": True}, "null", True),
        ({"exists": False}, "null", False),
    ],
)
def test_one_json_value(condition, value, holds):
    """Strict about types: 1 is 1.0, and neither is true nor "1"."""
    told = failures({"json": [{"path": "$.v", **condition}]}, f'{{"v": {value}}}')

    assert (told == []) == holds, told


@pytest.mark.parametrize("condition", [{"equals": 1}, {"not_equals": 1}, {"less": 1}, {"matches": "a"}, {"length": 0}])
@pytest.mark.parametrize("body", ["{}", "[]", '{"V": 1}'])
def test_a_path_that_selects_nothing(condition, body):
    """No condition holds of what is not there, not even that it is something else."""
    (told,) = failures({"json": [{"path": "$.v", **condition}]}, body)

    assert told.endswith("found nothing at that path")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "{",
        "NaN",
        '{"v": NaN}',
        '{"v": Infinity}',
        "{'v': 1}",
        '{"v": 1,}',
        b"\xff",
        "[" * 100_000,
    ],
)
def test_what_is_no_json(body):
    """It fails and says so, for a path and for the type of the body."""
    told = failures({"body": {"type": "json"}, "json": [{"path": "$.v", "exists": False}]}, body)

    assert [one.partition(", found")[0] for one in told] == [
        "body.type: expected JSON",
        "json $.v: expected a JSON body",
    ]


@pytest.mark.parametrize("depth", [50, 100, 200, 400, 800, 900, 950, 980, 1_000, 5_000, 100_000])
@pytest.mark.parametrize(
    "condition", [{"equals": 1}, {"equals": [[1]]}, {"length": 5}, {"less": 5}, {"exists": False}], ids=str
)
@pytest.mark.parametrize("path", ["$", "$..x", "$[0]"])
def test_a_body_that_is_nested_to_break_something(depth, condition, path):
    """It fails; the recursion of whoever reads it does not turn the failure into our own."""
    told = failures({"json": [{"path": path, **condition}]}, "[" * depth + "]" * depth)

    assert told != [] or condition in ({"exists": False},)


# --- JSON Schema --------------------------------------------------------------------------------

SCHEMA = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"enum": ["ok"]}, "queue": {"type": "integer", "maximum": 10}},
}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param('{"status": "ok", "queue": 7}', None, id="fulfilled"),
        pytest.param('{"status": "bad"}', 'at $.status: "bad" does not fulfil enum: ["ok"]', id="another value"),
        pytest.param('{"status": "ok", "queue": 11}', "at $.queue: 11 does not fulfil maximum: 10", id="too large"),
        pytest.param("{}", 'at $: {} does not fulfil required: ["status"]', id="missing"),
        pytest.param("[]", 'at $: [] does not fulfil type: "object"', id="another type"),
        pytest.param("hello", 'expected JSON, found "hello"', id="no JSON"),
    ],
)
def test_json_schema(body, told):
    """Where it is wrong, and what is wanted there."""
    found = failures({"body": {"json_schema": SCHEMA}}, body)

    assert [told in one for one in found] == ([True] if told else [])


@pytest.mark.parametrize(
    "schema",
    [{"type": "nothing"}, {"required": "status"}, {"properties": []}, {"minimum": "1"}, {"$schema": "x", "type": 5}],
)
def test_a_schema_that_is_none(schema):
    """Told with the configuration."""
    assert "is not a JSON Schema" in refused({"body": {"json_schema": schema}})


def test_a_schema_that_refers_to_itself():
    """A tree of nodes, fulfilled and not."""
    schema = {
        "$defs": {"node": {"properties": {"child": {"$ref": "#/$defs/node"}, "n": {"type": "number"}}}},
        "$ref": "#/$defs/node",
    }

    assert failures({"body": {"json_schema": schema}}, '{"child": {"child": {"n": 1}}}') == []
    (told,) = failures({"body": {"json_schema": schema}}, '{"child": {"child": {"n": "1"}}}')
    assert "at $.child.child.n" in told


@pytest.mark.parametrize("depth", [100, 300, 900])
def test_a_body_that_is_nested_to_break_the_schema(depth):
    """It fails with a reason."""
    schema = {"items": {"$ref": "#"}, "not": {"type": "number"}, "maxItems": 1}
    body = "[" * depth + "1" + "]" * depth

    (told,) = failures({"body": {"json_schema": schema}}, body)

    assert told.startswith("body.json_schema: ")


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e999"])
def test_a_number_to_break_the_schema(number):
    """It fails with a reason."""
    (told,) = failures({"body": {"json_schema": {"multipleOf": 0.01, "maximum": 10}}}, number)

    assert told.startswith("body.json_schema: ")


def test_a_schema_reaches_for_nothing():
    """A reference to another address is not fetched: nothing but the network of the probes may open connections."""

    async def ask():
        async with web(paths({"/": answer('{"status": "ok"}'), "/schema": answer("{}")})) as server:
            schema = {"$ref": server.url("/schema")}
            options = {"url": server.url(), "validation": {"body": {"json_schema": schema}}}
            return server, await observed(check("http", options))

    server, got = asyncio.run(ask())

    assert [asked.target for asked in server.asked] == ["/"]
    assert (got.status, "a reference that leads nowhere" in got.detail) == ("down", True)


class Missing(importlib.abc.MetaPathFinder):
    """A machine on which a library is not installed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, fullname, path=None, target=None):
        """Nothing, loudly: no later finder is asked."""
        if fullname.partition(".")[0] == self.name:
            raise ModuleNotFoundError(fullname, name=fullname)


def test_a_schema_without_its_library(monkeypatch, caplog):
    """Unknown for that check alone, and the advice says what to install."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "jsonschema"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "meta_path", [Missing("jsonschema"), *sys.meta_path])
    monkeypatch.setattr("probes.assertions.json_schema.find_spec", lambda name: None)

    async def ask():
        async with web(paths({"/": answer('{"status": "ok"}')})) as server:
            schema = {"url": server.url(), "validation": {"body": {"json_schema": SCHEMA}}}
            (tick,) = await ticks(check("http", schema, id="schema"), check("http", {"url": server.url()}, id="fine"))
            return tick.observations

    schema, fine = asyncio.run(ask())

    assert (schema.status, schema.code, fine.status) == ("unknown", "internal", "up")
    assert 'pip install "statusledger[json-schema]"' in schema.detail
    assert 'pip install "statusledger[json-schema]"' in caplog.text


# --- texts and numbers --------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["^(a|aa)+$", "(a*)*b"])
def test_an_expression_that_never_ends(pattern):
    """It is not found, and soon."""
    began = time.monotonic()

    (told,) = failures({"body": {"matches": pattern}}, "a" * 5_000 + "!")

    assert told.startswith("body.matches")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        ({"status_code": 99}, "is not a status"),
        ({"status_code": "6xx"}, "is not a status"),
        ({"status_code": []}, "at least 1"),
        ({"status_code": True}, "is not a status"),
        ({"status_code": "300-200"}, "is not a status"),
        ({"body": {}}, "asserts nothing"),
        ({"body": {"contains_any": []}}, "at least 1"),
        ({"body": {"matches": "("}}, "not a regular expression"),
        ({"headers": {"x": {}}}, "asserts nothing"),
        ({"json": [{"path": "$.a"}]}, "asserts nothing"),
        ({"json": [{"path": "a", "exists": True}]}, "is not a JSON path"),
        ({"json": [{"path": "$.a", "less": "10"}]}, "valid number"),
        ({"json": [{"path": "$.a", "less": True}]}, "valid number"),
        ({"size": {}}, "asserts nothing"),
        ({"size": {"min": 10, "max": 5}}, "more than max"),
        ({"redirects": {}}, "asserts nothing"),
        ({"time": {"total": {"less": "10"}}}, "valid"),
        ({"time": {"lunch": {"less": 10}}}, "Input should be"),
        ({"time": {"total": {"less": float("nan")}}}, "finite"),
        ({"certificate": {}}, "asserts nothing"),
        ({"certificate": {"minimum_version": "1.2"}}, "Input should be"),
        ({"http_version": "3"}, "Input should be"),
        ({"http_version": 2}, "Input should be"),
        ({"body": {"matches": "a", "severity": "bad"}}, "Input should be"),
        ({"bodies": {"matches": "a"}}, "Extra inputs"),
    ],
)
def test_an_assertion_that_is_wrong(validation, words):
    """Told with the configuration, not green for ever."""
    assert words in refused(validation)


def test_numbers_know_what_was_not_measured():
    """Every condition fails of None, with its unit in what was expected."""
    wanted = NumberAssertion(less=5, not_equals=3, greater_equal=0)

    told = [str(one) for one in wanted.failures("time.tls", None, "ms")]

    assert told == [
        f"time.tls: expected {expected} ms, found nothing was measured"
        for expected in ("not 3", "less than 5", "at least 0")
    ]


def test_texts_know_what_is_not_there():
    """Every condition fails of None, also that something is not in it."""
    wanted = TextAssertion(not_contains="error", matches="^a")

    assert [str(one) for one in wanted.failures("banner", None)] == [
        'banner: expected not_contains "error", found nothing',
        'banner: expected matches "^a", found nothing',
    ]


@pytest.mark.parametrize("value", [1e300, 10**400, -(10**400), 0.1 + 0.2])
def test_a_large_number_is_told(value):
    """However many digits it has."""
    (told,) = NumberAssertion(equals=5).failures("n", value)

    assert told.actual


def test_an_answer_that_is_json_null():
    """Null is JSON, and not the absence of it."""
    assert Answer(200, [], b"null").json is None
    assert Answer(200, [], b"").json is MISSING
    assert failures({"body": {"type": "json"}}, json.dumps(None)) == []


def test_a_certificate_that_expires_is_counted_from_the_attempt():
    """Whole days, rounded down."""
    now = now_ms()

    assert [days_left(now + hours * 3_600_000, now) for hours in (47, 48, 0, -1)] == [1, 2, 0, -1]
