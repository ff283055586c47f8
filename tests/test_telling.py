"""Incidents as they are told: what was measured, what files say of it, and that words never change a figure."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from telling import Acme, at, clock, run

from statusledger.clock import MINUTE_MS
from statusledger.incident_files import Impact
from statusledger.model import IncidentStatus, Severity, State
from statusledger.outputs import api, theme
from statusledger.report.records import Response

API = "components: {api: down}\nstarted: 2026-11-21T00:10Z"
TRAIL = """\
Customers cannot log in.

## 2026-11-21T00:20Z investigating
Requests *time out*.

## 2026-11-21T00:50Z monitoring {api: degraded}
A fix is out.

## 2026-11-21T01:00Z resolved
Back to normal.
"""


@pytest.fixture
def acme(tmp_path):
    """API is down from 00:10 until 00:55 of a day that is measured until 03:00."""
    return Acme(tmp_path).measured(180, api="10-55")


def test_what_is_measured_is_told_without_a_file(acme):
    """With its own words, severity by tier, and what became of the answer."""
    (one,) = acme.told()

    assert (one.id, one.feed_id, one.file) == ("api-20261121T001000Z", "api-20261121T001000Z", None)
    assert (one.severity, one.impact, one.response) == (Severity.P2, Impact.MAJOR, Response.NOT_NEEDED)
    assert [(clock(update.at), update.markdown) for update in one.updates] == [("00:10", None), ("00:55", None)]


def test_a_file_tells_what_was_measured_under_its_own_id(acme):
    """It keeps the feed id of what it covers, and the measured trail stands between what people wrote."""
    (one,) = acme.incident("login", f"{API}\nroot_cause: A migration", TRAIL).told()

    assert (one.id, one.title, one.feed_id) == ("2026-11-21-login", "Login", "api-20261121T001000Z")
    assert [covered.id for covered in one.covered] == ["api-20261121T001000Z"]
    assert (one.root_cause, one.summary) == ("A migration", "Customers cannot log in.")
    assert [(clock(update.at), str(update.status), update.markdown is None) for update in one.updates] == [
        ("00:10", "investigating", True),
        ("00:20", "investigating", False),
        ("00:50", "monitoring", False),
        ("00:55", "monitoring", True),
        ("01:00", "resolved", False),
    ]
    assert one.updates[1].text == "Requests time out."
    assert one.updates[1].html == "<p>Requests <em>time out</em>.</p>"


def test_states_change_with_updates_and_end_with_the_incident(acme):
    """Each component over time; `resolved` is up again."""
    (one,) = acme.incident("login", API, TRAIL).told()

    (api,) = one.affected
    spans = [(clock(span.start_ms), clock(span.end_ms), span.state) for span in api.intervals]
    assert spans == [("00:10", "00:50", State.DOWN), ("00:50", "01:00", State.DEGRADED)]
    changes = [(change.before, change.after) for update in one.updates for change in update.changes]
    assert changes == [(State.DOWN, State.DEGRADED), (State.DEGRADED, State.UP)]


def test_a_file_never_makes_measured_downtime_less(acme):
    """Both figures are known: what was measured counts, what is told is told."""
    before = acme.report().components["api"].figures["24h"]
    (one,) = acme.incident("login", f"{API}\nresolved: 2026-11-21T00:20Z").told()

    after = acme.report().components["api"].figures["24h"]
    assert (one.down_ms, one.affected[0].told_ms) == (45 * MINUTE_MS, 10 * MINUTE_MS)
    assert after == before


def test_a_reported_one_adds_what_probes_could_not_see(tmp_path):
    """Its downtime counts; one that says `counts: false` is shown only."""
    acme = Acme(tmp_path).measured(180)
    keys = "components: {db: down}\nstarted: 2026-11-21T01:00Z\nresolved: 2026-11-21T01:30Z\ndetected: reported"
    acme.incident("counted", keys).incident("shown", f"{keys}\ncounts: false")

    counted, shown = sorted(acme.told(), key=lambda one: one.id)
    assert (counted.down_ms, shown.down_ms) == (30 * MINUTE_MS, 0)
    assert acme.report().components["db"].figures["24h"].down_ms == 30 * MINUTE_MS


def test_what_is_still_measured_as_down_is_not_resolved(acme):
    """A file may be early; the page does not say that it is over."""
    (early,) = acme.incident("login", API, TRAIL.replace("01:00Z", "00:52Z")).told("00:54")
    (over,) = acme.told("00:56")

    assert (early.lasts, early.status) == (True, IncidentStatus.MONITORING)
    assert (over.lasts, over.status, clock(over.ended_at)) == (False, IncidentStatus.RESOLVED, "00:52")


def test_an_incident_lasts_until_people_say_that_it_is_over(acme):
    """Measured as up again, and still watched."""
    (one,) = acme.incident("login", API, TRAIL).told("00:58")

    assert (one.lasts, one.status) == (True, IncidentStatus.MONITORING)


def test_what_lies_after_the_build_is_not_told(acme):
    """A look back says what was known then."""
    acme.incident("login", API, TRAIL + "\n## postmortem\nIt was a migration.\n")

    (then,) = acme.told("00:30")
    (now,) = acme.told()

    assert [clock(update.at) for update in then.updates] == ["00:10", "00:20"]
    assert (then.postmortem, now.postmortem) == (None, "It was a migration.")
    assert acme.told("00:05") == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("00:10", "00:12", "one", id="the older one"),
        pytest.param("00:12", "00:10", "two", id="whatever it is called"),
    ],
)
def test_no_measured_incident_has_two_files(acme, first, second, expected):
    """By overlap the file that began first has it."""
    for name, start in (("one", first), ("two", second)):
        acme.incident(name, f"components: {{api: down}}\nstarted: 2026-11-21T{start}Z\nresolved: 2026-11-21T02:00Z")

    owners = {covered.id: one.title for one in acme.told() for covered in one.covered}
    assert owners == {"api-20261121T001000Z": expected.capitalize()}


def test_what_a_file_names_beats_what_another_overlaps(acme):
    """`covers` decides, also for what does not overlap."""
    acme.incident("early", f"{API}\nresolved: 2026-11-21T02:00Z")
    acme.incident("named", "components: {db: down}\nstarted: 2026-11-21T02:30Z\ncovers: api-20261121T001000Z")

    owners = {covered.id: one.id for one in acme.told() for covered in one.covered}
    assert owners == {"api-20261121T001000Z": "2026-11-21-named"}


def test_one_file_may_cover_several(tmp_path):
    """Of several components and times; the feed id is that of the earliest."""
    acme = Acme(tmp_path).measured(180, api="10-25 60-80", db="10-30")
    keys = "components: {db: down, api: down}\nstarted: 2026-11-21T00:05Z\nresolved: 2026-11-21T01:30Z"

    (one,) = acme.incident("both", keys).told()

    assert [covered.id for covered in one.covered] == [
        "api-20261121T001000Z",
        "db-20261121T001000Z",
        "api-20261121T010000Z",
    ]
    assert (str(one.component_name), one.feed_id) == ("Database and API", "api-20261121T001000Z")
    assert [part.down_ms // MINUTE_MS for part in one.affected] == [20, 35]
    assert (one.severity, one.impact) == (Severity.P1, Impact.CRITICAL)
    assert "API: Measured as down" in str(one.updates[0].text)
    assert "Database: Measured as down" in str(one.updates[0].text)


@pytest.mark.parametrize(
    ("keys", "severity", "impact"),
    [
        pytest.param("components: {db: degraded}", Severity.P3, Impact.MINOR, id="degraded"),
        pytest.param("components: {db: down}", Severity.P4, Impact.MAJOR, id="down, no tier"),
        pytest.param("components: {api: down}", Severity.P2, Impact.MAJOR, id="down, tier high"),
        pytest.param("components: {api: down, db: down}", Severity.P1, Impact.CRITICAL, id="two at once"),
        pytest.param("components: {db: up}", Severity.P4, Impact.NONE, id="nothing that customers notice"),
        pytest.param("components: {api: down}\nseverity: low\nimpact: none", Severity.P4, Impact.NONE, id="as written"),
    ],
)
def test_severity_and_impact_of_what_only_a_file_tells(tmp_path, keys, severity, impact):
    """From its components, unless the file says otherwise."""
    (one,) = Acme(tmp_path).measured(180).incident("told", f"{keys}\nstarted: 2026-11-21T01:00Z").told()

    assert (one.severity, one.impact) == (severity, impact)


@pytest.mark.parametrize(
    ("answered", "now", "expected"),
    [
        pytest.param("00:40", "03:00", Response.MET, id="in time"),
        pytest.param("01:10", "03:00", Response.MET, id="at the last instant"),
        pytest.param("01:11", "03:00", Response.MISSED, id="late"),
        pytest.param(None, "00:50", Response.DUE, id="not yet"),
        pytest.param(None, "02:00", Response.MISSED, id="never"),
    ],
)
def test_the_first_update_is_the_answer(tmp_path, answered, now, expected):
    """P2 detected at 00:10 wants one by 01:10."""
    body = f"## 2026-11-21T{answered}Z investigating\n" if answered else ""
    acme = Acme(tmp_path).measured(180, api="10-180").incident("login", API, body)

    (one,) = acme.told(now)

    assert one.response_due_at == at("01:10")
    assert one.response is expected


def test_a_file_about_components_that_are_gone_is_still_told(acme):
    """Past incidents outlive what they were about, as long as history knows it."""
    acme.write("history/policy.jsonl", '{"from":0,"component":"old","policy":{}}\n')
    acme.incident("old", "components: {old: down}\nstarted: 2026-11-21T01:00Z\nresolved: 2026-11-21T01:10Z")

    newest = acme.told()[0]
    assert (newest.component, str(newest.component_name)) == ("old", "old")


def test_a_broken_file_is_left_out_and_named(acme):
    """Everything else is told."""
    acme.incident("good", API).incident("broken", API.replace("api", "apii"))

    report = acme.report()
    assert [one.id for one in report.incidents] == ["2026-11-21-good"]
    assert [str(one) for one in report.left_out] == [
        "incidents/2026/2026-11-21-broken.md:3 components: no component 'apii'; did you mean 'api'?"
    ]


def test_one_broken_file_among_a_thousand_costs_itself(acme):
    """The site is built with all others; the command and health.json say which one is missing, and why."""
    for number in range(1000):
        acme.incident(f"n{number}", f"components: {{db: degraded}}\nstarted: 2026-11-21T00:{number % 60:02d}Z")
    acme.incident("broken", API.replace("api", "apii"))

    ran = run(acme, "build", now="03:00")

    site = acme.root / "_site"
    incidents = json.loads((site / "api" / "v1" / "incidents.json").read_text())["incidents"]
    assert ran.code == 1
    assert "incidents/2026/2026-11-21-broken.md:3 components: no component 'apii'" in ran.err
    assert len([one for one in incidents if one["file"]]) == 1000
    assert len(list((site / "incidents").glob("2026-*/index.html"))) == 1000
    assert json.loads((site / "api" / "v1" / "health.json").read_text())["files_left_out"] == [
        {
            "file": "incidents/2026/2026-11-21-broken.md",
            "line": 3,
            "key": "components",
            "reason": "no component 'apii'; did you mean 'api'?",
        }
    ]


@pytest.mark.parametrize(
    ("section", "document", "list_of"),
    [
        ("An incident", "incidents/2026-11-21-login.json", None),
        ("A maintenance window", "maintenance.json", "maintenance"),
    ],
)
def test_every_key_of_a_document_is_explained(documents, section, document, list_of):
    """And every key that docs/outputs.md explains is there."""
    page = (Path(__file__).resolve().parents[1] / "docs" / "outputs.md").read_text(encoding="utf-8")
    rows = page.split(f"### {section}\n")[1].split("\n#")[0].split("|---|---|\n")[1].split("\n\n")[0].splitlines()
    explained = {key for row in rows for key in re.findall(r"`(\w+)`", row.split("|")[1])}

    told = json.loads(documents[document])
    one = told[list_of][0] if list_of else told
    assert one.keys() - {"schema", "as_of"} == explained


@pytest.fixture
def documents(acme):
    """What an incident and a window come to, by path below api/v1."""
    front = "title: x\ncomponents: db\nstarts: 2026-11-21T04:00Z\nends: 2026-11-21T05:00Z"
    acme.write("maintenance/2026/2026-11-21-x.md", f"---\n{front}\n---\n").incident("login", API, TRAIL)
    written = api.files(acme.report(), theme.load())
    return {str(path).removeprefix("api/v1/"): content for path, content in written.items()}
