"""`statusledger probe`: the checks that are due -> one line of history, and a line a check for whoever watches."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from probes import run as runner
from statusledger import history, schedule
from statusledger.cli.place import Place, place, secrets
from statusledger.cli.progress import Progress
from statusledger.clock import HOUR_MS, SECOND_MS, format_duration
from statusledger.config import Config
from statusledger.errors import UsageError
from statusledger.model import Check, Observation, Status, Tick, Visibility
from statusledger.secrets import Secrets

LOG = logging.getLogger("statusledger")
NOTHING_KNOWN = 3

Due = Sequence[tuple[Check, int]]


def run(arguments: argparse.Namespace) -> int:
    """0; 3 when something was due and nothing at all could be learned about it."""
    where = place(arguments)
    config = where.config()
    with Progress() as progress:
        job = _job(where, config, arguments, progress)
        if arguments.only:
            due = [(check, where.started_at) for check in _named(config, arguments.only)]
            asyncio.run(job.tick(due))
        elif arguments.for_ms is None:
            asyncio.run(job.tick(job.due(where.started_at, job.last_rows())))
        else:
            asyncio.run(job.sample(where.started_at + arguments.for_ms))
    if not job.statuses:
        LOG.info("nothing is due at location %s", job.location)
        return 0
    return NOTHING_KNOWN if set(job.statuses) == {Status.UNKNOWN} else 0


def _job(where: Place, config: Config, arguments: argparse.Namespace, progress: Progress) -> Job:
    return Job(
        where=where,
        config=config,
        location=_location(config, arguments.location),
        shard=arguments.shard,
        dry_run=arguments.dry_run,
        secrets=secrets(config),
        clock=where.clock(),
        progress=progress,
    )


def _location(config: Config, asked: str | None) -> str:
    """The location that was asked for, by option or environment, or else the only one there is."""
    known = [place.id for place in config.monitor.locations]
    chosen = asked or os.environ.get("STATUSLEDGER_LOCATION")
    if chosen is None and len(known) == 1:
        return known[0]
    if chosen in known:
        return str(chosen)
    found = "no location is chosen" if chosen is None else f'there is no location "{chosen}"'
    message = (
        f"{found}: write --location ID or set STATUSLEDGER_LOCATION to one of {', '.join(known)} (monitor.locations)"
    )
    raise UsageError(message)


def _named(config: Config, names: Collection[str]) -> list[Check]:
    """The checks of these ids, and of the components of these ids."""
    components, checks = config.components, config.checks
    unknown = sorted(set(names) - set(components) - set(checks))
    if unknown:
        message = f"--only: there is no check or component {', '.join(unknown)} in {config.path}"
        raise UsageError(message)
    chosen = {check.id for name in names if name in components for check in components[name].checks} | set(names)
    return [check for check in checks.values() if check.id in chosen]


@dataclass(slots=True)
class Job:
    """One run of the prober at one location.

    `statuses` is what it has learned so far; `timed` the hour in which each check's phase times were last recorded.
    """

    where: Place
    config: Config
    location: str
    shard: tuple[int, int] | None
    dry_run: bool
    secrets: Secrets
    clock: Callable[[], int]
    progress: Progress
    statuses: list[Status] = field(default_factory=list)
    timed: dict[str, int] = field(default_factory=dict)

    def last_rows(self) -> dict[str, int]:
        """The newest row of each check at this location, private ones included."""
        now = self.where.started_at
        rows = {
            **schedule.last_rows(self.where.history, self.location, now),
            **schedule.last_rows(self.where.sealed, self.location, now),
        }
        self.timed = {check: t // HOUR_MS for check, t in rows.items()}
        return rows

    def due(self, now: int, last_rows: Mapping[str, int]) -> Due:
        """What has reached a grid instant that it has no row for."""
        return schedule.due(list(self.config.checks.values()), last_rows, now, self.location, self.shard)

    async def tick(self, due: Due) -> None:
        """Runs these checks at once and appends what they say."""
        if not due:
            return
        settings = runner.Settings(
            concurrency=self.config.monitor.concurrency,
            canaries=self.config.monitor.canaries,
            allow_networks=self.config.monitor.allow_networks,
            last_reports=self._last_reports(),
            done=self._done(len(due)),
        )
        ticks = await runner.run(due, location=self.location, secrets=self.secrets, settings=settings, now=self.clock)
        self.progress.clear()
        for tick in ticks:
            self._record(tick)

    def _last_reports(self) -> dict[str, int]:
        """The newest good report of each heartbeat, private ones included."""
        checks, now = list(self.config.checks.values()), self.clock()
        roots = (self.where.history, self.where.sealed)
        return {check: t for root in roots for check, t in schedule.last_reports(root, now, checks).items()}

    def _done(self, total: int) -> Callable[[Check], None]:
        """Tells on a terminal how many of the checks have their answer."""
        answered: set[str] = set()

        def done(check: Check) -> None:
            answered.add(check.id)
            self.progress.show(f"{len(answered)} of {total} checks have answered")

        return done

    async def sample(self, until: int) -> None:
        """Runs every check at its own interval until the time is up; one that still runs skips its instant."""
        last_rows = self.last_rows()
        running: dict[asyncio.Task[None], set[str]] = {}
        async with asyncio.TaskGroup() as group:
            while (now := self.clock()) < until:
                busy = set().union(*(ids for task, ids in running.items() if not task.done()))
                due = [(check, instant) for check, instant in self.due(now, last_rows) if check.id not in busy]
                if due:
                    last_rows.update({check.id: now for check, _ in due})
                    running[group.create_task(self.tick(due))] = {check.id for check, _ in due}
                checks = list(self.config.checks.values())
                ahead = schedule.next_due(checks, last_rows, self.clock(), self.location, self.shard)
                if ahead is None:
                    break
                await self._wait(min(ahead, until), until)

    async def _wait(self, ahead: int, until: int) -> None:
        """Until the next check is due; on a terminal it says how long that is."""
        while (left := ahead - self.clock()) > 0:
            known = f"{len(self.statuses)} results, {sum(s is not Status.UP for s in self.statuses)} not up"
            self.progress.show(f"{known}; next check in {_seconds(left)}, {_seconds(until - self.clock())} left")
            await asyncio.sleep(min(left, SECOND_MS) / 1000)

    def _record(self, tick: Tick) -> None:
        self.statuses.extend(observation.status for observation in tick.observations)
        _print(tick, self._private)
        if self.dry_run:
            return
        for private in (False, True):
            rows = tuple(o for o in tick.observations if (o.check in self._private) == private)
            if rows:
                self._append(Tick(tick.t, tick.scheduled_at, rows, tick.canaries), private=private)

    def _append(self, tick: Tick, *, private: bool) -> None:
        root = self.where.sealed if private else self.where.history
        path = history.raw_path(root, self.location, tick.t, self.shard)
        detailed = {check.id for check in self.config.checks.values() if check.public_details or private}
        history.append(path, [history.tick_line(tick, details=detailed, phases=self._phases_due(tick))])

    def _phases_due(self, tick: Tick) -> set[str]:
        """The checks of which no phase times were recorded in this hour (results with a fault have them anyway)."""
        hour = tick.t // HOUR_MS
        due = {o.check for o in tick.observations if self.timed.get(o.check) != hour}
        self.timed.update(dict.fromkeys(due, hour))
        return due

    @property
    def _private(self) -> set[str]:
        hidden = [c for c in self.config.components.values() if c.visibility is Visibility.PRIVATE]
        return {check.id for component in hidden for check in component.checks}


def _seconds(duration_ms: int) -> str:
    return format_duration(-(-duration_ms // SECOND_MS) * SECOND_MS)


def _print(tick: Tick, private: Collection[str]) -> None:
    """A line a public check; private ones are only counted, because a CI log may be public."""
    for observation in tick.observations:
        if observation.check not in private:
            print(_line(observation))
    hidden = sum(observation.check in private for observation in tick.observations)
    if hidden:
        print(f"and {hidden} private")


def _line(observation: Observation) -> str:
    time = "-" if observation.ms is None else f"{observation.ms} ms"
    told = " ".join(part for part in (observation.code, observation.detail) if part)
    return f"{observation.status:<8} {observation.check:<24} {time:>9}  {told}".rstrip()
