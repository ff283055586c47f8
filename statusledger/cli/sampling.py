"""The checks that are due -> measurements in history: once, or each check at its own interval until the time is up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from probes import run as runner
from statusledger import schedule
from statusledger.cli.place import Place
from statusledger.cli.progress import Progress
from statusledger.cli.pushing import Pusher
from statusledger.cli.recording import Recorder
from statusledger.clock import HOUR_MS, SECOND_MS, format_duration
from statusledger.config import Config
from statusledger.model import Check, Observation, Status, Tick
from statusledger.schedule import Shard
from statusledger.secrets import Secrets

Due = Sequence[tuple[Check, int]]


@dataclass(slots=True)
class Sampler:
    """One run of the prober at one location; without a recorder nothing is written.

    Of `hidden` checks nothing is told but how many they are, the others are called as `names` has it, by `say`, with
    `only_news` if they are not what they were. `statuses` counts what it has learned so far, `latest` is the newest
    result of each check that is not hidden, `timed` the hour in which each check's phase times were last recorded,
    `busy` the checks that have no answer yet.
    """

    where: Place
    config: Config
    location: str
    shard: Shard | None
    secrets: Secrets
    recorder: Recorder
    writes: bool
    pusher: Pusher | None
    clock: Callable[[], int]
    progress: Progress
    hidden: Collection[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = print
    only_news: bool = False
    statuses: Counter[Status] = field(default_factory=Counter)
    latest: dict[str, Observation] = field(default_factory=dict)
    timed: dict[str, int] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)

    async def once(self) -> None:
        """Measures what is due now."""
        await self.tick(self.due(self.where.started_at, self.last_rows()))

    async def sample(self, until: int) -> None:
        """Measures every check at its own interval until the time is up; one that still runs skips its instant."""
        last_rows = self.last_rows()
        async with asyncio.TaskGroup() as group:
            while (now := self.clock()) < until:
                due = [(check, instant) for check, instant in self.due(now, last_rows) if check.id not in self.busy]
                if due:
                    last_rows.update({check.id: now for check, _ in due})
                    group.create_task(self.tick(due))
                ahead = self.next_due(last_rows)
                if ahead is None:
                    break
                await self._wait(min(ahead, until), until)

    async def tick(self, due: Due) -> None:
        """Runs these checks at once and records what they say."""
        if not due:
            return
        self.busy |= {check.id for check, _ in due}
        settings = runner.Settings(
            concurrency=self.config.monitor.concurrency,
            canaries=self.config.monitor.canaries,
            allow_networks=self.config.monitor.allow_networks,
            last_reports=self._last_reports(),
            private=self.hidden,
            done=self._done(len(due)),
        )
        ticks = await runner.run(due, location=self.location, secrets=self.secrets, settings=settings, now=self.clock)
        self.progress.clear()
        for tick in ticks:
            self.statuses.update(observation.status for observation in tick.observations)
            self._tell(tick)
            if self.writes:
                self.recorder.record(tick, phases=self._phases_due(tick))
                if self.pusher:
                    await self.pusher.seen(tick)

    # --- what is due ----------------------------------------------------------------------------

    def last_rows(self) -> dict[str, int]:
        """The newest row of each check at this location; private ones that cannot be read are as old as all others."""
        now, known = self.where.started_at, self.recorder
        rows = {
            **schedule.last_rows(self.where.history, self.location, now),
            **schedule.last_rows(self.where.sealed, self.location, now, open_line=known.open_line),
        }
        if not known.reads_private:
            rows |= dict.fromkeys(known.private, max(rows.values(), default=-1))
        self.timed = {check: t // HOUR_MS for check, t in rows.items()}
        return rows

    def due(self, now: int, last_rows: Mapping[str, int]) -> Due:
        """What has reached a grid instant that it has no row for."""
        return schedule.due(list(self.config.checks.values()), last_rows, now, self.location, self.shard)

    def next_due(self, last_rows: Mapping[str, int]) -> int | None:
        """The first instant from now on at which there is something to measure, None when there will be none."""
        return schedule.next_due(list(self.config.checks.values()), last_rows, self.clock(), self.location, self.shard)

    def _last_reports(self) -> dict[str, int]:
        """The newest good report of each heartbeat, private ones included."""
        checks, now = list(self.config.checks.values()), self.clock()
        roots = (self.where.history, self.where.sealed)
        found = (schedule.last_reports(root, now, checks, open_line=self.recorder.open_line) for root in roots)
        return {check: t for reports in found for check, t in reports.items()}

    def _phases_due(self, tick: Tick) -> set[str]:
        """The checks of which no phase times were recorded in this hour (results with a fault have them anyway)."""
        hour = tick.t // HOUR_MS
        due = {o.check for o in tick.observations if self.timed.get(o.check) != hour}
        self.timed.update(dict.fromkeys(due, hour))
        return due

    # --- what is told meanwhile -----------------------------------------------------------------

    def _done(self, total: int) -> Callable[[Check], None]:
        """Frees a check for its next instant, and tells on a terminal how many have their answer."""
        answered: set[str] = set()

        def done(check: Check) -> None:
            self.busy.discard(check.id)
            answered.add(check.id)
            self.progress.show(f"{len(answered)} of {total} checks have answered")

        return done

    def _tell(self, tick: Tick) -> None:
        """A line a check; hidden ones are only counted, because a CI log may be public."""
        told = [seen for seen in tick.observations if seen.check not in self.hidden]
        news = [seen for seen in told if not self.only_news or _word(seen) != _word(self.latest.get(seen.check))]
        self.latest |= {seen.check: seen for seen in told}
        for seen in news:
            self.say(_line(seen, self.names.get(seen.check, seen.check)))
        if len(told) < len(tick.observations) and not self.only_news:
            self.say(f"and {len(tick.observations) - len(told)} private")

    async def _wait(self, ahead: int, until: int) -> None:
        """Until the next check is due; on a terminal it says how long that is."""
        while (left := ahead - self.clock()) > 0:
            total = self.statuses.total()
            known = f"{total} results, {total - self.statuses[Status.UP]} not up"
            self.progress.show(f"{known}; next check in {_seconds(left)}, {_seconds(until - self.clock())} left")
            await asyncio.sleep(min(left, SECOND_MS) / 1000)


def _seconds(duration_ms: int) -> str:
    return format_duration(-(-duration_ms // SECOND_MS) * SECOND_MS)


def _word(seen: Observation | None) -> tuple[str, str | None] | None:
    return (seen.status, seen.code) if seen else None


def _line(observation: Observation, name: str) -> str:
    told = " ".join(part for part in (observation.code, observation.detail) if part)
    return f"{observation.status:<8} {name:<24} {milliseconds(observation.ms):>9}  {told}".rstrip()


def milliseconds(ms: int | None) -> str:
    """`123 ms`, a hyphen where nothing was timed."""
    return "-" if ms is None else f"{ms} ms"
