"""What operators see beside the figures: how far back, and each thing once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from repository import Repository

from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, parse_instant
from statusledger.config import Config, load
from statusledger.history import append, raw_path
from statusledger.history.facts import CertificateFacts, Facts, facts_line, facts_path
from statusledger.history.records import record_line
from statusledger.model import IncidentStatus, Phases, Severity
from statusledger.report.operators import operators_report
from statusledger.report.records import IncidentReport
from statusledger.report.sights import OperatorsReport

NOW = parse_instant("2026-11-21T12:00:00Z")
REFUSED = {"status": "down", "code": "refused"}


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """The private part of a ledger, plain."""
    return tmp_path / "history" / "sealed"


def configured(folder: Path, retention: str = "") -> Config:
    """One component, `api`, that was called `old_api`."""
    text = f"retention: {{{retention}}}\n" if retention else ""
    Repository(folder).checks(extra=", was: [old_api]")
    (folder / "checks.yml").write_text((folder / "checks.yml").read_text() + text)
    return load(folder / "checks.yml")


def told(history: Path, *incidents: IncidentReport, retention: str = "") -> OperatorsReport:
    """The report at NOW."""
    config = configured(history.parents[1], retention)
    return operators_report(config, [(history, None)], incidents, as_of=NOW)


def lay(history: Path, t: int, **line: Any) -> None:
    """A line of history at an instant."""
    append(raw_path(history, "eu", t), [record_line({"t": t, **line})])


def incident(start: int, end: int, severity: Severity) -> IncidentReport:
    """An incident of the component, as far as it matters here."""
    return IncidentReport(
        id="api-1",
        title="API: outage",
        component="api",
        component_name="API",
        severity=severity,
        status=IncidentStatus.RESOLVED,
        started_at=start,
        detected_at=start,
        ended_at=end,
        down_ms=end - start,
        response_due_at=start,
        last_ok_at=None,
        last_fail_at=None,
        locations=("eu",),
        codes=(),
        updates=(),
        lanes=(),
        lanes_from=start,
        lanes_to=end,
    )


OLD, VERY_OLD = NOW - 20 * DAY_MS, NOW - 200 * DAY_MS
EVIDENCE = {
    "of late": (NOW - 6 * DAY_MS, None, "", True),
    "older": (OLD, None, "", False),
    "older, of an incident": (OLD, Severity.P3, "", True),
    "older than it is kept": (OLD, Severity.P3, "evidence: 10d", False),
    "of late, but older than it is kept": (NOW - 2 * DAY_MS, None, "evidence: 1d", False),
    "of a critical incident": (VERY_OLD, Severity.P1, "evidence: 10d", True),
    "of a critical incident like any other": (VERY_OLD, Severity.P1, "evidence: 10d, keep_critical: false", False),
    "after now": (NOW + HOUR_MS, None, "", False),
}


@pytest.mark.parametrize(("at", "severity", "retention", "shown"), EVIDENCE.values(), ids=EVIDENCE)
def test_evidence_is_shown_for_as_long_as_it_is_kept(
    history: Path, at: int, severity: Severity | None, retention: str, shown: bool
) -> None:
    """Of the newest seven days, and of incidents before them; of critical ones for good."""
    lay(history, at, e={"old_api": REFUSED})
    incidents = [incident(at, at + HOUR_MS, severity)] if severity else []

    report = told(history, *incidents, retention=retention)

    assert [(sight.at, sight.check, sight.location) for sight, _ in report.evidence] == [(at, "api", "eu")] * shown


def test_what_a_job_told_again_is_shown_once(history: Path) -> None:
    """One that holds no identity cannot know that the failure was told by the run before it."""
    for minute, code in enumerate(("refused", "refused", "status:503", None, "status:503")):
        t = NOW - HOUR_MS + minute * 5 * MINUTE_MS
        lay(history, t, r={"api": ["down", 9, code] if code else 100})
        if code:
            lay(history, t, e={"api": {"status": "down", "code": code}})

    assert [seen["code"] for _, seen in told(history).evidence] == ["status:503", "status:503", "refused"]


@pytest.mark.parametrize(("retention", "shown"), [("", True), ("details: 1h", False)], ids=["kept", "not kept"])
def test_the_newest_phase_times_of_each_check_are_shown(history: Path, retention: str, shown: bool) -> None:
    """As long as details are kept; a line that lacks one of them is passed over."""
    for hours, first in ((4, 7), (3, 8)):
        lay(history, NOW - hours * HOUR_MS, r={"api": 100}, p={"api": [first, 2, None, 3, 4]})
    lay(history, NOW - 2 * HOUR_MS, r={"api": 100}, p={"api": [9]})

    phases = [spent for _, spent in told(history, retention=retention).phases]
    assert phases == [Phases(8, 2, None, 3, 4)] * shown


@pytest.mark.parametrize(("retention", "shown"), [("", [2, 50]), ("details: 40d", [2])], ids=["kept", "not kept"])
def test_the_newest_facts_are_shown_however_old(history: Path, retention: str, shown: list[int]) -> None:
    """What held before them for as long as details are kept."""
    for days in (50, 2):
        certificate = CertificateFacts(NOW + days * DAY_MS, "Acme CA", "TLSv1.3")
        facts = Facts(NOW - days * DAY_MS, "old_api", certificate)
        append(facts_path(history, "eu"), [facts_line(facts)])

    assert [
        one.certificate and (one.certificate.not_after - NOW) // DAY_MS
        for _, one in told(history, retention=retention).facts
    ] == shown
    assert [one.check for _, one in told(history).facts] == ["api", "api"]


def test_damage_is_told(history: Path) -> None:
    """With its place; everything else is shown."""
    lay(history, NOW - HOUR_MS, e={"api": REFUSED})
    append(raw_path(history, "eu", NOW), [b'{"t":17952\n'])

    report = told(history)
    assert ([one.line for one in report.damage], len(report.evidence)) == ([2], 1)
