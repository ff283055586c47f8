"""Nothing that stands in a file about an incident or in a component's name ever runs, wherever it is published."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
import pytest
from playwright.sync_api import Browser
from telling import Acme, run

from statusledger.incident_files.composing import escaped, quoted

PAYLOADS = (Path(__file__).parents[1] / "data" / "scripts.txt").read_text(encoding="utf-8").splitlines()
HIT = "window.hits = []; for (const name of ['alert', 'confirm']) window[name] = () => window.hits.push(name);"
PAGES = (
    "index.html",
    "incidents/2026-11-21-scripts/index.html",
    "components/api/index.html",
    "history/index.html",
    "maintenance/index.html",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every payload as title, text, update, root cause, postmortem and name of a component."""
    acme = Acme(tmp_path_factory.mktemp("scripts")).measured(180, api="10-55")
    everything = " ".join(PAYLOADS)
    checks = (acme.root / "checks.yml").read_text(encoding="utf-8")
    acme.write("checks.yml", checks.replace("name: API,", f"name: {json.dumps(everything)},"))
    updates = "\n".join(
        f"## 2026-11-21T00:{10 + number // 60:02d}:{number % 60:02d}Z investigating\n{escaped(payload)}\n"
        for number, payload in enumerate(PAYLOADS)
    )
    body = "\n\n".join(escaped(payload) for payload in PAYLOADS)
    front = f"components: {{api: down}}\nstarted: 2026-11-21T00:10Z\nroot_cause: {quoted(everything)}"
    acme.write(
        "incidents/2026/2026-11-21-scripts.md",
        f"---\ntitle: {quoted(everything)}\n{front}\n---\nHostile.\n\n{updates}\n## postmortem\n{body}\n",
    )
    acme.write(
        "maintenance/2026/2026-11-21-scripts-too.md",
        f"---\ntitle: {quoted(everything)}\ncomponents: api\nstarts: 2026-11-21T04:00Z\n"
        f"ends: 2026-11-21T05:00Z\nannounced: 2026-11-01T00:00Z\n---\n{body}\n",
    )
    ran = run(acme, "build", now="03:00")
    assert ran.code == 0, ran.err
    return acme.root / "_site"


@pytest.mark.browser
def test_nothing_runs_or_leaves_the_site(browser: Browser, site: Path) -> None:
    """Also where the content security policy is switched off: the text itself is harmless."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(HIT)
    page = context.new_page()
    told: list[str] = []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith("file:") else None)

    for path in PAGES:
        page.goto((site / path).as_uri())
        for link in page.locator("main a").all():
            scheme = (link.get_attribute("href") or "").partition(":")[0].strip().lower()
            assert scheme not in {"javascript", "vbscript", "data"}
        page.mouse.move(200, 200)
        assert page.evaluate("window.hits") == [], path

    for html in fragments(site):
        page.set_content(f"<!doctype html><body>{html}", wait_until="load")
        assert page.evaluate("window.hits") == []
        assert page.locator("script, iframe, object, embed, svg, style, form, base, meta, link").count() == 0
    assert told == []
    context.close()


def fragments(site: Path) -> list[str]:
    """The HTML that feeds and JSON carry for others to show."""
    one = json.loads((site / "api" / "v1" / "incidents" / "2026-11-21-scripts.json").read_text())
    windows = json.loads((site / "api" / "v1" / "maintenance.json").read_text())["maintenance"]
    atom = feedparser.parse(str(site / "history.atom"), sanitize_html=False)
    return [
        *(update["body_html"] for update in one["updates"]),
        one["postmortem_html"],
        one["summary_html"],
        *(window["summary_html"] for window in windows),
        *(entry.content[0].value for entry in atom.entries),
    ]


def test_feeds_and_documents_stay_valid(site: Path) -> None:
    """XML is well formed, JSON is JSON, and every update is still told."""
    for name in ("history.rss", "history.atom"):
        feed = feedparser.parse(str(site / name))
        assert feed.bozo == 0
        assert len(feed.entries) == 2
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in (site / "api").rglob("*.json")]
    assert all(isinstance(document, dict) for document in documents)
    one = json.loads((site / "api" / "v1" / "incidents" / "2026-11-21-scripts.json").read_text())
    assert len([update for update in one["updates"] if not update["measured"]]) == len(PAYLOADS) >= 40
