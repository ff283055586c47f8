"""`make demo`: a whole status page on this machine, from services to pages, without the internet.

In a scratch folder (`_demo/`, made anew each time): checks.yml, a generated past of 90 days, live probes of the sample
services, and the page built from both. Then the page is served, and probed and built again every 30 seconds, until
Ctrl-C; with `--once` it ends after the first build. Every step is the command that a real installation runs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import past
import services

from statusledger.clock import now_ms

HERE = Path(__file__).resolve().parent
SCRATCH = HERE.parents[1] / "_demo"
STATUSLEDGER = Path(sys.executable).parent / "statusledger"
LIVE_TICKS = 3
CHECK_INTERVAL_MS = 10_000  # as in checks.yml
REBUILD_EVERY_SECONDS = 30


class DemoError(Exception):
    """A step of the demo could not be done; the text says which and what to do."""


async def demo(folder: Path, *, once: bool, port: int, days: int = past.DAYS) -> None:
    """The demo in `folder`, until it is cancelled or, with `once`, until the page is built."""
    prepare(folder, days)
    async with services.running() as addresses:
        for name, address in addresses.items():
            print(f"  {name}={address}")
        environment = os.environ | addresses
        for tick in range(LIVE_TICKS):
            if tick:
                await asyncio.sleep(_seconds_to_next_grid_instant(now_ms()))
            await _measure(folder, environment)
        await _statusledger(folder, "build", "--out", str(folder / "_site"), environment=environment)
        print(f"Built {folder / '_site' / 'index.html'}")
        if not once:
            with _serving(folder / "_site", port) as address:
                print(f"\n  {address}\n\nProbed and built every {REBUILD_EVERY_SECONDS} s. Ctrl-C stops everything.")
                await _keep_going(folder, environment)


def prepare(folder: Path, days: int) -> None:
    """A folder with nothing but checks.yml and the generated past in it; only the demo's own folder is ever emptied."""
    if folder == SCRATCH:
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder} is not empty; name a folder that does not exist yet: --folder DIR"
        raise DemoError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "checks.yml", folder / "checks.yml")
    runs = past.lay(folder / "history", now_ms(), days)
    print(f"Laid a generated past of {days} days: {runs} runs in {folder / 'history'}")


async def _measure(folder: Path, environment: Mapping[str, str]) -> None:
    """One live tick: the backup reports, then everything else is asked."""
    reports = folder / "reports.json"
    reports.write_text(json.dumps({"name": "backup", "status": "up"}), encoding="utf-8")
    await _statusledger(folder, "ingest", str(reports), environment=environment)
    await _statusledger(folder, "probe", "--location", "local", environment=environment)


async def _keep_going(folder: Path, environment: Mapping[str, str]) -> None:
    while True:
        await asyncio.sleep(REBUILD_EVERY_SECONDS)
        try:
            await _measure(folder, environment)
            await _statusledger(folder, "build", "--out", str(folder / "_site"), environment=environment)
        except DemoError as failure:
            print(failure, file=sys.stderr)


async def _statusledger(folder: Path, *arguments: str, environment: Mapping[str, str]) -> None:
    """One run of the real command line on the demo's folder; its own output goes to the terminal."""
    if not STATUSLEDGER.exists():
        msg = f"{STATUSLEDGER} is missing: run `make demo`, which sets it up"
        raise DemoError(msg)
    process = await asyncio.create_subprocess_exec(STATUSLEDGER, "--root", str(folder), *arguments, env=environment)
    try:
        exit_code = await process.wait()
    except asyncio.CancelledError:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        raise
    if exit_code:
        msg = f"`statusledger {' '.join(arguments)}` ended with exit code {exit_code}; what it said stands above"
        raise DemoError(msg)


def _seconds_to_next_grid_instant(now: int) -> float:
    return (CHECK_INTERVAL_MS - now % CHECK_INTERVAL_MS) / 1000


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: a line for every picture would bury the address."""


@contextmanager
def _serving(site: Path, port: int) -> Iterator[str]:
    """The address of the built page while it is served, on loopback only."""
    try:
        server = ThreadingHTTPServer((services.HOST, port), partial(_QuietHandler, directory=str(site)))
    except OSError as error:
        msg = f"port {port} cannot be used ({error.strerror}); without --port a free one is taken"
        raise DemoError(msg) from error
    with server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{services.HOST}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


async def _until_stopped(arguments: argparse.Namespace) -> None:
    """SIGTERM ends the demo as Ctrl-C does: asyncio turns both into a cancellation of this task."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await demo(arguments.folder.resolve(), once=arguments.once, port=arguments.port, days=arguments.days)


def main() -> int:
    """The exit code: 0 when the demo ended as asked, 1 when a step failed."""
    parser = argparse.ArgumentParser(prog="make demo DEMO_ARGS=...", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the first build")
    parser.add_argument("--folder", type=Path, default=SCRATCH, help="the scratch folder (default: _demo/)")
    parser.add_argument("--port", type=int, default=0, help="where to serve the page (default: a free port)")
    parser.add_argument("--days", type=int, default=past.DAYS, help=f"how long a past is laid (default: {past.DAYS})")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # else a log shows our lines after those of the commands we run
    try:
        asyncio.run(_until_stopped(arguments))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nStopped.")
    except (DemoError, OSError) as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
