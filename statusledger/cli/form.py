"""`statusledger form`: a filled issue form becomes a checked file and a pull request; what is wrong is told there."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from statusledger.cli import files
from statusledger.cli.outcome import outcome
from statusledger.cli.place import Place, place
from statusledger.clock import format_duration, parse_instant
from statusledger.config import Config
from statusledger.errors import ConfigurationError, UsageError
from statusledger.forge import Forge, forge
from statusledger.git import find
from statusledger.incident_files import MaintenanceFile
from statusledger.incident_files.form_file import Sheet
from statusledger.incident_files.issue_form import forms
from statusledger.incident_files.reading import Outcome
from statusledger.operators.form import Counter, Issue, fitting, issue_of, refusal, waiting


def run(arguments: argparse.Namespace) -> int:
    """0, also where the issue is told what to mend; with --dry-run 2 where there is something to mend."""
    where = place(arguments)
    issue = issue_of(_event(arguments.event))
    repository = find(where.root)
    found = fitting(list(forms(repository.top if repository else where.root)), issue.body)
    if found is None:
        print(f"form: #{issue.number} is of no form of this repository")
        return 0
    sheet = Sheet(*found, issue.title, parse_instant(issue.created_at))
    if arguments.dry_run:
        return _shown(where, sheet)
    host = forge(os.environ)
    if host is None:
        message = "GITHUB_REPOSITORY and GITHUB_TOKEN are not set, so nothing can be offered; --dry-run shows the file"
        raise UsageError(message)
    told = _handed_in(where, issue, sheet, host)
    outcome(arguments).did.append(told)
    print(f"form: {told}")
    return 0


def _event(path: Path) -> Mapping[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{path}: cannot be read as JSON ({error}); name the file of an event, $GITHUB_EVENT_PATH"
        raise UsageError(message) from None
    return told if isinstance(told, dict) else {}


def _shown(where: Place, sheet: Sheet) -> int:
    read = _read(where, where.config(), sheet)
    if read.problems:
        raise ConfigurationError(read.problems)
    print(f"{sheet.path(where.config().page.timezone).as_posix()}:\n{sheet.text}", end="")
    return 0


def _handed_in(where: Place, issue: Issue, sheet: Sheet, host: Forge) -> str:
    if not issue.is_let_in:
        if issue.is_new:
            host.comment(issue.number, waiting())
        return f"#{issue.number}: waits for somebody who lets it in"
    config = where.config(warns=False)
    read = _read(where, config, sheet)
    if read.problems:
        host.comment(issue.number, refusal(sheet, read.problems))
        return f"#{issue.number}: was told what to mend"
    counter = Counter(where.root, files.names(where, config), config.page.timezone, host)
    return counter.take(issue, sheet, list(_cautions(where, config, read)))


def _read(where: Place, config: Config, sheet: Sheet) -> Outcome[Any]:
    return sheet.read(sheet.text, sheet.path(config.page.timezone).as_posix(), files.names(where, config))


def _cautions(where: Place, config: Config, read: Outcome[Any]) -> Iterator[str]:
    """What a reviewer should know of a file that is right."""
    judge = files.announced(where, config)
    if isinstance(read.record, MaintenanceFile) and judge.late(read.record, config):
        yield f"It will not count: it is announced less than {format_duration(judge.notice_ms)} ahead."
