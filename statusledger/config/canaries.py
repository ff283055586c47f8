"""`monitor.canaries`: the independent hosts that can excuse the probe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from probes import PROBES
from statusledger.config.check_types import type_of_address
from statusledger.config.entries import values
from statusledger.written.faults import Faults
from statusledger.written.source import Path
from statusledger.written.wording import found

DEFAULT_CANARIES = ("https://one.one.one.one/", "https://dns.google/", "https://dns.quad9.net/")

CANARY_TYPES = ("http", "tcp")
CANARY_EXAMPLES = "e.g. https://one.one.one.one/, tcp://dns.google:443 or dns://9.9.9.9/example.com"


def read_canaries(data: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    """The canaries that this version can ask; the default ones where none are written."""
    monitor = data.get("monitor")
    if not isinstance(monitor, Mapping) or monitor.get("canaries") is None:
        return DEFAULT_CANARIES
    asked = []
    for path, canary in values(monitor, "canaries", ("monitor",)):
        name = type_of_address(canary)
        if is_question(canary):
            asked.append(canary)
        elif name not in CANARY_TYPES:
            faults.add(path, f"{found(canary)} is no canary; write {CANARY_EXAMPLES}")
        elif faults.validated(PROBES[name].options, {"url": canary}, partial(_at, path)):
            asked.append(canary)
    return tuple(asked)


def is_question(canary: object) -> bool:
    """Whether it is a resolver with a name to ask it for: `dns://9.9.9.9/example.com`."""
    return isinstance(canary, str) and re.fullmatch(r"dns://[^/\s]+/[^/\s]+", canary) is not None


def _at(path: Path, _inner: Path) -> Path:
    """A canary is one text, so whatever is wrong in it stands at its own place."""
    return path
