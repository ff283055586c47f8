"""Checks that are run by the real runner: patient, because the machine may be busy, and without a retry."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any
from unittest import mock

from probes import PROBES
from probes.network import Lookup, Network
from probes.run import Settings, run
from statusledger.clock import now_ms
from statusledger.model import Check, Observation, Tick
from statusledger.secrets import Secrets

LOOPBACK = ("127.0.0.0/8", "::1/128")
TIMEOUT_MS = 600
PATIENT_MS = 20_000


def limit_ms(code: str | None) -> int:
    """How long a check may take that is expected to end with this code: not long where the end is a timeout."""
    return TIMEOUT_MS if code and (code == "deadline" or code.endswith("_timeout")) else PATIENT_MS


def check(kind: str, options: Mapping[str, Any], **settings: Any) -> Check:
    """A check of this type."""
    made = {"id": "target", "timeout_ms": PATIENT_MS, "retries": 0, "interval_ms": 30_000, **settings}
    identity = made.pop("id")
    return Check(identity, identity, kind, PROBES[kind].options.model_validate(options), **made)


async def ticks(*checks: Check, environ: Mapping[str, str] | None = None, **settings: Any) -> list[Tick]:
    """One run of these checks."""
    return await run(
        [(one, 0) for one in checks],
        location="here",
        secrets=Secrets(environ or {}),
        settings=Settings(**{"allow_networks": LOOPBACK, **settings}),
        now=now_ms,
    )


async def observed(one: Check, *, lookup: Lookup | None = None, **settings: Any) -> Observation:
    """What one check says; `lookup` stands in for the resolver of this machine."""
    network = partial(Network, lookup=lookup) if lookup else Network
    with mock.patch("probes.run.Network", network):
        (tick,) = await ticks(one, **settings)
    return tick.observations[0]


def seen(one: Check, **settings: Any) -> Observation:
    """The same from where no loop runs."""
    return asyncio.run(observed(one, **settings))
