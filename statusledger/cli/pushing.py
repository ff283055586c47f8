"""A long run of the prober pushes at once when a check goes down or comes back; all else waits for its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from statusledger.clock import MINUTE_MS
from statusledger.errors import PublishError
from statusledger.model import Check, Status, Tick

LOG = logging.getLogger("statusledger")
AT_MOST_EVERY_MS = MINUTE_MS


@dataclass(slots=True)
class _Streak:
    """Whether a check is down as it counts, and how many samples in a row have said otherwise."""

    down: bool
    against: int = 0


@dataclass(slots=True)
class Pusher:
    """Calls `push` when the effective state of a check changes, at most once a minute.

    A check is down after `confirm_down` failures in a row and back after `confirm_up` good samples; `down` names those
    that were down when the run began.
    """

    checks: Mapping[str, Check]
    push: Callable[[], object]
    clock: Callable[[], int]
    streaks: dict[str, _Streak] = field(default_factory=dict)
    _wanted: bool = False
    _pushed_at: int | None = None

    async def seen(self, tick: Tick) -> None:
        """Takes note of the tick, and pushes what is in history when that is due; a refused push is tried again."""
        turned = {seen.check for seen in tick.observations if self._turned(seen.check, seen.status)}
        self._wanted |= bool(turned)
        now = self.clock()
        if not self._wanted or (self._pushed_at is not None and now - self._pushed_at < AT_MOST_EVERY_MS):
            return
        self._wanted, self._pushed_at = False, now
        try:
            LOG.info("%s", await asyncio.to_thread(self.push))
        except PublishError as error:
            self._wanted = True
            LOG.warning("could not push yet: %s", error)

    def _turned(self, check: str, status: Status) -> bool:
        """Whether this sample is the one with which the check goes down or comes back."""
        if status is Status.UNKNOWN:
            return False
        streak = self.streaks.setdefault(check, _Streak(down=False))
        if (status is Status.DOWN) == streak.down:
            streak.against = 0
            return False
        streak.against += 1
        counting = self.checks[check].counting
        if streak.against < (counting.confirm_up if streak.down else counting.confirm_down):
            return False
        streak.down, streak.against = not streak.down, 0
        return True


def pusher(
    checks: Mapping[str, Check], results: Mapping[str, tuple[Status, str | None]], push: Callable[[], object],
    *, clock: Callable[[], int],
) -> Pusher:  # fmt: skip
    """A pusher that starts from the newest results in history."""
    streaks = {check: _Streak(down=status is Status.DOWN) for check, (status, _) in results.items() if check in checks}
    return Pusher(checks, push, clock, streaks)
