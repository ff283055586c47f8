"""Two versions of a file of lines -> what was added at its end, and the first place where anything else happened.

A file may only grow by whole lines. A merge may lay the lines of its parents into each other, each in its order, and
add lines behind them; it may drop none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from statusledger.audit.past import Version
from statusledger.history import complete_lines, extended
from statusledger.sealed import NotOpened, OpenLine, is_sealed

Fault = tuple[int, str]  # line number, what happened to it


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its newline; `number` counts from 1."""

    number: int
    text: bytes


def added(version: Version) -> list[Line]:
    """The lines that no parent has."""
    now = version.now or b""
    if len(version.before) == 1:
        tail = appended(version.before[0] or b"", now)
        if tail is not None:
            return numbered(tail, now.count(b"\n") - tail.count(b"\n"))
    known = {text for before in version.before for text in split(before or b"")}
    return [line for line in numbered(now) if line.text not in known]


def fault(version: Version) -> Fault | None:
    """The first thing that is not a whole line added at the end; None when all is well."""
    now = version.now or b""
    changed = _merge_fault(version, split(now)) if len(version.before) > 1 else _change(version.before[0] or b"", now)
    if changed is None and now not in version.before and now and not now.endswith(b"\n"):
        return len(split(now)), "has no newline at its end, so it is torn"
    return changed


def split(content: bytes) -> list[bytes]:
    """The lines without their newlines, also a last one that has none."""
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def numbered(content: bytes, above: int = 0) -> list[Line]:
    """The lines with their numbers, of which so many stand above them."""
    return [Line(number, text) for number, text in enumerate(split(content), above + 1)]


def entry(line: Line, open_line: OpenLine | None = None) -> dict[str, Any] | None:
    """The line's object, None where the line is damaged, sealed or something else."""
    try:
        found = json.loads(opened(line.text, open_line))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def opened(text: bytes, open_line: OpenLine | None) -> bytes:
    """The text of a line, a sealed one as it was; nothing where it stays closed."""
    if not is_sealed(text):
        return text
    try:
        return open_line(text) if open_line else b""
    except NotOpened:
        return b""


def moving(content: bytes) -> bytes:
    """What publishing takes along to another branch: each whole line once."""
    return extended(b"", complete_lines(content))


def left_behind(content: bytes, there: bytes) -> Line | None:
    """The first line of a file that the same file on another branch does not have in its place; None: it has all."""
    absent = missing(split(moving(content)), split(there))
    return absent and next(line for line in numbered(content) if line.text == absent.text)


def appended(before: bytes, now: bytes) -> bytes | None:
    """What was put behind the earlier content, whose torn last line is closed first; None when it did not stay."""
    closed = before + b"\n" if before and not before.endswith(b"\n") else before
    return now[len(closed) :] if now.startswith(closed) else None


def _change(earlier: bytes, later: bytes) -> Fault | None:
    """The first line that differs, and how; None where lines were appended at most."""
    if appended(earlier, later) is not None:
        return None
    before, now = split(earlier), split(later)
    for index, line in enumerate(before):
        if now[index : index + 1] == [line]:
            continue
        if line in now[index:]:
            return index + 1, "was inserted before lines that stood there already"
        if index == len(now) or now[index] in before[index:]:
            return index + 1, "was removed"
        return index + 1, "was edited"
    return None


def _merge_fault(version: Version, now: Sequence[bytes]) -> Fault | None:
    for parent, before in zip(version.commit.parents, version.before, strict=True):
        dropped = missing(split(before or b""), now)
        if dropped:
            return dropped.number, f"of parent {parent[:12]} was dropped by the merge, or moved"
    own = added(version)
    if own and own[0].number != len(now) - len(own) + 1:
        return own[0].number, "was inserted by the merge; no parent has it"
    return None


def missing(wanted: Sequence[bytes], now: Sequence[bytes]) -> Line | None:
    """The first wanted line that does not stand there in its order."""
    rest: Iterator[bytes] = iter(now)
    return next((Line(number, line) for number, line in enumerate(wanted, 1) if line not in rest), None)
