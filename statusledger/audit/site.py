"""A published site -> whether the commits that it names give the same api/ documents again, to the byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusledger.audit.append_only import is_ledger
from statusledger.audit.checkout import HISTORY, checkout
from statusledger.audit.differences import difference
from statusledger.audit.findings import Breach, Finding
from statusledger.audit.ledger_branch import CONFIGURATION, named
from statusledger.audit.lines import left_behind
from statusledger.audit.past import Past
from statusledger.clock import parse_instant
from statusledger.errors import UsageError
from statusledger.written.wording import plural

BUILD = "api/v1/build.json"
STATUS = "api/v1/status.json"
FILES_TOLD = 10

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a site says of itself: `commit` has what people wrote, `ledger_commit` history; None: no commit has it so.

    The address it was built for may have been given on the command line, so it is taken from the site.
    """

    commit: str | None
    ledger_commit: str | None
    as_of: int
    engine: str
    base_url: str | None
    names_both: bool = True


Rebuild = Callable[[Path, Origin], Files]


def audit_site(past: Past, site: Path, rebuild: Rebuild, *, engine: str) -> Finding:
    """One finding; UsageError when the folder is no site. `rebuild` builds a folder with `engine`."""
    origin = _origin(site)
    published = {
        path.relative_to(site).as_posix(): path.read_bytes() for path in (site / "api").rglob("*") if path.is_file()
    }
    breaches = list(_breaches(past, origin, published, rebuild))
    another = _another_engine(origin, engine)
    if breaches and another:
        reason = f"{another}, the likely reason: audit with the one that built it"
        breaches.insert(0, Breach(origin.commit or "", BUILD, 0, reason))
    looked_at = f"{plural(len(published), 'file')} of {site / 'api'}"
    return Finding("site", looked_at, "rebuilt to the byte", tuple(breaches))


def _origin(site: Path) -> Origin:
    build, page = _object(site, BUILD), _object(site, STATUS).get("page")
    commit, as_of, engine = (build.get(key) for key in ("commit", "as_of", "engine"))
    ledger_commit = build.get("ledger_commit", commit)  # engines before it knew one commit, which had everything
    try:
        if isinstance(commit, str | None) and isinstance(ledger_commit, str | None) and isinstance(engine, str):
            url = page.get("url") if isinstance(page, dict) else None
            names_both = "ledger_commit" in build
            return Origin(commit, ledger_commit, parse_instant(str(as_of)), engine, url, names_both=names_both)
    except ValueError:
        pass
    message = (
        f"{site / BUILD}: does not say commit, as_of and engine, as every build writes them; is it a site of ours?"
    )
    raise UsageError(message)


def _another_engine(origin: Origin, engine: str) -> str | None:
    if origin.engine != engine:
        return f"was built by {origin.engine}; this is {engine}"
    return None if origin.names_both else "names no ledger_commit, so an earlier engine built it"


def _object(site: Path, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads((site / name).read_bytes())
    except (OSError, ValueError) as error:
        message = f"{site / name}: {error}; --site takes a folder that statusledger build has written"
        raise UsageError(message) from None
    return found if isinstance(found, dict) else {}


def _breaches(past: Past, origin: Origin, published: Files, rebuild: Rebuild) -> Iterator[Breach]:
    """Why the site cannot be proved; if it can, where it is not what its commits give."""
    commit, ledger_commit = str(origin.commit), str(origin.ledger_commit)
    unproved = _unknown(past, origin) or _mixed(past, commit, ledger_commit)
    if unproved:
        yield unproved
        return
    with checkout(past, commit, ledger_commit) as tree:
        rebuilt = {path: content for path, content in rebuild(tree, origin).items() if path.startswith("api/")}
    yield from _differences(commit, published, rebuilt)


def _unknown(past: Past, origin: Origin) -> Breach | None:
    """Which of the two commits is not part of the history that was audited."""
    either = "HEAD or the ledger branch; git fetch, git pull" if past.ledger else "HEAD; git pull"
    for key, commit, is_there, where in (
        ("commit", origin.commit, past.is_on_head, "HEAD; git pull"),
        ("ledger_commit", origin.ledger_commit, past.holds, either),
    ):
        reason = f"the {key} that the site was built from is not in the history of {where}, and audit again"
        if commit is None:
            reason = (
                f"{key} is null: the site was built from files that were not committed, so nobody can build it again"
            )
        elif past.repository.commit(commit) == commit and is_there(commit):
            continue
        return Breach(commit or "-", BUILD, 0, reason)
    return None


def _mixed(past: Past, commit: str, ledger_commit: str) -> Breach | None:
    """Why no honest build has read these two commits together: that would hide what was measured in between."""
    branch = named(past.content(commit, CONFIGURATION))
    is_later = past.repository.succeeds("merge-base", "--is-ancestor", commit, ledger_commit)
    if past.is_on_ledger(ledger_commit) if branch else is_later:
        return _left(past, commit, ledger_commit)
    place = f"on its ledger.branch {branch}" if branch else "that commit or a later one of the same branch"
    return Breach(commit, BUILD, 0, f"ledger_commit {ledger_commit[:12]} is not {place}, as {CONFIGURATION} wants it")


def _left(past: Past, commit: str, ledger_commit: str) -> Breach | None:
    """The first line of history that the commit has, and the ledger branch at the other one does not."""
    if past.is_on_head(ledger_commit):
        return None  # one branch, of which every commit goes on from its parents
    there = past.blobs(ledger_commit, HISTORY)
    for path, blob in past.blobs(commit, HISTORY).items():
        known = past.contents.read(there[path]) if path in there else b""
        line = left_behind(past.contents.read(blob), known) if is_ledger(path) else None
        if line:
            reason = f"line {line.number} is not in ledger_commit {ledger_commit[:12]}, so the site leaves it out"
            return Breach(commit, path, line.number, reason)
    return None


def _differences(commit: str, published: Files, rebuilt: Files) -> Iterator[Breach]:
    paths = [path for path in sorted({*published, *rebuilt}) if published.get(path) != rebuilt.get(path)]
    for path in paths[:FILES_TOLD]:
        line, reason = difference(published.get(path), rebuilt.get(path))
        yield Breach(commit, path, line, reason)
    if len(paths) > FILES_TOLD:
        yield Breach(commit, "api", 0, f"{plural(len(paths) - FILES_TOLD, 'more file')} of the site differ")
