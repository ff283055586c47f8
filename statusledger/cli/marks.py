"""Problems as a CI marks them in the changed lines of a pull request (workflow commands of GitHub Actions)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from statusledger.errors import Problem
from statusledger.git import find


def wanted(arguments: argparse.Namespace) -> bool:
    """Whether to annotate: as the options say, else in a job of GitHub Actions."""
    asked: bool | None = arguments.annotate
    return os.environ.get("GITHUB_ACTIONS") == "true" if asked is None else asked


def annotation(problem: Problem, root: Path, level: str = "error") -> str:
    """`::error file=incidents/2026/x.md,line=4::components: …`, with the file as the repository names it."""
    repository = find(root)
    place = root.resolve().relative_to(repository.top) if repository else Path()
    properties = {"file": (place / problem.file).as_posix(), "line": problem.line, "col": problem.column}
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    message = f"{problem.path}: {problem.message}" if problem.path else problem.message
    return f"::{level} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
