"""The demo: its services, its generated past, and the whole of it from services to page."""

from __future__ import annotations

import asyncio
import importlib
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import httpx
import pytest
import yaml
from websockets.asyncio.client import connect

from statusledger.clock import DAY_MS, MINUTE_MS, parse_instant
from statusledger.history import read_lines
from statusledger.model import Status, Tick

DEMO = Path(__file__).resolve().parents[1] / "examples" / "demo"
T = TypeVar("T")
NOW = parse_instant("2026-11-21T02:06:30Z")


@pytest.fixture(scope="module", autouse=True)
def demo_on_path() -> Iterator[None]:
    """The demo's modules are imported as its driver imports them: from their own folder."""
    sys.path.insert(0, str(DEMO))
    yield
    sys.path.remove(str(DEMO))


@pytest.fixture(scope="module")
def services() -> ModuleType:
    """The module with the sample services."""
    return importlib.import_module("services")


@pytest.fixture(scope="module")
def past() -> ModuleType:
    """The module that makes up the past."""
    return importlib.import_module("past")


@pytest.fixture(scope="module")
def ticks(past: ModuleType) -> list[Tick]:
    """All runs of the past as told at NOW."""
    return list(past.ticks(NOW))


@pytest.fixture(scope="module")
def configured() -> dict[str, dict[str, Any]]:
    """The checks of the demo's checks.yml by id; a component with one check is that check."""
    document = yaml.safe_load((DEMO / "checks.yml").read_text(encoding="utf-8"))
    components = [component for group in document["groups"] for component in group["components"]]
    return {check["id"]: check for component in components for check in component.get("checks", [component])}


def ask(services: ModuleType, question: Callable[[dict[str, str]], Awaitable[T]], minute: int = 0) -> T:
    """What the services answer while their clock stands at a minute of some hour."""

    async def asked() -> T:
        async with services.running(clock=lambda: datetime(2026, 11, 21, 2, minute, tzinfo=UTC)) as addresses:
            return await question(addresses)

    return asyncio.run(asked())


def fetch(
    services: ModuleType, variable: str, path: str, *, minute: int = 0, method: str = "GET"
) -> tuple[httpx.Response, float]:
    """The answer of one HTTP service, and how many milliseconds it took."""

    async def question(addresses: dict[str, str]) -> tuple[httpx.Response, float]:
        async with httpx.AsyncClient(trust_env=False) as client:
            began = time.perf_counter()
            response = await client.request(method, addresses[variable] + path)
            return response, (time.perf_counter() - began) * 1000

    return ask(services, question, minute)


@pytest.mark.parametrize(
    ("variable", "path", "status", "found"),
    [
        pytest.param("DEMO_API_URL", "/api/", 200, '"version"', id="api-root"),
        pytest.param("DEMO_API_URL", "/api/health", 200, '"latency_ms"', id="api-health"),
        pytest.param("DEMO_API_URL", "/api/nowhere", 404, "there is no /api/nowhere", id="unknown-path"),
        pytest.param("DEMO_WEB_URL", "/", 200, "<h1>Acme</h1>", id="front-page"),
        pytest.param("DEMO_WEB_URL", "/docs/", 200, "documentation", id="documentation"),
        pytest.param("DEMO_WEB_URL", "/search?q=in", 200, '"hits"', id="search"),
    ],
)
def test_http_services_answer_as_documented(
    services: ModuleType, variable: str, path: str, status: int, found: str
) -> None:
    """Every documented path answers with its status and its content."""
    response, _ = fetch(services, variable, path)

    assert response.status_code == status
    assert found in response.text


def test_health_holds_what_the_checks_assert_on(services: ModuleType) -> None:
    """The health document has the numbers that the demo's JSON assertions read."""
    response, _ = fetch(services, "DEMO_API_URL", "/api/health")

    health = response.json()
    assert health["status"] == "ok"
    assert health["connections"] < 500
    assert health["database"]["latency_ms"] < 100


def test_only_get_is_answered(services: ModuleType) -> None:
    """Another method is refused, and says so."""
    response, _ = fetch(services, "DEMO_API_URL", "/api/", method="POST")

    assert response.status_code == 405


@pytest.mark.parametrize(("minute", "status"), [(0, 200), (2, 200), (3, 503), (4, 200), (8, 503), (58, 503), (59, 200)])
def test_flaky_fails_in_every_fifth_minute(services: ModuleType, minute: int, status: int) -> None:
    """The rhythm of the failing endpoint is minute % 5 == 3."""
    response, _ = fetch(services, "DEMO_API_URL", "/api/flaky", minute=minute)

    assert response.status_code == status


def test_slow_is_slower_than_its_check_allows(services: ModuleType, configured: dict[str, dict[str, Any]]) -> None:
    """The slow endpoint passes the critical threshold of its check, so that the demo shows a degraded component."""
    _, elapsed_ms = fetch(services, "DEMO_API_URL", "/api/slow")

    assert elapsed_ms > configured["reports"]["performance"]["critical_threshold_ms"]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        pytest.param("/live", "ping", id="echo"),
        pytest.param("/health", json.dumps({"status": "ok", "connections": 1}), id="health"),
    ],
)
def test_websocket_answers_every_message(services: ModuleType, path: str, answer: str) -> None:
    """The WebSocket echoes, and tells its health under /health."""

    async def question(addresses: dict[str, str]) -> str | bytes:
        async with connect(addresses["DEMO_WEBSOCKET_URL"] + path, proxy=None) as connection:
            await connection.send("ping")
            return await connection.recv()

    assert ask(services, question) == answer


def test_tcp_service_greets_with_its_banner(services: ModuleType) -> None:
    """The gateway speaks first, then closes."""

    async def question(addresses: dict[str, str]) -> bytes:
        host, _, port = addresses["DEMO_TCP_URL"].removeprefix("tcp://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        banner = await reader.read()
        writer.close()
        return banner

    assert ask(services, question) == b"220 gateway.acme.example ready\r\n"


@pytest.mark.parametrize(
    "rudeness",
    [
        pytest.param(b"", id="silence"),
        pytest.param(b"\x00\xff\r\n\r\n", id="garbage"),
        pytest.param(b"GET\r\n\r\n", id="no-path"),
        pytest.param(b"x" * 200_000, id="far-too-much"),
    ],
)
def test_rude_client_does_not_stop_the_service(services: ModuleType, rudeness: bytes) -> None:
    """A client that says nothing, garbage or far too much does not keep the next one from its answer."""

    async def question(addresses: dict[str, str]) -> int:
        host, _, port = addresses["DEMO_WEB_URL"].removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(rudeness)
        writer.close()
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(addresses["DEMO_WEB_URL"] + "/")).status_code

    assert ask(services, question) == 200


def test_past_spans_90_days_and_ends_shortly_before_now(ticks: list[Tick]) -> None:
    """The first run is 90 days old, the last one 3 to 8 minutes."""
    first, last = ticks[0].t, ticks[-1].t

    assert 3 * MINUTE_MS <= NOW - last < 8 * MINUTE_MS
    assert last - first == 90 * DAY_MS - 5 * MINUTE_MS
    assert [tick.t for tick in ticks] == sorted({tick.t for tick in ticks})


def test_past_knows_the_checks_that_are_configured(ticks: list[Tick], configured: dict[str, dict[str, Any]]) -> None:
    """No generated row is orphaned, and no check is without a past."""
    assert {observation.check for tick in ticks for observation in tick.observations} == set(configured)


def test_past_has_the_outage_of_41_minutes(past: ModuleType, ticks: list[Tick]) -> None:
    """From the first failure of the API to the first good answer are 41 minutes; its neighbours needed a retry."""
    start, _ = next(one for one in past.EPISODES if one.minutes == 41).bounds_ms(NOW)
    during = [tick for tick in ticks if start <= tick.t < start + 41 * MINUTE_MS]
    after = next(tick for tick in ticks if tick.t > during[-1].t)

    assert during[0].t == start
    assert after.t == start + 41 * MINUTE_MS
    assert {status(tick, "api_health") for tick in during} == {Status.DOWN}
    assert status(after, "api_health") is Status.UP
    assert {
        observation.code for tick in during for observation in tick.observations if observation.check == "website"
    } == {"retried:reset"}


def test_past_has_hours_in_which_nobody_measured(past: ModuleType, ticks: list[Tick]) -> None:
    """There is no run in the gap, so that the page has something unknown to show."""
    gap = next(one for one in past.EPISODES if one.status is None)
    start, end = gap.bounds_ms(NOW)

    assert end - start >= 3 * 60 * MINUTE_MS
    assert not [tick for tick in ticks if start <= tick.t < end]


def test_past_marks_the_stretch_in_which_the_monitor_was_offline(ticks: list[Tick]) -> None:
    """Unknown results come with the canaries as their evidence, all other runs without."""
    offline = [tick for tick in ticks if tick.canaries is not None]

    assert offline
    assert all(one.status is Status.UNKNOWN for tick in offline for one in tick.observations)
    assert all(one.status is not Status.UNKNOWN for tick in ticks if tick.canaries is None for one in tick.observations)


def test_past_has_a_component_that_was_born_late(past: ModuleType, ticks: list[Tick]) -> None:
    """Search is in no run before its first day."""
    first = next(tick.t for tick in ticks if any(one.check == "search" for one in tick.observations))

    born = NOW - past.FIRST_SEEN_DAYS_AGO["search"] * DAY_MS
    assert born <= first < born + 5 * MINUTE_MS


def status(tick: Tick, check: str) -> Status:
    """What one run says about one check."""
    return next(observation.status for observation in tick.observations if observation.check == check)


@pytest.fixture(scope="module")
def laid(past: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the past as laid at NOW."""
    folder: Path = tmp_path_factory.mktemp("laid")
    past.lay(folder, NOW)
    return folder


def test_laid_past_is_marked_and_reads_without_damage(laid: Path, ticks: list[Tick]) -> None:
    """Every row of the generated past is in a file of the location `generated`, and the ledger reads all of them."""
    files = sorted(laid.rglob("*.jsonl"))

    read = [read_lines(path, root=laid) for path in files]

    assert len(files) >= 90
    assert {path.name.split("-")[0] for path in files} == {"generated"}
    assert len(ticks) == sum(len(rows) for rows, _ in read)
    assert not [damage for _, damages in read for damage in damages]


def test_past_is_the_same_for_the_same_now(past: ModuleType) -> None:
    """Made up twice at the same instant, it is equal in every row."""
    assert list(past.ticks(NOW, 9)) == list(past.ticks(NOW, 9))


def start_demo(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The driver as `make demo` starts it, in a scratch folder of its own."""
    return subprocess.Popen(
        [sys.executable, str(DEMO / "demo.py"), "--folder", str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_demo_once_builds_the_page_from_past_and_live_probes(tmp_path: Path) -> None:
    """`make demo DEMO_ARGS=--once` goes from services to pages and ends with 0; a short past is enough for that."""
    folder = tmp_path / "demo"

    with start_demo(folder, "--once", "--days", "2") as process:
        _, errors = process.communicate()

    assert process.returncode == 0, errors
    assert "Acme Status" in (folder / "_site" / "index.html").read_text(encoding="utf-8")
    live = [line for path in folder.rglob("local-*.jsonl") for line in path.read_bytes().splitlines()]
    assert len(live) >= 3
    results = {check: result for line in live for check, result in json.loads(line)["r"].items()}
    assert results["reports"][0] == "degraded"
    assert isinstance(results["website"], int)


def test_demo_serves_the_page_until_it_is_interrupted(tmp_path: Path) -> None:
    """The printed address shows the page; Ctrl-C ends everything with 0."""
    with start_demo(tmp_path / "demo") as process:
        assert process.stdout is not None
        printed = iter(process.stdout.readline, "")
        address = next(line.strip() for line in printed if line.strip().startswith("http://"))
        with urllib.request.urlopen(address) as response:  # noqa: S310 - an address that the demo printed
            page = response.read().decode()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()

    assert "Acme Status" in page
    assert process.returncode == 0, errors


def test_demo_leaves_a_folder_alone_that_is_not_empty(tmp_path: Path) -> None:
    """A folder with somebody's files in it is refused, and nothing in it changes."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    with start_demo(tmp_path, "--once") as process:
        _, errors = process.communicate()

    assert process.returncode == 1
    assert "is not empty" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
