"""Sealed lines: what the library writes the age tool reads, and the other way round; what cannot be opened is told."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path

import pyrage  # type: ignore[import-untyped]
import pytest
from database_servers import program
from hypothesis import given
from hypothesis import strategies as st

from statusledger.errors import UsageError
from statusledger.history.files import append
from statusledger.history.reading import read_file, read_lines
from statusledger.sealed import NotOpened, guard, is_sealed, opener, opener_of, seal
from statusledger.secrets import Secrets

OURS, OTHERS = (pyrage.x25519.Identity.generate() for _ in range(2))
RECIPIENTS = [str(OURS.to_public())]
OPEN = opener(str(OURS))
LINE = b'{"t":1795226760000,"r":{"api":123}}\n'
ROW = {"t": 1795226760000, "r": {"api": 123}}


def raw_file(tmp_path: Path, *lines: bytes) -> Path:
    """A raw file of these lines, in the sealed part of a history folder."""
    path = tmp_path / "history" / "raw" / "2026" / "eu-1121.jsonl"
    append(path, lines)
    return path


# --- one line -----------------------------------------------------------------------------------


def test_a_line_is_one_line_of_base64_and_opens_to_the_same_bytes() -> None:
    """Nothing of the line shows, and nothing of it is lost."""
    sealed = seal(LINE, RECIPIENTS)

    assert is_sealed(sealed)
    assert (sealed.count(b"\n"), sealed[-1:], b"api" in b64decode(sealed)) == (1, b"\n", False)
    assert OPEN(sealed) == LINE


def test_each_recipient_opens_it() -> None:
    """Two operators need not share a key."""
    sealed = seal(LINE, [*RECIPIENTS, str(OTHERS.to_public())])

    assert OPEN(sealed) == opener(str(OTHERS))(sealed) == LINE


@pytest.mark.service
def test_the_age_tool_opens_what_is_sealed_here(tmp_path: Path) -> None:
    """`base64 -d | age -d -i KEY` prints the line."""
    key = tmp_path / "key.txt"
    key.write_text(f"# created: today\n{OURS}\n")

    opened = subprocess.run(
        [program("age", "age"), "-d", "-i", key],
        input=b64decode(seal(LINE, RECIPIENTS)),
        capture_output=True,
        check=True,
    )
    assert opened.stdout == LINE


@pytest.mark.service
def test_lines_of_the_age_tool_are_read(tmp_path: Path) -> None:
    """`age -r … | base64 -w0`, with a key of age-keygen, beside a plain line."""
    made = subprocess.run([program("age-keygen", "age")], capture_output=True, text=True, check=True).stdout
    recipient = next(line for line in made.splitlines() if line.startswith("# public key: ")).split()[-1]
    encrypted = subprocess.run(
        [program("age", "age"), "-r", recipient], input=LINE, capture_output=True, check=True
    ).stdout
    path = raw_file(tmp_path, b64encode(encrypted) + b"\n", LINE)

    assert read_lines(path, root=tmp_path / "history", open_line=opener(made)) == ([ROW, ROW], [])


def test_an_opener_can_go_to_another_process() -> None:
    """Files are read by a pool; the identity does not show where an opener is printed."""
    opened = pickle.loads(pickle.dumps(OPEN))(seal(LINE, RECIPIENTS))  # noqa: S301 - it was pickled here

    assert opened == LINE
    assert str(OURS) not in repr(OPEN)


# --- who may write ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipients", "plain", "sealed"),
    [(RECIPIENTS, False, True), (RECIPIENTS, True, True), ([], True, False)],
    ids=["recipients", "both", "plain"],
)
def test_private_lines_are_kept_as_the_configuration_says(recipients: list[str], plain: bool, sealed: bool) -> None:
    """With recipients they are sealed, also in a repository that is private."""
    keep = guard(recipients, plain=plain)

    assert keep is not None
    assert is_sealed(keep(LINE)) == sealed
    assert sealed or keep(LINE) == LINE


def test_without_recipients_nothing_private_is_kept() -> None:
    """A public repository has no place for a plain private line."""
    assert guard([], plain=False) is None


@pytest.mark.parametrize(
    ("recipients", "said"),
    [
        ([], "private.recipients is empty"),
        (["age1xyz"], 'private.recipients: "age1xyz" is no age recipient'),
        ([*RECIPIENTS, RECIPIENTS[0][:-1]], "is no age recipient"),
    ],
    ids=["none", "made up", "cut"],
)
def test_a_recipient_that_is_none_is_refused(recipients: list[str], said: str) -> None:
    """It is quoted, because it is public, and told what is expected."""
    with pytest.raises(UsageError, match=said):
        seal(LINE, recipients)


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "secret-key", str(OURS)[:-1]], ids=["empty", "comment", "word", "cut"]
)
def test_an_identity_that_is_none_is_refused_and_not_quoted(text: str) -> None:
    """What was pasted wrongly may be a part of the key."""
    with pytest.raises(UsageError, match=r"STATUSLEDGER_IDENTITY: line 1 is no age identity") as refused:
        opener(text)

    assert not text or text not in str(refused.value)


def test_the_identity_of_the_environment_is_masked() -> None:
    """From the moment it is read no text shows it, in any spelling that secrets have."""
    secrets = Secrets({})
    open_line = opener_of({"STATUSLEDGER_IDENTITY": f"# public key: x\n{OURS}\n"}, secrets.hide)

    assert open_line is not None
    assert open_line(seal(LINE, RECIPIENTS)) == LINE
    assert secrets.mask(f"key {OURS}, {b64encode(str(OURS).encode()).decode()}") == "key ***, ***"


@pytest.mark.parametrize("environ", [{}, {"STATUSLEDGER_IDENTITY": ""}], ids=["absent", "empty"])
def test_no_identity_opens_nothing(environ: dict[str, str]) -> None:
    """CI passes a secret that it does not have as an empty one."""
    assert opener_of(environ, Secrets({}).hide) is None


def test_a_missing_library_says_what_to_install() -> None:
    """Only who seals or opens needs it; the module itself loads without it."""
    program_text = (
        "import sys; sys.modules['pyrage'] = None\n"
        "from statusledger.sealed import seal\n"
        "try: seal(b'{}', ['age1x'])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )

    ran = subprocess.run([sys.executable, "-c", program_text], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("UsageError private lines need pyrage")
    assert 'pip install "statusledger[sealed]"' in ran.stdout


# --- files --------------------------------------------------------------------------------------


def test_a_file_may_hold_both_kinds(tmp_path: Path) -> None:
    """Plain lines stay readable after recipients were added."""
    path = raw_file(tmp_path, LINE, seal(LINE, RECIPIENTS), LINE)

    assert read_file(path, root=tmp_path / "history", open_line=OPEN) == ([ROW] * 3, [], [], 0)


def test_without_an_identity_sealed_lines_are_counted(tmp_path: Path) -> None:
    """They are no damage: who has no key has nothing to mend."""
    path = raw_file(tmp_path, LINE, seal(LINE, RECIPIENTS), seal(LINE, RECIPIENTS))

    assert read_file(path, root=tmp_path / "history") == ([ROW], [], [], 2)


def test_a_plain_line_may_quote_a_sealed_one(tmp_path: Path) -> None:
    """What a target answers cannot make a row unreadable."""
    row = {"t": 1795226760000, "r": {"api": ["down", 9, "assertion", f"found {seal(LINE, RECIPIENTS)[:-1]!r}"]}}
    path = raw_file(tmp_path, json.dumps(row).encode() + b"\n")

    for open_line in (None, OPEN):
        assert read_file(path, root=tmp_path / "history", open_line=open_line) == ([row], [], [], 0)


SEALED = seal(LINE, RECIPIENTS)
DAMAGE = {
    "for another": (seal(LINE, [str(OTHERS.to_public())]), 0, "not sealed for this identity"),
    "cut": (SEALED[:-40] + b"\n", 0, "cut or changed"),
    "no base64": (SEALED[:60] + b"!" + SEALED[60:], 0, "glued to another; a sealed line that cannot be opened"),
    "flipped": (SEALED[:-9] + (b"A" if SEALED[-9:-8] != b"A" else b"B") + SEALED[-8:], 0, "cut or changed"),
    "glued whole": (SEALED[:-1] + SEALED, 2, "glued to another"),
    "torn and glued": (SEALED[:200] + SEALED, 1, "glued to another; a sealed line that"),
    "glued to a plain one": (SEALED[:-1] + LINE, 2, "glued to another"),
    "behind a torn plain one": (LINE[:20] + SEALED, 1, "glued to another"),
    "no row inside": (seal(b"hello", RECIPIENTS), 0, "not strict JSON|torn"),
}


@pytest.mark.parametrize(("line", "read", "said"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_told_and_every_intact_row_is_read(tmp_path: Path, line: bytes, read: int, said: str) -> None:
    """File, line and reason; the lines around it count."""
    path = raw_file(tmp_path, SEALED, line, LINE)

    rows, damage = read_lines(path, root=tmp_path / "history", open_line=OPEN)
    assert rows == [ROW] * (read + 2)
    assert {(one.file, one.line) for one in damage} == {("history/raw/2026/eu-1121.jsonl", 2)}
    assert re.search(said, damage[0].reason)


@given(data=st.binary(max_size=400), at=st.integers(0, len(b64decode(SEALED))), cut=st.integers(0, 60))
def test_no_damage_is_fatal(data: bytes, at: int, cut: int) -> None:
    """Whatever stands in a sealed line, it opens to its line or says why not."""
    encrypted = b64decode(SEALED)
    damaged = encrypted[:at] + data + encrypted[at + cut :]

    try:
        opened = OPEN(b64encode(damaged))
    except NotOpened as error:
        assert str(error).startswith("a sealed line that cannot be opened")
    else:
        assert (opened, damaged) == (LINE, encrypted)
