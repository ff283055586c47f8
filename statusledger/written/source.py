"""YAML text -> plain data that says what its author wrote, and where each part of it stands.

Scalars follow the core of YAML 1.2, nothing is guessed: `true` and `false` are truth values, plain decimals are
numbers (exact: int or Decimal, never float), `null` and nothing are None, and everything else is text, so `no`, `on`,
`22:30`, `0123` and `2026-01-01` stay words. Anchors, tags and several documents are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import yaml

from statusledger.errors import Problem

Path = tuple[str | int, ...]

MAX_DEPTH = 32

_TRUTH = {"true": True, "false": False}
_NOTHING = ("", "~", "null")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?P<decimals>\.\d{1,30})?")
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_OPEN_QUOTE = "found unexpected end of stream"
_SYNTAX = {
    "found character that cannot start any token": "a text must not begin with this character; put the text in quotes",
    "mapping values are not allowed in this context": (
        "a ':' stands where no key can; indent the keys of one block alike and put a text that holds ': ' in quotes"
    ),
    "could not find expected ':'": "a key without ':' stands in or before this line; write key: value",
    "did not find expected key": "this line does not fit the block it stands in; indent the keys of one block alike",
    "did not find expected '-' indicator": "this line does not fit the list above it; begin each entry with '- '",
    _OPEN_QUOTE: "a quote is opened here and never closed",
    "found unknown escape character": (
        "a backslash in double quotes begins an escape that does not exist; use single quotes to keep it as it is"
    ),
}


class Place(NamedTuple):
    """Where a key or a list entry stands; `path` is how its own file reaches it."""

    file: str
    line: int
    column: int
    path: Path


@dataclass(slots=True)
class Source:
    """One file or several as one tree: its data, the place of every path in it, and what is wrong already."""

    data: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> Problem:
        """The message at the place of the path, or of the nearest thing around it that stands in a file."""
        for length in range(len(path), -1, -1):
            place = self.places.get(path[:length])
            if place:
                return Problem(place.file, place.line, place.column, shown(place.path + path[length:]), message)
        return Problem("", 0, 0, shown(path), message)


def shown(path: Path) -> str:
    """`groups[0].components[1].timeout`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def read(octets: bytes, file: str) -> Source:
    """The tree of one YAML document; `data` is None when `problems` says why nothing could be read."""
    text = text_of(octets, file)
    return Source(problems=[text]) if isinstance(text, Problem) else read_text(text, file)


def read_text(text: str, file: str) -> Source:
    """The same of text that was read already."""
    source = Source()
    try:
        source.data = _Builder(text, file, source).document()
    except _ReadError as error:
        source.problems.append(error.problem)
    return source


def text_of(octets: bytes, file: str) -> str | Problem:
    """The text of a file in UTF-8, or why it is none."""
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = octets[: error.start].decode()
        return _at(file, before, "this byte is not UTF-8 text; save the file as UTF-8")
    control = _CONTROL.search(text)
    if control:
        return _at(
            file, text[: control.start()], f"the character U+{ord(control[0]):04X} may not stand here; remove it"
        )
    return text


class _ReadError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def _at(file: str, before: str, message: str) -> Problem:
    return Problem(file, before.count("\n") + 1, len(before) - before.rfind("\n"), "", message)


class _Builder:
    """Follows the parser's events, so that every key has its place and nothing is resolved behind our back."""

    def __init__(self, text: str, file: str, source: Source) -> None:
        self._text = text
        self._file = file
        self._source = source
        self._parser: Any = yaml.CSafeLoader(text)

    def document(self) -> Any:
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        self._source.places[()] = Place(self._file, 1, 1, ())
        data = self._value(self._next(), ())
        self._next()
        event = self._next()
        if isinstance(event, yaml.DocumentStartEvent):
            raise self._refusal(event.start_mark, (), "a second document begins here; write one per file, without ---")
        return data

    def _next(self) -> yaml.Event:
        try:
            event: yaml.Event = self._parser.get_event()
        except yaml.MarkedYAMLError as error:
            # an open quote swallows the rest of the file: the place to look at is where it was opened
            mark = error.context_mark if error.problem == _OPEN_QUOTE else error.problem_mark
            raise self._refusal(mark, (), self._in_plain_words(error)) from None
        return event

    def _in_plain_words(self, error: yaml.MarkedYAMLError) -> str:
        number = error.problem_mark.line if error.problem_mark else 0
        lines = self._text.splitlines()
        line = lines[number] if number < len(lines) else ""
        if "\t" in line[: len(line) - len(line.lstrip())]:
            return "a tab is used to indent; YAML wants spaces"
        problem = error.problem or "cannot be read"
        expected = re.fullmatch(r"did not find expected ',' or '(.)'", problem)
        if expected and error.context_mark:
            opened = error.context_mark.line + 1
            return f"a ',' or '{expected[1]}' is missing before this; what was opened in line {opened} is not closed"
        return _SYNTAX.get(problem, f"this is not YAML: {problem}")

    def _refusal(self, mark: Any, path: Path, message: str) -> _ReadError:
        return _ReadError(Problem(self._file, *_position(mark), shown(path), message))

    def _value(self, event: yaml.Event, path: Path) -> Any:
        if len(path) > MAX_DEPTH:
            raise self._refusal(event.start_mark, path[:1], f"blocks are nested more than {MAX_DEPTH} deep")
        if getattr(event, "tag", None):
            raise self._refusal(event.start_mark, path, "tags (!) are not read; write the plain value")
        if not getattr(event, "anchor", None):
            if isinstance(event, yaml.ScalarEvent):
                return scalar(event.value) if event.implicit[0] else event.value
            if isinstance(event, yaml.CollectionStartEvent):
                return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)
        raise self._refusal(event.start_mark, path, "anchors (&) and aliases (*) are not read; write the value itself")

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            own = (*path, len(items))
            self._mark(event, own)
            items.append(self._value(event, own))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refusal(
                    event.start_mark, path, "a key must be plain text; put quotes around a {{ VARIABLE }}"
                )
            key = event.value
            if key in entries:
                self._duplicate(event, path, key)
                continue
            own = (*path, key)
            self._mark(event, own)
            entries[key] = self._value(self._next(), own)
        return entries

    def _duplicate(self, event: yaml.Event, path: Path, key: str) -> None:
        """Report the second one and read past it; what its value holds has no place of its own."""
        first = self._source.places[(*path, key)]
        message = f"duplicate key '{key}'; it stands in line {first.line} already"
        problem = Problem(self._file, *_position(event.start_mark), shown((*path, key)), message)
        self._source.problems.append(problem)
        depth = 0
        while True:
            event = self._next()
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return

    def _mark(self, event: yaml.Event, path: Path) -> None:
        self._source.places[path] = Place(self._file, *_position(event.start_mark), path)


def _position(mark: Any) -> tuple[int, int]:
    """Line and column, both from 1; 0 where the parser does not say."""
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def scalar(text: str) -> bool | int | Decimal | str | None:
    """What an unquoted word means."""
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    return Decimal(text) if number["decimals"] else int(text)
