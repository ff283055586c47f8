"""Lines of raw history -> the same with a number for every result, so that lines with a failure look like all others.

What a result says in a list is noted and leaves a 0 behind; phase times, drift and canaries, which no column holds, are
dropped. A line of any other kind stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from statusledger.history import CHECK_ID

_MS = r"(?:0|[1-9][0-9]{0,6})"
_TEXT = r"[ !#-\[\]-~]"  # printable, without a quotation mark or an escape
_LISTED = re.compile(
    rf':\["(up|degraded|down|unknown)",(?:null|({_MS})),(?:null|"([a-z][a-z0-9_]*(?::{_TEXT}+)?)")(?:,"{_TEXT}*")?\]'.encode()
)
_SPENT = rf'"{CHECK_ID}":\[(?:null|{_MS})(?:,(?:null|{_MS}))*\]'
_REST = re.compile(
    rf'(?:,"p":{{{_SPENT}(?:,{_SPENT})*}})?(?:,"s":[1-9][0-9]{{12}})?(?:,"c":\[[0-9],[0-9]\])?}}'.encode()
)
_NEWLINE, _BRACKET, _BRACE = b"\n[}"
_KEYS_BEFORE = 3  # t, r, and the check's own


class Noted(NamedTuple):
    """A result that was written in a list: the place of its check in the line, and what it says."""

    column: int
    status: str
    ms: int | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Levelled:
    """Lines without the last newline; of those that are not as they were, by place, the original and what it noted."""

    text: bytes
    originals: dict[int, bytes]
    noted: dict[int, list[Noted]]


def levelled(text: bytes) -> Levelled:
    """The lines of a text, each with a number for every result as far as that can be."""
    originals: dict[int, bytes] = {}
    noted: dict[int, list[Noted]] = {}
    parts: list[bytes] = []
    done = 0
    for line, start, end in _uneven(text):
        level = _level(text[start:end])
        if level is not None:
            originals[line], noted[line] = text[start:end], level[1]
            parts += (text[done:start], level[0])
            done = end
    return Levelled(b"".join((*parts, text[done:])) if parts else text, originals, noted)


def _uneven(text: bytes) -> list[tuple[int, int, int]]:
    """Place, start and end of each line that says more than numbers: it has a bracket, or ends in another way."""
    places = np.frombuffer(text + b"\n", dtype=np.uint8)
    ends = (places == _NEWLINE).nonzero()[0]
    is_uneven = (places[ends - 1] != _BRACE) | (places[np.maximum(ends - 2, 0)] != _BRACE)
    is_uneven[np.searchsorted(ends, (places == _BRACKET).nonzero()[0])] = True
    lines = is_uneven.nonzero()[0]
    starts = np.where(lines > 0, ends[lines - 1] + 1, 0)
    return list(zip(lines.tolist(), starts.tolist(), ends[lines].tolist(), strict=True))


def _level(line: bytes) -> tuple[bytes, list[Noted]] | None:
    """The line with a number for every result, and what it said in their place; None for a line of another kind."""
    results, _, rest = line.partition(b"}")
    if rest != b"}" and not _REST.fullmatch(rest):
        return None
    parts: list[bytes] = []
    noted: list[Noted] = []
    done = 0
    for match in _LISTED.finditer(results):
        status, ms, code = match.groups()
        column = results.count(b'":', 0, match.start() + 1) - _KEYS_BEFORE
        noted.append(
            Noted(column, status.decode(), None if ms is None else int(ms), None if code is None else code.decode())
        )
        parts += (results[done : match.start()], b":0")
        done = match.end()
    return b"".join((*parts, results[done:], b"}}")), noted
