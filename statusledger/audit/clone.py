"""The clone that is audited: a full one, with its past from the beginning or from an earlier audit on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from statusledger.audit import ledger_branch
from statusledger.audit.past import ENVIRONMENT, Beginning, Commit, Past, commit_of
from statusledger.errors import UsageError
from statusledger.git import Repository, find


@contextlib.contextmanager
def open_past(root: Path, since: Sequence[str] = ()) -> Iterator[Past]:
    """The history of the clone that holds `root`: all that HEAD and a ledger branch reach, and commits `since` do not.

    UsageError when there is no clone, when it is not a full one, or when it has no such commit or branch.
    """
    repository = _full_clone(root)
    below = root.resolve().relative_to(repository.top).as_posix()
    prefix = "" if below == "." else f"{below}/"
    with repository.objects(ENVIRONMENT) as objects:
        branch = ledger_branch.named(objects.read(f"HEAD:{prefix}{ledger_branch.CONFIGURATION}"))
        earlier = tuple(_since(repository, name) for name in since)
        yield Past(repository, prefix, objects, Beginning(earlier, ledger_branch.tip(repository, branch)))


def _full_clone(root: Path) -> Repository:
    repository = find(root)
    if repository is None:
        message = f"{root}: is not inside a git repository; audit reads commits, so run it in a clone of the repository"
        raise UsageError(message)
    if repository.text("rev-parse", "--is-shallow-repository") == "true":
        message = f"{root}: is a shallow clone, which lacks the past; run git fetch --unshallow, then audit again"
        raise UsageError(message)
    if repository.answer("config", "--get-regexp", r"^remote\..*\.partialclonefilter$"):
        message = f"{root}: is a partial clone, which lacks files of the past; clone it again without --filter"
        raise UsageError(message)
    if repository.commit() is None:
        message = f"{root}: the repository has no commit yet, so there is nothing to audit"
        raise UsageError(message)
    return repository


def _since(repository: Repository, name: str) -> Commit:
    commit = repository.commit(name)
    if commit is None:
        message = (
            f"--since {name}: is no commit of this clone; name one, e.g. what an earlier audit told. If it was one, "
            "history has been replaced since then"
        )
        raise UsageError(message)
    return commit_of(repository.text("rev-list", "--timestamp", "--max-count=1", commit))
