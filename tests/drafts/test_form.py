"""A form that was filled on a phone: checked, offered as a pull request, or told what to mend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from drafts.issues import INCIDENT, MAINTENANCE, body, event
from forge_server import NOT_PERMITTED, serving
from repository import Ran, Repository, git

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-04-01T00:32Z"
BRANCH = "incident/issue-12"
FILE = "incidents/2026/2026-04-01-api-is-slow.md"


@pytest.fixture
def repository(tmp_path):
    """A clone with the forms in it."""
    made = Repository(tmp_path / "status").checks()
    shutil.copytree(ROOT / ".github" / "ISSUE_TEMPLATE", made.root / ".github" / "ISSUE_TEMPLATE")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "status.git")
    git(made.root, "init", "-q", "-b", "main")
    git(made.root, "remote", "add", "origin", "../status.git")
    git(made.root, "add", ".")
    git(made.root, "commit", "-q", "-m", "Begin")
    git(made.root, "push", "-q", "origin", "main")
    return made


@pytest.fixture
def service(repository):
    """The hosting service of its remote."""
    with serving(repository.root.parent / "status.git") as running:
        yield running


def form(repository: Repository, told: object, service=None, *options: str) -> Ran:
    """One run of the job, for this event."""
    path = repository.root.parent / "event.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    environment = service.environment if service else {}
    return repository.run("form", str(path), "--now", NOW, *options, environment=environment)


def remote(repository: Repository, *question: str) -> str:
    """What git says of the remote."""
    return git(repository.root.parent / "status.git", *question)


def test_a_right_form_becomes_a_pull_request(repository, service):
    """One file on a branch of its own; the description says that it is right, and merging closes the issue."""
    ran = form(repository, event(body(INCIDENT)), service)

    (pull,) = service.pulls
    assert (ran.code, ran.err) == (0, "")
    assert (pull["head"]["ref"], pull["base"]["ref"], pull["title"]) == (BRANCH, "main", "Incident: API is slow")
    assert remote(repository, "diff", "--name-only", "main", BRANCH) == FILE
    assert remote(repository, "show", f"{BRANCH}:{FILE}").splitlines() == [
        "---", "title: API is slow", "components: {api: degraded}", "started: 2026-04-01T00:31Z", "detected: measured",
        "---", "", "## 2026-04-01T00:31Z investigating", "Requests time out.", "", "We are looking.",
    ]  # fmt: skip
    assert pull["body"].startswith(f"`{FILE}` tells what #12 says. `statusledger validate` finds nothing wrong")
    assert pull["body"].endswith("Closes #12")
    assert service.comments == [
        (12, f"The file is right. Merging {pull['html_url']} publishes it; make changes there.")
    ]  # fmt: skip


def test_a_wrong_form_is_told_what_to_mend_and_looked_at_again(repository, service):
    """All of it at once, by question, in code that the host makes nothing of; once it is right, it is offered."""
    wrong = {"Affected components": "apii", "When it began": "`@acme/all` fixes #1"}
    first = form(repository, event(body(INCIDENT, wrong)), service)
    told = service.comments[-1][1]
    second = form(repository, event(body(INCIDENT), action="edited"), service)

    assert (first.code, second.code) == (0, 0)
    assert told.splitlines()[2:] == [
        "- `Affected components`: `no component 'apii'; did you mean 'api'?`",
        "- `When it began`: `\"'@acme/all' fixes #1\" is not an instant; write e.g. 2026-11-21T02:06:00Z`",
    ]
    assert [pull["title"] for pull in service.pulls] == ["Incident: API is slow"]


def test_an_edited_form_changes_its_file(repository, service):
    """The same file, whatever its new title is; asked again, nothing changes; and once closed it is left alone."""
    form(repository, event(body(INCIDENT)), service)
    edited = event(body(INCIDENT, {"Affected components": "api"}), action="edited", title="API is gone")
    form(repository, edited, service)
    again = form(repository, edited, service)
    text = remote(repository, "show", f"{BRANCH}:{FILE}")
    service.close(1, merged=True)
    closed = form(repository, event(body(INCIDENT), action="edited"), service)

    assert ("title: API is gone" in text, "{api: down}" in text) == (True, True)
    assert remote(repository, "rev-list", "--count", f"main..{BRANCH}") == "2"
    assert "is as it was" in again.out
    assert "is closed" in closed.out
    assert (len(service.pulls), len(service.comments)) == (1, 1)


def test_what_a_person_changed_on_the_branch_stays(repository, service):
    """From then on the file is theirs."""
    form(repository, event(body(INCIDENT)), service)
    git(repository.root, "fetch", "-q", "origin", BRANCH)
    git(repository.root, "checkout", "-q", "-b", "theirs", "FETCH_HEAD")
    repository.write(FILE, (repository.root / FILE).read_text().replace("slow", "very slow"))
    git(repository.root, "commit", "-q", "-am", "Say it better")
    git(repository.root, "push", "-q", "origin", f"theirs:{BRANCH}")
    git(repository.root, "checkout", "-q", "main")

    ran = form(repository, event(body(INCIDENT, {"Affected components": "api"}), action="edited"), service)

    assert "somebody works on branch" in ran.out
    assert "very slow" in remote(repository, "show", f"{BRANCH}:{FILE}")


def test_whoever_is_not_of_the_repository_waits(repository, service):
    """Until somebody who may label has read just this text; an edit afterwards waits again."""
    text, author = body(INCIDENT), "CONTRIBUTOR"
    form(repository, event(text, author=author), service)
    form(repository, event(text, author=author, action="labeled", label={"name": "question"}), service)
    form(repository, event(text, author=author, action="edited"), service)
    before = list(service.pulls)
    form(repository, event(text, author=author, action="labeled", label={"name": "accepted"}), service)
    form(repository, event(body(INCIDENT, {"Affected components": "api"}), author=author, action="edited"), service)

    assert (before, len(service.pulls)) == ([], 1)
    assert ["gives it `accepted`" in said for _, said in service.comments] == [True, False]
    assert "{api: degraded}" in remote(repository, "show", f"{BRANCH}:{FILE}")


def test_a_title_that_is_taken_gets_a_number(repository, service):
    """No form ever writes over a file."""
    repository.write(FILE, "there already")

    form(repository, event(body(INCIDENT)), service)

    assert remote(repository, "diff", "--name-only", "main", BRANCH) == FILE.replace(".md", "-2.md")


def test_maintenance_at_short_notice_is_offered_with_a_warning(repository, service):
    """The reviewer reads that it will not count."""
    answers = {"When it begins": "2026-04-01T02:00Z", "What customers should know": "````\n@acme/all closes #7"}

    form(repository, event(body(MAINTENANCE, answers), title="Database upgrade"), service)

    (pull,) = service.pulls
    assert (pull["head"]["ref"], pull["title"]) == ("maintenance/issue-12", "Maintenance: Database upgrade")
    assert "**`It will not count: it is announced less than 1d ahead.`**" in pull["body"]
    assert pull["body"].count("\n`````\n") == 2


def test_a_pull_request_that_may_not_be_opened_is_opened_by_hand(repository, service):
    """The issue says how."""
    service.may_open = False

    ran = form(repository, event(body(INCIDENT)), service)

    ((_, said),) = service.comments
    assert ran.code == 0
    assert f"compare/main...{BRANCH.replace('/', '%2F')}" in said or f"compare/main...{BRANCH}" in said
    assert NOT_PERMITTED in said


def test_an_issue_about_something_else_is_left_alone(repository, service):
    """Neither a question to the service, nor a branch."""
    ran = form(repository, event(None), service)

    assert (ran.code, ran.out, service.asked) == (0, "form: #12 is of no form of this repository\n", [])


def test_a_form_can_be_tried_at_a_desk(repository):
    """`--dry-run` prints the file, or what is wrong with it, and needs no service."""
    right = form(repository, event(body(INCIDENT)), None, "--dry-run")
    wrong = form(repository, event(body(INCIDENT, {"Affected components": "apii"})), None, "--dry-run")
    without = form(repository, event(body(INCIDENT)))

    assert (right.code, right.out.splitlines()[:3]) == (0, [f"{FILE}:", "---", "title: API is slow"])
    assert (wrong.code, wrong.err) == (2, f"{FILE}:3 components: no component 'apii'; did you mean 'api'?\n")
    assert (without.code, "--dry-run shows the file" in without.err) == (2, True)


@pytest.mark.parametrize("told", [[], {}, {"issue": {}}, {"action": "opened", "issue": None}])
def test_what_is_no_event_of_an_issue_is_refused(repository, told):
    """One message, exit code 2."""
    ran = form(repository, told)

    assert (ran.code, "is no event of an issue" in ran.err) == (2, True)
