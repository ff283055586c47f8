"""What a build reads, as it is on disk now: two snapshots say which files are new, changed or gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# File -> nanosecond of its last change, size in bytes.
Snapshot = Mapping[Path, tuple[int, int]]


def snapshot(paths: Iterable[Path]) -> Snapshot:
    """Every file at or below the paths; what is not there is left out."""
    return {file: state for path in paths for file, state in _files(path)}


def changed(before: Snapshot, after: Snapshot) -> list[Path]:
    """The files that differ between the two, in order of their names."""
    return sorted({path for path, _ in before.items() ^ after.items()})


def _files(path: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    for file in [path] if path.is_file() else path.rglob("*"):
        try:
            found = file.stat()
        except OSError:
            continue  # it was removed between being listed and being asked for
        if file.is_file() and "__pycache__" not in file.parts:
            yield file, (found.st_mtime_ns, found.st_size)
