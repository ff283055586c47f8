"""docs/configuration.md: every key of checks.yml, from the descriptions of the blocks and of the types of checks."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from probes import PROBES
from statusledger.channels import CHANNELS
from statusledger.config.schema import ROOT, Definitions, definitions, target

_INTRODUCTION = """\
# checks.yml

This page is generated from the program; a test fails when one of them is older than the other.

One file says what is watched, what was promised and who publishes it. `statusledger validate` reports every mistake at
once: file, line and column, what was found, what is expected. The first line of the file makes editors complete keys:

```yaml
# yaml-language-server: $schema=./checks.schema.json
```

## Values

- **Words are what they look like**: `no`, `on`, `22:30`, `0123` and `2026-01-01` stay text; only `true` and `false`
  are truth values, only plain decimals are numbers. Anchors, tags and several documents in one file are refused.
- **duration**: `500ms`, `30s`, `5m`, `4m30s`, `24h`, `90d`. **instant**: ISO 8601 with an offset, e.g.
  `2026-01-01T00:00:00Z`.
- **percent** and **exact number**: decimals or fractions, bare or in quotes (`99.95`, `"1/3"`); never rounded.
- **id**: up to 63 of `a-z 0-9 _ -`, a letter or digit first. Groups, components, checks, services and contracts share
  one list of ids. A new id begins a new history unless `was:` names the old one.
- **Inheritance**: `defaults`, then group, component, check; the nearest one that says something holds.
- **Variables**: `{{ NAME }}` or `{{ NAME | default('text') }}`, in quotes, in the options of a check, in
  `monitor.heartbeat_url` and in `alerts.channels`. Their values come from the environment, are asked for only by the
  command that needs them, and are masked wherever they would show (`monitor.public_variables` are not).
- `url:` is short for `endpoint: {method: GET, url: …}`; the type of a check is taken from its scheme.
- A component with one check may put the check's keys on itself, without `checks:`.
"""
_COLUMNS = "| key | value | default | meaning |\n|---|---|---|---|\n"


_INHERITED = "Tunable"
_BLOCK = "block"


def reference() -> str:
    """The whole page as Markdown; deterministic."""
    blocks, options, settings = definitions()
    sections = [_INTRODUCTION, *_sections(blocks, ROOT, "", set())]
    for name, block in [*options.items(), *settings.items()]:
        sections += _sections(blocks, block, name, set())
    return "\n".join(sections)


def _sections(blocks: Definitions, name: str, path: str, told: set[str]) -> Iterator[str]:
    """The section of a block, then those of the blocks in it; each block once."""
    told.add(name)
    properties = blocks[name].get("properties", {})
    inherited = set(blocks[_INHERITED]["properties"])
    if name == _INHERITED or not inherited <= set(properties):
        inherited = set()
    yield _heading(blocks[name], path) + _COLUMNS + "".join(_rows(blocks, name, inherited))
    for key, schema in properties.items():
        for inner, suffix in _references(schema):
            if inner not in told and blocks[inner].get("type") == "object":
                yield from _sections(blocks, inner, f"{path}.{key}{suffix}".removeprefix("."), told)


def _heading(block: Mapping[str, Any], path: str) -> str:
    """The title of a section and the sentences under it; a path that is a type's name begins that type."""
    if path in PROBES:
        return f"## Checks of type `{path}`\n\n{PROBES[path].summary}\n\n"
    if path in CHANNELS:
        return f"## Channels of type `{path}`\n\n{CHANNELS[path].summary}\n\n"
    title, told = f"### `{path}`" if path else "## The file", block.get("description", "")
    return f"{title}\n\n{told}\n\n" if told else f"{title}\n\n"


def _rows(blocks: Definitions, name: str, inherited: Container[str]) -> Iterator[str]:
    block = blocks[name]
    for key, schema in block["properties"].items():
        if key in inherited:
            continue
        value = _value(blocks, schema)
        default = "required" if key in block.get("required", ()) else _default(schema.get("default"))
        yield f"| `{key}` | {value} | {'' if value == _BLOCK else default} | {_meaning(blocks, schema)} |\n"
    if inherited:
        yield "| … | | | and every key of `defaults` |\n"


def _meaning(blocks: Definitions, schema: Mapping[str, Any]) -> str:
    told = schema.get("description") or (blocks[target(schema)].get("description") if "$ref" in schema else "")
    return (told or "").replace("\n", " ").replace("|", "\\|")


def _default(value: object) -> str:
    return "" if value in (None, [], {}, "") else f"`{_flow(value)}`"


def _flow(value: object) -> str:
    """The value as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(blocks: Definitions, schema: Mapping[str, Any]) -> str:
    """What may stand behind the key, in a few words."""
    if "$ref" in schema:
        block = blocks[target(schema)]
        return _BLOCK if block.get("type") == "object" else _value(blocks, block)
    ways = [way for way in schema.get("anyOf", schema.get("oneOf", ())) if way.get("type") != "null"]
    if ways:
        return " or ".join(dict.fromkeys(_value(blocks, way) for way in ways))
    words = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if words:
        return ", ".join(f"`{_flow(word)}`" for word in words)
    return str(schema.get("title") or _shape(blocks, schema))


def _shape(blocks: Definitions, schema: Mapping[str, Any]) -> str:
    types = schema.get("type")
    if types == "array":
        return f"list of: {_value(blocks, schema.get('items', {}))}"
    if types == "object":
        inner = schema.get("additionalProperties")
        return f"mapping to: {_value(blocks, inner)}" if isinstance(inner, Mapping) else "mapping"
    return " or ".join(_PLAIN[kind] for kind in ([types] if isinstance(types, str) else types or ["any"]))


_PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true`, `false`",
    "null": "nothing",
    "object": "mapping",
    "array": "list",
    "any": "any value",
}


def _references(schema: Any) -> Iterator[tuple[str, str]]:
    """The blocks that a key leads to, each with what follows the key in its path."""
    if "$ref" in schema:
        yield target(schema), ""
    for way in schema.get("anyOf", schema.get("oneOf", ())):
        yield from _references(way)
    for key, suffix in (("items", "[]"), ("additionalProperties", ".<name>")):
        if isinstance(schema.get(key), Mapping):
            yield from ((name, suffix + rest) for name, rest in _references(schema[key]))
