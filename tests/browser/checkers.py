"""The checkers from npm that pages are held against: where they are, and what they say about pages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
VNU = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
HTML_VALIDATE = MODULES / ".bin" / "html-validate"
# One short run: half the time of the machine would go into compiling what is never used again.
JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m", "-jar")


def need(*things: str | Path) -> None:
    """Skips by name what cannot be checked on this machine; CI must be able to."""
    missing = [str(one) for one in things if not (one.exists() if isinstance(one, Path) else shutil.which(one))]
    if missing:
        told = f"missing: {', '.join(missing)}: `make checkers` installs it (Debian: nodejs npm default-jre-headless)"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)


def nu_errors(pages: Sequence[Path]) -> list[str]:
    """What the Nu HTML checker calls an error."""
    need("java", VNU)
    found = _said([*JAVA, VNU, "--stdout", "--errors-only", "--format", "json", *pages])
    return [f"{one['url']}:{one.get('lastLine')}: {one['message']}" for one in found["messages"]]


def html_validate_errors(pages: Sequence[Path]) -> list[str]:
    """What html-validate says with its standard and accessibility presets."""
    need("node", HTML_VALIDATE)
    found = _said(["node", HTML_VALIDATE, "--config", HERE / "html-validate.json", "--formatter", "json", *pages])
    return [
        f"{file['filePath']}:{one['line']}: {one['ruleId']}: {one['message']}"
        for file in found
        for one in file["messages"]
    ]


def _said(command: Sequence[str | Path]) -> Any:
    """The JSON that a checker prints, whether it found something or not."""
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert run.stdout, run.stderr
    return json.loads(run.stdout)
