"""History that got a branch of its own later: files there go on from those that HEAD's branch had, and lack nothing.

A line moves when a job publishes its file the next time; HEAD's branch may drop a file once all lines of it are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from statusledger.audit.append_only import is_ledger
from statusledger.audit.findings import Breach, Finding
from statusledger.audit.lines import appended, left_behind, moving
from statusledger.audit.past import Past, Version
from statusledger.written.wording import plural

HISTORY = "history"


def continued(past: Past, *paths: str) -> Iterator[Version]:
    """Every version below the paths; what begins on the ledger branch has for its earlier one what it goes on from."""
    for version in past.versions(*paths):
        begins = past.has_own_branch(version.commit) and version.now and not any(version.before)
        yield replace(version, before=(_origin(past, version),) * len(version.before)) if begins else version


def _origin(past: Past, version: Version) -> bytes | None:
    """The version of HEAD's branch that a file goes on from; None where it never had the file.

    That is the one by then or a later one. A job that was still running may have pushed to HEAD's branch just before:
    if all lines of that have moved since, it is an earlier one.
    """
    versions = past.on_head(version.path)
    if not versions:
        return None
    by_then = max((at for at, (time_ms, _) in enumerate(versions) if time_ms <= version.commit.time_ms), default=0)
    there = past.on_ledger(version.path)
    oldest = 0 if there and not left_behind(past.contents.read(versions[-1][1]), past.contents.read(there)) else by_then
    contents = (moving(past.contents.read(blob)) for _, blob in reversed(versions[oldest:]))
    extended = (content for content in contents if appended(content, version.now or b"") is not None)
    return next(extended, moving(past.contents.read(versions[by_then][1])))


def left(past: Past) -> Iterator[Finding]:
    """Whether the ledger branch has every line that HEAD still holds, if there are any, and not known to be there."""
    if past.ledger is None:
        return
    known = {blob for since in past.since for blob in past.blobs(since.id, HISTORY).values()}
    files = {path: blob for path, blob in past.blobs("HEAD", HISTORY).items() if is_ledger(path) and blob not in known}
    if files:
        breaches = tuple(_left(past, files))
        yield Finding("ledger branch", f"{plural(len(files), 'file')} of HEAD", "every line moved", breaches)


def _left(past: Past, files: dict[str, str]) -> Iterator[Breach]:
    for path, blob in files.items():
        there = past.on_ledger(path)
        if there is None and past.since:
            continue  # it may have been pruned there before
        line = left_behind(past.contents.read(blob), past.contents.read(there) if there else b"")
        if line:
            reason = "is not on the ledger branch; if no job has published there since, run statusledger publish"
            yield Breach(past.head, path, line.number, f"line {line.number} {reason}")
