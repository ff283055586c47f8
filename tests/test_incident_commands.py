"""`statusledger incident` and `maintenance`: files are written and changed, but checked before anything is kept."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest
from repository import STATUSLEDGER
from telling import Acme, run

FILE = "incidents/2026/2026-11-21-api-requests-fail.md"


@pytest.fixture
def acme(tmp_path):
    """API is down from 00:10 to 00:55, the database from 01:00 to 01:30."""
    return Acme(tmp_path).measured(180, api="10-55", db="60-90")


def text(acme, file=FILE):
    """A file's text."""
    return (acme.root / file).read_text(encoding="utf-8")


def test_new_writes_a_file_and_says_what_to_commit(acme):
    """With the states that were given, and text that cannot break it."""
    ran = run(
        acme,
        *("incident", "new", "--title", "API requests fail", "--component", "api", "--component", "web=degraded"),
        *("--severity", "critical", "--started", "2026-11-21T00:10Z", "--text", "We look.\n## Not a heading"),
        now="00:20",
    )

    assert ran.code == 0
    assert text(acme) == (
        "---\ntitle: API requests fail\nseverity: P1\ncomponents: {api: down, web: degraded}\n"
        "started: 2026-11-21T00:10Z\n---\n## 2026-11-21T00:20Z investigating\nWe look.\n\\## Not a heading\n"
    )
    assert ran.out.splitlines()[1:] == [
        f"  git add {FILE}",
        '  git commit -m "Report 2026-11-21-api-requests-fail"',
        "  git push",
    ]


def test_new_explains_what_was_measured(acme):
    """Title, component and start come from there."""
    ran = run(acme, "incident", "new", "--covers", "api-20261121T001000Z", "--title", "Login", "--json", now="00:20")

    assert ran.json["file"] == "incidents/2026/2026-11-21-login.md"
    assert "components: {api: down}\nstarted: 2026-11-21T00:10Z\ncovers: [api-20261121T001000Z]\n" in text(
        acme, ran.json["file"]
    )


def test_new_never_writes_over_a_file(acme):
    """A second one of that title gets a number."""
    asked = ("incident", "new", "--title", "Slow", "--component", "db=degraded", "--reported", "--json")

    assert [run(acme, *asked, now="00:20").json["id"] for _ in range(2)] == ["2026-11-21-slow", "2026-11-21-slow-2"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--component", "api"], "--title is missing", id="no title"),
        pytest.param(["--title", "T"], "--component is missing", id="no component"),
        pytest.param(["--title", "T", "--component", "apii"], "no component 'apii'; did you mean 'api'?", id="unknown"),
        pytest.param(["--title", "T", "--component", "api=bad"], '"bad" is none of up, degraded, down', id="no state"),
        pytest.param(["--title", "T", "--component", "api", "--severity", "P7"], "no severity", id="no severity"),
        pytest.param(
            ["--title", "T", "--component", "api", "--template", "other"], "there is no template", id="no template"
        ),
        pytest.param(["--title", "T", "--covers", "api-1"], "there is no incident api-1", id="nothing measured"),
    ],
)
def test_what_cannot_be_written_is_told(acme, options, said):
    """And nothing is written."""
    ran = run(acme, "incident", "new", *options, now="00:20")

    assert ran.code == 2
    assert said in ran.err
    assert not (acme.root / "incidents").exists()


def test_a_template_of_the_repository_is_used(acme):
    """Whoever runs the page words its first update."""
    acme.write(
        "incidents/templates/incident.md",
        "---\ntitle: {{ title }}\ncomponents: {{ components }}\nstarted: {{started}}\nimpact: minor\n---\n"
        "We will tell you more within 30 minutes.\n",
    )

    run(acme, "incident", "new", "--title", "Slow", "--component", "db=degraded", now="00:20")

    assert "impact: minor\n---\nWe will tell you more" in text(acme, "incidents/2026/2026-11-21-slow.md")


def test_resolve_adds_the_end_and_leaves_the_rest(acme):
    """The update goes before the postmortem, the key into the front matter."""
    before = (
        "---\ntitle: API requests fail  # as support says\ncomponents: {api: down}\nstarted: 2026-11-21T00:10Z\n---\n"
        "Hello.\n\n## 2026-11-21T00:20Z investigating\nWe look.\n\n## postmortem\nIt was the pool.\n"
    )
    acme.write(FILE, before)

    ran = run(
        acme,
        *("incident", "resolve", "2026-11-21-api-requests-fail", "--notes", "Back.", "--at", "2026-11-21T00:55Z"),
        now="01:00",
    )

    assert ran.code == 0
    assert text(acme) == before.replace("00:10Z\n---", "00:10Z\nresolved: 2026-11-21T00:55Z\n---").replace(
        "## postmortem", "## 2026-11-21T01:00Z resolved\nBack.\n\n## postmortem"
    )


def test_resolve_gives_a_measured_incident_its_file(acme):
    """Which covers it."""
    run(acme, "incident", "resolve", "db-20261121T010000Z", "--notes", "Disk was full.", now="02:00")

    (one,) = [one for one in acme.told() if one.file]
    assert (one.title, one.status, [covered.id for covered in one.covered]) == (
        "Database: outage",
        "resolved",
        ["db-20261121T010000Z"],
    )


def test_resolve_without_an_incident_says_which_is_meant(acme):
    """Nothing is written."""
    acme.incident("login", "components: {api: down}\nstarted: 2026-11-21T00:10Z")

    ran = run(acme, "incident", "resolve", "2026-11-21-logn", now="01:00")
    assert (ran.code, ran.err) == (
        2,
        "there is no file of incident '2026-11-21-logn'; did you mean '2026-11-21-login'?\n",
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param([], ["db-20261121T010000Z", "2026-11-21-login"], id="all"),
        pytest.param(["--status", "ongoing"], ["2026-11-21-login"], id="ongoing"),
        pytest.param(["--status", "resolved"], ["db-20261121T010000Z"], id="resolved"),
        pytest.param(["--severity", "low"], ["db-20261121T010000Z"], id="severity"),
        pytest.param(["--component", "api"], ["2026-11-21-login"], id="component"),
        pytest.param(["--since", "2026-11-21T00:30Z"], ["db-20261121T010000Z"], id="since"),
    ],
)
def test_list(acme, options, expected):
    """As lines for people, and as data."""
    acme.incident("login", "components: {api: down}\nstarted: 2026-11-21T00:10Z")

    lines = run(acme, "incident", "list", *options, now="03:00").out.splitlines()
    data = run(acme, "incident", "list", *options, "--json", now="03:00").json
    assert [line.split()[0] for line in lines] == expected
    assert [one["id"] for one in data["incidents"]] == expected


def test_show_takes_the_id_of_what_a_file_covers(acme):
    """Both figures, where they differ."""
    acme.incident("login", "components: {api: down}\nstarted: 2026-11-21T00:10Z\nresolved: 2026-11-21T00:20Z")

    shown = run(acme, "incident", "show", "api-20261121T001000Z", now="03:00").out
    assert "Login\n2026-11-21-login, severity P2, resolved" in shown
    assert "api: 45\u202fmin down, told 10\u202fmin" in shown


def test_stats(acme):
    """Total, average, time to repair and between failures in seconds."""
    told = run(acme, "incident", "stats", "--days", "7", "--json", now="03:00").json
    read = run(acme, "incident", "stats", "--days", "7", now="03:00").out.replace("\u202f", " ")

    expected = {
        "total_incidents": 2,
        "total_downtime_seconds": 75 * 60,
        "average_duration_seconds": 37 * 60 + 30,
        "mttr": 37 * 60 + 30,
        "mtbf": (180 - 75) * 60 // 2,
        "by_severity": {"P1": 0, "P2": 1, "P3": 0, "P4": 1},
        "by_component": {"api": 1, "db": 1},
    }
    assert {key: told[key] for key in expected} == expected
    assert "total downtime              1 h 15 min\n" in read
    assert "by severity                 P2 1, P4 1\n" in read


def test_maintenance_is_planned_and_cancelled(acme):
    """It says whether it will count."""
    asked = ("maintenance", "new", "--title", "Upgrade", "--component", "api", "--starts", "2026-11-21T12:00Z")
    file = "maintenance/2026/2026-11-21-upgrade.md"

    ran = run(acme, *asked, "--for", "2h", "--text", "Logins are off.", now="03:00")
    planned = text(acme, file)
    run(acme, "maintenance", "cancel", "2026-11-21-upgrade", "--notes", "Not needed.", now="04:00")

    assert ran.code == 0
    assert planned == (
        "---\ntitle: Upgrade\ncomponents: [api]\nstarts: 2026-11-21T12:00Z\nends: 2026-11-21T14:00Z\n---\n"
        "Logins are off.\n"
    )
    assert text(acme, file) == planned.replace("14:00Z\n---", "14:00Z\ncancelled: true\n---") + (
        "\n## 2026-11-21T04:00Z completed\nNot needed.\n"
    )
    (line,) = run(acme, "maintenance", "list", now="04:00").out.splitlines()
    assert line.split()[:2] == ["2026-11-21-upgrade", "cancelled"]


@pytest.mark.parametrize(("which", "now"), [("upcoming", "11:00"), ("active", "13:00"), ("past", "15:00")])
def test_maintenance_list_by_what_it_is(acme, which, now):
    """Before, in and after its time."""
    acme.write(
        "maintenance/2026/2026-11-21-upgrade.md",
        "---\ntitle: T\ncomponents: api\nstarts: 2026-11-21T12:00Z\nends: 2026-11-21T14:00Z\n---\n",
    )

    found = {
        kind: [
            one["id"] for one in run(acme, "maintenance", "list", f"--{kind}", "--json", now=now).json["maintenance"]
        ]
        for kind in ("upcoming", "active", "past")
    }
    assert found == {kind: ["2026-11-21-upgrade"] if kind == which else [] for kind in found}


def test_short_notice_is_told_when_it_is_planned(acme):
    """Inside of a repository, where announcements are recorded."""
    subprocess.run(["git", "init", "-q"], cwd=acme.root, check=True)
    asked = ("maintenance", "new", "--title", "Upgrade", "--component", "*", "--for", "1h", "--starts")

    late = run(acme, *asked, "2026-11-22T02:00Z", now="03:00")
    early = run(acme, *asked, "2026-11-23T02:00Z", now="03:00")

    assert "It will not count: it is announced less than 24" in late.err
    assert early.err == ""


def test_on_a_terminal_what_is_missing_is_asked(acme):
    """Again, until the answer can be read."""
    leader, follower = pty.openpty()
    os.write(leader, b"API requests fail\napii\napi\n")
    done = subprocess.run(
        [str(STATUSLEDGER), "--root", str(acme.root), "--now", "2026-11-21T00:20Z", "incident", "new"],
        stdin=follower,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(leader)
    os.close(follower)

    assert done.returncode == 0, done.stderr
    assert "no component 'apii'; did you mean 'api'?" in done.stdout
    assert "components: {api: down}\nstarted: 2026-11-21T00:20Z" in text(acme)
