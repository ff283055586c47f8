"""A built site -> where it is served: a branch of the repository, or storage that speaks S3. A folder needs no more.

A place that holds something else than a site of ours is refused, because what is stale there is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from statusledger.deploy import branch, storage
from statusledger.errors import UsageError

TARGETS: Mapping[str, Callable[[Path, Path, str], str]] = {"branch": branch.deploy, "s3": storage.deploy}


def deploy(site: Path, root: Path, place: str) -> str:
    """Puts the site where `place` says (`branch:gh-pages`, `s3://bucket/folder`); the words that tell what was done.

    OutputError when it could not be put there whole; UsageError for a place that is none.
    """
    scheme, _, rest = place.partition(":")
    if scheme not in TARGETS or not rest.strip("/"):
        message = f"--deploy {place}: write branch:NAME or s3://BUCKET/FOLDER; for a folder use --out DIR"
        raise UsageError(message)
    return TARGETS[scheme](site, root, rest.strip("/"))
