"""Files about incidents and maintenance -> records: everything that they say, nothing that they only look like."""

from __future__ import annotations

import pytest

from statusledger.clock import format_instant, parse_instant
from statusledger.incident_files import Detected, Impact, IncidentFile, MaintenanceFile, Names
from statusledger.incident_files.reading import read_incident, read_maintenance
from statusledger.model import IncidentStatus, Severity, State
from statusledger.written.severity import SPELLINGS, read_severity

NAMES = Names(("api", "web"), groups=("core",), services=("shop",), former={"old_api": "api"}, past={"gone"})
WHOLE = """\
---
title: API requests fail
severity: P1                  # P1 P2 P3 P4
impact: major
components: {api: down, web: degraded}
started: 2026-11-21T02:06Z
resolved: 2026-11-21T02:51Z
detected: reported
counts: true
root_cause: Connection pool exhausted by a migration
covers: [api-20261121T020600Z]
---
What customers noticed, in a paragraph.

## 2026-11-21T02:10Z investigating
Requests time out. We are looking.

## 2026-11-21T03:31+01:00 monitoring {api: degraded, web: up}
A fix is out.

## 2026-11-21T02:51Z resolved
Back to normal.

## Postmortem
What happened.

## What changes
Limits.
"""
SHORT = "---\ntitle: T\ncomponents: {{{components}}}\nstarted: 2026-11-21T02:06Z\n---\n{body}"


def incident(text: str) -> IncidentFile:
    """The record of a good file."""
    outcome = read_incident(text.encode(), "incidents/2026/2026-11-21-x.md", NAMES)
    assert outcome.record is not None, outcome.problems
    return outcome.record


def short(body: str = "", components: str = "api: down") -> IncidentFile:
    """The record of a file with this body."""
    return incident(SHORT.format(body=body, components=components))


def test_everything_that_a_file_says_is_read() -> None:
    """Keys, text before the updates, updates with their changes, and the postmortem with its own headings."""
    read = incident(WHOLE)

    assert (read.id, read.title, read.severity, read.impact) == (
        "2026-11-21-x",
        "API requests fail",
        Severity.P1,
        Impact.MAJOR,
    )
    assert read.components == {"api": State.DOWN, "web": State.DEGRADED}
    assert (read.detected, read.counts, read.covers) == (Detected.REPORTED, True, ("api-20261121T020600Z",))
    assert read.summary == "What customers noticed, in a paragraph."
    assert [(format_instant(one.at)[11:16], one.status, one.components) for one in read.updates] == [
        ("02:10", IncidentStatus.INVESTIGATING, {}),
        ("02:31", IncidentStatus.MONITORING, {"api": State.DEGRADED, "web": State.UP}),
        ("02:51", IncidentStatus.RESOLVED, {}),
    ]
    assert read.updates[1].text == "A fix is out."
    assert read.postmortem == "What happened.\n\n## What changes\n\nLimits."


def test_what_is_absent_has_its_default() -> None:
    """Measured, counted if reported, lasting, and overlap decides what it covers."""
    read = short()

    assert (read.detected, read.counts, read.covers, read.resolved_at) == (Detected.MEASURED, True, None, None)
    assert (read.severity, read.impact, read.updates, read.postmortem) == (None, None, (), None)


def test_the_last_update_can_resolve() -> None:
    """Who forgets `resolved:` has said it all the same; one that is reopened lasts."""
    over = "## 2026-11-21T02:51Z resolved\n"

    assert short(over).resolved_at == parse_instant("2026-11-21T02:51Z")
    assert short(over + "## 2026-11-21T02:55Z investigating\n").resolved_at is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("```\n## 2026-11-21T02:10Z nonsense\n```\n", id="code block"),
        pytest.param("~~~~\n## Tuesday\n~~~\n~~~~\n", id="code block of waves"),
        pytest.param("<!--\n## 2026-11-21T02:10Z investigating\n-->\n", id="comment"),
        pytest.param("```\n## never closed\n", id="code block to the end"),
        pytest.param("    ## indented code\n", id="indented"),
    ],
)
def test_what_only_looks_like_an_update_is_text(body: str) -> None:
    """As Markdown has it."""
    read = short(body)

    assert (read.updates, read.summary) == ((), body.strip())


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    """As an editor on a phone or a desktop may leave them."""
    read = read_incident(("\ufeff" + WHOLE.replace("\n", "\r\n")).encode(), "incidents/2026/2026-11-21-x.md", NAMES)

    assert read.record == incident(WHOLE)


def test_components_of_old_and_by_their_earlier_names_are_known() -> None:
    """A past incident stays readable when a component is renamed or removed."""
    read = short(components="old_api: down, gone: degraded")

    assert read.components == {"api": State.DOWN, "gone": State.DEGRADED}


@pytest.mark.parametrize(("word", "meant"), [*SPELLINGS.items(), ("MAJOR", Severity.P2), ("p1", Severity.P1)])
def test_severities_in_all_spellings(word: str, meant: Severity) -> None:
    """One vocabulary, whatever people are used to."""
    assert read_severity(word) is meant


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        pytest.param("api", ("api",), id="one"),
        pytest.param('"*"', ("*",), id="everything"),
        pytest.param("[core, shop, old_api]", ("core", "shop", "api"), id="group, service and an earlier name"),
    ],
)
def test_maintenance_names_components_groups_services_or_everything(components: str, expected: tuple[str, ...]) -> None:
    """As they are announced."""
    text = (
        f"---\ntitle: T\ncomponents: {components}\nstarts: 2026-11-28T02:00Z\nends: 2026-11-28T04:00Z\n"
        "repeats: rrule:freq=weekly;byday=su\ncancelled: true\n---\n## 2026-11-28T02:00Z in_progress\nHere we go.\n"
    )

    read = read_maintenance(text.encode(), "maintenance/2026/2026-11-28-x.md", NAMES).record
    assert isinstance(read, MaintenanceFile)
    assert (read.components, read.repeats, read.cancelled) == (expected, "FREQ=WEEKLY;BYDAY=SU", True)
    assert [str(one.status) for one in read.updates] == ["in_progress"]
