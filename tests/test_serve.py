"""`statusledger serve`, as a program of its own: what a client sees before and after the files are changed."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import samples as s
from repository import STATUSLEDGER, Repository

NOW = "2026-04-01T01:00:00Z"
TAG = re.compile(rb'<script src="/-/(reload\.js\?since=(\d+))" defer></script>')


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one component that was measured for an hour; its page will be in a sub-path."""
    made = Repository(tmp_path_factory.mktemp("serve")).checks().rows({"eu": s.grid(4, 5)})
    checks = made.root / "checks.yml"
    checks.write_text(checks.read_text().replace("acme.example", "acme.example/status", 1))
    return made.root


@pytest.fixture(scope="module")
def running(root: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """The command, and a client of it; at the end it is interrupted as by Ctrl-C, and ends in order."""
    with serving(root) as (process, address), httpx.Client(base_url=address, timeout=30) as client:
        yield process, client


@contextmanager
def serving(root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command and its address; it is interrupted at the end, as by Ctrl-C, and ends in order."""
    command = [STATUSLEDGER, "--root", root, "serve", "--port", "0", "--now", NOW]
    with (root / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        assert "All systems operational" in process.stdout.readline()
        yield process, process.stdout.readline().partition(" ")[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_change_is_built_told_and_seen(root: Path, running: tuple[subprocess.Popen[str], httpx.Client]) -> None:
    """The page waits for the next build; a fault is shown instead of it and goes away when it is mended."""
    process, client = running
    checks = root / "checks.yml"
    good = checks.read_text()

    def after(text: str, build: str) -> tuple[httpx.Response, str]:
        """What the page is, and the number of its build, once checks.yml says this."""
        checks.write_text(text)
        assert client.get(f"-/changed.js?since={build}").text == "location.reload();"
        page = client.get("/")
        return page, TAG.search(page.content)[2].decode()

    first = client.get("/")
    tag = TAG.search(first.content)
    assert "changed.js" in client.get(f"-/{tag[1].decode()}").text
    renamed, build = after(good.replace("Acme Status", "Other Status"), tag[2].decode())
    broken, build = after(good.replace("timeout: 5s", "timeout: 5x"), build)
    mended, build = after(good, build)
    told = [process.stdout.readline().strip() for _ in range(5)]

    assert TAG.sub(b"", first.content) == TAG.sub(b"", mended.content) == (root / "_site/index.html").read_bytes()
    assert "Other Status" in renamed.text
    assert (broken.status_code, "defaults.timeout: &quot;5x&quot;" in broken.text) == (500, True)
    assert 'defaults.timeout: "5x"' in (root / "log").read_text()
    assert [line for line in told if line.startswith("changed")] == ["changed: checks.yml"] * 3


def test_the_site_is_served_as_it_is(root: Path, running: tuple[subprocess.Popen[str], httpx.Client]) -> None:
    """Files byte for byte, wrong addresses with the page for them, page.url's own path understood, nothing cached."""
    _, client = running

    sheet, missing, deep = (client.get(path) for path in ("status/static/page.css", "status/nowhere", "components"))
    there = client.get("components/api/")

    assert sheet.content == (root / "_site/static/page.css").read_bytes()
    assert sheet.headers["cache-control"] == "no-store"
    assert (missing.status_code, "/status/static/page.css" in missing.text) == (404, True)
    assert (deep.status_code, there.status_code, bool(TAG.search(there.content))) == (301, 200, True)


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """Exit 2, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ran = Repository(tmp_path).checks().run("serve", "--port", port, "--now", NOW)

    assert ran.code == 2
    assert f"--port {port}: Address already in use; choose another port" in ran.err
