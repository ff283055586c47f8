"""Git's command behind types: answers, errors without credentials, and no other repository than the one asked for."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusledger.git import GitError, Repository, clean_head, find


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git reads nobody's own configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one commit."""
    top = tmp_path / "top"
    top.mkdir()
    made = Repository(top.resolve())
    made.run("init", "--quiet", "--initial-branch=main")
    (top / "checks.yml").write_text("schema: 1\n")
    made.run("add", ".")
    made.run("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "first")
    return made


def test_a_repository_is_found_from_any_folder_in_it(repository: Repository) -> None:
    """The top of the work tree is what counts."""
    deep = repository.top / "a" / "b"
    deep.mkdir(parents=True)

    assert find(deep) == repository


def test_there_is_none_outside_of_one(tmp_path: Path) -> None:
    """A plain folder, and one that does not exist, belong to no repository."""
    assert find(tmp_path) is None
    assert find(tmp_path / "missing") is None
    assert clean_head(tmp_path) is None


def test_names_stand_for_commits(repository: Repository) -> None:
    """HEAD is a commit, an unknown name is none."""
    assert repository.commit() == repository.text("rev-parse", "HEAD")
    assert repository.commit("refs/remotes/origin/main") is None


def test_the_branch_is_known_also_before_its_first_commit(tmp_path: Path, repository: Repository) -> None:
    """Unborn branches have a name and no commit, a detached HEAD has a commit and no name."""
    unborn = Repository(tmp_path / "unborn")
    unborn.top.mkdir()
    unborn.run("init", "--quiet", "--initial-branch=trunk")
    repository.run("checkout", "--quiet", "--detach")

    assert (unborn.branch(), unborn.commit()) == ("trunk", None)
    assert (repository.branch(), repository.commit() is None) == (None, False)


@pytest.mark.parametrize(
    ("name", "paths", "clean"),
    [
        pytest.param(None, (".",), True, id="nothing changed"),
        pytest.param("checks.yml", (".",), False, id="edited"),
        pytest.param("history/new.jsonl", (".",), False, id="not committed"),
        pytest.param("_site/index.html", ("checks.yml", "history"), True, id="elsewhere"),
        pytest.param("history/new.jsonl", ("checks.yml", "history"), False, id="in one of the paths"),
    ],
)
def test_a_clean_head_is_the_commit_that_the_files_are(
    repository: Repository, name: str | None, paths: tuple[str, ...], clean: bool
) -> None:
    """A file that differs from HEAD, or that HEAD does not know, makes the answer None."""
    if name:
        (repository.top / name).parent.mkdir(exist_ok=True)
        (repository.top / name).write_text("changed")

    assert clean_head(repository.top, paths) == (repository.commit() if clean else None)


def test_an_error_has_git_s_own_words(repository: Repository) -> None:
    """The command and its standard error make the text."""
    with pytest.raises(GitError, match=r"git cat-file: fatal: Not a valid object name nothing"):
        repository.run("cat-file", "blob", "nothing")


def test_credentials_in_an_address_are_never_told(repository: Repository, tmp_path: Path) -> None:
    """A token in the address of a remote does not reach a log."""
    repository.run("remote", "add", "origin", f"file://user:s3cr3t-token@{tmp_path}/missing.git")

    with pytest.raises(GitError) as caught:
        repository.run("push", "origin", "main")

    assert "s3cr3t-token" not in str(caught.value)
    assert GitError("push", "fatal: unable to access 'https://me:s3cr3t@git.example/x'").said == (
        "fatal: unable to access 'https://***@git.example/x'"
    )


def test_another_repository_in_the_environment_is_ignored(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook's GIT_DIR and GIT_INDEX_FILE do not lead away from the folder that was asked for."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other-index"))

    assert find(repository.top) == repository
    assert not repository.is_dirty()


def test_a_missing_git_says_so(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git gets a sentence, not a trace."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(GitError, match="git is not installed"):
        repository.run("status")


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []
        stop = threading.Event()

        def accept() -> None:
            server.settimeout(0.05)
            while not stop.is_set():
                try:
                    taken.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1]
        stop.set()
        thread.join()
        for one in taken:
            one.close()


def test_a_remote_that_never_answers_is_given_up(repository: Repository, silent: int) -> None:
    """The time limit ends the command."""
    with pytest.raises(GitError, match=r"git ls-remote: no answer within 0\.5 seconds"):
        repository.run("ls-remote", f"git://127.0.0.1:{silent}/x.git", timeout_seconds=0.5)


def test_no_password_is_asked_for(repository: Repository) -> None:
    """Git is told not to wait for somebody to type, and has no terminal on which ssh could ask."""
    repository.run(
        "config", "alias.ask", "!echo $GIT_TERMINAL_PROMPT; (: </dev/tty) 2>&- && echo terminal || echo none"
    )

    assert repository.text("ask").splitlines() == ["0", "none"]
