"""History as columns: what is read, under which names, up to when, and what is told about the rest."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusledger.clock import parse_instant
from statusledger.frames import NO_CODE, NO_MS, SAMPLE_COLUMNS, STATUS_CODES, Ledger, load
from statusledger.history import Damage

T = parse_instant("2026-11-21T02:06:00Z")
LATER = T + 3_600_000
NAMES = {code: status for status, code in STATUS_CODES.items()}


def lay(root: Path, name: str, *lines: object) -> None:
    """Writes a raw file; anything but bytes becomes a line of JSON."""
    path = root / "raw" / "2026" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines))


def rows(ledger: Ledger) -> list[tuple[object, ...]]:
    """The samples as (check, location, ts, status, ms, code), sorted."""
    found = ledger.samples.itertuples(index=False, name=None)
    return sorted((check, location, ts, NAMES[status], ms, code) for check, location, ts, status, ms, code in found)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A history folder that does not exist yet."""
    return tmp_path / "history"


def test_every_result_becomes_a_row(root: Path) -> None:
    """Bare numbers are up, lists say what they are, and what is missing has its own value."""
    lay(
        root,
        "eu-fra-1121.jsonl",
        {"t": T, "r": {"api": 12, "web": 34}},
        {"t": T + 1, "r": {"api": ["down", None, "refused"], "web": 35}},
        {"t": T + 2, "r": {"web": ["up", 36, "retried:refused", "a detail"], "api": ["unknown", 5, None]}},
    )

    ledger = load(root, as_of=LATER)

    assert rows(ledger) == [
        ("api", "eu-fra", T, "up", 12, NO_CODE),
        ("api", "eu-fra", T + 1, "down", NO_MS, "refused"),
        ("api", "eu-fra", T + 2, "unknown", 5, NO_CODE),
        ("web", "eu-fra", T, "up", 34, NO_CODE),
        ("web", "eu-fra", T + 1, "up", 35, NO_CODE),
        ("web", "eu-fra", T + 2, "up", 36, "retried:refused"),
    ]


def test_columns_are_as_documented_also_when_there_is_nothing(root: Path) -> None:
    """An empty ledger has the columns and dtypes of a full one."""
    empty = load(root, as_of=LATER)
    lay(root, "eu-1121.jsonl", {"t": T, "r": {"api": 12}})
    full = load(root, as_of=LATER)

    for ledger in (empty, full):
        assert {name: str(dtype) for name, dtype in ledger.samples.dtypes.items()} == SAMPLE_COLUMNS
    assert (len(empty.samples), len(full.samples)) == (0, 1)
    assert (empty.last_ticks, empty.offline, empty.damage, empty.dropped_future) == ({}, frozenset(), (), 0)


def test_locations_come_from_the_file_names_and_shards_belong_together(root: Path) -> None:
    """What stands before the day and before the shard's number is the location, dashes included."""
    for name in ("eu-fra-1121.jsonl", "eu-fra.1-1121.jsonl", "eu-fra.2-1122.jsonl", "us-1121.jsonl"):
        lay(root, name, {"t": T, "r": {"api": 1}})

    ledger = load(root, as_of=LATER)

    assert sorted(ledger.samples["location"]) == ["eu-fra", "eu-fra", "eu-fra", "us"]
    assert ledger.last_ticks == {"eu-fra": T, "us": T}


def test_duplicates_stay_for_whoever_collapses_them(root: Path) -> None:
    """A row that was written twice is read twice."""
    lay(root, "eu-1121.jsonl", {"t": T, "r": {"api": 1}}, {"t": T, "r": {"api": 1}})

    assert len(load(root, as_of=LATER).samples) == 2


def test_samples_after_as_of_are_dropped_and_counted(root: Path) -> None:
    """The instant itself still counts; each later result counts once; later ticks are nobody's last."""
    lay(root, "eu-1121.jsonl", {"t": T, "r": {"api": 1}}, {"t": T + 1, "r": {"api": 2, "web": ["down", 3, "x"]}})

    ledger = load(root, as_of=T)

    assert rows(ledger) == [("api", "eu", T, "up", 1, NO_CODE)]
    assert ledger.dropped_future == 2
    assert ledger.last_ticks == {"eu": T}


def test_a_location_with_nothing_but_the_future_has_no_last_tick(root: Path) -> None:
    """A clock that runs ahead does not make a location fresh."""
    lay(root, "eu-1121.jsonl", {"t": T + 1, "r": {"api": 1}})

    assert load(root, as_of=T).last_ticks == {}


def test_rows_of_old_names_are_read_as_the_new_one(root: Path) -> None:
    """Aliases join the rows of a renamed check, also within one file."""
    lay(root, "eu-1121.jsonl", {"t": T, "r": {"old": 1, "older": 2}}, {"t": T + 1, "r": {"new": 3}})

    ledger = load(root, as_of=LATER, aliases={"old": "new", "older": "new"})

    assert [(row[0], row[4]) for row in rows(ledger)] == [("new", 1), ("new", 2), ("new", 3)]
    assert list(ledger.samples["check"].cat.categories) == ["new"]


def test_a_row_of_another_day_than_its_file_is_kept(root: Path) -> None:
    """The row's own time counts; a tick that began before midnight is no damage."""
    lay(root, "eu-1122.jsonl", {"t": T, "r": {"api": 1}})

    ledger = load(root, as_of=LATER)

    assert (len(ledger.samples), ledger.damage) == (1, ())


@pytest.mark.parametrize(
    ("newest", "offline"),
    [
        pytest.param({"api": ["unknown", 5, "probe_offline:refused"], "web": 3}, True, id="excused failures"),
        pytest.param({"api": ["unknown", 5, "internal"]}, False, id="another unknown"),
        pytest.param({"api": ["down", 5, "refused"]}, False, id="a failure"),
        pytest.param({"api": 5}, False, id="up"),
    ],
)
def test_a_location_is_offline_when_its_newest_tick_says_so(root: Path, newest: object, offline: bool) -> None:
    """Earlier ticks, and lines further down in the file, do not count."""
    lay(
        root,
        "eu-1121.jsonl",
        {"t": T + 1, "r": newest},
        {"t": T, "r": {"api": ["unknown", 5, "probe_offline:refused"]}},
    )
    lay(root, "us-1121.jsonl", {"t": T, "r": {"api": 5}})
    lay(root, "eu-1120.jsonl", {"t": T - 86_400_000, "r": {"api": ["unknown", 5, "probe_offline:refused"]}})

    assert load(root, as_of=LATER).offline == ({"eu"} if offline else frozenset())


def test_damage_is_told_with_file_and_line_and_the_rest_is_read(root: Path) -> None:
    """Torn, glued, NUL, non-UTF-8, future and duplicate lines and foreign files in one ledger."""
    good = json.dumps({"t": T, "r": {"api": 1}}).encode()
    lay(
        root,
        "eu-1121.jsonl",
        good[:9] + good + b"\n",
        b"\0\0\n",
        good + b"\0\0\n",
        b"\xff\n",
        {"t": LATER + 1, "r": {"a": 1}},
    )
    lay(root, "us-1121.jsonl", good + b"\n" + good + b"\n" + good[:15])
    lay(root, "notes.txt", b"hello")

    ledger = load(root, as_of=LATER)

    assert sorted(ledger.samples["location"]) == ["eu", "eu", "us", "us"]
    assert ledger.dropped_future == 1
    assert [(damage.file, damage.line) for damage in ledger.damage] == [
        ("history/raw/2026/eu-1121.jsonl", 1),
        ("history/raw/2026/eu-1121.jsonl", 2),
        ("history/raw/2026/eu-1121.jsonl", 3),
        ("history/raw/2026/eu-1121.jsonl", 4),
        ("history/raw/2026/notes.txt", 0),
        ("history/raw/2026/us-1121.jsonl", 3),
    ]
    assert Damage("history/raw/2026/notes.txt", 0, "not a ledger file") in ledger.damage


def test_the_collector_is_on_again_after_reading(root: Path) -> None:
    """Reading turns garbage collection off for itself only, and leaves it off where it was."""
    lay(root, "eu-1121.jsonl", {"t": T, "r": {"api": 1}})

    load(root, as_of=LATER)
    on = gc.isenabled()
    gc.disable()
    load(root, as_of=LATER)
    off = not gc.isenabled()
    gc.enable()

    assert (on, off) == (True, True)


RESULT = st.integers(0, 86_400_000) | st.tuples(
    st.sampled_from(sorted(STATUS_CODES)),
    st.none() | st.integers(0, 86_400_000),
    st.none() | st.sampled_from(["slow", "refused", "status:503"]),
)
LINE = st.tuples(
    st.sampled_from(["eu-1120", "eu.1-1121", "us-east-1121"]),
    st.integers(0, 9),
    st.dictionaries(st.sampled_from(["api", "web", "db", "old"]), RESULT),
)


@given(lines=st.lists(LINE, max_size=30))
def test_columns_say_what_the_lines_say(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, int, dict[str, object]]]
) -> None:
    """However lines are grouped, each result comes out once with everything that belongs to it."""
    root = tmp_path_factory.mktemp("ledger") / "history"
    for name in {name for name, _, _ in lines}:
        lay(root, f"{name}.jsonl", *({"t": T + minute, "r": results} for own, minute, results in lines if own == name))
    expected = []
    for name, minute, results in lines:
        for check, result in results.items():
            status, ms, code = ("up", result, None) if isinstance(result, int) else result  # type: ignore[misc]
            location = name[:-5].split(".")[0]
            row = ("api" if check == "old" else check, location, T + minute, status, NO_MS if ms is None else ms)
            expected.append((*row, code or NO_CODE))

    ledger = load(root, as_of=LATER, aliases={"old": "api"})

    assert rows(ledger) == sorted(expected)
    assert isinstance(ledger.samples, pd.DataFrame)
    assert ledger.damage == ()
