"""The two parts of a ledger: what everybody can read, and what only operators can, each with its own components."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from statusledger.cli import confidential
from statusledger.cli.place import Place
from statusledger.config import Config
from statusledger.errors import UsageError
from statusledger.history import Damage
from statusledger.sealed import Guard, OpenLine


@dataclass(frozen=True, slots=True)
class Part:
    """A history folder, the components whose lines it has, and how these are opened and kept."""

    root: Path
    config: Config
    open_line: OpenLine | None = None
    guard: Guard = bytes
    private: bool = False

    def told(self, damage: Damage) -> str:
        """What a console may show of it: a reason quotes the line, so that of a private one stays untold."""
        place = f"{damage.file}:{damage.line}"
        return f"{place}: damaged (a private line is not quoted)" if self.private else f"{place}: {damage.reason}"


def public_part(where: Place) -> Part:
    """What everybody can read; the same whatever else this job may know."""
    return Part(where.history, where.config().public)


def parts(where: Place) -> list[Part]:
    """What everybody can read, and what only operators can, if this job is one of theirs."""
    config, whole = where.both_configs()
    private = _private_part(where, whole)
    return [Part(where.history, config.public), *([private] if private else [])]


def private_part(where: Place) -> Part | None:
    """What is kept of private components, and evidence; None where there is neither, or this job cannot read it.

    UsageError or ConfigurationError when what says how to read it is wrong.
    """
    return _private_part(where, where.whole_config(warns=False))


def _private_part(where: Place, config: Config) -> Part | None:
    opener = where.opener()
    there = where.sealed.is_dir() or bool(config.private.components)
    if not there or not confidential.reads_private(config, opener):
        return None
    return Part(where.sealed, config.private, opener, confidential.guard(config) or _refused, private=True)


def _refused(line: bytes) -> bytes:
    message = (
        f"{len(line)} bytes that nobody may read: private.recipients is empty; name the recipients of the operators"
    )
    raise UsageError(message)
