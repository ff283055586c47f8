"""2,000 components that fail at once: how long `statusledger alert` takes, and how many messages reach each channel."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from measuring import told_alone

from statusledger.clock import MINUTE_MS, format_instant, parse_instant, to_datetime

COMPONENTS = 2_000
LIMIT_SECONDS = 5.0
BEGAN = parse_instant("2026-11-21T00:00Z")
FAILED_FROM, NOW = 300, 310  # minutes
HEAD = """\
page: {name: Acme, url: "https://status.acme.example", since: 2026-01-01}
monitor: {locations: [eu]}
defaults: {interval: 5m, retries: 0, confirm_down: 1, max_staleness: 15m}
alerts:
  channels:
"""


def storm() -> None:
    """One run that tells of all of them, and the next one, which has nothing new to tell."""
    posts: Counter[str] = Counter()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            posts[self.path] += 1
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        _lay(Path(folder), server.server_port)
        for name in ("2,000 components fail at once", "and nothing new 5 minutes later"):
            posts.clear()
            _measure(name, folder, posts)
    server.shutdown()


def _measure(name: str, folder: str, posts: Counter[str]) -> None:
    tool = str(Path(sys.executable).with_name("statusledger"))
    now = format_instant(BEGAN + (NOW + (5 if "later" in name else 0)) * MINUTE_MS)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    began = time.perf_counter()
    ran = subprocess.run(
        [tool, "--root", folder, "--now", now, "alert", "--json"], check=False, capture_output=True, text=True
    )
    took = time.perf_counter() - began
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - spent
    told = Counter(one["rule"] for one in json.loads(ran.stdout))
    each = ", ".join(f"{path} {number}" for path, number in sorted(posts.items())) or "none"
    told_alone(f"alert: {name}", took, LIMIT_SECONDS)
    print(f"  {spent:.2f} s of processor; messages: {each}; rules: {dict(told)}; exit {ran.returncode}{ran.stderr}")


def _lay(root: Path, port: int) -> None:
    """A repository in which everything is down since minute 300."""
    names = [f"c{number:04}" for number in range(COMPONENTS)]
    channels = "".join(f"    {name}: {{type: webhook, url: 'http://127.0.0.1:{port}/{name}'}}\n" for name in "abc")
    routes = "  routes: [{channels: [a]}, {severities: [critical], channels: [b]}, {tiers: [low], channels: [c]}]\n"
    components = "".join(
        f"      - {{id: {name}, tier: {'low' if name < 'c0500' else 'high'}, url: 'https://{name}.acme.example/'}}\n"
        for name in names
    )
    text = f"{HEAD}{channels}{routes}groups:\n  - id: core\n    components:\n{components}"
    (root / "checks.yml").write_text(text, encoding="utf-8")
    path = root / "history" / "raw" / "2026" / f"eu-{to_datetime(BEGAN):%m%d}.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as file:
        for minute in range(0, NOW + 1, 5):
            result = ["down", None, "connect_timeout"] if minute >= FAILED_FROM else 80
            file.write(json.dumps({"t": BEGAN + minute * MINUTE_MS, "r": dict.fromkeys(names, result)}) + "\n")


if __name__ == "__main__":
    storm()
