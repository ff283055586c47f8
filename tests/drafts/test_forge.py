"""The hosting service's API, strictly: what is asked again, what is given up, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from forge_server import NOT_PERMITTED, TOKEN, serving
from repository import git

from statusledger.errors import ForgeError
from statusledger.forge import Forge, forge

BRANCH = "incident/api-20260401T002000Z"
GATEWAY = (502, {}, b"<html>bad gateway</html>")


@pytest.fixture
def service(tmp_path):
    """A service whose repository has the branch."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "status.git")
    git(tmp_path, "init", "-q", "-b", "main", "work")
    git(tmp_path / "work", "commit", "-q", "--allow-empty", "-m", "Begin")
    git(tmp_path / "work", "push", "-q", "../status.git", "main", f"main:{BRANCH}")
    with serving(tmp_path / "status.git") as running:
        yield running


@pytest.fixture
def client(service):
    """What asks it, and does not really wait; `waited` lists for how long it would have."""
    made = forge(service.environment)
    assert made is not None
    return replace(made, sleep=lambda seconds: None)


def opened(client: Forge):
    """A pull request of the branch."""
    return client.open(BRANCH, "main", "Incident: API is down", "What was measured.")


def test_a_pull_request_is_opened_found_and_described(client, service):
    """Its number, its link, its state."""
    made = opened(client)

    client.describe(made.number, made.title, "More of it.")

    found = client.newest(BRANCH)
    assert (made.url, made.is_open) == ("https://forge.example/acme/status/pull/1", True)
    assert found is not None
    assert (found.number, found.body, found.is_declined) == (1, "More of it.", False)


def test_one_that_is_there_already_is_taken(client, service):
    """422: another run was faster."""
    opened(client)

    again = opened(client)

    assert (again.number, len(service.pulls)) == (1, 1)


@pytest.mark.parametrize(("merged", "declined"), [(True, False), (False, True)], ids=["merged", "closed"])
def test_a_closed_one_says_how_it_ended(client, service, merged, declined):
    """Merged, or closed by somebody who did not want it."""
    opened(client)
    service.close(1, merged=merged)

    found = client.newest(BRANCH)

    assert found is not None
    assert (found.is_open, found.is_declined) == (False, declined)


def test_what_passes_is_asked_again(client, service):
    """A bad gateway, a limit that names its pause, and then the answer."""
    service.first = [GATEWAY, (429, {"Retry-After": "2"}, {"message": "slow down"}), GATEWAY]

    made = opened(client)

    assert (made.number, len(service.asked)) == (1, 4)


SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1775005200"}


@pytest.mark.parametrize(
    ("answer", "times", "said"),
    [
        pytest.param((403, {}, {"message": NOT_PERMITTED}), 1, NOT_PERMITTED, id="not permitted"),
        pytest.param((401, {}, {"message": "Bad credentials"}), 1, "401 Bad credentials", id="bad token"),
        pytest.param((404, {}, {"message": "Not Found"}), 1, "404 Not Found", id="no access"),
        pytest.param((403, SPENT, {"message": "rate limit exceeded"}), 1, "rate limit", id="limit of the hour"),
        pytest.param((429, {"Retry-After": "3600"}, {"message": "second limit"}), 1, "second limit", id="long pause"),
        pytest.param(GATEWAY, 4, "502 <html>bad gateway</html>", id="server error"),
        pytest.param((200, {}, b"not JSON"), 1, "but no JSON", id="no JSON"),
        pytest.param((200, {}, {"number": 1}), 1, "no pull request", id="another document"),
    ],
)
def test_what_stays_is_told(client, service, answer, times, said):
    """How often it was asked, what it said; never the token."""
    service.first = [answer] * 9

    with pytest.raises(ForgeError) as failed:
        opened(client)

    assert said in str(failed.value)
    assert TOKEN not in str(failed.value)
    assert len(service.asked) == times


def test_a_service_that_is_gone_is_told(client):
    """Nothing listens there."""
    gone = replace(client, api="http://127.0.0.1:9")

    with pytest.raises(ForgeError, match=r"http://127\.0\.0\.1:9 did not answer \(ConnectError\)"):
        opened(gone)


@pytest.mark.parametrize("missing", ["GITHUB_REPOSITORY", "GITHUB_TOKEN"])
def test_outside_of_a_workflow_there_is_none(service, missing):
    """Neither the repository nor the token is guessed."""
    assert forge({**service.environment, missing: ""}) is None
