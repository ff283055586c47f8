"""api/v1/sla and history: a file per period, subject and contract, tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction

import orjson
import pytest
import samples as s
from outputs import reports
from rollup.histories import lay, watched, watching

from statusledger.model import DEFAULT_CREDITS, Contract, Member, Service, Terms
from statusledger.outputs import api, theme
from statusledger.outputs.api.tables import table, words
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.keeping import keep
from statusledger.report.records import BuiltFrom

AS_OF = s.at(35 * 24 * 60)
GOLD = Contract("gold", "api", Fraction(999, 1000), DEFAULT_CREDITS, Terms(), Fraction(1200), "EUR")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Every file below api/v1 of five weeks with an hour of downtime, as it was built on 6 May."""
    root = tmp_path_factory.mktemp("ledger")
    lay(root, [(s.APRIL, "up"), (s.at(60), "down"), (s.at(120), "up"), (AS_OF - 1, "down")])
    config = watching(replace(watched(s.check(h=40 * 24 * 60)), name="=SUM(1)"))
    contracts = (GOLD, replace(GOLD, id="tokyo", subject="all", currency="JPY", terms=Terms(zone="Asia/Tokyo")))
    service = Service("all", "All", (Member("api"),), "all")
    config = replace(config, sla=replace(config.sla, contracts=contracts), services=(service,))
    keep(root, config, as_of=AS_OF)
    made = report(config, reading.read(root, config, as_of=AS_OF), BuiltFrom(AS_OF, None, "test", 1))
    return {str(path.relative_to(api.ROOT)): content for path, content in api.files(made, theme.load()).items()}


def document(files, path):
    """One JSON document."""
    return orjson.loads(files[f"{path}.json"])


@pytest.mark.parametrize(
    ("path", "down_ms"),
    [
        ("sla/30d", 1),
        ("sla/months/2026-04", 3_600_000),
        ("sla/months/2026-05", 1),
        ("sla/quarters/2026-Q2", 3_600_001),
        ("sla/years/2026", 3_600_001),
        ("sla", 1),
    ],
)
def test_a_file_per_period(files, path, down_ms):
    """Components and services have the same figures there, because one is the other."""
    found = document(files, path)

    assert found["components"]["api"]["down_ms"] == found["services"]["all"]["down_ms"] == down_ms
    assert sum(one["down_ms"] for one in found["components"]["api"]["incidents"]) == down_ms
    assert found["components"]["api"]["incidents"] == found["services"]["all"]["incidents"]


def test_a_file_per_subject(files):
    """Every period of it, rolling and calendar, and what burns."""
    for path in ("sla/components/api", "sla/services/all"):
        found = document(files, path)

        windows = {"24h", "7d", "30d", "60d", "90d", "365d"}
        assert set(found["periods"]) == {*windows, "2026-04", "2026-05", "2026-Q2", "2026"}
        assert found["periods"]["2026-04"]["ratio"] == "719/720"
        assert found["periods"]["2026-04"]["from"] == "2026-04-01T00:00:00.000Z"
        assert found["burn_rates"] == document(files, "sla")["components"]["api"]["burn_rates"]


def test_burn_rates(files):
    """One millisecond where 300 are allowed in five minutes, and 3600 in an hour."""
    page = document(files, "sla")["components"]["api"]["burn_rates"][0]

    assert page == {
        "kind": "page", "factor": "72/5", "long": "1h", "long_rate": "1/3600", "short": "5m", "short_rate": "1/300",
        "firing": False, "frozen_at": None,
    }  # fmt: skip


def test_a_final_month_of_a_contract(files):
    """Terms, money, intervals, and the statement that holds."""
    found = document(files, "sla/contracts/gold/2026-04")

    assert {key: found[key] for key in ("fee", "currency", "credit_amount", "final", "revision", "timezone")} == {
        "fee": "1200.00", "currency": "EUR", "credit_amount": "120.00", "final": True, "revision": 0, "timezone": "UTC",
    }  # fmt: skip
    assert found["terms"]["credits"][0] == {"min_percent": "99.9", "credit_percent": "0", "name": "Excellent"}
    assert found["intervals"] == [
        {"from": "2026-04-01T01:00:00.000Z", "to": "2026-04-01T02:00:00.000Z", "state": "down", "share": None}
    ]
    assert [(one["revision"], one["reason"], one["credit_amount"]) for one in found["revisions"]] == [
        (0, None, "120.00")
    ]
    assert found["burn_rates"] == []


def test_a_running_period_of_a_contract(files):
    """Provisional, without a statement, in the contract's own zone and money."""
    found = document(files, "sla/contracts/tokyo/2026-05")

    assert (found["final"], found["revision"], found["revisions"], found["running"]) == (False, None, [], True)
    assert (found["from"], found["fee"], found["credit_amount"]) == ("2026-04-30T15:00:00.000Z", "1200", "0")
    assert found["intervals"][-1]["to"] is None
    assert len(found["burn_rates"]) == 4
    assert document(files, "sla/contracts/tokyo/2026-Q2")["credit_amount"] is None


def test_contracts_stand_where_the_interval_is_theirs(files):
    """In rolling windows all of them, in a month those whose calendar it is."""
    assert set(document(files, "sla/30d")["contracts"]) == {"gold", "tokyo"}
    assert set(document(files, "sla/months/2026-04")["contracts"]) == {"gold"}


def test_days_by_month(files):
    """Each month has its days in the page's zone, oldest first, and says nothing of the build."""
    april, may = (document(files, f"history/api/2026-{month}") for month in ("04", "05"))

    assert [len(april["days"]), len(may["days"])] == [30, 5]
    assert (april["days"][0]["date"], april["days"][0]["down_ms"]) == ("2026-04-01", 3_600_000)
    assert "as_of" not in april


def test_a_month_as_a_table(files):
    """A line for the component, the service and both contracts; a name that is a formula computes nothing."""
    rows = list(csv.DictReader(io.StringIO(files["sla/2026-04.csv"].decode(), newline="")))

    assert [(row["kind"], row["id"]) for row in rows] == [
        ("component", "api"), ("service", "all"), ("contract", "gold"), ("contract", "tokyo"),
    ]  # fmt: skip
    assert [row["uptime_percent"] for row in rows] == ["99.861"] * 3 + [rows[3]["uptime_percent"]]
    assert [row["credit_amount"] for row in rows] == ["", "", "120.00", "120"]
    assert [row["final"] for row in rows] == ["", "", "true", "true"]
    assert (rows[0]["name"], rows[0]["checks_total"], rows[0]["from"]) == ("'=SUM(1)", "3", "2026-04-01T00:00:00.000Z")
    assert rows[3]["from"] == "2026-03-31T15:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "expected"), [("Good", "Good"), (None, None), ("+1", "'+1"), ("@x", "'@x"), ("a=b", "a=b"), ("", "")]
)
def test_words_in_a_table(text, expected):
    """What a spreadsheet would compute is told apart."""
    assert words(text) == expected


def test_a_table_follows_rfc_4180():
    """Quotes where they are needed, CRLF, a missing value is empty."""
    assert table(("a", "b"), [{"a": 'x,"y"', "b": True}, {"a": 1}]) == b'a,b\r\n"x,""y""",true\r\n1,\r\n'


def test_a_page_without_contracts_has_no_files_of_them():
    """Where nothing was measured yet, the running month has a table all the same."""
    files = api.files(reports.empty(), theme.load())

    assert not [path for path in files if "contracts" in path.parts]
    assert [str(path.name) for path in files if path.suffix == ".csv"] == ["2026-11.csv"]
