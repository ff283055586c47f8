"""Reading as little as it takes: which raw files are read, and that nothing of the others is forgotten."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from rollup.histories import START, lay, steady, watched, watching

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS
from statusledger.model import Check, Counting
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.keeping import keep
from statusledger.report.records import BuiltFrom

DAYS = 40
NOW = START + DAYS * DAY_MS + HOUR_MS


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """Forty days, sealed once."""
    folder = tmp_path_factory.mktemp("sealed") / "history"
    lay(folder, steady(START, NOW))
    keep(folder, watching(), as_of=NOW)
    return folder


@pytest.fixture
def root(sealed, tmp_path):
    """Forty days, sealed, for a test of its own."""
    return shutil.copytree(sealed, tmp_path / "history")


def read_names(root, config=None, as_of=NOW):
    """The raw files that a build reads."""
    reader = reading.reader_of(root, config or watching(), as_of=as_of, full=False)
    reading.settled(reader, config or watching(), as_of=as_of)
    return {path.name for path in reader.shelf.files}


def both(root, config, as_of=NOW):
    """The report by either way."""
    for full in (False, True):
        history = reading.read(root, config, as_of=as_of, full=full)
        yield report(config, history, BuiltFrom(as_of, None, "test", 1))


def test_sealed_days_are_not_read_again(root):
    """Of forty days those of the last seven, and today."""
    assert read_names(root) == {f"eu-04{day}.jsonl" for day in range(22, 30)}


def test_a_file_that_has_grown_is_read_with_what_it_bears_on(root):
    """Its day, its neighbours, and theirs."""
    lay(root, [(START + 10 * DAY_MS, "down")])

    assert read_names(root) >= {"eu-0328.jsonl", "eu-0329.jsonl", "eu-0330.jsonl", "eu-0331.jsonl", "eu-0401.jsonl"}
    assert "eu-0327.jsonl" not in read_names(root)


def test_a_row_of_another_day_than_its_file_s_is_counted_there(root):
    """A line with a late clock in yesterday's file unseals the day that it is about."""
    path = root / "raw" / "2026" / "eu-0428.jsonl"
    path.write_text(path.read_text() + f'{{"t":{START + DAY_MS},"r":{{"api":["down",null,"refused"]}}}}\n')

    some, everything = both(root, watching())

    assert some == everything
    assert some.components["api"].checks_failed["365d"] == 1


def test_what_is_told_of_files_that_are_not_read(tmp_path):
    """Damaged lines, and when a location that is gone was heard of last."""
    folder = tmp_path / "history"
    lay(folder, steady(START, NOW))
    lay(folder, steady(START, START + HOUR_MS), location="us")
    path = folder / "raw" / "2026" / "us-0320.jsonl"
    path.write_text(path.read_text() + "torn\n")
    keep(folder, watching(), as_of=NOW)

    some, everything = both(folder, watching())

    assert "us-0320.jsonl" not in read_names(folder)
    assert some == everything
    assert [(fault.file, fault.line) for fault in some.monitor.damage] == [("history/raw/2026/us-0320.jsonl", 13)]
    assert some.monitor.locations[2].last_tick_at == START + 55 * MINUTE_MS


def test_since_when_a_location_is_down_is_known_however_long(tmp_path):
    """A partial outage of three weeks did not begin a week ago."""
    folder = tmp_path / "history"
    for location in ("ap", "eu"):
        lay(folder, steady(START, NOW), location=location)
    began = START + 20 * DAY_MS
    lay(folder, [(t, "down" if t >= began else "up") for t, _ in steady(START, NOW)], location="us")
    keep(folder, watching(), as_of=NOW)

    some, everything = both(folder, watching())

    assert (some.components["api"].since, some.components["api"].down_at) == (began, ("us",))
    assert some == everything


def test_a_weekly_check_takes_its_context_from_weeks_ago(tmp_path):
    """Two failures in a row, seven days apart, and the first one was sealed as unconfirmed."""
    weekly = Check("api", "api", "http", None, 7 * DAY_MS, 10_000, counting=Counting(2, 1, 8 * DAY_MS))
    config = watching(watched(weekly))
    folder = tmp_path / "history"
    rows = [(START + week * 7 * DAY_MS, status) for week, status in enumerate(("up", "up", "down", "down", "up"))]
    lay(folder, rows[:3])
    keep(folder, config, as_of=START + 18 * DAY_MS)

    lay(folder, rows[3:])
    some, everything = both(folder, config)

    assert some == everything
    assert some.components["api"].figures["365d"].down_ms == 14 * DAY_MS


def test_a_component_that_ended_long_ago_costs_nothing(root):
    """Its days are not looked for in raw files again and again."""
    ended = replace(watched(), id="old", checks=(replace(watched().checks[0], id="old"),), active=False)
    config = watching(watched(), ended)
    lay(root, steady(START, START + 2 * DAY_MS), check="old")
    keep(root, config, as_of=NOW)

    some, everything = both(root, config)

    assert len(read_names(root, config)) == 8
    assert some == everything
    assert some.components["old"].figures["365d"].up_ms == 2 * DAY_MS + 5 * MINUTE_MS


def test_a_look_back_does_not_know_what_came_later(root):
    """At an earlier instant the last failure was not confirmed yet, whatever its line says by now."""
    lay(root, [(NOW + 1, "down"), (NOW + 5 * MINUTE_MS, "down")])
    keep(root, watching(), as_of=NOW + 4 * DAY_MS)

    then, since = (next(both(root, watching(), as_of=NOW + ms)).components["api"].figures["24h"] for ms in (2, DAY_MS))

    assert (then.down_ms, since.down_ms) == (0, 15 * MINUTE_MS - 1)
