"""Maintenance as it is told and counted: from the file to the page, the figures, and what is recorded."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import feedparser
import pytest
from repository import git
from telling import Acme, at, clock, run

from statusledger.clock import MINUTE_MS
from statusledger.outputs import feeds, theme
from statusledger.outputs.times import Times
from statusledger.outputs.views import maintenance as view
from statusledger.report.planned import Counts

WINDOW = """\
---
title: Database upgrade
components: {components}
starts: 2026-11-21T{starts}Z
ends: 2026-11-21T{ends}Z
{more}---
Logins are off.
{body}"""


def plan(acme, *, starts="01:00", ends="02:00", components="[api]", more="announced: 2026-11-01T00:00Z\n", body=""):
    """Writes a window of the day."""
    text = WINDOW.format(starts=starts, ends=ends, components=components, more=more, body=body)
    return acme.write("maintenance/2026/2026-11-21-upgrade.md", text)


@pytest.fixture
def acme(tmp_path):
    """API is down from 01:10 to 01:30."""
    return Acme(tmp_path).measured(240, api="70-90")


@pytest.mark.parametrize(
    ("now", "status", "is_active", "is_upcoming"),
    [
        pytest.param("00:59", "scheduled", False, True, id="before"),
        pytest.param("01:00", "in_progress", True, False, id="from its start"),
        pytest.param("01:45", "verifying", True, False, id="people say so"),
        pytest.param("02:00", "completed", False, False, id="from its end"),
    ],
)
def test_where_it_stands(acme, now, status, is_active, is_upcoming):
    """By the clock, and by what people say in between."""
    (one,) = plan(acme, body="\n## 2026-11-21T01:40Z verifying\nAlmost there.\n").report(now).maintenance

    assert (str(one.status), one.is_active, one.is_upcoming) == (status, is_active, is_upcoming)


def test_downtime_in_it_does_not_count(acme):
    """The window masks it; nothing is told of an outage."""
    report = plan(acme).report("04:00")

    figures = report.components["api"].figures["24h"]
    assert (figures.down_ms, figures.maintenance_ms) == (0, 60 * MINUTE_MS)
    assert report.incidents == ()
    assert report.maintenance[0].counts is Counts.WHOLE


def test_an_overrun_is_downtime(acme):
    """What goes on behind the end counts, and the window says how long it was."""
    report = plan(acme, ends="01:15").report("04:00")

    assert report.components["api"].figures["24h"].down_ms == 15 * MINUTE_MS
    assert report.maintenance[0].overran_ms == 15 * MINUTE_MS
    assert [one.id for one in report.incidents] == ["api-20261121T011000Z"]


def test_short_notice_is_shown_and_does_not_count(acme):
    """Announced 23 hours ahead."""
    report = plan(acme, more="announced: 2026-11-20T02:00Z\n").report("04:00")

    assert report.components["api"].figures["24h"].down_ms == 20 * MINUTE_MS
    assert report.maintenance[0].counts is Counts.NO


def test_what_is_cancelled_covers_nothing(acme):
    """It is told as cancelled, and its time is like any other."""
    report = plan(acme, more="announced: 2026-11-01T00:00Z\ncancelled: true\n").report("04:00")

    assert report.components["api"].figures["24h"].down_ms == 20 * MINUTE_MS
    (one,) = report.maintenance
    assert (one.cancelled, one.is_active, one.is_upcoming) == (True, False, False)


def test_what_is_cancelled_ahead_is_told_among_what_is_to_come(acme):
    """Until it would have begun; its last word is that it does not take place."""
    more, body = "announced: 2026-11-01T00:00Z\ncancelled: true\n", "\n## 2026-11-20T01:20Z completed\nNo part.\n"
    before, after = (plan(acme, more=more, body=body).report(now) for now in ("00:30", "01:00"))

    pages = [view.plan(report, Times("UTC", report.built.as_of)) for report in (before, after)]
    assert [(len(page.upcoming), len(page.past)) for page in pages] == [(1, 0), (0, 1)]
    (window,) = pages[0].upcoming
    assert (window.word, window.updates[0].word) == ("Cancelled", "Cancelled")


def test_feeds_tell_windows_with_their_updates(acme):
    """When it is planned for, and every word since; a cancelled one says so in its title."""
    body = "\n## 2026-11-20T01:20Z {}\nReplicas *first*.\n"
    told = plan(acme, body=body.format("scheduled")).report("00:30")
    cancelled = plan(acme, more="announced: 2026-11-01T00:00Z\ncancelled: true\n", body=body.format("completed"))

    (one,), (other,) = (
        feedparser.parse(feeds.files(report, theme.load())[PurePosixPath("history.atom")]).entries
        for report in (told, cancelled.report("00:30"))
    )
    assert (one.id, one.title) == (other.id, "Maintenance: Database upgrade")
    assert other.title == "Maintenance, cancelled: Database upgrade"
    assert "2026-11-21 01:00 UTC" in one.content[0].value
    assert all("Replicas <em>first</em>." in each.content[0].value for each in (one, other))
    assert "<strong>Cancelled</strong>" in other.content[0].value


def test_the_clock_tells_what_people_did_not(acme):
    """Announced, begun, over; a person's word for one of these takes its place."""
    (one,) = plan(acme, body="\n## 2026-11-21T01:20Z in_progress\nReplicas first.\n").report("04:00").maintenance

    assert [(clock(step.at), str(step.status), step.text) for step in one.steps] == [
        ("00:00", "scheduled", ""),
        ("01:20", "in_progress", "Replicas first."),
        ("02:00", "completed", ""),
    ]


def test_windows_that_come_again_are_told_by_themselves(acme):
    """Five weeks ahead, each with an id of its own."""
    more = "announced: 2026-11-01T00:00Z\nrepeats: FREQ=WEEKLY\n"

    windows = plan(acme, more=more).report("04:00").maintenance

    assert len(windows) == 6
    assert windows[-1].id == "2026-11-21-upgrade-20261121t0100z"
    assert [one.is_upcoming for one in windows] == [*[True] * 5, False]


@pytest.mark.parametrize("components", ['"*"', "[core]", "[shop]", "[api, web]"])
def test_whom_it_affects(acme, components):
    """However they are named, in the order of the page."""
    (one,) = plan(acme, components=components).report("00:30").maintenance

    names = [name for name, _ in one.components]
    assert names == (["api", "web", "db"] if components in {'"*"', "[core]"} else ["api", "web"])


# --- inside a repository ------------------------------------------------------------------------


@pytest.fixture
def repository(acme):
    """The same in a git repository."""
    git(acme.root, "init", "-q", "-b", "main")
    return acme


def told(repository):
    """What was announced so far."""
    path = repository.root / "history" / "notices.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_inside_a_repository_only_what_was_recorded_counts(repository):
    """The file's own `announced` is a claim like any other."""
    report = plan(repository).report("04:00")

    assert report.components["api"].figures["24h"].down_ms == 20 * MINUTE_MS
    assert report.maintenance[0].counts is Counts.NO


def test_a_recorded_announcement_counts(repository):
    """The one that was made in time."""
    line = {"id": "2026-11-21-upgrade", "components": ["api"], "starts": at("01:00"), "ends": at("02:00")}
    seen = {**line, "cancelled": False, "seen_at": at("01:00") - 24 * 60 * MINUTE_MS}
    plan(repository).write("history/notices.jsonl", json.dumps(seen) + "\n")

    report = repository.report("04:00")
    assert report.components["api"].figures["24h"].down_ms == 0
    assert report.maintenance[0].announced_at == seen["seen_at"]


def test_the_publish_job_records_each_state_once(repository):
    """Never as seen before the newest row there is."""
    plan(repository)
    run(repository, "rollup", now="03:00")
    run(repository, "rollup", now="03:05")
    plan(repository, ends="02:30")
    run(repository, "rollup", now="05:00")

    assert [(one["ends"], clock(one["seen_at"])) for one in told(repository)] == [
        (at("02:00"), "04:00"),
        (at("02:30"), "05:00"),
    ]


def test_validate_says_whether_a_window_will_count(repository):
    """As if it were announced now."""
    plan(repository)
    early = run(repository, "validate", now="2026-11-20T00:30Z")
    late = run(repository, "validate", now="2026-11-20T02:30Z")

    assert (early.code, early.err) == (0, "")
    assert late.code == 0
    assert (
        "warning: maintenance/2026/2026-11-21-upgrade.md:4 starts: the window at 2026-11-21T01:00:00.000Z will not "
        "count: it is announced less than 1d ahead, so downtime in it is downtime"
    ) in late.err
