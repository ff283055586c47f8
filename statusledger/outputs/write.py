"""The only writer: puts a set of files into the output folder, each whole or not at all, and removes what is stale."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from statusledger.errors import OutputError

# A folder that holds this is a site of ours, so that files of an earlier build may be removed from it.
MARK = PurePosixPath("api/v1/build.json")


@dataclass(frozen=True, slots=True)
class Written:
    """What a build changed on disk, as counts of files."""

    total: int
    changed: int
    removed: int


def write(files: Mapping[PurePosixPath, bytes], out: Path) -> Written:
    """The site in `out`: unchanged files untouched, every other one replaced in one step, stale ones removed last.

    Pages are written after what they link to and the home page last, so that a reader never meets a link to nothing.
    OutputError if the folder is not ours or cannot be written; no file is ever left half written.
    """
    _refuse_foreign(out)
    try:
        if not (out / MARK).is_file() and MARK in files:
            _put(out / MARK, files[MARK])  # first, so that a build that was cut short can be repeated
        changed = sum(_put(out / path, content) for path, content in sorted(files.items(), key=order))
        removed = sum(_remove(path) for path in _stale(files, out))
    except OSError as error:
        place = error.filename or out
        message = f"{place}: {error.strerror or error}; the site is not complete: mend that or choose another --out"
        raise OutputError(message) from error
    return Written(len(files), changed, removed)


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        message = f"{out}: is a file; --out takes a folder"
        raise OutputError(message)
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        message = f"{out}: holds files that are not a site of ours ({MARK} is missing); choose an empty or a new folder"
        raise OutputError(message)


def order(item: tuple[PurePosixPath, object]) -> tuple[int, int, str]:
    """Deep files first (they are linked to), then what stands at the top; what the build was made from comes last."""
    path = item[0]
    return (path == MARK, -len(path.parts), str(path))


def _put(target: Path, content: bytes) -> bool:
    """Whether the file had to be written; it is replaced in one step."""
    if target.is_file() and target.read_bytes() == content:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def _stale(files: Mapping[PurePosixPath, bytes], out: Path) -> list[Path]:
    """Everything in the folder that this build did not make."""
    wanted = {out / path for path in files}
    return sorted(path for path in out.rglob("*") if path.is_file() and path not in wanted)


def _remove(path: Path) -> bool:
    path.unlink()
    for folder in path.parents:
        if not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()
    return True
