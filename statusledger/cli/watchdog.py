"""`statusledger watchdog`: does every location still measure? One that has not for three times its schedule is silent.

A light question, for health checks of containers, and for a job beside the one that probes.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from statusledger import schedule, sealed
from statusledger.cli.outcome import outcome
from statusledger.cli.place import Place, place, secrets
from statusledger.clock import format_duration, format_instant
from statusledger.config import Config
from statusledger.errors import ForgeError, UsageError
from statusledger.forge import Forge, forge
from statusledger.model import Location

SILENT_SCHEDULES = 3
LABEL = "watchdog"
TITLE = "Nothing is measured any more"
ADVICE = """\
The page shows what nobody has measured as *unknown*. What usually helps:

- Actions, probe: did its last run fail? Is the schedule off, as after 60 days without a commit, and in forks? Start it
  by hand.
- A location of your own: is `statusledger watch` running there, and may it still push?
- A location that is gone: take it out of `monitor.locations` in checks.yml."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One location and its newest tick (epoch ms), None where there is none within a day; `silent` for too long."""

    location: Location
    last: int | None
    silent: bool

    def __str__(self) -> str:
        last = "nothing since a day" if self.last is None else f"last measured {format_instant(self.last)}"
        every = format_duration(self.location.schedule_ms or 0)
        return f"{self.location.id}: {last}, expected every {every}{': SILENT' if self.silent else ''}"


def run(arguments: argparse.Namespace) -> int:
    """0 while every location measures that has a schedule; 1 when one is silent."""
    where = place(arguments)
    config = where.config()
    found = list(watched(where, config, arguments.location or os.environ.get("STATUSLEDGER_LOCATION")))
    for one in found:
        print(one)
    silent = [one for one in found if one.silent]
    outcome(arguments).did.append(f"silent: {', '.join(one.location.id for one in silent) or 'nobody'}")
    if arguments.issue:
        _tell(_forge(), silent)
    return 1 if silent else 0


def watched(where: Place, config: Config, only: str | None) -> Iterator[Watched]:
    """Each location that has a schedule, or `only` that one; UsageError for an unknown one."""
    known = [one for one in config.monitor.locations if only in {None, one.id}]
    if not known:
        message = f'there is no location "{only}"; known: {", ".join(one.id for one in config.monitor.locations)}'
        raise UsageError(message)
    open_line = sealed.opener_of(os.environ, secrets(config).hide)
    for location in known:
        if location.schedule_ms is None:
            continue
        roots = ((where.history, None), (where.sealed, open_line))
        ticks = (schedule.last_rows(root, location.id, where.started_at, open_line=key) for root, key in roots)
        last = max((t for rows in ticks for t in rows.values()), default=None)
        late = SILENT_SCHEDULES * location.schedule_ms
        yield Watched(location, last, silent=last is None or where.started_at - last > late)


def _forge() -> Forge:
    host = forge(os.environ)
    if host is None:
        message = "--issue: GITHUB_REPOSITORY or GITHUB_TOKEN is not set; a job has the second one under env: only"
        raise ForgeError(message)
    return host


def _tell(host: Forge, silent: Sequence[Watched]) -> None:
    """One issue for as long as anything is silent; it is closed by the first run that finds nothing."""
    try:
        _keep_one_issue(host, silent)
    except ForgeError as error:
        lacks = "; the job lacks issues: write" if error.status == HTTPStatus.FORBIDDEN else ""
        message = f"no issue tells of it: {error}{lacks}"
        raise ForgeError(message, status=error.status) from error


def _keep_one_issue(host: Forge, silent: Sequence[Watched]) -> None:
    issues = host.open_issues(LABEL)
    if silent and not issues:
        body = "\n".join([*(f"- {one}" for one in silent), "", ADVICE])
        print(f"opened {host.open_issue(TITLE, body, [LABEL])}")
    for issue in () if silent else issues:
        host.comment(issue["number"], "Every location measures again.")
        host.close_issue(issue["number"])
        print(f"closed {issue['html_url']}")
