"""A published site -> whether the commit that it names gives the same api/ documents again, to the byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusledger.audit.checkout import checkout
from statusledger.audit.differences import difference
from statusledger.audit.findings import Breach, Finding
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
    """What a site says of itself; `commit` is None when it was built from files that no commit holds.

    The address it was built for may have been given on the command line, so it is taken from the site.
    """

    commit: str | None
    as_of: int
    engine: str
    base_url: str | None


Rebuild = Callable[[Path, Origin], Files]


def audit_site(past: Past, site: Path, rebuild: Rebuild, *, engine: str) -> Finding:
    """One finding; UsageError when the folder is no site. `rebuild` builds a folder with `engine`."""
    origin = _origin(site)
    published = {
        path.relative_to(site).as_posix(): path.read_bytes() for path in (site / "api").rglob("*") if path.is_file()
    }
    breaches = list(_breaches(past, origin, published, rebuild))
    if breaches and origin.engine != engine:
        reason = f"was built by {origin.engine}; this is {engine}, the likely reason: audit with the one that built it"
        breaches.insert(0, Breach(origin.commit or "", BUILD, 0, reason))
    looked_at = f"{plural(len(published), 'file')} of {site / 'api'}"
    return Finding("site", looked_at, "rebuilt to the byte", tuple(breaches))


def _origin(site: Path) -> Origin:
    build, page = _object(site, BUILD), _object(site, STATUS).get("page")
    commit, as_of, engine = (build.get(key) for key in ("commit", "as_of", "engine"))
    try:
        if isinstance(commit, str | None) and isinstance(engine, str):
            return Origin(
                commit, parse_instant(str(as_of)), engine, page.get("url") if isinstance(page, dict) else None
            )
    except ValueError:
        pass
    message = (
        f"{site / BUILD}: does not say commit, as_of and engine, as every build writes them; is it a site of ours?"
    )
    raise UsageError(message)


def _object(site: Path, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads((site / name).read_bytes())
    except (OSError, ValueError) as error:
        message = f"{site / name}: {error}; --site takes a folder that statusledger build has written"
        raise UsageError(message) from None
    return found if isinstance(found, dict) else {}


def _breaches(past: Past, origin: Origin, published: Files, rebuild: Rebuild) -> Iterator[Breach]:
    commit = origin.commit
    if commit is None:
        reason = "commit is null: the site was built from files that were not committed, so nobody can build it again"
        yield Breach("-", BUILD, 0, reason)
    elif past.repository.commit(commit) != commit or not past.holds(commit):
        reason = "is not in the history of HEAD; git pull, and audit again"
        yield Breach(commit, BUILD, 0, f"the commit that the site was built from {reason}")
    else:
        with checkout(past, commit) as tree:
            rebuilt = {path: content for path, content in rebuild(tree, origin).items() if path.startswith("api/")}
        yield from _differences(commit, published, rebuilt)


def _differences(commit: str, published: Files, rebuilt: Files) -> Iterator[Breach]:
    paths = [path for path in sorted({*published, *rebuilt}) if published.get(path) != rebuilt.get(path)]
    for path in paths[:FILES_TOLD]:
        line, reason = difference(published.get(path), rebuilt.get(path))
        yield Breach(commit, path, line, reason)
    if len(paths) > FILES_TOLD:
        yield Breach(commit, "api", 0, f"{plural(len(paths) - FILES_TOLD, 'more file')} of the site differ")
