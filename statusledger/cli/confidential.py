"""What a job may know beyond what everybody can read: the operators' identity, and the checks of the private file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from statusledger import sealed
from statusledger.config import Config
from statusledger.config.private import PrivateChecks, private_path
from statusledger.errors import UsageError

VARIABLE = "STATUSLEDGER_PRIVATE_CHECKS"


def identity(hide: Callable[[str], None] = lambda text: None) -> sealed.Opener | None:
    """What opens sealed lines, None where the environment holds no identity; `hide` masks it from then on."""
    return sealed.opener_of(os.environ, hide)


def private_checks(root: Path, opener: sealed.Opener | None) -> PrivateChecks | None:
    """The private file as the variable holds it, else as it lies encrypted in the repository; None without either.

    UsageError when it is there and cannot be opened with the identity.
    """
    text = os.environ.get(VARIABLE, "")
    if text.strip():
        return PrivateChecks(text.encode(errors="surrogateescape"), VARIABLE)
    path = private_path(root)
    if opener is None or not path.exists():
        return None
    return PrivateChecks(opened(path, opener))


def opened(path: Path, opener: sealed.Opener) -> bytes:
    """The text of the encrypted private file; UsageError when it cannot be read or opened."""
    try:
        return opener.file(path.read_bytes())
    except OSError as error:
        message = f"{path}: could not be read: {error.strerror}"
        raise UsageError(message) from error
    except sealed.NotOpened as error:
        message = (
            f"{path}: could not be opened ({error}); set {sealed.IDENTITY_VARIABLE} to the identity of a recipient"
        )
        raise UsageError(message) from error


def is_closed(root: Path) -> bool:
    """Whether the repository has private checks that this job is not told."""
    held = any(os.environ.get(name, "").strip() for name in (VARIABLE, sealed.IDENTITY_VARIABLE))
    return private_path(root).exists() and not held


def guard(config: Config) -> sealed.Guard | None:
    """What makes private lines fit for the repository, None where there are none and nobody could read them.

    UsageError for a recipient that is none, and for private components that nobody may keep.
    """
    settings = config.settings.get("private", {})
    made = sealed.guard(settings.get("recipients", ()), plain=settings.get("plain", False))
    if made is None and config.private.components:
        message = (
            f"{config.path}: private components need private.recipients, or plain: true where the repository is private"
        )
        raise UsageError(message)
    return made


def reads_private(config: Config, opener: sealed.Opener | None) -> bool:
    """Whether this job can read all that is kept of private components."""
    settings = config.settings.get("private", {})
    return opener is not None or (settings.get("plain", False) and not settings.get("recipients"))
