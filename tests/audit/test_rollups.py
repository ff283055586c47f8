"""Sealed days against the raw rows that they were made from."""

from __future__ import annotations

import pytest
from audit.ledgers import DAY, LATER, NEXT_RAW, RAW, ROLLUP, SEALED, Ledger, line, tick

from statusledger.clock import MINUTE_MS

DAY_OF_API = f"{ROLLUP}:2: sealed day 2026-04-01 of api: "


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        pytest.param(
            "rle",
            [[0, "up"], [300001, "down"], [600000, "up"], [1200000, "unknown"]],
            "rle[1][0] is 300001, rebuilt it is 300000",
            id="by 1 ms",
        ),
        pytest.param(
            "checks", {"api": SEALED["checks"]["api"] | {"fail": 0}}, "checks.api.fail is 0", id="by a failure"
        ),
        pytest.param("src", {"eu": "3:0123456789abcdef"}, "src.eu is", id="other rows"),
        pytest.param("src", {"eu": SEALED["src"]["eu"], "us": "1:0"}, "it counts rows of us, but", id="invented rows"),
        pytest.param("policy", "0123456789abcdef", "policy is", id="another policy"),
        pytest.param("rle", [[0, "fine"]], 'rle[0][1] is "fine", rebuilt it is "up"', id="a line that no build reads"),
    ],
)
def test_a_later_line_that_its_rows_do_not_bear_is_found(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], key: str, value: object, reason: str
) -> None:
    """The newest line of a day is the one that counts, and nothing but appending was needed to change it."""
    commit = ledger.append(ROLLUP, line(**SEALED | {key: value, "revision": 1}), LATER)
    ledger.append(NEXT_RAW, tick(LATER), LATER + MINUTE_MS)

    ran = ledger.audit(capsys)

    assert ran.code == 1
    assert len(ran.breaches) == 1
    assert ran.breaches[0].startswith(f"{commit[:12]} {DAY_OF_API}{reason}")


def test_a_day_that_nobody_measured_is_found(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """A past cannot be made up from sealed days alone."""
    ledger.append(ROLLUP, line(**SEALED | {"d": "2026-03-31"}), LATER)

    assert (
        ledger.audit(capsys)
        .breaches[0]
        .endswith("sealed day 2026-03-31 of api: it counts rows of eu, but no commit ever brought one of that day")
    )


def test_a_day_that_was_sealed_anew_is_fine(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Revisions are numbered, and the number follows from nothing that was measured."""
    ledger.append(ROLLUP, line(**SEALED | {"revision": 1}), LATER)

    assert ledger.audit(capsys).breaches == []


def test_a_row_that_arrives_late_waits_for_the_publish_job(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Between its commit and the next line for its day the sealed day says what was known before."""
    ledger.append(RAW, tick(DAY + 15 * MINUTE_MS), LATER)
    waiting = ledger.audit(capsys)
    ledger.append(ROLLUP, line(**SEALED | {"revision": 1}), LATER + MINUTE_MS)

    assert waiting.breaches == []
    assert ledger.audit(capsys).breaches[0].endswith("checks.api.h[1] is 1, rebuilt it is 2")


def test_a_pruned_day_is_kept_as_it_is(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Its rows were there when it was sealed; they are not counted again, and the line says how many were."""
    (ledger.root / RAW).unlink()
    ledger.commit(LATER)
    ledger.append(ROLLUP, line(**SEALED | {"revision": 1}), LATER)

    ran = ledger.audit(capsys)

    assert ran.breaches == []
    assert "rollups: 1 sealed day, 0 of them with raw rows, the same when counted again" in ran.out


def test_an_audit_that_goes_on_counts_new_lines_only(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """What an earlier audit has counted is not counted again."""
    since = ledger.append(ROLLUP, line(**SEALED | {"rle": [[0, "up"]]}), LATER)
    before = ledger.audit(capsys, since=[since])
    ledger.append(ROLLUP, line(**SEALED | {"revision": 1}), LATER + MINUTE_MS)

    after = ledger.audit(capsys, since=[since])

    assert "rollups: 0 sealed days, 0 of them" in before.out
    assert "rollups: 1 sealed day, 1 of them" in after.out
    assert after.breaches == []
