"""`ledger.branch`: where history lies when it has a branch of its own, as checks.yml in a commit says."""

from __future__ import annotations

from statusledger.errors import UsageError
from statusledger.git import Repository
from statusledger.written import source

CONFIGURATION = "checks.yml"
REMOTE = "origin"


def named(configuration: bytes | None) -> str | None:
    """The branch that a checks.yml names for history; None where it names none, or is no YAML."""
    data = source.read(configuration or b"", CONFIGURATION).data
    ledger = data.get("ledger") if isinstance(data, dict) else None
    name = ledger.get("branch") if isinstance(ledger, dict) else None
    return name if isinstance(name, str) else None


def tip(repository: Repository, name: str | None) -> str | None:
    """The newest commit of the branch as published, or as it is here; None where history is on the one checked out.

    UsageError when this clone does not have it: without it nothing that was measured can be seen.
    """
    if name is None or name == repository.branch():
        return None
    places = (f"refs/remotes/{REMOTE}/{name}", f"refs/heads/{name}")
    found = next(filter(None, map(repository.commit, places)), None)
    if found is None:
        message = (
            f"{repository.top}: ledger.branch of {CONFIGURATION} is {name}, and this clone has no such branch; run "
            f"git fetch {REMOTE} +refs/heads/{name}:{places[0]}, then audit again. If {REMOTE} has none either, nothing"
            " was published there yet"
        )
        raise UsageError(message)
    return found
