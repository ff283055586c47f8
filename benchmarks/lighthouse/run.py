"""`make lighthouse`: what Lighthouse says of the pages of examples/screenshots/ on a phone, served from loopback.

Exit 1 where performance is below 99, another category below 100, or something on a page moves while it loads.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "examples" / "screenshots"))

from scenes import Scene  # noqa: E402 - they lie beside what they show
from screenshots import build, chromium  # noqa: E402

from statusledger.clock import MINUTE_MS, format_instant, now_ms  # noqa: E402

PAGES = {
    "home": "index.html",
    "component": "components/api/index.html",
    "incident": "incidents/2026-10-14-api-requests-fail/index.html",
    "history": "history/index.html",
    "maintenance": "maintenance/index.html",
    "levels": "sla/index.html",
    "statement": "sla/2026-10/index.html",
    "insights": "insights/index.html",
    "subscribe": "subscribe/index.html",
}
ATTEMPTS = 5
LEAST = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu")


class Quiet(SimpleHTTPRequestHandler):
    """Static files without a line on the console for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> int:
    """0 when every page that was named (default: all) is good enough."""
    print(f"{'page':<24}" + "".join(f"{name:>16}" for name in (*LEAST, "layout shift")))
    with tempfile.TemporaryDirectory() as folder:
        now = now_ms()  # a page that is old says so as soon as its script runs, and that moves everything below
        scene = Scene(format_instant(now), format_instant(now - 4 * MINUTE_MS))
        build(Path(folder, "fresh"), scene)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(Path(folder, "fresh", "_site"))))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        good = [judged(name, f"{base}/{PAGES[name]}") for name in sys.argv[1:] or PAGES]
        server.shutdown()
    return 0 if all(good) else 1


def judged(name: str, address: str) -> bool:
    """Whether a page is good enough in the best of some attempts: other work on the machine only makes it slower."""
    for attempt in range(1, ATTEMPTS + 1):
        told = measured(address)
        scores = {one: round(100 * (told["categories"][one]["score"] or 0)) for one in LEAST}
        shift = told["audits"]["cumulative-layout-shift"]["numericValue"]
        print(
            f"{f'{name} ({attempt})':<24}" + "".join(f"{one:>16}" for one in scores.values()) + f"{shift:>16.3f}",
            flush=True,
        )
        below = {one for one, score in scores.items() if score < LEAST[one]}
        explained(told, below)
        if not below or below != {"performance"}:
            return not below and shift == 0
    return False


def explained(told: dict[str, Any], below: set[str]) -> None:
    """Prints what costs points in the categories that are below."""
    for one in (ref["id"] for category in below for ref in told["categories"][category]["auditRefs"] if ref["weight"]):
        if (told["audits"][one]["score"] or 0) < 1:
            print(
                f"    {one}: {told['audits'][one]['title']} {told['audits'][one].get('displayValue', '')}", flush=True
            )


def measured(address: str) -> dict[str, Any]:
    """What Lighthouse tells of a page."""
    tool = HERE / "node_modules" / ".bin" / "lighthouse"
    command = [
        shutil.which("node") or "node", str(tool), address, "--output=json", "--quiet",
        f"--chrome-flags={' '.join(FLAGS)}", f"--only-categories={','.join(LEAST)}",
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chromium()}
    return dict(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout))


if __name__ == "__main__":
    sys.exit(main())
