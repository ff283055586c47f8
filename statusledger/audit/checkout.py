"""A commit of the audited clone as files, beside it: the clone's own work tree and index are left alone.

History may be that of another commit: it then takes the place of what the first one has of it.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from statusledger.audit.past import ENVIRONMENT, TIMEOUT_SECONDS, Past
from statusledger.git import Repository

HISTORY = "history"


@contextlib.contextmanager
def checkout(past: Past, commit: str, ledger_commit: str) -> Iterator[Path]:
    """The audited folder as the two commits have it, inside a repository, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        clone = Repository(Path(folder).resolve() / "tree")
        clone.top.mkdir()
        source = str(past.repository.top)
        # objects are shared, not copied: this costs as much as the files of one commit
        arguments = ("clone", "--quiet", "--shared", "--no-checkout", source, ".")
        _git(clone, *arguments)
        _git(clone, "checkout", "--quiet", "--detach", commit)
        if ledger_commit != commit:
            shutil.rmtree(clone.top / past.prefix / HISTORY, ignore_errors=True)
            if past.blobs(ledger_commit, HISTORY):
                _git(clone, "checkout", "--quiet", ledger_commit, "--", past.prefix + HISTORY)
        yield clone.top / past.prefix


def _git(clone: Repository, *arguments: str) -> None:
    clone.run(*arguments, environment=ENVIRONMENT, timeout_seconds=TIMEOUT_SECONDS)
