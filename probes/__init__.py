"""MEASURE: one module per protocol, and the one registry of them.

A type is a line in `_SCHEMES` and a module of its name that ends with its `ProbeType` in capitals. Modules are imported
when a check of their type exists, libraries of a protocol when one runs: a tick pays only for what it measures.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module

from probes.contract import ProbeType

_SCHEMES = {
    "http": ("http", "https"),
    "tcp": ("tcp",),
    "udp": ("udp",),
    "dns": ("dns",),
    "icmp": ("icmp",),
    "tls": ("tls",),
    "websocket": ("ws", "wss"),
    "grpc": ("grpc", "grpcs"),
    "smtp": ("smtp", "smtps"),
    "ssh": ("ssh",),
    "postgres": ("postgres", "postgresql"),
    "redis": ("redis", "rediss"),
    "domain": ("domain",),
    "heartbeat": (),
    "steps": (),
}


BUILT_IN = frozenset(_SCHEMES)
"""The names that a fork's own type cannot have."""


class Registry(MutableMapping[str, ProbeType]):
    """Every type of check by name, in the order of the documentation; a fork's own ones come last."""

    def __init__(self) -> None:
        self._known: dict[str, ProbeType | None] = dict.fromkeys(_SCHEMES)

    def __getitem__(self, name: str) -> ProbeType:
        probe = self._known[name]
        if probe is None:
            probe = self._known[name] = getattr(import_module(f"probes.{name}"), name.upper())
        return probe

    def __setitem__(self, name: str, probe: ProbeType) -> None:
        self._known[name] = probe

    def __delitem__(self, name: str) -> None:
        del self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def of_scheme(self, scheme: str | None) -> str | None:
        """The name of the type that measures addresses with this scheme; None where there is none."""
        for name, probe in self._known.items():
            if scheme in (probe.schemes if probe else _SCHEMES[name]):
                return name
        return None


PROBES = Registry()
