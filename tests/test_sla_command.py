"""`statusledger sla --contract`: a contract is asked about the time in which it is in force, whomever it is about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import samples as s
from operators import PUBLISH_JOB, lay, opaque, public_repository
from repository import Ran, Repository, git

from statusledger.clock import DAY_MS, HOUR_MS, format_instant

DATED = """\
sla:
  contracts:
    - {id: gold, component: api, target: 99.9, fee: 1000, currency: EUR,
       active_from: "2026-04-01T00:20Z", active_until: "2026-04-02T00:00Z"}
    - {id: open, component: api, target: 99.9}
"""
APRIL_1 = ("--from", "2026-04-01T00:00Z", "--to", "2026-04-02T00:00Z")


def asked(repository: Repository, *arguments: str, now: str = "2026-04-03T00:00Z") -> Ran:
    """The command's answer."""
    return repository.run("-q", "--now", now, "sla", *arguments, "--json")


@pytest.fixture(scope="module")
def dated(tmp_path_factory) -> Repository:
    """The API is down from 00:10 to 00:30, and gold is in force from 00:20."""
    made = Repository(tmp_path_factory.mktemp("dated")).checks()
    made.write("checks.yml", (made.root / "checks.yml").read_text().split("sla: {")[0] + DATED + _groups(made))
    return made.rows({"eu": s.grid(2, 3, 4, 5, count=288)})


def _groups(made: Repository) -> str:
    return "groups:" + (made.root / "checks.yml").read_text().split("groups:")[1]


def test_only_time_in_which_it_is_in_force_is_counted(dated):
    """Ten of the twenty minutes of downtime, of 23 hours and 40 minutes."""
    answer = asked(dated, *APRIL_1, "--contract", "gold").json

    gold = answer["contracts"]["gold"]
    assert (answer["from"], gold["from"], gold["to"]) == (
        "2026-04-01T00:00:00.000Z",
        "2026-04-01T00:20:00.000Z",
        "2026-04-02T00:00:00.000Z",
    )
    assert (gold["down_ms"], gold["ratio"], gold["inactive_ms"]) == (600_000, "141/142", 0)
    assert [one["down_ms"] for one in gold["incidents"]] == [600_000]


def test_its_month_is_what_of_the_month_it_is_in_force(dated):
    """Asked for April, the credit is that of all that April has of it, as money; of a part there is none."""
    april = asked(dated, "--from", "2026-04-01T00:00Z", "--to", "2026-05-01T00:00Z", "--contract", "gold").json
    part = asked(dated, "--from", "2026-04-01T00:00Z", "--to", "2026-04-01T12:00Z", "--contract", "gold").json

    assert april["contracts"]["gold"]["credit_amount"] == "100.00"
    assert part["contracts"]["gold"]["credit_amount"] is None


def test_an_interval_in_which_it_is_not_in_force(dated):
    """Asked by name it says when it was; among all others it is left out."""
    outside = ("--from", "2026-04-02T00:00Z", "--to", "2026-04-03T00:00Z")

    by_name, among_all = asked(dated, *outside, "--contract", "gold"), asked(dated, *outside)

    assert (by_name.code, by_name.out) == (2, "")
    assert (
        "--contract: gold is in force from 2026-04-01T00:20:00.000Z until 2026-04-02T00:00:00.000Z; "
        "nothing of that is in the interval"
    ) in by_name.err
    assert list(among_all.json["contracts"]) == ["open"]


# --- a service of public and private components -------------------------------------------------

MIXED = f"""\
retention: {{raw: 200d}}
services: [{{id: platform, name: Platform, members: [api, {opaque("zanzibar")}]}}]
sla: {{contracts: [{{id: gold, service: platform, target: 99.9, fee: 1000, currency: EUR}}]}}
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Repository:
    """The vault is down for two hours of the first of April; nobody but operators knows its name."""
    made = public_repository(tmp_path_factory.mktemp("mixed"), more=MIXED)
    down = (s.APRIL + HOUR_MS, s.APRIL + HOUR_MS + HOUR_MS)
    lay(made.root, s.APRIL, s.APRIL + 33 * DAY_MS, down=down, told=True, step=HOUR_MS)
    return made


@pytest.mark.parametrize("environment", [pytest.param({}, id="everybody"), pytest.param(PUBLISH_JOB, id="operators")])
def test_a_contract_about_a_service_with_a_private_member(mixed, environment):
    """The same figures with and without the identity, and no name in them."""
    month = ("--from", "2026-04-01T00:00Z", "--to", "2026-05-01T00:00Z", "--contract", "gold", "--json")

    ran = mixed.run("-q", "--now", format_instant(s.APRIL + 33 * DAY_MS), "sla", *month, environment=environment)

    gold = ran.json["contracts"]["gold"]
    assert (gold["down_ms"], gold["ratio"], gold["credit_amount"]) == (2 * HOUR_MS, "359/360", "100.00")
    assert "zanzibar" not in ran.out


def test_its_month_is_stated_and_audited_by_everybody(mixed, monkeypatch):
    """The statement names the member by what stands for it, and holds what its figures follow from."""
    now = format_instant(s.APRIL + 33 * DAY_MS)
    monkeypatch.setenv("GIT_COMMITTER_DATE", now)
    git(mixed.root, "init", "-q", "-b", "main")
    ran = mixed.run("rollup", "--now", now)
    assert ran.code == 0, ran.err
    git(mixed.root, "add", "-A")
    git(mixed.root, "commit", "-q", "-m", "State April")

    (line,) = map(json.loads, Path(mixed.root / "history/statements/2026.jsonl").read_text().splitlines())
    assert [one["component"] for one in line["inputs"]["components"]] == ["api", opaque("zanzibar")]
    assert (line["figures"]["down_ms"], line["figures"]["credit_amount"]) == (2 * HOUR_MS, "100.00")
    audited = mixed.run("audit", "--now", now)
    assert audited.code == 0, audited.out + audited.err
