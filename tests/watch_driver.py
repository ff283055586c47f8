"""`statusledger watch` with a clock that runs ten times as fast: `python tests/watch_driver.py OPTIONS`."""

from __future__ import annotations

import asyncio
import selectors
import sys
import time

from statusledger.cli import measuring, watch
from statusledger.cli.main import main

FASTER = 10
BEGAN = time.time()


class FastSelector(selectors.EpollSelector):
    """Waits a tenth of the time that it is asked to."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready by then."""
        return super().select(timeout if timeout is None else timeout / FASTER)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop in which a second takes a tenth of one."""

    def time(self) -> float:
        """Seconds by the fast clock."""
        return super().time() * FASTER


class FastPolicy(asyncio.DefaultEventLoopPolicy):
    """Makes such loops."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """One of them."""
        return FastLoop(FastSelector())


def fast_now() -> int:
    """Epoch milliseconds by a clock that agrees with everybody's at its start, whenever it is started."""
    return int((EPOCH + (time.time() - EPOCH) * FASTER) * 1000)


EPOCH = 1_790_000_000.0  # every process of a test reckons from here, so that a later one goes on where a former one was

if __name__ == "__main__":
    measuring.now_ms = fast_now
    watch.STOP_SECONDS *= FASTER  # the processes that it waits for take their usual time
    watch.LAST_PUBLISH_SECONDS *= FASTER
    watch.ROUND_AT_MOST_SECONDS *= FASTER
    asyncio.set_event_loop_policy(FastPolicy())
    sys.exit(main(["watch", *sys.argv[1:]]))
