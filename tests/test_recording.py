"""What a run of the prober leaves: public rows and facts in plain, private ones and evidence as checks.yml says."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pyrage  # type: ignore[import-untyped]
import pytest
from database_servers import program
from repository import Repository

from statusledger.cli.place import Place
from statusledger.cli.recording import Recorder, recorder
from statusledger.clock import DAY_MS, parse_instant
from statusledger.errors import UsageError
from statusledger.history.facts import facts_path, newest_facts
from statusledger.history.reading import read_file
from statusledger.model import Certificate, Failure, Observation, Status, Tick
from statusledger.sealed import is_sealed, opener
from statusledger.secrets import Secrets

IDENTITY = pyrage.x25519.Identity.generate()
OPEN = opener(str(IDENTITY))
NOON = parse_instant("2026-04-01T12:00:00Z")
CHECKS = """\
schema: 1
page: {name: Acme Status, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [eu]}
%s
groups:
  - id: core
    components:
      - {id: api, name: API, url: "https://api.acme.example/"}
"""
VAULT = '      - {id: vault, name: Vault, visibility: private, url: "https://vault.acme.example/"}\n'
PLAIN = "private: {plain: true}"
SEALED = f"private: {{plain: true, recipients: [{IDENTITY.to_public()}]}}"
CERTIFICATE = Certificate(NOON + 90 * DAY_MS, None, "Acme CA", True, 0, "TLSv1.3", "AES", "h2")
UP = Observation("api", "eu", NOON, NOON, Status.UP, 120, certificate=CERTIFICATE, address="203.0.113.7")
LEAK = Failure("json $.key", "hunter2", "none")
DOWN = replace(UP, status=Status.DOWN, code="status:503", detail="503, not 200", certificate=None, failures=(LEAK,))
PRIVATE_UP, PRIVATE_DOWN = replace(UP, check="vault"), replace(DOWN, check="vault")


@pytest.fixture(autouse=True)
def _no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe job holds none; what the machine's environment says is not asked."""
    monkeypatch.delenv("STATUSLEDGER_IDENTITY", raising=False)


def run(root: Path, checks: str, *ticks: tuple[Observation, ...], start: int = NOON) -> Recorder:
    """One run that begins at `start`, with a tick a minute."""
    Repository(root).write("checks.yml", checks)
    place = Place(root, root / "checks.yml", start)
    secrets = Secrets({})
    secrets.hide("hunter2")
    made = recorder(place, place.config(), "eu", shard=None, secrets=secrets)
    for minute, observations in enumerate(ticks):
        t = start + minute * 60_000
        made.record(Tick(t, t, observations), phases=())
    return made


def lines(root: Path, file: str) -> list[bytes]:
    """The lines of a file of history."""
    path = root / "history" / file
    return path.read_bytes().splitlines() if path.exists() else []


RAW, SEALED_RAW = "raw/2026/eu-0401.jsonl", "sealed/raw/2026/eu-0401.jsonl"
FACTS, SEALED_FACTS = "facts/eu.jsonl", "sealed/facts/eu.jsonl"


def test_public_results_are_kept_in_plain_without_evidence(tmp_path: Path) -> None:
    """A repository without operators' keys has nothing sealed; a fact is told once."""
    run(tmp_path, CHECKS % "", (UP,), (DOWN,), (UP,))

    assert [json.loads(line)["r"]["api"] for line in lines(tmp_path, RAW)] == [120, ["down", 120, "status:503"], 120]
    assert [json.loads(line)["certificate"]["issuer"] for line in lines(tmp_path, FACTS)] == ["Acme CA"]
    assert not (tmp_path / "history" / "sealed").exists()


def test_a_private_repository_keeps_private_lines_apart_and_plain(tmp_path: Path) -> None:
    """Rows with details, evidence of both kinds of component, masked; facts with the address."""
    run(tmp_path, CHECKS % PLAIN + VAULT, (DOWN, PRIVATE_UP), (DOWN, PRIVATE_DOWN))

    contents = read_file(tmp_path / "history" / SEALED_RAW, root=tmp_path / "history" / "sealed")
    assert b"vault" not in b"".join(lines(tmp_path, RAW) + lines(tmp_path, FACTS))
    assert [row["r"] for row in contents.rows] == [
        {"vault": 120},
        {"vault": ["down", 120, "status:503", "503, not 200"]},
    ]
    assert [list(row["e"]) for row in contents.evidence] == [["api"], ["vault"]]
    assert [told["failures"][0]["expected"] for row in contents.evidence for told in row["e"].values()] == ["***"] * 2
    assert [json.loads(line)["address"] for line in lines(tmp_path, SEALED_FACTS)] == ["203.0.113.7"]


def test_with_recipients_everything_private_is_sealed(tmp_path: Path) -> None:
    """Nothing private can be read in the repository; the identity opens all of it."""
    run(tmp_path, CHECKS % SEALED + VAULT, (DOWN, PRIVATE_DOWN), (UP, PRIVATE_UP))

    kept = lines(tmp_path, SEALED_RAW) + lines(tmp_path, SEALED_FACTS)
    opened = [json.loads(OPEN(line)) for line in lines(tmp_path, SEALED_RAW)]
    assert len(kept) == 4
    assert all(map(is_sealed, kept))
    assert not [path for path in (tmp_path / "history").rglob("*") if path.is_file() and b"vault" in path.read_bytes()]
    assert [sorted(row.get("r", row.get("e"))) for row in opened] == [["vault"], ["api", "vault"], ["vault"]]


@pytest.mark.service
def test_operators_read_a_sealed_file_with_the_age_tool(tmp_path: Path) -> None:
    """Line by line it prints the file that a private repository would hold."""
    ticks = ((DOWN, PRIVATE_DOWN), (UP, PRIVATE_UP))
    run(tmp_path / "sealed", CHECKS % SEALED + VAULT, *ticks)
    run(tmp_path / "plain", CHECKS % PLAIN + VAULT, *ticks)
    key = tmp_path / "key.txt"
    key.write_text(f"{IDENTITY}\n")

    opened = [
        subprocess.run(
            [program("age", "age"), "-d", "-i", key], input=b64decode(line), capture_output=True, check=True
        ).stdout
        for line in lines(tmp_path / "sealed", SEALED_RAW)
    ]
    assert b"".join(opened) == (tmp_path / "plain" / "history" / SEALED_RAW).read_bytes()


def test_evidence_is_not_told_again_by_the_next_run(tmp_path: Path) -> None:
    """What was the matter stands in history, so an outage of many runs is told once."""
    run(tmp_path, CHECKS % SEALED, (DOWN,))
    run(tmp_path, CHECKS % SEALED, (DOWN,), (replace(DOWN, code="refused"),), start=NOON + 300_000)

    told = [json.loads(OPEN(line))["e"]["api"]["code"] for line in lines(tmp_path, SEALED_RAW)]
    assert told == ["status:503", "refused"]


@pytest.mark.parametrize(("identity", "told"), [(str(IDENTITY), 1), ("", 2)], ids=["with identity", "without"])
def test_what_was_sealed_is_known_only_with_the_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: str, told: int
) -> None:
    """A job that holds recipients only tells a private failure once a run, rather than never."""
    monkeypatch.setenv("STATUSLEDGER_IDENTITY", identity)
    for start in (NOON, NOON + 300_000):
        made = run(tmp_path, CHECKS % SEALED + VAULT, (PRIVATE_DOWN,), (PRIVATE_DOWN,), start=start)

    opened = [json.loads(OPEN(line)) for line in lines(tmp_path, SEALED_RAW)]
    assert made.reads_private == bool(identity)
    assert sum("e" in row for row in opened) == told


def test_facts_that_cannot_be_read_are_told_once_a_day(tmp_path: Path) -> None:
    """By the run that begins the day's file."""
    for start in (NOON, NOON + 300_000, NOON + DAY_MS, NOON + DAY_MS + 300_000):
        run(tmp_path, CHECKS % SEALED + VAULT, (PRIVATE_UP,), (PRIVATE_UP,), start=start)

    root = tmp_path / "history" / "sealed"
    assert [json.loads(OPEN(line))["t"] for line in lines(tmp_path, SEALED_FACTS)] == [NOON, NOON + DAY_MS]
    assert facts_path(root, "eu") == tmp_path / "history" / SEALED_FACTS
    assert newest_facts(root, "eu", now=NOON + 2 * DAY_MS, open_line=OPEN)["vault"].t == NOON + DAY_MS


def test_a_recipient_that_is_none_ends_a_run_before_it_measures(tmp_path: Path) -> None:
    """Not after the results are there and cannot be kept."""
    with pytest.raises(UsageError, match="is no age recipient"):
        run(tmp_path, CHECKS % "private: {recipients: [age1xyz]}", ())
