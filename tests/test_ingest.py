"""`statusledger ingest`: reports of other systems become lines of location `push`, all of them or none."""

from __future__ import annotations

import argparse
import io
import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from repository import Repository

from probes import PROBES
from probes.heartbeat import HEARTBEAT
from statusledger.cli.ingest import run
from statusledger.clock import DAY_MS, HOUR_MS, parse_instant
from statusledger.errors import LedgerError, UsageError

NOON = parse_instant("2026-04-01T12:00:00Z")
CHECKS = """\
schema: 1
page: {name: Acme Status, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [eu]}
private: {plain: true}
groups:
  - id: core
    components:
      - {id: api, name: API, url: "https://api.acme.example/"}
      - id: jobs
        name: Jobs
        checks:
          - {id: backup, name: Backup, type: heartbeat, every: 1h}
          - {id: jobs_sync, name: Sync, type: heartbeat, every: 1h, was: [old_sync]}
          - {id: retired, type: heartbeat, every: 1h, active_until: 2026-03-01T00:00:00Z}
      - id: shop
        checks:
          - {id: shop_sync, name: Sync, type: heartbeat, every: 1h}
services:
  - {id: sales, name: Sales, members: [shop]}
"""
PRIVATE = "      - {id: vault, name: Vault, visibility: private, type: heartbeat, every: 1h}\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with heartbeats, and one check that is measured here."""
    monkeypatch.setitem(PROBES, "heartbeat", HEARTBEAT)
    return Repository(tmp_path).write("checks.yml", CHECKS)


def ingest(repository: Repository, sent: object, *, now: int = NOON) -> int:
    """Ingests a file: text and bytes as they are, anything else as JSON."""
    file = repository.root / "reports.json"
    data = sent if isinstance(sent, bytes) else (sent if isinstance(sent, str) else json.dumps(sent)).encode()
    file.write_bytes(data)
    return run(argparse.Namespace(root=repository.root, config=None, now=now, file=file))


def refusal(repository: Repository, sent: object) -> str:
    """What is said of an input that is refused, without its folder; nothing may have been recorded."""
    with pytest.raises(UsageError) as refused:
        ingest(repository, sent)
    assert not (repository.root / "history").exists()
    return str(refused.value).replace(f"{repository.root}/", "")


def lines(repository: Repository, folder: str = "history/raw") -> list[dict[str, Any]]:
    """Every line below the folder, which only `push` may have written."""
    files = sorted((repository.root / folder).rglob("*.jsonl"))
    assert all(path.name.startswith("push-") for path in files)
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


# --- what is taken ------------------------------------------------------------------------------

ONE = {"name": "backup", "status": "up", "response_time_ms": 120, "timestamp": NOON}
OTHER = {"name": "jobs_sync", "status": "down", "timestamp": NOON + 1}
BOTH = [{"t": NOON, "r": {"backup": 120}}, {"t": NOON + 1, "r": {"jobs_sync": ["down", None, "status:down"]}}]


@pytest.mark.parametrize(
    ("sent", "recorded"),
    [
        pytest.param(ONE, BOTH[:1], id="one object"),
        pytest.param([ONE, OTHER], BOTH, id="an array"),
        pytest.param([], [], id="an empty array"),
        pytest.param(f"{json.dumps(ONE)}\n\n{json.dumps(OTHER)}\r\n", BOTH, id="a line each"),
        pytest.param(b"\xef\xbb\xbf" + json.dumps(ONE).encode(), BOTH[:1], id="with a byte order mark"),
        pytest.param(json.dumps(ONE, indent=2), BOTH[:1], id="an object over several lines"),
        pytest.param({"results": [ONE, OTHER]}, BOTH, id="under results"),
        pytest.param({"action": "x", "client_payload": ONE}, BOTH[:1], id="a CI event with one"),
        pytest.param({"action": "x", "client_payload": [ONE, OTHER]}, BOTH, id="a CI event with an array"),
        pytest.param({"action": "x", "client_payload": {"results": [ONE, OTHER]}}, BOTH, id="a CI event with results"),
    ],
)
def test_reports_come_in_every_usual_wrapping(
    repository: Repository, sent: object, recorded: list[dict[str, Any]]
) -> None:
    """One line an instant, in the file of location `push` and the day of the report."""
    assert ingest(repository, sent) == 0

    assert lines(repository) == recorded


@pytest.mark.parametrize(
    ("report", "result"),
    [
        pytest.param({"status": "up", "response_time_ms": 0}, 0, id="up in no time"),
        pytest.param({"status": "up", "response_time_ms": 2.5}, 3, id="half a millisecond is rounded up"),
        pytest.param({"status": "up", "response_time_ms": 0.49999999999999994}, 0, id="just under a half"),
        pytest.param({"status": "up", "response_time_ms": None}, ["up", None, None], id="up, not timed"),
        pytest.param({"status": "up"}, ["up", None, None], id="up, no time at all"),
        pytest.param(
            {"status": "degraded", "response_time_ms": 900}, ["degraded", 900, "status:degraded"], id="degraded"
        ),
        pytest.param({"status": "down", "response_time_ms": 30}, ["down", 30, "status:down"], id="down"),
        pytest.param({"status": "up", "message": "hunter2", "id": 7}, ["up", None, None], id="other keys are left out"),
    ],
)
def test_a_report_becomes_a_result(repository: Repository, report: dict[str, object], result: object) -> None:
    """A bare number where all is well, else status, time and code; no text of the sender's."""
    ingest(repository, {"name": "backup", **report})

    assert lines(repository) == [{"t": NOON, "r": {"backup": result}}]


@pytest.mark.parametrize(
    ("timestamp", "instant"),
    [
        pytest.param(None, NOON, id="none: now"),
        pytest.param("2026-04-01T13:30:00.5+02:00", NOON - HOUR_MS // 2 + 500, id="ISO 8601"),
        pytest.param(NOON // 1000, NOON, id="seconds"),
        pytest.param(NOON / 1000 - 0.25, NOON - 250, id="seconds with a fraction"),
        pytest.param(NOON - 1, NOON - 1, id="milliseconds"),
        pytest.param(NOON + 120_000, NOON + 120_000, id="a clock two minutes ahead"),
        pytest.param("2026-01-01T00:00:00Z", parse_instant("2026-01-01T00:00Z"), id="three months late"),
    ],
)
def test_a_report_counts_at_its_own_time(repository: Repository, timestamp: object, instant: int) -> None:
    """However late it comes."""
    ingest(repository, {"name": "backup", "status": "up", "timestamp": timestamp})

    assert [line["t"] for line in lines(repository)] == [instant]


def test_each_day_has_its_file(repository: Repository) -> None:
    """The UTC day of the report, not that of its arrival."""
    ingest(repository, [{**ONE, "timestamp": NOON - DAY_MS}, ONE])

    files = sorted(path.name for path in (repository.root / "history" / "raw" / "2026").iterdir())
    assert files == ["push-0331.jsonl", "push-0401.jsonl"]


def test_reports_of_one_instant_share_a_line(repository: Repository) -> None:
    """In the order of checks.yml; what is said twice stands once, a contradiction is kept in a line of its own."""
    sync = {"name": "jobs_sync", "status": "up", "timestamp": NOON}
    ingest(repository, [sync, ONE, ONE, {**ONE, "status": "down"}])

    assert [list(line["r"].items()) for line in lines(repository)] == [
        [("backup", 120), ("jobs_sync", ["up", None, None])],
        [("backup", ["down", 120, "status:down"])],
    ]


# --- which check is meant -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report", "check"),
    [
        pytest.param({"name": "backup"}, "backup", id="by id"),
        pytest.param({"name": "Backup"}, "backup", id="by name"),
        pytest.param({"name": "old_sync"}, "jobs_sync", id="by an earlier id"),
        pytest.param({"name": "Sync", "component": "shop"}, "shop_sync", id="by the component's id"),
        pytest.param({"name": "Sync", "component": "Jobs"}, "jobs_sync", id="by the component's name"),
        pytest.param({"name": "Sync", "service": "Sales"}, "shop_sync", id="by the service"),
    ],
)
def test_the_check_is_found(repository: Repository, report: dict[str, str], check: str) -> None:
    """Component and service tell apart what has the same name."""
    ingest(repository, {"status": "up", **report})

    assert [list(line["r"]) for line in lines(repository)] == [[check]]


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        pytest.param({}, "nothing is not the id or name of a check; write that of a heartbeat: backup", id="no name"),
        pytest.param({"name": ["backup"]}, "a list is not the id or name of a check", id="a list"),
        pytest.param(
            {"name": "backpu"}, "\"backpu\" is not the id or name of a check; did you mean 'backup'?", id="typo"
        ),
        pytest.param(
            {"name": "api"}, "this check is measured here (type http); only heartbeats take reports", id="api"
        ),
        pytest.param({"name": "Sync"}, "2 heartbeats have this name; write the id of one: jobs_sync or", id="two"),
        pytest.param(
            {"name": "backup", "component": "shop"}, "no check of this name belongs to the component", id="elsewhere"
        ),
        pytest.param(
            {"name": "backup", "service": ["x"]}, "no check of this name belongs to the", id="no such service"
        ),
    ],
)
def test_a_check_that_cannot_be_meant_is_refused(
    repository: Repository, report: dict[str, object], reason: str
) -> None:
    """And never one that is measured here: whoever may send a report must not overwrite measurements."""
    assert refusal(repository, {"status": "up", **report}).startswith(f"reports.json: report 1: name: {reason}")


def test_a_switched_off_check_takes_nothing(repository: Repository, caplog: pytest.LogCaptureFixture) -> None:
    """It is said, and what the others report is kept: a sender need not know."""
    ingest(repository, [{"name": "retired", "status": "up"}, ONE])

    assert [list(line["r"]) for line in lines(repository)] == [["backup"]]
    assert "1 report(s) left out: their checks were not active at the time" in caplog.text


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"status": "ok"}, 'status: "ok" is not a status; write up, degraded or down', id="word"),
        pytest.param({"status": "unknown"}, 'status: "unknown" is not a status', id="unknown is ours to say"),
        pytest.param({"status": True}, "status: true is not a status", id="truth"),
        pytest.param({"status": None}, "status: nothing is not a status", id="no status"),
        pytest.param({"response_time_ms": True}, "response_time_ms: true is not a response time", id="true ms"),
        pytest.param({"response_time_ms": -1}, "response_time_ms: -1 is not a response time", id="negative"),
        pytest.param({"response_time_ms": "12"}, 'response_time_ms: "12" is not a response time', id="quoted"),
        pytest.param({"response_time_ms": 1e9}, "response_time_ms: 1000000000.0 is not a response time", id="11 days"),
        pytest.param({"timestamp": "2026-04-01"}, 'timestamp: "2026-04-01" names no offset', id="date"),
        pytest.param({"timestamp": "noon"}, 'timestamp: "noon" is not an instant', id="no time"),
        pytest.param({"timestamp": False}, "timestamp: false is not an instant", id="false"),
        pytest.param({"timestamp": 12}, "timestamp: 12 is before the year 2000", id="an unset clock"),
        pytest.param({"timestamp": NOON + 120_001}, f"timestamp: {NOON + 120_001} is more than 2 minutes", id="ahead"),
        pytest.param({"timestamp": 1e300}, "timestamp: 1e+300 is more than 2 minutes ahead", id="at the end of days"),
    ],
)
def test_a_wrong_value_is_refused(repository: Repository, change: dict[str, object], reason: str) -> None:
    """Found and expected are told; nothing is guessed."""
    assert refusal(repository, {**ONE, **change}).startswith(f"reports.json: report 1: {reason}")


def test_every_problem_of_every_report_is_told_and_nothing_is_recorded(repository: Repository) -> None:
    """All or nothing: the same input can be sent again once it is mended."""
    told = refusal(repository, [ONE, {**ONE, "status": "ok", "response_time_ms": -1}, "backup", {**OTHER, "name": "x"}])

    assert [line[:52] for line in told.splitlines()] == [
        'reports.json: report 2: status: "ok" is not a status',
        "reports.json: report 2: response_time_ms: -1 is not ",
        'reports.json: report 3: "backup" is not a report; wr',
        'reports.json: report 4: name: "x" is not the id or n',
        "reports.json: nothing of it was recorded; mend it an",
    ]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        pytest.param("", "reports.json: is not JSON (Input is a zero-length", id="empty"),
        pytest.param("nonsense", "reports.json: is not JSON (", id="text"),
        pytest.param('[{"name": "backup", "response_time_ms": NaN}]', "reports.json: is not JSON (", id="NaN"),
        pytest.param(b'{"name": "\xff"}', "reports.json: is not JSON (", id="not UTF-8"),
        pytest.param("[" * 100_000, "reports.json: is not JSON (", id="nested without end"),
        pytest.param(f"{json.dumps(ONE)}\n{{torn", "reports.json: line 2: is not JSON (", id="a torn line"),
        pytest.param({"client_payload": None}, "reports.json: report 1: nothing is not a report", id="no payload"),
        pytest.param({"results": {"a": 1}}, "reports.json: report 1: name: nothing is not the id", id="no list"),
    ],
)
def test_what_is_no_list_of_reports_is_refused(repository: Repository, sent: object, message: str) -> None:
    """With the place of the fault, and what to send instead."""
    assert refusal(repository, sent).startswith(message)


def test_a_message_is_one_line_whatever_was_sent(repository: Repository) -> None:
    """A sender cannot write commands into the log of a CI job, nor flood it."""
    told = refusal(repository, {**ONE, "name": "x\n::error::\x1b[2J", "timestamp": "9" * 10_000})

    assert [line[:14] for line in told.splitlines()] == ["reports.json: "] * 3
    assert "\x1b" not in told
    assert max(map(len, told.splitlines())) < 400


def test_a_file_that_is_not_there_is_named(repository: Repository) -> None:
    """Exit code 2, and the other way to send."""
    missing = repository.root / "missing.json"

    with pytest.raises(UsageError, match=r"missing\.json: could not be read: No such file or directory"):
        run(argparse.Namespace(root=repository.root, config=None, now=NOON, file=missing))


# --- writing ------------------------------------------------------------------------------------


def test_the_same_input_twice_adds_nothing(repository: Repository) -> None:
    """A sender may repeat itself; what is new in the repetition is added."""
    ingest(repository, [ONE, OTHER])

    ingest(repository, [ONE, OTHER])
    assert lines(repository) == BOTH

    ingest(repository, [ONE, {**OTHER, "status": "up"}])
    assert lines(repository) == [*BOTH, {"t": NOON + 1, "r": {"jobs_sync": ["up", None, None]}}]


def test_damage_in_the_file_stops_nothing(repository: Repository) -> None:
    """A torn line is closed, and what can be read of the file is not recorded again."""
    ingest(repository, ONE)
    path = repository.root / "history" / "raw" / "2026" / "push-0401.jsonl"
    intact = path.read_bytes()
    path.write_bytes(b"\0\0\n" + intact + b'{"t":17')

    ingest(repository, [ONE, OTHER])

    assert (
        path.read_bytes()
        == b"\0\0\n" + intact + b'{"t":17\n' + json.dumps(BOTH[1], separators=(",", ":")).encode() + b"\n"
    )


def test_history_that_cannot_be_written_is_named(repository: Repository) -> None:
    """The error says so; nobody is told that the report was taken."""
    repository.write("history/raw", "a file where a folder belongs")

    with pytest.raises(LedgerError, match=r"push-0401\.jsonl: could not append"):
        ingest(repository, ONE)


def test_what_was_taken_is_printed(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a report, as `probe` prints."""
    ingest(repository, [ONE, OTHER])

    assert capsys.readouterr().out.splitlines() == [
        "up       backup                      120 ms",
        "down     jobs_sync                        -  status:down",
    ]


def test_standard_input_is_read(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` stands for it, and messages call it by its name."""
    arguments = argparse.Namespace(root=repository.root, config=None, now=NOON, file=Path("-"))

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(ONE).encode())))
    assert run(arguments) == 0
    assert lines(repository) == BOTH[:1]

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"?")))
    with pytest.raises(UsageError, match=r"^standard input: is not JSON"):
        run(arguments)


def test_private_reports_are_kept_apart_and_not_named(
    repository: Repository, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Their rows go to history/sealed; neither console nor log says what they are about."""
    repository.write("checks.yml", CHECKS.replace("services:", PRIVATE + "services:"))

    with caplog.at_level(logging.DEBUG):
        ingest(repository, [ONE, {"name": "vault", "status": "down", "timestamp": NOON}])

    assert lines(repository) == BOTH[:1]
    assert lines(repository, "history/sealed/raw") == [{"t": NOON, "r": {"vault": ["down", None, "status:down"]}}]
    assert capsys.readouterr().out.splitlines()[1:] == ["and 1 private"]
    assert "vault" not in caplog.text


@pytest.mark.parametrize(
    "report",
    [
        pytest.param({"name": "vault", "status": "ok"}, id="a wrong status"),
        pytest.param({"name": "vault", "component": "jobs"}, id="a wrong component"),
        pytest.param({"name": "vaulty", "status": "up"}, id="nearly its name"),
        pytest.param({"name": "Sync", "status": "up"}, id="others to choose from"),
    ],
)
def test_a_refusal_does_not_name_private_checks(repository: Repository, report: dict[str, str]) -> None:
    """The log of a CI job may be public."""
    repository.write("checks.yml", CHECKS.replace("services:", PRIVATE + "services:"))

    assert "vault" not in refusal(repository, report)
