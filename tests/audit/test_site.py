"""A published site against the commit that it names."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from audit.ledgers import LATER, NEXT_RAW, Ledger, tick
from repository import Repository, tree

from statusledger.clock import MINUTE_MS
from statusledger.errors import UsageError

AS_OF = "2026-04-03T00:05:00Z"


@pytest.fixture
def site(ledger: Ledger) -> Path:
    """The site of the ledger's last commit, which is not its newest one any more."""
    out = ledger.root.with_name("site")
    build(ledger, out)
    ledger.append(NEXT_RAW, tick(LATER), LATER + MINUTE_MS)
    return out


def build(ledger: Ledger, out: Path, *options: str) -> None:
    """Builds the site of what is checked out."""
    ran = Repository(ledger.root).run("build", "--now", AS_OF, "--out", str(out), *options)
    assert ran.code == 0, ran.err


def edit(site: Path, name: str, old: str, new: str) -> None:
    """Changes a published file."""
    path = site / "api" / "v1" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_an_honest_site_is_rebuilt_to_the_byte(ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the commit and the instant that it names, in memory: neither site nor work tree nor index changes."""
    (ledger.root / "checks.yml").write_text("edited, not committed")
    before = (tree(site), tree(ledger.root))

    ran = ledger.audit(capsys, site=site)

    count = len([path for path in tree(site) if path.startswith("api/")])
    assert (ran.code, ran.breaches) == (0, [])
    assert f"site: {count} files of {site / 'api'}, rebuilt to the byte\n" in ran.out
    assert (tree(site), tree(ledger.root)) == before


def test_the_address_that_it_was_built_for_is_free(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """`--base-url` is no figure."""
    out = ledger.root.with_name("site")
    build(ledger, out, "--base-url", "https://mirror.example/status/")

    assert ledger.audit(capsys, site=out).breaches == []


def test_an_edited_figure_is_found(ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commit, file, line and key are named, with what a rebuild says."""
    commit = json.loads((site / "api/v1/build.json").read_text())["commit"]
    text = (site / "api/v1/components/api.json").read_text()
    line = next(number for number, one in enumerate(text.splitlines(), 1) if '"down_ms": 300000' in one)
    edit(site, "components/api.json", '"down_ms": 300000', '"down_ms": 0')

    ran = ledger.audit(capsys, site=site)

    assert ran.code == 1
    assert len(ran.breaches) == 1
    assert ran.breaches[0].startswith(f"{commit[:12]} api/v1/components/api.json:{line}: ")
    assert ran.breaches[0].endswith("down_ms is 0, rebuilt it is 300000")


def test_missing_and_added_files_are_found(ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The set of files is part of what is published."""
    (site / "api/v1/sla.json").unlink()
    (site / "api/v1/extra.json").write_text("{}")

    breaches = [breach.partition(" ")[2] for breach in ledger.audit(capsys, site=site).breaches]

    assert breaches == [
        "api/v1/extra.json: is in the site, but no build makes it",
        "api/v1/sla.json: is missing in the site",
    ]


def test_a_difference_that_is_no_value_is_one_still(
    ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes count: another spelling of the same document, and one that is no JSON any more."""
    edit(site, "sla.json", "{\n", "{ \n")
    edit(site, "health.json", "{\n", "\n")

    breaches = [breach.partition(" ")[2] for breach in ledger.audit(capsys, site=site).breaches]

    assert breaches == [
        "api/v1/health.json:1: differs from what is rebuilt",
        "api/v1/sla.json:1: differs from what is rebuilt",
    ]


def test_another_engine_is_told_as_the_likely_reason(
    ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first line says with which version to audit."""
    edit(site, "build.json", f"statusledger {version('statusledger')}", "statusledger 0.0.1")

    ran = ledger.audit(capsys, site=site)

    assert ran.code == 1
    assert "was built by statusledger 0.0.1; this is statusledger" in ran.breaches[0]
    assert "likely reason" in ran.breaches[0]
    assert ran.breaches[1].endswith(
        f'engine is "statusledger 0.0.1", rebuilt it is "statusledger {version("statusledger")}"'
    )


@pytest.mark.parametrize(
    ("commit", "reason"),
    [
        pytest.param("null", "the site was built from files that were not committed", id="a dirty tree"),
        pytest.param(f'"{"0" * 40}"', "is not in the history of HEAD; git pull, and audit again", id="unknown here"),
        pytest.param('"main"', "is not in the history of HEAD; git pull, and audit again", id="a name"),
    ],
)
def test_a_site_without_a_commit_cannot_be_proved(
    ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str], commit: str, reason: str
) -> None:
    """That is a breach, and it says why."""
    own = json.loads((site / "api/v1/build.json").read_text())["commit"]
    edit(site, "build.json", f'"{own}"', commit)

    ran = ledger.audit(capsys, site=site)

    assert ran.code == 1
    assert len(ran.breaches) == 1
    assert reason in ran.breaches[0]


def test_a_site_of_another_history_cannot_be_proved(
    ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commit may lie in the clone: what HEAD does not reach was not audited."""
    ledger.git("checkout", "--quiet", "HEAD~4")

    assert "is not in the history of HEAD" in ledger.audit(capsys, site=site).breaches[0]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        pytest.param("build.json", None, "No such file.*--site takes a folder that statusledger build", id="missing"),
        pytest.param("build.json", "{", "--site takes a folder that statusledger build has written", id="no JSON"),
        pytest.param("build.json", "[]", "does not say commit, as_of and engine", id="no object"),
        pytest.param("build.json", '{"commit": null, "as_of": "now", "engine": "x"}', "does not say", id="no instant"),
        pytest.param(
            "build.json", '{"commit": 7, "as_of": "2026-04-03T00:05:00Z", "engine": "x"}', "does not say", id="no name"
        ),
        pytest.param("status.json", None, "No such file", id="no status"),
    ],
)
def test_a_folder_that_is_no_site_is_refused(
    ledger: Ledger, site: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, told: str
) -> None:
    """The message names the file."""
    path = site / "api" / "v1" / name
    path.unlink()
    if text is not None:
        path.write_text(text)

    with pytest.raises(UsageError, match=told):
        ledger.audit(capsys, site=site)


INCIDENT = """\
---
title: Bad deploy
components: {api: down}
severity: P2
started: 2026-04-01T00:05Z
resolved: 2026-04-01T00:10Z
---
Answers failed.
"""
MAINTENANCE = """\
---
title: Upgrade
components: [api]
starts: 2026-04-04T00:00Z
ends: 2026-04-04T00:01Z
---
A minute without answers.
"""


def test_what_people_wrote_is_rebuilt_with_it(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Files of incidents and maintenance are part of the commit, and so of what a site is held against."""
    ledger.write("incidents/2026/2026-04-01-deploy.md", INCIDENT, LATER)
    ledger.write("maintenance/2026/2026-04-04-upgrade.md", MAINTENANCE, LATER)
    out = ledger.root.with_name("site")
    build(ledger, out)
    honest = ledger.audit(capsys, site=out)
    edit(out, "incidents.json", "Bad deploy", "Good deploy")
    edit(out, "maintenance.json", "2026-04-04T00:01", "2026-04-04T00:09")

    forged = ledger.audit(capsys, site=out)

    assert (honest.code, honest.breaches) == (0, [])
    assert forged.code == 1
    assert [name for name in ("incidents", "maintenance") if any(f"{name}.json" in b for b in forged.breaches)] == [
        "incidents",
        "maintenance",
    ]
