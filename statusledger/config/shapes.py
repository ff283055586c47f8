"""The lists of checks.yml whose entries are read one by one: each has to be a list of blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from statusledger.config.entries import Written, blocks
from statusledger.written.faults import Faults
from statusledger.written.source import Path


def check_shapes(data: Mapping[str, Any], faults: Faults) -> None:
    """Report what is no list, what is empty, and entries that are no blocks."""
    # groups that an unreadable file would have brought are not missed
    _list_of_blocks(data, "groups", (), faults, empty=bool(faults))
    for group_path, group in blocks(data, "groups", ()):
        _list_of_blocks(group, "components", group_path, faults)
        for path, component in blocks(group, "components", group_path):
            if component.get("checks") is not None:
                _list_of_blocks(component, "checks", path, faults)
    _list_of_blocks(data, "services", (), faults, empty=True)
    if isinstance(data.get("sla"), Mapping):
        _list_of_blocks(data["sla"], "contracts", ("sla",), faults, empty=True)


def _list_of_blocks(written: Written, key: str, path: Path, faults: Faults, *, empty: bool = False) -> None:
    entries = written.get(key)
    if not entries and (empty or (path == () and entries is None)):
        return
    if not isinstance(entries, list) or not entries:
        faults.add((*path, key), "needs a list with at least one entry; write lines that begin with '- '")
        return
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            faults.add((*path, key, index), "is not a block of keys; write id: and what belongs to it")
