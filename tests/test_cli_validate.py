"""`statusledger validate` in view of the ledger: codes that git confuses, checks that are gone."""

from __future__ import annotations

import pytest
from repository import Repository
from samples import APRIL

ALIKE = ["eu-west-1", "eu-west-2", "us-east-1", "us-east-2"]
NOW = "2026-04-01T02:00:00Z"


def told(repository: Repository) -> str:
    """What validate warns of."""
    ran = repository.run("validate", "--now", NOW)
    assert ran.code == 0
    return ran.err


def test_codes_that_git_would_confuse_are_told_with_better_ones(tmp_path):
    """How many files would share a name hash, and what to write instead."""
    warning = told(Repository(tmp_path).checks(locations=ALIKE))

    assert "takes 6 files a day for versions of one another" in warning
    assert "us-east-10 in place of us-east-1" in warning


def test_codes_that_differ_are_fine(tmp_path):
    """Nothing to say."""
    assert told(Repository(tmp_path).checks(locations=["eu", "us"])) == ""


@pytest.mark.parametrize(
    ("extra", "is_told"),
    [
        pytest.param("", True, id="gone"),
        pytest.param(", was: [old_api]", False, id="renamed"),
        pytest.param(", checks: [{id: old_api, url: 'https://x.example/', active: false}]", False, id="switched off"),
    ],
)
def test_a_check_with_history_that_is_gone(tmp_path, extra, is_told):
    """Its past would count no longer: that should be meant."""
    repository = Repository(tmp_path).checks(extra=extra)
    if "checks:" in extra:
        text = (tmp_path / "checks.yml").read_text().replace(', url: "https://api.acme.example/"', "")
        repository.write("checks.yml", text)
    repository.append("eu", APRIL, f'{{"t":{APRIL},"r":{{"old_api":5}}}}\n')

    warning = told(repository)

    assert ("'old_api' was measured until 2026-04-01T00:00:00.000Z" in warning) == is_told
