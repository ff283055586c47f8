"""When a failure was known to be one, and what one location saw."""

from __future__ import annotations

import numpy as np
import pytest
import samples as s

from statusledger.model import Counting, Status
from statusledger.timeline import confirmed_at, effective
from statusledger.timeline.confirmation import confirm
from statusledger.timeline.steps import BEGINNING, DEGRADED, DOWN, STATUS_CODES, UNKNOWN, UP

LETTERS = {"u": "up", "d": "down", "g": "degraded", "?": "unknown"}


def rows(text):
    """A series of samples a minute apart: `ud?` is up, down, unknown."""
    found = s.series(s.frame([("api", "eu", s.at(i), LETTERS[letter]) for i, letter in enumerate(text)]))
    return found["api"]["eu"]


def counting(n, m, unconfirmed_as="degraded", hold=10):
    """N, M, H in minutes."""
    return Counting(n, m, hold * s.MINUTE_MS, Status(unconfirmed_as))


@pytest.mark.parametrize(
    ("text", "n", "m", "expected"),
    [
        pytest.param("uddu", 2, 1, [None, 2, 2, None], id="the second failure confirms the first"),
        pytest.param("uddu", 1, 1, [None, 1, 1, None], id="each run by its own first"),
        pytest.param("udu", 2, 1, [None, None, None], id="never confirmed"),
        pytest.param("dudd", 1, 2, [0, 2, 2, 2], id="what is joined was known with the later run"),
        pytest.param("duuddud", 1, 3, [0, 3, 3, 3, 3, 6, 6], id="two joins, each with its own later run"),
        pytest.param("ddudud", 2, 2, [1, 1, None, None, None, None], id="a run too short confirms nothing"),
        pytest.param("d?d?u", 2, 1, [2, None, 2, None, None], id="unknown samples are no part of a run"),
        pytest.param("ddd", 3, 1, [2, 2, 2], id="the third of three"),
        pytest.param("dddd", 2, 1, [1, 1, 1, 1], id="a long run by its second"),
        pytest.param("???", 1, 1, [None, None, None], id="nothing known"),
    ],
)
def test_when_a_failure_was_known(text, n, m, expected):
    """The instant of the sample that completed the confirmation; none where it is not down."""
    found = [confirmed_at(rows(text), counting(n, m), index) for index in range(len(text))]

    assert found == [None if index is None else s.at(index) for index in expected]


@pytest.mark.parametrize(
    ("text", "n", "m", "unconfirmed_as", "expected"),
    [
        pytest.param("d", 1, 1, "degraded", "d", id="one failure"),
        pytest.param("d", 2, 1, "degraded", "g", id="one of two"),
        pytest.param("d", 2, 1, "up", "u", id="which may count as up"),
        pytest.param("dud", 1, 2, "degraded", "ddd", id="a short recovery is none"),
        pytest.param("dgd", 1, 2, "degraded", "ddd", id="nor a short degradation"),
        pytest.param("ud", 1, 2, "degraded", "ud", id="nothing before the first failure is joined"),
        pytest.param("du", 1, 2, "degraded", "du", id="nor behind the last"),
        pytest.param("duud", 1, 2, "degraded", "duud", id="long enough"),
        pytest.param("ddududd", 2, 2, "degraded", "ddugudd", id="first confirmed, then joined: three between"),
        pytest.param("ddududd", 2, 4, "degraded", "ddddddd", id="joined over a failure that was not confirmed"),
        pytest.param("", 1, 1, "degraded", "", id="nothing"),
    ],
)
def test_what_counts_as_down(text, n, m, unconfirmed_as, expected):
    """Short failures are not confirmed; then short recoveries between confirmed ones are not believed."""
    codes = np.array([STATUS_CODES[Status(LETTERS[letter])] for letter in text], dtype=np.int8)
    before = codes.copy()

    found = confirm(codes, counting(n, m, unconfirmed_as))

    assert found.tolist() == [STATUS_CODES[Status(LETTERS[letter])] for letter in expected]
    assert codes.tolist() == before.tolist()


def test_what_a_location_saw():
    """Each sample until the next, for H at most; an unknown one ends the hold before it."""
    seen = effective(rows("ud?g"), counting(1, 1, hold=2))

    assert seen.starts.tolist() == [BEGINNING, *(s.at(minute) for minute in (0, 1, 2, 3, 5))]
    assert seen.states.tolist() == [UNKNOWN, UP, DOWN, UNKNOWN, DEGRADED, UNKNOWN]


def test_a_location_that_saw_nothing():
    """Unknown for ever."""
    nothing = rows("u").within(0, 1)

    assert effective(nothing, counting(1, 1)).states.tolist() == [UNKNOWN]
