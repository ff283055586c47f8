"""The worked examples of the SLA definition through files: checks.yml and raw lines in, JSON of the command line out.

One repository holds all of them, a component (and where terms matter a contract) for each, so that a few commands
answer for the whole table.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import samples as s
from repository import Repository, git

from statusledger.clock import DAY_MS

HOUR = ("2026-04-01T00:00:00Z", "2026-04-01T01:00:00Z")
APRIL = ("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")
GAP = "up 0, up 5, up 45, up 50, up 55"
THREE = {"us": s.grid(4, 5), "eu": s.grid(5, 6), "ap": s.grid()}


@dataclass(frozen=True)
class Window:
    """Maintenance from one minute of the hour to another, recorded so many milliseconds ahead (None: not at all)."""

    start: int
    end: int
    ahead_ms: int | None = 2 * DAY_MS
    cancelled: bool = False


@dataclass(frozen=True)
class Example:
    """A row of the table: samples by location, keys of the component, terms of a contract, and what comes out.

    `asked` is from, to; `as_of` the end of that unless it is given; `windows` are maintenance files of the component.
    """

    rows: dict[str, list[tuple[int, str]]]
    expected: dict[str, Any]
    keys: dict[str, Any] = field(default_factory=dict)
    terms: dict[str, Any] = field(default_factory=dict)
    asked: tuple[str, str] = HOUR
    as_of: str = ""
    windows: tuple[Window, ...] = ()


def hour(samples, *, n=1, m=1, h="10m", terms=None, asked=HOUR, as_of="", windows=(), **expected) -> Example:
    """An example of one location in the hour, with N, M and H."""
    rows = {"eu": s.spelled(samples) if isinstance(samples, str) else samples}
    keys = {"confirm_down": n, "confirm_up": m, "max_staleness": h}
    return Example(rows, expected, keys, terms or {}, asked, as_of, windows)


def month(down_ms: int, **expected) -> Example:
    """April, held up all month, with one outage of the given length."""
    rows = [(s.APRIL, "up"), (s.at(60), "down"), (s.at(60) + down_ms, "up")] if down_ms else [(s.APRIL, "up")]
    return hour(rows, h="960h", asked=APRIL, **expected)


def votes(rule: str, down_ms: int, **locations) -> Example:
    """Three locations that see different things."""
    expected = {"down_ms": down_ms, "unknown_ms": 0}
    return Example({**THREE, **locations}, expected, {"quorum": rule, "max_staleness": "10m", "confirm_down": 1})


EXAMPLES = {
    "w01": month(0, ratio="1/1", uptime_percent="100.000", credit_percent="0", status="compliant",
                 downtime_minutes="0.000"),
    "w02": month(2_592_000, ratio="999/1000", uptime_percent="99.900", credit_percent="0", status="warning",
                 downtime_minutes="43.200", remaining_minutes="0.000"),
    "w03": month(2_592_001, ratio="2589407999/2592000000", uptime_percent="99.899", credit_percent="10",
                 downtime_minutes="43.201", status="breached", remaining_minutes="-0.001"),
    "w04": month(2_721_600, ratio="19979/20000", uptime_percent="99.895", credit_percent="10"),
    "w05": month(2_594_592, ratio="998999/1000000", uptime_percent="99.899", credit_percent="10"),
    "w06": month(25_920_000, uptime_percent="99.000", credit_percent="10", downtime_minutes="432.000"),
    "w07": month(25_920_001, uptime_percent="98.999", credit_percent="50"),
    "w08": month(129_600_000, uptime_percent="95.000", credit_percent="50"),
    "w09": month(129_600_001, uptime_percent="94.999", credit_percent="100"),
    "w10": month(12_960_000, uptime_percent="99.500", downtime_minutes="216.000", credit_percent="10"),
    "w14": hour(s.grid(4, 5), up_ms=3_000_000, down_ms=600_000, ratio="5/6", uptime_percent="83.333",
                downtime_minutes="10.000", checks_total=12, checks_failed=2, checks_success=10),
    "w15": hour("up 0, down 20, down 21, down 22, down 23, up 24, up 40", h="20m", down_ms=240_000, up_ms=3_360_000,
                uptime_percent="93.333"),
    "w16": hour(GAP, up_ms=1_800_000, unknown_ms=1_800_000, ratio="1/1", coverage="1/2", ratio_low="1/2",
                ratio_high="1/1", insufficient_data=True),
    "w17": hour(GAP, terms={"unknown_as": "down"}, ratio="1/2", downtime_minutes="30.000", credit_percent="100",
                down_ms=0),
    "w18": hour("up 0, down 5, down 40, up 45, up 50, up 55", down_ms=900_000, unknown_ms=1_500_000, up_ms=1_200_000,
                incidents=[(5, 45, 900_000)]),
    "w19": hour(s.grid(4), n=2, degraded_ms=300_000, down_ms=0, ratio="1/1", incidents=[]),
    "w20": hour(s.grid(4, 5), n=2, down_ms=600_000, incidents=[(20, 30, 600_000)]),
    "w21": hour(s.grid(2, 3, 5, 6), n=2, m=2, down_ms=1_500_000, incidents=[(10, 35, 1_500_000)]),
    "w22": hour(s.grid(2, 3, 5, 6), n=2, down_ms=1_200_000, incidents=[(10, 20, 600_000), (25, 35, 600_000)]),
    "w23": hour(s.grid(4, 5, 6, 7), windows=[Window(30, 50)], down_ms=600_000, maintenance_ms=1_200_000,
                up_ms=1_800_000, ratio="3/4", incidents=[(20, 40, 600_000)]),
    "w24": hour(s.grid(7, 8), windows=[Window(30, 50)], down_ms=0, incidents=[]),
    "w25": hour(s.grid(), windows=[Window(10, 30), Window(20, 40), Window(40, 45), Window(12, 15)],
                maintenance_ms=2_100_000, up_ms=1_500_000),
    "w26": hour(s.grid(4), windows=[Window(15, 30, DAY_MS - 1000)], down_ms=300_000, maintenance_ms=0),
    "w27": hour(s.grid(4), windows=[Window(15, 30, DAY_MS)], maintenance_ms=900_000, down_ms=0),
    "w28": hour(s.grid(0, 1), windows=[Window(30, 60)], terms={"maintenance_as": "up"}, ratio="5/6"),
    "w29": hour(s.grid(0, 1), windows=[Window(30, 60)], terms={"maintenance_as": "excluded"}, ratio="2/3"),
    "w30": hour(s.grid(4), windows=[Window(0, 60)], ratio=None, uptime_percent=None, status="no_data",
                credit_percent="0", maintenance_ms=3_600_000),
    "never_announced": hour(s.grid(4), windows=[Window(15, 30, None)], down_ms=300_000, maintenance_ms=0),
    "cancelled": hour(s.grid(4), windows=[Window(15, 30, cancelled=True)], down_ms=300_000, maintenance_ms=0),
    "touching": hour(s.grid(4), windows=[Window(15, 16), Window(16, 30)], down_ms=0, maintenance_ms=900_000),
    "ignored": hour(s.grid(4), windows=[Window(15, 30)], terms={"maintenance_as": "ignore"}, ratio="11/12",
                    maintenance_ms=0, down_ms=300_000),
    "w31": hour("up 30, up 35, down 40, up 45, up 50, up 55", inactive_ms=1_800_000, ratio="5/6"),
    "w32": Example({"eu": s.spelled("up 30, up 35, up 40, up 45, up 50, up 55")},
                   {"unknown_ms": 1_800_000, "coverage": "1/2", "inactive_ms": 0, "down_ms": 0},
                   {"active_from": "2026-04-01T00:00:00Z", "confirm_down": 1, "max_staleness": "10m"}),
    "w33": hour([*s.grid(4), (s.at(20), "up"), (s.at(20), "down")][::-1], down_ms=300_000, checks_total=12,
                checks_failed=1),
    "w35": hour([(s.at(-5), "down"), *s.grid()[1:]], down_ms=300_000, incidents=[(-5, 5, 300_000)]),
    "w36": hour([*s.grid(11), (s.at(60), "down"), (s.at(65), "up")], n=2, as_of="2026-04-01T02:00:00Z",
                down_ms=300_000),
    "w37": hour([*s.grid(11), (s.at(60), "down"), (s.at(65), "up")], n=2, as_of="2026-04-01T00:59:59.999Z",
                down_ms=0, degraded_ms=299_999),
    "w38": hour(s.grid(4, 5, status="degraded"), terms={"degraded_weight": "0.3"}, ratio="19/20",
                downtime_minutes="3.000"),
    "w39": votes("majority", 300_000),
    "w40": votes("any", 900_000),
    "w41": votes("all", 0),
    "w42": votes("majority", 300_000, ap=s.grid(count=3)),
    "w47": hour(s.grid(4, 5, count=288), asked=APRIL, as_of="2026-04-02T00:00:00Z", ratio="143/144",
                uptime_percent="99.305", status="warning", credit_percent="10", credit_locked="0",
                allowed_minutes="43.200", remaining_minutes="33.200", consumed="25/108", running=True),
    "w51": hour("up 0, down 5, unknown 10, down 15, up 20, up 25", n=2,
                asked=("2026-04-01T00:00:00Z", "2026-04-01T00:30:00Z"), down_ms=600_000, unknown_ms=300_000,
                up_ms=900_000, incidents=[(5, 20, 600_000)]),
    "w57": hour([(s.at(0), "up"), (s.at(10) + 1, "up")], asked=("2026-04-01T00:00:00Z", "2026-04-01T00:10:00Z"),
                as_of="2026-04-01T00:20:00Z", up_ms=600_000, unknown_ms=0),
    "w58": Example({}, {"unknown_ms": 3_600_000, "ratio": None, "status": "no_data", "credit_percent": "0"},
                   {"active_from": "2026-04-01T00:00:00Z"}),
    "w60": hour(s.grid(30, count=60, step=1), uptime_percent="98.333"),
}  # fmt: skip
SERVICES = {
    "w43": ("all", {"down_ms": 900_000, "ratio": "3/4"}),
    "w44": ("any", {"down_ms": 300_000, "ratio": "11/12"}),
    "w45": ("weighted", {"ratio": "5/6"}),
    "w46": ("all", {"down_ms": 600_000, "maintenance_ms": 900_000, "up_ms": 2_100_000}),
}
EASED = {"w46"}
"""Services whose second member is in maintenance from :25 to :45."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Repository:
    """All examples in one repository."""
    made = Repository(tmp_path_factory.mktemp("worked"))
    groups = [{"id": "examples", "components": [written(name, one) for name, one in EXAMPLES.items()]}]
    names = ("api", "db", "eased")
    groups.append({"id": "members", "components": [written(name, hour([])) for name in names]})
    members = [{"component": "api"}, {"component": "db"}]
    heavy = [{"component": "api", "weight": 3}, {"component": "db", "weight": 1}]
    eased = [{"component": "api"}, {"component": "eased"}]
    contracts = [
        {"id": f"{name}_terms", "component": name, "target": 99.9, **one.terms}
        for name, one in EXAMPLES.items()
        if one.terms
    ]
    made.write("checks.yml", json.dumps({
        "page": {"name": "Worked", "url": "https://status.acme.example", "since": "2026-01-01"},
        "monitor": {"locations": ["ap", "eu", "us"]},
        "defaults": {"interval": "5m", "timeout": "5s"},
        "sla": {"contracts": contracts},
        "groups": groups,
        "services": [
            {"id": name, "mode": mode, "members": eased if name in EASED else heavy if mode == "weighted" else members}
            for name, (mode, _) in SERVICES.items()
        ],
    }))  # fmt: skip
    for name, one in EXAMPLES.items():
        made.rows(one.rows, check=name)
        plan(made, name, one.windows)
    git(made.root, "init", "-q")  # in a repository only what was recorded is taken for announced
    for name in ("db", "eased"):
        made.rows({"eu": s.grid(5, 6)}, check=name)
    plan(made, "eased", [Window(25, 45)])
    return made.rows({"eu": s.grid(4, 5)}, check="api")


def plan(made: Repository, component: str, windows: Sequence[Window]) -> None:
    """Writes the files of some windows, and what the publish job recorded of them."""
    for number, one in enumerate(windows):
        name = f"2026-04-01-{component}-{number}".replace("_", "-")
        starts, ends = s.at(one.start), s.at(one.end)
        made.write(f"maintenance/2026/{name}.md", "\n".join([
            "---", "title: Work", f"components: [{component}]", f"starts: {s.format_instant(starts)}",
            f"ends: {s.format_instant(ends)}", f"cancelled: {str(one.cancelled).lower()}", "---", "",
        ]))  # fmt: skip
        if one.ahead_ms is not None:
            fields = {"components": [component], "starts": starts, "ends": ends, "cancelled": one.cancelled}
            line = {"id": name, **fields, "seen_at": starts - one.ahead_ms}
            with (made.root / "history" / "notices.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def written(name: str, one: Example) -> dict[str, Any]:
    """A component of checks.yml."""
    return {"id": name, "url": "https://api.acme.example/", "target": 99.9, **one.keys}


@pytest.fixture(scope="module")
def answers(repository):
    """What `statusledger sla --json` says of (from, to, as of), asked once."""
    found: dict[tuple[str, str, str], Any] = {}

    def answer(begin: str, end: str, as_of: str) -> Any:
        if (begin, end, as_of) not in found:
            ran = repository.run("-q", "--now", as_of, "sla", "--from", begin, "--to", end, "--json")
            assert ran.code == 0, ran.err
            found[begin, end, as_of] = ran.json
        return found[begin, end, as_of]

    return answer


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(answers, name):
    """Every figure that the definition gives, to the last digit."""
    one = EXAMPLES[name]
    answer = answers(*one.asked, one.as_of or one.asked[1])
    got = {**answer["components"][name], **(answer["contracts"][f"{name}_terms"] if one.terms else {})}

    got["incidents"] = [
        (minute(told["started_at"]), minute(told["ended_at"]), told["down_ms"]) for told in got["incidents"]
    ]
    assert {key: got[key] for key in one.expected} == one.expected


@pytest.mark.parametrize("name", SERVICES)
def test_example_of_a_service(answers, name):
    """All, any and by weight 3:1 of api G{4,5} and db G{5,6}; all while db is in maintenance."""
    _, expected = SERVICES[name]

    got = answers(*HOUR, HOUR[1])["services"][name]

    assert {key: got[key] for key in expected} == expected


def minute(instant: str | None) -> float | None:
    """Minutes after 2026-04-01T00:00Z."""
    if instant is None:
        return None
    return (s.parse_instant(instant) - s.APRIL) / 60_000


# --- calendars ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calendars(tmp_path_factory) -> Repository:
    """A component that was up from autumn 2023 to the end of 2026, with contracts in the zones of W11 to W13."""
    made = Repository(tmp_path_factory.mktemp("calendars"))
    zones = {"berlin": "Europe/Berlin", "asuncion": "America/Asuncion", "havana": "America/Havana", "utc": "UTC"}
    made.write("checks.yml", json.dumps({
        "page": {"name": "Worked", "url": "https://status.acme.example", "since": "2023-01-01"},
        "monitor": {"locations": ["eu"]},
        "sla": {"contracts": [
            {"id": name, "component": "api", "target": 99.9, "timezone": zone} for name, zone in zones.items()
        ]},
        "groups": [{"id": "core", "components": [
            {"id": "api", "url": "https://api.acme.example/", "max_staleness": "2000d"}
        ]}],
    }))  # fmt: skip
    made.rows({"eu": [(s.parse_instant("2023-09-01T00:00Z"), "up")]})
    made.build("2027-01-01T06:00:00Z", "-q")
    return made


@pytest.mark.parametrize(
    ("contract", "period", "key", "expected"),
    [
        pytest.param("utc", "2026-02", "allowed_minutes", "40.320", id="W11 Feb 2026"),
        pytest.param("utc", "2024-02", "allowed_minutes", "41.760", id="W11 Feb 2024"),
        pytest.param("utc", "2026-04", "allowed_minutes", "43.200", id="W11 Apr 2026"),
        pytest.param("utc", "2025-12", "allowed_minutes", "44.640", id="W11 Dec 2025"),
        pytest.param("berlin", "2026-03", "allowed_minutes", "44.580", id="W11 Berlin Mar 2026"),
        pytest.param("berlin", "2026-10", "allowed_minutes", "44.700", id="W11 Berlin Oct 2026"),
        pytest.param("berlin", "2026-Q1", "allowed_minutes", "129.540", id="W11 Berlin Q1 2026"),
        pytest.param("utc", "2026", "allowed_minutes", "525.600", id="W11 2026"),
        pytest.param("utc", "2024", "allowed_minutes", "527.040", id="W11 2024"),
        pytest.param("asuncion", "2023-10", "from", "2023-10-01T04:00:00.000Z", id="W12 no midnight"),
        pytest.param("havana", "2026-11", "from", "2026-11-01T04:00:00.000Z", id="W13 double midnight"),
    ],
)
def test_example_of_a_calendar(calendars, contract, period, key, expected):
    """The budget follows the real length of the period, which begins at the first instant of its first day."""
    assert calendars.document(f"sla/contracts/{contract}/{period}.json")[key] == expected


# --- burn and response --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failed", "firing"),
    [
        pytest.param((10, 11), [True, True, True, True], id="W48"),
        pytest.param((4, 5), [False, False, True, True], id="W49"),
    ],
)
def test_example_of_burn_rates(tmp_path, failed, firing):
    """Ten minutes of downtime early in the hour and at its end."""
    burning = Repository(tmp_path).checks().rows({"eu": s.grid(*failed)}).build(HOUR[1], "-q")

    rates = burning["components"]["api"]["burn_rates"]
    assert [rate["firing"] for rate in rates] == firing
    assert rates[0]["long_rate"] == "500/3"
    if firing[0]:
        assert (rates[0]["short_rate"], rates[1]["short_rate"]) == ("1000/1", "1000/3")


@pytest.mark.parametrize(
    ("opened", "tier", "zone", "due"),
    [
        pytest.param("2026-03-06T16:00Z", "critical", "UTC", "2026-03-06T16:15:00.000Z", id="W52 P1"),
        pytest.param("2026-03-06T16:00Z", "high", "UTC", "2026-03-06T17:00:00.000Z", id="W52 P2"),
        pytest.param("2026-03-06T16:00Z", "low", "UTC", "2026-03-06T20:00:00.000Z", id="W52 P3"),
        pytest.param("2026-03-06T16:00Z", None, "UTC", "2026-03-09T16:00:00.000Z", id="W52 P4"),
        pytest.param("2026-03-07T10:00Z", None, "UTC", "2026-03-10T00:00:00.000Z", id="W53"),
        pytest.param("2026-03-27T15:00Z", None, "Europe/Berlin", "2026-03-30T14:00:00.000Z", id="W54"),
    ],
)
def test_example_of_a_response(tmp_path, opened, tier, zone, due):
    """By when somebody should have answered, through a clock change and a weekend."""
    at = s.parse_instant(opened)
    made = Repository(tmp_path).write("checks.yml", json.dumps({
        "page": {"name": "Worked", "url": "https://status.acme.example", "since": "2026-01-01"},
        "monitor": {"locations": ["eu"]},
        "sla": {"timezone": zone},
        "defaults": {"confirm_down": 1, "max_staleness": "1h"},
        "groups": [{"id": "core", "components": [
            {"id": "api", "url": "https://api.acme.example/", **({"tier": tier} if tier else {})}
        ]}],
    }))  # fmt: skip
    made.rows({"eu": [(at - 300_000, "up"), (at, "down"), (at + 600_000, "up")]})
    made.build(s.format_instant(at + 1_200_000), "-q")

    (incident,) = made.document("incidents.json")["incidents"]
    assert incident["response_due_at"] == due
