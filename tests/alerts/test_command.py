"""`statusledger alert` and `report`, as somebody runs them: what is printed, sent, written down, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import operators
import pytest
import samples as s
from receivers import Receiver, Reply, receiving
from repository import Ran, Repository

from statusledger.history.sent import Sent, read

SECRET = "T0KEN-of-the-hook-9f3c"
CHECKS = """\
page: {{name: Acme Status, url: "https://status.acme.example", since: 2026-01-01}}
monitor: {{locations: [eu]}}
defaults: {{interval: 5m, retries: 0, confirm_down: 1, max_staleness: 10m}}
{private}
groups:
  - id: core
    components:
      - {{id: api, name: API, tier: critical, url: "{{{{ BASE }}}}/v1?key={{{{ KEY }}}}"}}
      - {{id: web, name: Web, url: "https://web.acme.example/"{web}}}
alerts:
  channels: {{ops: {{type: webhook, url: "{{{{ HOOK }}}}"}}}}
  rules: {{BurnRate: off, UptimeSLAWarning: off, UptimeSLACritical: off, MonitorStale: off}}
"""
DOWN = "2026-04-01T00:25:30Z"
UP = "2026-04-01T00:35:30Z"
KEY = "statusledger/2026-01-01/ServiceDown/api/api-20260401T002000Z"


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """A webhook that takes everything."""
    with receiving(lambda posted: Reply(204)) as receiver:
        yield receiver


@pytest.fixture
def page(tmp_path: Path) -> Repository:
    """Two components; the first one is down from 00:20 to 00:35."""
    repository = Repository(tmp_path).write("checks.yml", CHECKS.format(private="", web=""))
    return repository.rows({"eu": s.grid(4, 5, 6)}).rows({"eu": s.grid()}, check="web")


def alert(page: Repository, hook: Receiver | None, now: str, *options: str) -> Ran:
    """Runs it with the environment of a publish job: the channel's secret, and no secret of any check."""
    environment = {"HOOK": hook.url(f"/{SECRET}")} if hook else {}
    return page.run("alert", "--now", now, *options, environment=environment)


def log(page: Repository) -> list[Sent]:
    """The sent log."""
    path = page.root / "history" / "alerts" / "2026-04.jsonl"
    return [read(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def test_an_outage_is_told_once_and_its_end_once(page, hook):
    """Each run sends the difference, and writes it down before and after."""
    runs = [alert(page, hook, now) for now in (DOWN, DOWN, UP, UP)]

    assert [ran.code for ran in runs] == [0, 0, 0, 0]
    assert [posted.json["kind"] for posted in hook.asked] == ["trigger", "recovery"]
    assert [sent.kind for sent in log(page)] == ["joined", "trying", "trigger", "trying", "recovery"]
    assert runs[0].out == "ops: sent: trigger: [CRITICAL] API is down\nalert: 1 message sent\n"
    assert runs[1].out == "alert: 0 messages sent\n"


def test_a_message_says_what_somebody_with_a_phone_needs(page, hook):
    """What, since when, where measured, which error, what is left of the budget, where to read on; no secret."""
    alert(page, hook, DOWN)

    content = hook.asked[0].json
    assert content["message"] == "API is down"
    assert content["details"] == "Down since 1 Apr 2026, 00:20 UTC (6 min), seen at eu: status:503."
    assert content["facts"] == {
        "Since": "1 Apr 2026, 00:20 UTC",
        "Where": "eu",
        "Error": "status:503 (another status than expected)",
        "Budget left": "37.700 of 43.200 min in April 2026 (target 99.9 %)",
    }
    assert [link["url"] for link in content["links"]] == [
        "https://status.acme.example/incidents/api-20260401T002000Z/",
        "https://status.acme.example/components/api/",
        "https://status.acme.example/",
    ]
    assert content["url"] == "***/v1?***"


def test_the_end_says_how_long_it_was(page, hook):
    """In the title already."""
    for now in (DOWN, UP):
        alert(page, hook, now)

    content = hook.asked[1].json
    assert content["message"] == "API is up again after 15 min"
    assert content["ended_at"] == "2026-04-01T00:35:00.000Z"
    assert content["details"].endswith("15 min of it count as downtime.")


def test_a_dry_run_says_what_and_why_and_sends_nothing(page, hook):
    """Without the channel's secret, because nothing is sent."""
    ran = alert(page, None, DOWN, "--dry-run")

    assert ran.code == 0
    assert ran.out.splitlines()[:2] == [
        "ops: trigger: [CRITICAL] API is down",
        "    Down since 1 Apr 2026, 00:20 UTC (6 min), seen at eu: status:503.",
    ]
    assert "    why: firing, and not told yet" in ran.out
    assert f"    key: {KEY}" in ran.out
    assert log(page) == []


def test_a_dry_run_says_why_not(page, hook):
    """Told already, held back, or nobody's."""
    early = alert(page, None, "2026-04-01T00:20:30Z", "--dry-run")
    alert(page, hook, DOWN)
    later = alert(page, None, DOWN, "--dry-run")

    assert "not to ops: ServiceDown of API: counted down for less than 2m" in early.out
    assert "not to ops: ServiceDown of API: told at 2026-04-01T00:25:30.000Z; again after 1h" in later.out
    assert "nobody: IncidentOpened of API: no route leads anywhere" in later.out


def test_json_lists_what_is_told(page, hook):
    """The keys of the contract, for what would be sent as for what was."""
    planned, done = alert(page, None, DOWN, "--dry-run", "--json"), alert(page, hook, DOWN, "--json")

    assert (
        planned.json
        == done.json
        == [
            {
                "rule": "ServiceDown",
                "severity": "critical",
                "kind": "trigger",
                "component": "api",
                "channel": "ops",
                "dedup_key": KEY,
                "since": "2026-04-01T00:20:00.000Z",
                "reason": "firing, and not told yet",
            }
        ]
    )


# --- what people write --------------------------------------------------------------------------

INCIDENT = """\
---
title: API requests fail
components: {api: down}
started: 2026-04-01T00:20Z
---
## 2026-04-01T00:24Z investigating
Requests time out. **We look.**
"""
UPGRADE = """\
---
title: Database upgrade
components: [web]
announced: 2026-03-30T00:00Z
starts: 2026-04-01T00:10Z
ends: 2026-04-01T04:00Z
---
Logins are off.
"""
EVERYTHING = "  routes: [{channels: [ops]}]\n"


def test_files_of_people_are_told(page, hook):
    """An incident with its newest update, in one message; maintenance with what it affects; where to read on."""
    page.write("checks.yml", CHECKS.format(private="", web="") + EVERYTHING)
    page.write("incidents/2026/2026-04-01-api.md", INCIDENT)
    page.write("maintenance/2026/2026-04-01-upgrade.md", UPGRADE)
    alert(page, hook, DOWN)

    told = {posted.json["rule"]: posted.json for posted in hook.asked}
    assert set(told) == {"ServiceDown", "IncidentOpened", "MaintenanceStarted"}
    incident, maintenance = told["IncidentOpened"], told["MaintenanceStarted"]
    assert incident["message"] == "Incident P1: API requests fail"
    assert incident["details"].splitlines()[1] == "Investigating: Requests time out. We look."
    assert incident["links"][0]["url"] == "https://status.acme.example/incidents/2026-04-01-api/"
    assert maintenance["details"].splitlines() == [
        "1 Apr 2026, 00:10 UTC to 1 Apr 2026, 04:00 UTC (3h50m), affects Web.",
        "Logins are off.",
    ]
    assert maintenance["links"][0]["url"] == "https://status.acme.example/maintenance/"
    assert [sent.rule for sent in log(page) if sent.kind == "trigger"].count("IncidentUpdated") == 1


def test_maintenance_in_a_file_suppresses_only_what_is_new(page, hook):
    """What was told of the API before goes on; nobody is told that it fails where the window was announced in time."""
    page.write("maintenance/2026/2026-04-01-upgrade.md", UPGRADE.replace("[web]", "[api]"))
    planned = alert(page, None, DOWN, "--dry-run")

    assert "not to ops: ServiceDown of API: in maintenance" in planned.out
    page.write(
        "maintenance/2026/2026-04-01-upgrade.md", UPGRADE.replace("[web]", "[api]").replace("03-30T00", "03-31T01")
    )
    assert "ops: trigger: [CRITICAL] API is down" in alert(page, None, DOWN, "--dry-run").out


def test_a_file_about_a_private_component_is_told_to_channels_only(tmp_path, hook):
    """Its title is as private as the component."""
    page = private_page(tmp_path)
    page.write("checks.yml", (page.root / "checks.yml").read_text() + EVERYTHING)
    page.write("incidents/2026/2026-04-01-web.md", INCIDENT.replace("api:", "web:").replace("API", "Web"))
    ran = alert(page, hook, DOWN)

    told = {posted.json["rule"]: posted.json for posted in hook.asked}
    assert told["IncidentOpened"]["message"] == "Incident P4: Web requests fail"
    assert [link["url"] for link in told["IncidentOpened"]["links"]] == ["https://status.acme.example/"]
    assert "web" not in (ran.out + ran.err).lower()
    assert "web" not in (tmp_path / "history" / "alerts" / "2026-04.jsonl").read_text().lower()


# --- channels that fail -------------------------------------------------------------------------


def test_a_refusal_for_good_is_said_once(page, hook):
    """Exit 4 and a warning; after an hour it is tried again, and nothing is said of it."""
    page.rows({"eu": [(s.at(minute), "down") for minute in range(60, 145, 5)]})
    hook.down = Reply(404, "no_service")
    first, soon, later = (alert(page, hook, f"2026-04-01T{hour}:30Z") for hour in ("01:10", "01:15", "02:20"))

    assert [first.code, soon.code, later.code] == [4, 0, 0]
    assert "ops: status:404 no_service; refused for good; tried again ever more seldom" in first.err
    assert "404" not in soon.err + later.err
    assert len(hook.asked) == 3  # the outage twice, and the long outage


def test_what_is_said_of_a_failure_has_no_secret(page, hook):
    """The address is one, whoever quotes it."""
    hook.down = Reply(404, f"no hook {hook.url(f'/{SECRET}')}")
    ran = alert(page, hook, DOWN)

    assert ran.code == 4
    assert "status:404" in ran.err
    assert SECRET not in ran.out + ran.err + json.dumps([str(sent) for sent in log(page)])


def test_a_channel_that_is_down_is_tried_again_in_every_run(page, hook):
    """Exit 4 each time, one line in the log."""
    hook.down = Reply(429, headers={"Retry-After": "900"})
    codes = [alert(page, hook, f"2026-04-01T00:{minute}:30Z").code for minute in (25, 26, 27)]
    hook.down = None
    back = alert(page, hook, "2026-04-01T00:28:30Z")

    assert codes == [4, 4, 4]
    assert [sent.kind for sent in log(page)] == ["joined", "trying", "failed", "trigger"]
    assert (back.code, len(hook.asked)) == (0, 4)


def test_a_missing_secret_is_named(page):
    """Only by whoever sends; the variable's name says what to set."""
    ran = alert(page, None, DOWN)

    assert ran.code == 4
    assert "ops: not_configured the variable HOOK is not set" in ran.err


def test_a_test_message_is_marked_and_not_written_down(page, hook):
    """To one channel."""
    ran = alert(page, hook, UP, "--test", "ops")

    assert (ran.code, ran.out) == (0, "ops: it took a message that is marked as a test\n")
    assert hook.asked[0].json["test"] is True
    assert log(page) == []


def test_a_test_of_a_channel_that_fails_or_is_not_there(page, hook):
    """4, and 2 with the channels that there are."""
    hook.down = Reply(403, "action_prohibited")
    refused, unknown = alert(page, hook, UP, "--test", "ops"), alert(page, hook, UP, "--test", "pager")

    assert (refused.code, "status:403 action_prohibited" in refused.err) == (4, True)
    assert (unknown.code, 'there is no channel "pager"; known: ops' in unknown.err) == (2, True)


def test_a_damaged_log_tells_again_rather_than_nothing(page, hook):
    """The torn line is named; what it said is told again under the same key."""
    alert(page, hook, DOWN)
    path = page.root / "history" / "alerts" / "2026-04.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:40] + b"\n")

    ran = alert(page, hook, DOWN)
    assert "history/alerts/2026-04.jsonl:3: no record that can be used" in ran.err
    assert [posted.json["dedup_key"] for posted in hook.asked] == [KEY, KEY]
    assert len({posted.json["message_id"] for posted in hook.asked}) == 1


# --- private components -------------------------------------------------------------------------


def private_page(tmp_path: Path) -> Repository:
    """The same page in a private repository, with a private component that is down."""
    text = CHECKS.format(private="private: {plain: true}", web=", visibility: private")
    repository = Repository(tmp_path).write("checks.yml", text).rows({"eu": s.grid()})
    path = tmp_path / "history" / "sealed" / "raw" / "2026" / "eu-0401.jsonl"
    path.parent.mkdir(parents=True)
    rows = [
        {"t": ts, "r": {"web": 100 if status == "up" else ["down", None, "refused"]}} for ts, status in s.grid(4, 5, 6)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return repository


def test_private_trouble_is_told_to_channels_and_not_to_the_console(tmp_path, hook):
    """A CI log may be public; the sent log of it lies with what is kept of private components."""
    page = private_page(tmp_path)
    ran, planned = alert(page, hook, DOWN), alert(page, None, UP, "--dry-run")

    assert hook.asked[0].json["message"] == "Web is down"
    assert [link["url"] for link in hook.asked[0].json["links"]] == ["https://status.acme.example/"]
    assert ran.out == "alert: 1 message sent, 1 of them private\n"
    assert "web" not in (ran.out + ran.err + planned.out).lower()
    assert planned.out == "alert: 1 message would be sent, 1 of them private\n"
    sealed_log = tmp_path / "history" / "sealed" / "alerts" / "2026-04.jsonl"
    assert [json.loads(line)["kind"] for line in sealed_log.read_text().splitlines()] == ["trying", "trigger"]
    assert "web" not in (tmp_path / "history" / "alerts" / "2026-04.jsonl").read_text()


def test_private_trouble_of_a_public_repository_is_for_the_job_with_the_identity(tmp_path, hook):
    """It reads the sealed rows, tells the channel, and seals what it wrote down; any other job knows of nothing."""
    channel = f"alerts: {{channels: {{ops: {{type: webhook, url: '{hook.url()}'}}}}, rules: {{BurnRate: off}}}}\n"
    page = operators.public_repository(tmp_path, private="http://127.0.0.1:1/", more=channel)
    probed = page.run("probe", "--only", "zanzibar", "--now", "2026-04-01T00:20:00Z",
                      environment=operators.probe_job("http://127.0.0.1:1/"))  # fmt: skip
    blind = page.run("alert", "--now", DOWN)
    told = page.run("alert", "--now", DOWN, environment=operators.PUBLISH_JOB)

    sealed_log = tmp_path / "history" / "sealed" / "alerts" / "2026-04.jsonl"
    down = [posted.json for posted in hook.asked if posted.json["rule"] == "ServiceDown"]
    assert probed.code == blind.code == told.code == 0
    assert [(one["message"], one["component"]) for one in down] == [
        ("Vault of gold is down", operators.opaque("zanzibar"))
    ]
    assert "private" not in blind.out
    assert all(map(operators.is_encrypted, sealed_log.read_bytes().splitlines()))
    assert {line["kind"] for line in operators.opened(sealed_log)} == {"trying", "trigger"}
    assert b"gold" not in (tmp_path / "history" / "alerts" / "2026-04.jsonl").read_bytes()


def test_a_failing_private_message_is_not_quoted(tmp_path, hook):
    """Only that the channel failed."""
    hook.down = Reply(404, "no hook for Web is down")
    ran = alert(private_page(tmp_path), hook, DOWN)

    assert ran.code == 4
    assert "web" not in ran.out.lower()


# --- what the page says of it -------------------------------------------------------------------


def test_the_page_has_what_fires_as_data(page, hook):
    """What holds, what is held back and why; the same number for Prometheus; how the channels do, without a secret."""
    hook.down = Reply(404, f"no hook {hook.url(f'/{SECRET}')}")
    page.write("maintenance/2026/2026-04-01-upgrade.md", UPGRADE)
    alert(page, hook, DOWN)
    page.run("build", "--now", DOWN)

    told, critical = page.document("alerts.json"), page.document("alerts/critical.json")
    assert told["firing"] == critical["firing"] == {"critical": 1, "warning": 0, "info": 2}
    assert [(one["rule"], one["components"], one["suppressed"]) for one in told["alerts"]] == [
        ("ServiceDown", ["api"], None),
        ("MaintenanceStarted", ["web"], None),
        ("IncidentOpened", ["api"], None),
    ]
    assert critical["alerts"] == told["alerts"][:1]
    assert (critical["alerts"][0]["dedup_key"], critical["alerts"][0]["since"]) == (KEY, "2026-04-01T00:20:00.000Z")
    assert page.document("health.json")["channels"] == [
        {
            "name": "ops",
            "type": "webhook",
            "told_at": None,
            "failing_since": "2026-04-01T00:25:30.000Z",
            "code": "status:404",
            "permanent": True,
        }
    ]
    assert 'uptime_alert_count{severity="critical"} 1\n' in (page.root / "_site" / "metrics.txt").read_text()
    assert SECRET not in "".join(path.read_text() for path in (page.root / "_site" / "api").rglob("*.json"))


def test_the_public_page_has_no_alert_of_a_private_component(tmp_path, hook):
    """The operators' one has."""
    page = private_page(tmp_path)
    alert(page, hook, DOWN)
    page.run("build", "--now", DOWN)

    public = "".join(path.read_text() for path in (tmp_path / "_site").rglob("*") if path.suffix in {".json", ".txt"})
    hidden = json.loads((tmp_path / "_private" / "api" / "v1" / "alerts.json").read_text())
    assert page.document("alerts.json")["alerts"] == []
    assert page.document("health.json")["channels"][0]["told_at"] is None
    assert "Web" not in public
    assert [one["headline"] for one in hidden["alerts"]] == ["Web is down", "Incident P4: Web is down"]


# --- report -------------------------------------------------------------------------------------


def test_a_report_is_a_line_a_component(page):
    """Mark, name, state, uptime, failures of checks, average response time."""
    ran = page.run("report", "--now", DOWN)

    assert ran.out.splitlines() == [
        "   component  state  uptime 24 h  failures / checks  average",
        "✗  API        down      78.431 %              2 / 6   100 ms",
        "✓  Web        up       100.000 %              0 / 6   100 ms",
    ]


def test_a_report_is_sent_to_channels_that_take_it(page, hook):
    """The same table, marked as a report."""
    ran = page.run("report", "--now", DOWN, "--send", environment={"HOOK": hook.url("/")})

    content: dict[str, Any] = hook.asked[0].json
    assert ran.code == 0
    assert (content["status"], content["message"]) == ("report", "Acme Status: 1 of 2 components up")
    assert "✗  API        down" in content["details"]


def test_a_report_that_cannot_be_sent(page, hook):
    """4; and 2 for a channel that is not there."""
    hook.down = Reply(404)
    environment = {"HOOK": hook.url("/")}

    assert page.run("report", "--now", DOWN, "--send", environment=environment).code == 4
    assert page.run("report", "--now", DOWN, "--send", "--to", "pager", environment=environment).code == 2


@pytest.mark.parametrize("job", ["publish", "page"])
def test_jobs_tell_and_a_dead_webhook_stops_nothing(page, hook, job):
    """As `watch` runs them with a push and without; the exit code says that a channel failed."""
    hook.down = Reply(410)
    ran = page.run("run", job, "--now", DOWN, environment={"HOOK": hook.url("/")})

    assert (page.root / "_site" / "index.html").exists()
    assert len(hook.asked) == 1
    assert ran.code == 4
