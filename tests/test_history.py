"""The raw ledger: what a line says, how it is appended, and what survives when a file is damaged."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusledger.clock import parse_instant
from statusledger.errors import LedgerError, UsageError
from statusledger.history import (
    Damage,
    Row,
    append,
    catch_up,
    complete_lines,
    extended,
    raw_files,
    raw_location,
    raw_path,
    read_lines,
    tick_line,
)
from statusledger.model import Observation, Phases, Status, Tick

T = parse_instant("2026-11-21T02:06:00Z")
FILE = "raw/2026/eu-1121.jsonl"


def observation(check: str, ms: int | None = 123, code: str | None = None, **settings: object) -> Observation:
    """One result of a check, up unless said otherwise."""
    known = {"location": "eu", "scheduled_at": T, "started_at": T, "status": Status.UP, **settings}
    return Observation(check=check, ms=ms, code=code, **known)  # type: ignore[arg-type]


def tick(*observations: Observation, **settings: object) -> Tick:
    """A tick on the grid."""
    return Tick(**{"t": T, "scheduled_at": T, "observations": observations, **settings})  # type: ignore[arg-type]


def row(minute: int, **results: object) -> bytes:
    """A line as another release or a person may have written it."""
    return json.dumps({"t": T + minute * 60_000, "r": results}, separators=(",", ":")).encode() + b"\n"


def read(tmp_path: Path, content: bytes) -> tuple[list[Row], list[Damage]]:
    """What is read back from a raw file with this content."""
    path = tmp_path / "history" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return read_lines(path, root=tmp_path / "history")


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "t", "shard", "expected"),
    [
        pytest.param("eu-fra", T, None, "raw/2026/eu-fra-1121.jsonl", id="day of the tick"),
        pytest.param("eu", T, (2, 8), "raw/2026/eu.2-1121.jsonl", id="shard"),
        pytest.param("eu", T, (1, 1), "raw/2026/eu-1121.jsonl", id="one shard is none"),
        pytest.param("eu", parse_instant("2026-12-31T23:59:59Z"), None, "raw/2026/eu-1231.jsonl", id="last second"),
        pytest.param("eu", parse_instant("2027-01-01T00:00:00Z"), None, "raw/2027/eu-0101.jsonl", id="first instant"),
    ],
)
def test_a_tick_goes_to_the_file_of_its_utc_day(
    tmp_path: Path, location: str, t: int, shard: tuple[int, int] | None, expected: str
) -> None:
    """Year, location, shard and day make the name, and the location can be read back from it."""
    path = raw_path(tmp_path, location, t, shard)

    assert path == tmp_path / expected
    assert raw_location(path) == location


@pytest.mark.parametrize("location", ["", "e", "EU", "../eu", "eu/fra", "a" * 13, "eu.1"])
def test_a_location_that_is_no_file_name_is_refused(tmp_path: Path, location: str) -> None:
    """A location from an option or the environment cannot lead out of the history folder."""
    with pytest.raises(UsageError, match="2 to 12 characters"):
        raw_path(tmp_path, location, T)


def test_a_shard_beyond_the_last_is_refused(tmp_path: Path) -> None:
    """There is no ninth of eight."""
    with pytest.raises(UsageError, match="shard 9/8: expected a number from 1 to 8"):
        raw_path(tmp_path, "eu", T, (9, 8))


def test_files_that_are_not_the_ledgers_are_reported(tmp_path: Path) -> None:
    """Raw files come sorted; anything else is named, hidden files are not."""
    root = tmp_path / "history"
    names = ["2026/eu-1121.jsonl", "2026/eu-fra-0101.jsonl", "2026/eu-0230.jsonl", "notes.txt", "x/eu-1121.jsonl"]
    for name in [*names, ".gitkeep"]:
        (root / "raw" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "raw" / name).touch()

    ours, foreign = raw_files(root)

    assert [path.name for path in ours] == ["eu-1121.jsonl", "eu-fra-0101.jsonl"]
    assert foreign == [
        Damage("history/raw/2026/eu-0230.jsonl", 0, "not a ledger file"),
        Damage("history/raw/notes.txt", 0, "not a ledger file"),
        Damage("history/raw/x/eu-1121.jsonl", 0, "not a ledger file"),
    ]


# --- lines --------------------------------------------------------------------------------------


def test_a_plain_result_is_a_bare_number() -> None:
    """The line of the specification's example, byte for byte."""
    line = tick_line(
        tick(
            observation("api_health"),
            observation("docs_site", 10_000, "ttfb_timeout", status=Status.DOWN),
            observation("web", 240, "retried:refused"),
        )
    )

    assert line == (
        b'{"t":1795226760000,"r":{"api_health":123,"docs_site":["down",10000,"ttfb_timeout"],'
        b'"web":["up",240,"retried:refused"]}}\n'
    )


def test_details_are_written_only_where_they_may_be_public() -> None:
    """A detail appears for the named checks alone, cut to 200 characters, also when it holds half a character."""
    failed = [
        observation(check, None, "status:503", status=Status.DOWN, detail="\ud800" + "é" * 300)
        for check in ("open", "closed")
    ]

    results = json.loads(tick_line(tick(*failed), details={"open"}))["r"]

    assert results == {"open": ["down", None, "status:503", "?" + "é" * 199], "closed": ["down", None, "status:503"]}


def test_phases_are_written_for_what_is_not_plainly_up_and_for_what_is_due() -> None:
    """An hourly check and a failing one have phases, in the order dns, connect, tls, ttfb, body."""
    phases = Phases(dns=1, connect=2, tls=3, ttfb=4, body=5)
    seen = tick(
        observation("hourly", phases=phases),
        observation("plain", phases=phases),
        observation("failed", None, "refused", status=Status.DOWN, phases=Phases(dns=7)),
    )

    line = json.loads(tick_line(seen, phases={"hourly"}))

    assert line["p"] == {"hourly": [1, 2, 3, 4, 5], "failed": [7, None, None, None, None]}


@pytest.mark.parametrize(
    ("drift", "written"), [(0, False), (1000, False), (1001, True), (-1001, True)], ids=["none", "1 s", "over", "early"]
)
def test_drift_is_written_past_a_second(drift: int, written: bool) -> None:
    """`s` is the grid instant when the tick started more than a second away from it."""
    line = json.loads(tick_line(tick(observation("api"), t=T + drift)))

    assert line.get("s") == (T if written else None)


def test_canaries_and_captured_numbers_are_kept_and_t_is_first() -> None:
    """Everything else of a tick follows the results."""
    seen = tick(observation("api", captured={"connections": 7, "rate": 0.5}), canaries=(1, 3), t=T + 5000)

    line = json.loads(tick_line(seen))

    assert list(line) == ["t", "r", "s", "c", "x"]
    assert (line["c"], line["x"]) == ([1, 3], {"api": {"connections": 7, "rate": 0.5}})


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    """JSON has no NaN: the error names the check and the number."""
    with pytest.raises(LedgerError, match=r"api at 2026-11-21T02:06:00\.000Z: load is (nan|inf)"):
        tick_line(tick(observation("api", captured={"load": number})))


def test_every_line_that_is_written_is_read_back_whole(tmp_path: Path) -> None:
    """The reader finds no fault with anything the writer writes."""
    everything = tick(
        observation("a"),
        observation("b", None),
        observation("c", 5, "slow", status=Status.DEGRADED, detail='{"t":1}\n', phases=Phases(dns=1)),
        observation("d", None, "probe_offline:refused", status=Status.UNKNOWN, captured={"n": 10**30, "f": -1.5}),
        canaries=(0, 3),
        scheduled_at=T - 60_000,
    )

    rows, damage = read(tmp_path, tick_line(everything, details={"c"}))

    assert damage == []
    assert rows[0]["r"] == {
        "a": 123,
        "b": ["up", None, None],
        "c": ["degraded", 5, "slow", '{"t":1}\n'],
        "d": ["unknown", None, "probe_offline:refused"],
    }


def test_the_worked_line_of_the_documentation_is_a_line(tmp_path: Path) -> None:
    """docs/ledger.md shows what the reader takes without a fault."""
    page = Path(__file__).parents[1] / "docs" / "ledger.md"
    (line,) = (line for line in page.read_bytes().splitlines() if line.startswith(b'{"t":'))

    rows, damage = read(tmp_path, line + b"\n")

    assert (rows[0]["t"], list(rows[0]["r"])) == (T, ["api_health", "docs_site", "web"])
    assert damage == []


# --- append -------------------------------------------------------------------------------------


def test_append_makes_the_folders_and_keeps_what_is_there(tmp_path: Path) -> None:
    """Lines follow each other."""
    path = tmp_path / "history" / FILE

    append(path, [row(0, api=1)])
    append(path, [row(1, api=2), row(2, api=3)])

    assert path.read_bytes() == row(0, api=1) + row(1, api=2) + row(2, api=3)


def test_nothing_to_append_makes_no_file(tmp_path: Path) -> None:
    """A run in which nothing was due leaves no trace."""
    append(tmp_path / FILE, [])

    assert list(tmp_path.iterdir()) == []


def test_append_closes_a_torn_line_first(tmp_path: Path) -> None:
    """What a killed process left behind costs its own line only."""
    path = tmp_path / "history" / FILE
    append(path, [row(0, api=1), row(1, api=2)[:20]])

    append(path, [row(2, api=3)])

    rows, damage = read_lines(path, root=tmp_path / "history")
    assert [found["r"]["api"] for found in rows] == [1, 3]
    assert [(one.file, one.line) for one in damage] == [(f"history/{FILE}", 2)]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where a folder should be, as a read-only disk would, ends in one message that names the file."""
    (tmp_path / "history").write_text("in the way")

    with pytest.raises(LedgerError, match=r"eu-1121\.jsonl: could not append 1 line\(s\): Not a directory; nothing"):
        append(tmp_path / "history" / FILE, [row(0, api=1)])


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    """Writing and reading both say so, and reading goes on."""
    path = tmp_path / "history" / FILE
    path.mkdir(parents=True)

    with pytest.raises(LedgerError, match="Is a directory"):
        append(path, [row(0, api=1)])
    assert raw_files(tmp_path / "history") == ([path], [])
    assert read_lines(path, root=tmp_path / "history") == (
        [],
        [Damage(f"history/{FILE}", 0, "could not be read: Is a directory")],
    )


FULL_DISK = """
import resource, sys
from pathlib import Path
from statusledger.errors import LedgerError
from statusledger.history import append

path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, path.stat().st_size + 10))
try:
    append(path, [b'{"t":1795226820000,"r":{"api":2}}\\n'])
except LedgerError as error:
    print(error)
"""


@pytest.mark.parametrize("tail", [b"", row(9, api=9)[:12]], ids=["whole", "torn"])
def test_a_full_disk_loses_nothing_and_leaves_nothing_half_written(tmp_path: Path, tail: bytes) -> None:
    """When only part of a line fits, the file is cut back to what it was."""
    path = tmp_path / FILE
    append(path, [row(0, api=1), tail])
    before = path.read_bytes()

    ran = subprocess.run([sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=True)

    assert f"{path}: could not append 1 line(s): File too large; nothing of them was recorded" in ran.stdout
    assert path.read_bytes() == before


def test_concurrent_appends_never_mix_their_lines(tmp_path: Path) -> None:
    """Four processes that append to one file leave every line whole."""
    path = tmp_path / "history" / FILE
    program = (
        "import sys; from pathlib import Path; from statusledger.history import append\n"
        'for n in range(50): append(Path(sys.argv[1]), [b\'{"t":1795226760000,"r":{"w%s":%d}}\\n\''
        " % (sys.argv[2].encode(), n)])"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, path, str(number)]) for number in range(4)]

    codes = [writer.wait(timeout=60) for writer in writers]

    rows, damage = read_lines(path, root=tmp_path / "history")
    assert (codes, damage) == ([0, 0, 0, 0], [])
    assert sorted((check, n) for found in rows for check, n in found["r"].items()) == [
        (f"w{number}", n) for number in range(4) for n in range(50)
    ]


# --- joining ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "lines", "expected"),
    [
        pytest.param(b"", [b"a\n"], b"a\n", id="new file"),
        pytest.param(b"a\n", [b"a\n", b"b\n"], b"a\nb\n", id="only what is absent"),
        pytest.param(b"a\n", [b"b\n", b"b\n"], b"a\nb\n", id="once"),
        pytest.param(b"a\n{", [b"b\n"], b"a\n{\nb\n", id="torn line closed"),
        pytest.param(b"a\n{", [b"{\n", b"b\n"], b"a\n{\nb\n", id="torn line closed there and here"),
        pytest.param(b"a\n{", [], b"a\n{", id="nothing to add"),
    ],
)
def test_extended_adds_absent_lines_at_the_end(published: bytes, lines: list[bytes], expected: bytes) -> None:
    """What was published stays the beginning, byte for byte."""
    assert extended(published, lines) == expected


def test_complete_lines_leaves_out_what_is_torn_or_empty() -> None:
    """Only what ends in a newline may be published."""
    assert complete_lines(b"a\n\nb\r\n{") == [b"a\n", b"b\r\n"]


@pytest.mark.parametrize(
    ("own", "published", "expected"),
    [
        pytest.param(b"a\nc\n", b"a\nb\nc\n", b"a\nb\nc\n", id="takes over"),
        pytest.param(b"a\nc\nd\n", b"a\nb\nc\n", b"a\nb\nc\nd\n", id="keeps what is newer"),
        pytest.param(b"a\nc\n{to", b"a\nb\nc\n", b"a\nb\nc\n{to", id="keeps a line being torn"),
        pytest.param(b"a\nb\nc\n{", b"a\nb\n", b"a\nb\nc\n{", id="has it all"),
        pytest.param(b"a\n{", b"a\n{", b"a\n{", id="torn in both"),
        pytest.param(b"a\nknown\nc\n", b"a\nc\n", b"a\nc\n", id="gives up what was mended"),
    ],
)
def test_catching_up_loses_no_line_of_either_side(
    tmp_path: Path, own: bytes, published: bytes, expected: bytes
) -> None:
    """The file becomes what was published plus its own newer lines, and nothing else is left beside it."""
    path = tmp_path / "eu-1121.jsonl"
    path.write_bytes(own)
    path.chmod(0o640)

    catch_up(path, published, known={b"known\n"})

    assert path.read_bytes() == expected
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_an_append_survives_a_file_that_is_replaced_meanwhile(tmp_path: Path) -> None:
    """One thread appends, another catches up with a remote that has two lines now in this order, now in that."""
    path = tmp_path / FILE
    append(path, [b"a\n"])
    own = [b"%d\n" % number for number in range(60)]

    def appends() -> None:
        for one in own:
            append(path, [one])

    thread = Thread(target=appends)
    thread.start()
    while thread.is_alive():
        catch_up(path, b"a\nb\n")
        catch_up(path, b"b\na\n")
    thread.join()

    assert sorted(complete_lines(path.read_bytes())) == sorted([*own, b"a\n", b"b\n"])


# --- damage -------------------------------------------------------------------------------------

GOOD = row(1, api=7)


@pytest.mark.parametrize(
    ("line", "kept", "reason"),
    [
        pytest.param(b'{"t":179522', [], "torn or glued, 0 row(s) of it read", id="torn"),
        pytest.param(b'{"t":179522' + GOOD[:-1], [{"api": 7}], "torn or glued, 1 row(s)", id="torn and glued"),
        pytest.param(GOOD[:-1] * 2, [{"api": 7}] * 2, "torn or glued, 2 row(s)", id="two rows on a line"),
        pytest.param(GOOD[9:-1] + GOOD[:-1], [{"api": 7}], "torn or glued, 1 row(s)", id="head lost"),
        pytest.param(
            b'{"t":1795226760000,"r":{"a":' + GOOD[:-1] + b"}}",
            [{}, {"api": 7}],
            "a: an object, expected whole ms",
            id="a faulty row swallowed a good one",
        ),
        pytest.param(GOOD[:-1] + b"\0" * 9, [{"api": 7}], "NUL bytes", id="NUL tail"),
        pytest.param(b"\0" * 9, [], "only NUL bytes", id="only NUL"),
        pytest.param(b"", [], "an empty line", id="empty"),
        pytest.param(b"\xff\xfe" + GOOD[:-1], [{"api": 7}], "invalid UTF-8 at byte 1", id="invalid UTF-8 before"),
        pytest.param(
            row(0, api=7, a_b=1)[:-1].replace(b"_", b"\xe9"), [{"api": 7}], "is no check id", id="bad bytes in id"
        ),
        pytest.param(
            b'{"t":1795226760000,"r":{"api":["down",1,"x","\xff"]}}',
            [{"api": ["down", 1, "x", "\ufffd"]}],
            "invalid UTF-8 at byte 46",
            id="bad bytes in detail",
        ),
        pytest.param(row(0, a=1, b=["dwon", 1, "x"])[:-1], [{"a": 1}], 'b: "dwon" is no status', id="unknown status"),
        pytest.param(row(0, a=1, b=-1)[:-1], [{"a": 1}], "b: -1 is no response time", id="negative ms"),
        pytest.param(
            row(0, a=1, b=["up", -1, "x"])[:-1], [{"a": 1}], "b: -1 is no response time", id="negative ms in list"
        ),
        pytest.param(row(0, a=1, b=86_400_001)[:-1], [{"a": 1}], "b: 86400001 is no response", id="longer than a day"),
        pytest.param(row(0, a=1, b=10**30)[:-1], [{"a": 1}], "b: 1000000000", id="beyond any integer"),
        pytest.param(row(0, a=1, b=1.5)[:-1], [{"a": 1}], "b: 1.5, expected whole ms", id="fraction"),
        pytest.param(row(0, a=1, b=True)[:-1], [{"a": 1}], "b: true, expected whole ms", id="true"),
        pytest.param(row(0, a=1, b=["down", True, "x"])[:-1], [{"a": 1}], "b: true is no response", id="true in list"),
        pytest.param(row(0, a=1, b=None)[:-1], [{"a": 1}], "b: missing, expected", id="null"),
        pytest.param(row(0, a=1, b=math.nan)[:-1], [{"a": 1}], "b: NaN, expected whole ms", id="NaN"),
        pytest.param(row(0, a=1, b=["down", 1])[:-1], [{"a": 1}], "b: a list, expected", id="short list"),
        pytest.param(row(0, a=1, b=["down", 1, 5])[:-1], [{"a": 1}], "b: 5 is no error code", id="code is a number"),
        pytest.param(
            row(0, a=1, b=["down", 1, "x", 5])[:-1], [{"a": 1}], "b: a list is no detail", id="detail is a number"
        ),
        pytest.param(
            row(0, a=1, b=[["down"], 1, "x"])[:-1], [{"a": 1}], "b: a list is no status", id="status is a list"
        ),
        pytest.param(b'{"t":true,"r":{"a":1}}', [], '"t" is true, expected epoch', id="t is true"),
        pytest.param(b'{"t":1795226760000.5,"r":{"a":1}}', [], '"t" is 1795226760000.5', id="t is a fraction"),
        pytest.param(b'{"t":"1795226760000","r":{"a":1}}', [], '"t" is "1795226760000"', id="t is text"),
        pytest.param(b'{"t":1795226760,"r":{"a":1}}', [], '"t" is 1795226760,', id="seconds, so before 2000"),
        pytest.param(b'{"t":946684799999,"r":{"a":1}}', [], '"t" is 946684799999', id="just before 2000"),
        pytest.param(b'{"t":253402300800000,"r":{"a":1}}', [], '"t" is 253402300800000', id="year 10000"),
        pytest.param(b'{"t":1795226760000}', [], '"r" is missing', id="no results"),
        pytest.param(b'{"t":1795226760000,"r":[1]}', [], '"r" is a list', id="results are a list"),
        pytest.param(b'{"t":1795226760000,"r":{"a":1},"v":2}', [], "format 2 is not known here", id="newer format"),
        pytest.param(b'{"t":1795226760000,"r":{"a":1},"p":7}', [{"a": 1}], '"p" is 7, left out', id="phases"),
        pytest.param(b'{"t":1795226760000,"r":{"a":1},"c":[1]}', [{"a": 1}], '"c" is a list, left out', id="canaries"),
        pytest.param(b'{"t":1795226760000,"r":{"a":1},"s":7}', [{"a": 1}], '"s" is 7, left out', id="grid instant"),
        pytest.param(b'{"t":1795226760000,"r":{"a":1},"x":{"a":7}}', [{"a": 1}], '"x" is an object', id="captured"),
        pytest.param(b'["down"]', [], "torn or glued, 0 row(s)", id="not an object"),
        pytest.param(b'{"t":1795226760000,"r":' + b"[" * 5000 + b"]" * 5000 + b"}", [], "torn or", id="too deep"),
        pytest.param(
            b'{"t":1795226760000,"r":{"a":["down",1,"x","\\ud800"]}}',
            [{"a": ["down", 1, "x", "\ud800"]}],
            "not strict JSON",
            id="half a character",
        ),
    ],
)
def test_a_damaged_line_keeps_what_parses_and_is_reported(
    tmp_path: Path, line: bytes, kept: list[dict[str, object]], reason: str
) -> None:
    """Whatever happened to a line, its neighbours and its intact parts are read and its number and reason are told."""
    rows, damage = read(tmp_path, GOOD + line + b"\n" + GOOD)

    assert [found["r"] for found in rows] == [{"api": 7}, *kept, {"api": 7}]
    assert [(one.file, one.line) for one in damage] == [(f"history/{FILE}", 2)]
    assert reason in damage[0].reason


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"t":1795226760000,"r":{"api":7},"future":[1],"v":1}', id="unknown key"),
        pytest.param(b'{ "r": {"api": 7}, "t": 1795226760000 }\r', id="other spelling of JSON"),
        pytest.param(b'{"t":946684800000,"r":{"api":7}}', id="first instant of 2000"),
        pytest.param(
            b'{"t":1795226760000,"r":{"api":7},"p":{"api":[1,null,3,4,5]},"c":[3,3],"x":{"api":{"t":5}}}', id="all keys"
        ),
    ],
)
def test_a_line_that_only_looks_unusual_is_no_damage(tmp_path: Path, line: bytes) -> None:
    """Readers take what they know and leave the rest alone."""
    rows, damage = read(tmp_path, line + b"\n")

    assert [found["r"] for found in rows] == [{"api": 7}]
    assert damage == []


def test_a_last_line_without_newline_is_whole(tmp_path: Path) -> None:
    """A file that somebody saved without a final newline has lost nothing."""
    rows, damage = read(tmp_path, GOOD + GOOD.strip())

    assert (len(rows), damage) == (2, [])


# Each kind of damage: a line and a place in it -> what is left; what loses its newline is glued to the next one.
# Two torn rows are never spliced: where they fit, that is a row, and no reader could tell.
DAMAGE: dict[str, Callable[[bytes, int], bytes]] = {
    "none": lambda line, _: line,
    "repeat": lambda line, _: line + line,
    "cut": lambda line, at: line[:at] + b"\n",
    "cut and glue": lambda line, at: line[:at],
    "lose head": lambda line, at: b"\n" + line[at:],
    "glue": lambda line, _: line[:-1],
    "flip": lambda line, at: line[:at] + bytes([line[at] ^ 0x80]) + line[at + 1 :],
    "NUL": lambda line, at: line[:at] + b"\0" + line[at + 1 :],
    "NUL tail": lambda line, at: line[:-1] + b"\0" * at + b"\n",
    "NUL line": lambda line, at: b"\0" * at + b"\n" + line,
}
INTACT_ROWS = {"none": 1, "repeat": 2, "glue": 1, "NUL tail": 1, "NUL line": 1}  # that each kind leaves of a line
RESULT = st.one_of(
    st.integers(0, 60_000),
    st.tuples(
        st.sampled_from(["up", "degraded", "down", "unknown"]),
        st.none() | st.integers(0, 60_000),
        st.sampled_from(["slow", "status:503", "retried:refused"]),
    ).map(list),
)
RESULTS = st.dictionaries(st.sampled_from(["api", "web", "docs_site", "db-1"]), RESULT, min_size=1)


@given(
    lines=st.lists(
        st.tuples(RESULTS, st.sampled_from(sorted(DAMAGE)), st.integers(0, 10_000)), min_size=1, max_size=12
    ),
    shuffled=st.randoms(use_true_random=False),
)
def test_any_damage_leaves_every_intact_row_and_is_reported_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[dict[str, object], str, int]], shuffled: Random
) -> None:
    """Cut, glued, flipped, zeroed, repeated and shuffled: intact rows are all read, damaged lines are all numbered."""
    written = [row(minute, **results) for minute, (results, _, _) in enumerate(lines)]
    original = {found["t"]: found for found in map(json.loads, written)}
    pieces = [(line, kind, 1 + at % (len(line) - 2)) for line, (_, kind, at) in zip(written, lines, strict=True)]
    shuffled.shuffle(pieces)
    content = b"".join(DAMAGE[kind](line, at) for line, kind, at in pieces)
    intact = [json.loads(line) for line, kind, _ in pieces for _ in range(INTACT_ROWS.get(kind, 0))]
    whole = {line.strip() for line in written}
    damaged = [number for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), 1) if line not in whole]

    rows, damage = read(tmp_path_factory.mktemp("damaged"), content)

    assert [found for found in rows if found in intact] == intact
    assert [one.line for one in damage] == damaged
    assert all(found["r"].items() <= original[found["t"]]["r"].items() for found in rows)
