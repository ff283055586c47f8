"""Files about incidents and maintenance -> Markdown that shows a reviewer how they will read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from statusledger.clock import format_duration, to_datetime
from statusledger.incident_files.folder import Reading
from statusledger.incident_files.records import Detected, IncidentFile, MaintenanceFile, Update

SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|!&"})


def preview(reading: Reading, zone: str, *, only: Collection[str] | None = None) -> str:
    """Every record, or those of these files; empty where there is none."""
    records: list[IncidentFile | MaintenanceFile] = [*reading.incidents, *reading.maintenance]
    shown = [one for one in records if only is None or one.file in only]
    return "\n\n".join("\n".join(_lines(one, zone)).strip() for one in shown)


def _lines(one: IncidentFile | MaintenanceFile, zone: str) -> Iterator[str]:
    yield f"## {_plain(one.title)}"
    yield ""
    yield from _facts(one, zone) if isinstance(one, IncidentFile) else _plan(one, zone)
    if one.summary:
        yield f"\n{one.summary}"
    yield from _trail(one.updates, zone)
    if one.postmortem is not None:
        yield f"\n### Postmortem\n\n{one.postmortem}"


def _facts(one: IncidentFile, zone: str) -> Iterator[str]:
    states = ", ".join(f"{_plain(name)}: {state}" for name, state in one.components.items())
    yield f"- Affected: {states}"
    yield f"- {_span(one.started_at, one.resolved_at, zone)}"
    if one.severity:
        yield f"- Severity {one.severity}"
    if one.root_cause:
        yield f"- Root cause: {_plain(one.root_cause)}"
    if one.detected is Detected.REPORTED:
        yield f"- Reported, {'counted as downtime' if one.counts else 'not counted'}"


def _plan(one: MaintenanceFile, zone: str) -> Iterator[str]:
    yield f"- Affected: {', '.join('everything' if name == '*' else _plain(name) for name in one.components)}"
    yield f"- {_span(one.starts_at, one.ends_at, zone)}"
    if one.repeats:
        yield f"- Comes again: {_plain(one.repeats)}"
    if one.cancelled:
        yield "- Cancelled"


def _span(start: int, end: int | None, zone: str) -> str:
    if end is None:
        return f"Since {_moment(start, zone)}"
    return f"{_moment(start, zone)} to {_moment(end, zone)} ({format_duration(end - start)})"


def _trail(updates: Sequence[Update], zone: str) -> Iterator[str]:
    for update in reversed(updates):
        status = update.status.capitalize().replace("_", " ")
        yield f"\n**{status}**, {_moment(update.at, zone)}{_changes(update)}"
        if update.text:
            yield f"\n{update.text}"


def _changes(update: Update) -> str:
    states = ", ".join(f"{_plain(name)} {state}" for name, state in update.components.items())
    return f" ({states})" if states else ""


def _moment(instant: int, zone: str) -> str:
    return f"{to_datetime(instant, zone):%Y-%m-%d %H:%M %Z}"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return text.translate(SPECIAL)
