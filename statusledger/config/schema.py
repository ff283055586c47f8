"""The JSON Schema of checks.yml, from the blocks and from the options of every type of check and of channel.

Editors complete keys and explain them with it. What a schema cannot say (references, inheritance, exactness) only
`statusledger validate` finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from probes import PROBES
from statusledger.channels import CHANNELS
from statusledger.config.blocks import FileBlock

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ROOT = "FileBlock"
WITH_OPTIONS = ("CheckBlock", "ComponentBlock")
WITH_SETTINGS = "ChannelBlock"

Definitions = dict[str, dict[str, Any]]


class _WithoutFieldTitles(GenerateJsonSchema):
    """A key is its own title."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def definitions() -> tuple[Definitions, dict[str, str], dict[str, str]]:
    """The schema of every block by name, and the names of the blocks of every type of check and of channel."""
    options = {name: probe.options for name, probe in PROBES.items()}
    settings = {name: channel.settings for name, channel in CHANNELS.items()}
    kinds = [(kind, "validation") for kind in (FileBlock, *options.values(), *dict.fromkeys(settings.values()))]
    names, schema = models_json_schema(kinds, schema_generator=_WithoutFieldTitles)  # type: ignore[arg-type]
    checks, channels = (
        {name: target(names[kind, "validation"]) for name, kind in found.items()} for found in (options, settings)
    )
    return schema["$defs"], checks, channels


def target(schema: Mapping[str, Any]) -> str:
    """The name of the block that a reference leads to."""
    return str(schema["$ref"]).rpartition("/")[2]


def json_schema() -> JsonSchemaValue:
    """The schema of the whole file; deterministic."""
    blocks, options, settings = definitions()
    merged = _merged([blocks[name]["properties"] for name in options.values()])
    endpoint = {
        "type": "object",
        "description": "The request, where it takes more than a url; its keys may as well stand beside it.",
        "properties": {key: option for key, option in merged.items() if key != "validation"},
        "additionalProperties": False,
    }
    for name in WITH_OPTIONS:
        properties = {**merged, "endpoint": endpoint, **blocks[name]["properties"]}
        properties["type"] = {**properties["type"], "enum": _types()}
        blocks[name] |= {"properties": properties, "additionalProperties": False}
    channel = blocks[WITH_SETTINGS]
    own = _merged([blocks[name]["properties"] for name in settings.values()])
    channel |= {"properties": {**own, **channel["properties"]}, "additionalProperties": False}
    root = blocks.pop(ROOT)
    for name in {*options.values(), *settings.values()}:
        blocks.pop(name, None)
    return {"$schema": DIALECT, **root, "title": "checks.yml", "$defs": dict(sorted(blocks.items()))}


def _types() -> list[str | None]:
    """Every word that may stand behind `type:`."""
    return [*dict.fromkeys(word for name, probe in PROBES.items() for word in (name, *probe.schemes)), None]


def _merged(kinds: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The options of all types as one mapping; a key that means different things may be any of them."""
    merged: dict[str, list[Any]] = {}
    for properties in kinds:
        for key, option in properties.items():
            if option not in merged.setdefault(key, []):
                merged[key].append(option)
    return {key: ways[0] if len(ways) == 1 else _any_of(ways) for key, ways in sorted(merged.items())}


def _any_of(ways: list[dict[str, Any]]) -> dict[str, Any]:
    described = dict.fromkeys(way["description"] for way in ways if "description" in way)
    return {"description": " / ".join(described), "anyOf": ways}
