"""`validate` holds incident files against the measurement: what is wrong stops it, what is odd is a warning."""

from __future__ import annotations

import pytest
from telling import Acme, run

TELLS = "components: {{{states}}}\nstarted: 2026-11-21T{started}Z\nresolved: 2026-11-21T{resolved}Z\n{more}"


@pytest.fixture
def acme(tmp_path):
    """API is down from 00:10 to 00:55."""
    return Acme(tmp_path).measured(180, api="10-55")


def told(acme, states="api: down", started="00:10", resolved="00:55", more=""):
    """What validate says of a file."""
    keys = TELLS.format(states=states, started=started, resolved=resolved, more=more).rstrip()
    return run(acme.incident("login", keys), "validate", now="03:00")


FILE = "incidents/2026/2026-11-21-login.md"


@pytest.mark.parametrize(
    ("keys", "warning"),
    [
        pytest.param({}, "", id="as measured"),
        pytest.param({"resolved": "00:54"}, "", id="a minute less"),
        pytest.param(
            {"resolved": "00:30"}, "20m of downtime of 'api' are told, but 45m were measured", id="claims less"
        ),
        pytest.param({"states": "api: degraded"}, "0s of downtime of 'api' are told, but 45m", id="claims none"),
        pytest.param(
            {"states": "api: down, db: down"},
            "'db' is told to be down from 2026-11-21T00:10:00.000Z to 2026-11-21T00:55:00.000Z, but it was measured",
            id="measured as up",
        ),
        pytest.param({"states": "db: down", "more": "detected: reported"}, "", id="reported: probes could not see it"),
        pytest.param({"states": "db: degraded"}, "", id="degraded is a matter of opinion"),
    ],
)
def test_what_contradicts_the_measurement_is_a_warning(acme, keys, warning):
    """With both figures, at the line that says so."""
    ran = told(acme, **keys)

    assert ran.code == 0
    assert (f"warning: {FILE}:3 components: {warning}" in ran.err) if warning else (ran.err == "")


@pytest.mark.parametrize(
    ("covers", "problem"),
    [
        pytest.param("api-20261121T001000Z", "", id="measured"),
        pytest.param(
            "api-20261121T001100Z",
            f"{FILE}:6 covers: no measured incident 'api-20261121T001100Z'; did you mean 'api-20261121T001000Z'?",
            id="nearly",
        ),
        pytest.param("nothing", f"{FILE}:6 covers: no measured incident 'nothing'; its page", id="nothing like it"),
    ],
)
def test_what_is_covered_must_have_been_measured(acme, covers, problem):
    """The build tells the file without what nobody measured, and ends with 1."""
    ran = told(acme, more=f"covers: {covers}")
    built = run(acme, "build", now="03:00")

    assert (ran.code, built.code) == ((2, 1) if problem else (0, 0))
    assert problem in ran.err
    assert "this file is left out" not in built.err
