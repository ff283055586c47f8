"""Where files about incidents and maintenance lie: `incidents/<yyyy>/<yyyy-mm-dd>-<slug>.md`; the name is the id."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import chain, count
from pathlib import Path

INCIDENTS, MAINTENANCE = FOLDERS = ("incidents", "maintenance")
TEMPLATES = "templates"
LONGEST_SLUG = 60

_NAME = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)-[a-z0-9]+(?:-[a-z0-9]+)*")
_NEAR_MISSES = frozenset({".md", ".markdown", ".mdx", ".txt", ".text", ".yml", ".yaml"})
_EXPECTED = "write e.g. 2026-11-21-api-requests-fail.md, with small letters a-z, digits and - only"


def written_files(root: Path, folder: str) -> Iterator[str]:
    """Everything in the folder that somebody may have meant as a file of ours, by its path below the root, in order."""
    found = []
    for place, folders, names in os.walk(root / folder):
        below = Path(place).relative_to(root).as_posix()
        folders[:] = [
            name for name in folders if not name.startswith(".") and f"{below}/{name}" != f"{folder}/{TEMPLATES}"
        ]
        found += [f"{below}/{name}" for name in names if _may_be_ours(name)]
    yield from sorted(found, key=lambda file: file.split("/"))


def _may_be_ours(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    return f"{dot}{suffix}".lower() in _NEAR_MISSES and not name.startswith(".") and stem.lower() != "readme"


def id_of(file: str) -> str:
    """The id of a file, its name without `.md`."""
    return file.rpartition("/")[2].rpartition(".")[0]


def misplaced(file: str, folder: str) -> str | None:
    """What is wrong with where a file (below the root) lies or what it is called; None if nothing is."""
    identity, suffix = id_of(file), file[file.rindex(".") :]
    name = _NAME.fullmatch(identity)
    if suffix != ".md":
        return f"the name ends in {suffix}; rename it to {identity}.md"
    if name is None or not _is_day(name["day"]):
        return f"'{identity}.md' is no name for a file here; {_EXPECTED}"
    place = f"{folder}/{name['day'][:4]}/{identity}.md"
    return None if file == place else f"lies in another folder than its day; move it to {place}"


def _is_day(word: str) -> bool:
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True


def new_path(folder: str, day: date, title: str) -> Path:
    """Where a file of that title belongs, below the root."""
    return Path(folder, f"{day:%Y}", f"{day:%Y-%m-%d}-{slug(title)}.md")


def free_path(root: Path, first: Path) -> Path:
    """The path, or the next one with a number that no file below the root has yet."""
    numbered = (first.with_stem(f"{first.stem}-{number}") for number in count(2))
    return next(path for path in chain([first], numbered) if not (root / path).exists())


def slug(title: str) -> str:
    """The title in small letters, digits and hyphens, at most 60 of them."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    while len(words) > 1 and len("-".join(words)) > LONGEST_SLUG:
        words.pop()
    return "-".join(words)[:LONGEST_SLUG].strip("-") or "untitled"
