"""Raw files -> rows, however damaged: every intact row is read, every fault told with file, line and reason.

Nothing here is fatal. Lines are read with orjson, those that it refuses piece by piece with the standard library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from statusledger.clock import DAY_MS
from statusledger.history.files import Damage
from statusledger.history.opening import Lines, file_lines
from statusledger.model import Status
from statusledger.sealed import OpenLine

Row = dict[str, Any]

FORMAT = 1
EARLIEST_MS = 946_684_800_000  # 2000-01-01: an earlier clock was never set
LATEST_MS = 253_402_300_800_000  # the end of the year 9999
LONGEST_MS = DAY_MS  # an attempt may last a minute; what is longer than a day is no response time

_MARKER = re.compile(r'\{\s*"t"\s*:')
CHECK_ID = "[a-z0-9][a-z0-9_-]{0,62}"
_CHECK_ID = re.compile(CHECK_ID)
_PLAIN_RESULT = f'"{CHECK_ID}":(?:0|[1-9][0-9]{{0,6}})'
# what nearly every line is: all is up, since 2001, within three hours; one match spares a look at each value
_PLAIN_LINE = re.compile(rf'{{"t":[1-9][0-9]{{12}},"r":{{(?:{_PLAIN_RESULT},)*+{_PLAIN_RESULT}}}}}'.encode())
_CODE = re.compile(r"[a-z][a-z0-9_]*(?::[^\x00-\x1f\x7f\ud800-\udfff\ufffd]+)?")
_STATUSES = tuple(Status)


class Contents(NamedTuple):
    """What one raw file holds: its rows, its lines of evidence (`e` without `r`), and how many lines stay sealed."""

    rows: list[Row]
    evidence: list[Row]
    damage: list[Damage]
    sealed: int


def read_lines(path: Path, *, root: Path, open_line: OpenLine | None = None) -> tuple[list[Row], list[Damage]]:
    """Every row that can be used, in file order, and a Damage for each line that is not as it should be.

    A row is the line's object; `t` is an instant and `r` holds valid results only. Of a damaged line the intact rows
    are kept whole, and of a row with faulty results the others. `root` is the history folder; `open_line` opens sealed
    lines, which are passed over without it.
    """
    contents = read_file(path, root=root, open_line=open_line)
    return contents.rows, contents.damage


def read_file(path: Path, *, root: Path, open_line: OpenLine | None = None) -> Contents:
    """The same with the lines of evidence, and the number of sealed lines that were passed over."""
    return read_numbered(file_lines(path, root=root, open_line=open_line))


def read_numbered(lines: Lines) -> Contents:
    """The same of lines that are already out of their file."""
    rows: list[Row] = []
    damage: list[Damage] = []
    for number, line in lines.numbered:
        row = _intact(line)
        if row is not None:
            rows.append(row)
            continue
        kept, reasons = _salvaged(line)
        rows += kept
        damage.append(Damage(lines.name, number, "; ".join(dict.fromkeys(reasons))))
    evidence = [row for row in rows if "r" not in row]
    results = [row for row in rows if "r" in row] if evidence else rows
    return Contents(results, evidence, sorted([*lines.damage, *damage]), lines.sealed)


def plain_checks(line: bytes) -> tuple[str, ...]:
    """The checks of a line that says nothing but that all is up, in its order; none of any other line."""
    return tuple(orjson.loads(line)["r"]) if _PLAIN_LINE.fullmatch(line) else ()


def _intact(line: bytes) -> Row | None:
    try:
        found: Row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if b"[" not in line and _PLAIN_LINE.fullmatch(line):
        return found
    row, faults = _examined(found)
    return None if faults else row


def _salvaged(line: bytes) -> tuple[list[Row], list[str]]:
    """The rows that can still be read from a damaged line, and what is wrong with it.

    A torn row may be glued to a good one and a faulty one may have swallowed it, so each place where a row can start is
    tried that is not inside of a good one.
    """
    if not line.strip(b"\0 \t\r"):
        return [], ["only NUL bytes" if b"\0" in line else "an empty line"]
    text, reasons = _decoded(line)
    rows: list[Row] = []
    read_to = seen_to = 0
    torn = False
    for start in (place.start() for place in _MARKER.finditer(text)):
        found, end = _object_at(text, start)
        row, faults = _examined(found, trusted=False)
        if start < read_to or (start < seen_to and faults):
            continue
        torn = torn or found is None or bool(text[seen_to:start].strip())
        seen_to = max(seen_to, end)
        read_to = seen_to if not faults else read_to
        rows += [row] if row else []
        reasons += faults if found is not None else []
    if torn or len(rows) > 1 or text[seen_to:].strip():
        reasons.append(f"torn or glued, {len(rows)} row(s) of it read")
    return rows, reasons or ["not strict JSON"]


def _decoded(line: bytes) -> tuple[str, list[str]]:
    try:
        return line.decode(), ["NUL bytes"] if b"\0" in line else []
    except UnicodeDecodeError as error:
        return line.decode(errors="replace"), [f"invalid UTF-8 at byte {error.start + 1}"]


def _object_at(text: str, start: int) -> tuple[object, int]:
    """What stands at `start` and where it ends; None when it is no JSON."""
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start


def _examined(found: object, *, trusted: bool = True) -> tuple[Row | None, list[str]]:
    """What can be used of a row, and its faults; where bytes had to be replaced, check ids are not trusted either."""
    if not isinstance(found, dict):
        return None, ["not a row"]
    fault = _row_fault(found)
    if fault:
        return None, [fault]
    if "r" not in found:
        return found, []
    faults = _result_faults(found["r"], trusted)
    extras = {key: _quoted(found[key]) for key, valid in _EXTRAS.items() if key in found and not valid(found[key])}
    if not faults and not extras:
        return found, []
    row = {key: value for key, value in found.items() if key not in extras}
    row["r"] = {check: value for check, value in found["r"].items() if check not in faults}
    return row, [*faults.values(), *(f'"{key}" is {value}, left out' for key, value in extras.items())]


def _row_fault(found: Row) -> str | None:
    """Why nothing of the row can be used."""
    if not _is_instant(found.get("t")):
        return f'"t" is {_quoted(found.get("t"))}, expected epoch milliseconds since 2000'
    version = found.get("v", FORMAT)
    if type(version) is not int or not 1 <= version <= FORMAT:
        return f"format {_quoted(version)} is not known here, the newest one is {FORMAT}; upgrade to read the line"
    if "r" not in found and _are_observations(found.get("e")):
        return None
    if not isinstance(found.get("r"), dict):
        return f'"r" is {_quoted(found.get("r"))}, expected the results by check'
    return None


def _result_faults(results: Mapping[str, Any], trusted: bool) -> dict[str, str]:
    """Check -> what is wrong with its result, for those that cannot be used."""
    suspects: Iterable[tuple[str, Any]] = results.items()
    if trusted:  # the same as _is_duration, without a call for each of the many that are
        suspects = [(check, ms) for check, ms in suspects if type(ms) is not int or not 0 <= ms <= LONGEST_MS]
    faults = ((check, _result_fault(check, value)) for check, value in suspects)
    return {check: fault for check, fault in faults if fault}


def _result_fault(check: str, value: object) -> str | None:
    if not _CHECK_ID.fullmatch(check):
        return f"{_quoted(check)} is no check id"
    result = [Status.UP, value, None] if type(value) is int else value
    if not isinstance(result, list) or len(result) not in (3, 4):
        return f"{check}: {_quoted(value)}, expected whole ms or [status, ms, code]"
    status, ms, code, *detail = result
    parts = (
        (status, "status", status in _STATUSES),
        (ms, "response time in ms", ms is None or _is_duration(ms)),
        (code, "error code", code is None or (isinstance(code, str) and bool(_CODE.fullmatch(code)))),
        (detail, "detail", not detail or isinstance(detail[0], str)),
    )
    return next((f"{check}: {_quoted(part)} is no {name}" for part, name, valid in parts if not valid), None)


def _is_instant(value: object) -> bool:
    return type(value) is int and EARLIEST_MS <= value < LATEST_MS


def _is_duration(value: object) -> bool:
    return type(value) is int and 0 <= value <= LONGEST_MS


def _is_pair_of_counts(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(count) is int and count >= 0 for count in value)


def _are_phases(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(spent, list) and all(ms is None or _is_duration(ms) for ms in spent) for spent in value.values()
    )


def _are_numbers(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(named, dict) and all(type(number) in (int, float) for number in named.values())
        for named in value.values()
    )


def _are_observations(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(observation, dict) for observation in value.values())


_EXTRAS: Mapping[str, Callable[[object], bool]] = {
    "p": _are_phases,
    "s": _is_instant,
    "c": _is_pair_of_counts,
    "x": _are_numbers,
}


def _quoted(value: object) -> str:
    """A value in the words of the file, cut to what a console line bears."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value)
    return "missing" if value is None else text if len(text) <= 60 else text[:57] + "..."
