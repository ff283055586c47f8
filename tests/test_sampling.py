"""`probe --for`: every check at its own interval until the time is up. Time runs thirty times as fast here."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import time
from collections import Counter
from pathlib import Path

import pytest

from statusledger.cli import main
from statusledger.cli.place import Place
from statusledger.cli.progress import Progress

FASTER = 30
CHECKS = """\
page: {{name: Acme, url: "https://status.acme.example", since: 2026-01-01}}
monitor: {{locations: [eu], allow_networks: [127.0.0.0/8], canaries: []}}
defaults: {{timeout: 5s, retries: 0}}
groups:
  - id: core
    components:
      - {{id: often, interval: 30s, url: "tcp://127.0.0.1:{port}"}}
      - {{id: seldom, interval: 300s, url: "tcp://127.0.0.1:{port}"}}
"""


@pytest.fixture
def fast(monkeypatch):
    """A clock that runs faster, and pauses that are as much shorter."""
    pause = asyncio.sleep

    def clock(place: Place):
        began = time.monotonic()
        return lambda: place.started_at + int((time.monotonic() - began) * 1000 * FASTER)

    monkeypatch.setattr(Place, "clock", clock)
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: pause(seconds / FASTER))


@pytest.fixture
def port():
    """Where something listens (the backlog of a socket that nobody serves is enough)."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door:
        yield door.getsockname()[1]


def sampled(root: Path, port: int, *arguments: str) -> Counter:
    """How many results of each check were appended."""
    (root / "checks.yml").write_text(CHECKS.format(port=port))
    assert main(["probe", "--root", str(root), *arguments]) == 0
    rows = [json.loads(line) for path in root.rglob("*.jsonl") for line in path.read_text().splitlines()]
    return Counter(check for row in rows for check in row["r"])


def test_each_check_at_its_own_interval(tmp_path, fast, port):
    """In four and a half minutes ten times every 30 s and once every 300 s, on the grid of the clock."""
    results = sampled(tmp_path, port, "--now", "2026-04-01T00:00:10Z", "--for", "4m30s")

    assert results == {"often": 10, "seldom": 1}


def test_a_second_run_goes_on_where_the_first_one_ended(tmp_path, fast, port):
    """What is due follows from the ledger, not from the start of the process."""
    sampled(tmp_path, port, "--now", "2026-04-01T00:00:10Z", "--for", "1m")

    results = sampled(tmp_path, port, "--now", "2026-04-01T00:01:10Z", "--for", "1m")

    assert results == {"often": 5, "seldom": 1}


class Terminal(io.StringIO):
    """Something that a person watches."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_progress_is_one_line_that_goes_away():
    """Each text takes the place of the one before; nothing is left at the end."""
    logging.getLogger("statusledger").setLevel(logging.INFO)
    screen = Terminal()

    with Progress(screen) as progress:
        progress.show("1 of 2 checks have answered")
        progress.show("2 of 2 checks have answered")

    shown = screen.getvalue().split("\r\x1b[K")
    assert shown == ["", "1 of 2 checks have answered", "2 of 2 checks have answered", ""]


@pytest.mark.parametrize(("stream", "level"), [(io.StringIO(), logging.INFO), (Terminal(), logging.WARNING)])
def test_nobody_watches(stream, level):
    """Not a terminal, or --quiet: not a character."""
    logging.getLogger("statusledger").setLevel(level)

    with Progress(stream) as progress:
        progress.show("1 of 2 checks have answered")

    assert stream.getvalue() == ""


def test_a_dead_check_holds_up_nobody(tmp_path, fast, port):
    """While one target is silent for half a minute at a time, the others are measured at every instant of theirs."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        dead = f'      - {{id: dead, interval: 30s, timeout: 1s, url: "tcp://127.0.0.1:{silent.getsockname()[1]}", '
        (tmp_path / "checks.yml").write_text(CHECKS.format(port=port) + dead + 'expect: "220"}\n')

        assert main(["probe", "--root", str(tmp_path), "--now", "2026-04-01T00:00:10Z", "--for", "4m30s"]) == 0

    rows = [json.loads(line) for path in tmp_path.rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert sum("often" in row["r"] for row in rows) == 10
