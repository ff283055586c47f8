"""Where `{{ NAME }}` may stand in checks.yml, and whether it is written right.

Whether a variable is set is a question for the command that uses the value, never for reading the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from statusledger.config.watched import CheckBlock, ComponentBlock
from statusledger.secrets import variables
from statusledger.written.block import keys_of
from statusledger.written.faults import Faults
from statusledger.written.source import Path

_FIXED_KEYS = frozenset(keys_of(CheckBlock)) | frozenset(keys_of(ComponentBlock))

_FILLED_BLOCKS = (("monitor", "canaries"), ("monitor", "heartbeat_url"), ("alerts", "channels"))


def check_placeholders(data: object, faults: Faults) -> None:
    """Report variables that are not written right, and those where the value must be known from the file alone."""
    for path, text in _texts(data, ()):
        if "{{" not in text:
            continue
        try:
            variables(text)
        except ValueError as error:
            faults.settle(path, str(error))
            continue
        if not _is_filled(path):
            faults.settle(
                path, "a {{ VARIABLE }} may not stand here; write the value itself (a check's own keys may hold one)"
            )


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def _is_filled(path: Path) -> bool:
    """Whether some command fills in variables at this place."""
    if path[:2] in _FILLED_BLOCKS:
        return True
    own = _within_check(path)
    return bool(own) and own[0] not in _FIXED_KEYS


def _within_check(path: tuple[Any, ...]) -> Path:
    """The part of a path that follows the component or the check that it is in."""
    for prefix in (("groups", "components", "checks"), ("groups", "components")):
        if path[: 2 * len(prefix) : 2] == prefix:
            return path[2 * len(prefix) :]
    return ()
