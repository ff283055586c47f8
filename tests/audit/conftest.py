"""Git without anybody's own configuration, and the ledger that every test begins with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from audit.ledgers import Ledger, grown


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own configuration is read."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The untouched past, made once."""
    return grown(tmp_path_factory.mktemp("original")).root


@pytest.fixture
def ledger(original: Path, tmp_path: Path) -> Ledger:
    """The untouched past, to be changed."""
    return Ledger(Path(shutil.copytree(original, tmp_path / "ledger")))
