"""An event loop in which nobody waits: when nothing is ready, its clock goes on to the next timer at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any


class _Selector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time is what its timers say."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        """Seconds since it was made."""
        return self.selector.now

    def clock(self, start: int) -> Callable[[], int]:
        """Epoch milliseconds that go on from `start` with the loop's own time."""
        return lambda: start + round(self.selector.now * 1000)


def run(loop: VirtualLoop, work: Coroutine[Any, Any, None]) -> None:
    """Runs the work to its end."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(work)
