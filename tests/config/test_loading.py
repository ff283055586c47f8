"""checks.yml -> records: everything inherited, resolved and exact."""

from __future__ import annotations

import os
from copy import deepcopy
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from statusledger.channels import CHANNELS
from statusledger.clock import HOUR_MS, parse_instant
from statusledger.config import Config, load
from statusledger.config.telling import Route
from statusledger.errors import ConfigurationError
from statusledger.model import (
    CreditTier,
    Level,
    Location,
    Member,
    Performance,
    Service,
    Status,
    Terms,
    Tier,
    Visibility,
)

GOOD = Path(__file__).parents[1] / "data" / "config" / "good"
STARTER = Path(__file__).parents[2] / "checks.yml"


@pytest.fixture(scope="module")
def acme() -> Config:
    """A file that uses every block."""
    return load(GOOD / "acme.yml")


def test_the_starter_is_valid_without_an_environment_and_without_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a template user gets works as it is."""
    for name in list(os.environ):
        monkeypatch.delenv(name)

    config = load(STARTER)

    assert config.warnings == ()
    assert [location.schedule_ms for location in config.monitor.locations] == [300_000]
    assert len(config.monitor.canaries) >= 3
    assert STARTER.read_text().startswith("# yaml-language-server: $schema=./checks.schema.json\n")


def test_page_and_monitor_are_read_as_written(acme: Config) -> None:
    """Variables stay as they are: only the command that needs a value asks the environment."""
    assert (acme.page.name, acme.page.since, acme.page.timezone) == ("Acme Status", "2026-01-01", "Europe/Berlin")
    assert acme.page.links[0].url == "https://acme.example/support"
    assert acme.monitor.locations == (Location("gh-us", "gh-us", 300_000), Location("eu-fra", "eu-fra", 300_000))
    assert acme.monitor.public_variables == {"API_BASE_URL"}
    assert acme.monitor.heartbeat_url == "{{ HEARTBEAT_URL | default('') }}"
    assert (acme.incidents_after_ms, acme.maintenance_notice_ms) == (120_000, 86_400_000)
    assert (acme.ledger_branch, acme.private_plain) == ("main", True)


def test_components_and_checks_are_resolved(acme: Config) -> None:
    """Tier, target, quorum and thresholds are values, not references."""
    api, database = acme.components["api"], acme.components["database"]

    assert (api.group, api.tier, api.target, api.depends_on) == (
        "core",
        Tier.CRITICAL,
        Fraction(999, 1000),
        ("database",),
    )
    assert (api.quorum, api.combination, database.visibility) == ("majority", "worst", Visibility.PRIVATE)
    root, profile, health = acme.checks.values()
    assert (root.id, root.type, root.interval_ms, root.timeout_ms) == ("api_root", "http", 30_000, 5_000)
    assert root.performance == Performance(200, 300, 500)
    assert profile.performance == Performance(300, 500, 750)
    assert (health.interval_ms, health.performance) == (300_000, None)
    assert root.locations == ("gh-us", "eu-fra")


def test_promises_are_exact(acme: Config) -> None:
    """Targets are fractions, credits percent of the fee, schedules sorted from the highest uptime."""
    contract = acme.sla.contracts[0]

    assert acme.sla.credits is not None
    assert acme.sla.credits[1] == CreditTier(Fraction(99, 100), Fraction(10), "Good")
    assert (contract.subject, contract.target, contract.fee) == ("api", Fraction(1999, 2000), Fraction(1200))
    assert contract.credits == acme.sla.credits
    assert contract.terms == Terms(zone="Europe/Berlin")
    assert acme.services == (
        Service("platform", "Whole platform", (Member("api"), Member("database")), "all", Fraction(999, 1000)),
    )


def test_blocks_of_later_stages_are_kept_as_plain_data(acme: Config) -> None:
    """Durations in milliseconds, numbers exact."""
    assert acme.settings["retention"]["raw"] == 90 * 86_400_000


def test_who_is_told_of_what(acme: Config) -> None:
    """Channels with the settings of their type, still with their variables; routes; rules with every default."""
    alerts = acme.alerts

    assert alerts.channels["ops"].settings == CHANNELS["slack"].settings(url="{{ SLACK_WEBHOOK_URL }}")
    assert alerts.routes == (Route(("ops",), (Level.CRITICAL, Level.WARNING)),)
    assert alerts.rules.uptime_sla_warning.burn == Fraction(5)
    assert alerts.rules.long_outage.after == HOUR_MS
    assert alerts.rules.monitor_stale.coverage == Fraction(95, 100)
    assert (alerts.policy, alerts.remind_ms, alerts.reminds) == ("confirmed", None, True)


def test_without_routes_everybody_is_told_of_trouble(tmp_path: Path) -> None:
    """But not of news."""
    text = (GOOD / "smallest.yml").read_text()
    hook = "alerts: {channels: {in: {type: webhook, url: https://example.com/in}}, rules: {BurnRate: off}}\n"
    (tmp_path / "checks.yml").write_text(text + hook)

    alerts = load(tmp_path / "checks.yml").alerts
    assert alerts.routes == (Route(("in",), (Level.CRITICAL, Level.WARNING)),)
    assert (alerts.is_on("BurnRate"), alerts.is_on("ServiceDown")) == (False, True)


def test_the_smallest_file_takes_every_default() -> None:
    """H is three intervals, at least a quarter of an hour; the group and the component are named by their ids."""
    config = load(GOOD / "smallest.yml")

    check = config.checks["site"]
    assert (check.name, check.type, check.interval_ms, check.timeout_ms, check.retries) == (
        "site",
        "http",
        60_000,
        10_000,
        2,
    )
    assert (check.counting.confirm_down, check.counting.confirm_up) == (2, 1)
    assert (check.counting.max_staleness_ms, check.counting.unconfirmed_as) == (900_000, Status.DEGRADED)
    assert config.components["site"].target == Fraction(999, 1000)
    assert config.sla.credits is None
    assert config.ledger_branch is None
    assert config.warnings == ()


def test_words_that_other_readers_turn_into_something_else_stay_words() -> None:
    """`no`, `on`, `22:30`, `0123` and `1.10` are names here."""
    config = load(GOOD / "traps.yml")

    assert (config.page.name, config.page.environment) == ("no", "on")
    assert (config.groups[0].id, config.groups[0].name) == ("0123", "22:30")
    assert config.components["1"].name == "1.10"


def test_the_nearest_level_that_says_something_holds() -> None:
    """Check, component, group, defaults; a nearer target drops the thresholds that were set for another one."""
    config = load(GOOD / "inheritance.yml")

    home, feed, shop = (config.checks[name] for name in ("home", "feed", "shop"))
    assert [check.interval_ms for check in (home, feed, shop)] == [30_000, 600_000, 300_000]
    assert {check.timeout_ms for check in (home, feed, shop)} == {20_000}
    assert {check.retries for check in (home, feed, shop)} == {0}
    assert [check.counting.confirm_down for check in (home, feed, shop)] == [3, 3, 2]
    assert [check.counting.max_staleness_ms for check in (home, feed, shop)] == [3_600_000, 1_800_000, 900_000]
    assert [check.locations for check in (home, feed, shop)] == [("eu-fra",), ("gh-us",), ("eu-fra",)]
    assert [check.performance for check in (home, feed)] == [Performance(100, 150, 225), Performance(400, 400, 600)]
    assert shop.counting.unconfirmed_as is Status.UP


def test_a_component_rules_how_its_checks_count() -> None:
    """Quorum from the component, else from the monitor; a check ends with its component at the latest."""
    config = load(GOOD / "inheritance.yml")

    assert [component.quorum for component in config.components.values()] == [2, "any"]
    assert {component.min_known for component in config.components.values()} == {2}
    assert config.checks["home"].active_until == parse_instant("2026-12-31T00:00Z")
    assert (config.checks["home"].active, config.checks["feed"].active) == (True, False)
    assert config.components["shop"].target == Fraction(995, 1000)


def test_included_groups_follow_and_keep_their_own_places(tmp_path: Path) -> None:
    """A fault in an included file is told with that file's name, line and path."""
    (tmp_path / "checks.yml").write_text((GOOD / "smallest.yml").read_text() + "include: [checks/*.yml]\n")
    (tmp_path / "checks").mkdir()
    more = tmp_path / "checks" / "shop.yml"
    more.write_text("groups:\n  - id: shop\n    components: [{id: cart, url: https://example.org/}]\n")

    assert [group.id for group in load(tmp_path / "checks.yml").groups] == ["web", "shop"]

    more.write_text("groups:\n  - id: web\n    components: [{id: cart, url: https://example.org/, interval: 5}]\n")
    (tmp_path / "checks" / "tail.yml").write_text("page: {}\ngroups: []\n")
    (tmp_path / "checks" / "torn.yml").write_text("groups: [\n")
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path / "checks.yml")
    assert [str(problem) for problem in refused.value.problems] == [
        "checks/shop.yml:2:5 groups[0].id: the id 'web' belongs to the group at checks.yml:4 already; "
        "groups, components, checks, services and contracts share one list",
        "checks/shop.yml:3:56 groups[0].components[0].interval: 5 has no unit; write e.g. 5s",
        "checks/tail.yml:1:1 page: 'page' may stand in the first file only; an included file holds groups: alone",
        "checks/torn.yml:2:1: this is not YAML: did not find expected node content",
    ]


def test_all_groups_may_stand_in_included_files(tmp_path: Path) -> None:
    """The first file then needs no groups of its own."""
    head, groups = (GOOD / "smallest.yml").read_text().split("groups:")
    (tmp_path / "checks.yml").write_text(f"{head}include: ['*.part.yml', 'web.*']\n")
    (tmp_path / "web.part.yml").write_text(f"groups:{groups}")

    assert list(load(tmp_path / "checks.yml").checks) == ["site"]


JUNK = st.sampled_from(
    [None, True, -1, 0, 10**17, "", "x", "{{", "{{ A }}", "no", [], {}, [[]], [None], {"id": []}, "1/0"]
)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_is_either_read_or_reported(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing that can stand in the file ends in another error than one that names its place."""
    tree = yaml.safe_load((GOOD / "acme.yml").read_text().replace("2026-01-01", "'2026-01-01'"))
    for _ in range(data.draw(st.integers(1, 4))):
        where = tree
        while True:
            key = data.draw(st.sampled_from(sorted(where) if isinstance(where, dict) else list(range(len(where)))))
            inner = where[key]
            if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 3)) == 0:
                break
            where = inner
        where[key] = deepcopy(data.draw(JUNK))  # a later round may change it
    path = tmp_path_factory.mktemp("any") / "checks.yml"
    path.write_text(yaml.dump(tree, allow_unicode=True))

    try:
        load(path)
    except ConfigurationError as error:
        assert error.problems
        assert all(problem.line >= 1 and problem.message for problem in error.problems)
