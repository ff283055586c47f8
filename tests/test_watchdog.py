"""`watchdog`: who still measures, and an issue for as long as somebody does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import samples as s
from forge_server import Service, serving
from rehearsal.services import website
from repository import Repository

CHECKS = """\
schema: 1
page: {name: Acme, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [{id: eu, schedule: 5m}, {id: us, schedule: 5m}, at-will]}
groups: [{id: core, components: [{id: api, url: "https://api.acme.example/"}]}]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Measured at `eu` for an hour, at `us` for half of one."""
    return Repository(tmp_path).write("checks.yml", CHECKS).rows({"eu": s.grid(), "us": s.grid(count=6)})


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Service]:
    """Where the repository is."""
    with serving(tmp_path) as server:
        yield server


@pytest.mark.parametrize(
    ("now", "options", "code", "silent"),
    [
        ("2026-04-01T00:40:00Z", (), 0, []),
        ("2026-04-01T00:40:00.001Z", (), 1, ["us"]),
        ("2026-04-01T01:00:00Z", ("--location", "eu"), 0, []),
        ("2026-04-01T01:30:00Z", (), 1, ["eu", "us"]),
        ("2026-05-01T00:00:00Z", (), 1, ["eu", "us"]),
    ],
    ids=["in time", "a millisecond late", "asked for one", "both", "long ago"],
)
def test_a_location_is_silent_after_three_schedules(repository, now, options, code, silent):
    """One without a schedule is never missed."""
    ran = repository.run("watchdog", "--now", now, *options)

    assert ran.code == code
    assert [line.partition(":")[0] for line in ran.out.splitlines() if line.endswith("SILENT")] == silent


def test_the_job_alerts_while_somebody_is_silent(repository):
    """A channel learns it from the watchdog, because no other job runs then; as long as all is well it says nothing."""
    with website() as hook:
        channel = f"alerts: {{channels: {{ops: {{type: webhook, url: '{hook.url}/hook'}}}}}}\n"
        repository.write("checks.yml", CHECKS + channel)

        codes = [repository.run("run", "watchdog", "--now", f"2026-04-01T00:{minute}:00Z").code for minute in (30, 50)]

    assert codes == [5, 5]  # there is no repository to push to
    assert [(body["rule"], body["message"]) for _, body in hook.posted] == [
        ("MonitorStale", "us does not report for 25 min"),
    ]  # fmt: skip


def test_one_issue_is_open_while_somebody_is_silent(repository, forge):
    """Opened once, and closed with a word by the first run that finds all well."""

    def run(now: str) -> int:
        return repository.run("watchdog", "--issue", "--now", now, environment=forge.environment).code

    codes = [run("2026-04-01T00:30:00Z"), run("2026-04-01T00:50:00Z"), run("2026-04-01T00:55:00Z")]
    (issue,) = forge.issues
    opened = dict(issue)
    repository.rows({"us": s.grid(count=12)[11:]})

    codes.append(run("2026-04-01T00:56:00Z"))

    assert codes == [0, 1, 1, 0]
    assert (opened["title"], opened["state"], opened["labels"]) == (
        "Nothing is measured any more", "open", [{"name": "watchdog"}],
    )  # fmt: skip
    assert "- us: last measured 2026-04-01T00:25:00.000Z, expected every 5m: SILENT" in opened["body"]
    assert (issue["state"], forge.comments) == ("closed", [(issue["number"], "Every location measures again.")])


def test_a_job_without_the_permission_is_told_so(repository, forge):
    """By name of what it lacks, and never with its token."""
    forge.may_write_issues = False

    ran = repository.run("watchdog", "--issue", "--now", "2026-04-01T00:50:00Z", environment=forge.environment)

    assert ran.code == 1
    assert "/issues: 403 Resource not accessible by integration; the job lacks issues: write" in ran.err
    assert "job-token" not in ran.out + ran.err


def test_outside_of_a_job_no_issue_can_be_opened(repository):
    """Which variables are missing is told."""
    ran = repository.run("watchdog", "--issue", "--now", "2026-04-01T00:50:00Z")

    assert (ran.code, "GITHUB_REPOSITORY or GITHUB_TOKEN is not set" in ran.err) == (1, True)


def test_an_unknown_location_is_refused(repository):
    """With the known ones."""
    ran = repository.run("watchdog", "--location", "mars")

    assert (ran.code, "known: eu, us, at-will" in ran.err) == (2, True)
