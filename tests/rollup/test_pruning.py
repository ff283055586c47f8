"""What outlives raw rows, and which raw rows may go."""

from __future__ import annotations

import json

import pytest
from repository import Repository
from rollup.histories import START, kept_lines, lay, steady, watching

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, format_instant
from statusledger.history.removal import remove
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.keeping import keep
from statusledger.report.records import BuiltFrom
from statusledger.rollup.prune import old_files

NOON = START + 12 * HOUR_MS
FAILED = (NOON, NOON + 5 * MINUTE_MS)
NOW = START + 20 * DAY_MS


@pytest.fixture
def root(tmp_path):
    """Twenty days, with an outage at the first noon."""
    folder = tmp_path / "history"
    lay(folder, steady(START, NOW, *FAILED))
    return folder


def told(root, *, full=False):
    """The report of twenty days."""
    return report(watching(), reading.read(root, watching(), as_of=NOW, full=full), BuiltFrom(NOW, None, "test", 1))


def pruned(root, before):
    """Removes what may go; the names of the files that went, and the reasons of those that stayed."""
    reader = reading.bare_reader(root, watching(), as_of=NOW)
    reading.settled(reader, watching(), as_of=NOW)
    files = old_files(reader, before=before)
    gone = [file.path.name for file in files if file.reason is None and remove(file.path, size=file.size)]
    return gone, {file.reason for file in files if file.reason}


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_figures_and_incidents_outlive_raw_rows(root, full):
    """Everything but numbers of checks at the edges of a period is as it was."""
    keep(root, watching(), as_of=NOW)
    before = told(root, full=full)

    gone, reasons = pruned(root, START + 10 * DAY_MS)
    after = told(root, full=full)

    assert (len(gone), reasons) == (10, set())
    assert after == before
    assert [incident.locations for incident in after.incidents] == [("eu",)]


def test_numbers_of_checks_are_unknown_where_a_period_cuts_a_pruned_day(root, monkeypatch):
    """Neither the rest of the day nor all of it is told."""
    keep(root, watching(), as_of=NOW)
    monkeypatch.setattr(reading, "ROLLING_DAYS", (1, 13))
    pruned(root, START + 10 * DAY_MS)
    history = reading.read(root, watching(), as_of=NOW + HOUR_MS)

    got = report(watching(), history, BuiltFrom(NOW + HOUR_MS, None, "test", 1)).components["api"]

    assert (got.checks_total["24h"], got.checks_total["365d"]) == (276, 5760)
    assert got.checks_total["7d"] == 7 * 288 - 12


def test_what_is_not_sealed_stays(root):
    """Without a rollup nothing goes."""
    gone, reasons = pruned(root, START + 10 * DAY_MS)

    assert gone == []
    assert reasons == {"it is not sealed, or its rows still count for what is not"}


def test_rows_that_are_in_no_line_keep_their_file(root):
    """A check that nobody configured when the day was sealed."""
    lay(root, [(NOON, "up")], check="stranger")
    keep(root, watching(), as_of=NOW)

    gone, reasons = pruned(root, START + 2 * DAY_MS)

    assert gone == ["eu-0321.jsonl"]
    assert reasons == {"stranger as measured by eu on 2026-03-20 is in no sealed line"}


def test_a_line_that_says_something_else_keeps_the_file(root):
    """Somebody edited a digest, or a row in place."""
    keep(root, watching(), as_of=NOW)
    path = root / "raw" / "2026" / "eu-0320.jsonl"
    path.write_text(path.read_text().replace('{"api":100}', '{"api":101}', 1))

    gone, reasons = pruned(root, START + 2 * DAY_MS)

    assert gone == ["eu-0321.jsonl"]
    assert reasons == {"the sealed line of api for 2026-03-20 was made from other rows"}


def test_a_row_that_comes_after_its_day_was_pruned_changes_nothing(root):
    """The line knew all the rows, the file that begins anew knows one."""
    keep(root, watching(), as_of=NOW)
    pruned(root, START + 10 * DAY_MS)
    before = told(root)
    lay(root, [(NOON + 1, "down")])
    keep(root, watching(), as_of=NOW)

    assert told(root).components["api"] == told(root, full=True).components["api"] == before.components["api"]


def test_a_file_that_has_grown_meanwhile_stays(root):
    """The row that came in between is not lost."""
    path = root / "raw" / "2026" / "eu-0320.jsonl"
    size = path.stat().st_size
    lay(root, [(NOON + 1, "up")])

    assert not remove(path, size=size)
    assert path.exists()


def test_an_id_stays_although_a_late_row_moves_the_start(root):
    """The page of an incident does not move."""
    keep(root, watching(), as_of=START + 13 * HOUR_MS)
    lay(root, [(NOON - MINUTE_MS, "down")])

    (incident,) = told(root).incidents

    assert (incident.id, incident.started_at) == ("api-20260320T120000Z", NOON - MINUTE_MS)


def test_an_incident_is_closed_once_its_days_are_sealed(root):
    """Opened when it was first told; closed with its figures; nothing is written twice."""
    for hours in (13, 14, 40, 60):
        keep(root, watching(), as_of=START + hours * HOUR_MS)

    opened, closed = kept_lines(root, "incidents/2026.jsonl")

    assert opened == {
        "event": "opened", "id": "api-20260320T120000Z", "component": "api",
        "started_at": NOON, "detected_at": NOON + 300_000,
    }  # fmt: skip
    assert closed == {
        **opened, "event": "closed", "ended_at": NOON + 600_000, "down_ms": 600_000,
        "last_ok": NOON - 300_000, "last_fail": NOON + 300_000, "locations": ["eu"], "asked": 1, "codes": ["refused"],
        "shown": [NOON - 300_000, NOON + 900_000],
        "lanes": {"eu": [[NOON - 300_000, "up"], [NOON, "down"], [NOON + 600_000, "up"]]},
    }  # fmt: skip


def test_the_commands_say_what_they_did(tmp_path):
    """Sealed, then pruned; private components have a ledger of their own."""
    vault = "}\n      - {id: vault, name: Vault, visibility: private, url: https://vault.acme.example"
    repository = Repository(tmp_path).checks(extra=vault)
    kept = "private: {plain: true}\nretention: {evidence: 90d}\n"
    repository.write("checks.yml", (tmp_path / "checks.yml").read_text() + kept)
    lay(tmp_path / "history", steady(START, START + 2 * DAY_MS))
    lay(tmp_path / "history" / "sealed", steady(START, START + 2 * DAY_MS), check="vault")
    now = format_instant(START + 100 * DAY_MS)

    rolled, pruned = repository.run("rollup", "--now", now), repository.run("prune", "--now", now)

    assert (rolled.code, pruned.code) == (0, 0), rolled.err + pruned.err
    assert [*rolled.out.splitlines(), *pruned.out.splitlines()] == [
        "rollup: 200 component-days sealed (2026-03-20 to 2026-06-27), nothing sealed anew",
        "removed history/raw/2026/eu-0320.jsonl",
        "removed history/raw/2026/eu-0321.jsonl",
        "removed history/sealed/raw/2026/eu-0320.jsonl",
        "removed history/sealed/raw/2026/eu-0321.jsonl",
        "prune: 4 raw files removed, 0 kept although they are old",
    ]
    lines = kept_lines(tmp_path / "history"), kept_lines(tmp_path / "history" / "sealed")
    assert [{line["c"] for line in found} for found in lines] == [{"api"}, {"vault"}]


def test_a_damaged_line_is_told_and_its_day_sealed_again(tmp_path):
    """Exit 1 for as long as it lies there; the figures come from raw rows."""
    repository = Repository(tmp_path).checks()
    lay(tmp_path / "history", steady(START, START + 2 * DAY_MS))
    now = format_instant(START + DAY_MS + 2 * HOUR_MS)
    repository.run("rollup", "--now", now)
    path = tmp_path / "history" / "rollup" / "2026-03.jsonl"
    path.write_text(json.dumps({**json.loads(path.read_text()), "rle": [[5, "up"], [5, "down"]]}) + "\n")

    ran = [repository.run("rollup", "--now", now) for _ in range(2)]

    assert [one.code for one in ran] == [1, 1]
    assert "history/rollup/2026-03.jsonl:1: no record that can be used" in ran[0].err
    assert [line["rle"] for line in kept_lines(tmp_path / "history")][1:] == [[[0, "up"]]]


def test_recomputing_takes_a_policy_only_with_everything(tmp_path):
    """`--policy current` alone would count half of the days in one way and half in another."""
    ran = Repository(tmp_path).checks().run("rollup", "--policy", "current")

    assert (ran.code, "needs --recompute" in ran.err) == (2, True)
