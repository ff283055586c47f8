"""`statusledger incident new` and `resolve`: a file is written or changed, and what to commit is told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from statusledger.cli.asking import ask, something
from statusledger.cli.build import make
from statusledger.cli.place import place
from statusledger.cli.written import Desk
from statusledger.clock import MINUTE_MS, local_date
from statusledger.errors import UsageError
from statusledger.incident_files import Update, composing, templates
from statusledger.incident_files.blocks import state
from statusledger.incident_files.placement import INCIDENTS
from statusledger.model import IncidentStatus, State
from statusledger.report.records import IncidentReport
from statusledger.written.severity import read_severity
from statusledger.written.wording import did_you_mean

T = TypeVar("T")


def new(arguments: argparse.Namespace) -> int:
    """0; a file about an incident that began."""
    desk = _desk(arguments)
    measured = [_measured(desk, name) for name in arguments.covers or ()]
    earliest = min((one.started_at for one in measured), default=None)
    title = arguments.title or ask("--title", "What happened", something, str(measured[0].title) if measured else "")
    components = _components(arguments, desk, measured)
    started = arguments.started if arguments.started is not None else _started(desk, earliest)
    values = {
        "title": composing.quoted(" ".join(str(title).split())),
        "severity": _severity(arguments),
        "components": composing.states(components),
        "started": composing.instant(started),
        "now": composing.instant(max(_minute(desk.where.started_at), started)),
        "summary": "",
        "text": composing.escaped(arguments.text if arguments.text is not None else "We are looking into it."),
    }
    text = templates.filled(templates.template(desk.where.root, INCIDENTS, arguments.template), values)
    if arguments.reported:
        text = composing.with_key(text, "detected", "reported")
    if measured:
        text = composing.with_key(text, "covers", f"[{', '.join(one.id for one in measured)}]")
    path = desk.free_path(local_date(started, desk.config.page.timezone), str(title))
    desk.keep(path, text, f"Report {path.stem}")
    return 0


def resolve(arguments: argparse.Namespace) -> int:
    """0; the incident's file says that it is over."""
    desk = _desk(arguments)
    now = _minute(desk.where.started_at)
    path, text = _file(desk, arguments.id)
    text = composing.with_update(text, Update(now, IncidentStatus.RESOLVED, arguments.notes or "", {}))
    text = composing.with_key(text, "resolved", composing.instant(now if arguments.at is None else arguments.at))
    desk.keep(path, text, f"Resolve {path.stem}")
    return 0


def _desk(arguments: argparse.Namespace) -> Desk:
    where = place(arguments)
    return Desk(where, where.config(), INCIDENTS, arguments.json)


def _file(desk: Desk, identity: str) -> tuple[Path, str]:
    """The file of an incident with its text; a new one where it was only measured so far."""
    path = desk.existing(identity)
    if path is not None:
        return path, (desk.where.root / path).read_text(encoding="utf-8")
    try:
        one = _measured(desk, identity)
    except UsageError:
        raise desk.no_file(identity) from None
    if one.file is not None:
        told = Path(one.file)
        return told, (desk.where.root / told).read_text(encoding="utf-8")
    path = desk.free_path(local_date(one.started_at, desk.config.page.timezone), str(one.title))
    return path, composing.incident_text(composing.explaining(one.id, str(one.title), one.component, one.started_at))


def _measured(desk: Desk, identity: str) -> IncidentReport:
    """The incident that tells of a measured one."""
    told = make(desk.where, desk.config.public).told
    if identity not in told:
        meant = did_you_mean(identity, told) or "; statusledger incident list names those there are"
        raise UsageError(f"there is no incident {identity}{meant}")
    return told[identity]


def _components(arguments: argparse.Namespace, desk: Desk, measured: list[IncidentReport]) -> dict[str, State]:
    """What is affected: by options, by what was measured, or by asking."""
    read = _states(desk)
    if arguments.component:
        return _said("--component", read, " ".join(arguments.component))
    if measured:
        return {part.component: State.DOWN for one in measured for part in one.affected}
    names = ", ".join(desk.config.components)
    return ask("--component", f"What is affected, e.g. api or api=degraded ({names})", read)


def _states(desk: Desk) -> Callable[[str], dict[str, State]]:
    def read(text: str) -> dict[str, State]:
        found = {}
        for word in something(text.replace(",", " ")).split():
            name, _, told = word.partition("=")
            if name not in desk.config.components:
                msg = f"no component '{name}'{did_you_mean(name, desk.config.components) or '; see checks.yml'}"
                raise ValueError(msg)
            found[name] = state(told or "down")
        return found

    return read


def _severity(arguments: argparse.Namespace) -> str:
    if not arguments.severity:
        return ""
    return str(_said("--severity", read_severity, arguments.severity))


def _said(option: str, read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _started(desk: Desk, earliest: int | None) -> int:
    """When it began: with what was measured, else a person may say, else now."""
    if earliest is not None:
        return earliest
    return _minute(desk.where.started_at)


def _minute(instant: int) -> int:
    return instant // MINUTE_MS * MINUTE_MS
