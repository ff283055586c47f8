"""Maintenance counts if it was announced in time and never taken back since: by recorded announcements alone."""

from __future__ import annotations

import json

import pytest
from telling import Acme

from statusledger.clock import HOUR_MS, format_instant, parse_instant
from statusledger.config import load
from statusledger.history.notices import Notice, newest_tick, notices, plain
from statusledger.incident_files import MaintenanceFile
from statusledger.incidents.announced import Announced, intersection, new_notices, notice_of
from statusledger.incidents.occurrences import occurrences
from statusledger.timeline import counted_windows

NOON = parse_instant("2026-11-21T12:00Z")
NOTICE = 24 * HOUR_MS


def hours(count: float) -> int:
    """So many hours after noon."""
    return NOON + round(count * HOUR_MS)


def window(start: float = 0, end: float = 2, **changes: object) -> MaintenanceFile:
    """A window of the API in hours after noon."""
    keys = {"components": ("api",), **changes}
    return MaintenanceFile("w", "maintenance/2026/w.md", "W", starts_at=hours(start), ends_at=hours(end), **keys)


def seen(at: float, one: MaintenanceFile) -> Notice:
    """What was announced of a window, in hours after noon."""
    return notice_of(one, "UTC", hours(at))


@pytest.fixture
def config(tmp_path):
    """Api and web in core, web in the service shop."""
    return load(Acme(tmp_path).root / "checks.yml")


def counted(config, one, *told, component="api", now=72.0):
    """The windows that count for a component, in hours after noon."""
    judge = Announced({"w": told} if told else {}, NOTICE, "UTC", hours(now))
    names = {component, "core", *(["shop"] if component in {"api", "web"} else [])}
    found = counted_windows(judge.plans(one, config), names, NOTICE)
    return [((start - NOON) / HOUR_MS, (end - NOON) / HOUR_MS) for start, end in found]


@pytest.mark.parametrize(
    ("now", "told", "expected"),
    [
        pytest.param(window(), [(-24, window())], [(0, 2)], id="exactly in time"),
        pytest.param(window(), [(-23.99, window())], [], id="a moment late"),
        pytest.param(window(), [], [], id="never announced: as if now"),
        pytest.param(window(0, 4), [(-48, window()), (1, window(0, 4))], [(0, 2)], id="stretched over an overrun"),
        pytest.param(window(0, 1), [(-48, window()), (1, window(0, 1))], [(0, 1)], id="cut short"),
        pytest.param(window(1, 3), [(-48, window()), (-2, window(1, 3))], [(1, 2)], id="moved late: what both cover"),
        pytest.param(window(30, 32), [(-48, window()), (2, window(30, 32))], [(30, 32)], id="moved in time"),
        pytest.param(window(0, 4), [(-48, window())], [(0, 2)], id="stretched and not yet recorded"),
        pytest.param(
            window(cancelled=True), [(-48, window()), (-24, window(cancelled=True))], [], id="cancelled in time"
        ),
        pytest.param(window(cancelled=True), [(-48, window()), (1, window(cancelled=True))], [], id="cancelled late"),
        pytest.param(
            window(),
            [(-48, window()), (-1, window(cancelled=True)), (1, window())],
            [],
            id="cancelled, and taken back after an outage",
        ),
        pytest.param(
            window(),
            [(-96, window()), (-72, window(cancelled=True)), (-30, window())],
            [(0, 2)],
            id="cancelled, and announced again in time",
        ),
    ],
)
def test_what_counts(config, now, told, expected):
    """What the file covers now, announced in time, and not taken back."""
    assert counted(config, now, *(seen(at, one) for at, one in told)) == expected


def test_a_component_that_is_added_late_is_not_covered(config):
    """Everybody else keeps what was announced for them."""
    both = window(components=("api", "web"))
    told = (seen(-48, window()), seen(1, both))

    assert counted(config, both, *told) == [(0, 2)]
    assert counted(config, both, *told, component="web") == []


@pytest.mark.parametrize("name", ["*", "core", "shop", "api"])
def test_a_window_may_name_a_component_in_four_ways(config, name):
    """Itself, its group, a service that it is part of, or everything."""
    one = window(components=(name,))

    assert counted(config, one, seen(-48, one)) == [(0, 2)]


def test_what_an_announcement_named_by_its_group_covers_a_member(config):
    """Names may change as long as they mean the component."""
    assert counted(config, window(), seen(-48, window(components=("core",))), seen(1, window())) == [(0, 2)]


def test_outside_of_a_repository_the_file_says_when_it_was_announced(config):
    """Nothing is recorded there; what claims nothing is accepted."""
    judge = Announced(None, NOTICE, "UTC", hours(72))
    for announced, expected in ((None, 1), (hours(-24), 1), (hours(-23), 0)):
        plans = judge.plans(window(announced_at=announced), config)
        assert len(counted_windows(plans, {"api"}, NOTICE)) == expected


# --- windows that come again --------------------------------------------------------------------


def told(starts, repeats, zone, *, until, hours_long=1):
    """When each window begins, in the words of ISO 8601."""
    start = parse_instant(starts)
    found = occurrences(start, start + hours_long * HOUR_MS, repeats, zone, until=parse_instant(until))
    assert {end - begin for begin, end in found} == {hours_long * HOUR_MS}
    return [format_instant(begin)[:16] for begin, _ in found]


def test_a_window_keeps_its_part_of_a_second():
    """Rules count in whole seconds, windows in milliseconds: each day has one, at the same millisecond."""
    start = parse_instant("2026-03-28T01:30:21.061Z")

    found = occurrences(start, start + 1, "FREQ=DAILY;COUNT=3", "Europe/Berlin", until=start + 99 * HOUR_MS)

    assert [format_instant(begin) for begin, _ in found] == [
        "2026-03-28T01:30:21.061Z",
        "2026-03-29T01:30:21.061Z",
        "2026-03-30T00:30:21.061Z",
    ]


@pytest.mark.parametrize(
    ("starts", "repeats", "zone", "expected"),
    [
        pytest.param(
            "2026-03-22T01:30Z",
            "FREQ=WEEKLY",
            "Europe/Berlin",
            ["2026-03-22T01:30", "2026-03-29T01:30", "2026-04-05T00:30"],
            id="02:30 in Berlin: missing on the day that clocks go forward",
        ),
        pytest.param(
            "2026-10-18T00:30Z",
            "FREQ=WEEKLY",
            "Europe/Berlin",
            ["2026-10-18T00:30", "2026-10-25T00:30", "2026-11-01T01:30"],
            id="02:30 in Berlin: twice on the day that clocks go back, the first of them",
        ),
        pytest.param(
            "2026-03-22T01:30Z",
            "FREQ=WEEKLY",
            "UTC",
            ["2026-03-22T01:30", "2026-03-29T01:30", "2026-04-05T01:30"],
            id="a zone without summer time",
        ),
        pytest.param(
            "2026-01-06T10:00Z",
            "FREQ=MONTHLY;BYDAY=1TU;COUNT=3",
            "UTC",
            ["2026-01-06T10:00", "2026-02-03T10:00", "2026-03-03T10:00"],
            id="every first Tuesday, three times",
        ),
        pytest.param(
            "2026-03-01T10:00Z",
            "FREQ=DAILY;UNTIL=20260303",
            "UTC",
            ["2026-03-01T10:00", "2026-03-02T10:00", "2026-03-03T10:00"],
            id="until a day that is part of it",
        ),
        pytest.param(
            "2026-03-01T10:00Z",
            "FREQ=DAILY;UNTIL=20260302T100000Z",
            "Europe/Berlin",
            ["2026-03-01T10:00", "2026-03-02T10:00"],
            id="until an instant that is part of it",
        ),
        pytest.param(
            "2026-03-03T10:00Z",
            "FREQ=WEEKLY;BYDAY=SU;COUNT=2",
            "UTC",
            ["2026-03-03T10:00", "2026-03-08T10:00", "2026-03-15T10:00"],
            id="the first one takes place whatever its day",
        ),
    ],
)
def test_a_rule_follows_the_clock_of_its_zone(starts, repeats, zone, expected):
    """Each as long as the first, over changes of the clock."""
    assert (
        told(starts, repeats, zone, until="2026-04-06T00:00Z" if "-10-" not in starts else "2026-11-02T00:00Z")
        == expected
    )


def test_each_window_that_comes_again_is_judged_by_its_own_start(config):
    """One announcement two hours before the first is in time for the second."""
    one = window(repeats="FREQ=DAILY;COUNT=3")

    assert counted(config, one, seen(-2, one)) == [(24, 26), (48, 50)]


# --- recording ----------------------------------------------------------------------------------


def recorded(present=("w",), *, told=(), files=()):
    """What is to be announced now."""
    judge = Announced({"w": tuple(told)} if told else {}, NOTICE, "UTC", hours(0))
    return [(one.id, one.cancelled) for one in new_notices(files, present, judge, hours(0))]


def test_only_what_is_new_is_announced():
    """Each state of a window once."""
    assert recorded(files=[window()]) == [("w", False)]
    assert recorded(files=[window()], told=[seen(-48, window())]) == []
    assert recorded(files=[window(0, 3)], told=[seen(-48, window())]) == [("w", False)]


def test_a_window_whose_file_is_gone_is_cancelled():
    """It cannot come back after an outage as if it had stood all along; a broken file is not gone."""
    assert recorded(present=(), told=[seen(-48, window())]) == [("w", True)]
    assert recorded(present=("w",), told=[seen(-48, window())]) == []
    assert recorded(present=(), told=[seen(-48, window()), seen(-24, window(cancelled=True))]) == []


def test_announcements_survive_the_disk(tmp_path):
    """Also of windows that come again; a damaged line costs itself."""
    several = [seen(-48, window()), seen(-24, window(repeats="FREQ=WEEKLY", components=("*",)))]
    lines = [json.dumps(plain(one)) for one in several]
    (tmp_path / "notices.jsonl").write_text("\n".join([lines[0], '{"id":"w"}', lines[1]]) + "\n")

    found, damage = notices(tmp_path, as_of=hours(0))
    assert found == {"w": tuple(several)}
    assert [one.line for one in damage] == [2]
    assert notices(tmp_path, as_of=hours(-30))[0] == {"w": (several[0],)}


def test_the_newest_tick_is_that_of_all_locations(tmp_path):
    """Over years and locations; none where nothing was measured."""
    for name, t in (("2025/eu-1231", 1767139200000), ("2026/eu-0101", 1767226000000), ("2026/us-0101", 1767227000000)):
        path = tmp_path / "raw" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{{"t":{t},"r":{{"api":5}}}}\n{{"t":{t - 5},"r":{{"api":5}}}}\n')

    assert newest_tick(tmp_path) == 1767227000000
    assert newest_tick(tmp_path / "nowhere") is None


def test_the_intersection_of_windows():
    """What both have."""
    assert intersection([(0, 5), (10, 20)], [(3, 12), (15, 16), (20, 30)]) == [(3, 5), (10, 12), (15, 16)]
