"""A build that reads what has changed equals one that reads everything, byte for byte, whatever happened.

`HISTORIES=400 pytest tests/test_incremental.py` tries that many; a few are enough for every day.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from rollup.histories import START, Growing, changed, configured

from statusledger import outputs
from statusledger.clock import DAY_MS, HOUR_MS
from statusledger.config import Config
from statusledger.history.removal import remove
from statusledger.outputs import theme
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.keeping import Recompute, keep
from statusledger.report.records import BuiltFrom, Report
from statusledger.rollup.prune import old_files

HISTORIES = int(os.environ.get("HISTORIES", "4"))


def built(root: Path, config: Config, as_of: int, *, full: bool) -> Report:
    """The report of a history folder."""
    history = reading.read(root, config, as_of=as_of, full=full)
    return report(config, history, BuiltFrom(as_of, None, "test", 1))


def assert_same(root: Path, config: Config, as_of: int) -> None:
    """Both ways to build give the same report, and so the same bytes."""
    some, everything = (built(root, config, as_of, full=full) for full in (False, True))
    for identity, component in everything.components.items():
        assert some.components[identity] == component
    assert some.incidents == everything.incidents
    assert some == everything


def prune(root: Path, config: Config, *, before: int, as_of: int) -> int:
    """Removes the raw files that may go, and says how many."""
    reader = reading.bare_reader(root, config, as_of=as_of)
    reading.settled(reader, config, as_of=as_of)
    found = [file for file in old_files(reader, before=before) if file.reason is None]
    assert all(remove(file.path, size=file.size) for file in found)
    return len(found)


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_incremental_equals_full(tmp_path, seed):
    """Days go by, rows come late, checks change, the job runs now and then: at every step both builds say the same."""
    chance = random.Random(seed)
    config = configured(chance, sizes=chance.choice([(1,), (2,), (1, 2, 1)]))
    ledger = Growing(tmp_path / "history", chance)
    as_of = START
    for _ in range(12):
        as_of += round(chance.choice([0.2, 1, 3]) * DAY_MS) + chance.randrange(HOUR_MS)
        ledger.until(config, as_of)
        if chance.random() < 0.3:
            ledger.late(config)
        if chance.random() < 0.15:
            config = changed(config, chance)
        if chance.random() < 0.7:
            keep(ledger.root, config, as_of=as_of, recompute=chance.choices([*Recompute], [18, 1, 1])[0])

        assert_same(ledger.root, config, as_of - chance.choice([0, 0, 0, 3 * DAY_MS]))


@pytest.mark.parametrize("seed", range(HISTORIES // 3))
def test_incremental_equals_full_where_raw_rows_are_gone(tmp_path, seed):
    """Old raw files are removed as soon as they may be, and rows still come late."""
    chance = random.Random(seed)
    config = configured(chance)
    ledger = Growing(tmp_path / "history", chance)
    as_of = START
    removed = 0
    for _ in range(10):
        as_of += round(chance.choice([1, 3]) * DAY_MS) + chance.randrange(HOUR_MS)
        ledger.until(config, as_of)
        if chance.random() < 0.3:
            ledger.late(config)
        keep(ledger.root, config, as_of=as_of)
        removed += prune(ledger.root, config, before=as_of - chance.randint(4, 12) * DAY_MS, as_of=as_of)

        assert_same(ledger.root, config, as_of)
    assert removed


def test_a_site_is_the_same_to_the_byte(tmp_path):
    """Every file of it."""
    chance = random.Random(7)
    config = configured(chance)
    ledger = Growing(tmp_path / "history", chance)
    for day in range(0, 20, 4):
        ledger.until(config, START + day * DAY_MS)
        keep(ledger.root, config, as_of=START + day * DAY_MS)
    as_of = START + 17 * DAY_MS + 5 * HOUR_MS

    some, everything = (
        outputs.files(built(ledger.root, config, as_of, full=full), theme.load(tmp_path / "overrides"))
        for full in (False, True)
    )

    assert len(everything) > 20
    assert some == everything
