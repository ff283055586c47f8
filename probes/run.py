"""All due checks at once: filled in, staggered, each with one hard deadline, retried, and excused only by canaries.

A check's clock starts after it has got its place in the queue, so what one check takes is never told of another.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel, ValidationError

from probes import PROBES, canaries
from probes.contract import Context, MissingLibrary, Options, ProbeType, TargetError, base_code, error_code
from probes.network import Network
from probes.trace import Phase, Trace
from statusledger.errors import UsageError
from statusledger.model import Attempt, Check, Observation, Performance, Status, Tick
from statusledger.secrets import MissingVariable, Secrets

LOG = logging.getLogger("statusledger")
STAGGER_SECONDS = 0.010
RETRY_PAUSES_SECONDS = (0.5, 2.0)
TOGETHER_MS = 2_000
BROAD_HOSTS = 4
PRIVATE = "a private check: probe --private tells what is wrong, on a console that nobody else reads"
CANARY = "https://one.one.one.one/"
PHASE_CODES: dict[Phase, str] = {
    "dns": "dns_timeout",
    "connect": "connect_timeout",
    "tls": "tls_timeout",
    "ttfb": "ttfb_timeout",
    "body": "body_timeout",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run behaves: attempts at once in all and per host, who may excuse it, which other networks may be asked.

    `last_reports` is the instant of the newest good report of each heartbeat, epoch ms; `done` is told of each check
    that has its answer. Of the `private` checks no message says more than that something is wrong with one of them.
    """

    concurrency: int = 10
    per_host: int = 5
    canaries: tuple[str, ...] = ()
    allow_networks: tuple[str, ...] = ()
    last_reports: Mapping[str, int] = field(default_factory=dict)
    done: Callable[[Check], None] = lambda check: None
    private: Collection[str] = ()

    def told(self, check: Check, text: object) -> str:
        """What a message may say of a check."""
        return PRIVATE if check.id in self.private else f"check {check.id}: {text}"


@dataclass(frozen=True, slots=True)
class _Job:
    """A check that is ready to be asked: its type, and its options with every variable filled in."""

    check: Check
    scheduled_at: int
    type: ProbeType
    options: Options


async def run(
    due: Sequence[tuple[Check, int]],
    *,
    location: str,
    secrets: Secrets,
    settings: Settings,
    now: Callable[[], int],
) -> list[Tick]:
    """The ticks of these checks (each with its grid instant), in the order in which they started.

    UsageError before anything is asked if a variable is missing or what it holds is not usable.
    """
    jobs = _ready(due, secrets, settings)
    asked = _canaries(settings, secrets)
    network = Network(settings.allow_networks)
    await _warm(jobs, secrets, settings)
    started = now()
    observations = await _all(jobs, _Run(location, network, secrets, now, settings))
    evidence = await _suspicion(jobs, observations, asked, network)
    if evidence is not None and 2 * evidence[0] < evidence[1]:
        observations = [_excused(observation) for observation in observations]
    return list(_ticks(started, observations, evidence))


# --- before anything is asked -------------------------------------------------------------------


def _ready(due: Sequence[tuple[Check, int]], secrets: Secrets, settings: Settings) -> list[_Job]:
    """Every check with its options filled in; UsageError with all problems at once."""
    jobs, problems = [], []
    for check, scheduled_at in due:
        kind = PROBES[check.type]
        try:
            jobs.append(_Job(check, scheduled_at, kind, _filled(kind, check.options, secrets)))
        except MissingVariable as error:
            problems.append(settings.told(check, error))
        except ValidationError as error:
            problems.extend(settings.told(check, secrets.mask(fault)) for fault in _faults(error))
    if problems:
        raise UsageError("\n".join(dict.fromkeys(problems)))
    return jobs


def _filled(kind: ProbeType, options: Any, secrets: Secrets) -> Options:
    written = options.model_dump(by_alias=True, exclude_unset=True) if isinstance(options, BaseModel) else options
    filled = secrets.fill_all(written)
    # most checks have no variables: what was validated with the configuration is as good as new
    return options if isinstance(options, kind.options) and filled == written else kind.options.model_validate(filled)


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False):
        place = ".".join(map(str, fault["loc"]))
        told = f"{fault['msg'].removeprefix('Value error, ')}; look at the variable that is used there"
        yield f"{place}: {told}" if place else told


def _canaries(settings: Settings, secrets: Secrets) -> tuple[str, ...]:
    """The canaries, filled in; UsageError for one that cannot be asked: as a failure it would excuse an outage."""
    try:
        filled = tuple(secrets.fill(canary) for canary in settings.canaries)
    except MissingVariable as error:
        message = f"monitor.canaries: {error}"
        raise UsageError(message) from error
    for written, canary in zip(settings.canaries, filled, strict=True):
        if not canaries.can_be_asked(canary):
            message = f"monitor.canaries: {written}: what the variable holds is no address; write e.g. {CANARY}"
            raise UsageError(message)
    return filled


async def _warm(jobs: Sequence[_Job], secrets: Secrets, settings: Settings) -> None:
    """What would make the first check of a type look slow happens here; a bad file is that check's to report."""
    for job in jobs:
        if job.type.warm is not None:
            try:
                _require(job.type)
                await job.type.warm(job.options)
            except Exception as error:
                LOG.warning("%s", settings.told(job.check, secrets.mask(str(error))))


def _require(kind: ProbeType) -> None:
    """MissingLibrary when a library of the type is not installed."""
    for module in kind.requires:
        if find_spec(module) is None:
            raise MissingLibrary(module, kind.extra or kind.name)


# --- asking -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """What all checks of a run have in common."""

    location: str
    network: Network
    secrets: Secrets
    now: Callable[[], int]
    settings: Settings


async def _all(jobs: Sequence[_Job], common: _Run) -> list[Observation]:
    """Every check's observation, in the order of the jobs; starts are 10 ms apart and bounded in number.

    A place is held for one attempt and not through the pause before the next: dead targets do not starve the others.
    """
    places = asyncio.Semaphore(common.settings.concurrency)
    hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(common.settings.per_host))

    async def attempt(job: _Job) -> Observation:
        async with hosts[job.options.host], places:
            return _timed(await _attempt(job, common), job.check.performance)

    async def one(index: int, job: _Job) -> Observation:
        await asyncio.sleep(index * STAGGER_SECONDS)
        observation = await _observed(job.check.retries if job.type.asks else 0, partial(attempt, job))
        common.settings.done(job.check)
        return observation

    return list(await asyncio.gather(*(one(index, job) for index, job in enumerate(jobs))))


async def _observed(retries: int, attempt: Callable[[], Awaitable[Observation]]) -> Observation:
    """The last attempt's observation, with what every attempt said; a good one that needed a retry says so."""
    seen = [await attempt()]
    while seen[-1].status is Status.DOWN and len(seen) <= retries:
        await asyncio.sleep(RETRY_PAUSES_SECONDS[min(len(seen), len(RETRY_PAUSES_SECONDS)) - 1])
        seen.append(await attempt())
    last = seen[-1]
    if len(seen) > 1 and last.status is Status.UP:
        last = replace(last, code=error_code("retried", base_code(seen[0].code or "internal")))
    attempts = tuple(Attempt(one.status, one.code, one.ms) for one in seen)
    return replace(last, started_at=seen[0].started_at, attempts=attempts)


async def _attempt(job: _Job, common: _Run) -> Observation:
    """One attempt with one deadline; a fault of our own is unknown for this check alone."""
    trace = Trace()
    context = Context(
        location=common.location,
        scheduled_at=job.scheduled_at,
        now=common.now(),
        network=common.network,
        trace=trace,
        mask=common.secrets.mask,
        hide=common.secrets.hide,
        last_report=common.settings.last_reports.get(job.check.id),
    )
    try:
        _require(job.type)
        async with asyncio.timeout(job.check.timeout_ms / 1000):
            observation = await job.type.probe(job.check, job.options, context)
        return _required(observation)
    except TimeoutError:
        return context.failed(job.check, trace.fault or _late(trace.phase, job.check.timeout_ms))
    except MissingLibrary as error:
        LOG.error("%s", common.settings.told(job.check, error))
        return context.broken(job.check, str(error))
    except Exception as error:
        told = common.secrets.mask(f"{type(error).__name__}: {error}")
        LOG.error("%s", common.settings.told(job.check, f"the {job.type.name} probe itself failed: {told}"))
        return context.broken(job.check)


def _required(observation: object) -> Observation:
    """What a probe has to answer with; TypeError for anything else, as a fork's own type may."""
    if not isinstance(observation, Observation):
        msg = f"it answered with {type(observation).__name__}, not with an Observation"
        raise TypeError(msg)
    return observation


def _late(phase: Phase | None, timeout_ms: int) -> TargetError:
    code = PHASE_CODES[phase] if phase else "deadline"
    return TargetError(code, f"the time of {timeout_ms} ms was up")


def _timed(observation: Observation, performance: Performance | None) -> Observation:
    """Degraded if it was good but past the critical response time."""
    if performance is None or observation.status is not Status.UP or observation.ms is None:
        return observation
    if observation.ms <= performance.critical_ms:
        return observation
    told = f"{observation.ms} ms, critical above {performance.critical_ms} ms"
    return replace(observation, status=Status.DEGRADED, code="slow", detail=told)


# --- suspecting ourselves -----------------------------------------------------------------------


async def _suspicion(
    jobs: Sequence[_Job], observations: Sequence[Observation], asked: Sequence[str], network: Network
) -> tuple[int, int] | None:
    """(passed, asked) of the canaries where this run had reason to doubt itself, else None.

    They are asked once something failed; all of them again when one fails, or when more than half of at least four
    unrelated hosts do.
    """
    failed = {observation.check for observation in observations if observation.status is Status.DOWN}
    if not failed or not asked:
        return None
    passing = await canaries.passed(asked, network)
    if passing == len(asked) and not _broad(jobs, failed):
        return None
    return await canaries.passed(asked, network), len(asked)


def _broad(jobs: Sequence[_Job], failed: set[str]) -> bool:
    hosts = {job.options.host for job in jobs if job.options.host}
    hit = {job.options.host for job in jobs if job.check.id in failed and job.options.host}
    return len(hosts) >= BROAD_HOSTS and 2 * len(hit) > len(hosts)


def _excused(observation: Observation) -> Observation:
    """A failure that is the probe's own; passes stay as they are."""
    if observation.status is not Status.DOWN:
        return observation
    code = error_code("probe_offline", base_code(observation.code or "internal"))
    return replace(observation, status=Status.UNKNOWN, code=code)


# --- ticks --------------------------------------------------------------------------------------


def _ticks(started: int, observations: Sequence[Observation], evidence: tuple[int, int] | None) -> Iterator[Tick]:
    """One tick for what started within two seconds of its beginning; what had to wait longer goes into a later one."""
    waiting, t = list(observations), started
    while waiting:
        together = [observation for observation in waiting if observation.started_at - t <= TOGETHER_MS]
        if together:
            yield Tick(t, min(observation.scheduled_at for observation in together), tuple(together), evidence)
        waiting = [observation for observation in waiting if observation.started_at - t > TOGETHER_MS]
        t = min((observation.started_at for observation in waiting), default=t)
