"""Heartbeats: up while reports come in time, down when they stop; nothing is asked and nothing is timed."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from probes import PROBES
from probes.heartbeat import HEARTBEAT, HeartbeatOptions
from probes.run import Settings, run
from statusledger.clock import HOUR_MS, MINUTE_MS, parse_instant
from statusledger.model import Check, Observation
from statusledger.secrets import Secrets

NOON = parse_instant("2026-11-21T12:00:00Z")
ALLOWED = HOUR_MS + 10 * MINUTE_MS


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The type is known to the runner."""
    monkeypatch.setitem(PROBES, "heartbeat", HEARTBEAT)


def beaten(last_report: int | None) -> Observation:
    """What an hourly heartbeat with ten minutes of grace says at noon."""
    options = HeartbeatOptions(every="1h", grace="10m")
    check = Check("backup", "Backup", "heartbeat", options, 5 * MINUTE_MS, 10_000, retries=0)
    reports = {} if last_report is None else {"backup": last_report}
    settings = Settings(last_reports=reports)
    (tick,) = asyncio.run(run([(check, NOON)], location="eu", secrets=Secrets({}), settings=settings, now=lambda: NOON))
    return tick.observations[0]


@pytest.mark.parametrize(
    ("last_report", "status", "code"),
    [
        pytest.param(NOON, "up", None, id="just now"),
        pytest.param(NOON + 1_000, "up", None, id="by a clock that is ahead"),
        pytest.param(NOON - ALLOWED, "up", None, id="at the last moment"),
        pytest.param(NOON - ALLOWED - 1, "down", "missing_heartbeat", id="a millisecond late"),
        pytest.param(None, "down", "missing_heartbeat", id="never"),
    ],
)
def test_it_is_up_for_as_long_as_the_last_good_report_is_in_time(
    last_report: int | None, status: str, code: str | None
) -> None:
    """The bound is `every` + `grace`, inclusive; no time is told, because none was measured."""
    seen = beaten(last_report)

    assert (seen.status, seen.code, seen.ms, seen.phases) == (status, code, None, None)


@pytest.mark.parametrize(
    ("last_report", "detail"),
    [
        pytest.param(None, "no good report came within every 1h + grace 10m", id="never"),
        pytest.param(
            NOON - 2 * HOUR_MS,
            "the last good report came at 2026-11-21T10:00:00.000Z, longer ago than every 1h + grace 10m",
            id="long ago",
        ),
    ],
)
def test_a_missing_one_says_when_the_last_one_came(last_report: int | None, detail: str) -> None:
    """Whoever is called at night knows what to look for."""
    assert beaten(last_report).detail == detail


def test_options_survive_being_written_and_read_again() -> None:
    """The runner fills in variables in what was written."""
    options = HeartbeatOptions(every="90m")

    assert HeartbeatOptions.model_validate(options.model_dump(exclude_unset=True)) == options
    assert options.allowed_ms == 100 * MINUTE_MS
    assert options.host == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({}, "Field required", id="without every"),
        pytest.param({"every": "soon"}, '"soon" is not a duration; write e.g.', id="no duration"),
        pytest.param({"every": 3600}, "3600 is not a duration; write e.g. 10m", id="a bare number"),
        pytest.param({"every": "0s"}, "0s is no time at all; write how often", id="no time"),
        pytest.param({"every": "1h", "grace": "9000d"}, "9000d is longer than allowed; write at most 366d", id="long"),
        pytest.param({"every": "1h", "url": "https://a.example/"}, "Extra inputs", id="an address"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, object], message: str) -> None:
    """When the configuration is read, not when the report is missed."""
    with pytest.raises(ValidationError, match=message):
        HEARTBEAT.options.model_validate(options)


def test_every_option_is_text_with_a_description_for_editors() -> None:
    """The JSON Schema and the reference page are made from the model."""
    properties = HEARTBEAT.options.model_json_schema()["properties"]

    assert {key: described["type"] for key, described in properties.items()} == {"every": "string", "grace": "string"}
    assert all(described["description"] for described in properties.values())
