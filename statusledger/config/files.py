"""checks.yml and the files that it includes, as one tree in which every key knows its own file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path as FilePath
from typing import Any

from statusledger.errors import Problem, UsageError
from statusledger.written.source import Source, read

_ALLOWED = frozenset({"groups"})
NOTHING: frozenset[str] = frozenset()


def read_files(path: FilePath) -> Source:
    """The tree of checks.yml with the groups of every included file behind its own; UsageError when it is not there."""
    source = read(_octets(path), path.name)
    if source.problems and source.data is None:
        return source
    if source.data is None:
        source.problems.append(Problem(path.name, 1, 1, "", "is empty; write page:, monitor: and groups:"))
    elif not isinstance(source.data, dict):
        source.problems.append(Problem(path.name, 1, 1, "", "is no block of keys; write page:, monitor: and groups:"))
    else:
        if source.data.get("include") and source.data.get("groups") is None:
            source.data["groups"] = []
        for included in _included(source, path):
            file = included.relative_to(path.parent).as_posix()
            append_groups(source, read(_octets(included), file), file)
    return source


def _octets(path: FilePath) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        msg = (
            f"there is no {path.name} in {path.absolute().parent}; start in the folder that holds it, "
            "or say where it is with --root or --config"
        )
        raise UsageError(msg) from None
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}; --config names a file that says what to watch"
        raise UsageError(msg) from None


def _included(source: Source, first: FilePath) -> Iterator[FilePath]:
    """The files that the patterns name, each once, in the order of the patterns and then of their names."""
    patterns = source.data.get("include")
    seen = {first}
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
        # what is no pattern at all is told by the rules for values
        if not isinstance(pattern, str) or not pattern.strip() or re.search(r"^/|\.\.|\{\{", pattern):
            continue
        matches = _matches(first.parent, pattern)
        if not matches:
            problem = source.problem(("include", index), f'no file matches "{pattern}"; write e.g. checks/*.yml')
            source.problems.append(problem)
        for match in matches:
            if match not in seen:
                seen.add(match)
                yield match


def _matches(folder: FilePath, pattern: str) -> list[FilePath]:
    try:
        return sorted(match for match in folder.glob(pattern) if match.is_file())
    except ValueError:  # a pattern that can match nothing, such as **.yml
        return []


def append_groups(source: Source, part: Source, file: str, *, beside: Collection[str] = NOTHING) -> None:
    """Puts the groups of another file behind those that are there already; `beside` are other keys that it may have."""
    source.problems += part.problems
    data: Any = part.data
    if not isinstance(data, dict) or not isinstance(data.get("groups"), list):
        if not part.problems:
            source.problems.append(Problem(file, 1, 1, "", "has no groups:; an included file holds a list of groups"))
        return
    source.problems += [
        part.problem((key,), f"'{key}' may stand in the first file only; an included file holds groups: alone")
        for key in data
        if key not in _ALLOWED and key not in beside
    ]
    groups = source.data["groups"]
    if not isinstance(groups, list):
        return
    before = len(groups)
    groups += data["groups"]
    for path, place in part.places.items():
        if len(path) > 1 and path[0] == "groups" and isinstance(path[1], int):
            source.places[("groups", path[1] + before, *path[2:])] = place._replace(path=path)
