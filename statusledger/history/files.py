"""Where lines lie, and how they get there: names of raw files, the safe append, the joining of two writers' lines."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from statusledger.clock import to_datetime
from statusledger.errors import LedgerError, UsageError

_LOCATION = r"[a-z0-9][a-z0-9-]{1,11}"
_RAW_NAME = re.compile(rf"(?P<location>{_LOCATION})(?:\.\d+)?-(?P<month>\d\d)(?P<day>\d\d)\.jsonl")


@dataclass(frozen=True, slots=True, order=True)
class Damage:
    """A place in history that could not be read as it stands.

    `file` is relative to the folder that holds `history/`, with slashes; `line` counts from 1, 0 is the whole file.
    """

    file: str
    line: int
    reason: str


def raw_path(root: Path, location: str, t: int, shard: tuple[int, int] | None = None) -> Path:
    """The file under the history folder `root` that takes the tick at `t`; shard (i, n) is the i-th of n.

    The only shard of one writes the same file as no shard. UsageError when location or shard cannot name a file.
    """
    if not re.fullmatch(_LOCATION, location):
        msg = f'location "{location}": expected 2 to 12 characters of a-z, 0-9 and "-", e.g. eu-fra'
        raise UsageError(msg)
    index, count = shard or (1, 1)
    if not 0 <= index <= count:
        msg = f"shard {index}/{count}: expected a number from 1 to {count} before the slash, e.g. 1/{count}"
        raise UsageError(msg)
    day = to_datetime(t)
    writer = f"{location}.{index}" if count > 1 else location
    return root / "raw" / f"{day:%Y}" / f"{writer}-{day:%m%d}.jsonl"


def raw_location(path: PurePath) -> str | None:
    """The location that writes this raw file, None for a file that is not the ledger's."""
    name = _RAW_NAME.fullmatch(path.name)
    if not name or not re.fullmatch(r"\d{4}", path.parent.name):
        return None
    try:
        date(int(path.parent.name), int(name["month"]), int(name["day"]))
    except ValueError:
        return None
    return name["location"]


def raw_files(root: Path) -> tuple[list[Path], list[Damage]]:
    """The raw files under the history folder, in the order of their paths, and what else lies there.

    Hidden files (`.gitkeep`) are passed over in silence.
    """
    paths = (path for path in sorted((root / "raw").rglob("*")) if path.is_file() or path.suffix == ".jsonl")
    found = [path for path in paths if not path.name.startswith(".")]
    ours = [path for path in found if raw_location(path)]
    foreign = [Damage(relative_name(path, root), 0, "not a ledger file") for path in found if not raw_location(path)]
    return ours, foreign


def relative_name(path: Path, root: Path) -> str:
    """The file as messages name it: relative to the folder that holds the history folder."""
    folder = f"{root.parent}{os.sep}"
    if str(path).startswith(folder):  # as nearly always; pathlib takes its time
        return str(path)[len(folder) :].replace(os.sep, "/")
    return path.relative_to(root.parent).as_posix()


def append(path: Path, lines: Sequence[bytes]) -> None:
    """Writes the lines to the end of the file with one write and waits until the disk has them.

    A torn last line is closed with a newline first. LedgerError when the lines cannot be written whole; the file then
    is what it was before.
    """
    if not lines:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path) as descriptor:
            _append_whole(descriptor, b"".join(lines))
    except OSError as error:
        msg = (
            f"{path}: could not append {len(lines)} line(s): {error.strerror}; nothing of them was recorded and earlier"
            " lines are as they were; free space or make the place writable, then run again"
        )
        raise LedgerError(msg) from error


def _append_whole(descriptor: int, data: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        data = b"\n" + data
    try:
        rest = memoryview(data)
        while rest:  # once, unless the disk fills up in the middle
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """A descriptor of the file that stands at `path` for as long as no other process may write it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _stands_at(path, descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _stands_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def complete_lines(data: bytes) -> list[bytes]:
    """The lines that end in a newline, with it; empty ones and a torn last one are left out."""
    return [line + b"\n" for line in data.split(b"\n")[:-1] if line]


def extended(published: bytes, lines: Iterable[bytes]) -> bytes:
    """`published`, and after it each of the lines once that it does not hold yet; a torn last line is closed first."""
    absent = dict.fromkeys(lines)
    for line in complete_lines(published + b"\n"):
        absent.pop(line, None)
    closing = b"\n" if absent and published and not published.endswith(b"\n") else b""
    return published + closing + b"".join(absent)


def catch_up(path: Path, published: bytes, *, known: Collection[bytes] = ()) -> bool:
    """Makes the file what was published, followed by what it held beyond that, except for lines `known` before.

    Whether that changed it. A known line that is no longer published was mended. A reader sees the file before or
    after, never in between; an append waits and then goes to the new one.
    """
    with _locked(path) as descriptor:
        own = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        lines = [line for line in complete_lines(own) if line not in known]
        torn = own[own.rfind(b"\n") + 1 :]
        merged = extended(published, lines if published.endswith(torn) else [*lines, torn])
        if merged != own:
            _replace(path, merged, mode=os.fstat(descriptor).st_mode & 0o777)
        return merged != own


def _replace(path: Path, content: bytes, *, mode: int) -> None:
    """Puts a new file in the place of the one at `path`; when the disk is full nothing changes and nothing is left."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as successor:
        try:
            successor.write(content)
            successor.flush()
            os.fchmod(successor.fileno(), mode)
            os.fsync(successor.fileno())
        except OSError:
            Path(successor.name).unlink()
            raise
    Path(successor.name).replace(path)
