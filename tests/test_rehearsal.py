"""The shipped workflows, as they are, on a small host: everything that they run is run, and what can go wrong does.

`python tests/rehearsal/whole_day.py` lives through a whole day of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from drafts.forge_server import serving
from drafts.issues import INCIDENT, body, event
from rehearsal.day import Day, samples
from rehearsal.forge import Run
from rehearsal.runner import Job
from rehearsal.services import website

from statusledger.cli.main import main
from statusledger.clock import MINUTE_MS

pytestmark = pytest.mark.timeout(600)  # a day is long on a busy machine
WELL = {"probe": "success", "build": "success", "deploy": "success", "publish": "success"}


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    """A page with two places that probe one website."""
    with website() as api:
        lived = Day(tmp_path, api)
        with serving(lived.forge.remote) as service:
            lived.forge.api_url = service.address
            lived.service = service
            yield lived


def while_probing(does: Callable[[Job], None]) -> Callable[[Job], None]:
    """Calls it, once, when a probe job has begun its command."""
    begun: list[Job] = []

    def running(job: Job) -> None:
        if job.process and "action" in job.process.args[-1] and job.name.endswith("probe") and not begun:
            begun.append(job)
            does(job)

    return running


def said(run: Run, job: str) -> str:
    """What the jobs of that name have said."""
    return "\n".join(one.log for one in run.jobs[job])


def test_an_outage_goes_from_two_places_to_the_live_page(day):
    """Both race to push, other systems report meanwhile, a run is dropped; ledger, page and audit agree to the row."""
    threads = [threading.Thread(target=day.report) for _ in range(2)]
    day.api.status = 503
    during = day.tick(running=while_probing(lambda _job: [thread.start() for thread in threads]))
    for thread in threads:
        thread.join()
    down = day.document("status.json")
    day.now += 5 * MINUTE_MS  # the schedule dropped a run
    day.api.status = 200
    last = day.tick()

    assert during.results == last.results == WELL
    assert day.published() == day.measured
    assert len([1 for file, _ in day.measured if file.startswith("push")]) == 2
    assert down["headline"] == "API and Backup: major outage"
    (draft,) = [pull for pull in day.service.pulls if "/api-" in pull["head"]["ref"]]
    assert "finds nothing wrong with it" in draft["body"]
    assert day.document("status.json")["headline"] == "All systems operational"
    (outage,) = day.document("sla.json")["components"]["api"]["incidents"]
    assert (outage["started_at"][:16], outage["ended_at"][:16]) == ("2026-04-01T08:03", "2026-04-01T08:13")
    assert "| api | up |" in last.jobs["probe"][0].summary
    assert "| API | Operational |" in last.jobs["build"][0].summary
    clone = day.clone("auditor")
    assert main(["--root", str(clone), "audit", "--site", str(day.forge.live), "-q"]) == 0


def test_nothing_is_lost_when_pushes_are_refused(day):
    """A host that says no once is asked again; without the right to push, rows wait in an artifact.

    A protected branch gets a ledger of its own, to which the rows so far move, those of the artifacts included.
    """
    day.watch_from_one_place()
    (day.forge.remote / "refuse-once").touch()
    once = day.tick()
    day.forge.token = "none"
    expired = day.report()
    day.forge.token = None
    (day.forge.remote / "protected").touch()
    protected = day.tick()
    day.forge.commit({"checks.yml": f"{day.checks}ledger: {{branch: ledger}}\n"})
    after = day.tick()
    clone = day.clone("person-with-artifacts")
    day.restore_artifacts(clone)
    day.publish_as_a_person(clone)

    assert once.results == after.results == WELL
    assert (expired.results["ingest"], protected.results["probe"]) == ("failure", "failure")
    assert "Permission to acme/status.git denied" in said(expired, "ingest")
    assert "`ledger: {branch: ledger}`" in said(protected, "probe")
    assert day.published("ledger") == day.measured
    assert len(samples(day.measured, "api")) == 3
    assert day.document("status.json")["headline"] == "Backup: major outage"


def test_a_job_that_is_cancelled_publishes_what_it_has_measured(day):
    """In the middle of four minutes: the rows so far are pushed, nothing is torn, and the next run goes on."""
    day.watch_from_one_place()
    del day.forge.variables["PROBE_ARGS"]

    def cancel(job: Job) -> None:
        def once_there_is_a_row() -> None:
            while not list((job.workspace / "history").rglob("*.jsonl")):
                stop.wait(0.05)
            job.cancel()

        threading.Thread(target=once_there_is_a_row).start()

    stop = threading.Event()
    cancelled = day.tick(running=while_probing(cancel))

    assert cancelled.results["probe"] == "cancelled"
    assert day.published() == day.measured
    assert len(samples(day.measured, "api")) == 1


def test_a_pull_request_from_a_fork_is_checked_without_any_power(day):
    """Problems stand at their lines, the page is shown as it would be; no secret is there, nothing can be pushed."""
    day.forge.secrets["STATUSLEDGER_IDENTITY"] = "hidden"
    day.forge.commit({"checks.yml": f"{day.checks}quorum: 7\n"}, branch="proposal")
    day.forge.git(day.forge.remote, "update-ref", "refs/pull/1/merge", "proposal")
    before = day.forge.git(day.forge.remote, "for-each-ref")

    run = day.run("pull-request.yml", "pull_request", ref="refs/pull/1/merge", fork=True)

    (job,) = run.jobs["preview"]
    assert run.results == {"preview": "failure"}
    assert "::error file=checks.yml,line=14,col=1::" in job.log
    assert job.credentials == {"FORGE_TOKEN": "read"}
    assert "hidden" not in job.log
    assert day.forge.git(day.forge.remote, "for-each-ref") == before


def test_a_form_that_was_filled_on_a_phone_is_published_by_a_merge(day):
    """What it says never meets a shell; a wrong one is told on the issue, a right one is a file in a pull request."""
    told = {"Affected components": "api", "What customers should know": "`id` $(touch pwned); ${{ github.token }}"}
    wrong = day.run("issue-form.yml", "issues", event(body(INCIDENT, {**told, "When it began": "$(id)"})))
    right = day.run("issue-form.yml", "issues", event(body(INCIDENT, told), title='"; touch pwned; #', action="edited"))
    other = day.run("issue-form.yml", "issues", event("How do I subscribe?"))
    day.forge.merge("incident/issue-12")
    day.tick()

    assert [run.results for run in (wrong, right, other)] == [
        {"offer": "success"}, {"offer": "success"}, {"offer": "skipped"},
    ]  # fmt: skip
    assert '`When it began`: `"$(id)" is not an instant' in day.service.comments[0][1]
    assert "Merging https://forge.example/acme/status/pull/1 publishes it" in day.service.comments[1][1]
    assert not list(day.folder.rglob("pwned"))
    (incident,) = day.document("incidents.json")["incidents"]
    assert (incident["id"], incident["title"]) == ("2026-04-01-touch-pwned", '"; touch pwned; #')
    assert incident["updates"][-1]["body"].startswith("id $(touch pwned)")
