"""The type of a check and the options of that type, out of the check's own keys.

`url:` beside the other keys and the block `endpoint:` say the same thing; a fault is told where it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from probes import PROBES
from statusledger.config.check_types import check_type
from statusledger.config.entries import Written
from statusledger.config.watched import CheckBlock, ComponentBlock
from statusledger.written.block import keys_of
from statusledger.written.faults import Faults
from statusledger.written.source import Path
from statusledger.written.wording import found

_CHECK_KEYS = frozenset(keys_of(CheckBlock))
_COMPONENT_KEYS = frozenset(keys_of(ComponentBlock))


def read_options(written: Written, path: Path, faults: Faults, *, inline: bool) -> tuple[str, BaseModel] | None:
    """The name of the check's type and its validated options; None when something is wrong, which `faults` then has."""
    known = _CHECK_KEYS | _COMPONENT_KEYS if inline else _CHECK_KEYS
    own = {key: value for key, value in written.items() if key not in known and value is not None}
    options, places = _flat(own, path, faults)
    if not inline and _keys_of_component(options, places, faults):
        return None
    name = check_type(written.get("type"), options.get("url"), path, faults)
    if name is None:
        return None
    probe = PROBES[name]

    def locate(inner: Path) -> Path:
        return places[inner[0]] + inner[1:] if inner and inner[0] in places else path + inner

    validated = faults.validated(probe.options, _plain(options), locate, known=(*sorted(known), "endpoint"))
    return (name, validated) if validated is not None else None


def _keys_of_component(options: dict[str, Any], places: Mapping[str | int, Path], faults: Faults) -> bool:
    misplaced = [key for key in options if key in _COMPONENT_KEYS]
    for key in misplaced:
        faults.add(places[key], f"'{key}' belongs on the component, not on one of its checks; move it up")
    return bool(misplaced)


def _flat(own: Written, path: Path, faults: Faults) -> tuple[dict[str, Any], dict[str | int, Path]]:
    """The options with those of `endpoint:` among them, and where each stands."""
    options: dict[str, Any] = {}
    places: dict[str | int, Path] = {}
    for place, key, value in _keys(own, path, faults):
        if key in options:
            faults.add(place, f"'{key}' stands beside endpoint: already; write it once")
        else:
            options[key], places[key] = value, place
    return options, places


def _keys(own: Written, path: Path, faults: Faults) -> Iterator[tuple[Path, str, Any]]:
    for key, value in own.items():
        if key != "endpoint":
            yield (*path, key), key, value
    endpoint = own.get("endpoint")
    if isinstance(endpoint, Mapping):
        for key, value in endpoint.items():
            yield (*path, "endpoint", key), key, value
    elif endpoint is not None:
        message = f"{found(endpoint)} is not a block of keys; write e.g. endpoint: {{method: GET, url: …}}"
        faults.add((*path, "endpoint"), message)


def _plain(value: Any) -> Any:
    """The same with floats for exact decimals: what a probe compares is a measurement, not money."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
