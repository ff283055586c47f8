"""`statusledger validate` in view of the ledger: codes that git confuses, checks that are gone."""

from __future__ import annotations

import subprocess

import pytest
from repository import Repository
from samples import APRIL

ALIKE = ["eu-west-1", "eu-west-2", "us-east-1", "us-east-2"]
NOW = "2026-04-01T02:00:00Z"


def told(repository: Repository) -> str:
    """What validate warns of."""
    ran = repository.run("validate", "--now", NOW)
    assert ran.code == 0
    return ran.err


def test_codes_that_git_would_confuse_are_told_with_better_ones(tmp_path):
    """How many files would share a name hash, and what to write instead."""
    warning = told(Repository(tmp_path).checks(locations=ALIKE))

    assert "takes 6 files a day for versions of one another" in warning
    assert "us-east-10 in place of us-east-1" in warning


def test_codes_that_differ_are_fine(tmp_path):
    """Nothing to say."""
    assert told(Repository(tmp_path).checks(locations=["eu", "us"])) == ""


@pytest.mark.parametrize(
    ("extra", "is_told"),
    [
        pytest.param("", True, id="gone"),
        pytest.param(", was: [old_api]", False, id="renamed"),
        pytest.param(", checks: [{id: old_api, url: 'https://x.example/', active: false}]", False, id="switched off"),
    ],
)
def test_a_check_with_history_that_is_gone(tmp_path, extra, is_told):
    """Its past would count no longer: that should be meant."""
    repository = Repository(tmp_path).checks(extra=extra)
    if "checks:" in extra:
        text = (tmp_path / "checks.yml").read_text().replace(', url: "https://api.acme.example/"', "")
        repository.write("checks.yml", text)
    repository.append("eu", APRIL, f'{{"t":{APRIL},"r":{{"old_api":5}}}}\n')

    warning = told(repository)

    assert ("'old_api' was measured until 2026-04-01T00:00:00.000Z" in warning) == is_told


# --- incidents and maintenance ------------------------------------------------------------------

INCIDENT = """\
---
title: API requests fail
components: {api: down}
started: 2026-04-01T00:06Z
---
Customers *cannot* log in.

## 2026-04-01T00:10Z investigating
We are looking.
"""
BROKEN = INCIDENT.replace("api: down", "apii: down").replace("00:06Z", "00:06")


@pytest.fixture
def committed(tmp_path):
    """A repository with a good incident in its only commit."""
    repository = Repository(tmp_path).checks().write("incidents/2026/2026-04-01-old.md", INCIDENT)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "All that there is"]):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    return repository


def test_every_problem_of_every_file_is_told_at_once(tmp_path):
    """By file, line and key; nothing is valid then."""
    repository = Repository(tmp_path).checks()
    for name in "ab":
        repository.write(f"incidents/2026/2026-04-01-{name}.md", BROKEN)

    ran = repository.run("validate", "--now", NOW)

    assert ran.code == 2
    assert [line.split(": ", 1)[0] for line in ran.err.splitlines()] == [
        "incidents/2026/2026-04-01-a.md:3 components",
        "incidents/2026/2026-04-01-a.md:4 started",
        "incidents/2026/2026-04-01-b.md:3 components",
        "incidents/2026/2026-04-01-b.md:4 started",
    ]
    assert "no component 'apii'; did you mean 'api'?" in ran.err


def test_only_what_differs_from_a_commit_is_read(committed):
    """A file that nobody committed yet is among it; one that was wrong before is somebody else's."""
    broken = committed.write("incidents/2026/2026-04-01-old.md", BROKEN).run("validate", "--changed-since", "HEAD")
    committed.write("incidents/2026/2026-04-01-old.md", INCIDENT).write("incidents/2026/2026-04-01-new.md", INCIDENT)
    good = committed.run("validate", "--changed-since", "HEAD")

    assert broken.code == 2
    assert (good.code, good.out.splitlines()[-1]) == (0, "1 changed file of incidents and maintenance: valid")


def test_a_changed_configuration_concerns_every_file(committed):
    """A component that is renamed is missed by files that have not changed."""
    committed.checks(extra=", description: changed").write("incidents/2026/2026-04-01-old.md", BROKEN)

    assert committed.run("validate", "--changed-since", "HEAD").code == 2


def test_a_commit_that_is_not_there_is_told(committed):
    """A shallow clone lacks the commit to compare with."""
    ran = committed.run("validate", "--changed-since", "nowhere")

    assert ran.code == 2
    assert "--changed-since nowhere: is no commit here" in ran.err


@pytest.mark.parametrize(
    ("options", "environment", "is_marked"),
    [
        pytest.param(["--annotate"], {}, True, id="asked for"),
        pytest.param([], {"GITHUB_ACTIONS": "true"}, True, id="in a job"),
        pytest.param(["--no-annotate"], {"GITHUB_ACTIONS": "true"}, False, id="not wanted"),
        pytest.param([], {}, False, id="elsewhere"),
    ],
)
def test_problems_are_marked_in_the_lines_of_a_pull_request(tmp_path, options, environment, is_marked):
    """As the CI reads them, beside the message for people."""
    repository = Repository(tmp_path).checks().write("incidents/2026/2026-04-01-a.md", BROKEN)

    ran = repository.run("validate", *options, environment=environment)

    mark = "::error file=incidents/2026/2026-04-01-a.md,line=3::components: no component 'apii'; did you mean 'api'?"
    assert (mark in ran.out.splitlines()) == is_marked


def test_the_preview_shows_how_a_file_will_read(committed):
    """Newest update first, in the page's zone, as Markdown for the summary of a job; only what has changed."""
    summary = committed.root / "summary.md"
    committed.write("incidents/2026/2026-04-02-new.md", INCIDENT.replace("API requests", "Every <request>"))

    ran = committed.run("validate", "--changed-since", "HEAD", "--preview", str(summary))

    assert ran.code == 0
    assert summary.read_text(encoding="utf-8") == (
        "## Every \\<request\\> fail\n\n- Affected: api: down\n- Since 2026-04-01 00:06 UTC\n\n"
        "Customers *cannot* log in.\n\n**Investigating**, 2026-04-01 00:10 UTC\n\nWe are looking.\n"
    )
