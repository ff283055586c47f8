"""Sites on a branch of their own and in storage that speaks S3: whole, without what is stale, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import boto3
import pytest
import remotes
import samples as s
from moto.server import ThreadedMotoServer
from remotes import clone, git
from repository import Repository, tree

from statusledger.deploy import deploy
from statusledger.deploy.storage import content_type
from statusledger.errors import OutputError, UsageError

configuration, remote = remotes.configuration, remotes.remote
NOW = "2026-04-01T01:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site."""
    return written(tmp_path / "site", {"index.html": "one", "api/v1/build.json": "{}", "old/index.html": "old"})


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


# --- a branch -------------------------------------------------------------------------------------


def on_branch(remote: Path, branch: str = "gh-pages") -> dict[str, str]:
    """Every file on the branch."""
    names = git(remote, "ls-tree", "-r", "--name-only", branch).splitlines()
    return {name: git(remote, "show", f"{branch}:{name}") for name in names}


def test_a_branch_holds_the_site_and_has_no_past(remote, site):
    """A second deployment replaces the first; the branch that is checked out, its index and its files stay."""
    here = clone(remote, "here")
    before = git(here, "rev-parse", "HEAD")
    deploy(site, here, "branch:gh-pages")
    (site / "old" / "index.html").unlink()
    (site / "index.html").write_text("two")

    told = deploy(site, here, "branch:gh-pages")

    assert on_branch(remote) == {".nojekyll": "", "api/v1/build.json": "{}", "index.html": "two"}
    assert git(remote, "rev-list", "--count", "gh-pages") == "1"
    assert told == f"deployed to origin/gh-pages as {git(remote, 'rev-parse', 'gh-pages')[:12]}"
    assert (git(here, "rev-parse", "HEAD"), git(here, "status", "--porcelain")) == (before, "")


def test_another_clone_can_go_on(remote, site):
    """A job has no memory: each begins with a fresh clone."""
    deploy(site, clone(remote, "first"), "branch:gh-pages")
    (site / "index.html").write_text("two")

    deploy(site, clone(remote, "second", "--depth", "1"), "branch:gh-pages")

    assert on_branch(remote)["index.html"] == "two"


def test_a_branch_with_something_else_is_refused(remote, site):
    """Nobody's work is replaced by a site."""
    here = clone(remote, "here")
    git(here, "push", "-q", "origin", "main:gh-pages")

    for branch, told in (("gh-pages", "holds something else than a site of ours"), ("main", "is checked out")):
        with pytest.raises(UsageError, match=told):
            deploy(site, here, f"branch:{branch}")

    assert git(remote, "rev-parse", "gh-pages") == git(remote, "rev-parse", "main")


def test_a_refused_push_is_told(remote, site):
    """With the remote's words."""
    remotes.hook(remote, "pre-receive", "echo 'closed for today' >&2; exit 1")

    with pytest.raises(OutputError, match="closed for today"):
        deploy(site, clone(remote, "here"), "branch:gh-pages")


# --- storage --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Storage on loopback."""
    running = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def storage(server, monkeypatch) -> Any:
    """A client of it, with an empty bucket."""
    settings = {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "secret", "DEFAULT_REGION": "us-east-1"}
    for name, value in {**settings, "ENDPOINT_URL_S3": server, "EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="pages")
    yield client
    for one in client.list_objects_v2(Bucket="pages").get("Contents", ()):
        client.delete_object(Bucket="pages", Key=one["Key"])
    client.delete_bucket(Bucket="pages")


def stored(storage) -> dict[str, bytes]:
    """Every object of the bucket."""
    keys = [one["Key"] for one in storage.list_objects_v2(Bucket="pages").get("Contents", ())]
    return {key: storage.get_object(Bucket="pages", Key=key)["Body"].read() for key in keys}


def test_storage_holds_the_site_below_its_folder(storage, site):
    """What has changed is sent, what is stale is removed, what lies beside the folder stays."""
    storage.put_object(Bucket="pages", Key="other.txt", Body=b"mine")
    first = deploy(site, site, "s3://pages/status")
    (site / "old" / "index.html").unlink()
    (site / "index.html").write_text("two")

    second = deploy(site, site, "s3://pages/status")

    assert first == "deployed to s3://pages/status: 3 sent, 0 removed"
    assert second == "deployed to s3://pages/status: 1 sent, 1 removed"
    assert stored(storage) == {"other.txt": b"mine", "status/api/v1/build.json": b"{}", "status/index.html": b"two"}
    head = storage.head_object(Bucket="pages", Key="status/index.html")
    assert (head["ContentType"], head["CacheControl"]) == ("text/html; charset=utf-8", "public, max-age=60")


def test_a_bucket_with_something_else_is_refused(storage, site):
    """Nothing of it is removed."""
    storage.put_object(Bucket="pages", Key="status/precious.txt", Body=b"mine")

    with pytest.raises(UsageError, match="holds something else than a site of ours"):
        deploy(site, site, "s3://pages/status")

    assert stored(storage) == {"status/precious.txt": b"mine"}


def test_a_bucket_that_is_not_there_is_told(storage, site):
    """In the words of the storage."""
    with pytest.raises(OutputError, match="The specified bucket does not exist"):
        deploy(site, site, "s3://elsewhere/status")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("history.atom", "application/atom+xml; charset=utf-8"),
        ("llms.txt", "text/plain; charset=utf-8"),
        ("components/api/index.html", "text/html; charset=utf-8"),
        ("api/v1/status.json", "application/json; charset=utf-8"),
        ("static/page.css", "text/css; charset=utf-8"),
        ("badges/api.svg", "image/svg+xml; charset=utf-8"),
        ("_headers", "application/octet-stream"),
    ],
)
def test_files_are_served_as_what_they_are(path, kind):
    """Storage serves the type that it was told."""
    assert content_type(PurePosixPath(path)) == kind


# --- as a stage -----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["ftp://host/x", "branch:", "s3://", "/var/www"])
def test_a_place_that_is_none_is_refused(site, place):
    """With what to write instead."""
    with pytest.raises(UsageError, match="write branch:NAME or s3://BUCKET/FOLDER"):
        deploy(site, site, place)


def test_a_run_deploys_what_it_has_built(remote, tmp_path):
    """Once the page is there; a run that builds nothing deploys nothing."""
    here = Repository(clone(remote, "here")).checks().rows({"eu": s.grid()})

    ran = here.run("run", "page", "--now", NOW, "--deploy", "branch:gh-pages")
    before = on_branch(remote)
    here.write("checks.yml", "broken: true\n")
    broken = here.run("run", "page", "--now", NOW, "--deploy", "branch:gh-pages")

    assert ran.code == 0, ran.err
    assert json.loads(before["api/v1/build.json"])["as_of"] == "2026-04-01T01:00:00.000Z"
    assert before.keys() == {*tree(here.root / "_site"), ".nojekyll"}
    assert (broken.code, on_branch(remote)) == (2, before)
    assert "no site was built, so what is served stays as it is" in broken.err
