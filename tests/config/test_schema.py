"""The published JSON Schema and the reference page, both made from the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from probes import PROBES
from statusledger.config.reference import reference
from statusledger.config.schema import json_schema
from statusledger.written.source import read

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parents[1] / "data" / "config"


def complaints(path: Path) -> list[str]:
    """What an editor would underline in the file."""
    data = read(path.read_bytes(), path.name).data
    return [error.message for error in Draft202012Validator(json_schema()).iter_errors(data)]


def test_the_published_schema_is_the_program_s() -> None:
    """Run `statusledger schema > checks.schema.json` when this fails."""
    expected = json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    assert (ROOT / "checks.schema.json").read_text() == expected


def test_the_reference_page_is_the_program_s() -> None:
    """Write `reference()` to docs/configuration.md when this fails."""
    assert (ROOT / "docs" / "configuration.md").read_text() == reference()


def test_the_schema_is_a_schema() -> None:
    """It follows its own dialect."""
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize(
    "path", [ROOT / "checks.yml", *sorted((DATA / "good").glob("*.yml"))], ids=lambda path: path.stem
)
def test_the_schema_accepts_what_the_program_accepts(path: Path) -> None:
    """An editor underlines nothing in a good file."""
    assert complaints(path) == []


@pytest.mark.parametrize(
    "fault",
    ["unknown_key", "unknown_block", "unknown_option", "unknown_key_in_endpoint", "unknown_tier", "bad_duration",
     "missing_since", "yes_for_true", "bad_id", "text_for_a_list", "component_key_on_check"],
)  # fmt: skip
def test_the_schema_refuses_what_an_editor_can_see(fault: str) -> None:
    """Keys, kinds of values and what is required; references are for `validate`."""
    assert complaints(DATA / f"{fault}.yml")


def described(schema: dict[str, Any], name: str, told: dict[str, Any]) -> list[str]:
    """The keys below a block that nobody has explained."""
    silent = []
    for key, inner in schema.get("properties", {}).items():
        if not inner.get("description") and "$ref" not in inner:
            silent.append(f"{name}.{key}")
    return silent + [path for block, inner in told.items() for path in described(inner, block, {})]


def test_every_key_has_a_description() -> None:
    """The schema and the reference page explain each of them."""
    schema = json_schema()

    assert described(schema, "", schema["$defs"]) == []


def test_every_type_of_check_is_in_the_reference() -> None:
    """A new type documents itself."""
    for name in PROBES:
        assert f"## Checks of type `{name}`\n" in reference()
