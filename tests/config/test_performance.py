"""Latency thresholds from target, percentages and what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusledger.config import load
from statusledger.model import Performance

FILE = """\
page: {{name: Acme Status, url: https://status.example.com, since: 2026-01-01}}
monitor: {{locations: [gh-us]}}
defaults: {{performance: {defaults}}}
groups: [{{id: web, components: [{{id: site, url: https://example.com/, performance: {own}}}]}}]
"""


@pytest.mark.parametrize(
    ("defaults", "own", "expected"),
    [
        ("{}", "{}", None),
        ("{warn_percent: 80, critical_percent: 120}", "{}", None),
        ("{}", "{target_ms: 200}", Performance(200, 200, 300)),
        ("{warn_percent: 80, critical_percent: 120}", "{target_ms: 200}", Performance(200, 160, 240)),
        ("{}", "{target_ms: 200, warn_threshold_ms: 300}", Performance(200, 300, 450)),
        ("{}", "{target_ms: 400, warn_threshold_ms: 300}", Performance(400, 300, 600)),
        ("{}", "{target_ms: 300, warn_threshold_ms: 500}", Performance(300, 500, 750)),
        ("{}", "{target_ms: 200, critical_threshold_ms: 500}", Performance(200, 200, 500)),
        ("{}", "{warn_threshold_ms: 301}", Performance(None, 301, 451)),
        ("{}", "{target_ms: 333, warn_percent: 80}", Performance(333, 266, 499)),
        ("{target_ms: 100, critical_threshold_ms: 900}", "{warn_threshold_ms: 200}", Performance(100, 200, 900)),
        ("{target_ms: 100, critical_threshold_ms: 900}", "{target_ms: 200}", Performance(200, 200, 300)),
    ],
)
def test_thresholds(tmp_path: Path, defaults: str, own: str, expected: Performance | None) -> None:
    """A missing critical is the larger of its percentage of the target and 1.5 x the warn threshold."""
    (tmp_path / "checks.yml").write_text(FILE.format(defaults=defaults, own=own))

    config = load(tmp_path / "checks.yml")

    assert config.checks["site"].performance == expected
