"""Statements are computed again from their inputs, and their inputs from the sealed days."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import samples as s
from audit.ledgers import Ledger
from repository import Repository
from rollup.histories import lay, watched, watching

from statusledger.model import DEFAULT_CREDITS, Contract, Terms
from statusledger.report.keeping import keep
from statusledger.sla import statement_line

STATEMENTS = "history/statements/2026.jsonl"
STATED_AT = s.at(34 * 24 * 60)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a sealed April that had an hour of downtime, and its statement."""
    root = tmp_path_factory.mktemp("whole")
    ledger = Ledger(root)
    ledger.git("init", "--quiet", "--initial-branch=main")
    Repository(root).checks(h="960h")
    ledger.commit(s.APRIL)
    lay(root / "history", [(s.at(30), "up"), (s.at(60), "down"), (s.at(120), "up"), (STATED_AT - 1, "up")])
    ledger.commit(STATED_AT)
    config = watching(watched(s.check(h=40 * 24 * 60)))
    contract = Contract("gold", "api", Fraction(999, 1000), DEFAULT_CREDITS, Terms(zone="Europe/Berlin"))
    keep(root / "history", replace(config, sla=replace(config.sla, contracts=(contract,))), as_of=STATED_AT)
    return root


@pytest.fixture
def stated(whole: Path, tmp_path: Path) -> Ledger:
    """A copy of it; the last changes are not committed yet."""
    return Ledger(Path(shutil.copytree(whole, tmp_path / "copy")))


def forged(ledger: Ledger, change: str) -> None:
    """Makes the statement say something else."""
    line = json.loads(ledger.read(STATEMENTS))
    (member,) = line["inputs"]["components"]
    if change == "figures":
        line["figures"]["down_ms"] = 0
    elif change == "inputs":
        line["inputs"]["components"][0]["rle"] = [step for step in member["rle"] if step[1] != "down"]
        said = statement_line.read(line["period"], line["terms"], line["inputs"])
        line["figures"] = statement_line.plain_figures(said)
    elif change == "first revision":
        line["revision"] = 1
    else:
        del line["terms"]["target"]
    (ledger.root / STATEMENTS).write_text(json.dumps(line) + "\n")


def test_an_honest_statement_keeps_its_promise(stated: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the same when computed again, in a month that begins and ends inside of sealed days."""
    stated.commit(STATED_AT)

    ran = stated.audit(capsys)

    assert ran.breaches == []
    assert "statements: 1 statement, numbered, with reasons, and the same when computed again" in ran.out


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        pytest.param(
            "figures",
            "does not follow from its inputs: down_ms is 0, rebuilt it is 3600000",
            id="a figure that flatters",
        ),
        pytest.param(
            "inputs",
            "has api up at 2026-04-01T01:00:00.000Z, sealed as down",
            id="inputs that flatter",
        ),
        pytest.param("first revision", "has revision 1, and there is none before it", id="the first one is missing"),
        pytest.param("terms", "cannot be computed again (KeyError: 'target')", id="terms that say too little"),
    ],
)
def test_a_forged_statement_is_found(
    stated: Ledger, capsys: pytest.CaptureFixture[str], change: str, breach: str
) -> None:
    """Whoever writes it: the breach names the commit and the line."""
    forged(stated, change)
    commit = stated.commit(STATED_AT)

    expected = f"{commit[:12]} {STATEMENTS}:1: statement of gold for 2026-04 {breach}"
    assert stated.audit(capsys).breaches == [expected]


def test_a_statement_of_days_that_are_not_sealed_is_found(stated: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """What was said to be up must have been sealed as that by then."""
    rollup = stated.root / "history/rollup/2026-04.jsonl"
    kept = rollup.read_text()
    rollup.write_text("".join(line for line in kept.splitlines(keepends=True) if "2026-04-17" not in line))
    commit = stated.commit(STATED_AT)

    (breach,) = stated.audit(capsys).breaches

    assert breach.startswith(f"{commit[:12]} {STATEMENTS}:1: ")
    assert breach.endswith("has api up at 2026-04-17T00:00:00.000Z, sealed as unknown")


def test_an_audit_that_goes_on_knows_the_days_before(stated: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Sealed days that were there by the earlier audit count."""
    line = stated.read(STATEMENTS)
    (stated.root / STATEMENTS).unlink()
    since = stated.commit(STATED_AT)
    stated.write(STATEMENTS, line, STATED_AT)

    assert stated.audit(capsys, since=[since]).breaches == []
