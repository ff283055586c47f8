"""A failure that another one explains opens no incident: the root has it, and lists who went down with it."""

from __future__ import annotations

import pytest
from telling import Acme, clock

from statusledger.incidents.dependencies import needed


def told(root, **down):
    """(component, start) of what is told at 03:00; web needs api."""
    return {(one.component, clock(one.started_at)) for one in Acme(root).measured(180, **down).told()}


@pytest.mark.parametrize(
    ("down", "expected"),
    [
        pytest.param({"api": "10-30", "web": "10-30"}, {("api", "00:10")}, id="both at once"),
        pytest.param({"api": "10-30", "web": "15-25"}, {("api", "00:10")}, id="within"),
        pytest.param({"web": "10-30"}, {("web", "00:10")}, id="alone"),
        pytest.param(
            {"api": "10-30", "web": "10-60"}, {("api", "00:10"), ("web", "00:10")}, id="it lasts longer: its true start"
        ),
        pytest.param({"api": "20-30", "web": "10-30"}, {("api", "00:20"), ("web", "00:10")}, id="it began before"),
        pytest.param({"api": "10-30", "db": "10-30"}, {("api", "00:10"), ("db", "00:10")}, id="independent"),
        pytest.param({"api": "10-30", "web": "40-50"}, {("api", "00:10"), ("web", "00:40")}, id="one after the other"),
    ],
)
def test_a_child_opens_nothing_while_its_dependency_is_down(tmp_path, down, expected):
    """It opens when it is down by itself."""
    assert told(tmp_path, **down) == expected


def test_a_child_that_was_told_stays_told(tmp_path):
    """What was measured late may explain it afterwards; its id is out, so it stays."""
    acme = Acme(tmp_path).measured(180, api="10-30", web="10-30")
    line = '{"event":"opened","id":"web-20261121T001000Z","component":"web","started_at":1795219800000,'
    acme.write("history/incidents/2026.jsonl", line + '"detected_at":1795219800000}\n')

    assert {one.component for one in acme.told()} == {"api", "web"}


def test_the_root_lists_who_went_down_with_it(tmp_path):
    """With their downtime, which counts in every figure."""
    report = Acme(tmp_path).measured(180, api="10-30", web="15-25").report()

    (root,) = report.incidents
    assert [(part.component, part.down_ms // 60_000) for part in root.dependents] == [("web", 10)]
    assert report.components["web"].figures["24h"].down_ms == 600_000


def test_dependencies_reach_through_others():
    """Transitive, each once, in the order of ids."""
    depends_on = {"a": ("b",), "b": ("c", "d"), "c": ("d",), "d": ()}

    assert needed("a", depends_on) == ["b", "c", "d"]
