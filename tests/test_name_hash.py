"""Location codes that a repack confuses: git's own hash, how many files share one, and what to write instead."""

from __future__ import annotations

import os
import struct
import subprocess
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusledger.clock import parse_instant
from statusledger.history import raw_path
from statusledger.history.name_hash import MOST_FILES, Crowd, crowded, name_hash

CHECKSUM_BYTES = 20
PATHS = ["a", "history/raw/2026/eu-1121.jsonl", "history/raw/2026/eu-fra.2-0101.jsonl", "x y/tab\there", "größe.txt"]
CODES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=2, max_size=8)


def hashes_by_git(folder: Path, paths: list[str]) -> dict[str, int]:
    """Path -> the hash that git itself keeps in the hash cache at the end of a pack's bitmap, in the index's order."""
    surroundings = {
        **os.environ,
        "HOME": str(folder),
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
    }

    def git(*arguments: str, stdin: bytes | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, input=stdin, env=surroundings, capture_output=True, check=True
        )
        return done.stdout.decode()

    git("init", "--quiet")
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    git("add", ".")
    git("-c", "user.name=Pat", "-c", "user.email=pat@example.org", "commit", "--quiet", "-m", "Paths")
    git("-c", "pack.writeBitmapHashCache=true", "repack", "-adbq")
    (index,) = (folder / ".git" / "objects" / "pack").glob("*.idx")
    names = [row.split()[1] for row in git("show-index", stdin=index.read_bytes()).splitlines()]
    cache = index.with_suffix(".bitmap").read_bytes()[-4 * len(names) - CHECKSUM_BYTES : -CHECKSUM_BYTES]
    by_name = dict(zip(names, struct.unpack(f">{len(names)}I", cache), strict=True))
    return {path: by_name[git("rev-parse", f"HEAD:{path}").strip()] for path in paths}


def test_the_hash_is_git_s(tmp_path: Path) -> None:
    """What git writes into its bitmap of a pack is what is computed here, blanks and letters beyond ASCII included."""
    assert {path: name_hash(path) for path in PATHS} == hashes_by_git(tmp_path, PATHS)


@pytest.mark.parametrize(
    ("locations", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param(["eu"], None, id="one"),
        pytest.param(["eu", "us"], None, id="the usual two"),
        pytest.param(
            ["fra", "lon", "nyc", "sfo", "tok", "sin", "sao", "jnb", "syd", "dxb", "tor", "bom"], None, id="12"
        ),
        pytest.param([f"eu.{shard}" for shard in range(1, 9)], None, id="8 shards of one location"),
        pytest.param(
            ["eu-west-1", "eu-west-2", "us-east-1", "us-east-2"],
            Crowd(6, {"us-east-1": "us-east-10", "us-east-2": "us-east-20"}),
            id="codes that end alike",
        ),
    ],
)
def test_codes_whose_files_share_a_hash_are_told_with_better_ones(locations: list[str], expected: Crowd | None) -> None:
    """Most codes may stay; the first of those that do not go together keeps its name."""
    assert crowded(locations, 2026) == expected


def test_more_locations_than_there_are_hashes_get_no_false_promise() -> None:
    """Where nothing similar fits any more, a code has no replacement; those that have one are still told."""
    locations = [f"l{number}" for number in range(150)]

    crowd = crowded(locations, 2026)

    assert crowd is not None
    assert crowd.files > MOST_FILES
    assert 0 < len(crowd.instead) < 150


@given(st.lists(CODES, unique=True, max_size=12), st.integers(2000, 2099))
@settings(max_examples=20)
def test_the_count_is_that_of_all_files_of_a_year_and_replacements_cure_it(locations: list[str], year: int) -> None:
    """Every path of every day is hashed one by one, with the codes as they are and as they should be."""
    crowd = crowded(locations, year)
    better = [crowd.instead.get(code, code) for code in locations] if crowd else locations

    files = most_alike(locations, year)
    assert crowd.files == files > MOST_FILES if crowd else files <= MOST_FILES
    assert most_alike(better, year) <= MOST_FILES
    assert len(set(better)) == len(locations)


def most_alike(locations: list[str], year: int) -> int:
    """How many paths of that year, the 29 February included, share a hash."""
    days = [date(2028, 1, 1) + timedelta(days=day) for day in range(366)]
    paths = [f"history/raw/{year}/{location}-{day:%m%d}.jsonl" for location in locations for day in days]
    return max(Counter(map(name_hash, paths)).values(), default=0)


def test_the_paths_are_those_of_the_ledger() -> None:
    """The layout that is hashed is the layout that is written."""
    path = raw_path(Path("history"), "eu", parse_instant("2026-11-21T02:06:00Z"))

    assert path.as_posix() == "history/raw/2026/eu-1121.jsonl"
