"""A real browser, and the built sites that it opens, served from loopback."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import every_state
from outputs import reports
from playwright.sync_api import Browser, Page, sync_playwright
from repository import Repository

# The two sites of the ledger with every state in it: what everybody sees, and what operators see.
BUILT = {"everything": "_site", "operators": "_private"}
Open = Callable[..., Page]


class Quiet(SimpleHTTPRequestHandler):
    """Static files without a line on the console for each."""

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; on a machine without one the tests say so, and CI fails.

    It is closed after its module, because while it is open its event loop keeps others from running in this process.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing = "no Chromium on PATH: install the package chromium"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with every state in it, built; the workers of one run share it."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "every-state"
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            every_state.lay(root)
            ran = Repository(root).run("build", "--now", every_state.NOW)
            assert ran.code == 0, ran.err
    return root


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """The folder of a state or of a built ledger, written when it is first asked for; the site lies in a sub-path."""
    root = tmp_path_factory.mktemp("sites")

    def folder(name: str) -> Path:
        site = root / name
        if name in BUILT and not site.exists():
            site.symlink_to(request.getfixturevalue("ledger") / BUILT[name])
        elif not site.exists():
            for path, content in reports.site(name).items():
                (site / path).parent.mkdir(parents=True, exist_ok=True)
                (site / path).write_bytes(content)
        return site

    return folder


@pytest.fixture(scope="session")
def address(sites: Callable[[str], Path]) -> Iterator[str]:
    """Where the folder of all sites is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(sites("operational").parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(browser: Browser, sites: Callable[[str], Path], address: str) -> Iterator[Open]:
    """Opens a page of a state without JavaScript unless told otherwise; whatever it complains of fails the test.

    `from_disk` opens it as a file; `seen_at` is what the visitor's clock says; other keywords go to the browser's
    context.
    """
    complaints: list[str] = []
    contexts = []

    def visit(
        name: str,
        path: str = "index.html",
        *,
        from_disk: bool = False,
        width: int = 1100,
        seen_at: int | None = None,
        **options: object,
    ) -> Page:
        site = sites(name)
        base = site.as_uri() if from_disk else f"{address}/{name}"
        context = browser.new_context(
            **{"java_script_enabled": False, "viewport": {"width": width, "height": 900}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on("request", lambda request: complaints.extend(_foreign(request.url, base)))
        if seen_at is not None:
            page.clock.install(time=seen_at / 1000)
        page.goto(f"{base}/{path}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def _foreign(url: str, base: str) -> list[str]:
    return [] if url.startswith((base, "data:")) else [f"foreign: {url}"]
