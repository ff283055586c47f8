"""`statusledger watch`: measures on schedule, and every so often alerts, builds, reports and publishes, until stopped.

Measuring happens here; everything else in processes of their own, so that neither their faults nor their memory are
ours. A stop is an end in order: no check is begun, a stage that runs may finish, and what was measured is published.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass

from statusledger import schedule
from statusledger.cli.measuring import Measuring
from statusledger.cli.place import place
from statusledger.cli.probe import NOTHING_KNOWN, configured, sampler_of
from statusledger.cli.progress import Progress
from statusledger.clock import format_duration, format_instant
from statusledger.model import Status

LOG = logging.getLogger("statusledger")
STOP_SECONDS = 25.0  # container hosts wait 30 s before they kill
LAST_PUBLISH_SECONDS = 10.0
ROUND_AT_MOST_SECONDS = 900.0
# The folder that we were started in is no place to import from: a copy of us may lie there.
OURSELVES = (sys.executable, "-P", "-c", "import sys; from statusledger.cli import main; sys.exit(main())")


def run(arguments: argparse.Namespace) -> int:
    """0 when it was stopped; --dry-run: as `probe` ends."""
    if arguments.dry_run:
        return asyncio.run(_every_check_once(arguments))
    measuring = Measuring.begun(arguments)
    return asyncio.run(_watch(arguments, measuring))


async def _every_check_once(arguments: argparse.Namespace) -> int:
    """Asks every check there is at this location, due or not, prints and writes nothing."""
    where = place(arguments)
    config, fault = configured(where)
    with Progress() as progress:
        sampler = sampler_of(where, config, arguments, progress)
        checks = list(config.checks.values())
        await sampler.tick(schedule.due(checks, {}, where.started_at, sampler.location, arguments.shard))
    return fault or (NOTHING_KNOWN if set(sampler.statuses) == {Status.UNKNOWN} else 0)


async def _watch(arguments: argparse.Namespace, measuring: Measuring) -> int:
    stop = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, stop.set)
    others = _Others(arguments, measuring, stop)
    LOG.info("watch: %s, pages every %s", measuring.told(), format_duration(arguments.interval))
    tasks = [asyncio.create_task(measuring.run(stop)), asyncio.create_task(others.rounds())]
    if arguments.report_every:
        tasks.append(asyncio.create_task(others.reports()))
    await stop.wait()
    LOG.info("watch: stopping")
    await asyncio.wait(tasks, timeout=STOP_SECONDS - LAST_PUBLISH_SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if arguments.publish:
        await others.child("publish", seconds=LAST_PUBLISH_SECONDS)
    LOG.info("watch: stopped; everything that was measured is in history")
    return 0


@dataclass(slots=True)
class _Others:
    """What is not measuring, at its own pace, in other processes."""

    arguments: argparse.Namespace
    measuring: Measuring
    stop: asyncio.Event

    async def rounds(self) -> None:
        """Alerts, figures, pages, and with --publish the push; the first one when something has been measured.

        A round that goes well tells the dead man's switch, unless nothing was measured since the one before.
        """
        job = ("run", "publish", "--pull") if self.arguments.publish else ("run", "page")
        await _either(self.measuring.news.wait(), self.stop.wait(), seconds=self.arguments.interval / 1000)
        async for _ in self._every(self.arguments.interval):
            beat = ["--heartbeat"] if self.measuring.news.is_set() else []
            self.measuring.news.clear()
            await self.child(*job, *self._site(), *beat, seconds=ROUND_AT_MOST_SECONDS)

    async def reports(self) -> None:
        """The table of states, for whoever reads the log, and for channels if that is asked for."""
        await _either(self.stop.wait(), seconds=self.arguments.report_every / 1000)
        async for _ in self._every(self.arguments.report_every):
            await self.child(
                "report", *(["--send"] if self.arguments.report_send else []), seconds=ROUND_AT_MOST_SECONDS
            )

    def _site(self) -> Sequence[str]:
        given = self.arguments
        places = [("--deploy", one) for one in given.deploy or ()]
        wanted = [("--out", given.out), ("--base-url", given.base_url), *places]
        return [word for name, value in wanted if value for word in (name, str(value))]

    async def _every(self, interval_ms: int) -> AsyncIterator[None]:
        """Once an interval, from now on, until the stop; what takes longer than that is followed at once."""
        loop = asyncio.get_running_loop()
        while not self.stop.is_set():
            ahead = loop.time() + interval_ms / 1000
            yield
            await _either(self.stop.wait(), seconds=ahead - loop.time())

    async def child(self, *words: str, seconds: float) -> None:
        """Runs one command of ours; one that takes too long, or that we cannot wait for, is ended."""
        try:
            process = await asyncio.create_subprocess_exec(*OURSELVES, *self._general(), *words, start_new_session=True)
        except OSError as error:
            LOG.error("watch: %s could not be started: %s", words[0], error)
            return
        try:
            async with asyncio.timeout(seconds):
                code = await process.wait()
            if code:
                LOG.warning("watch: %s ended with exit code %d", " ".join(words), code)
        except TimeoutError:
            LOG.error("watch: %s took longer than %d s and was ended", " ".join(words), seconds)
        finally:
            if process.returncode is None:
                process.kill()  # every stage is safe against that: files are replaced whole, lines are appended whole
                await process.wait()

    def _general(self) -> Sequence[str]:
        given = self.arguments
        now = None if given.now is None else format_instant(self.measuring.clock())
        wanted = {"--root": given.root, "--config": given.config, "--log-file": given.log_file, "--now": now}
        noise = {logging.WARNING: ["-q"], logging.DEBUG: ["-v"]}.get(given.level, [])
        return [*noise, *(word for name, value in wanted.items() if value is not None for word in (name, str(value)))]


async def _either(*awaited: Awaitable[object], seconds: float) -> None:
    """Until one of these has happened, or the time is up."""
    tasks = [asyncio.ensure_future(one) for one in awaited]
    await asyncio.wait(tasks, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
