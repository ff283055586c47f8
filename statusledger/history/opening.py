"""A file of history -> its lines with their numbers; sealed ones are opened, or counted where nobody can."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from statusledger.history.files import Damage, relative_name
from statusledger.sealed import SEALED_START, NotOpened, OpenLine, is_sealed

_START = re.escape(SEALED_START)
_PART = re.compile(rb"%s(?:(?!%s)[A-Za-z0-9+/])*={0,2}|(?:(?!%s).)+" % (_START, _START, _START), re.DOTALL)


@dataclass(slots=True)
class Lines:
    """What the file `name` holds: lines with their numbers (from 1), what could not be opened, how many stay sealed."""

    name: str
    numbered: Iterable[tuple[int, bytes]] = ()
    damage: list[Damage] = field(default_factory=list)
    sealed: int = 0


def file_lines(path: Path, *, root: Path, open_line: OpenLine | None = None) -> Lines:
    """The file's lines without their newlines, sealed ones as they were before `open_line` opened them.

    Without `open_line` sealed lines are only counted. One that it cannot open is counted too, and damage, and so is one
    that is glued to another, of which each intact part is given with the same number. `root` is the history folder.
    """
    name = relative_name(path, root)
    data, damage = file_bytes(path, root=root)
    if damage:
        return Lines(name, damage=damage)
    numbered = list(enumerate(data.removesuffix(b"\n").split(b"\n") if data else [], 1))
    return unsealed(numbered, name, open_line) if SEALED_START in data else Lines(name, numbered)


def file_bytes(path: Path, *, root: Path) -> tuple[bytes, list[Damage]]:
    """What the file holds; nothing, and why, when it cannot be read."""
    try:
        return path.read_bytes(), []
    except OSError as error:
        return b"", [Damage(relative_name(path, root), 0, f"could not be read: {error.strerror}")]


def unsealed(numbered: Sequence[tuple[int, bytes]], name: str, open_line: OpenLine | None = None) -> Lines:
    """The same of lines that are already out of their file; `name` is how damage calls it."""
    if not any(SEALED_START in line for _, line in numbered):
        return Lines(name, numbered)
    opened: list[tuple[int, bytes]] = []
    found = Lines(name, opened)
    for number, line in numbered:
        parts, reasons = _parts(line)
        if open_line is None:
            readable = [part for part in parts if not is_sealed(part)]
            found.sealed += len(parts) - len(readable)
        else:
            readable, closed = _opened(parts, open_line)
            reasons += closed
            found.sealed += len(closed)
        opened += [(number, part) for part in readable]
        if reasons:
            found.damage.append(Damage(name, number, "; ".join(reasons)))
    return found


def _opened(parts: Iterable[bytes], open_line: OpenLine) -> tuple[list[bytes], list[str]]:
    """What can be read of the parts, and why others stay closed."""
    readable: list[bytes] = []
    reasons: list[str] = []
    for part in parts:
        try:
            readable.append(open_line(part).rstrip(b"\n") if is_sealed(part) else part)
        except NotOpened as error:
            reasons.append(str(error))
    return readable, reasons


def _parts(line: bytes) -> tuple[list[bytes], list[str]]:
    """The line, or what was glued together in it, and what is wrong with that."""
    # a plain line may quote a sealed one, in the detail of a failure say
    is_plain = line.endswith(b"}") and not is_sealed(line)
    if is_plain or SEALED_START not in line:
        return [line], []
    parts = [match[0] for match in _PART.finditer(line.strip())]
    return parts, ["a sealed line that is glued to another"] if len(parts) > 1 else []
