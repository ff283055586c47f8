"""What `validate` says about a file that is valid, but hardly meant like that."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusledger.config import load

PAGE = "page: {name: Acme Status, url: https://status.example.com, since: 2026-01-01}\n"


def warnings_of(folder: Path, text: str) -> list[str]:
    """What is said about a file of the page and this."""
    (folder / "checks.yml").write_text(PAGE + text)
    return [str(warning) for warning in load(folder / "checks.yml").warnings]


def component(keys: str) -> str:
    """One website with these keys as well."""
    return f"groups: [{{id: web, components: [{{id: site, url: https://example.com/{keys}}}]}}]\n"


ONE = "monitor: {locations: [gh-us]}\n"
THREE = "monitor: {locations: [one, two, three]}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "monitor: {locations: [{id: gh-us, schedule: 10m}]}\n" + component(""),
            "checks.yml:2:23 monitor.locations[0]: 3 x the schedule is 30m, but samples of site hold for 15m only, "
            "so late runs leave gaps; raise max_staleness or start it more often",
            id="schedule longer than a third of the hold",
        ),
        pytest.param(
            THREE + component(""),
            "checks.yml:2:11 monitor.locations: with three or more locations confirm_down: 1 and quorum: majority see "
            "an outage sooner (site)",
            id="three locations that confirm twice",
        ),
        pytest.param(
            ONE + component(", target: 99.99, interval: 5m"),
            "checks.yml:3:71 groups[0].components[0].target: 99.99 % allows 4m19s of downtime in 30 days, less than "
            "3 intervals of 5m; measure more often or promise less",
            id="budget of less than three intervals",
        ),
        pytest.param(
            ONE + component(", tier: critical, interval: 20m"),
            "checks.yml:3:71 groups[0].components[0].tier: 99.9 % allows 43m12s of downtime in 30 days, less than "
            "3 intervals of 20m; measure more often or promise less",
            id="tier that allows less than three intervals",
        ),
        pytest.param(
            ONE + component("") + "retention: {alerts: 30d}\n",
            "checks.yml:4:13 retention.alerts: what was sent is kept for good: it is small, recoveries need it, and an "
            "audit proves by it who was told when; leave this key out",
            id="a sent log that is forgotten",
        ),
        pytest.param(
            ONE + component(", target: 100"),
            "checks.yml:3:71 groups[0].components[0].target: a target of 100 % allows no downtime at all",
            id="target of 100",
        ),
        pytest.param(
            ONE
            + component("")
            + "sla: {contracts: [{id: a, component: site, target: 99.999, credits: [{min: 0, credit: 5, name: X}]}]}\n",
            "checks.yml:4:44 sla.contracts[0].target: 99.999 % allows 25s of downtime in 30 days, less than 3 "
            "intervals of 1m; measure more often or promise less",
            id="contract that allows less than three intervals",
        ),
        pytest.param(
            ONE + component("") + "services: [{id: all, members: [site], target: 100}]\n",
            "checks.yml:4:39 services[0].target: a target of 100 % allows no downtime at all",
            id="service with a target of 100",
        ),
    ],
)
def test_a_doubtful_setting_is_pointed_out(tmp_path: Path, text: str, expected: str) -> None:
    """One warning, at its place, that says what to change."""
    assert warnings_of(tmp_path, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "monitor: {locations: [{id: gh-us, schedule: 5m}]}\n" + component(""), id="schedule of a third of the hold"
        ),
        pytest.param(THREE + "defaults: {confirm_down: 1}\n" + component(""), id="three locations that confirm once"),
        pytest.param(ONE + component(", target: 99.9, interval: 14m"), id="budget of three intervals"),
        pytest.param(
            ONE + component("") + "incidents: {open: off}\nalerts:\nretention:\n", id="blocks without content"
        ),
    ],
)
def test_a_sound_setting_is_not_warned_about(tmp_path: Path, text: str) -> None:
    """A warning that is always there is read by nobody."""
    assert warnings_of(tmp_path, text) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("logo.svg", "logo.svg is not published; pictures are taken from site_src/overrides/ only, so move it there"),
        (
            "site_src/overrides/logo.svg",
            "there is no site_src/overrides/logo.svg; the page has its own mark and icon until there is",
        ),
    ],
    ids=["elsewhere", "missing"],
)
def test_a_picture_that_will_not_be_shown_is_told(tmp_path: Path, name: str, said: str) -> None:
    """A logo that is not there or not where pictures are taken from leaves the theme's own."""
    (tmp_path / "checks.yml").write_text(PAGE.replace("}", f", logo: {name}}}") + ONE + component(""))

    told = [str(warning) for warning in load(tmp_path / "checks.yml").warnings]

    assert [warning for warning in told if "page.logo" in warning] == [f"checks.yml:1:79 page.logo: {said}"]
