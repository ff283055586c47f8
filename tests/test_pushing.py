"""`probe --for … --publish` pushes when a check goes down or comes back, at most once a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import pytest
import samples as s

from statusledger.cli.pushing import pusher
from statusledger.errors import PublishError
from statusledger.model import Observation, Status, Tick

CHECK = replace(s.check(n=2, m=2), id="api")


def pushes(
    statuses: Iterable[str], *, before: str | None = None, every_seconds: int = 60, refuse: int = 0
) -> list[int]:
    """The index of each sample at which was pushed; `before` is the newest result in history."""
    at: list[int] = []
    now = 0

    def push() -> str:
        at.append(now // (every_seconds * 1000))
        if len(at) <= refuse:
            raise PublishError("the remote does not answer")
        return "pushed"

    async def run() -> None:
        nonlocal now
        known = {"api": (Status(before), None)} if before else {}
        one = pusher({"api": CHECK}, known, push, clock=lambda: now)
        for index, status in enumerate(statuses):
            now = index * every_seconds * 1000
            await one.seen(Tick(now, now, (Observation("api", "eu", now, now, Status(status), 1),)))

    asyncio.run(run())
    return at


@pytest.mark.parametrize(
    ("statuses", "before", "at"),
    [
        pytest.param("up up up", None, [], id="nothing happens"),
        pytest.param("up down up down", None, [], id="failures that are not confirmed"),
        pytest.param("up down down down", None, [2], id="down once two failures confirm it"),
        pytest.param("down down up up", "down", [3], id="back after two good samples"),
        pytest.param("down down", "down", [], id="was down before the run"),
        pytest.param("up down unknown down", None, [3], id="unknown neither counts nor breaks a row"),
        pytest.param("up degraded degraded", None, [], id="degraded is not down"),
    ],
)
def test_a_change_of_the_effective_state_pushes(statuses, before, at):
    """Confirmed as it is counted, from what history says."""
    assert pushes(statuses.split(), before=before) == at


def test_at_most_once_a_minute():
    """What changes meanwhile goes out when the minute is over."""
    statuses = ["up", "down", "down", "up", "up", "down", "down", "up", "up", "up"]

    assert pushes(statuses, every_seconds=10) == [2, 8]


def test_a_refused_push_is_tried_again_after_a_minute(caplog):
    """And told; the lines are in history all the while."""
    statuses = ["up", "down", "down", *["down"] * 7]

    assert pushes(statuses, every_seconds=10, refuse=1) == [2, 8]
    assert "could not push yet: the remote does not answer" in caplog.text
