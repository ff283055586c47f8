"""Many lines at once: the same as line by line, whatever stands in them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from test_damage import DAMAGE

from statusledger.clock import DAY_MS, MINUTE_MS, parse_instant
from statusledger.frames import NO_MS, RawFile, plain, read_raw
from statusledger.frames.plain import PlainReader
from statusledger.history import Row, raw_path, read_lines
from statusledger.model import Status

T = parse_instant("2026-11-21T00:00Z")
NAMES = tuple(Status)
CHECKS = ("api", "web", "c_0", "c_1", "c_10", "a" * 63, "z-9", "db")
PLAIN = (0, 1, 9, 10, 99, 100, 4096, 9_999, 10_000, 99_999, 123_456, 9_999_999)
OTHER_RESULTS = (
    ["down", 10_000, "status:503"],
    ["down", None, "refused"],
    ["unknown", 5, "probe_offline:refused"],
    ["degraded", 4_000, None],
    ["up", 240, "retried:refused"],
    ["down", 30, "json", "expected 1, got 2"],
    ["down", 30, "json", 'a "b" \\ {c} :["down",1,null]'],
    ["down", 30, "body:größe"],
    ["down", 86_400_000, "slow"],
    10_000_000,
    86_400_000,
)
FAULTY_RESULTS = (
    86_400_001,
    1.5,
    -1,
    None,
    True,
    "up",
    ["down", 1],
    ["off", 1, None],
    ["down", 1, "Status"],
    ["down", 1, "x", 2],
    ["down", True, None],
)
EXTRAS = (
    {"p": {"api": [4, 11, 23, None, None], "web": [1, None, 3, 4, 5]}},
    {"p": {}},
    {"p": {"api": [1.5]}},
    {"p": {"api": [10_000_000, 86_400_001]}},
    {"s": T - MINUTE_MS},
    {"s": 5},
    {"c": [1, 3]},
    {"c": [1, -3]},
    {"c": [1, 3, 4]},
    {"p": {"api": [1, 2, 3, 4, 5]}, "s": T, "c": [0, 3]},
    {"x": {"api": {"queue": 5}}},
    {"v": 1},
    {"v": 2},
    {"e": {"api": {"code": "x"}}},
)
SPELLINGS = (
    lambda line: line.replace('"r":{', '"r": {'),
    lambda line: line.replace(":1", ":01", 2),
    lambda line: line.replace('"t":1', '"t":01'),
    lambda line: line.replace('"t":1', '"t":'),
    lambda line: line.replace('"t":1', '"t":11'),
    lambda line: line.replace('"t":1', '"t":0'),
    lambda line: line.replace("}}", "}} "),
    lambda line: line.replace("}}", ',"api":7}}'),
    lambda line: line.replace("}}", ',"zz":7}}'),
    lambda line: line.replace('"api"', '"Api"'),
    lambda line: line.replace('"c_0"', '"c_2"'),
    lambda line: line.replace(',"', ',:"', 1),
    lambda line: line[: len(line) // 2],
    lambda line: "",
    lambda line: '{"t":1::::}}',
    lambda line: "YWdlLWVuY3J5cHRpb24ub3JnL3Yx" + line,
)


def written(chance: Random) -> bytes:
    """A raw file: a few sets of checks; how often something other than up stands in it differs from file to file."""
    sets = [chance.sample(CHECKS, chance.randint(1, len(CHECKS))) for _ in range(chance.randint(1, 3))]
    oddness = chance.choice([0, 0.02, 0.2])
    lines = []
    for tick in range(chance.choice([3, 12, 60, 200])):
        results: dict[str, Any] = {check: chance.choice(PLAIN) for check in chance.choice(sets)}
        row: dict[str, Any] = {"t": T + tick * MINUTE_MS, "r": results}
        if chance.random() < oddness:
            results[chance.choice(list(results))] = chance.choice(OTHER_RESULTS)
        if chance.random() < oddness / 4:
            results[chance.choice(list(results))] = chance.choice(FAULTY_RESULTS)
        if chance.random() < oddness:
            row |= chance.choice(EXTRAS)
        line = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
        lines.append(chance.choice(SPELLINGS)(line) if chance.random() < oddness / 4 else line)
    content = "\n".join(lines).encode() + chance.choice([b"\n", b""])
    for _ in range(chance.choice([0, 0, 1, 3])):
        content = chance.choice(DAMAGE)(content, chance.randrange(len(content)), chance) if content else content
    return content


def results(rows: list[Row], until: int) -> list[tuple[object, ...]]:
    """(t, check, status, ms, code) of rows, sorted."""
    found = []
    for row in rows:
        for check, value in row["r"].items():
            status, ms, code = ("up", value, None) if isinstance(value, int) else value[:3]
            if row["t"] <= until:
                found.append((row["t"], check, status, NO_MS if ms is None else ms, code or ""))
    return sorted(found)


def columns(file: RawFile) -> list[tuple[object, ...]]:
    """The same of a file's blocks."""
    found = []
    for block in file.blocks:
        assert np.all(block.ts[1:] >= block.ts[:-1])
        said = dict(zip(zip(block.odd.row, block.odd.column, strict=True), range(len(block.odd.row)), strict=True))
        for row, column in np.ndindex(*block.ms.shape):
            odd = said.get((row, column))
            status, code = (
                ("up", "") if odd is None else (NAMES[block.odd.status[odd]], file.codes[block.odd.code[odd]])
            )
            found.append((int(block.ts[row]), block.checks[column], status, int(block.ms[row, column]), code))
    return sorted(found)


@pytest.mark.parametrize("seed", range(60))
def test_a_file_says_the_same_at_once_as_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Ten files, sound and damaged: the same results, the same damage, cut at the same instant."""
    chance = Random(seed)
    monkeypatch.setattr(plain, "_CHUNK_BYTES", chance.choice([100, 3_000, 1 << 20]))
    paths = [raw_path(tmp_path / "history", "eu", T + day * DAY_MS) for day in range(10)]
    paths[0].parent.mkdir(parents=True)
    as_of = T + chance.choice([100 * MINUTE_MS, 400 * MINUTE_MS])
    for path in paths:
        path.write_bytes(written(chance))

    files = list(read_raw(paths, tmp_path / "history", as_of=as_of))

    for path, file in zip(paths, files, strict=True):
        rows, damage = read_lines(path, root=tmp_path / "history")
        past = [row for row in rows if row["t"] <= as_of]
        assert columns(file) == results(rows, as_of)
        assert list(file.damage) == damage
        assert file.dropped_future == len(results(rows, 2**62)) - len(results(rows, as_of))
        assert file.last_tick == max((row["t"] for row in past), default=-1)


@pytest.mark.parametrize(
    ("line", "others"),
    [
        pytest.param('{"t":%d,"r":{"api":123,"c_0":%d}}', 0, id="up"),
        pytest.param('{"t":%d,"r":{"api":["down",10000,"status:503"],"c_0":%d}}', 0, id="down"),
        pytest.param('{"t":%d,"r":{"api":["down",null,"dns"],"c_0":%d},"p":{"api":[4,null]}}', 0, id="phases"),
        pytest.param('{"t":%d,"r":{"api":123,"c_0":%d},"s":1795226760000,"c":[1,3]}', 0, id="drift and canaries"),
        pytest.param('{"t":%d,"r":{"api":123,"c_0":%d},"x":{"api":{"n":1}}}', 20, id="captured numbers"),
        pytest.param('{"t":%d,"r":{"api":["down",1,"größe"],"c_0":%d}}', 20, id="beyond ASCII"),
        pytest.param('{"t":%d,"r":{"api":123,"api":%d}}', 20, id="a check twice"),
        pytest.param('{"t": %d,"r":{"api":123,"c_0":%d}}', 20, id="other spaces"),
        pytest.param('{"t":%d,"r":{"api":123,"c_0":1%07d}}', 20, id="eight digits"),
    ],
)
def test_which_lines_are_read_at_once(line: str, others: int) -> None:
    """What each run of the probes writes is, and what is rare is left to be looked at value by value."""
    usual = [f'{{"t":{T + tick},"r":{{"api":{tick},"c_0":5}}}}' for tick in range(100, 120)]
    lines = [line % (T + tick, tick) for tick in range(20)]

    found, rest = PlainReader().read("\n".join([*usual, *lines]).encode())

    assert len(rest) == others
    assert sum(len(rows.ts) for rows in found) == 40 - others
    assert [number for number, _ in rest] == list(range(21, 21 + others))
    assert [one.decode() for _, one in rest] == lines[len(lines) - others :]
