"""Where a command works: the repository's folders, its configuration, its clock and its environment."""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from probes import PROBES, local_types
from statusledger.cli import confidential
from statusledger.clock import now_ms
from statusledger.config import Config, load
from statusledger.config.private import PrivateChecks
from statusledger.sealed import Opener
from statusledger.secrets import Secrets

LOG = logging.getLogger("statusledger")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders and files of one repository, and the instant that the command was started at."""

    root: Path
    config_path: Path
    started_at: int

    @property
    def history(self) -> Path:
        """The ledger's folder."""
        return self.root / "history"

    @property
    def sealed(self) -> Path:
        """The part of the ledger that is about private components."""
        return self.history / "sealed"

    def opener(self) -> Opener | None:
        """What opens sealed lines, None where the environment holds no identity; no message shows it from then on."""
        known = Secrets({})
        opener = confidential.identity(known.hide)
        if opener:
            mask_messages(known.mask)
        return opener

    def config(self, *, base_url: str | None = None, warns: bool = True) -> Config:
        """checks.yml as everybody reads it, with the repository's own check types; its warnings are logged."""
        return self._config(None, base_url, warns=warns)

    def whole_config(self, *, warns: bool = True) -> Config:
        """The same with the private file, where this job may read it; what is wrong there is told by its place only."""
        return self._config(confidential.private_checks(self.root, self.opener()), None, warns=warns)

    def both_configs(self) -> tuple[Config, Config]:
        """checks.yml as everybody reads it, and with the private file; read once where there is none."""
        private = confidential.private_checks(self.root, self.opener())
        config = self._config(None, None)
        return config, config if private is None else self._config(private, None, warns=False)

    def config_with(self, private: PrivateChecks) -> Config:
        """checks.yml with these private checks; whatever is wrong with them is told in full, to who may know it."""
        return self._config(private, None, tells=True)

    def _config(
        self, private: PrivateChecks | None, base_url: str | None, *, tells: bool = False, warns: bool = True
    ) -> Config:
        PROBES.update(local_types.load(self.root / "probes" / "local"))
        config = load(self.config_path, private, tells=tells)
        for warning in config.warnings if warns else ():
            LOG.warning("warning: %s", warning)
        return config if base_url is None else replace(config, page=replace(config.page, url=base_url))

    def clock(self) -> Callable[[], int]:
        """Milliseconds that go on from the instant the command was started at, also when that was chosen by --now."""
        began = time.monotonic_ns()
        return lambda: self.started_at + (time.monotonic_ns() - began) // 1_000_000


def place(arguments: argparse.Namespace) -> Place:
    """The place that the general options name."""
    root = arguments.root
    return Place(
        root=root,
        config_path=arguments.config or root / "checks.yml",
        started_at=now_ms() if arguments.now is None else arguments.now,
    )


def secrets(config: Config) -> Secrets:
    """The environment, as far as checks.yml names it; from now on every message is masked, whoever writes it."""
    known = Secrets(os.environ, config.monitor.public_variables)
    mask_messages(known.mask)
    return known


def mask_messages(mask: Callable[[str], str]) -> None:
    """Has every message masked in this way as well, whoever writes it."""
    logging.captureWarnings(capture=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Masked(mask, handler.formatter))


class _Masked(logging.Formatter):
    """Messages and tracebacks without secrets."""

    def __init__(self, mask: Callable[[str], str], inner: logging.Formatter | None) -> None:
        super().__init__("%(message)s")
        self._mask = mask
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return self._mask(self._inner.format(record) if self._inner else super().format(record))
