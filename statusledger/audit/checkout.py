"""A commit of the audited clone as files, beside it: the clone's own work tree and index are left alone."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from statusledger.audit.past import ENVIRONMENT, TIMEOUT_SECONDS, Past
from statusledger.git import Repository


@contextlib.contextmanager
def checkout(past: Past, commit: str) -> Iterator[Path]:
    """The audited folder as the commit has it, inside a repository, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        clone = Repository(Path(folder).resolve() / "tree")
        clone.top.mkdir()
        source = str(past.repository.top)
        # objects are shared, not copied: this costs as much as the files of one commit
        arguments = ("clone", "--quiet", "--shared", "--no-checkout", source, ".")
        clone.run(*arguments, environment=ENVIRONMENT, timeout_seconds=TIMEOUT_SECONDS)
        clone.run("checkout", "--quiet", "--detach", commit, environment=ENVIRONMENT, timeout_seconds=TIMEOUT_SECONDS)
        yield clone.top / past.prefix
