"""TELL: a module per channel, and the one registry of them.

A channel is a line in `_MODULES` and a module that ends with its `Channel` in capitals. Modules are imported when a
channel of their type exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from statusledger.channels.contract import Channel

_MODULES = {
    "slack": "slack",
    "pagerduty": "pagerduty",
    "email": "email",
    "webhook": "webhook",
    "alertmanager": "alertmanager",
    "telegram": "apprise",
    "discord": "apprise",
    "teams": "apprise",
    "apprise": "apprise",
}


class Registry(Mapping[str, "Channel"]):
    """Every type of channel by name, in the order of the documentation."""

    def __getitem__(self, name: str) -> Channel:
        module = import_module(f"statusledger.channels.{_MODULES[name]}")
        found: Channel = getattr(module, name.upper())
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


CHANNELS = Registry()
