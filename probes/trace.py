"""One attempt as it happens: the stopwatch of its phases, and what was learned before it ended, however it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from statusledger.model import Certificate, Phases

if TYPE_CHECKING:
    from probes.contract import TargetError

Phase = Literal["dns", "connect", "tls", "ttfb", "body"]
NANOSECONDS_PER_MS = 1_000_000


@dataclass(slots=True)
class Trace:
    """The stopwatch starts when it is made; a phase lasts until the next one is entered.

    `fault` is what is already known to be wrong while more facts are gathered: it stands when the time is up;
    `captured` are the numbers that are kept however the attempt ends; `beginning` is how the body of the answer begins.
    """

    clock: Callable[[], int] = time.perf_counter_ns
    phase: Phase | None = None
    address: str | None = None
    reused: bool = False
    http_status: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    body_size: int | None = None
    beginning: bytes = b""
    certificate: Certificate | None = None
    fault: TargetError | None = None
    captured: dict[str, float] = field(default_factory=dict)
    _started: int = field(init=False)
    _entered: int = field(init=False)
    _stopped: int | None = None
    _spent: dict[Phase, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._started = self._entered = self.clock()

    def enter(self, phase: Phase | None) -> None:
        """Ends the current phase and begins this one (None: time that belongs to no phase)."""
        if self._stopped is not None:
            return
        now = self.clock()
        if self.phase is not None:
            self._spent[self.phase] = self._spent.get(self.phase, 0) + now - self._entered
        self.phase, self._entered = phase, now

    def restart(self) -> None:
        """Begins anew: what was done so far (fetching a token) is not the target's time."""
        self.phase, self.address, self.http_status, self.certificate = None, None, None, None
        self.headers, self.beginning = (), b""
        self._spent.clear()
        self._started = self._entered = self.clock()

    def adopt(self, other: Trace) -> None:
        """Stands where the other one stands, with what it has learned; the times of its phases are added."""
        self.enter(other.phase)
        self.address, self.http_status, self.certificate = other.address, other.http_status, other.certificate
        self.headers, self.beginning = other.headers, other.beginning
        self.body_size, self.fault = other.body_size, other.fault
        self.reused |= other.reused
        for phase, spent in other._spent.items():
            self._spent[phase] = self._spent.get(phase, 0) + spent

    @property
    def has_stopped(self) -> bool:
        """Whether the measurement has ended."""
        return self._stopped is not None

    def stop(self) -> None:
        """Ends the measurement; whatever happens afterwards is not timed. A second stop changes nothing."""
        if self._stopped is None:
            self.enter(None)
            self._stopped = self._entered

    @property
    def total_ms(self) -> int:
        """From the start to the stop, or to now while it runs, in whole milliseconds."""
        end = self.clock() if self._stopped is None else self._stopped
        return round((end - self._started) / NANOSECONDS_PER_MS)

    @property
    def phases(self) -> Phases:
        """How long each phase that happened has lasted, in whole milliseconds; of several redirects the sum."""
        return Phases(**{phase: round(spent / NANOSECONDS_PER_MS) for phase, spent in self._spent.items()})
