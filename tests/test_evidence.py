"""Evidence: everything known of a first failure and of each change, masked, once; readers of rows pass it over."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from statusledger.evidence import Result, evidence_line, last_results, results_of
from statusledger.frames import load
from statusledger.history.files import append
from statusledger.history.reading import read_file, read_lines
from statusledger.model import Attempt, Certificate, Failure, Observation, Phases, Status, Tick

T = 1795226760000
PLAIN = Observation("api", "eu", T, T, Status.UP, 120)
DOWN = replace(PLAIN, status=Status.DOWN, ms=40, code="status:503")
CERTIFICATE = Certificate(T + 9, None, "Acme CA", True, 0, "TLSv1.3", "TLS_AES_128_GCM_SHA256", "h2")
WHOLE = replace(
    DOWN,
    detail="status_code: expected 200, found 503",
    attempts=(Attempt(Status.DOWN, "refused", None), Attempt(Status.DOWN, "status:503", 40)),
    phases=Phases(3, 9, 21, 7, 0),
    address="203.0.113.7",
    http_status=503,
    headers=(("Server", "gate"),),
    body_size=4,
    excerpt="busy",
    certificate=CERTIFICATE,
    failures=(Failure("status_code", "200", "503"),),
    captured=MappingProxyType({"connections": 3.0}),
)


def tick(*observations: Observation) -> Tick:
    """The tick of these observations."""
    return Tick(T, T, observations)


def evidence(*observations: Observation, last: dict[str, Result] | None = None) -> dict[str, Any]:
    """What is told of them, by check."""
    line = evidence_line(tick(*observations), last or {}, lambda text: text.replace("hunter2", "***"))
    return {} if line is None else json.loads(line)["e"]


def test_the_whole_observation_is_told() -> None:
    """Status, phases, address, certificate, assertions, attempts: all that was seen, and nothing that was not."""
    assert evidence_line(tick(WHOLE), {}, str) == (
        b'{"t":1795226760000,"e":{"api":{"status":"down","ms":40,"code":"status:503",'
        b'"detail":"status_code: expected 200, found 503","scheduled_at":1795226760000,'
        b'"attempts":[["down",null,"refused"],["down",40,"status:503"]],"phases":[3,9,21,7,0],'
        b'"address":"203.0.113.7","http_status":503,"headers":[["Server","gate"]],"body_size":4,"excerpt":"busy","certificate":{"not_after":1795226760009,'
        b'"chain_not_after":null,"issuer":"Acme CA","san_match":true,"verify_code":0,"tls_version":"TLSv1.3",'
        b'"cipher":"TLS_AES_128_GCM_SHA256","alpn":"h2"},"failures":[{"assertion":"status_code","expected":"200",'
        b'"actual":"503","severity":"down"}],"captured":{"connections":3.0}}}}\n'
    )
    assert evidence(DOWN)["api"] == {"status": "down", "ms": 40, "code": "status:503", "scheduled_at": T}


DEGRADED = replace(DOWN, status=Status.DEGRADED, code="assertion")
OFFLINE = replace(DOWN, status=Status.UNKNOWN, code="probe_offline:refused")
NEWS = {
    "first failure": (DOWN, (Status.UP, None), True),
    "first measurement": (DOWN, None, True),
    "the same again": (DOWN, (Status.DOWN, "status:503"), False),
    "another suffix": (DOWN, (Status.DOWN, "status:502"), True),
    "another status": (replace(DEGRADED, status=Status.DOWN), (Status.DEGRADED, "assertion"), True),
    "degraded": (DEGRADED, (Status.UP, None), True),
    "unknown": (OFFLINE, (Status.UP, None), True),
    "up again": (PLAIN, (Status.DOWN, "status:503"), False),
    "up at a retry": (replace(PLAIN, code="retried:refused"), (Status.UP, None), False),
    "after a retry": (DOWN, (Status.UP, "retried:refused"), True),
}


@pytest.mark.parametrize(("seen", "last", "news"), NEWS.values(), ids=NEWS)
def test_first_failures_and_changes_are_news(seen: Observation, last: Result | None, news: bool) -> None:
    """A repetition tells nothing new, and what went well needs no evidence."""
    assert bool(evidence(seen, last={} if last is None else {"api": last})) == news


def test_only_what_is_news_is_told() -> None:
    """One line a tick, of the checks that changed."""
    other = replace(DOWN, check="web")

    assert evidence(DOWN, other, replace(PLAIN, check="shop"), last=results_of(tick(DOWN))).keys() == {"web"}


def test_secrets_are_masked_in_every_text() -> None:
    """However deep a text stands."""
    leaking = replace(
        WHOLE,
        detail="hunter2",
        certificate=replace(CERTIFICATE, issuer="CA hunter2"),
        failures=(Failure("json hunter2", "hunter2", "is hunter2"),),
    )

    told = json.dumps(evidence(leaking))
    assert "hunter2" not in told
    assert told.count("***") == 5


def test_half_a_surrogate_pair_is_told_as_a_question_mark() -> None:
    """A broken answer must not cost the line."""
    line = evidence_line(tick(replace(DOWN, detail="\ud800")), {}, str)

    assert line is not None
    assert json.loads(line)["e"]["api"]["detail"] == "?"


def test_the_last_result_is_the_newest_and_not_of_the_future() -> None:
    """Lines of a file are in the order of writing, and a clock may have been wrong."""
    rows = [
        {"t": T, "r": {"api": ["down", None, "refused"], "web": 9}},
        {"t": T - 1, "r": {"api": 120, "shop": ["degraded", 4, "slow", "told"]}},
        {"t": T + 1, "r": {"api": 120}},
    ]

    assert last_results(rows, now=T) == {
        "api": (Status.DOWN, "refused"),
        "web": (Status.UP, None),
        "shop": (Status.DEGRADED, "slow"),
    }


# --- in a file ----------------------------------------------------------------------------------


def kept(tmp_path: Path, *lines: bytes) -> Path:
    """A raw file of these lines."""
    path = tmp_path / "history" / "raw" / "2026" / "eu-1121.jsonl"
    append(path, lines)
    return path


def test_readers_of_rows_pass_it_over(tmp_path: Path) -> None:
    """It is no row and no damage; who looks for it finds it."""
    line = evidence_line(tick(WHOLE), {}, str) or b""
    path = kept(tmp_path, b'{"t":1795226760000,"r":{"api":["down",40,"status:503"]}}\n', line)

    contents = read_file(path, root=tmp_path / "history")
    assert read_lines(path, root=tmp_path / "history") == (contents.rows, contents.damage)
    assert ([row["r"] for row in contents.rows], contents.damage) == ([{"api": ["down", 40, "status:503"]}], [])
    assert contents.evidence == [json.loads(line)]


def test_a_table_of_samples_holds_none_of_it(tmp_path: Path) -> None:
    """Figures are the same with and without evidence in a file."""
    line = evidence_line(tick(WHOLE), {}, str) or b""
    kept(tmp_path, b'{"t":1795226760000,"r":{"api":120}}\n', line)

    ledger = load(tmp_path / "history", as_of=T)
    assert (len(ledger.samples), ledger.damage, ledger.dropped_future) == (1, (), 0)


@pytest.mark.parametrize(
    "line",
    [b'{"t":1795226760000}', b'{"t":1795226760000,"e":[]}', b'{"t":1795226760000,"e":{"api":1}}', b'{"t":1,"e":{}}'],
    ids=["nothing", "a list", "no observation", "no instant"],
)
def test_what_is_neither_row_nor_evidence_is_damage(tmp_path: Path, line: bytes) -> None:
    """A row that lost its results does not pass for evidence."""
    contents = read_file(kept(tmp_path, line + b"\n"), root=tmp_path / "history")

    assert (contents.rows, contents.evidence, len(contents.damage)) == ([], [], 1)
