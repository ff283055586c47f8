"""Numbers out of answers: from a line of history to the page and the API."""

from __future__ import annotations

import json

import pytest
from repository import Repository

from statusledger import words
from statusledger.history import Captured, captured, together
from statusledger.history.captured import Reading

T = 1_775_001_600_000


def row(t: int, **numbers: float) -> dict:
    """A row in which one check captured these numbers."""
    return {"t": t, "r": {"api": 5}, "x": {"api": numbers}}


def test_the_two_newest_readings_are_kept():
    """In whatever order the rows stand in the file."""
    rows = [row(T + 2, used=3), row(T, used=1), {"t": T + 3, "r": {"api": 5}}, row(T + 1, used=2)]

    found = captured(rows)

    assert found == {("api", "used"): Captured(Reading(T + 2, 3), Reading(T + 1, 2))}


def test_readings_of_two_locations_are_not_mixed():
    """The newest location speaks, and its own reading before that is what it grew from."""
    here = captured([row(T, used=1), row(T + 10, used=2)])
    there = captured([row(T + 5, used=70)])

    found = together([("eu", here), ("us", there), ("us", captured([row(T + 20, used=80)]))])

    assert found["api", "used"] == Captured(Reading(T + 20, 80), Reading(T + 5, 70))


@pytest.mark.parametrize(
    ("newest", "before", "rate"),
    [
        pytest.param(Reading(T + 10_000, 25), Reading(T, 5), 2.0, id="a second"),
        pytest.param(Reading(T + 10_000, 5), Reading(T, 5), 0.0, id="stands still"),
        pytest.param(Reading(T + 10_000, 1), Reading(T, 5), None, id="was set back"),
        pytest.param(Reading(T, 1), None, None, id="first reading"),
    ],
)
def test_a_rate_is_what_it_grew_a_second(newest, before, rate):
    """A counter that was set back says nothing about how much it grew."""
    assert Captured(newest, before).rate == rate


@pytest.mark.parametrize(
    ("value", "per_second", "text"),
    [(1204, False, "1,204"), (0.25, True, "0.25 per second"), (2 / 3, False, "0.6667"), (None, True, words.DASH)],
)
def test_numbers_in_words(value, per_second, text):
    """At most four decimals, and a dash where none is known."""
    assert words.captured(value, per_second=per_second) == text


def test_the_page_and_the_api_show_what_is_fresh(tmp_path):
    """A number, a counter as its growth a second; one that was last read too long ago is not shown."""
    capture = ", capture: {open: $.open, evicted: {path: $.evicted, rate: true}, old: $.old}"
    repository = Repository(tmp_path).checks(extra=capture)
    lines = [
        {"t": T, "r": {"api": 5}, "x": {"api": {"old": 1}}},
        {"t": T + 3_600_000, "r": {"api": 5}, "x": {"api": {"open": 12, "evicted": 100}}},
        {"t": T + 3_660_000, "r": {"api": 5}, "x": {"api": {"open": 13, "evicted": 130}}},
    ]
    repository.write("history/raw/2026/eu-0401.jsonl", "".join(json.dumps(line) + "\n" for line in lines))

    ran = repository.run("build", "--now", "2026-04-01T01:02:00Z")

    api = json.loads((tmp_path / "_site/api/v1/components/api.json").read_text())
    page = (tmp_path / "_site/components/api/index.html").read_text()
    assert ran.code == 0
    assert api["checks"][0]["captured"] == {
        "evicted": {"at": "2026-04-01T01:01:00.000Z", "unit": "per second", "value": 0.5},
        "open": {"at": "2026-04-01T01:01:00.000Z", "unit": None, "value": 13},
    }
    assert "<dt>Open</dt><dd>13</dd>" in page
    assert "0.5 per second" in page
