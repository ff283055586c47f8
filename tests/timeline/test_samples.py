"""Rows of several files and in any order -> one series per check and location, of several at one instant the worst."""

from __future__ import annotations

import json
import random

import numpy as np
import pandas as pd
import pytest
import samples as s
from repository import Repository

from statusledger.clock import DAY_MS
from statusledger.frames import load
from statusledger.timeline import measured, series
from statusledger.timeline.steps import DEGRADED, DOWN, UNKNOWN, UP

UNTIL = s.APRIL + 9 * DAY_MS
CODES = {"up": "", "down": "refused", "degraded": "slow", "unknown": "probe"}


def told(one):
    """(ts, status, ms, code) of each sample."""
    codes = [one.codes[code] for code in one.code.tolist()]
    return list(zip(one.ts.tolist(), one.status.tolist(), one.ms.tolist(), codes, strict=True))


def written(tmp_path, lines):
    """A ledger of lines (location, ts, results)."""
    made = Repository(tmp_path)
    for location, ts, results in lines:
        made.append(location, ts, json.dumps({"t": ts, "r": results}, separators=(",", ":")) + "\n")
    return load(tmp_path / "history", as_of=UNTIL)


def test_files_of_several_days_are_one_series(tmp_path):
    """Rows that are not plainly up stand where they belong, in the first file as in the third."""
    days = [s.APRIL + day * DAY_MS for day in range(3)]
    lines = [
        ("eu", days[0], {"api": 100, "web": ["down", None, "refused"]}),
        ("eu", days[0] + 5, {"api": ["down", 7, "timeout"], "web": 101}),
        ("eu", days[0] + 9, {"api": 102}),
        ("eu", days[1], {"api": 103, "web": 104}),
        ("eu", days[1] + 5, {"api": ["degraded", 9, "slow"], "web": 105}),
        ("eu", days[2], {"api": ["down", 8, "refused"], "web": ["unknown", None, "probe"]}),
        ("us", days[2] + 1, {"api": 106}),
        ("us", days[2] + 2, {"api": ["down", 5, None]}),
    ]

    found = measured(written(tmp_path, lines))

    assert {check: list(places) for check, places in found.items()} == {"api": ["eu", "us"], "web": ["eu"]}
    assert told(found["api"]["eu"]) == [
        (days[0], UP, 100, ""),
        (days[0] + 5, DOWN, 7, "timeout"),
        (days[0] + 9, UP, 102, ""),
        (days[1], UP, 103, ""),
        (days[1] + 5, DEGRADED, 9, "slow"),
        (days[2], DOWN, 8, "refused"),
    ]
    assert told(found["web"]["eu"]) == [
        (days[0], DOWN, -1, "refused"),
        (days[0] + 5, UP, 101, ""),
        (days[1], UP, 104, ""),
        (days[1] + 5, UP, 105, ""),
        (days[2], UNKNOWN, -1, "probe"),
    ]
    assert told(found["api"]["us"]) == [(days[2] + 1, UP, 106, ""), (days[2] + 2, DOWN, 5, "")]
    assert found["api"]["eu"].status.dtype == np.int8
    assert found["api"]["eu"].ms.dtype == np.int32


@pytest.mark.parametrize("count", [126, 127, 128, 400])
def test_any_number_of_codes(tmp_path, count):
    """Each row keeps its own, however many there are."""
    lines = [("eu", s.APRIL + index, {"api": ["down", index, f"status:{index}"]}) for index in range(count)]

    found = told(measured(written(tmp_path, lines))["api"]["eu"])

    assert [code for *_, code in found] == [f"status:{index}" for index in range(count)]


def table(rows):
    """The columns of `frames.Ledger.samples` with ms and codes: (check, location, ts, status, ms, code)."""
    frame = s.frame([row[:4] for row in rows])
    return frame.assign(
        ms=pd.Series([row[4] for row in rows], dtype="int32"), code=pd.Categorical([row[5] for row in rows])
    )


ROWS = [
    ("web", "us", s.at(1), "up", 5, ""),
    ("api", "us", s.at(3), "down", 5, "b"),
    ("api", "us", s.at(3), "down", 5, "c"),
    ("api", "us", s.at(3), "down", 4, "z"),
    ("api", "us", s.at(3), "degraded", 9, "zz"),
    ("api", "us", s.at(3), "unknown", 9, "zzz"),
    ("api", "eu", s.at(2), "unknown", 1, "zzz"),
    ("api", "eu", s.at(2), "up", 2, ""),
    ("api", "eu", s.at(1), "unknown", 3, "a"),
    ("api", "eu", s.at(4), "up", 6, ""),
    ("api", "eu", s.at(4), "degraded", 1, "a"),
    ("api", "us", s.at(5), "up", 6, ""),
]


@pytest.mark.parametrize("seed", range(20))
def test_any_order_gives_the_same(seed):
    """The worst known status, then the slowest answer, then the code that is last by name: never what came last."""
    shuffled = random.Random(seed).sample(ROWS, len(ROWS))

    found = series(table(shuffled))

    assert {check: list(places) for check, places in found.items()} == {"api": ["eu", "us"], "web": ["us"]}
    assert told(found["api"]["us"]) == [(s.at(3), DOWN, 5, "c"), (s.at(5), UP, 6, "")]
    assert told(found["api"]["eu"]) == [
        (s.at(1), UNKNOWN, 3, "a"),
        (s.at(2), UP, 2, ""),
        (s.at(4), DEGRADED, 1, "a"),
    ]
    assert told(found["web"]["us"]) == [(s.at(1), UP, 5, "")]


def test_no_rows_are_no_series():
    """Nothing is measured."""
    assert series(table(ROWS)[:0]) == {}


def test_a_part_of_a_series():
    """Rows in [start, end), in every column."""
    whole = series(table(ROWS))["api"]["eu"]

    assert told(whole.within(s.at(2), s.at(4))) == told(whole)[1:2]
    assert told(whole.within(s.at(0), s.at(9))) == told(whole)
    assert whole.known.tolist() == [False, True, True]
