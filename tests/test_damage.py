"""Any damage anywhere in a raw file: intact rows are all read, damaged lines are all reported, and nothing is fatal."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from statusledger import frames
from statusledger.clock import parse_instant
from statusledger.history import Row, raw_path, read_lines

T = parse_instant("2026-11-21T02:06:00Z")
END_OF_TIME = parse_instant("9999-12-31T23:59:59Z")
CHECKS = st.sampled_from(["api", "web", "docs_site", "db-1"])
MS = st.integers(0, 60_000)
WRITTEN_OUT = st.tuples(
    st.sampled_from(["up", "degraded", "down", "unknown"]),
    st.none() | MS,
    st.none() | st.sampled_from(["slow", "status:503", "retried:refused", "body:größe"]),
)
WITH_DETAIL = st.tuples(st.just("down"), MS, st.just("json"), st.sampled_from(['{"t":1}', "größer", '"}]\n', ""]))
RESULTS = st.dictionaries(CHECKS, st.one_of(MS, WRITTEN_OUT, WITH_DETAIL), min_size=1)
EXTRAS = st.fixed_dictionaries(
    {},
    optional={
        "p": st.dictionaries(CHECKS, st.lists(st.none() | MS, min_size=5, max_size=5), min_size=1),
        "s": st.just(T),
        "c": st.just([1, 3]),
        "x": st.just({"api": {"t": 5, "load": 0.5}}),
    },
)
ROWS = st.lists(st.tuples(RESULTS, EXTRAS), min_size=1, max_size=10)


def cut(content: bytes, at: int, chance: Random) -> bytes:
    """Some bytes are gone: a line, a part of one, or the end of one and the beginning of a later one."""
    return content[:at] + content[at + chance.randint(1, 200) :]


def lose_tail(content: bytes, at: int, chance: Random) -> bytes:
    """The file ends early."""
    return content[:at]


def flip(content: bytes, at: int, chance: Random) -> bytes:
    """One byte is another one."""
    return content[:at] + bytes([content[at] ^ chance.randint(1, 255)]) + content[at + 1 :]


def zero(content: bytes, at: int, chance: Random) -> bytes:
    """A block was never written and reads as NUL."""
    length = chance.randint(1, 100)
    return content[:at] + bytes(min(length, len(content) - at)) + content[at + length :]


def zero_tail(content: bytes, at: int, chance: Random) -> bytes:
    """The file was made longer, but nothing was written there."""
    return content + bytes(chance.randint(1, 100))


def glue(content: bytes, at: int, chance: Random) -> bytes:
    """A newline is gone."""
    place = content.find(b"\n", at)
    return content[:place] + content[place + 1 :] if place >= 0 else content


def tear(content: bytes, at: int, chance: Random) -> bytes:
    """A newline stands where none was."""
    return content[:at] + b"\n" + content[at:]


def repeat(content: bytes, at: int, chance: Random) -> bytes:
    """Some bytes are there twice."""
    return content[:at] + content[at : at + chance.randint(1, 200)] + content[at:]


def reorder(content: bytes, at: int, chance: Random) -> bytes:
    """The lines stand in another order."""
    lines = content.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def repeat_line(content: bytes, at: int, chance: Random) -> bytes:
    """A whole line is there twice."""
    lines = content.splitlines(keepends=True)
    lines.insert(chance.randint(0, len(lines)), lines[at % len(lines)])
    return b"".join(lines)


DAMAGE: tuple[Callable[[bytes, int, Random], bytes], ...] = (
    cut,
    lose_tail,
    flip,
    zero,
    zero_tail,
    glue,
    tear,
    repeat,
    reorder,
    repeat_line,
)


def is_row(line: bytes) -> bool:
    """Whether a line is as valid as one that was written: what changed it cannot be told from the line."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and type(found.get("t")) is int and isinstance(found.get("r"), dict)


def told(row: Row) -> str:
    """A row as something that can be counted."""
    return json.dumps(row, sort_keys=True)


@given(
    rows=ROWS,
    blows=st.lists(st.tuples(st.sampled_from(DAMAGE), st.integers(0, 10_000)), min_size=1, max_size=4),
    chance=st.randoms(use_true_random=False),
)
@settings(max_examples=150)
def test_any_damage_anywhere_leaves_every_intact_row_and_is_reported_with_its_line(
    rows: list[tuple[dict[str, Any], dict[str, Any]]],
    blows: list[tuple[Callable[[bytes, int, Random], bytes], int]],
    chance: Random,
) -> None:
    """Up to four blows at random places, which may well meet; no whole row is lost and no sound line is accused."""
    written = [
        json.dumps({"t": T + minute * 60_000, "r": results, **extras}, ensure_ascii=False).encode()
        for minute, (results, extras) in enumerate(rows)
    ]
    content = b"".join(line + b"\n" for line in written)
    for blow, at in blows:
        content = blow(content, at % len(content), chance) if content else content
    lines = content.removesuffix(b"\n").split(b"\n") if content else []
    changed = {number: line for number, line in enumerate(lines, 1) if line not in written}
    intact = Counter({told(json.loads(line)): content.count(line) for line in written})

    with tempfile.TemporaryDirectory() as folder:
        path = raw_path(Path(folder) / "history", "eu", T)
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        found, damage = read_lines(path, root=Path(folder) / "history")
        table = frames.load(Path(folder) / "history", as_of=END_OF_TIME).samples

    reported = [one.line for one in damage]
    assert intact - Counter(map(told, found)) == Counter()
    assert reported == sorted({*reported} & {*changed})
    assert [line for number, line in changed.items() if number not in reported and not is_row(line)] == []
    assert {one.file for one in damage} <= {"history/raw/2026/eu-1121.jsonl"}
    assert len(table) == sum(len(row["r"]) for row in found)
