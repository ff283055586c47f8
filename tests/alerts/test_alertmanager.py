"""A real Alertmanager: it holds our alert, silences it, passes on that it fires and that it is over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from channels.events import event
from database_servers import program, running
from name_server import free_port
from receivers import Receiver, Reply, receiving

from statusledger.alerts import send as door
from statusledger.alerts.send import Retry
from statusledger.channels import CHANNELS
from statusledger.channels.contract import Event, Kind, Outcome
from statusledger.clock import HOUR_MS, MINUTE_MS, format_instant, now_ms
from statusledger.model import Level

pytestmark = pytest.mark.service

PATIENCE_SECONDS = 30
CONFIG = """\
route: {receiver: ours, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: ours, webhook_configs: [{url: "%s", send_resolved: true}]}]
"""


@pytest.fixture(scope="module")
def heard() -> Iterator[Receiver]:
    """Whoever is told by Alertmanager."""
    with receiving(lambda posted: Reply(200)) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def manager(heard: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Alertmanager that is ready."""
    folder, port = tmp_path_factory.mktemp("alertmanager"), free_port()
    (folder / "config.yml").write_text(CONFIG % heard.url("/told"))
    command = [
        program("prometheus-alertmanager", "prometheus-alertmanager"),
        f"--config.file={folder / 'config.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, f"127.0.0.1:{port}"):
        yield f"http://127.0.0.1:{port}"


def told(manager: str, what: Event) -> Outcome:
    """What becomes of an event that is sent there."""
    kind = CHANNELS["alertmanager"]
    settings = kind.settings.model_validate({"url": manager, "labels": {"team": "web"}})
    return door.send(kind, kind.message(what, settings), Retry(attempts=1))


def held(manager: str) -> list[Mapping[str, Any]]:
    """The alerts that have not ended, as its API tells them."""
    found = httpx.get(f"{manager}/api/v2/alerts").raise_for_status().json()
    return sorted(found, key=lambda one: one["labels"]["severity"])


def until(holds: Callable[[], bool]) -> None:
    """Waits until it is so; fails when it does not become so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not so after {PATIENCE_SECONDS} s")
        time.sleep(0.05)


def passed_on(heard: Receiver) -> set[tuple[str, str, str]]:
    """(status, rule, severity) of everything that Alertmanager told."""
    alerts = [alert for posted in heard.asked for alert in posted.json["alerts"]]
    return {(one["status"], one["labels"]["alertname"], one["labels"]["severity"]) for one in alerts}


def test_alertmanager_holds_silences_and_resolves(manager, heard):
    """One alert from its first message to its end: told again it is the same one, silenced it is kept, then over."""
    now = now_ms()
    first = event(at=now, since=now - 5 * MINUTE_MS)

    assert told(manager, first) == Outcome()
    (alert,) = held(manager)
    assert alert["labels"] == {
        "alertname": "ServiceDown",
        "severity": "critical",
        "component": "api",
        "group": "core",
        "location": "eu-fra,gh-us",
        "subject": "api",
        "team": "web",
    }
    assert alert["annotations"]["summary"] == "[CRITICAL] API is down"
    assert alert["startsAt"] == format_instant(first.since)
    until(lambda: ("firing", "ServiceDown", "critical") in passed_on(heard))

    assert told(manager, event(kind=Kind.REMINDER, number=1, at=now + 1, since=first.since)) == Outcome()
    assert [one["fingerprint"] for one in held(manager)] == [alert["fingerprint"]]

    matchers = [{"name": "component", "value": "api", "isRegex": False}]
    span = {"startsAt": format_instant(now - 1), "endsAt": format_instant(now + HOUR_MS)}
    said = {"matchers": matchers, "createdBy": "somebody", "comment": "we know", **span}
    silence = httpx.post(f"{manager}/api/v2/silences", content=json.dumps(said),
                         headers={"Content-Type": "application/json"}).raise_for_status().json()  # fmt: skip
    until(lambda: held(manager)[0]["status"]["state"] == "suppressed")
    assert held(manager)[0]["status"]["silencedBy"] == [silence["silenceID"]]
    httpx.delete(f"{manager}/api/v2/silence/{silence['silenceID']}").raise_for_status()
    until(lambda: held(manager)[0]["status"]["state"] == "active")

    over = event(kind=Kind.RECOVERY, at=now_ms(), since=first.since, ended_at=now_ms() - 1)
    assert told(manager, over) == Outcome()
    until(lambda: held(manager) == [])
    until(lambda: ("resolved", "ServiceDown", "critical") in passed_on(heard))


def test_what_gets_worse_is_one_alert_there(manager):
    """The milder one ends when the worse one comes, and that one ends with the recovery."""
    now = now_ms()
    slow = {"rule": "HighResponseTime", "key": "statusledger/2026-01-01/HighResponseTime/web", "since": now - MINUTE_MS}

    told(manager, event(**slow, severity=Level.WARNING, at=now))
    assert [one["labels"]["severity"] for one in held(manager)] == ["warning"]
    told(manager, event(**slow, severity=Level.CRITICAL, told=Level.WARNING, at=now_ms()))
    until(lambda: [one["labels"]["severity"] for one in held(manager)] == ["critical"])
    told(manager, event(**slow, kind=Kind.RECOVERY, ended_at=now_ms() - 1, at=now_ms()))
    until(lambda: held(manager) == [])


def test_alertmanager_refuses_what_is_no_address_of_it(manager):
    """A wrong path is a refusal for good."""
    outcome = told(f"{manager}/elsewhere", event(at=now_ms(), since=now_ms() - 1))

    assert (outcome.code, outcome.permanent) == ("status:404", True)
