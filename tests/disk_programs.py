"""What runs on a disk of a few kilobytes: `disk_programs.py PROGRAM FOLDER`; prints what it met as JSON."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from statusledger.clock import parse_instant
from statusledger.errors import StatusledgerError
from statusledger.history import append, catch_up, raw_path, read_lines
from statusledger.publish import Retry, publish

T = parse_instant("2026-11-21T02:06:00Z")
WIDE = {f"check_{number}": 1_000 + number for number in range(100)}  # a row of 2 kB: it ends in the middle of a page
ONCE = Retry(attempts=1)


def row(number: int) -> bytes:
    """A row of history."""
    return json.dumps({"t": T + number * 60_000, "r": WIDE}, separators=(",", ":")).encode() + b"\n"


def message(action: Callable[[], object]) -> str:
    """What the error says that the action has to end with."""
    try:
        action()
    except StatusledgerError as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def fill(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(512))
        except OSError as error:
            assert error.errno == errno.ENOSPC
    return filler


def appending(folder: Path) -> dict[str, object]:
    """Rows until the disk is full, once more on the full disk, and again after room was made."""
    path = raw_path(folder / "history", "eu", T)
    filler = folder / "filler"
    filler.write_bytes(bytes(20_000))
    written = 0
    while (said := message(partial(append, path, [row(written)]))) == "no error":
        written += 1
    full = path.read_bytes() == b"".join(map(row, range(written)))
    next_day = message(lambda: append(raw_path(folder / "history", "eu", T + 86_400_000), [row(1440)]))
    filler.unlink()
    append(path, [row(written)])
    rows, damage = read_lines(path, root=folder / "history")
    return {
        "written": written,
        "said": said,
        "as it was": full,
        "next day": next_day,
        "rows": [found["t"] for found in rows] == [T + number * 60_000 for number in range(written + 1)],
        "damage": len(damage),
    }


def catching_up(folder: Path) -> dict[str, object]:
    """A file that would have to grow on a full disk."""
    path = raw_path(folder / "history", "eu", T)
    append(path, [row(0)])
    fill(folder)
    try:
        catch_up(path, b"".join(map(row, range(20))))
        said = "no error"
    except OSError as error:
        said = os.strerror(error.errno or 0)
    return {
        "said": said,
        "as it was": path.read_bytes() == row(0),
        "beside": sorted(one.name for one in path.parent.iterdir()),
    }


def publishing(folder: Path) -> dict[str, object]:
    """A commit on a full disk, and the same one after room was made."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=folder, check=True)
    path = raw_path(folder / "history", "eu", T)
    append(path, [row(0)])
    publish(folder, "first")
    append(path, [row(1)])
    filler = fill(folder)
    said = message(lambda: publish(folder, "second", retry=ONCE))
    full = path.read_bytes() == row(0) + row(1)
    filler.unlink()
    publish(folder, "third")
    log = subprocess.run(["git", "log", "--format=%s"], cwd=folder, check=True, capture_output=True, text=True)
    shown = subprocess.run(
        ["git", "show", f"HEAD:{path.relative_to(folder)}"], cwd=folder, check=True, capture_output=True
    )
    return {"said": said, "as it was": full, "log": log.stdout.split(), "published": shown.stdout == path.read_bytes()}


def read_only(folder: Path) -> dict[str, object]:
    """Everything that writes, where nothing may be written; what is there is read all the same."""
    path = raw_path(folder / "history", "eu", T)
    rows, damage = read_lines(path, root=folder / "history")
    return {
        "append": message(lambda: append(path, [row(1)])),
        "next day": message(lambda: append(raw_path(folder / "history", "eu", T + 86_400_000), [row(1440)])),
        "next year": message(lambda: append(raw_path(folder / "history", "eu", T + 365 * 86_400_000), [row(2880)])),
        "publish": message(lambda: publish(folder, "nowhere", retry=ONCE)),
        "rows": len(rows),
        "damage": len(damage),
    }


if __name__ == "__main__":
    programs = {one.__name__: one for one in (appending, catching_up, publishing, read_only)}
    sys.stdout.write(json.dumps(programs[sys.argv[1]](Path(sys.argv[2]))))
