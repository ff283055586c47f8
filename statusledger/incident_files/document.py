"""A Markdown file -> its front matter and its sections, each with the line where it stands.

A section begins at a heading of the second level. What looks like one inside a code block or an HTML comment is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from statusledger.errors import Problem

FENCE = "---"

_FRONT = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.MULTILINE | re.DOTALL)
# headings, and what may hold something that only looks like one; of a heading no more than ## is taken, because a
# comment can begin in its line
_MARK = re.compile(
    r"^ {0,3}(?:"
    r"##(?!#)(?=(?P<heading>[^\n]*))"
    r"|(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r")|<!--.*?(?:-->|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second level (empty before the first one) and what follows it; `line` is where it begins."""

    heading: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """`front` is YAML that keeps its line numbers in the file; the first section has no heading."""

    front: str
    sections: tuple[Section, ...]


def split(text: str, file: str) -> Document | Problem:
    """The parts of a file's text, or why it has none."""
    text = text.replace("\r\n", "\n")
    front = _FRONT.match(text)
    if front is None:
        return _no_front(text, file)
    return Document("\n" + front[1], tuple(_sections(text, front.end())))


def _no_front(text: str, file: str) -> Problem:
    if not text.strip():
        return Problem(file, 1, 0, "", "is empty; begin with ---, then title: and the other keys, then --- again")
    if text.startswith(FENCE):
        return Problem(file, 1, 0, "", "the front matter is not closed; write --- on a line of its own after its keys")
    return Problem(file, 1, 0, "", "has no front matter; the first line must be ---, then title: …, then --- again")


def _sections(text: str, start: int) -> Iterator[Section]:
    line = text.count("\n", 0, start) + 1
    heading, begin, at = "", line, start
    for found in _headings(text, start):
        yield Section(heading, begin, text[at : found.start()].strip("\n"))
        line += text.count("\n", start, found.start())
        start = found.start()
        heading, begin, at = found["heading"].rstrip(" \t").rstrip("#").strip(" \t"), line, found.end("heading")
    yield Section(heading, begin, text[at:].strip("\n"))


def section_starts(text: str) -> list[int]:
    """Where the heading of each section begins in a body."""
    return [found.start() + len(found[0]) - len(found[0].lstrip(" ")) for found in _headings(text, 0)]


def _headings(text: str, start: int) -> Iterator[re.Match[str]]:
    return (found for found in _MARK.finditer(text, start) if found["heading"] is not None)
