"""A repository that is a status page and nothing else: checks.yml, workflows, empty folders; all of it the user's.

The engine is not in it. Its workflows use the action of the engine's repository, pinned by commit, so that an upgrade
changes these lines alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath

_HERE = files(__name__)
_PLACES: Mapping[str, str] = {
    "checks.yml": "checks.yml",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
    ".github/CODEOWNERS": "codeowners",
    ".github/dependabot.yml": "dependabot.yml",
    "incidents/README.md": "incidents.md",
    "maintenance/README.md": "maintenance.md",
}
_EMPTY = ("history/.gitkeep",)
_FOLDERS: Mapping[str, str] = {".github/ISSUE_TEMPLATE": "forms", ".github/workflows": "workflows"}
# In the engine's own repository the action is beside the workflows.
_BESIDE = re.compile(r"uses: \./$", re.MULTILINE)
_SPARSE = re.compile(r'sparse-checkout: "[^"]*"')


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the engine comes from: a repository's address without `.git`, `OWNER/NAME`, a commit, a version."""

    address: str
    repository: str
    commit: str
    version: str

    @property
    def uses(self) -> str:
        """What a workflow writes after `uses:`."""
        return f"{self.repository}@{self.commit} # v{self.version}"


@dataclass(frozen=True, slots=True)
class Start:
    """What a new page begins with; `since` is its first day, `YYYY-MM-DD`."""

    name: str
    url: str
    since: str
    engine: Engine


def repository_files(start: Start) -> dict[PurePosixPath, str]:
    """Path -> text of every file of a new repository."""
    plain = {PurePosixPath(path): _HERE.joinpath(source).read_text("utf-8") for path, source in _PLACES.items()}
    empty = dict.fromkeys(map(PurePosixPath, _EMPTY), "")
    spread = {
        PurePosixPath(folder, file.name): _HERE.joinpath(source, file.name).read_text("utf-8")
        for folder, source in _FOLDERS.items()
        for file in _HERE.joinpath(source).iterdir()
    }
    return {path: _filled(text, start) for path, text in sorted((plain | empty | spread).items())}


def _filled(text: str, start: Start) -> str:
    engine = start.engine
    values = {
        "NAME": json.dumps(start.name, ensure_ascii=False),
        "TITLE": start.name,
        "URL": start.url,
        "SINCE": start.since,
        "HOME": engine.address,
        "COMMIT": engine.commit,
        "ENGINE_NAME": engine.repository,
        "DOCS": f"{engine.address}/blob/{engine.commit}/docs",
        "SCHEMA": f"{engine.address}/raw/{engine.commit}/checks.schema.json",
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    text = _SPARSE.sub(r'sparse-checkout: "checks\\nprobes"', text)
    return _BESIDE.sub(lambda _: f"uses: {engine.uses}", text)
