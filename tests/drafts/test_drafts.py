"""An outage's whole life: measured, drafted on a branch, edited and merged by people, its end proposed, explained."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
import pytest
import samples as s
from forge_server import NOT_PERMITTED, serving
from repository import Ran, Repository, git

ID = "api-20260401T002000Z"
BRANCH = f"incident/{ID}"
FILE = "incidents/2026/2026-04-01-api-002000.md"
DURING, AFTER = "2026-04-01T00:30Z", "2026-04-01T01:00Z"


@pytest.fixture
def repository(tmp_path):
    """A clone in which an outage is being measured: down at 00:20 and 00:25."""
    made = Repository(tmp_path / "status").checks().rows({"eu": s.grid(4, 5, count=6)})
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "status.git")
    git(made.root, "init", "-q", "-b", "main")
    git(made.root, "remote", "add", "origin", "../status.git")
    commit(made, "Begin")
    return made


@pytest.fixture
def service(repository):
    """The hosting service of its remote."""
    with serving(repository.root.parent / "status.git") as running:
        yield running


def commit(repository: Repository, message: str) -> None:
    """What a person does on the default branch."""
    git(
        repository.root,
        "add",
        "checks.yml",
        "history",
        *(["incidents"] if (repository.root / "incidents").exists() else []),
    )
    git(repository.root, "commit", "-q", "-m", message)
    git(repository.root, "push", "-q", "origin", "main")


def publish(repository: Repository, now: str, service=None, **environment: str) -> Ran:
    """One run of the publish job."""
    settings = {**(service.environment if service else {}), **environment}
    return repository.run("run", "publish", "--now", now, environment=settings)


def recover(repository: Repository) -> None:
    """It works again from 00:30 on."""
    repository.rows({"eu": s.grid()[6:]})


def on(repository: Repository, branch: str) -> str:
    """The file as a branch of the remote has it."""
    return git(repository.root.parent / "status.git", "show", f"{branch}:{FILE}")


def page_of(repository: Repository) -> tuple[dict, str, dict]:
    """The newest incident in JSON, its page, and the newest entry of the feed, which is about it."""
    incident = repository.document("incidents.json")["incidents"][0]
    page = (repository.root / "_site" / "incidents" / incident["id"] / "index.html").read_text()
    feed = feedparser.parse((repository.root / "_site" / "history.rss").read_bytes())
    assert not feed.bozo
    return incident, page, feed.entries[0]


def tells(repository: Repository, status: str, text: str) -> dict:
    """The newest incident in JSON, and its id in the feed; page, JSON and feed tell this status and this text."""
    incident, page, entry = page_of(repository)
    one = json.dumps(repository.document(f"incidents/{incident['id']}.json"))
    assert incident["status"] == status
    assert all(text in told for told in (page, one, entry.description)), (text, entry.description)
    return {**incident, "feed_id": entry.id}


def edit_and_merge(repository: Repository, *changes: tuple[str, str]) -> None:
    """A person takes the branch, edits the file and merges it as one new commit."""
    git(repository.root, "pull", "-q", "--ff-only", "origin", "main")
    git(repository.root, "fetch", "-q", "origin", BRANCH)
    text = git(repository.root, "show", f"FETCH_HEAD:{FILE}")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    repository.write(FILE, text + "\n")
    commit(repository, "Tell of the incident")


def test_the_whole_life(repository, service):
    """Page, JSON and feed after each step."""
    assert publish(repository, DURING, service).code == 0
    (pull,) = service.pulls
    assert (pull["head"]["ref"], pull["base"]["ref"]) == (BRANCH, "main")
    assert "finds nothing wrong" in pull["body"]
    assert f"covers: [{ID}]" in on(repository, BRANCH)
    measured = tells(repository, "investigating", "503")
    assert measured["id"] == ID

    edit_and_merge(
        repository,
        ("API does not work as it should.", "Requests fail.\n\n## 2026-04-01T00:31Z identified\nOne disk is full."),
    )
    service.close(1, merged=True)
    assert publish(repository, "2026-04-01T00:34Z", service).code == 0
    assert tells(repository, "identified", "One disk is full.")["id"] == Path(FILE).stem
    assert len(service.pulls) == 1

    recover(repository)
    assert publish(repository, AFTER, service).code == 0
    assert [one["state"] for one in service.pulls] == ["closed", "open"]
    assert "resolved: 2026-04-01T00:30Z" in on(repository, BRANCH)
    assert "One disk is full." in on(repository, BRANCH)
    assert tells(repository, "identified", "One disk is full.")["ended_at"] is None

    edit_and_merge(repository, ("It works again.", "We made room. It works again."))
    service.close(2, merged=True)
    assert publish(repository, "2026-04-01T01:05Z", service).code == 0
    assert tells(repository, "resolved", "We made room.")["ended_at"] == "2026-04-01T00:30:00.000Z"

    git(repository.root, "pull", "-q", "--ff-only", "origin", "main")
    repository.write(FILE, (repository.root / FILE).read_text() + "\n## postmortem\nLogs filled the disk.\n")
    commit(repository, "Explain the incident")
    assert publish(repository, "2026-04-01T02:00Z", service).code == 0
    assert tells(repository, "resolved", "Logs filled the disk.")["feed_id"] == measured["feed_id"]
    assert len(service.pulls) == 2


def test_asked_again_nothing_changes(repository, service):
    """One branch, one commit, one pull request."""
    publish(repository, DURING, service)
    before = git(repository.root.parent / "status.git", "rev-parse", BRANCH)

    again = publish(repository, "2026-04-01T00:34Z", service)

    assert f"{ID}: unchanged" in again.out
    assert (git(repository.root.parent / "status.git", "rev-parse", BRANCH), len(service.pulls)) == (before, 1)


def test_what_people_write_on_the_branch_stays(repository, service):
    """The end is put behind it, on top of their commit, also in a file whose front matter they changed."""
    publish(repository, DURING, service)
    git(repository.root, "fetch", "-q", "origin", BRANCH)
    git(repository.root, "switch", "-q", "--detach", "FETCH_HEAD")
    text = (repository.root / FILE).read_text().replace('title: "API: outage"', "title: Disk full")
    repository.write(FILE, text + "\n## 2026-04-01T00:45Z monitoring\nWe clean up.\n")
    git(repository.root, "commit", "-q", "-a", "-m", "Tell what it is")
    git(repository.root, "push", "-q", "origin", f"HEAD:refs/heads/{BRANCH}")
    theirs = git(repository.root, "rev-parse", "HEAD")
    git(repository.root, "switch", "-q", "main")
    recover(repository)

    publish(repository, AFTER, service)

    assert git(repository.root.parent / "status.git", "rev-parse", f"{BRANCH}^") == theirs
    told = on(repository, BRANCH)
    assert "title: Disk full" in told
    assert told.index("We clean up.") < told.index("## 2026-04-01T00:45:01Z resolved")
    assert "resolved: 2026-04-01T00:30Z" in told


def test_what_somebody_closed_stays_closed(repository, service):
    """No second pull request, no commit on the branch."""
    publish(repository, DURING, service)
    service.close(1, merged=False)
    recover(repository)

    ran = publish(repository, AFTER, service)

    assert f"{ID}: declined" in ran.out
    assert len(service.pulls) == 1
    assert "resolved:" not in on(repository, BRANCH)


def test_a_pull_request_that_may_not_be_opened_is_told(repository, service):
    """The branch is there, its link stands in health.json, and the job is fine; later it opens after all."""
    service.may_open = False
    ran = publish(repository, DURING, service)
    publish(repository, "2026-04-01T00:34Z", service)

    (told,) = repository.document("health.json")["drafts"]
    assert ran.code == 0
    assert NOT_PERMITTED in told["reason"]
    assert told["link"] == f"https://forge.example/acme/status/compare/main...{BRANCH}?expand=1"
    assert len((repository.root / "history" / "drafts.jsonl").read_text().splitlines()) == 1

    service.may_open = True
    publish(repository, "2026-04-01T00:38Z", service)
    publish(repository, "2026-04-01T00:39Z", service)
    assert (len(service.pulls), repository.document("health.json")["drafts"]) == (1, [])


def test_without_a_hosting_service_the_branch_is_told(repository):
    """`pull_request` on a machine that names none."""
    asked = (repository.root / "checks.yml").read_text() + "incidents: {open: pull_request}\n"
    repository.write("checks.yml", asked)

    ran = publish(repository, DURING)

    assert ran.code == 0
    assert f"{ID}: pushed on branch {BRANCH}" in ran.out
    assert "API does not work as it should." in on(repository, BRANCH)


def test_commit_puts_the_file_on_the_default_branch(repository):
    """That one file; a second run has nothing to add until the end is measured."""
    repository.write("checks.yml", (repository.root / "checks.yml").read_text() + "incidents: {open: commit}\n")
    commit(repository, "Let drafts be committed")

    publish(repository, DURING)
    first = on(repository, "main")
    git(repository.root, "pull", "-q", "--ff-only", "origin", "main")
    recover(repository)
    publish(repository, AFTER)

    assert "resolved:" not in first
    assert "resolved: 2026-04-01T00:30Z" in on(repository, "main")
    subjects = git(repository.root.parent / "status.git", "log", "--format=%s", "--", "incidents")
    assert subjects.splitlines() == [f"End incident {ID}", f"Explain incident {ID}"]


def test_the_repository_s_template_is_used(repository, service):
    """With its own words; a placeholder that does not exist is named."""
    repository.write(
        "incidents/templates/measured.md",
        "---\ntitle: {{ title }}\nstarted: {{ started }}\ncomponents: {{ components }}\n---\nSorry! {{ evidence }}\n",
    )
    publish(repository, DURING, service)
    repository.write("incidents/templates/measured.md", "{{ evidense }}")
    wrong = publish(repository, "2026-04-01T00:34Z", service)

    assert "Sorry! - First failure 2026-04-01T00:20Z, last good answer 2026-04-01T00:15Z." in on(repository, BRANCH)
    assert wrong.code == 2
    assert "incidents/templates/measured.md: no placeholder evidense; there are component," in wrong.err


def test_a_draft_that_is_not_valid_says_so(repository, service):
    """The description lists what `validate` would."""
    repository.write("incidents/templates/measured.md", "---\ntitle: {{ title }}\n---\n{{ evidence }}\n")

    publish(repository, DURING, service)

    assert "**It is not valid yet:**" in service.pulls[0]["body"]
    assert f"{FILE}:2 components:" in service.pulls[0]["body"] or f"{FILE}:1 components:" in service.pulls[0]["body"]


def test_off_offers_nothing(repository, service):
    """Neither a branch nor a question."""
    repository.write("checks.yml", (repository.root / "checks.yml").read_text() + "incidents: {open: off}\n")

    publish(repository, DURING, service)

    assert (service.asked, service.pulls) == ([], [])
    assert git(repository.root.parent / "status.git", "branch", "--list", "incident/*") == ""


def test_records_of_drafts_are_lines_of_history(repository, service):
    """Kept, read again, pushed with the rest."""
    publish(repository, DURING, service)

    (line,) = git(repository.root.parent / "status.git", "show", "main:history/drafts.jsonl").splitlines()
    told = json.loads(line)
    assert (told["id"], told["branch"], told["reason"]) == (ID, BRANCH, None)
    assert told["link"] == service.pulls[0]["html_url"]
