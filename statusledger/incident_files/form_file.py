"""The answers of an issue form -> the text of a file, and what is wrong with it by the questions of the form.

Whatever people write becomes quoted YAML or text in which no line begins a section; the file is then read as any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from statusledger.clock import MINUTE_MS, local_date, parse_duration, parse_instant
from statusledger.errors import Problem
from statusledger.incident_files.composing import escaped, instant, quoted
from statusledger.incident_files.issue_form import Form, clean
from statusledger.incident_files.names import EVERYTHING, Names
from statusledger.incident_files.placement import INCIDENTS, new_path
from statusledger.incident_files.reading import Outcome, read_incident, read_maintenance
from statusledger.incident_files.records import IncidentFile, MaintenanceFile
from statusledger.model import IncidentStatus, State

Answers = Mapping[str, str]
TEXT = "text"

_BETWEEN = re.compile(r"[,;\n]+")
_PAIR = re.compile(r"[:=\s]+")
_MARKS = "`\"' \t"
_BULLET = re.compile(r"^[-*+]\s+")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A filled form: its answers, the title of its issue, and when that was opened (epoch ms)."""

    form: Form
    answers: Answers
    title: str
    opened_at: int

    @property
    def text(self) -> str:
        """The file, right or wrong."""
        keys, body = (_incident if self.form.folder == INCIDENTS else _maintenance)(self)
        front = {"title": _scalar(self.title), **keys}
        return "".join(["---\n", *(f"{key}: {value}\n" for key, value in front.items() if value), "---\n", body, "\n"])

    def path(self, zone: str) -> Path:
        """Where the file belongs, below the root."""
        began = self.answers.get("started" if self.form.folder == INCIDENTS else "starts", "")
        return new_path(self.form.folder, local_date(_instant(began) or self.opened_at, zone), _line(self.title))

    def read(self, text: str, file: str, names: Names) -> Outcome[IncidentFile] | Outcome[MaintenanceFile]:
        """The record of a text of this kind."""
        return (read_incident if self.form.folder == INCIDENTS else read_maintenance)(text.encode(), file, names)

    def asked(self, problem: Problem) -> str:
        """What the form calls the part of the file that a problem is about."""
        return self.form.labels.get(_QUESTIONS.get(problem.path, problem.path), problem.path)


_QUESTIONS = {"updates": TEXT}


def _incident(sheet: Sheet) -> tuple[dict[str, str], str]:
    answers = sheet.answers
    opened = sheet.opened_at // MINUTE_MS * MINUTE_MS
    began = _instant(answers.get("started", ""))
    keys = {
        "severity": _scalar(_word(answers.get("severity", ""))),
        "components": f"{{{', '.join(_states(answers.get('components', '')))}}}",
        "started": instant(opened) if not answers.get("started") else _scalar(answers["started"]),
        "detected": _scalar(_word(answers.get("detected", ""))),
    }
    status = _word(answers.get("status", "")) or IncidentStatus.INVESTIGATING
    at = instant(max(opened, began or opened))
    return keys, f"\n## {at} {status}\n{escaped(answers.get(TEXT, ''))}"


def _maintenance(sheet: Sheet) -> tuple[dict[str, str], str]:
    answers = sheet.answers
    names = ", ".join(_scalar(name) for name in _names(answers.get("components", "")))
    keys = {
        "components": f"[{names}]",
        "starts": _scalar(answers.get("starts", "")),
        "ends": _scalar(_end(answers)),
        "repeats": _scalar(answers.get("repeats", "")),
    }
    return keys, escaped(answers.get(TEXT, ""))


def _states(answer: str) -> Iterator[str]:
    """`api: down` for each component, as a YAML mapping has it."""
    for part in _parts(answer):
        name, *state = _PAIR.split(part, maxsplit=1)
        yield f"{_scalar(name.strip(_MARKS))}: {_scalar((state or [''])[0].strip(_MARKS) or State.DOWN)}"


def _names(answer: str) -> list[str]:
    return [name.strip(_MARKS) for part in _parts(answer) for name in part.split()]


def _parts(answer: str) -> Iterator[str]:
    """What commas or lines divide; lines may be those of a list."""
    for part in _BETWEEN.split(answer):
        plain = part if part.strip() == EVERYTHING else _BULLET.sub("", part.strip())
        if plain.strip(_MARKS):
            yield plain.strip(_MARKS)


def _end(answers: Answers) -> str:
    """The instant that is told, or the start and how long it lasts."""
    told, starts = answers.get("ends", ""), _instant(answers.get("starts", ""))
    lasts = _read(parse_duration, told)
    return told if starts is None or lasts is None else instant(starts + lasts)


def _instant(word: str) -> int | None:
    return _read(parse_instant, word)


def _read(parse: Callable[[str], int], word: str) -> int | None:
    try:
        return parse(word)
    except ValueError:
        return None


def _word(answer: str) -> str:
    """What a choice begins with: `P1 critical` and `reported: …` explain themselves."""
    return (answer.split() or [""])[0].rstrip(":").lower()


def _scalar(answer: str) -> str:
    """One line, in quotes where YAML would read something else into it; nothing for nothing."""
    return quoted(line) if (line := _line(answer)) else ""


def _line(answer: str) -> str:
    return " ".join(clean(answer).split())
