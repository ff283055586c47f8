"""api/v1: exact figures as strings, instants with a Z, sorted keys, and the classic document in its own shape."""

from __future__ import annotations

from fractions import Fraction

import orjson
import pytest
from outputs import reports

from statusledger.outputs import api, theme
from statusledger.outputs.api.document import decimal

STATES = {
    name: getattr(reports, name)
    for name in ("operational", "degraded", "partial", "major", "maintenance", "stale", "offline", "empty", "hostile")
}


def built(report) -> dict[str, dict]:
    """Every document by its path below api/v1."""
    files = api.files(report, theme.load())
    return {
        str(path.relative_to(api.ROOT)): orjson.loads(content)
        for path, content in files.items()
        if path.suffix == ".json"
    }


@pytest.mark.parametrize("make", STATES.values(), ids=STATES)
def test_every_state_has_every_document(make):
    """A poller finds the same files whatever happens."""
    report = make()

    documents = built(report)

    names = {"build", "components", "health", "incidents", "sla", "status", "summary", "uptime"}
    assert {f"{name}.json" for name in names} <= set(documents)
    assert {f"components/{identity}.json" for identity in report.components} <= set(documents)


@pytest.mark.parametrize("make", STATES.values(), ids=STATES)
def test_spelling(make):
    """Keys sorted, a final newline, a schema number, as_of to the millisecond, no float but in the classic file."""
    for path, content in api.files(make(), theme.load()).items():
        if path.suffix == ".csv":
            continue
        document = orjson.loads(content)

        assert content.endswith(b"\n")
        assert orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == orjson.dumps(document)
        assert document["schema"] == 1
        assert not list(floats(document)) or path.name == "uptime.json"
        if path.name != "uptime.json" and "history" not in path.parts:
            assert document["as_of"] == "2026-11-21T03:00:00.000Z"


def floats(plain):
    """Every float inside a document."""
    if isinstance(plain, float):
        yield plain
    children = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    for child in children:
        yield from floats(child)


def test_the_summary_of_twenty_components_is_small():
    """Two kilobytes at most: it is what a poller takes every minute."""
    files = api.files(reports.twenty(), theme.load())

    assert len(files[api.ROOT / "summary.json"]) <= 2048


def test_the_classic_document_has_its_classic_shape():
    """The keys that existing clients read, with floored numbers."""
    got = built(reports.major())["uptime.json"]

    assert set(got) == {"schema", "status", "overall_status", "timestamp", "components", "monthly_sla"}
    assert set(got["components"]["api"]) == {"status", "response_time_ms", "uptime_24h"}
    assert set(got["monthly_sla"]) == {
        "component",
        "current_month",
        "uptime_percent",
        "uptime_tier",
        "status",
        "sla_target",
        "downtime_minutes",
        "service_credit",
    }
    assert set(got["monthly_sla"]["downtime_minutes"]) == {"used", "allowed", "remaining"}


def test_the_month_of_the_classic_document_is_the_worst_one():
    """A figure for the whole page is that of the component that did worst, and names it."""
    report = reports.major()

    got = built(report)["uptime.json"]["monthly_sla"]

    distances = {
        identity: figure.ratio - figure.target
        for identity, component in report.components.items()
        if (figure := component.figures[report.month.key]).ratio is not None
    }
    assert distances[got["component"]] == min(distances.values())


def test_sla_figures_are_exact():
    """The fraction and the milliseconds that it was made from agree."""
    report = reports.major()

    for one in built(report)["sla.json"]["components"].values():
        known = one["up_ms"] + one["degraded_ms"] + one["down_ms"]
        assert Fraction(one["ratio"]) == Fraction(known - one["down_ms"], known)
        assert one["uptime_percent"] == f"{int(Fraction(one['ratio']) * 100_000) / 1000:.3f}"


def test_the_incident_that_lasts_is_in_the_status():
    """Whoever polls one file learns of it, with its trail newest first."""
    report = reports.major()

    got = built(report)["status.json"]

    assert [one["id"] for one in got["incidents"]] == [incident.id for incident in report.active]
    stamps = [update["at"] for update in got["incidents"][0]["updates"]]
    assert stamps == sorted(stamps, reverse=True)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(Fraction(999, 10), "99.9", id="one decimal"),
        pytest.param(Fraction(100), "100", id="whole"),
        pytest.param(Fraction(9995, 100), "99.95", id="two decimals"),
        pytest.param(Fraction(200, 3), "200/3", id="no decimal is exact"),
        pytest.param(Fraction(-1, 2), "-0.5", id="negative"),
        pytest.param(None, None, id="none"),
    ],
)
def test_agreed_percentages_are_spelled_exactly(number, expected):
    """As many decimals as it needs, or the fraction."""
    assert decimal(number) == expected
