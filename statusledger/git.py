"""Git's own command, typed: no shell, no prompt, a time limit, and its words in the error.

Commits and blobs are hexadecimal object names. Only what the ledger needs is here.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from statusledger.errors import LedgerError

TIMEOUT_SECONDS = 60.0

# a hook or an alias leaves these behind, and they would turn every command to another repository
_INHERITED = {
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
}
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never", "LC_ALL": "C"}
_IDENTITY = {
    "GIT_AUTHOR_NAME": "statusledger",
    "GIT_AUTHOR_EMAIL": "statusledger@localhost",
    "GIT_COMMITTER_NAME": "statusledger",
    "GIT_COMMITTER_EMAIL": "statusledger@localhost",
}
_FILE, _GONE = "100644", f"0 {'0' * 40}"
_COMPILED = ":(exclude,top,glob)**/__pycache__/**"
_CREDENTIALS = re.compile(r"://[^/@\s]+@")


class GitError(LedgerError):
    """A git command failed; `said` is what it wrote to standard error, without the credentials of any address."""

    def __init__(self, command: str, said: str) -> None:
        self.said = _CREDENTIALS.sub("://***@", said.strip())
        super().__init__(f"git {command}: {self.said or 'failed without a word'}")


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree and its repository; `top` is the work tree's folder."""

    top: Path

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> bytes:
        """Standard output of `git <arguments>`; GitError when it fails, is missing or takes too long."""
        try:
            done = subprocess.run(  # noqa: S603 - the arguments are ours, and no shell reads them
                ["git", *arguments],  # noqa: S607 - which git is the user's choice
                cwd=self.top,
                env=_environment(environment or {}),
                input=stdin,
                capture_output=True,
                check=False,
                timeout=timeout_seconds,
                start_new_session=True,  # without a terminal ssh cannot ask for a passphrase and wait for ever
            )
        except FileNotFoundError:
            raise GitError(arguments[0], "git is not installed; install it and run again") from None
        except subprocess.TimeoutExpired:
            raise GitError(arguments[0], f"no answer within {timeout_seconds:g} seconds") from None
        if done.returncode:
            raise GitError(arguments[0], (done.stderr + done.stdout).decode(errors="replace"))
        return done.stdout

    def text(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
        """Standard output as text, without the newline at its end."""
        return self.run(*arguments, stdin=stdin, environment=environment).decode(errors="surrogateescape").rstrip("\n")

    def answer(self, *arguments: str) -> str | None:
        """Standard output of a question; None where git says no by its exit code or has nothing to say."""
        try:
            return self.text(*arguments) or None
        except GitError:
            return None

    @contextlib.contextmanager
    def objects(self, environment: Mapping[str, str] | None = None) -> Iterator[Objects]:
        """A reader of any number of objects through one process, which ends with the block."""
        with subprocess.Popen(
            ["git", "cat-file", "--batch"],  # noqa: S607 - which git is the user's choice
            cwd=self.top,
            env=_environment(environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            yield Objects(cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))

    def commit(self, name: str = "HEAD") -> str | None:
        """The commit that a name stands for, None if there is none (an unborn branch, a ref never fetched)."""
        return self.answer("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")

    def branch(self) -> str | None:
        """The branch that is checked out, also an unborn one; None when HEAD is detached."""
        return self.answer("symbolic-ref", "--quiet", "--short", "HEAD")

    def commit_files(self, parents: Sequence[str], files: Mapping[str, bytes | None], message: str) -> str:
        """A commit of the last parent's tree with these files in it, or out of it (None); on no branch yet.

        It is made beside the work tree, with an index of its own: what a person has staged or edited stays as it is.
        """
        blobs = {path: None if text is None else self.blob(text) for path, text in files.items()}
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if parents:
                self.run("read-tree", parents[-1], environment=index)
            self.run("update-index", "-z", "--index-info", stdin=index_entries(blobs), environment=index)
            # a partial clone lacks the blobs of others, which are not ours to change
            tree = self.text("write-tree", "--missing-ok", environment=index)
        return self.identified("commit-tree", tree, *(word for one in parents for word in ("-p", one)), "-m", message)

    def identified(self, *command: str) -> str:
        """What a command says that makes a commit: in the name of whoever works here, or else in our own."""
        try:
            return self.text("-c", "user.useConfigOnly=true", *command)
        except GitError:  # a CI machine on which nobody has said who they are
            return self.text(*command, environment=_IDENTITY)

    def blob(self, content: bytes) -> str:
        """The name of the content, which is stored."""
        return self.text("hash-object", "-w", "--stdin", stdin=content)

    def succeeds(self, *arguments: str) -> bool:
        """Whether git says yes by its exit code."""
        try:
            self.run(*arguments)
        except GitError:
            return False
        return True

    def default_branch(self, remote: str) -> str | None:
        """The branch that HEAD of the remote is, which it spells `ref: refs/heads/main<tab>HEAD`."""
        said = self.text("ls-remote", "--symref", remote, "HEAD")
        return next(iter(re.findall(r"^ref: refs/heads/(\S+)\tHEAD$", said, re.MULTILINE)), None)

    def fetch_branch(self, remote: str, name: str) -> str | None:
        """The newest commit of a branch that the remote has, fetched."""
        tracking = f"refs/remotes/{remote}/{name}"
        # a shallow clone that has never seen this branch wants its newest commit, not all of its past
        new = self.commit(tracking) is None and self.text("rev-parse", "--is-shallow-repository") == "true"
        depth = ("--depth=1",) if new else ()
        refspec = f"+refs/heads/{name}:{tracking}"
        self.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *depth, remote, refspec)
        return self.commit(tracking)

    def is_dirty(self, *paths: str) -> bool:
        """Whether the work tree under the paths (relative to `top`, default all) differs from HEAD.

        An ignored file is one that HEAD lacks, too; what Python compiles is nobody's.
        """
        arguments = ("status", "--porcelain", "--untracked-files=all", "--ignored", "--")
        return bool(self.run("--no-optional-locks", *arguments, *(paths or (".",)), _COMPILED))


def index_entries(blobs: Mapping[str, str | None]) -> bytes:
    """Path -> blob, None for a file that goes, as `git update-index --index-info -z` reads it."""
    entries = (f"{_GONE if blob is None else f'{_FILE} {blob}'}\t{path}\0" for path, blob in blobs.items())
    return "".join(entries).encode()


class Objects:
    """The contents of objects, one after the other."""

    def __init__(self, asked: IO[bytes], answered: IO[bytes]) -> None:
        self._asked = asked
        self._answered = answered

    def read(self, name: str) -> bytes | None:
        """The bytes of a blob (`<id>` or `<commit>:<path>`), None where there is none of that name."""
        with contextlib.suppress(BrokenPipeError):
            self._asked.write(name.encode(errors="surrogateescape") + b"\n")
            self._asked.flush()
        head = self._answered.readline()
        if not head:
            raise GitError("cat-file", f"ended before it told {name}; run git fsck")
        if head.endswith((b" missing\n", b" ambiguous\n")):
            return None
        content = self._answered.read(int(head.rsplit(b" ", 1)[1]))
        self._answered.read(1)
        return content


def _environment(chosen: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _INHERITED}
    return {**inherited, **_QUIET, **chosen}


def find(folder: Path) -> Repository | None:
    """The repository whose work tree holds the folder, None outside of one."""
    start = folder.resolve()
    if not start.is_dir() or not any((parent / ".git").exists() for parent in (start, *start.parents)):
        return None
    return Repository(Path(Repository(start).text("rev-parse", "--show-toplevel")))


def clean_head(folder: Path, paths: Sequence[str] = (".",)) -> str | None:
    """The commit that the paths below the folder are exactly; None outside a repository or when they differ from it."""
    repository = find(folder)
    if repository is None:
        return None
    below = folder.resolve().relative_to(repository.top)
    return None if repository.is_dirty(*(str(below / path) for path in paths)) else repository.commit()
