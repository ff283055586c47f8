"""The body of an issue that somebody filled a form for -> the answers, by the ids of the form.

The host writes each answer below a heading with the label of its question, `_No response_` for none. Nothing marks a
body as a form's, so it is one if it has every label. What stands in a body was written by anybody: it is text.

Source: https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from statusledger.errors import ConfigurationError, Problem
from statusledger.incident_files.placement import INCIDENTS, MAINTENANCE
from statusledger.written.source import read

FOLDER = Path(".github", "ISSUE_TEMPLATE")
# folder of the files -> (the form, the questions that a file cannot do without)
FORMS: Mapping[str, tuple[str, Sequence[str]]] = {
    INCIDENTS: ("incident.yml", ("components", "text")),
    MAINTENANCE: ("maintenance.yml", ("components", "starts", "ends")),
}
NOTHING = frozenset({"", "_No response_", "None"})

# Control characters, and those that turn or hide what stands around them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that makes files of one folder; `labels` lead from the id of a question to its heading, in order."""

    folder: str
    labels: Mapping[str, str]

    def answers(self, body: str) -> dict[str, str] | None:
        """Every answer by the id of its question, `""` for none; None where the body is of no such form."""
        text = clean(body)
        places, at = [], 0
        for name, label in self.labels.items():
            heading = re.compile(rf"^### {re.escape(label)}[ \t]*$", re.MULTILINE).search(text, at)
            if heading is None:
                return None
            places.append((name, heading.start(), at := heading.end()))
        ends = [*(start for _, start, _ in places[1:]), len(text)]
        told = {name: text[begin:end].strip() for (name, _, begin), end in zip(places, ends, strict=True)}
        return {name: "" if answer in NOTHING else answer for name, answer in told.items()}


def clean(text: str) -> str:
    """The text with its lines ended as here, and without characters that nobody can see."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def forms(top: Path) -> Iterator[Form]:
    """The forms of the repository; ConfigurationError for one that lacks a question, or cannot be read."""
    for folder, (name, needed) in FORMS.items():
        path = top / FOLDER / name
        if path.is_file():
            yield Form(folder, _labels(path, (FOLDER / name).as_posix(), needed))


def _labels(path: Path, file: str, needed: Sequence[str]) -> dict[str, str]:
    source = read(path.read_bytes(), file)
    body = source.data.get("body") if isinstance(source.data, dict) else None
    labels = dict(_questions(body if isinstance(body, list) else []))
    missing = [
        Problem(file, 0, 0, "body", f"no question has the id '{name}'; give it one")
        for name in needed
        if name not in labels
    ]
    if source.problems or missing:
        raise ConfigurationError(tuple(source.problems or missing))
    return labels


def _questions(body: Sequence[object]) -> Iterator[tuple[str, str]]:
    for element in body:
        attributes = element.get("attributes") if isinstance(element, dict) else None
        if isinstance(attributes, dict) and isinstance(element, dict) and "id" in element and "label" in attributes:
            yield str(element["id"]), " ".join(str(attributes["label"]).split())
