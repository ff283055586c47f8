"""A measured incident -> the file that would explain it, and the change that its end makes to such a file.

The draft holds only what may be public. It has no update of its own: the first one is a person's answer, and the
response clock runs until there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from statusledger.clock import HOUR_MS, format_duration, to_datetime
from statusledger.errors import Problem, UsageError
from statusledger.incident_files import IncidentFile, Names, Reading, Update
from statusledger.incident_files.composing import instant, quoted, states, with_key, with_update
from statusledger.incident_files.placement import INCIDENTS, TEMPLATES, new_path
from statusledger.incident_files.preview import preview
from statusledger.incident_files.reading import read_incident
from statusledger.model import IncidentStatus, State
from statusledger.report.records import IncidentReport, Report

SECOND_MS = 1000
TEMPLATE = "measured.md"
DEFAULT_TEMPLATE = """\
---
title: {{ title }}
severity: {{ severity }}
components: {{ components }}
started: {{ started }}
covers: [{{ id }}]
---
{{ component }} does not work as it should.

{{ evidence }}
"""
_PLACEHOLDER = re.compile(r"\{\{ *(\w+) *\}\}")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is proposed for one measured incident, whose id is `incident`; `path` is below the root of the repository.

    `ended_at` None: it lasts. `down_ms` is its counted downtime. `fresh` is the file's text where there is no file.
    """

    incident: str
    title: str
    path: str
    ended_at: int | None
    down_ms: int
    fresh: str

    @property
    def branch(self) -> str:
        """The branch that it is offered on."""
        return f"incident/{self.incident}"

    def changed(self, text: str | None, names: Names) -> str | None:
        """What the file's text becomes (None: there is no file yet); None where nothing is to be proposed.

        What people wrote stays: an end is added to a text that tells of none; one that cannot be read is left alone.
        """
        if text is None:
            return self._resolved(self.fresh, names) or self.fresh
        return self._resolved(text, names)

    def _resolved(self, text: str, names: Names) -> str | None:
        told = self.read(text, names)
        if self.ended_at is None or not isinstance(told, IncidentFile) or told.resolved_at is not None:
            return None
        at = max([self.ended_at, *(update.at + SECOND_MS for update in told.updates)])
        lasted = f"It works again. Measured downtime: {format_duration(self.down_ms)}."
        update = Update(at, IncidentStatus.RESOLVED, lasted, {})
        return with_update(with_key(text, "resolved", instant(self.ended_at)), update)

    def read(self, text: str, names: Names) -> IncidentFile | tuple[Problem, ...]:
        """The record of a text, or what is wrong with it."""
        outcome = read_incident(text.encode(), self.path, names)
        return outcome.record or outcome.problems

    def description(self, text: str, names: Names, zone: str) -> str:
        """The pull request's text: what to do, whether the file is right, and how it will read."""
        told = self.read(text, names)
        if isinstance(told, IncidentFile):
            judged = f"`statusledger validate` finds nothing wrong with it.\n\n---\n\n{preview(Reading((told,)), zone)}"
        else:
            judged = "**It is not valid yet:**\n\n" + "\n".join(f"- `{problem}`" for problem in told)
        return (
            f"`{self.incident}` was measured and is on the page already. This file tells what it was: edit it here,"
            f" then merge. {judged}\n"
        )


def draft(incident: IncidentReport, report: Report, template: str) -> Draft:
    """The draft of an incident that nobody wrote about, or of the end of one that a file tells of."""
    measured = incident.covered or (incident,)
    first = measured[0]
    moment = to_datetime(first.started_at)
    new = new_path(INCIDENTS, moment.date(), f"{first.component} {moment:%H%M%S}").as_posix()
    ends = [one.ended_at for one in measured if one.ended_at is not None]
    return Draft(
        incident=first.id,
        title=str(incident.title),
        path=incident.file or new,
        ended_at=max(ends) if len(ends) == len(measured) else None,
        down_ms=sum(one.down_ms for one in measured),
        fresh=filled(template, first, report),
    )


def template_of(root: Path) -> str:
    """The repository's own template for drafts, or the one that we bring."""
    path = root / INCIDENTS / TEMPLATES / TEMPLATE
    return path.read_text(encoding="utf-8") if path.is_file() else DEFAULT_TEMPLATE


def filled(template: str, incident: IncidentReport, report: Report) -> str:
    """The template with what is known of the incident; UsageError for a placeholder that we do not know."""
    values = {
        "id": incident.id,
        "title": quoted(str(incident.title)),
        "severity": str(incident.severity),
        "component": str(incident.component_name),
        "components": states({incident.component: State.DOWN}),
        "started": instant(incident.started_at),
        "evidence": "\n".join(f"- {line}" for line in evidence(incident, report)),
    }
    unknown = sorted({found[1] for found in _PLACEHOLDER.finditer(template)} - set(values))
    if unknown:
        message = f"incidents/templates/{TEMPLATE}: no placeholder {unknown[0]}; there are {', '.join(sorted(values))}"
        raise UsageError(message)
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def evidence(incident: IncidentReport, report: Report) -> Iterator[str]:
    """What was measured, as far as it is public, a sentence each."""
    before = "" if incident.last_ok_at is None else f", last good answer {instant(incident.last_ok_at)}"
    yield f"First failure {instant(incident.started_at)}{before}."
    if incident.locations:
        yield f"Seen from {', '.join(incident.locations)}."
    if incident.codes:
        yield f"Errors: {', '.join(f'`{code}`' for code in incident.codes)}."
    yield from _response_times(incident, report)
    others = [
        str(other.component_name) for other in report.incidents if other.id != incident.id and _overlap(other, incident)
    ]
    if others:
        yield f"Down at the same time: {', '.join(sorted(set(others)))}."


def _response_times(incident: IncidentReport, report: Report) -> Iterator[str]:
    """The median of the last whole hour before, and of the newest hour since."""
    component = report.components.get(incident.component)
    hours = component.response_times.hours if component else ()
    before = [hour.p50 for hour in hours if hour.start_ms + HOUR_MS <= incident.started_at and hour.p50 is not None]
    since = [hour.p50 for hour in hours if hour.start_ms >= incident.started_at and hour.p50 is not None]
    if before:
        after = f", {since[-1]} ms in the newest hour since" if since else ""
        yield f"Median response time {before[-1]} ms in the hour before{after}."


def _overlap(one: IncidentReport, other: IncidentReport) -> bool:
    first, second = sorted((one, other), key=lambda incident: incident.started_at)
    return first.ended_at is None or second.started_at < first.ended_at
