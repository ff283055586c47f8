"""Nothing back-dated, nothing revised in silence, and the page's own date."""

from __future__ import annotations

import pytest
from audit.ledgers import (
    DAY,
    INCIDENTS,
    LATER,
    NEXT_DAY,
    NEXT_RAW,
    NOTICES,
    POLICY,
    STATEMENTS,
    Ledger,
    line,
    notice,
    statement,
    tick,
)

from statusledger.clock import DAY_MS, MINUTE_MS, format_instant

SHIFTED = {"event": "opened", "id": "api-20260401T000500Z", "started_at": DAY + 4 * MINUTE_MS}
COMMITTED = format_instant(LATER)


@pytest.mark.parametrize(
    ("path", "text", "breach"),
    [
        pytest.param(
            NEXT_RAW,
            tick(LATER + 3 * MINUTE_MS),
            f"{NEXT_RAW}:2: the tick of 2026-04-03T00:03:00.000Z is later than its commit of {COMMITTED}",
            id="a tick from the future",
        ),
        pytest.param(
            NOTICES,
            notice(NEXT_DAY - 1),
            f"{NOTICES}:2: notice upgrade is back-dated: seen_at 2026-04-01T23:59:59.999Z lies before "
            "2026-04-02T00:00:00.000Z, which had been measured already",
            id="a notice from before the newest tick",
        ),
        pytest.param(
            NOTICES,
            notice(LATER + 3 * MINUTE_MS),
            f"{NOTICES}:2: notice upgrade has seen_at 2026-04-03T00:03:00.000Z, after its commit of {COMMITTED}",
            id="a notice from the future",
        ),
        pytest.param(NOTICES, line(id="upgrade"), f"{NOTICES}:2: notice upgrade has no seen_at", id="a notice without"),
        pytest.param(
            INCIDENTS,
            line(**SHIFTED),
            f"{INCIDENTS}:2: incident api-20260401T000500Z was opened at 2026-04-01T00:05:00.000Z, "
            "now at 2026-04-01T00:04:00.000Z",
            id="an id opened once more",
        ),
        pytest.param(
            INCIDENTS,
            line(event="opened", id="x", started_at="2026-04-03T00:03:00Z"),
            f"{INCIDENTS}:2: incident x starts at 2026-04-03T00:03:00.000Z, after its commit of {COMMITTED}",
            id="an incident from the future",
        ),
        pytest.param(
            POLICY,
            line(**{"from": DAY - DAY_MS, "component": "api", "policy": {}}),
            f"{POLICY}:2: policy of api is back-dated: from 2026-03-31T00:00:00.000Z lies before "
            "2026-04-01T00:00:00.000Z, that of the entry before it",
            id="a policy that reaches back",
        ),
        pytest.param(
            STATEMENTS,
            statement(0, "other terms"),
            f"{STATEMENTS}:2: statement of gold for 2026-03 has revision 0 after revision 0, expected 1",
            id="a statement said twice",
        ),
        pytest.param(
            STATEMENTS,
            statement(1),
            f"{STATEMENTS}:2: statement of gold for 2026-03 has no reason for revision 1",
            id="a revision without a reason",
        ),
    ],
)
def test_a_line_that_rewrites_the_past_is_found(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], path: str, text: str, breach: str
) -> None:
    """The line that was added says it, the earlier ones are as they were."""
    commit = ledger.append(path, text, LATER)

    ran = ledger.audit(capsys)

    assert (ran.code, ran.breaches) == (1, [f"{commit[:12]} {breach}"])


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(NEXT_RAW, tick(LATER + 2 * MINUTE_MS), id="a tick two minutes ahead"),
        pytest.param(NEXT_RAW, tick(DAY), id="a tick that was pushed late"),
        pytest.param(NEXT_RAW, "torn\n", id="a damaged line"),
        pytest.param(NOTICES, notice(NEXT_DAY), id="a notice at the newest tick"),
        pytest.param(NOTICES, "torn\n", id="a damaged notice"),
        pytest.param(INCIDENTS, line(**SHIFTED | {"event": "closed"}), id="a closed incident with a later insight"),
        pytest.param(POLICY, line(**{"from": DAY - DAY_MS, "component": "web", "policy": {}}), id="another component"),
        pytest.param(STATEMENTS, statement(1, "a late row"), id="a revision with its reason"),
    ],
)
def test_a_line_that_says_when_and_why_is_fine(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], path: str, text: str
) -> None:
    """The ordinary course of things is no breach."""
    ledger.append(path, text, LATER)

    assert ledger.audit(capsys).breaches == []


def test_the_page_keeps_its_first_day(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Every feed id hangs on it; other keys are free, and a file that is no YAML says nothing."""
    text = ledger.read("checks.yml")
    ledger.write("checks.yml", text.replace("Acme Status", "Acme"), LATER)
    ledger.write("checks.yml", "page: [", LATER)
    commit = ledger.write("checks.yml", text.replace("since: 2026-01-01", "since: 2026-01-02"), LATER)

    reason = "page.since was 2026-01-01, now it is 2026-01-02; every feed id changes with it"
    assert ledger.audit(capsys).breaches == [f"{commit[:12]} checks.yml:2: {reason}"]


def test_a_page_that_is_being_set_up_may_choose_its_first_day(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the first measurement there is no feed."""
    ledger.git("checkout", "--quiet", "--orphan", "fresh")
    ledger.git("rm", "-rf", "--quiet", "history")
    ledger.commit(DAY)
    ledger.write("checks.yml", ledger.read("checks.yml").replace("2026-01-01", "2026-01-02"), DAY)
    ledger.append(NEXT_RAW, tick(NEXT_DAY), LATER)

    assert ledger.audit(capsys).breaches == []
