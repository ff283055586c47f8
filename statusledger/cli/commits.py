"""The commits that a build reads: one has what people wrote, one has history. With them anyone can build it again.

A commit is named only if it holds exactly what was read. They differ where history has a branch of its own, and where
the remote's branch has gone on from the one that is checked out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from statusledger import git
from statusledger.cli.place import Place
from statusledger.config import Config
from statusledger.history import raw_files
from statusledger.remote import FOLDER, Clone

# what a build reads beside its configuration and history
READ = ("checks", "incidents", "maintenance", "probes/local", "site_src/overrides")
REMOTE = "origin"


class Commits(NamedTuple):
    """What `api/v1/build.json` names; None is not known."""

    commit: str | None
    ledger_commit: str | None


def commits_of(where: Place, config: Config) -> Commits:
    """The commits that hold exactly what a build of this place reads."""
    return Commits(_commit(where), _ledger_commit(where, config))


def _commit(where: Place) -> str | None:
    """The commit of what people wrote; None outside of a repository, and where something is not committed."""
    config, root = where.config_path.resolve(), where.root.resolve()
    if not config.is_relative_to(root):
        return None
    return git.clean_head(root, (*READ, str(config.relative_to(root))))


def _ledger_commit(where: Place, config: Config) -> str | None:
    """The commit of history, on the branch that takes it; None where no commit that is known here holds it so."""
    repository = git.find(where.root)
    if repository is None:
        return None
    is_apart = config.ledger_branch not in {None, repository.branch()}
    if not is_apart and (head := git.clean_head(where.root, (FOLDER,))):
        return head
    if _has_strays(where):
        return None
    here = Clone(repository, where.history.resolve(), config.ledger_branch or repository.branch() or "", REMOTE)
    files = here.blobs_here()
    return next((one for one in _tips(here, is_apart=is_apart) if here.blobs(one) == files), None)


def _tips(here: Clone, *, is_apart: bool) -> Iterator[str]:
    """The newest commits that are known of the branch; if it is also that of what people wrote, only later ones."""
    names = [here.tracking_ref, here.local_ref]
    if not here.branch:  # HEAD is detached, and rows went to the remote's default branch
        names = here.git.text("for-each-ref", "--format=%(refname)", f"refs/remotes/{REMOTE}").splitlines()
    for commit in filter(None, map(here.git.commit, names)):
        if is_apart or here.git.succeeds("merge-base", "--is-ancestor", "HEAD", commit):
            yield commit


def _has_strays(where: Place) -> bool:
    """Whether files lie among raw ones that a build reports, and that are never published."""
    strays = (one for root in (where.history, where.sealed) for one in raw_files(root)[1])
    return any(not one.file.endswith(".jsonl") for one in strays)
