"""The preview in a real browser: an open page is there anew after a build, and its own policy allows that."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from statusledger.cli.preview import Preview, server

pytestmark = pytest.mark.browser


def test_an_open_page_reloads_after_a_build(browser: Browser, sites: Callable[[str], Path], tmp_path: Path) -> None:
    """Also when the build failed and when it is mended; nothing is complained of."""
    site = tmp_path / "site"
    shutil.copytree(sites("operational"), site)
    preview, home = Preview(site), site / "index.html"
    complaints: list[str] = []

    with server(preview, 0) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"http://127.0.0.1:{served.server_port}/")
        heading = page.get_by_role("heading", level=1)
        first = heading.inner_text()
        home.write_text(home.read_text().replace(f"{first}</h1>", "Changed</h1>"))
        preview.built()
        expect(heading).to_have_text("Changed")
        preview.built(failure="checks.yml:4:28 <wrong>")
        expect(page.locator("pre")).to_have_text("checks.yml:4:28 <wrong>")
        preview.built()
        expect(heading).to_have_text("Changed")
        page.close()
        served.shutdown()

    assert [one for one in complaints if "500" not in one] == []
