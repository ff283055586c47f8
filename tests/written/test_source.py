"""YAML -> plain data that means what its author wrote, and the place of every key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from statusledger.written.source import Source, read, shown


def data_of(text: str) -> Any:
    """The data of a text without problems."""
    source = read(text.encode(), "checks.yml")
    assert source.problems == []
    return source.data


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("22:30", "22:30"),
        ("0123", "0123"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("2026-01-01", "2026-01-01"),
        ("12", 12),
        ("-3", -3),
        ("+3", "+3"),
        ("99.90", Decimal("99.90")),
        ("'99.90'", "99.90"),
        ('"true"', "true"),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_scalar_is_what_its_author_wrote(written: str, meant: object) -> None:
    """Only true, false, null and plain decimals are not text."""
    found = data_of(f"key: {written}\n")

    assert found == {"key": meant}
    assert type(found["key"]) is type(meant)


def test_decimals_keep_every_digit() -> None:
    """A percentage never passes through a float."""
    found = data_of("target: 99.99999999999999999999\n")

    assert str(found["target"]) == "99.99999999999999999999"


def test_every_key_and_list_entry_has_its_place() -> None:
    """Lines and columns count from 1, in blocks and in flow style."""
    source = read(b"page:\n  name: x\ngroups:\n  - id: a\n  - {id: b, tags: [one, two]}\n", "checks.yml")

    found = {shown(path): (place.line, place.column) for path, place in source.places.items() if path}

    assert found == {
        "page": (1, 1),
        "page.name": (2, 3),
        "groups": (3, 1),
        "groups[0]": (4, 5),
        "groups[0].id": (4, 5),
        "groups[1]": (5, 5),
        "groups[1].id": (5, 6),
        "groups[1].tags": (5, 13),
        "groups[1].tags[0]": (5, 20),
        "groups[1].tags[1]": (5, 25),
    }


def test_a_problem_about_something_absent_stands_at_what_surrounds_it() -> None:
    """A missing key has no place of its own."""
    source = read(b"page:\n  name: x\n", "checks.yml")

    found = source.problem(("page", "since"), "is missing")

    assert str(found) == "checks.yml:1:1 page.since: is missing"


def test_the_first_of_two_equal_keys_is_kept_and_the_second_reported() -> None:
    """What the second one holds is skipped whole, so that what follows is read in its own place."""
    source = read(b"a: 1\na: {b: [1, {c: 2}]}\nd: 3\n", "checks.yml")

    assert source.data == {"a": 1, "d": 3}
    assert [str(problem) for problem in source.problems] == [
        "checks.yml:2:1 a: duplicate key 'a'; it stands in line 1 already"
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    """Some editors write one."""
    assert data_of("\ufeffpage: x\n") == {"page": "x"}


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text("abcx -:#'\"{}[]&*!", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(plain)
def test_what_a_yaml_writer_writes_is_read_back(value: object) -> None:
    """Block and flow style of any shape, quoted where that is needed."""
    for flow in (True, False):
        text = yaml.safe_dump({"key": value}, default_flow_style=flow)
        if "&id" not in text:
            assert data_of(text) == {"key": value}


@given(st.binary(max_size=60) | st.text("ab:-[]{}'\"\n \t#&*!|>%@`?,", max_size=60).map(str.encode))
def test_no_input_breaks_the_reader(octets: bytes) -> None:
    """Anything is either data or a problem with a text."""
    source = read(octets, "checks.yml")

    assert isinstance(source, Source)
    assert all(problem.message for problem in source.problems)
