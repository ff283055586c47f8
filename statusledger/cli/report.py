"""`statusledger report`: a line a component, on the terminal and, with --send, to every channel that takes reports."""

from __future__ import annotations

import argparse
import json
import logging
from typing import Any

from statusledger import words
from statusledger.alerts.delivery import Line, lines
from statusledger.alerts.send import Retry, send
from statusledger.alerts.telling import of_page
from statusledger.channels.contract import Event, Kind, Link, Subject
from statusledger.cli.alert import CHANNEL_FAILED
from statusledger.cli.ledgers import parts
from statusledger.cli.outlook import situation
from statusledger.cli.place import place, secrets
from statusledger.clock import format_instant
from statusledger.errors import UsageError
from statusledger.model import Level, State, Visibility
from statusledger.rules import Situation, Watched
from statusledger.rules.outlook import Outlook
from statusledger.rules.statistics import last_day
from statusledger.secrets import Secrets
from statusledger.written.wording import plural

LOG = logging.getLogger("statusledger")
MARKS = {
    State.UP: "✓",
    State.DEGRADED: "!",
    State.DOWN: "✗",
    State.UNKNOWN: "?",
    State.MAINTENANCE: "~",
    State.INACTIVE: "-",
}
COLUMNS = ("", "component", "state", "uptime 24 h", "failures / checks", "average")


def run(arguments: argparse.Namespace) -> int:
    """0; 4 when a channel did not take it."""
    where = place(arguments)
    ledgers = parts(where)
    known = secrets(ledgers[0].config)
    now = situation(where, ledgers)
    outlook = Outlook(now)
    rows = [_row(outlook, one) for one in now.subjects.values()]
    public = [row for row, one in zip(rows, now.subjects.values(), strict=True) if _is_public(one)]
    if arguments.json:
        print(json.dumps(public, indent=2, ensure_ascii=False))
    else:
        print(_table(public))
        if hidden := len(rows) - len(public):
            print(f"and {hidden} private")
    return _send(_event(now, rows), now, known, arguments.to) if arguments.send else 0


def _is_public(one: Watched) -> bool:
    return one.component.visibility is Visibility.PUBLIC


def _row(outlook: Outlook, one: Watched) -> dict[str, Any]:
    """One component over the last 24 hours."""
    day = last_day(one, outlook.as_of)
    return {
        "component": one.component.id,
        "name": one.component.name,
        "state": str(outlook.state(one)),
        "uptime_percent": day.uptime_percent,
        "checks_failed": day.failed,
        "checks_total": day.total,
        "average_ms": day.average_ms,
    }


def _table(rows: list[dict[str, Any]]) -> str:
    cells = [COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < 3 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    known = row["checks_total"] is not None
    return (
        MARKS[State(row["state"])],
        row["name"],
        row["state"],
        words.DASH if row["uptime_percent"] is None else f"{row['uptime_percent']} %",
        f"{row['checks_failed']:,} / {row['checks_total']:,}" if known else words.DASH,
        words.DASH if row["average_ms"] is None else f"{row['average_ms']:,} ms",
    )


# --- to channels --------------------------------------------------------------------------------


def _event(now: Situation, rows: list[dict[str, Any]]) -> Event:
    page = now.config.page
    up = sum(row["state"] == State.UP for row in rows)
    return Event(
        key=f"statusledger/{page.since}/StatusReport/{format_instant(now.as_of)}",
        kind=Kind.REPORT,
        rule="StatusReport",
        severity=Level.INFO,
        subject=Subject(page.name),
        headline=f"{page.name}: {up} of {plural(len(rows), 'component')} up",
        sentence=_table(rows),
        at=now.as_of,
        since=now.as_of,
        **of_page(page),
        links=(Link(page.name, page.url),),
        lasting=False,
    )


def _send(event: Event, now: Situation, known: Secrets, asked: str | None) -> int:
    channels = now.config.alerts.channels
    ready = {name: line for name, line in lines(channels, known).items() if line.channel.reports}
    if asked is not None and asked not in ready:
        there = ", ".join(ready) or "there is none"
        message = f'--to: there is no channel "{asked}" that takes reports; known: {there}'
        raise UsageError(message)
    chosen = {name: line for name, line in ready.items() if asked in {None, name}}
    failed = [name for name, line in chosen.items() if not _sent(name, line, event, known)]
    LOG.info("report: sent to %s", plural(len(chosen) - len(failed), "channel"))
    return CHANNEL_FAILED if failed else 0


def _sent(name: str, line: Line, event: Event, known: Secrets) -> bool:
    if line.settings is None:
        LOG.error("%s: %s", name, line.fault)
        return False
    outcome = send(line.channel, line.channel.message(event, line.settings), Retry())
    if not outcome.taken:
        LOG.error("%s", known.mask(f"{name}: {outcome.code} {outcome.detail}".rstrip()))
    return outcome.taken
