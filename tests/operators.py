"""A public repository with private components: what stands in it, and who holds what."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
from repository import Repository

from statusledger.clock import MINUTE_MS
from statusledger.config.private import opaque_id
from statusledger.history import append, raw_path
from statusledger.history.records import record_line
from statusledger.sealed import opener, seal_file, sealer

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
OPEN = opener(str(IDENTITY))
SALT = "00112233445566778899aabbccddeeff"
CHECKS = """\
schema: 1
page: {name: Acme Status, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [eu], allow_networks: [127.0.0.0/8], canaries: []}
defaults: {interval: 5m, timeout: 5s, retries: 0, confirm_down: 1, max_staleness: 1h}
groups:
  - id: core
    name: Core
    components:
      - {id: api, name: API, tier: medium, url: "%s"}
"""
PRIVATE = f"""\
salt: {SALT}
groups:
  - id: internal
    name: Internal
    components:
      - {{id: zanzibar, name: Vault of gold, tier: critical, url: "%s"}}
"""

ERROR_TEXT = "the safe of Mombasa is open"
EVIDENCE = {
    "status": "down",
    "ms": 40,
    "code": "status:503",
    "detail": ERROR_TEXT,
    "http_status": 503,
    "address": "203.0.113.77",
    "failures": [{"assertion": "status_code", "expected": "200", "actual": "503", "severity": "down"}],
}
PROBE_JOB = "STATUSLEDGER_PRIVATE_CHECKS"
PUBLISH_JOB = {"STATUSLEDGER_IDENTITY": str(IDENTITY)}


def opaque(identity: str) -> str:
    """What stands for an id of the private file."""
    return opaque_id(SALT, identity)


def public_repository(
    root: Path, *, public: str = "https://api.acme.example/", private: str | None = None, more: str = ""
) -> Repository:
    """checks.yml with one component, and the encrypted file with another; `private` is its address."""
    private = private or "https://vault.acme.example/gold"
    repository = Repository(root).write(
        "checks.yml", CHECKS % public + f"private: {{recipients: [{RECIPIENT}]}}\n" + more
    )
    encrypted = seal_file((PRIVATE % private).encode(), [RECIPIENT], armoured=True)
    return repository.write("private/checks.yml.age", encrypted.decode())


def probe_job(private: str) -> Mapping[str, str]:
    """The environment of a job that measures: the checks, and no identity."""
    return {PROBE_JOB: PRIVATE % private}


def opened(path: Path) -> list[dict[str, Any]]:
    """The lines of a sealed file."""
    return [json.loads(OPEN(line)) for line in path.read_bytes().splitlines()] if path.exists() else []


def is_encrypted(line: bytes) -> bool:
    """Whether an age file is all that a line says."""
    return b64decode(line).startswith(b"age-encryption.org/v1\n")


def lay(
    root: Path, start: int, end: int, *, down: Sequence[int] = (), told: bool = False, step: int = 5 * MINUTE_MS
) -> None:
    """Rows of both components, one a step: the private one is down at these instants, and says why.

    `told`: it is a member of a public service, so the bare status stands in the public row too.
    """
    public: dict[Path, list[bytes]] = {}
    sealed: dict[Path, list[bytes]] = {}
    keep, vault = sealer([RECIPIENT]), opaque("zanzibar")
    for t in range(start, end, step):
        failed = t in down
        bare = {vault: ["down" if failed else "up", None, None]} if told else {}
        lines = public.setdefault(raw_path(root / "history", "eu", t), [])
        lines.append(record_line({"t": t, "r": {"api": 100, **bare}}))
        result = ["down", 40, "status:503", ERROR_TEXT] if failed else 120
        lines = sealed.setdefault(raw_path(root / "history" / "sealed", "eu", t), [])
        lines.append(keep(record_line({"t": t, "r": {vault: result}})))
        if failed and t - step not in down:
            lines.append(keep(record_line({"t": t, "e": {vault: EVIDENCE}})))
    for path, written in (*public.items(), *sealed.items()):
        append(path, written)
