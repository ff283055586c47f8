"""Every check of the ledger, held against the whole past in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from statusledger.audit.append_only import AppendOnly
from statusledger.audit.findings import Breach, Check, Finding
from statusledger.audit.ledger_branch import CONFIGURATION
from statusledger.audit.moved import continued, left
from statusledger.audit.notices import Notices
from statusledger.audit.openings import INCIDENTS, Openings
from statusledger.audit.page_since import PageSince
from statusledger.audit.past import Past, Version
from statusledger.audit.policies import POLICY, Policies
from statusledger.audit.rollups import PRIVATE, ROLLUP, Recount, Rollups
from statusledger.audit.statements import STATEMENTS, Statements
from statusledger.audit.ticks import Ticks
from statusledger.sealed import OpenLine

READ = ("history", CONFIGURATION)
REMEMBERED = (INCIDENTS, POLICY, ROLLUP, STATEMENTS, CONFIGURATION)


@dataclass(frozen=True, slots=True)
class Private:
    """How the private part of the ledger is read and counted again, by who can: plain lines need no `open_line`."""

    recount: Recount
    open_line: OpenLine | None = None


def audit_ledger(past: Past, recount: Recount, private: Private) -> list[Finding]:
    """A finding per check: the continuation of an earlier audit, growth, dates, revisions, sealed days.

    `recount` counts the sealed days of a commit again from its raw rows.
    """
    # these judge an entry by the ones before it
    remembering: Sequence[Check] = (Openings(), Policies(), Statements(), PageSince(past))
    for version in _known_before(past):
        for check in remembering:
            list(check.look(version))
    rollups, hidden = Rollups(past), Rollups(past, PRIVATE, private.open_line)
    growth, ticks = AppendOnly(past, private.open_line), Ticks(private.open_line)
    checks: Sequence[Check] = (growth, ticks, Notices(past), *remembering, rollups, hidden)
    breaches: dict[str, list[Breach]] = {check.name: [] for check in checks}
    for version in continued(past, *READ):
        for check in checks:
            breaches[check.name] += check.look(version)
    breaches[rollups.name] += rollups.judge(recount)
    breaches[hidden.name] += hidden.judge(private.recount)
    found = [
        Finding(check.name, check.looked_at(), check.promise, tuple(breaches[check.name]))
        for check in checks
        if check is not hidden or hidden.has_looked
    ]
    return [*_continuation(past), *found, *left(past)]


def _known_before(past: Past) -> Iterator[Version]:
    """What had been written down by the time of the earlier audit that this one goes on from."""
    for since in past.since:
        for path, content in past.files(since.id, *REMEMBERED):
            yield Version(since, path, content, (None,))


def _continuation(past: Past) -> Iterator[Finding]:
    """Whether history goes on from the earlier audit's commits; a forced push shows here, and only here."""
    where = "HEAD or the ledger branch" if past.ledger else "HEAD"
    reason = f"is no longer part of the history of {where}: history was replaced since it was audited"
    for since in past.since:
        breaches = () if past.holds(since.id) else (Breach(since.id, "history", 0, reason),)
        yield Finding("since", f"commit {since.id[:12]}", f"part of the history of {where}", breaches)
