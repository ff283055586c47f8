"""A real disk of a few kilobytes that fills up, and places that may only be read: earlier rows stay, the path is told.

The disks are mounted in a mount namespace of their own, so no administrator is needed and nothing stays behind.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from disk_programs import row

PROGRAMS = Path(__file__).with_name("disk_programs.py")
FILE = "history/raw/2026/eu-1121.jsonl"
SMALL = 'mount -t tmpfs -o size={} tmpfs "$1"'
READ_ONLY = {  # with what is in the folder `ledger` beside it
    "file system": 'mount -t tmpfs tmpfs "$1"; cp -a "$1/../ledger/." "$1"; mount -o remount,ro "$1"',
    "folder": 'mount --bind "$1/../ledger" "$1"; mount -o remount,bind,ro "$1"',
}


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """The folder that the disk is mounted on."""
    if not shutil.which("unshare") or namespace("true", tmp_path).returncode:
        pytest.skip("mount namespaces are not allowed here, so no small or read-only disk can be mounted")
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def namespace(script: str, folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """What the command says in a namespace in which the script has mounted something on the folder."""
    shell = ["sh", "-ec", f'{script}; shift; "$@"', "sh", str(folder)]
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", *shell, *map(str, command or ["true"])],
        env={**os.environ, "HOME": str(folder.parent), "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def on_disk(mount: str, program: str, folder: Path) -> dict[str, Any]:
    """What a program of disk_programs.py met."""
    ran = namespace(mount, folder, sys.executable, PROGRAMS, program, folder)
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def test_a_disk_that_fills_up_keeps_every_row_and_no_half_one(disk: Path) -> None:
    """The first row that does not fit is refused with the file's name; after room was made, the file goes on whole."""
    met = on_disk(SMALL.format("64k"), "appending", disk)

    assert met["written"] > 5
    assert met["said"] == (
        f"LedgerError: {disk / FILE}: could not append 1 line(s): No space left on device; nothing of them was recorded"
        " and earlier lines are as they were; free space or make the place writable, then run again"
    )
    assert str(disk / "history/raw/2026/eu-1122.jsonl") in met["next day"]
    assert (met["as it was"], met["rows"], met["damage"]) == (True, True, 0)


def test_catching_up_on_a_full_disk_changes_nothing_and_leaves_nothing_beside(disk: Path) -> None:
    """The file that was to take its place is gone again."""
    met = on_disk(SMALL.format("64k"), "catching_up", disk)

    assert met == {"said": "No space left on device", "as it was": True, "beside": ["eu-1121.jsonl"]}


def test_publishing_on_a_full_disk_leaves_the_rows_for_the_next_time(disk: Path) -> None:
    """Git's own words are told; with room again the same rows are committed."""
    met = on_disk(SMALL.format("1m"), "publishing", disk)

    assert met["said"].startswith(
        f"PublishError: {disk}: history could not be committed; its lines stay in their files"
    )
    assert "No space left on device" in met["said"]
    assert (met["as it was"], met["log"], met["published"]) == (True, ["third", "first"], True)


@pytest.mark.parametrize("kind", READ_ONLY)
def test_a_place_that_may_only_be_read_is_named_and_still_read(disk: Path, kind: str) -> None:
    """Existing files, new days and new years are refused with their path; what is there can be read."""
    ledger = disk.parent / "ledger"
    (ledger / FILE).parent.mkdir(parents=True)
    (ledger / FILE).write_bytes(row(0))
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=ledger, check=True)

    met = on_disk(READ_ONLY[kind], "read_only", disk)

    for key, name in {"append": "2026/eu-1121", "next day": "2026/eu-1122", "next year": "2027/eu-1121"}.items():
        assert met[key].startswith(f"LedgerError: {disk}/history/raw/{name}.jsonl: could not append 1 line(s): "), key
        assert "Read-only file system" in met[key]
    assert met["publish"].startswith(f"PublishError: {disk}: history could not be committed")
    assert "ead-only file system" in met["publish"]
    assert (met["rows"], met["damage"]) == (1, 0)
