"""How far one job goes: checks a minute of `statusledger probe`, as a user runs it, on the machine at hand.

The checks are cold HTTPS requests with assertions, over 40 hosts that are all this machine, to a server in a process of
its own which answers after 100 ms. What is measured is the whole command: reading checks.yml, asking, appending.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import trustme
from probing import VALIDATION, served

HOSTS = 40
ANSWERS_AFTER_SECONDS = 0.1
TOOL = Path(sys.executable).with_name("statusledger")
CASES = ((10, 500), (50, 3_000), (200, 5_000))
"""(`monitor.concurrency`, checks)"""
CONFIG = """\
schema: 1
page: {{name: Bench, url: https://status.acme.example, since: 2026-01-01}}
monitor: {{locations: [here], concurrency: {concurrency}, allow_networks: [127.0.0.0/8], canaries: []}}
defaults: {{interval: 60s, timeout: 10s, retries: 0}}
groups:
  - id: core
    name: Core
    components:
{components}
"""


@dataclass(frozen=True, slots=True)
class Took:
    """What one run took."""

    seconds: float
    cpu_seconds: float
    megabytes: float


def capacity() -> None:
    """Checks a minute, CPU a check and memory, by how many may run at once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority = trustme.CA()
        hosts = [f"127.0.1.{number}" for number in range(1, HOSTS + 1)]
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        authority.issue_cert(*hosts).private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        print(f"one job, {os.cpu_count()} processors, a server beside it that answers after 100 ms:")
        with served(folder / "server.pem", ANSWERS_AFTER_SECONDS, host="0.0.0.0") as port:  # noqa: S104 - 40 of loopback
            for concurrency, checks in CASES:
                page = folder / str(checks)
                configure(page, concurrency, checks, [f"https://{host}:{port}/" for host in hosts])
                took = ran("--root", str(page), "-q", "probe")
                expect_up(page)
                rate = checks / took.seconds * 60
                print(
                    f"  concurrency: {concurrency:<4} {checks:5} checks in {took.seconds:6.1f} s = "
                    f"{rate:6,.0f} a minute; "
                    f"{took.cpu_seconds / checks * 1000:4.1f} ms of CPU a check; {took.megabytes:4.0f} MB",
                    flush=True,
                )


def configure(folder: Path, concurrency: int, checks: int, urls: list[str]) -> None:
    """checks.yml with so many checks, which take the addresses in turn."""
    ca_file = json.dumps(str(folder.parent / "ca.pem"))
    components = "\n".join(
        f"      - {{id: c{number}, name: C{number}, url: '{urls[number % len(urls)]}', ca_file: {ca_file}, "
        f"validation: {json.dumps(VALIDATION)}}}"
        for number in range(checks)
    )
    folder.mkdir()
    (folder / "checks.yml").write_text(CONFIG.format(concurrency=concurrency, components=components))


def ran(*arguments: str) -> Took:
    """What a command takes, which must end well."""
    began = time.perf_counter()
    process = subprocess.Popen([TOOL, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"statusledger {' '.join(arguments)}: exit code {process.returncode}")
    return Took(seconds, used.ru_utime + used.ru_stime, _megabytes(used))


def expect_up(folder: Path) -> None:
    """Ends the benchmark when anything was not up: then its figures say nothing."""
    rows = [json.loads(line) for path in (folder / "history" / "raw").rglob("*.jsonl") for line in path.open()]
    bad = {check: value for row in rows for check, value in row["r"].items() if not isinstance(value, int)}
    if bad or not rows:
        raise SystemExit(f"{len(bad)} checks were not up, e.g. {next(iter(bad.items()), 'no row at all')}")


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024
