"""The only writer: whole files, nothing of anyone else's, and an earlier site that survives a failure."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from telling import Acme, run

from statusledger.errors import OutputError
from statusledger.outputs.write import MARK, Written, write

SITE = {PurePosixPath("index.html"): b"home", PurePosixPath("incidents/a/index.html"): b"a", MARK: b"{}"}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_gets_every_file(tmp_path):
    """Parents are made, contents are as given."""
    written = write(SITE, tmp_path / "deep" / "_site")

    assert written == Written(total=3, changed=3 - 1, removed=0)
    assert tree(tmp_path / "deep" / "_site") == {str(path): content for path, content in SITE.items()}


def test_an_unchanged_file_is_left_alone(tmp_path):
    """A build without news touches nothing, so hosts and caches see nothing new."""
    write(SITE, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    written = write(SITE, tmp_path)

    assert (written.changed, written.removed) == (0, 0)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_is_no_longer_built_is_removed(tmp_path):
    """A page that went away is gone, with its empty folder."""
    write(SITE, tmp_path)

    written = write({path: content for path, content in SITE.items() if "incidents" not in path.parts}, tmp_path)

    assert written.removed == 1
    assert not (tmp_path / "incidents").exists()


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    """A wrong --out never deletes a file that is not ours."""
    (tmp_path / "thesis.txt").write_text("three years of work")

    with pytest.raises(OutputError, match="not a site of ours"):
        write(SITE, tmp_path)

    assert tree(tmp_path) == {"thesis.txt": b"three years of work"}


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    """The message says what is wrong with --out."""
    (tmp_path / "out").write_text("")

    with pytest.raises(OutputError, match=r"out: is a file; --out takes a folder"):
        write(SITE, tmp_path / "out")


def test_a_full_disk_leaves_the_earlier_site_whole(tmp_path):
    """No file is half written, and the next try succeeds."""
    write(SITE, tmp_path)
    script = (
        "import sys; from pathlib import Path, PurePosixPath as P\n"
        "from statusledger.outputs.write import write, MARK\n"
        "from statusledger.errors import OutputError\n"
        "site = {P('index.html'): b'x' * 100_000, MARK: b'{}', P('incidents/a/index.html'): b'a'}\n"
        "try: write(site, Path(sys.argv[1]))\n"
        "except OutputError as error: print(error); sys.exit(error.exit_code)\n"
    )

    failed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: (resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)), ignore_size_signal()),
    )

    assert failed.returncode == 2, failed.stderr
    assert "the site is not complete" in failed.stdout
    assert tree(tmp_path) == {str(path): content for path, content in SITE.items()}


def ignore_size_signal() -> None:
    """A file that grows past the limit then fails with an error, as on a full disk, instead of a signal."""
    import signal  # noqa: PLC0415 - runs in the forked child only

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """A file where a parent folder should be cannot be written through, whoever runs the build."""
    (tmp_path / "parent").write_text("")

    with pytest.raises(OutputError, match="parent"):
        write(SITE, tmp_path / "parent" / "_site")


def test_published_files_can_be_read_by_a_web_server(tmp_path):
    """Temporary files are private; published ones are not."""
    write(SITE, tmp_path)

    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*") if path.is_file()} == {"0o644"}


def test_a_tick_rewrites_only_the_files_that_differ(tmp_path):
    """One of three components goes down: every other file is the same file as before, not a copy of it."""
    acme = Acme(tmp_path).measured(180, api="10-55")
    assert run(acme, "build", now="03:01").code == 0
    before = states(tmp_path / "_site")

    acme.measured(185, api="10-55 185-190")
    told = run(acme, "build", now="03:06").out
    after = states(tmp_path / "_site")

    rewritten = {name for name in before if before[name][0] != after[name][0]}
    assert rewritten == {name for name in before if before[name][1] != after[name][1]}
    assert f"{len(rewritten) + len(after.keys() - before.keys())} changed, 0 removed" in told
    assert {"index.html", "components/api/index.html", "api/v1/status.json"} <= rewritten
    untouched = before.keys() - rewritten
    assert {"static/page.css", "404.html", "robots.txt", "incidents/api-20261121T001000Z/index.html"} <= untouched


def states(site: Path) -> dict[str, tuple[tuple[int, int], bytes]]:
    """Inode and time of change, and content, of every file."""
    found = {path: path.stat() for path in site.rglob("*") if path.is_file()}
    return {
        path.relative_to(site).as_posix(): ((stat.st_ino, stat.st_mtime_ns), path.read_bytes())
        for path, stat in found.items()
    }
