"""Due-ness: the grid of each check against the newest row that history has of it."""

from __future__ import annotations

import json
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.heartbeat import HeartbeatOptions
from statusledger.clock import DAY_MS, MINUTE_MS, parse_instant
from statusledger.history import raw_path
from statusledger.model import Check
from statusledger.schedule import due, last_reports, last_rows, next_due

NOON = parse_instant("2026-11-21T12:00:00Z")
FIVE = 5 * MINUTE_MS


def check(identity: str = "api", interval_ms: int = FIVE, **settings: object) -> Check:
    """A check that runs every five minutes."""
    return Check(identity, identity, "http", None, interval_ms, 10_000, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "last", "instant"),
    [
        pytest.param(NOON, None, NOON, id="never measured"),
        pytest.param(NOON + 7, NOON - FIVE, NOON, id="a new instant has come"),
        pytest.param(NOON + 7, NOON - 1, NOON, id="measured late the last time"),
        pytest.param(NOON + FIVE - 1, NOON, None, id="this instant is done"),
        pytest.param(NOON + FIVE - 1, NOON + 60_000, None, id="this instant is done late"),
        pytest.param(NOON + 3 * FIVE + 9, NOON, NOON + 3 * FIVE, id="missed instants are not made up for"),
    ],
)
def test_a_check_is_due_once_a_grid_instant(now: int, last: int | None, instant: int | None) -> None:
    """The grid belongs to the clock, and a row at or after the instant settles it."""
    rows = {} if last is None else {"api": last}

    found = due([check()], rows, now, "eu")

    assert found == ([] if instant is None else [(check(), instant)])


@pytest.mark.parametrize(
    ("settings", "runs"),
    [
        pytest.param({}, True, id="everywhere"),
        pytest.param({"locations": ("us", "eu")}, True, id="here among others"),
        pytest.param({"locations": ("us",)}, False, id="elsewhere"),
        pytest.param({"active": False}, False, id="switched off"),
        pytest.param({"active_from": NOON}, True, id="from now"),
        pytest.param({"active_from": NOON + FIVE + 1}, False, id="not yet"),
        pytest.param({"active_until": NOON}, False, id="until now"),
        pytest.param({"active_until": NOON + FIVE + 1}, True, id="still"),
    ],
)
def test_only_what_runs_here_and_now_is_due(settings: dict[str, object], runs: bool) -> None:
    """Locations and the active span of a check are kept to, for this instant and the next."""
    one = check(**settings)

    assert bool(due([one], {}, NOON, "eu")) == runs
    if "active_from" not in settings:
        assert (next_due([one], {}, NOON, "eu") is not None) == runs


def test_due_checks_keep_their_order() -> None:
    """The order of checks.yml is the order of the line."""
    names = ["web", "api", "db"]

    assert [one.id for one, _ in due([check(name) for name in names], {}, NOON, "eu")] == names


@given(st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True), unique=True), st.integers(1, 6))
def test_each_check_belongs_to_exactly_one_shard(names: list[str], count: int) -> None:
    """The shards of a matrix together measure everything once."""
    checks = [check(name) for name in names]

    shards = {index: due(checks, {}, NOON, "eu", (index, count)) for index in range(1, count + 1)}

    assert sorted(one.id for found in shards.values() for one, _ in found) == sorted(names)
    assert all(crc32(one.id.encode()) % count == index % count for index, found in shards.items() for one, _ in found)


@pytest.mark.parametrize(
    ("checks", "rows", "expected"),
    [
        pytest.param([check()], {}, NOON + FIVE, id="the next instant, not this one"),
        pytest.param([check("a", 3 * MINUTE_MS), check("b")], {}, NOON + 3 * MINUTE_MS, id="the first of several"),
        pytest.param([check()], {"api": NOON + FIVE + 1}, NOON + 2 * FIVE, id="after a row that is ahead"),
        pytest.param([check(active_from=NOON + FIVE + 1)], {}, NOON + 2 * FIVE, id="once it is active"),
        pytest.param([check(active_until=NOON + FIVE)], {}, None, id="never again"),
        pytest.param([check(locations=("us",)), check(active=False)], {}, None, id="not here"),
        pytest.param([], {}, None, id="nothing to do"),
    ],
)
def test_the_next_instant_is_the_first_on_any_grid(
    checks: list[Check], rows: dict[str, int], expected: int | None
) -> None:
    """A loop may sleep until then and misses nothing."""
    assert next_due(checks, rows, NOON, "eu") == expected


def lay(root: Path, location: str, t: int, *checks: str, shard: tuple[int, int] | None = None, day: int = 0) -> Path:
    """Writes one row."""
    path = raw_path(root, location, t + day, shard)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps({"t": t, "r": dict.fromkeys(checks, 1)}) + "\n")
    return path


def test_the_newest_row_counts_wherever_it_stands(tmp_path: Path) -> None:
    """All shards, any order of lines, unknown results too, and this location's files alone."""
    lay(tmp_path, "eu", NOON - 5, "api")
    lay(tmp_path, "eu", NOON - 9, "api", "web")
    lay(tmp_path, "eu", NOON - 3, "db", shard=(1, 2))
    lay(tmp_path, "eu", NOON - 2, "db", shard=(2, 2))
    lay(tmp_path, "eu-fra", NOON - 1, "api")
    with lay(tmp_path, "eu", NOON - 8, "web").open("a") as file:
        file.write(f'{{"t":{NOON - 4},"r":{{"dns":["unknown",null,"internal"]}}}}\n{{"t":12')

    assert last_rows(tmp_path, "eu", NOON) == {"api": NOON - 5, "web": NOON - 8, "db": NOON - 2, "dns": NOON - 4}


def test_rows_of_the_future_do_not_stop_a_check(tmp_path: Path) -> None:
    """A clock that ran ahead once must not silence the monitor until that time has come."""
    lay(tmp_path, "eu", NOON - FIVE, "api")
    lay(tmp_path, "eu", NOON + 1, "api")

    rows = last_rows(tmp_path, "eu", NOON)

    assert rows == {"api": NOON - FIVE}
    assert due([check()], rows, NOON, "eu") == [(check(), NOON)]


def test_only_the_newest_files_are_read(tmp_path: Path) -> None:
    """Today's and as many before as the longest interval reaches back, also over the turn of a year."""
    new_year = parse_instant("2027-01-01T00:10:00Z")
    lay(tmp_path, "eu", new_year, "today")
    lay(tmp_path, "eu", new_year - 20 * MINUTE_MS, "yesterday")
    lay(tmp_path, "eu", new_year - DAY_MS - 20 * MINUTE_MS, "before")

    assert set(last_rows(tmp_path, "eu", new_year)) == {"today", "yesterday"}
    assert set(last_rows(tmp_path, "eu", new_year, longest_ms=FIVE)) == {"today"}


def test_no_history_is_no_row(tmp_path: Path) -> None:
    """The first run finds nothing, and everything is due."""
    assert last_rows(tmp_path / "history", "eu", NOON) == {}


# --- reports of other systems -------------------------------------------------------------------


def beat(identity: str = "backup", every: str = "1h", **settings: object) -> Check:
    """A heartbeat with ten minutes of grace."""
    options = HeartbeatOptions(every=every, grace="10m")
    return Check(identity, identity, "heartbeat", options, FIVE, 10_000, **settings)  # type: ignore[arg-type]


def report(root: Path, t: int, **results: object) -> None:
    """Writes one line of location `push`."""
    with lay(root, "push", t).open("a") as file:
        file.write(json.dumps({"t": t, "r": results}) + "\n")


@pytest.mark.parametrize(
    ("result", "good"),
    [
        pytest.param(120, True, id="up"),
        pytest.param(["up", None, None], True, id="up without a time"),
        pytest.param(["degraded", 900, "status:degraded"], True, id="degraded is alive"),
        pytest.param(["down", None, "status:down"], False, id="down"),
        pytest.param(["unknown", None, None], False, id="unknown"),
    ],
)
def test_a_report_is_good_unless_it_says_down(tmp_path: Path, result: object, good: bool) -> None:
    """A job that reports its own failure has not sent a heartbeat."""
    report(tmp_path, NOON - FIVE, backup=result)

    assert last_reports(tmp_path, NOON, [beat()]) == ({"backup": NOON - FIVE} if good else {})


def test_the_newest_good_report_counts_wherever_it_stands(tmp_path: Path) -> None:
    """Any order of lines, a torn one among them; other locations, other checks and the future are not looked at."""
    report(tmp_path, NOON - 3, backup=1, api=1)
    report(tmp_path, NOON - 9, backup=1, sync=1)
    report(tmp_path, NOON - 1, backup=["down", None, "status:down"])
    report(tmp_path, NOON + 1, backup=1)
    lay(tmp_path, "eu", NOON - 2, "backup")
    with lay(tmp_path, "push", NOON - 20).open("a") as file:
        file.write(f'{{"t":{NOON - 4},"r":{{"sync":2}}}}\n{{"t":12')

    assert last_reports(tmp_path, NOON, [beat(), beat("sync"), check()]) == {"backup": NOON - 3, "sync": NOON - 4}


def test_of_two_reports_at_one_instant_the_worst_counts(tmp_path: Path) -> None:
    """As for the samples of the ledger, and never in the provider's favour."""
    report(tmp_path, NOON - 2, backup=1)
    report(tmp_path, NOON - 1, backup=1)
    report(tmp_path, NOON - 1, backup=["down", None, "status:down"])

    assert last_reports(tmp_path, NOON, [beat()]) == {"backup": NOON - 2}


def test_reports_under_an_earlier_id_count(tmp_path: Path) -> None:
    """A renamed heartbeat does not fall down."""
    report(tmp_path, NOON - 1, nightly=1)

    assert last_reports(tmp_path, NOON, [beat(was=("nightly",))]) == {"backup": NOON - 1}


def test_files_are_read_as_far_back_as_a_report_can_be_in_time(tmp_path: Path) -> None:
    """Over the turn of a year; a report that came too late anyway need not be found."""
    new_year = parse_instant("2027-01-01T00:10:00Z")
    report(tmp_path, new_year - 20 * MINUTE_MS, backup=1)
    report(tmp_path, new_year - 2 * DAY_MS, weekly=1)

    assert last_reports(tmp_path, new_year, [beat()]) == {"backup": new_year - 20 * MINUTE_MS}
    assert last_reports(tmp_path, new_year, [beat("weekly", "7d")]) == {"weekly": new_year - 2 * DAY_MS}


def test_without_heartbeats_nothing_is_read(tmp_path: Path) -> None:
    """No check, no report, and no folder either."""
    assert last_reports(tmp_path / "history", NOON, [check()]) == {}
    assert last_reports(tmp_path / "history", NOON, [beat()]) == {}
