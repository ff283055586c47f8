"""Measuring without end: each check at its own interval, through faults, and with checks.yml as it is by then."""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from statusledger.cli.place import Place, place
from statusledger.cli.probe import configured, sampler_of
from statusledger.cli.progress import Progress
from statusledger.cli.sampling import Due, Sampler
from statusledger.clock import SECOND_MS, now_ms
from statusledger.errors import StatusledgerError, UsageError

LOG = logging.getLogger("statusledger")
IDLE_SECONDS = 1.0

Written = tuple[tuple[str, int, int], ...]
"""The files of a configuration: name, time and size of each."""


@dataclass(slots=True)
class Measuring:
    """The prober of one location; `news` is set when something was measured, `rows` is when each check last was."""

    arguments: argparse.Namespace
    place: Place
    clock: Callable[[], int]
    sampler: Sampler
    written: Written
    rows: dict[str, int]
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def begun(cls, arguments: argparse.Namespace) -> Measuring:
        """Ready to measure; ConfigurationError or UsageError if checks.yml or a variable of it cannot be used."""
        where = place(arguments)
        clock = now_ms if arguments.now is None else where.clock()
        written = files_of(where)
        sampler = _sampler(arguments, where, clock)
        return cls(arguments, where, clock, sampler, written, sampler.last_rows())

    def told(self) -> str:
        """What is measured, for the first line of a log."""
        return f"{len(self.sampler.config.checks)} checks at {self.sampler.location}"

    async def run(self, stop: asyncio.Event) -> None:
        """Until it is told to stop; checks that still have no answer then are given up, and nothing is written of them.

        Whatever goes wrong costs the samples that it concerns.
        """
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            self._reload()
            now = self.clock()
            due = [one for one in self.sampler.due(now, self.rows) if one[0].id not in self.sampler.busy]
            if due:
                self.rows.update({check.id: now for check, _ in due})
                task = asyncio.create_task(self._tick(self.sampler, due))
                running.add(task)
                task.add_done_callback(running.discard)
            await self._pause(stop)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _pause(self, stop: asyncio.Event) -> None:
        """Until the next check is due, a second at most."""
        ahead = self.sampler.next_due(self.rows)
        seconds = IDLE_SECONDS if ahead is None else (ahead - self.clock()) / SECOND_MS
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting}, timeout=min(max(seconds, 0.0), IDLE_SECONDS))
        waiting.cancel()

    async def _tick(self, sampler: Sampler, due: Due) -> None:
        try:
            await sampler.tick(due)
            self.news.set()
            return
        except UsageError as error:  # a variable is missing: that is the fault of one check, and the others go on
            alone = [[one] for one in due] if len(due) > 1 else []
            if not alone:
                LOG.error("%s", error)
        except StatusledgerError as error:
            alone = []
            LOG.error("%s", error)
        except Exception:  # the edge around one tick: a fault in it must not end the watch
            alone = []
            LOG.exception("a fault in the program; please report it")
        sampler.busy.difference_update(check.id for check, _ in due)
        for one in alone:
            await self._tick(sampler, one)

    def _reload(self) -> None:
        """Takes checks.yml as it is now; one that cannot be used is told once, and the earlier one stays."""
        written = files_of(self.place)
        if written == self.written:
            return
        self.written = written
        try:
            renewed = _sampler(self.arguments, self.place, self.clock)
        except StatusledgerError as error:
            LOG.error("watch: goes on with the configuration that it has: %s", error)
            return
        renewed.busy, renewed.latest = self.sampler.busy, self.sampler.latest
        self.rows = {**renewed.last_rows(), **self.rows}
        self.sampler = renewed
        LOG.info("watch: %s from now on", self.told())


def _sampler(arguments: argparse.Namespace, where: Place, clock: Callable[[], int]) -> Sampler:
    here = replace(where, started_at=clock())
    config, _ = configured(here)
    sampler = sampler_of(here, config, arguments, Progress())
    sampler.clock, sampler.say, sampler.only_news = clock, LOG.info, True
    return sampler


def files_of(where: Place) -> Written:
    """The files that decide what is measured."""
    return tuple(sorted(_files_of(where)))


def _files_of(where: Place) -> Iterator[tuple[str, int, int]]:
    folders = (where.root / name for name in ("checks", "private", "probes/local"))
    found = (path for folder in folders if folder.is_dir() for path in folder.rglob("*"))
    for path in (where.config_path, *found):
        if path.suffix in {".yml", ".yaml", ".py", ".age"}:
            yield from _told(path)


def _told(path: Path) -> Iterator[tuple[str, int, int]]:
    try:
        told = path.stat()
    except OSError:
        return
    yield str(path), told.st_mtime_ns, told.st_size
