"""MEASURE: one module per protocol, and the one registry of them.

Libraries of a protocol are imported when a check of its type runs, so a tick pays only for what it measures.
"""

from __future__ import annotations

from probes.contract import ProbeType
from probes.http import HTTP
from probes.tcp import TCP
from probes.websocket import WEBSOCKET

PROBES: dict[str, ProbeType] = {probe.name: probe for probe in (HTTP, TCP, WEBSOCKET)}
