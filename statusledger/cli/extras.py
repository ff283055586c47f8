"""What an installation lacks: a base one is enough to probe; figures and pages need libraries of the extra `build`."""

from __future__ import annotations

from statusledger.errors import UsageError

BUILD = frozenset(
    {"babel", "dateutil", "feedgen", "jinja2", "markdown_it", "markupsafe", "nh3", "numpy", "pandas"}
)  # the modules of its packages


def lacking(error: Exception, command: str) -> UsageError | None:
    """What to install for the command; None for any other fault than a library that is not here."""
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if name not in BUILD:
        return None
    return UsageError(
        f"{command} needs what the extra `build` brings, here {name}: install statusledger[build]; "
        "in a step that uses action.yml write extras: build"
    )
