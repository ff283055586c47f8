"""A filled issue form -> a file on a branch of its own with a pull request, and an answer on the issue.

Whoever may open an issue may write anything: only what somebody of the repository wrote, or let in by a label, is
offered, and what is quoted of it stands in code, where the host makes nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusledger.errors import ForgeError, Problem, UsageError
from statusledger.forge import Forge
from statusledger.incident_files import Names
from statusledger.incident_files.form_file import Sheet
from statusledger.incident_files.issue_form import Form
from statusledger.incident_files.placement import free_path
from statusledger.operators.branch import Branch, checkout

TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
ACCEPTED = "accepted"
LABELED, OPENED = "labeled", "opened"
RIGHT = "The file is right."


@dataclass(frozen=True, slots=True)
class Issue:
    """What an event tells of an issue; `is_let_in`: by who wrote it, or by somebody who labelled just this text."""

    number: int
    title: str
    body: str
    created_at: str
    is_new: bool
    is_let_in: bool


def issue_of(event: Any) -> Issue:
    """The issue of an event of the host; UsageError for any other event."""
    try:
        issue, action = event["issue"], event["action"]
        labelled = action == LABELED and event["label"]["name"] == ACCEPTED
        return Issue(
            number=int(issue["number"]),
            title=str(issue["title"]),
            body=str(issue["body"] or ""),
            created_at=str(issue["created_at"]),
            is_new=action == OPENED,
            is_let_in=labelled or (issue["author_association"] in TRUSTED and action != LABELED),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"this is no event of an issue ({type(error).__name__}: {error}); name the file of one"
        raise UsageError(message) from None


@dataclass(frozen=True, slots=True)
class Counter:
    """Where forms are handed in: the folder of checks.yml, what files may name, the page's zone, the host."""

    root: Path
    names: Names
    zone: str
    forge: Forge

    def take(self, issue: Issue, sheet: Sheet, cautions: Sequence[str]) -> str:
        """What became of it, in a sentence; the issue is told where its author has something to know."""
        repository, base = checkout(self.root)
        folder = sheet.form.folder
        branch = Branch(repository, f"{folder.removesuffix('s')}/issue-{issue.number}", base)
        known = self.forge.newest(branch.name)
        if known is not None and not known.is_open:
            return f"#{issue.number}: {known.url} is closed, so the file is changed by hand from now on"
        below = self.root.resolve().relative_to(repository.top)
        subject = f"Write the file of issue {issue.number}"
        tip = branch.tip((below / folder).as_posix())
        if tip is not None and tip.subject != subject:
            return f"#{issue.number}: somebody works on branch {branch.name}; their file stays as it is"
        path = tip.files[0] if tip and tip.files else (below / free_path(self.root, sheet.path(self.zone))).as_posix()
        offered = branch.offer(path, lambda _: sheet.text, subject)
        if known is not None:
            return f"#{issue.number}: {known.url} {'has the new text' if offered.commit else 'is as it was'}"
        return self._requested(branch, issue, sheet, "\n".join(_description(issue, sheet, path, cautions)))

    def _requested(self, branch: Branch, issue: Issue, sheet: Sheet, body: str) -> str:
        """Opens the pull request; where that is not permitted, the issue is told how a person does it."""
        title = f"{sheet.form.folder.removesuffix('s').capitalize()}: {sheet.title}"
        try:
            url = self.forge.open(branch.name, branch.base, title, body).url
        except ForgeError as error:
            link = self.forge.compare_link(branch.base, branch.name)
            self.forge.comment(
                issue.number, f"The file is right. [Open the pull request]({link}) by hand: {_code(str(error))}"
            )
            return f"#{issue.number}: pushed branch {branch.name} ({error})"
        self.forge.comment(issue.number, f"{RIGHT} Merging {url} publishes it; make changes there.")
        return f"#{issue.number}: opened {url}"


def _description(issue: Issue, sheet: Sheet, path: str, cautions: Sequence[str]) -> Iterator[str]:
    yield f"`{path}` tells what #{issue.number} says. `statusledger validate` finds nothing wrong with it."
    yield "Edit it here, then merge; this closes the issue."
    yield from (f"\n**{_code(caution)}**" for caution in cautions)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", sheet.text))])
    yield f"\n{fence}\n{sheet.text}{fence}\n\nCloses #{issue.number}"


def refusal(sheet: Sheet, problems: Sequence[Problem]) -> str:
    """What the author of a form is told to mend, by question."""
    lines = [f"- {_code(sheet.asked(one))}: {_code(one.message)}" for one in problems]
    return "\n".join(["This cannot be published yet. Edit the issue, and it is looked at again:", "", *lines])


def waiting() -> str:
    """What the author of a form is told whom nobody of the repository has let in."""
    return f"Thank you. It becomes a pull request when somebody who may label issues here gives it `{ACCEPTED}`."


def _code(text: str) -> str:
    """Text that is shown as it is: no link, no mention, no markup."""
    plain = " ".join(text.split()).replace("`", "'")
    return f"`{plain}`"


def fitting(forms: Sequence[Form], body: str) -> tuple[Form, Mapping[str, str]] | None:
    """The form that a body was filled in, with its answers; None where it is of none."""
    filled = ((form, form.answers(body)) for form in forms)
    return next(((form, answers) for form, answers in filled if answers is not None), None)
