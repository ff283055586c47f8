"""`statusledger audit`: what the git history proves of the ledger, and whether a published site follows from it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from statusledger import outputs
from statusledger.audit import Finding, Past, Private, audit_ledger, audit_site, open_past
from statusledger.audit.recount import recount
from statusledger.audit.rollups import SealedDays
from statusledger.audit.site import Files, Origin
from statusledger.cli.build import make
from statusledger.cli.commits import Commits
from statusledger.cli.ledgers import private_part
from statusledger.cli.place import Place, place
from statusledger.errors import UsageError
from statusledger.outputs import theme
from statusledger.outputs.api.document import SCHEMA, document


def run(arguments: argparse.Namespace) -> int:
    """0 when every promise was kept, 1 when one was broken; each breach names commit, file and line."""
    where = place(arguments)
    with open_past(where.root, arguments.since) as past:
        private = Private(partial(_recount_private, where), where.opener())
        findings = audit_ledger(past, partial(_recount, where), private)
        if arguments.site:
            engine = f"statusledger {version('statusledger')}"
            findings.append(audit_site(past, arguments.site, partial(_rebuild, where), engine=engine))
        if arguments.json:
            sys.stdout.buffer.write(document(_plain(past, findings)))
        else:
            _tell(past, findings)
    return 1 if any(finding.breaches for finding in findings) else 0


def _recount(where: Place, tree: Path, as_of: int) -> SealedDays:
    """The sealed days of the tree, counted again from its raw rows."""
    there = _there(where, tree, as_of)
    return recount(there.history, there.config().public, as_of)


def _recount_private(where: Place, tree: Path, as_of: int) -> SealedDays:
    """The same of private components, as far as whoever audits can read them."""
    part = private_part(_there(where, tree, as_of))
    return recount(part.root, part.config, as_of, part.open_line) if part else {}


def _rebuild(where: Place, tree: Path, origin: Origin) -> Files:
    """Every file of the site that a build of the tree makes from all its raw rows, by its path in the site."""
    there = _there(where, tree, origin.as_of)
    commits = Commits(origin.commit, origin.ledger_commit)
    made = make(there, there.config(base_url=origin.base_url).public, full=True, commits=commits)
    files = outputs.files(made, theme.load(tree / "site_src" / "overrides", made.page.languages))
    return {path.as_posix(): content for path, content in files.items()}


def _there(where: Place, tree: Path, as_of: int) -> Place:
    """The same place in another tree, at another instant."""
    config, root = where.config_path.resolve(), where.root.resolve()
    if not config.is_relative_to(root):
        message = f"--config {where.config_path}: is not below {where.root}, so no commit that is audited holds it"
        raise UsageError(message)
    path = config.relative_to(root)
    if not (tree / path).is_file():
        message = f"{path}: is in no commit here; check out the branch that has it, a ledger branch is audited with it"
        raise UsageError(message)
    return Place(tree, tree / path, as_of)


def _plain(past: Past, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "commit": past.head,
        "ledger_commit": past.ledger or past.head,
        "since": [one.id for one in past.since],
        "checks": [asdict(finding) for finding in findings],
        "breaches": sum(len(finding.breaches) for finding in findings),
    }


def _tell(past: Past, findings: Sequence[Finding]) -> None:
    for finding in findings:
        count = len(finding.breaches)
        outcome = (f"{count:,} breaches" if count > 1 else "1 breach") if count else finding.promise
        print(f"{finding.check}: {finding.looked_at}, {outcome}")
        for breach in finding.breaches:
            print(f"  {breach}")
    tips = [past.head, *filter(None, [past.ledger])]
    options = " ".join(f"--since {one[:12]}" for one in tips)
    print(f"audited up to {' and '.join(tips)}; the next audit can go on with {options}")
