"""`init`: a repository that is a status page, of which every file belongs to the user."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from repository import Ran, Repository, tree

from statusledger.cli import init
from statusledger.config import load
from statusledger.errors import UsageError
from statusledger.starter import Engine, Start, repository_files

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ENGINE = Engine("https://github.com/acme/statusledger", "acme/statusledger", COMMIT, "0.1.0")
START = Start('Acme "Cloud" & Söhne', "https://status.acme.example", "2026-11-21", ENGINE)


def initialised(folder: Path, *options: str) -> Ran:
    """What `init` says."""
    return Repository(folder.parent).run("init", str(folder), "--now", "2026-11-21T02:06Z", *options)


def test_a_new_repository_is_valid_and_ready(tmp_path):
    """checks.yml without a warning, from its first day; workflows use the engine by commit, and name its version."""
    ran = initialised(tmp_path / "status", "--engine", f"acme/statusledger@{COMMIT}", "--name", START.name)

    config = load(tmp_path / "status" / "checks.yml")
    workflows = "".join(path.read_text() for path in (tmp_path / "status" / ".github" / "workflows").iterdir())
    assert (ran.code, ran.out.splitlines()[0].endswith("files written, 0 were there and stay as they are")) == (0, True)
    assert (config.page.name, config.page.since, config.warnings) == (START.name, "2026-11-21", ())
    assert set(re.findall(r"uses: (\./\S*|acme\S+.*)", workflows)) == {
        "./.github/workflows/publish.yml", f"acme/statusledger@{COMMIT} # v0.1.0",
    }  # fmt: skip
    assert "say in checks.yml where the page will be" in ran.out


def test_nothing_is_left_to_fill_in():
    """No placeholder is left in any file, and none is a link to nowhere."""
    assert {
        path: found for path, text in repository_files(START).items() if (found := re.findall(r"@[A-Z]+@", text))
    } == {}


def test_a_file_that_is_there_is_never_touched(tmp_path):
    """A second `init`, also of another version, says which files it would write otherwise."""
    folder, engine = tmp_path / "status", ["--engine", f"acme/statusledger@{COMMIT}"]
    initialised(folder, *engine)
    (folder / "checks.yml").write_text("mine\n")
    (folder / "README.md").unlink()
    before = tree(folder)

    ran = initialised(folder, "--engine", f"acme/statusledger@{'f' * 40}")

    after = tree(folder)
    readme = after.pop("README.md")
    assert after == before
    assert b"f" * 40 in readme
    assert f"kept {folder}/checks.yml (this version would write another one)" in ran.out
    assert f"kept {folder}/.gitignore\n" in ran.out


def test_an_upgrade_changes_pins_and_nothing_else():
    """What a bot has to change to bring the next version: the lines that name the commit."""
    ours = repository_files(START)
    next_one = repository_files(replace(START, engine=replace(ENGINE, commit="f" * 40, version="0.2.0")))

    assert ours.keys() == next_one.keys()
    for path, text in ours.items():
        assert text.replace(COMMIT, "f" * 40).replace("# v0.1.0", "# v0.2.0") == next_one[path]


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("https://github.com/Acme/Status.git", "https://acme.github.io/status"),
        ("git@github.com:acme/acme.github.io.git", "https://acme.github.io"),
        ("ssh://git@github.com/acme/status", "https://acme.github.io/status"),
        ("https://git.acme.example/ops/status.git", "https://status.example.com"),
    ],
)
def test_the_address_of_the_page_follows_from_the_clone(tmp_path, origin, url):
    """Where that is known; elsewhere it is an example, and said to be one."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", origin], check=True)

    ran = initialised(tmp_path, "--engine", f"acme/statusledger@{COMMIT}")

    assert load(tmp_path / "checks.yml").page.url == url
    assert ("say in checks.yml" in ran.out) == (url == "https://status.example.com")


@pytest.mark.parametrize(
    ("origin", "engine"),
    [
        pytest.param(
            {"url": "https://github.com/acme/statusledger.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            ENGINE, id="installed from a commit",
        ),
        pytest.param({"url": "file:///nowhere", "dir_info": {}}, None, id="a folder without git"),
        pytest.param({"url": "file:///srv/engine", "vcs_info": {"commit_id": COMMIT}}, None, id="a repository here"),
        pytest.param({}, None, id="a package index"),
    ],
)  # fmt: skip
def test_the_engine_is_where_this_program_comes_from(monkeypatch, origin, engine):
    """As its installer wrote down (PEP 610); where it did not, that is asked for."""

    class Installed:
        def read_text(self, _name: str) -> str:
            return json.dumps(origin)

    monkeypatch.setattr(init, "distribution", lambda _name: Installed())
    monkeypatch.setattr(init, "version", lambda _name: "0.1.0")

    if engine is None:
        with pytest.raises(UsageError, match="write --engine OWNER/statusledger@COMMIT"):
            init._installed()
    else:
        assert init._installed() == engine


@pytest.mark.parametrize("engine", ["acme/statusledger", "acme/statusledger@v1", f"acme@{COMMIT}@"])
def test_an_engine_that_is_not_pinned_is_refused(tmp_path, engine):
    """A tag can be moved; a commit cannot."""
    ran = initialised(tmp_path / "status", "--engine", engine)

    assert (ran.code, "write OWNER/NAME@COMMIT" in ran.err, (tmp_path / "status").exists()) == (2, True, False)


def test_a_file_is_no_folder(tmp_path):
    """One message, exit code 2."""
    (tmp_path / "status").write_text("")

    ran = initialised(tmp_path / "status", "--engine", f"acme/statusledger@{COMMIT}")

    assert (ran.code, "is a file; name a folder" in ran.err) == (2, True)
