"""The shipped workflows, as they are, on a small host: everything that they run is run, and what can go wrong does.

The schedule of the test is one run in three hours; `REHEARSAL_EVERY=5m pytest -k whole_day` lives through all 288.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import warm_start
from drafts.issues import INCIDENT, body, event
from forge_server import serving
from rehearsal.day import Day, samples
from rehearsal.forge import Run
from rehearsal.services import website
from rehearsal.whole_day import EXPLANATION, WholeDay

from statusledger.clock import DAY_MS, HOUR_MS, parse_duration

pytestmark = pytest.mark.timeout(7200)  # a day is long on a busy machine, and longer with all its runs
EVERY = os.environ.get("REHEARSAL_EVERY", "3h")


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    """A page with two places that probe one website, somebody who is told, and the host's own service."""
    with website() as api, website() as hook:
        one = Day(tmp_path, api, hook, parse_duration(EVERY))
        with serving(one.forge.remote) as service:
            one.forge.api_url = service.address
            one.service = service
            yield one


def said(run: Run, job: str) -> str:
    """What the jobs of that name have said."""
    return "\n".join(one.log for one in run.jobs[job])


def statusledger(root: Path, *arguments: str) -> tuple[int, str]:
    """Exit code of a command and what it said."""
    code, out, err = warm_start.run(["--root", str(root), *arguments], {"PATH": os.environ["PATH"], "HOME": str(root)})
    return code, out + err


def test_a_whole_day_with_everything_that_can_go_wrong(day):
    """Whatever happens, jobs do what they can, say what they could not, and lose nothing; the page says what was."""
    lived = WholeDay(day)
    lived.live()

    _every_job_says_what_it_could_not_do(lived.runs)
    _a_fork_has_no_power(lived)
    _the_ledger_has_every_row_once(lived)
    _the_page_says_what_was_measured(lived)
    _alerts_are_told_once(lived)


def _every_job_says_what_it_could_not_do(runs: Mapping[str, Run]) -> None:
    """The page is deployed in any case; a failure is told with what to do about it."""
    results = {name: (run.results.get("probe"), run.results.get("build")) for name, run in runs.items()}

    assert results == {
        "begin": ("success", "success"),
        "down": ("success", "success"),
        "back": ("success", "failure"),
        "proposal": (None, None),
        "broken": ("success", "failure"),
        "expired": ("failure", "failure"),
        "protected": ("failure", "failure"),
        "cancelled": ("cancelled", "success"),
        "mended": (None, "success"),
    }
    assert {run.results["deploy"] for name, run in runs.items() if name != "proposal"} == {"success"}
    assert "| api | up |" in runs["begin"].jobs["probe"][0].summary
    assert "| API | Operational |" in runs["begin"].jobs["build"][0].summary
    assert "| API | Major outage |" in runs["down"].jobs["build"][0].summary
    assert "ops: status:503" in said(runs["back"], "build")
    assert f"{EXPLANATION}:3 components: no component 'nobody'" in said(runs["broken"], "build")
    assert "Permission to acme/status.git denied" in said(runs["expired"], "probe")
    assert "`ledger: {branch: ledger}`" in said(runs["protected"], "probe")


def _a_fork_has_no_power(lived: WholeDay) -> None:
    """Problems stand at their lines, the page is shown as it would be; no secret is there, nothing can be pushed."""
    (job,) = lived.runs["proposal"].jobs["preview"]

    assert lived.runs["proposal"].results == {"preview": "failure"}
    assert f"::error file={EXPLANATION},line=3" in job.log
    assert job.credentials == {"FORGE_TOKEN": "read"}
    assert lived.day.hook.url not in job.log
    assert lived.refs[0] == lived.refs[1]
    assert (lived.day.folder / "artifacts" / job.name / "page" / "index.html").is_file()


def _the_ledger_has_every_row_once(lived: WholeDay) -> None:
    """Of two places that race, of reports that came meanwhile, and of jobs that could not push or were cancelled."""
    day = lived.day

    assert day.published("ledger") == day.measured
    assert len(samples(day.measured, "api")) == 2 * (DAY_MS // day.every_ms - 1)  # one run was dropped
    assert len([1 for file, _ in day.measured if file.startswith("push")]) == day.reports == 3
    assert statusledger(day.clone("ledger", "-b", "ledger"), "audit", "-q")[0] == 0


def _the_page_says_what_was_measured(lived: WholeDay) -> None:
    """The outage from its first failure to its end, with the words of a person; an audit agrees to the byte."""
    day, seen = lived.day, samples(lived.day.measured, "api")
    checks = str(day.folder / "shallow" / "checks.yml")
    span = ["--from", "2026-04-01T00:00Z", "--to", "2026-04-02T00:00Z", "--now", "2026-04-02T00:04Z"]

    assert day.document("status.json")["headline"] == "All systems operational"
    (draft,) = day.service.pulls
    assert "finds nothing wrong with it" in draft["body"]
    (outage,) = day.document("sla.json")["components"]["api"]["incidents"]
    assert (outage["started_at"][:16], outage["ended_at"][:16]) == ("2026-04-01T03:03", "2026-04-01T09:03")
    assert "The database was full" in (day.forge.live / "index.html").read_text()
    assert statusledger(lived.auditor, "audit", "--site", str(lived.page), "-q")[0] == 0
    code, told = statusledger(day.clone("outsider"), "audit", "--site", str(day.forge.live), "-q")
    assert code == 0, told
    assert "ledger branch: " in told
    figures = json.loads(statusledger(day.folder / "ledger", "--json", "--config", checks, "sla", *span)[1])[
        "components"
    ]["api"]
    assert (figures["checks_total"], figures["checks_failed"]) == (len(seen), sum(not up for up in seen.values()))
    assert figures["downtime_minutes"].partition(".")[0] in {"359", "360"}


def _alerts_are_told_once(lived: WholeDay) -> None:
    """The end of the outage reaches the webhook when it is well again."""
    told = [(body["status"], body["service"]) for _, body in lived.day.hook.posted]

    assert [one for one in told if one[0] != "reminder"] == [("failure", "API"), ("recovery", "API")]


def test_a_form_that_was_filled_on_a_phone_is_published_by_a_merge(day):
    """What it says never meets a shell; a wrong one is told on the issue, a right one is a file in a pull request."""
    day.now += 8 * HOUR_MS
    told = {"Affected components": "api", "What customers should know": "`id` $(touch pwned); ${{ github.token }}"}
    wrong = day.run("issue-form.yml", "issues", event(body(INCIDENT, {**told, "When it began": "$(id)"})))
    right = day.run("issue-form.yml", "issues", event(body(INCIDENT, told), title='"; touch pwned; #', action="edited"))
    other = day.run("issue-form.yml", "issues", event("How do I subscribe?"))
    day.forge.merge("incident/issue-12")
    day.run("publish.yml", "push")

    assert [run.results for run in (wrong, right, other)] == [
        {"offer": "success"}, {"offer": "success"}, {"offer": "skipped"},
    ]  # fmt: skip
    assert '`When it began`: `"$(id)" is not an instant' in day.service.comments[0][1]
    assert "Merging https://forge.example/acme/status/pull/1 publishes it" in day.service.comments[1][1]
    assert not list(day.folder.rglob("pwned"))
    (incident,) = day.document("incidents.json")["incidents"]
    assert (incident["id"], incident["title"]) == ("2026-04-01-touch-pwned", '"; touch pwned; #')
    assert incident["updates"][-1]["body"].startswith("id $(touch pwned)")
