"""`statusledger maintenance`: the windows that are told, and the files that announce them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping

from statusledger import words
from statusledger.cli import files
from statusledger.cli.asking import ask, something
from statusledger.cli.build import make
from statusledger.cli.place import place
from statusledger.cli.written import Desk
from statusledger.clock import MINUTE_MS, local_date, parse_duration, parse_instant, to_datetime
from statusledger.incident_files import MaintenanceStatus, Update, composing, templates
from statusledger.incident_files.placement import MAINTENANCE
from statusledger.incident_files.reading import read_maintenance
from statusledger.outputs.api import maintenance as api
from statusledger.outputs.api.document import document, head
from statusledger.report.planned import MaintenanceReport


def run(arguments: argparse.Namespace) -> int:
    """0 when it was done."""
    return ACTIONS[arguments.action](arguments)


def new(arguments: argparse.Namespace) -> int:
    """0; a file that announces a window, and whether it will count."""
    desk = _desk(arguments)
    title = arguments.title or ask("--title", "What is done", something)
    components = arguments.component or ask(
        "--component", f'What is affected, or "*" ({", ".join(desk.config.components)})', _names
    )
    starts = arguments.starts if arguments.starts is not None else ask("--starts", "When it begins", parse_instant)
    values = {
        "title": composing.quoted(" ".join(title.split())),
        "components": f"[{', '.join(map(composing.quoted, components))}]",
        "starts": composing.instant(starts),
        "ends": composing.instant(_end(arguments, starts)),
        "repeats": arguments.repeats or "",
        "now": composing.instant(desk.where.started_at // MINUTE_MS * MINUTE_MS),
        "text": composing.escaped(arguments.text or ""),
    }
    text = templates.filled(templates.template(desk.where.root, MAINTENANCE, arguments.template), values)
    path = desk.free_path(local_date(starts, desk.config.page.timezone), title)
    desk.keep(path, text, f"Announce {path.stem}")
    record = read_maintenance(text.encode(), path.as_posix(), files.names(desk.where, desk.config)).record
    if record and files.announced(desk.where, desk.config).late(record, desk.config):
        notice = words.age(desk.config.maintenance_notice_ms)
        print(f"It will not count: it is announced less than {notice} ahead.", file=sys.stderr)
    return 0


def cancel(arguments: argparse.Namespace) -> int:
    """0; the file says that the window does not take place."""
    desk = _desk(arguments)
    path = desk.existing(arguments.id)
    if path is None:
        raise desk.no_file(arguments.id)
    text = composing.with_key((desk.where.root / path).read_text(encoding="utf-8"), "cancelled", "true")
    if arguments.notes:
        now = desk.where.started_at // MINUTE_MS * MINUTE_MS
        text = composing.with_update(text, Update(now, MaintenanceStatus.COMPLETED, arguments.notes, {}))
    desk.keep(path, text, f"Cancel {path.stem}")
    return 0


def listed(arguments: argparse.Namespace) -> int:
    """0; a line a window."""
    where = place(arguments)
    report = make(where, where.config().public)
    chosen = [one for one in report.maintenance if arguments.which in {None, _kind(one)}]
    if arguments.json:
        sys.stdout.buffer.write(document({**head(report), "maintenance": [api.plain(one) for one in chosen]}))
        return 0
    for one in chosen:
        starts = f"{to_datetime(one.starts_at, report.page.timezone):%Y-%m-%d %H:%M %Z}"
        status = "cancelled" if one.cancelled else one.status
        counts = {"whole": "counts", "part": "counts in part", "no": "does not count"}[one.counts]
        length = words.duration(one.ends_at - one.starts_at)
        print(f"{one.id:<40} {status:<12} {starts}  {length:>10}  {counts:<15} {one.title}")
    if not chosen:
        print("no maintenance")
    return 0


ACTIONS: Mapping[str, Callable[[argparse.Namespace], int]] = {"new": new, "list": listed, "cancel": cancel}


def _desk(arguments: argparse.Namespace) -> Desk:
    where = place(arguments)
    return Desk(where, where.config(), MAINTENANCE, arguments.json)


def _kind(one: MaintenanceReport) -> str:
    return "active" if one.is_active else "upcoming" if one.is_upcoming else "past"


def _end(arguments: argparse.Namespace, starts: int) -> int:
    if arguments.ends is not None:
        return int(arguments.ends)
    if arguments.for_ms is not None:
        return starts + int(arguments.for_ms)
    return starts + ask("--for or --ends", "How long it lasts", parse_duration, "1h")


def _names(text: str) -> list[str]:
    return something(text.replace(",", " ")).split()
