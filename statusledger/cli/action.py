"""`statusledger action`: what action.yml runs; one command, then its outcome for the steps and people of a CI job.

INPUT_COMMAND, INPUT_ARGS and INPUT_ROOT say what to run. Outputs go to the file GITHUB_OUTPUT, the table of states to
GITHUB_STEP_SUMMARY, where there are such files.
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from statusledger.cli.main import execute
from statusledger.cli.options import parser
from statusledger.cli.outcome import Outcome, Row, outcome
from statusledger.errors import UsageError


def run(_arguments: argparse.Namespace) -> int:
    """The exit code of the command; its outcome is passed on whether it went well or not."""
    inner = parser().parse_args(_command(os.environ))
    if inner.command == "action":
        message = 'input "command": action runs other commands, not itself; write e.g. run publish'
        raise UsageError(message)
    code = execute(inner)
    told = outcome(inner)
    _append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs(told).items()))
    _append("GITHUB_STEP_SUMMARY", "".join(f"{line}\n" for line in summary(inner.command, code, told)))
    return code


def _command(inputs: Mapping[str, str]) -> list[str]:
    try:
        words = shlex.split(inputs.get("INPUT_COMMAND", "")) + shlex.split(inputs.get("INPUT_ARGS", ""))
    except ValueError as error:
        message = f'inputs "command" and "args" are read as a shell reads words: {error}; close every quote'
        raise UsageError(message) from None
    return ["--root", inputs.get("INPUT_ROOT") or ".", *words]


def outputs(told: Outcome) -> dict[str, str]:
    """What later steps can ask: the outputs of action.yml."""
    return {
        "status": told.status,
        "incidents": "" if told.incidents is None else str(told.incidents),
        "changed": str(told.changed).lower(),
        "built": str(told.built).lower(),
    }


def summary(command: str, code: int, told: Outcome) -> Iterator[str]:
    """Markdown: what happened, and the table of states."""
    yield f"### {_text(told.headline or told.status or f'statusledger {command}')}"
    yield ""
    if told.rows:
        yield _row(told.columns)
        yield "|---" * len(told.columns) + "|"
        yield from map(_row, told.rows)
        yield ""
    yield _text("; ".join([*told.did, f"exit code {code}"]))


def _row(cells: Row) -> str:
    return f"| {' | '.join(map(_text, cells))} |"


def _text(words: str) -> str:
    """Words as they are, whatever Markdown or HTML would make of them."""
    plain = escape(" ".join(words.split()), quote=False)
    return "".join(f"\\{sign}" if sign in "\\`*_[]|#~" else sign for sign in plain)


def _append(name: str, text: str) -> None:
    if path := os.environ.get(name):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
