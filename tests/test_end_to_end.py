"""From raw lines and checks.yml to published figures, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import samples as s
from repository import Repository, tree

NOW = "2026-04-01T01:00:00Z"


@pytest.fixture
def repository(tmp_path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path)


@pytest.mark.parametrize(
    ("options", "rows", "now", "expected"),
    [
        pytest.param(
            {}, {"eu": s.grid(4, 5)}, NOW,
            {"up_ms": 3_000_000, "down_ms": 600_000, "ratio": "5/6", "uptime_percent": "83.333",
             "downtime_minutes": "10.000", "checks_total": 12, "checks_failed": 2}, id="W14",
        ),
        pytest.param(
            {"locations": ["us", "eu", "ap"], "quorum": "any"},
            {"us": s.grid(4, 5), "eu": s.grid(5, 6), "ap": s.grid()}, NOW, {"down_ms": 900_000}, id="W40",
        ),
        pytest.param(
            {}, {"eu": s.grid(4, 5, count=288)}, "2026-04-02T00:00:00Z",
            {"ratio": "143/144", "uptime_percent": "99.305", "status": "warning", "credit_percent": "10",
             "credit_locked": "0", "allowed_minutes": "43.200", "remaining_minutes": "33.200", "consumed": "25/108"},
            id="W47",
        ),
    ],
)  # fmt: skip
def test_published_figures_equal_the_worked_examples(repository, options, rows, now, expected):
    """Raw lines in, api/v1/sla.json out; tests/test_worked_files.py has the whole table."""
    got = repository.checks(**options).rows(rows).build(now)["components"]["api"]

    assert {key: got[key] for key in expected} == expected


def test_incidents_of_the_worked_example_are_published(repository):
    """W18: one incident from 00:05 to 00:45, although nothing was known in its middle."""
    rows = {"eu": s.spelled("up 0, down 5, down 40, up 45, up 50, up 55")}

    got = repository.checks().rows(rows).build(NOW)["components"]["api"]["incidents"]

    assert [(one["started_at"], one["ended_at"], one["down_ms"]) for one in got] == [
        ("2026-04-01T00:05:00.000Z", "2026-04-01T00:45:00.000Z", 900_000)
    ]


def test_two_builds_of_the_same_instant_are_the_same_bytes(repository):
    """Nothing in a site depends on when, where or how often it was built."""
    repository.checks().rows({"eu": s.grid(4, 5)})

    for name in ("one", "two"):
        assert repository.run("build", "--now", NOW, "--out", str(repository.root / name), fresh=True).code == 0

    assert tree(repository.root / "one") == tree(repository.root / "two")


def test_sla_answers_any_interval(repository):
    """The same figures from the command line, for an interval that no file is about."""
    repository.checks().rows({"eu": s.grid(4, 5)})

    ran = repository.run("sla", "--now", NOW, "--from", "2026-04-01T00:15Z", "--to", "2026-04-01T00:25Z", "--json")

    assert ran.json["components"]["api"]["down_ms"] == 300_000
    assert ran.json["components"]["api"]["ratio"] == "1/2"
    assert ran.json["as_of"] == "2026-04-01T01:00:00.000Z"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--from", "2026-04-01", "--to", "2026-04-02T00:00Z"], "names no offset", id="a bare date"),
        pytest.param(["--from", "2026-04-02T00:00Z", "--to", "2026-04-01T00:00Z"], "is not after", id="the wrong way"),
        pytest.param(
            ["--from", "2026-04-01T00:00Z", "--to", "2026-04-02T00:00Z", "--component", "apii"],
            'there is no component "apii"; known: api', id="unknown component",
        ),
    ],
)  # fmt: skip
def test_sla_refuses_what_it_cannot_answer(repository, arguments, message):
    """One clear message, exit code 2."""
    ran = repository.checks().run("sla", *arguments)

    assert (ran.code, message in ran.err) == (2, True)


def test_damage_is_told_and_never_fatal(repository):
    """Torn, glued, NUL, non-UTF-8 and future lines: the rest counts, and each is named with file and line."""
    repository.checks().rows({"eu": s.grid(4, 5)})
    path = next((repository.root / "history" / "raw").rglob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    future = b'{"t":1900000000000,"r":{"api":5}}\n'
    path.write_bytes(
        b"".join(lines[:3])
        + lines[3][:12]
        + lines[4]
        + b"\x00\x00\x00\n"
        + b"\xff\xfe\n"
        + b"".join(lines[5:])
        + future
    )

    ran = repository.run("build", "--now", NOW)

    assert ran.code == 0
    assert repository.document("sla.json")["components"]["api"]["down_ms"] == 600_000
    health = repository.document("health.json")
    assert {one["line"] for one in health["damage"]} == {4, 5, 6}
    assert all(one["file"].endswith("eu-0401.jsonl") and one["file"] in ran.err for one in health["damage"])
    assert health["dropped_future"] == 1


def test_an_empty_ledger_says_so(repository):
    """A new page claims nothing."""
    repository.checks()

    ran = repository.run("build", "--now", NOW)

    assert ran.code == 0
    assert "Nothing has been measured yet" in (repository.root / "_site" / "index.html").read_text()
    assert repository.document("status.json")["status"] == "nodata"


def test_a_stale_ledger_says_how_old_it_is(repository):
    """No probe for three hours: the page is grey and says so."""
    repository.checks().rows({"eu": s.grid()})

    repository.build("2026-04-01T04:00:00Z")

    status = repository.document("status.json")
    assert (status["status"], status["headline"]) == ("nodata", "Data is 3\u202fh 5\u202fmin old")


def test_an_offline_monitor_accuses_nobody(repository):
    """Rows that say `probe_offline` are unknown, open no incident, and the page says what is wrong."""
    repository.checks().rows({"eu": s.grid(count=6)})
    for index in range(6, 12):
        line = {"t": s.at(index * 5), "c": [0, 3], "r": {"api": ["unknown", None, "probe_offline:refused"]}}
        repository.append("eu", s.at(index * 5), json.dumps(line, separators=(",", ":")) + "\n")

    repository.build(NOW)

    status = repository.document("status.json")
    assert (status["headline"], status["incidents"]) == ("The monitor is offline", [])
    assert repository.document("sla.json")["components"]["api"]["down_ms"] == 0


def test_a_missing_configuration_says_what_to_do(repository):
    """Exit code 2 and one message."""
    ran = repository.run("build")

    assert ran.code == 2
    assert "checks.yml" in ran.err
    assert "Traceback" not in ran.err


def test_an_output_folder_that_cannot_be_written_is_named(repository):
    """Exit code 2, one message, nothing lost."""
    repository.checks().rows({"eu": s.grid()}).write("taken", "a file")

    ran = repository.run("build", "--now", NOW, "--out", str(repository.root / "taken" / "_site"))

    assert ran.code == 2
    assert "taken" in ran.err
    assert "Traceback" not in ran.err


def test_general_options_may_stand_before_or_after_the_command(repository):
    """`--now` before or after, the same answer."""
    repository.checks().rows({"eu": s.grid(4, 5)})
    interval = ["--from", "2026-04-01T00:00Z", "--to", NOW]

    before = repository.run("--now", NOW, "--json", "sla", *interval)
    after = repository.run("sla", *interval, "--json", "--now", NOW)

    assert before.out == after.out
    assert before.code == after.code == 0


def test_private_components_stay_private(repository):
    """A planted name and its rows appear in no published file and in no output."""
    repository.checks().rows({"eu": s.grid()})
    planted = "zanzibar"
    text = (repository.root / "checks.yml").read_text()
    text += f"      - {{id: {planted}, name: {planted}-name, visibility: private, url: 'https://{planted}.example/'}}\n"
    text += "private: {plain: true}\n"
    repository.write("checks.yml", text)
    repository.rows({"eu": s.grid(3, 4, 5)}, check=planted)
    body = f"started: 2026-04-01T00:05Z\n---\n## 2026-04-01T00:10Z identified {{{planted}: degraded}}\nLooking.\n"
    window = "starts: 2026-04-01T00:10Z\nends: 2026-04-01T02:00Z"
    for path, text in {
        f"incidents/2026/2026-04-01-{planted}.md": f"title: x\ncomponents: {{{planted}x: down}}\n---\n",
        f"incidents/2026/2026-04-01-{planted}-alone.md": f"title: x\ncomponents: {{{planted}: down}}\n{body}",
        "incidents/2026/2026-04-01-both.md": f"title: Both\ncomponents: {{api: down, {planted}: down}}\n{body}",
        f"maintenance/2026/2026-04-01-{planted}.md": f"title: x\ncomponents: {planted}\n{window}\n---\n",
        "maintenance/2026/2026-04-01-all.md": f"title: All\ncomponents: [api, {planted}]\n{window}\n---\n",
    }.items():
        repository.write(path, f"---\n{text}")

    ran = repository.run("build", "--now", NOW)

    assert ran.code == 0
    leaks = [path for path, content in tree(repository.root / "_site").items() if planted.encode() in content]
    assert (leaks, planted in ran.out + ran.err) == ([], False)
    told = [one["id"] for one in repository.document("incidents.json")["incidents"] if one["file"]]
    assert told == ["2026-04-01-both"]
    assert [one["id"] for one in repository.document("maintenance.json")["maintenance"]] == ["2026-04-01-all"]


def test_base_url_moves_the_page(repository):
    """A preview has addresses of its own."""
    repository.checks().rows({"eu": s.grid()})

    repository.build(NOW, "--base-url", "https://preview.example/42")

    assert b"https://preview.example/42" in (repository.root / "_site" / "history.atom").read_bytes()
    assert "status.acme.example" not in "".join(
        path.read_text(errors="replace") for path in Path(repository.root / "_site").rglob("*") if path.is_file()
    )
