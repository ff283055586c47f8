"""A public repository with private components: what stands in it, and who holds what."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
from repository import Repository

from statusledger.config.private import opaque_id
from statusledger.sealed import opener, seal_file

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
OPEN = opener(str(IDENTITY))
SALT = "00112233445566778899aabbccddeeff"
CHECKS = """\
schema: 1
page: {name: Acme Status, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [eu], allow_networks: [127.0.0.0/8], canaries: []}
defaults: {interval: 5m, timeout: 5s, retries: 0, confirm_down: 1, max_staleness: 10m}
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
