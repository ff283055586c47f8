"""Measured incidents -> drafts of files that explain them, each offered on a branch with a pull request.

One for each incident, and asked for again it changes nothing: what was offered goes on, what somebody closed is left
closed, and an end that was measured is proposed where the file tells of none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from statusledger.clock import DAY_MS
from statusledger.errors import ForgeError, StatusledgerError
from statusledger.forge import Forge, PullRequest
from statusledger.history.drafts import DraftRecord
from statusledger.incident_files import Names
from statusledger.operators.branch import Branch, checkout
from statusledger.operators.draft import Draft, draft, template_of
from statusledger.report.records import IncidentReport, Report

LOG = logging.getLogger("statusledger")
RECENT_MS = DAY_MS
NOT_HOSTED = "the environment names no GITHUB_REPOSITORY and GITHUB_TOKEN, so no pull request can be opened"


class Outcome(StrEnum):
    """What became of a draft in this run."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DECLINED = "declined"
    PUSHED = "pushed"
    COMMITTED = "committed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Drafted:
    """One draft: what became of it, where people find it, and why it is no pull request."""

    incident: str
    path: str
    branch: str
    outcome: Outcome
    link: str | None = None
    reason: str | None = None

    def record(self, t: int) -> DraftRecord | None:
        """What is kept of it; None where nothing is to be told."""
        if self.outcome in {Outcome.DECLINED, Outcome.COMMITTED}:
            return None
        return DraftRecord(self.incident, t, self.branch, self.link, self.reason)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where drafts are offered: on the base branch itself (`commit`), or as pull requests of the forge, if any.

    `names` are what a file may name, `root` is the folder of checks.yml, `zone` the page's.
    """

    root: Path
    names: Names
    zone: str
    forge: Forge | None
    commit: bool

    def propose(self, report: Report) -> Iterator[Drafted]:
        """What became of the draft of every incident that needs one, oldest first."""
        drafts = list(wanted(report, self.root))
        if not drafts:
            return
        repository, base = checkout(self.root)
        prefix = self.root.resolve().relative_to(repository.top)
        for one in drafts:
            branch = Branch(repository, base if self.commit else one.branch, base)
            try:
                yield self._offer(one, branch, (prefix / one.path).as_posix())
            except StatusledgerError as error:  # one that fails keeps no other from being offered
                LOG.error("%s: the draft could not be offered: %s", one.incident, error)
                yield Drafted(one.incident, one.path, branch.name, Outcome.FAILED, reason=str(error))

    def _offer(self, one: Draft, branch: Branch, path: str) -> Drafted:
        there, reason = self._newest(one)
        told = Drafted(one.incident, one.path, branch.name, Outcome.UNCHANGED, there.url if there else None, reason)
        if there is not None and there.is_declined:
            return replace(told, outcome=Outcome.DECLINED)
        verb = "Explain" if one.ended_at is None else "End"
        offered = branch.offer(path, lambda text: one.changed(text, self.names), f"{verb} incident {one.incident}")
        if self.commit:
            return replace(told, outcome=Outcome.COMMITTED if offered.commit else Outcome.UNCHANGED)
        if offered.text is None or not offered.is_there or (offered.commit is None and there is not None):
            return told
        return self._requested(one, branch, told, one.description(offered.text, self.names, self.zone))

    def _newest(self, one: Draft) -> tuple[PullRequest | None, str | None]:
        """The pull request that was there before, or why that cannot be known."""
        if self.commit:
            return None, None
        if self.forge is None:
            return None, NOT_HOSTED
        try:
            return self.forge.newest(one.branch), None
        except ForgeError as error:
            return None, str(error)

    def _requested(self, one: Draft, branch: Branch, told: Drafted, body: str) -> Drafted:
        """The pull request of a branch that has something new: opened or described anew, or why not."""
        if self.forge is None or told.reason:
            compare = self.forge.compare_link(branch.base, branch.name) if self.forge else None
            return replace(told, outcome=Outcome.PUSHED, link=compare)
        try:
            there = self.forge.newest(branch.name)
            if there is None or not there.is_open:
                made = self.forge.open(branch.name, branch.base, f"Incident: {one.title}", body)
                return replace(told, outcome=Outcome.OPENED, link=made.url)
            self.forge.describe(there.number, there.title, body)
            return replace(told, outcome=Outcome.UPDATED)
        except ForgeError as error:
            compare = self.forge.compare_link(branch.base, branch.name)
            return replace(told, outcome=Outcome.PUSHED, link=compare, reason=str(error))


def wanted(report: Report, root: Path) -> Iterator[Draft]:
    """The drafts that there may be something to propose of, oldest first.

    Of an outage that nobody wrote about: while it lasts, and for a day after. Of one that a file tells of: once what
    was measured has ended and the file tells of no end.
    """
    template = template_of(root)
    for incident in reversed(report.incidents):
        if _has_ended_untold(incident) if incident.file else _is_recent(incident, report.built.as_of):
            yield draft(incident, report, template)


def _is_recent(incident: IncidentReport, as_of: int) -> bool:
    return incident.ended_at is None or as_of - incident.ended_at <= RECENT_MS


def _has_ended_untold(incident: IncidentReport) -> bool:
    return incident.lasts and bool(incident.covered) and all(not one.lasts for one in incident.covered)
