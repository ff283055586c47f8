"""Records -> the text of files, and changes to a file that leave every other line of it as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from statusledger.clock import to_datetime
from statusledger.incident_files.document import section_starts
from statusledger.incident_files.records import Detected, IncidentFile, MaintenanceFile, Update
from statusledger.incident_files.trail import POSTMORTEM
from statusledger.model import State
from statusledger.written.source import scalar

_PLAIN = re.compile(r"[A-Za-z0-9](?:[\w .,()/+*%=;-]*[\w.)%])?")
_FRONT_END = re.compile(r"^---[ \t]*$", re.MULTILINE)
_POSTMORTEM = re.compile(r"^ {0,3}##[ \t]*post[\s-]?mortem[ \t]*#*[ \t]*$", re.MULTILINE | re.IGNORECASE)


def incident_text(one: IncidentFile) -> str:
    """A file that reads as this record."""
    keys = {
        "title": quoted(one.title),
        "severity": one.severity,
        "impact": one.impact,
        "components": states(one.components),
        "started": instant(one.started_at),
        "resolved": None if one.resolved_at is None else instant(one.resolved_at),
        "detected": None if one.detected is Detected.MEASURED else one.detected,
        "counts": None if one.counts else "false",
        "root_cause": None if one.root_cause is None else quoted(one.root_cause),
        "covers": None if one.covers is None else f"[{', '.join(one.covers)}]",
    }
    return _document(keys, one)


def maintenance_text(one: MaintenanceFile) -> str:
    """A file that reads as this record."""
    keys = {
        "title": quoted(one.title),
        "components": f"[{', '.join(map(quoted, one.components))}]",
        "starts": instant(one.starts_at),
        "ends": instant(one.ends_at),
        "announced": None if one.announced_at is None else instant(one.announced_at),
        "cancelled": "true" if one.cancelled else None,
        "impact": one.impact,
        "repeats": one.repeats,
    }
    return _document(keys, one)


def explaining(identity: str, title: str, component: str, started_at: int) -> IncidentFile:
    """The least that a file can say of a measured incident."""
    return IncidentFile("", "", title, {component: State.DOWN}, started_at, covers=(identity,))


def with_update(text: str, update: Update) -> str:
    """The text with one more update behind the others, before the postmortem."""
    postmortem = _POSTMORTEM.search(text)
    place = postmortem.start() if postmortem else len(text)
    before, after = text[:place].rstrip("\n"), text[place:]
    return f"{before}\n\n{_update(update)}\n" + (f"\n{after}" if after else "")


def with_key(text: str, key: str, value: str) -> str:
    """The text with this value of a key of its front matter, in the line where the key stood or in a new one."""
    end = _FRONT_END.search(text, text.index("\n"))
    if end is None:
        msg = "the front matter is not closed; write --- on a line of its own after its keys"
        raise ValueError(msg)
    front, rest = text[: end.start()], text[end.start() :]
    line = f"{key}: {value}"
    found = re.search(rf"^{re.escape(key)}:[^\n]*$", front, re.MULTILINE)
    return (f"{front[: found.start()]}{line}{front[found.end() :]}" if found else f"{front}{line}\n") + rest


def instant(at: int) -> str:
    """`2026-11-21T02:06Z`, with seconds and milliseconds where it has any."""
    moment = to_datetime(at)
    if at % 1000:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment.second else f"{moment:%Y-%m-%dT%H:%MZ}"


def states(components: Mapping[str, State]) -> str:
    """`{api: down, web: degraded}`."""
    return f"{{{', '.join(f'{name}: {state}' for name, state in components.items())}}}"


def quoted(text: str) -> str:
    """The text as YAML reads it back, in quotes where it needs them."""
    return text if _PLAIN.fullmatch(text) and scalar(text) == text else json.dumps(text, ensure_ascii=False)


def _document(keys: Mapping[str, str | None], one: IncidentFile | MaintenanceFile) -> str:
    front = "".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None)
    return f"---\n{front}---\n" + "\n\n".join(filter(None, _body(one))) + "\n"


def _body(one: IncidentFile | MaintenanceFile) -> Iterator[str]:
    yield escaped(one.summary)
    yield from map(_update, one.updates)
    if one.postmortem is not None:
        yield f"## {POSTMORTEM}\n{one.postmortem}".rstrip()


def _update(update: Update) -> str:
    changes = f" {states(update.components)}" if update.components else ""
    return f"## {instant(update.at)} {update.status}{changes}\n{escaped(update.text)}".rstrip()


def escaped(text: str) -> str:
    """Text in which no line begins a section; what only looks like one (in a code block) stays as it is."""
    told = text.strip()
    for begin in reversed(section_starts(told)):
        told = f"{told[:begin]}\\{told[begin:]}"
    return told
