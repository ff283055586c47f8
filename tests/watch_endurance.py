"""`python tests/watch_endurance.py 10`: so many minutes of `watch --publish`, with a service that goes up and down.

The watch is ended by SIGTERM and SIGKILL at random and started again, by the real clock; afterwards every line, every
instant and the remote are looked at.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rehearsal.services import website
from repository import git

STATUSLEDGER = Path(sys.executable).with_name("statusledger")
INTERVAL_MS = 10_000
CHECKS = """\
schema: 1
page: {{name: Acme, url: "https://status.acme.example", since: 2026-01-01}}
monitor: {{locations: [eu], allow_networks: [127.0.0.0/8], canaries: []}}
defaults: {{interval: 10s, timeout: 5s, retries: 0}}
groups:
  - {{id: core, components: [{{id: api, url: "{url}/"}}, {{id: port, url: "tcp://127.0.0.1:{port}"}}]}}
"""


def watched(folder: Path, minutes: float) -> Counter[str]:
    """How often the watch was ended in which way."""
    ends: Counter[str] = Counter()
    chance = random.Random(7)
    until = time.monotonic() + minutes * 60
    with website() as api, (folder.parent / "log").open("a") as log:
        git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
        git(folder.parent, "clone", "--quiet", "remote.git", folder.name)
        (folder / "checks.yml").write_text(CHECKS.format(url=api.url, port=api.url.rpartition(":")[2]))
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", "Begin")
        git(folder, "push", "--quiet", "origin", "HEAD:main")
        while time.monotonic() < until:
            watch = subprocess.Popen(
                [STATUSLEDGER, "--root", folder, "watch", "--publish", "--interval", "15s", "--report-every", "0s"],
                stdout=log,
                stderr=log,
            )
            time.sleep(min(chance.uniform(3, 45), max(until - time.monotonic(), 15)))
            api.status = 503 if chance.random() < 0.5 else 200
            how = chance.choice([signal.SIGTERM, signal.SIGKILL])
            watch.send_signal(how)
            ends[f"{how.name}: exit code {watch.wait(60)}"] += 1
    return ends


def say(text: str) -> None:
    """Prints a line."""
    sys.stdout.write(f"{text}\n")


def repeated(rows: list[dict[str, object]], check: str) -> int:
    """How many instants of a check were measured more than once; says how many there were and what was seen."""
    own = [row for row in rows if check in row["r"]]
    instants = sorted(row.get("s", row["t"]) // INTERVAL_MS for row in own)
    missed = instants[-1] - instants[0] + 1 - len(set(instants))
    states = Counter("up" if isinstance(row["r"][check], int) else row["r"][check][0] for row in own)
    again = len(instants) - len(set(instants))
    say(f"{check}: {len(instants)} instants, {again} repeated, {missed} missed while nobody watched; {dict(states)}")
    return again


def main() -> int:
    """0 when nothing was lost, repeated or torn; says what was found."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "page"
        ends = watched(folder, float(sys.argv[1]))
        subprocess.run([STATUSLEDGER, "--root", folder, "publish"], check=True, env={**os.environ, "HOME": scratch})
        lines = [line for path in (folder / "history" / "raw").rglob("*.jsonl") for line in path.open("rb")]
        bare = folder.parent / "remote.git"
        names = git(bare, "ls-tree", "-r", "--name-only", "main", "history/raw").split()
        there = [line for name in names for line in git(bare, "show", f"main:{name}").splitlines()]
        torn = sum(not line.endswith(b"\n") for line in lines)
        say(f"{len(lines)} lines, {torn} torn; ends: {dict(ends)}")
        again = sum(repeated([json.loads(line) for line in lines], check) for check in ("api", "port"))
        same = Counter(there) == Counter(line.decode().strip() for line in lines)
        say(f"on the remote: {len(there)} lines, {'the same' if same else 'NOT the same'}")
        return int(bool(torn or again or not same))


if __name__ == "__main__":
    sys.exit(main())
