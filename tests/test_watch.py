"""`watch`: measures without end, through faults, kills and changes of its configuration.

In the processes that are started here time runs ten times as fast; in this one nobody waits at all.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import remotes
import virtual_time
from rehearsal.services import Website, website
from remotes import clone, git
from repository import Repository, tree
from virtual_time import VirtualLoop

from statusledger.cli.measuring import Measuring
from statusledger.cli.options import parser

DRIVER = Path(__file__).with_name("watch_driver.py")
INTERVAL_MS = 10_000
CHECKS = """\
schema: 1
page: {{name: Acme, url: "https://status.acme.example", since: 2026-01-01}}
monitor: {{locations: [eu], allow_networks: [127.0.0.0/8], canaries: []}}
defaults: {{interval: 10s, timeout: 10s, retries: 0}}
groups:
  - id: core
    components:
      - {{id: api, url: "{url}/"}}
      - {{id: secretive, url: "{{{{ WATCHED_URL | default('{url}') }}}}/"}}
"""
configuration, remote = remotes.configuration, remotes.remote


@pytest.fixture
def api() -> Iterator[Website]:
    """What is watched."""
    with website() as site:
        yield site


@pytest.fixture
def root(tmp_path: Path, api: Website) -> Path:
    """A folder with a checks.yml."""
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "checks.yml").write_text(CHECKS.format(url=api.url))
    return tmp_path / "page"


@contextmanager
def watching(root: Path, *options: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A watch in a process of its own; what it says goes to `log` beside the folder."""
    with (root.parent / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, DRIVER, "--root", str(root), "--report-every", "0s", *options],
            env={"PATH": os.environ["PATH"], "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1", **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(happened: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Waits for something to happen on disk; a process that ends instead is a failure."""
    pause = asyncio.Event()

    async def wait() -> None:
        while not happened():
            assert process is None or process.poll() is None, "the watch ended by itself"
            with pytest.MonkeyPatch.context():
                try:
                    await asyncio.wait_for(pause.wait(), 0.02)
                except TimeoutError:
                    continue

    asyncio.run(wait())


def stopped(process: subprocess.Popen[str]) -> int:
    """The exit code after SIGTERM."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=60)


def lines(root: Path) -> list[bytes]:
    """Every line of history."""
    found = sorted((root / "history" / "raw").rglob("*.jsonl"))
    return [line for path in found for line in path.read_bytes().splitlines(keepends=True)]


def instants(root: Path, check: str = "api") -> list[int]:
    """The grid instants that a check was measured for, as numbers of intervals; a late one says which that was."""
    rows = [json.loads(line) for line in lines(root)]
    return [row.get("s", row["t"]) // INTERVAL_MS for row in rows if check in row["r"]]


def log(root: Path) -> str:
    """What all watches of the test said."""
    return (root.parent / "log").read_text()


# --- stops ----------------------------------------------------------------------------------------


def test_kills_tear_nothing_and_the_next_one_goes_on_where_they_came(root, api):
    """SIGKILL at random and SIGTERM at the end, while a service goes up and down: no torn line, no instant twice."""
    chance = random.Random(9)
    for _ in range(3):
        before = len(lines(root))
        with watching(root, "--interval", "1h") as process:
            until(lambda before=before: len(lines(root)) > before + chance.randrange(1, 3), process)
            api.status = 503 if api.status == 200 else 200
            process.kill()
            process.wait()
    with watching(root, "--interval", "1h") as process:
        before = len(lines(root))
        until(lambda: len(lines(root)) > before + 1, process)
        code = stopped(process)

    assert code == 0
    assert all(line.endswith(b"\n") and json.loads(line) for line in lines(root))
    for measured in (instants(root), instants(root, "secretive")):
        assert measured == sorted(set(measured))
    assert {json.dumps(json.loads(line)["r"]["api"])[:7] for line in lines(root)} >= {'["down"'}
    assert log(root).count("watch: stopped; everything that was measured is in history") == 1


def test_a_stop_publishes_what_was_measured_and_rounds_bring_changes(root, remote, api):
    """`--publish`: rows are on the remote when it has ended; a change of checks.yml there is taken up by itself."""
    here, there = clone(remote, "here"), clone(remote, "there")
    changed = CHECKS.format(url=api.url)
    remotes.commit(here, "checks.yml", changed)
    git(here, "push", "-q", "origin", "main")
    with watching(here, "--interval", "10s", "--publish") as process:
        until(lambda: len(instants(here)) > 1, process)
        git(there, "pull", "-q")
        remotes.commit(there, "checks.yml", changed.replace("id: api,", "id: renamed, was: [api],"))
        git(there, "pull", "-q", "--rebase")
        git(there, "push", "-q", "origin", "HEAD:main")
        until(lambda: bool(instants(here, "renamed")), process)
        code = stopped(process)

    names = git(remote, "ls-tree", "-r", "--name-only", "main", "history/raw").splitlines()
    published = [f"{line}\n".encode() for name in names for line in git(remote, "show", f"main:{name}").splitlines()]
    assert code == 0
    assert sorted(published) == sorted(lines(here))
    assert "2 checks at eu from now on" in log(here)


# --- faults ---------------------------------------------------------------------------------------


INSTANT_TYPE = '''\
"""A type of check that asks nobody."""

from probes.contract import Options, ProbeType


class InstantOptions(Options):
    """What to say."""

    says: str = "up"


async def probe(check, options, context):
    if options.says == "crash":
        raise ZeroDivisionError("as it was asked to")
    return context.judged(check)


PROBE = ProbeType(name="instant", schemes=(), options=InstantOptions, probe=probe, summary="Asks nobody.", asks=False)
'''
INSTANT = """\
schema: 1
page: {name: Acme, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [eu], canaries: []}
defaults: {interval: 10s, retries: 0}
groups:
  - id: core
    components:
      - {id: api, type: instant}
      - {id: crashing, type: instant, says: crash}
      - {id: lacking, type: instant, says: "{{ NOBODY_SET_THIS }}"}
"""


def measured_for(root: Path, ticks: int, *, meanwhile: Callable[[int], None] = lambda _tick: None) -> None:
    """Measures so many intervals of ten seconds in no time; `meanwhile` is called after each."""
    (root / "probes" / "local").mkdir(parents=True, exist_ok=True)
    (root / "probes" / "local" / "instant.py").write_text(INSTANT_TYPE)
    loop = VirtualLoop()
    arguments = parser().parse_args(["--root", str(root), "-q", "watch", "--now", "2026-04-01T00:00:00Z"])

    async def work() -> None:
        one, stop = Measuring.begun(arguments), asyncio.Event()
        one.clock = one.sampler.clock = loop.clock(one.place.started_at)
        running = asyncio.create_task(one.run(stop))
        for tick in range(ticks):
            await asyncio.sleep(INTERVAL_MS / 1000)
            meanwhile(tick)
        stop.set()
        await running

    virtual_time.run(loop, work())


def test_faults_of_one_check_cost_that_check_alone(root, caplog):
    """A variable that nobody set, a type that crashes: the others are measured all the same, and the faults told."""
    (root / "checks.yml").write_text(INSTANT)

    measured_for(root, 3)

    rows = [json.loads(line)["r"] for line in lines(root)]
    assert len(instants(root)) == len(instants(root, "crashing")) == 3
    assert {row["crashing"][0] for row in rows if "crashing" in row} == {"unknown"}
    assert instants(root, "lacking") == []
    assert "NOBODY_SET_THIS" in caplog.text


def test_a_full_disk_costs_the_rows_that_do_not_fit(root, caplog):
    """Nothing ends; once there is room again rows are written again."""
    (root / "checks.yml").write_text(INSTANT)
    blocked = root / "history" / "raw" / "2026"

    def meanwhile(tick: int) -> None:
        if tick == 0:
            blocked.rename(blocked.with_name("aside"))
            blocked.touch()
        if tick == 2:
            blocked.unlink()
            blocked.with_name("aside").rename(blocked)

    measured_for(root, 5, meanwhile=meanwhile)

    first, *others = instants(root)
    assert [one - first for one in others] == [3, 4]
    assert "could not append" in caplog.text


def test_memory_stays_flat(root):
    """What a tick needs is given back: after hundreds more of them hardly a byte is missing."""
    (root / "checks.yml").write_text("\n".join(INSTANT.splitlines()[:-2]) + "\n")
    held: dict[int, int] = {}

    def meanwhile(tick: int) -> None:
        if tick in {100, 400}:
            gc.collect()
            held[tick] = tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        measured_for(root, 401, meanwhile=meanwhile)
    finally:
        tracemalloc.stop()

    assert len(instants(root)) == 401
    # a row that was kept would cost hundreds of bytes a tick; what else this process does costs some as well
    assert held[400] - held[100] < 300 * 200


def test_a_broken_configuration_is_told_and_the_earlier_one_stays(root, api):
    """Until it is mended; then the new one holds."""
    good = (root / "checks.yml").read_text()
    with watching(root, "--interval", "1h") as process:
        until(lambda: bool(lines(root)), process)
        (root / "checks.yml").write_text(f"{good}nonsense: 1\n")
        until(lambda: "goes on with the configuration that it has" in log(root), process)
        before = len(lines(root))
        until(lambda: len(lines(root)) > before, process)
        (root / "checks.yml").write_text(good.replace("id: api,", "id: mended,"))
        until(lambda: bool(instants(root, "mended")), process)
        code = stopped(process)

    assert code == 0
    assert log(root).count("goes on with the configuration that it has") == 1


# --- options --------------------------------------------------------------------------------------


def test_a_dry_run_asks_every_check_and_writes_nothing(root, api):
    """Whatever is due."""
    before = tree(root)

    ran = Repository(root).run("watch", "--dry-run")

    assert (ran.code, tree(root)) == (0, before)
    assert [line.split()[:2] for line in ran.out.splitlines()] == [["up", "api"], ["up", "secretive"]]


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("INTERVAL", "30s", "interval", 30_000),
        ("REPORT_EVERY", "0s", "report_every", 0),
        ("LOG_FILE", "watch.log", "log_file", Path("watch.log")),
        ("PUBLISH", "true", "publish", True),
        ("PUBLISH", "no", "publish", False),
        ("REPORT_SEND", "true", "report_send", True),
        ("DRY_RUN", "1", "dry_run", True),
        ("LOCATION", "eu", "location", "eu"),
        ("SHARD", "2/3", "shard", (2, 3)),
        ("OUT", "site", "out", Path("site")),
        ("BASE_URL", "https://x.example", "base_url", "https://x.example"),
    ],
)
def test_every_option_can_come_from_the_environment(monkeypatch, name, value, attribute, expected):
    """As STATUSLEDGER_ and its name; what the command line says wins."""
    monkeypatch.setenv(f"STATUSLEDGER_{name}", value)

    assert getattr(parser().parse_args(["watch"]), attribute) == expected
    assert parser().parse_args(["watch", "--interval", "5m", "--no-publish"]).interval == 300_000
