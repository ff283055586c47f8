"""5,000 incident files: how long `validate` takes, and how long the build spends on incidents and history pages."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import told_alone

from statusledger import outputs
from statusledger.cli.build import make
from statusledger.cli.place import Place
from statusledger.clock import DAY_MS, MINUTE_MS, parse_instant, to_datetime
from statusledger.outputs import theme
from statusledger.outputs.write import write

FILES = 5_000
NOW = parse_instant("2026-11-21T12:00Z")
CHECKS = """\
page: {name: Acme Status, url: "https://status.acme.example", since: 2012-01-01}
monitor: {locations: [eu]}
groups:
  - id: core
    components:
"""
TRAIL = """\
Customers saw *errors* when they opened [their orders](https://acme.example/orders).

## {first} investigating
Requests time out. We are looking.

## {second} monitoring {{c{component}: degraded}}
A fix is out:

- the pool is larger
- the query has an **index**

## {third} resolved
Back to normal.
"""


def lay(root: Path, files: int) -> None:
    """Writes a repository with so many incidents, one a day and component, and one measured row."""
    components = "".join(f"      - {{id: c{n}, url: 'https://c{n}.acme.example/'}}\n" for n in range(20))
    (root / "checks.yml").write_text(CHECKS + components, encoding="utf-8")
    for number in range(files):
        start = NOW - (number // 2 + 1) * DAY_MS
        moments = [f"{to_datetime(start + minutes * MINUTE_MS):%Y-%m-%dT%H:%MZ}" for minutes in (0, 5, 20, 40)]
        component = number % 20
        body = TRAIL.format(first=moments[1], second=moments[2], third=moments[3], component=component)
        path = root / "incidents" / moments[0][:4] / f"{moments[0][:10]}-outage-{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"---\ntitle: Orders fail ({number})\nseverity: P2\ncomponents: {{c{component}: down}}\n"
            f"started: {moments[0]}\nresolved: {moments[3]}\ndetected: reported\n---\n{body}",
            encoding="utf-8",
        )
    row = root / "history" / "raw" / "2026" / "eu-1121.jsonl"
    row.parent.mkdir(parents=True, exist_ok=True)
    row.write_text(f'{{"t":{NOW - MINUTE_MS},"r":{{"c0":5}}}}\n', encoding="utf-8")


def spent() -> float:
    """Seconds of processor time of this process and those that it has waited for: what a quiet machine would take."""
    return sum(os.times()[:4])


def incidents() -> None:
    """Lays the repository and measures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lay(root, FILES)
        program = str(Path(sys.executable).with_name("statusledger"))
        began = spent()
        subprocess.run([program, "--root", folder, "--now", "2026-11-21T12:00Z", "validate"], check=True)
        told_alone(f"validate, {FILES:,} files of incidents", spent() - began, 3)
        where = Place(root, root / "checks.yml", NOW)
        began = spent()
        made = make(where, where.config())
        told_alone("report", spent() - began, 10)
        began = spent()
        pages = outputs.pages.files(made, theme.load())
        told = [path for path in pages if path.parts[0] in {"incidents", "history"}]
        told_alone(f"pages ({len(told):,} of incidents and history)", spent() - began, 10)
        began = spent()
        whole = outputs.files(made, theme.load())
        write(whole, root / "_site")
        told_alone(f"the whole site, {len(whole):,} files, written", spent() - began, 60)
